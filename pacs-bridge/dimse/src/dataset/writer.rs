//! Small datasets, little endian, implicit or explicit.

use super::element::{Tag, Vr};
use super::encoding::Encoding;
use super::header::UNDEFINED;

/// Appends elements in the order of the calls; the caller keeps tags ascending.
#[derive(Debug)]
pub struct DatasetWriter {
    explicit: bool,
    bytes: Vec<u8>,
}

impl DatasetWriter {
    /// Big endian is written by no one any more and comes out as explicit little endian.
    pub fn new(encoding: Encoding) -> Self {
        Self { explicit: encoding.is_explicit(), bytes: Vec::new() }
    }

    /// A text or UID value, padded to an even length as its VR asks.
    pub fn text(&mut self, tag: Tag, vr: Vr, value: &str) -> &mut Self {
        self.bytes(tag, vr, value.as_bytes())
    }

    pub fn u16(&mut self, tag: Tag, value: u16) -> &mut Self {
        self.bytes(tag, Vr::US, &value.to_le_bytes())
    }

    /// A value as bytes. What a short-length VR cannot hold is cut off at 65,534 bytes.
    pub fn bytes(&mut self, tag: Tag, vr: Vr, value: &[u8]) -> &mut Self {
        let value = match (self.explicit && vr.has_short_length(), value.split_at_checked(0xFFFE)) {
            (true, Some((fitting, _))) => fitting,
            _ => value,
        };
        let padded = value.len().saturating_add(value.len() % 2);
        self.header(tag, vr, u32::try_from(padded).unwrap_or(u32::MAX));
        self.bytes.extend_from_slice(value);
        if value.len() % 2 == 1 {
            let binary = matches!(&vr.0, b"UI" | b"OB" | b"UN");
            self.bytes.push(if binary { 0 } else { b' ' });
        }
        self
    }

    /// A sequence with one item whose elements `fill` writes.
    pub fn sequence(&mut self, tag: Tag, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.header(tag, Vr::SQ, UNDEFINED);
        self.delimiter(Tag::ITEM, UNDEFINED);
        fill(self);
        self.delimiter(Tag::ITEM_END, 0);
        self.delimiter(Tag::SEQUENCE_END, 0);
        self
    }

    /// A sequence without items.
    pub fn empty_sequence(&mut self, tag: Tag) -> &mut Self {
        self.header(tag, Vr::SQ, 0);
        self
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn header(&mut self, tag: Tag, vr: Vr, length: u32) {
        self.tag(tag);
        if !self.explicit {
            self.bytes.extend_from_slice(&length.to_le_bytes());
            return;
        }
        self.bytes.extend_from_slice(&vr.0);
        if vr.has_short_length() {
            let short = u16::try_from(length).unwrap_or(u16::MAX);
            self.bytes.extend_from_slice(&short.to_le_bytes());
        } else {
            self.bytes.extend_from_slice(&[0, 0]);
            self.bytes.extend_from_slice(&length.to_le_bytes());
        }
    }

    fn delimiter(&mut self, tag: Tag, length: u32) {
        self.tag(tag);
        self.bytes.extend_from_slice(&length.to_le_bytes());
    }

    fn tag(&mut self, tag: Tag) {
        self.bytes.extend_from_slice(&tag.0.to_le_bytes());
        self.bytes.extend_from_slice(&tag.1.to_le_bytes());
    }
}
