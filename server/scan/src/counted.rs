//! Pixels that are counted: rqrr knows no bounds, and is stopped where a page was made to keep it busy.

use image::{GenericImage, GenericImageView, GrayImage, Luma};
use std::cell::Cell;
use std::panic::resume_unwind;
use std::rc::Rc;

/// Looks at one pixel that a page may cost.
const LOOKS_A_PIXEL: i64 = 20;
/// Pixels that may be painted as corners of codes: some hundreds of corners, which are compared each with each.
const MOST_CORNERS: i64 = 40_000;
/// What rqrr paints a corner with.
const CORNER: u8 = 2;

/// The page is not worth more work; no failure, so no hook hears of it.
struct Enough;

#[derive(Clone, Debug)]
struct Left {
    looks: Rc<Cell<i64>>,
    corners: Rc<Cell<i64>>,
}

impl Left {
    fn spend(of: &Cell<i64>, cost: i64) {
        let left = of.get().saturating_sub(cost);
        of.set(left);
        if left < 0 {
            resume_unwind(Box::new(Enough));
        }
    }
}

/// A copy works on what is left to all.
#[derive(Debug)]
pub(crate) struct Counted {
    grey: GrayImage,
    left: Left,
}

impl Counted {
    pub(crate) fn new(grey: GrayImage) -> Self {
        let pixels = i64::from(grey.width()).saturating_mul(grey.height().into());
        let looks = Rc::new(Cell::new(pixels.saturating_mul(LOOKS_A_PIXEL)));
        Self { grey, left: Left { looks, corners: Rc::new(Cell::new(MOST_CORNERS)) } }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        let pixels = i64::from(self.grey.width()).saturating_mul(self.grey.height().into());
        Left::spend(&self.left.looks, pixels / 16);
        Self { grey: self.grey.clone(), left: self.left.clone() }
    }
}

impl GenericImageView for Counted {
    type Pixel = Luma<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.grey.dimensions()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Luma<u8> {
        Left::spend(&self.left.looks, 1);
        self.grey.get_pixel_checked(x, y).copied().unwrap_or(Luma([0]))
    }
}

impl GenericImage for Counted {
    fn get_pixel_mut(&mut self, x: u32, y: u32) -> &mut Luma<u8> {
        self.grey.get_pixel_mut(x, y)
    }

    fn put_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        Left::spend(&self.left.looks, 1);
        Left::spend(&self.left.corners, i64::from(pixel.0 == [CORNER]));
        if let Some(place) = self.grey.get_pixel_mut_checked(x, y) {
            *place = pixel;
        }
    }

    fn blend_pixel(&mut self, x: u32, y: u32, pixel: Luma<u8>) {
        self.put_pixel(x, y, pixel);
    }
}
