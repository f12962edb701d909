//! The Image Pixel module and what rendering needs, read from a header, for one frame.

use super::reply::Problem;
use crate::worker::protocol::{Image, Palette};
use benhan_dimse::dataset::{Element, Encoding, Tag, Value};

const FRAMES: Tag = Tag(0x0028, 0x0008);
const SHARED_GROUPS: Tag = Tag(0x5200, 0x9229);
const FRAME_GROUPS: Tag = Tag(0x5200, 0x9230);
const PIXEL_VALUE: Tag = Tag(0x0028, 0x9145);
const FRAME_VOI: Tag = Tag(0x0028, 0x9132);

/// A header being asked for attributes.
pub(crate) struct Attributes<'a> {
    elements: &'a [Element<'a>],
    encoding: Encoding,
}

impl<'a> Attributes<'a> {
    pub(crate) fn new(elements: &'a [Element<'a>], encoding: Encoding) -> Self {
        Self { elements, encoding }
    }

    /// Number of Frames; 1 when absent or no number.
    pub(crate) fn frames(&self) -> u64 {
        self.text(self.elements, FRAMES).and_then(|text| text.parse().ok()).filter(|frames| *frames > 0).unwrap_or(1)
    }

    /// The image as frame `frame` (from 0) has it.
    pub(crate) fn image(&self, frame: u64) -> Result<Image, Problem> {
        let needed = |element, name: &str| {
            let tag = Tag(0x0028, element);
            self.u16(tag).ok_or_else(|| Problem::NotRendered(format!("{name} is missing: this is no image")))
        };
        let photometric = self.text(self.elements, Tag(0x0028, 0x0004));
        let bits_allocated = needed(0x0100, "Bits Allocated")?;
        if !matches!(bits_allocated, 1 | 8 | 16 | 32) {
            return Err(Problem::NotRendered(format!("{bits_allocated} bits a sample are not rendered")));
        }
        let photometric = photometric.unwrap_or_else(|| "MONOCHROME2".to_owned());
        let (slope, intercept) = self.rescale(frame);
        let palette = if photometric == "PALETTE COLOR" { self.palette() } else { None };
        Ok(Image {
            rows: needed(0x0010, "Rows")?,
            columns: needed(0x0011, "Columns")?,
            samples: self.u16(Tag(0x0028, 0x0002)).unwrap_or(1),
            bits_allocated,
            bits_stored: self.u16(Tag(0x0028, 0x0101)).unwrap_or(bits_allocated).clamp(1, bits_allocated),
            signed: self.u16(Tag(0x0028, 0x0103)) == Some(1),
            planar: self.u16(Tag(0x0028, 0x0006)) == Some(1),
            photometric,
            slope,
            intercept,
            window: self.window(frame),
            palette,
        })
    }

    fn rescale(&self, frame: u64) -> (f64, f64) {
        let place = self.macro_of_frame(PIXEL_VALUE, frame).unwrap_or(self.elements);
        let value = |element| self.decimal(place, Tag(0x0028, element));
        (value(0x1053).filter(|slope| *slope != 0.0).unwrap_or(1.0), value(0x1052).unwrap_or(0.0))
    }

    fn window(&self, frame: u64) -> Option<(f64, f64)> {
        let place = self.macro_of_frame(FRAME_VOI, frame).unwrap_or(self.elements);
        let centre = self.decimal(place, Tag(0x0028, 0x1050))?;
        let width = self.decimal(place, Tag(0x0028, 0x1051))?;
        (centre.is_finite() && width >= 1.0).then_some((centre, width))
    }

    /// A functional group macro: the frame's own, else the shared one (PS3.3 §C.7.6.16).
    fn macro_of_frame(&self, tag: Tag, frame: u64) -> Option<&'a [Element<'a>]> {
        let own = usize::try_from(frame).ok().and_then(|frame| item(self.elements, FRAME_GROUPS, frame));
        let own = own.and_then(|groups| item(groups, tag, 0));
        own.or_else(|| item(self.elements, SHARED_GROUPS, 0).and_then(|groups| item(groups, tag, 0)))
    }

    fn palette(&self) -> Option<Palette> {
        let [entries, first, bits] = self.u16s(Tag(0x0028, 0x1101)).first_chunk::<3>().copied()?;
        let first =
            if self.u16(Tag(0x0028, 0x0103)) == Some(1) { i32::from(first.cast_signed()) } else { i32::from(first) };
        let entries = if entries == 0 { 1 << 16 } else { usize::from(entries) };
        let table = |element| -> Option<Vec<u8>> {
            let bytes = self.bytes(self.elements, Tag(0x0028, element))?;
            // Eight-bit tables come packed, or one entry a word.
            let packed = bits <= 8 && bytes.len() < entries.saturating_mul(2);
            let table: Vec<u8> = if packed {
                bytes.to_vec()
            } else {
                let words = self.u16s(Tag(0x0028, element));
                let shift = if bits > 8 { 8 } else { 0 };
                words.iter().map(|word| u8::try_from((word >> shift) & 0xFF).unwrap_or(0)).collect()
            };
            Some(table.into_iter().take(entries).collect())
        };
        Some(Palette { first, red: table(0x1201)?, green: table(0x1202)?, blue: table(0x1203)? })
    }

    fn bytes(&self, place: &'a [Element<'a>], tag: Tag) -> Option<&'a [u8]> {
        place.iter().find(|element| element.tag == tag).and_then(|element| match &element.value {
            Value::Bytes(bytes) => Some(*bytes),
            Value::Items(_) => None,
        })
    }

    fn text(&self, place: &'a [Element<'a>], tag: Tag) -> Option<String> {
        let text = std::str::from_utf8(self.bytes(place, tag)?).ok()?;
        let first = text.split('\\').next()?.trim_matches([' ', '\0']);
        (!first.is_empty()).then(|| first.to_owned())
    }

    fn decimal(&self, place: &'a [Element<'a>], tag: Tag) -> Option<f64> {
        self.text(place, tag)?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn u16s(&self, tag: Tag) -> Vec<u16> {
        let read = |pair: &[u8; 2]| match self.encoding {
            Encoding::ExplicitBig => u16::from_be_bytes(*pair),
            _ => u16::from_le_bytes(*pair),
        };
        self.bytes(self.elements, tag).unwrap_or_default().as_chunks::<2>().0.iter().map(read).collect()
    }

    fn u16(&self, tag: Tag) -> Option<u16> {
        self.u16s(tag).first().copied()
    }
}

fn item<'a>(place: &'a [Element<'a>], tag: Tag, index: usize) -> Option<&'a [Element<'a>]> {
    place.iter().find(|element| element.tag == tag).and_then(|element| match &element.value {
        Value::Items(items) => items.get(index).map(Vec::as_slice),
        Value::Bytes(_) => None,
    })
}
