//! One element's header: tag, VR where it is written, and declared length.

use super::element::{Tag, Vr};
use super::encoding::Encoding;
use crate::cursor::Cursor;

/// Undefined length: the value ends at a delimiter.
pub(crate) const UNDEFINED: u32 = 0xFFFF_FFFF;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub tag: Tag,
    /// Nothing in implicit encoding and on items.
    pub vr: Option<Vr>,
    /// `None` when undefined.
    pub length: Option<u32>,
    /// Bytes that the header itself takes.
    pub size: usize,
}

pub(crate) enum HeaderError {
    /// This many bytes are needed in all.
    NeedMore(usize),
    /// An explicit element without two letters where its VR stands.
    BadVr(Tag),
}

impl Header {
    pub(crate) fn read(bytes: &[u8], encoding: Encoding) -> Result<Self, HeaderError> {
        let more = |size| HeaderError::NeedMore(size);
        let mut input = Cursor::new(bytes);
        let group = encoding.u16(input.array().ok_or(more(8))?);
        let element = encoding.u16(input.array().ok_or(more(8))?);
        let tag = Tag(group, element);
        let last_four: [u8; 4] = input.array().ok_or(more(8))?;
        let [v0, v1, l0, l1] = last_four;
        if tag.0 == 0xFFFE || !encoding.is_explicit() {
            return Ok(Self::sized(tag, None, encoding.u32(last_four), 8));
        }
        let vr = Vr([v0, v1]);
        if vr.has_short_length() {
            let length = encoding.u16([l0, l1]);
            return Ok(Self::sized(tag, Some(vr), u32::from(length), 8));
        }
        if !vr.looks_valid() {
            return Err(HeaderError::BadVr(tag));
        }
        let length = encoding.u32(input.array().ok_or(more(12))?);
        Ok(Self::sized(tag, Some(vr), length, 12))
    }

    fn sized(tag: Tag, vr: Option<Vr>, length: u32, size: usize) -> Self {
        Self { tag, vr, length: (length != UNDEFINED).then_some(length), size }
    }
}
