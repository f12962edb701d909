//! The pictures inside a PDF, as scanners write them: one or a few streams a page. Found by walking over the bytes once. A
//! parser of whole files would inflate what the file says and follow where it points; a picture is always a plain stream.

use super::page::{self, Page, fits};
use flate2::Crc;
use flate2::read::ZlibDecoder;
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};
use image::{GrayImage, ImageFormat};
use memchr::memmem;
use std::io::Read;

/// What stands before a picture's bytes.
const LONGEST_HEAD: usize = 4 << 10;
/// A JPEG inside of a deflated stream is no longer than any file that is taken in.
const LONGEST_INNER: u64 = 16 << 20;

pub(crate) struct Picture<'a> {
    head: &'a [u8],
    data: &'a [u8],
}

/// Streams that say they are pictures.
pub(crate) fn pictures(bytes: &[u8]) -> impl Iterator<Item = Picture<'_>> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        loop {
            let rest = bytes.get(at..)?;
            let word = memmem::find(rest, b"stream")?;
            let head = rest.get(word.saturating_sub(LONGEST_HEAD)..word)?;
            let head = memmem::rfind(head, b" obj").and_then(|from| head.get(from..)).unwrap_or(head);
            let after = rest.get(word.checked_add(6)?..)?;
            let data = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
            let length = length_of(head, data).or_else(|| memmem::find(data, b"endstream"))?;
            let data = data.get(..length)?;
            at = at.checked_add(word)?.checked_add(6)?.checked_add(length)?;
            let rest = bytes.get(at..)?;
            // Past its «endstream» too, which has the word in it.
            let end = memmem::find(rest.get(..rest.len().min(32))?, b"endstream").map_or(0, |end| end + 9);
            at = at.checked_add(end)?;
            if is_picture(head) {
                return Some(Picture { head, data });
            }
        }
    })
}

fn is_picture(head: &[u8]) -> bool {
    token(head, b"/Subtype").is_some_and(|kind| kind == b"/Image")
}

/// As the head says it, where it is true.
fn length_of(head: &[u8], data: &[u8]) -> Option<usize> {
    let length = usize::try_from(number(head, b"/Length")?).ok()?;
    let after = data.get(length..length.checked_add(13)?)?;
    memmem::find(after, b"endstream").map(|_| length)
}

/// The word behind a name: `/Width 1654` has `1654`.
fn token<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"/[]<>()".contains(byte);
    for at in memmem::find_iter(head, name) {
        let rest = head.get(at.checked_add(name.len())?..)?;
        if rest.first().is_some_and(|next| !ends(next)) {
            continue; // a longer name
        }
        let rest = rest.trim_ascii_start();
        let slash = usize::from(rest.first() == Some(&b'/'));
        let length = rest.iter().skip(slash).position(ends).unwrap_or(rest.len().saturating_sub(slash));
        return rest.get(..length.checked_add(slash)?);
    }
    None
}

fn number(head: &[u8], name: &[u8]) -> Option<i64> {
    std::str::from_utf8(token(head, name)?).ok()?.parse().ok()
}

fn says(head: &[u8], word: &[u8]) -> bool {
    memmem::find(head, word).is_some()
}

