//! Reads the codes of printed pages on a scan (bản quét): bytes in, marks out. Total and bounded: a file that is too large, cut
//! off or made to hurt has no code, and a person looks at it.

mod counted;
mod ink;
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
/// Pixels that are looked at again where no code was seen at first: of some five pages, in every way.
const MOST_LOOKED_AGAIN: u64 = 250_000_000;

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
    let mut left = Left { pixels: MOST_PIXELS, spare: MOST_LOOKED_AGAIN };
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
fn on_picture(decode: impl FnOnce(u64) -> Option<page::Page>, left: &mut Left) -> Vec<PageMark> {
    let looked = catch_unwind(AssertUnwindSafe(|| {
        let mut page = decode(left.pixels)?;
        left.pixels = left.pixels.saturating_sub(page.pixels());
        Some(qr::marks(&mut page, &mut left.spare))
    }));
    looked.ok().flatten().unwrap_or_default()
}

/// What a file may still cost.
struct Left {
    pixels: u64,
    /// See [`MOST_LOOKED_AGAIN`].
    spare: u64,
}

#[cfg(test)]
mod tests;
