//! Finds our codes on a page. rqrr knows no bounds: it works on pixels that are counted, and is stopped where a page was made
//! to keep it busy.

use super::page::Page;
use benhan_domain::patient_signature::PageMark;
use image::{GenericImage, GenericImageView, GrayImage, Luma};
use rqrr::PreparedImage;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

/// Sides at which a page is looked at, until one shows a code: fast and clean, fine, and with the noise averaged away.
const SIDES: [u32; 3] = [2_400, 3_600, 1_400];
/// Looks at one pixel that a page may cost.
const LOOKS_A_PIXEL: i64 = 20;
/// Pixels that may be painted as corners of codes: some hundreds of corners, which are compared each with each.
const MOST_CORNERS: i64 = 40_000;
/// What rqrr paints a corner with.
const CORNER: u8 = 2;
/// Of one page.
const MOST_MARKS: usize = 16;

pub(super) fn marks(page: &mut Page) -> Vec<PageMark> {
    let found = at_sides(page);
    if !found.is_empty() || !page.two_tone {
        return found;
    }
    image::imageops::invert(&mut page.grey);
    at_sides(page)
}

fn at_sides(page: &Page) -> Vec<PageMark> {
    let mut tried = 0;
    for side in SIDES.map(|side| side.min(page.longer_side())) {
        if side == tried {
            continue;
        }
        tried = side;
        let grey = page.within(side);
        // Levelled first: the grain of a glass looks like ink to who goes by the paper around it. As it is for a photograph,
        // whose light is uneven.
        for grey in [levelled(&grey), grey] {
            let found = on(grey);
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// Ink and paper alone, told apart by how bright most of the page is.
fn levelled(grey: &GrayImage) -> GrayImage {
    let mut counts = [0_usize; 256];
    for pixel in grey.as_raw() {
        if let Some(count) = counts.get_mut(usize::from(*pixel)) {
            *count += 1;
        }
    }
    let (half, mut passed) = (grey.as_raw().len() / 2, 0_usize);
    let paper = counts.iter().position(|count| {
        passed = passed.saturating_add(*count);
        passed > half
    });
    let ink = paper.unwrap_or(255) * 2 / 3;
    let mut levelled = grey.clone();
    for pixel in levelled.iter_mut() {
        *pixel = if usize::from(*pixel) > ink { 255 } else { 0 };
    }
    levelled
}

fn on(grey: GrayImage) -> Vec<PageMark> {
    let counted = Counted::new(grey);
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut prepared = PreparedImage::prepare(counted);
        let grids = prepared.detect_grids();
        let texts = grids.iter().take(MOST_MARKS).filter_map(|grid| grid.decode().ok());
        texts.filter_map(|(_, text)| PageMark::parse(&text)).collect::<Vec<_>>()
    }));
    read.unwrap_or_default()
}

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
struct Counted {
    grey: GrayImage,
    left: Left,
}

impl Counted {
    fn new(grey: GrayImage) -> Self {
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
