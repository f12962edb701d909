//! Reads the codes of printed pages on a scan (bản quét): bytes in, marks out. Total and bounded: a file that is too large, cut
//! off or made to hurt has no code, and a person looks at it.

mod page;
mod pdf;
mod qr;

use benhan_domain::patient_signature::{PageMark, ScanKind};
use image::ImageFormat;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pictures of one file that are looked at.
const MOST_PICTURES: usize = 40;
/// Pixels of all of them together: thirty pages of A4 at 300 dpi.
const MOST_PIXELS: u64 = 300_000_000;

/// Pixels on the longer side of a picture on a screen: what a person reads a form by.
const SHOWN_SIDE: u32 = 1_800;

/// Pictures of the file that may be shown.
pub fn pictures(bytes: &[u8], kind: ScanKind) -> usize {
    match kind {
        ScanKind::Jpeg | ScanKind::Png => 1,
        ScanKind::Pdf => pdf::pictures(bytes).take(MOST_PICTURES).count(),
    }
}

/// A picture of the file, counted from 0, drawn anew as a JPEG: no browser gets to see what a stranger's file may hold.
pub fn shown(bytes: &[u8], kind: ScanKind, at: usize) -> Option<Vec<u8>> {
    let drawn = catch_unwind(AssertUnwindSafe(|| {
        let page = match kind {
            ScanKind::Jpeg if at == 0 => page::decoded(bytes, ImageFormat::Jpeg, MOST_PIXELS),
            ScanKind::Png if at == 0 => page::decoded(bytes, ImageFormat::Png, MOST_PIXELS),
            ScanKind::Pdf => pdf::pictures(bytes).take(MOST_PICTURES).nth(at)?.decoded(MOST_PIXELS),
            ScanKind::Jpeg | ScanKind::Png => None,
        }?;
        let mut jpeg = std::io::Cursor::new(Vec::new());
        page.within(SHOWN_SIDE).write_to(&mut jpeg, ImageFormat::Jpeg).ok()?;
        Some(jpeg.into_inner())
    }));
    drawn.ok().flatten()
}

/// Every code of ours in the file, in no order.
pub fn read(bytes: &[u8], kind: ScanKind) -> Vec<PageMark> {
    let mut left = MOST_PIXELS;
    match kind {
        ScanKind::Jpeg => on_picture(|left| page::decoded(bytes, ImageFormat::Jpeg, left), &mut left),
        ScanKind::Png => on_picture(|left| page::decoded(bytes, ImageFormat::Png, left), &mut left),
        ScanKind::Pdf => {
            let mut marks = Vec::new();
            for picture in pdf::pictures(bytes).take(MOST_PICTURES) {
                marks.extend(on_picture(|left| picture.decoded(left), &mut left));
            }
            marks
        }
    }
}

/// The decoders are others' code on a stranger's bytes: where one gives up, the picture has no code.
fn on_picture(decode: impl FnOnce(u64) -> Option<page::Page>, left: &mut u64) -> Vec<PageMark> {
    let most = *left;
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let mut page = decode(most)?;
        Some((page.pixels(), qr::marks(&mut page)))
    }));
    let Some((pixels, marks)) = looked.ok().flatten() else { return Vec::new() };
    *left = left.saturating_sub(pixels);
    marks
}

#[cfg(test)]
mod tests;
