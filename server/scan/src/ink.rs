//! Tells ink from paper on a scanned page: in black and white alone, a code is found.

use image::GrayImage;

/// Of the longer side that counts as a pixel's surroundings, to each side of it: three millimetres and a half of A4, which
/// hold a corner of a code whole.
const SURROUNDINGS: usize = 85;
/// Ink is darker than so many hundredths of what surrounds it.
const DARKER: u32 = 88;

/// The grain of a glass and the dots of a JPEG averaged away, as far as a module keeps its shape.
pub(crate) fn smooth(grey: &GrayImage) -> GrayImage {
    box_mean(grey, 1)
}

pub(crate) fn by_surroundings(grey: &GrayImage) -> GrayImage {
    let radius = side(grey.width().max(grey.height())) / SURROUNDINGS;
    let mut ink = box_mean(grey, radius.max(1));
    for (mean, pixel) in ink.iter_mut().zip(grey.as_raw()) {
        *mean = if u32::from(*pixel) * 100 < u32::from(*mean) * DARKER { 0 } else { 255 };
    }
    ink
}

/// Most of a page is paper.
pub(crate) fn is_mostly_dark(grey: &GrayImage) -> bool {
    grey.as_raw().iter().filter(|pixel| **pixel < 128).count() > grey.as_raw().len() / 2
}

/// By how bright most of the page is.
pub(crate) fn by_page(grey: &GrayImage) -> GrayImage {
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

/// The mean of a square around each pixel, cut off at the edges; along the rows, then along the columns.
fn box_mean(grey: &GrayImage, radius: usize) -> GrayImage {
    let (w, h) = (side(grey.width()), side(grey.height()));
    if w == 0 || h == 0 {
        return grey.clone();
    }
    let mut rows = Vec::with_capacity(grey.as_raw().len());
    for row in grey.as_raw().chunks_exact(w) {
        let (mut sum, mut n) = (0_u32, 0_u32);
        for ahead in row.iter().take(radius) {
            (sum, n) = (sum + u32::from(*ahead), n + 1);
        }
        for x in 0..w {
            if let Some(enters) = row.get(x + radius) {
                (sum, n) = (sum + u32::from(*enters), n + 1);
            }
            if let Some(leaves) = x.checked_sub(radius + 1).and_then(|x| row.get(x)) {
                (sum, n) = (sum - u32::from(*leaves), n - 1);
            }
            rows.push(u8::try_from(sum / n.max(1)).unwrap_or(u8::MAX));
        }
    }
    let row = |y: usize| rows.get(y * w..(y + 1) * w);
    let (mut sums, mut n) = (vec![0_u32; w], 0_u32);
    for ahead in (0..radius).filter_map(row) {
        sums.iter_mut().zip(ahead).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
        n += 1;
    }
    let mut means = Vec::with_capacity(rows.len());
    for y in 0..h {
        if let Some(enters) = row(y + radius) {
            sums.iter_mut().zip(enters).for_each(|(sum, pixel)| *sum += u32::from(*pixel));
            n += 1;
        }
        if let Some(leaves) = y.checked_sub(radius + 1).and_then(row) {
            sums.iter_mut().zip(leaves).for_each(|(sum, pixel)| *sum -= u32::from(*pixel));
            n -= 1;
        }
        means.extend(sums.iter().map(|sum| u8::try_from(sum / n.max(1)).unwrap_or(u8::MAX)));
    }
    GrayImage::from_raw(grey.width(), grey.height(), means).unwrap_or_else(|| grey.clone())
}

fn side(of: u32) -> usize {
    usize::try_from(of).unwrap_or(0)
}