impl Picture<'_> {
    pub(crate) fn decoded(&self, left: u64) -> Option<Page> {
        let side = |name: &[u8]| u32::try_from(number(self.head, name)?).ok();
        let (width, height) = (side(b"/Width")?, side(b"/Height")?);
        if !fits(width, height, left) {
            return None;
        }
        let (deflated, jpeg) = (says(self.head, b"/FlateDecode"), says(self.head, b"/DCTDecode"));
        match (deflated, jpeg) {
            (false, true) => page::decoded(self.data, ImageFormat::Jpeg, left),
            (true, true) => page::decoded(&inflated(self.data, LONGEST_INNER)?, ImageFormat::Jpeg, left),
            (true, false) if number(self.head, b"/Predictor").is_some_and(|p| p >= 10) => {
                self.as_png(width, height, left)
            }
            (true, false) => {
                let most = u64::from(width).saturating_mul(height.into()).saturating_mul(4);
                self.samples(&inflated(self.data, most)?, (width, height))
            }
            (false, false) if says(self.head, b"/CCITTFaxDecode") => self.fax(width, height),
            (false, false) if !says(self.head, b"/Filter") => self.samples(self.data, (width, height)),
            (false, false) => None,
        }
    }

    fn bits(&self) -> i64 {
        if says(self.head, b"/ImageMask true") { 1 } else { number(self.head, b"/BitsPerComponent").unwrap_or(8) }
    }

    /// Rows that were predicted as in a PNG are one but for its wrapping.
    fn as_png(&self, width: u32, height: u32, left: u64) -> Option<Page> {
        let colour = match number(self.head, b"/Colors").unwrap_or(1) {
            1 => 0,
            3 => 2,
            _ => return None,
        };
        let bits = u8::try_from(self.bits()).ok()?;
        let mut header = Vec::from(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([bits, colour, 0, 0, 0]);
        let mut png = Vec::from(b"\x89PNG\r\n\x1a\n");
        for (name, data) in [(b"IHDR", header.as_slice()), (b"IDAT", self.data), (b"IEND", &[])] {
            let mut sum = Crc::new();
            sum.update(name);
            sum.update(data);
            png.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
            png.extend(name);
            png.extend(data);
            png.extend(sum.sum().to_be_bytes());
        }
        let page = page::decoded(&png, ImageFormat::Png, left)?;
        Some(Page { two_tone: bits == 1, ..page })
    }

    fn samples(&self, raw: &[u8], (width, height): (u32, u32)) -> Option<Page> {
        let (w, h) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        if self.bits() == 1 {
            let row = w.div_ceil(8);
            let mut grey = Vec::with_capacity(w.checked_mul(h)?);
            for line in raw.chunks_exact(row).take(h) {
                let bits = line.iter().flat_map(|byte| (0..8).map(move |n| (byte >> (7 - n)) & 1));
                grey.extend(bits.take(w).map(|bit| if bit == 1 { 255 } else { 0 }));
            }
            return Some(Page { grey: GrayImage::from_raw(width, height, grey)?, two_tone: true });
        }
        let pixels = w.checked_mul(h)?;
        // What the colours are may stand elsewhere in the file; how many they are shows.
        let grey: Vec<u8> = match raw.len().checked_div(pixels)? {
            1 => raw.iter().copied().take(pixels).collect(),
            // Green is most of what the eye calls bright.
            3 => raw.chunks_exact(3).take(pixels).filter_map(|rgb| rgb.get(1).copied()).collect(),
            _ => return None,
        };
        Some(Page { grey: GrayImage::from_raw(width, height, grey)?, two_tone: false })
    }

    fn fax(&self, width: u32, height: u32) -> Option<Page> {
        let encoding = match number(self.head, b"/K").unwrap_or(0) {
            k if k < 0 => EncodingMode::Group4,
            0 => EncodingMode::Group3_1D,
            k => EncodingMode::Group3_2D { k: u32::try_from(k).ok()? },
        };
        let settings = DecodeSettings {
            columns: width,
            rows: height,
            end_of_block: true,
            end_of_line: says(self.head, b"/EndOfLine true"),
            rows_are_byte_aligned: says(self.head, b"/EncodedByteAlign true"),
            encoding,
            invert_black: false,
        };
        let pixels = usize::try_from(u64::from(width).checked_mul(height.into())?).ok()?;
        let mut lines = Lines { grey: Vec::new(), most: pixels };
        // What came before a flaw is a page still.
        let _ = hayro_ccitt::decode(self.data, &mut lines, &mut DecoderContext::new(settings));
        lines.grey.resize(pixels, 255);
        Some(Page { grey: GrayImage::from_raw(width, height, lines.grey)?, two_tone: true })
    }
}

struct Lines {
    grey: Vec<u8>,
    most: usize,
}

impl Decoder for Lines {
    fn push_pixels(&mut self, white: bool, count: u32) {
        let to = self.grey.len().saturating_add(usize::try_from(count).unwrap_or(usize::MAX)).min(self.most);
        self.grey.resize(to, if white { 255 } else { 0 });
    }

    fn next_line(&mut self) {}
}

fn inflated(data: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    // A stream that was cut off has shown its beginning.
    drop(ZlibDecoder::new(data).take(most).read_to_end(&mut plain));
    (!plain.is_empty()).then_some(plain)
}
