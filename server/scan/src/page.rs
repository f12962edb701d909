//! One page of a scan as grey pixels, decoded within bounds.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::imageops::thumbnail;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::cmp::Ordering;
use std::io::Cursor;

/// A4 at 600 dpi.
pub(crate) const MOST_PIXELS: u64 = 36_000_000;
const LONGEST_SIDE: u32 = 12_000;
/// A stamp or a logo is no page.
const SHORTEST_SIDE: u32 = 120;
/// Of the decoder's own: the pixels of that page in colour, and its coefficients.
const MOST_MEMORY: u64 = 384 << 20;
/// A page comes in ten or so; thousands over the same pixels are there to take time.
const MOST_JPEG_SCANS: usize = 60;

pub(crate) struct Page {
    pub(crate) grey: GrayImage,
    /// Of ink and paper alone: which of the two is dark may be the other way round.
    pub(crate) two_tone: bool,
}

impl Page {
    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.grey.width()).saturating_mul(self.grey.height().into())
    }

    pub(crate) fn longer_side(&self) -> u32 {
        self.grey.width().max(self.grey.height())
    }

    /// At most so long on its longer side.
    pub(crate) fn within(&self, side: u32) -> GrayImage {
        self.at_side(side.min(self.longer_side()))
    }

    /// So long on its longer side, be it enlarged.
    pub(crate) fn at_side(&self, side: u32) -> GrayImage {
        let (w, h) = self.grey.dimensions();
        let longer = u64::from(self.longer_side()).max(1);
        let scaled = |n: u32| u32::try_from(u64::from(n) * u64::from(side) / longer).unwrap_or(1).max(1);
        match side.cmp(&self.longer_side()) {
            Ordering::Less => thumbnail(&self.grey, scaled(w), scaled(h)),
            Ordering::Equal => self.grey.clone(),
            // Between the pixels the edge of a module is found finer than they are.
            Ordering::Greater => enlarged(&self.grey, scaled(w), scaled(h)).unwrap_or_else(|| self.grey.clone()),
        }
    }
}

/// Typed, so that nothing is built for the pixels of other pictures.
fn enlarged(grey: &GrayImage, width: u32, height: u32) -> Option<GrayImage> {
    let mut pixels = GrayImage::new(width, height);
    let from = TypedImageRef::<U8>::from_buffer(grey.width(), grey.height(), grey.as_raw()).ok()?;
    let mut to = TypedImage::<U8>::from_buffer(width, height, &mut pixels).ok()?;
    let how = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new().resize_typed(&from, &mut to, &how).ok()?;
    drop(to);
    Some(pixels)
}

/// Whether a page of these sides is looked at, with so many pixels left.
pub(crate) fn fits(width: u32, height: u32, left: u64) -> bool {
    let pixels = u64::from(width).saturating_mul(height.into());
    let sides = SHORTEST_SIDE..=LONGEST_SIDE;
    sides.contains(&width) && sides.contains(&height) && pixels <= MOST_PIXELS.min(left)
}

pub(crate) fn decoded(bytes: &[u8], format: ImageFormat, left: u64) -> Option<Page> {
    // Stuffed bytes keep this marker out of what is coded.
    if format == ImageFormat::Jpeg && memchr::memmem::find_iter(bytes, b"\xff\xda").count() > MOST_JPEG_SCANS {
        return None;
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE));
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    // The header is believed before a pixel is made room for.
    if !fits(width, height, left) {
        return None;
    }
    let grey = DynamicImage::from_decoder(decoder).ok()?.into_luma8();
    Some(Page { grey, two_tone: false })
}
