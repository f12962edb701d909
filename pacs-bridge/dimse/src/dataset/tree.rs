//! A run of elements as a tree that borrows its values.

use super::element::{Tag, Vr};
use super::encoding::Encoding;
use super::header::{Header, HeaderError};
use crate::cursor::Cursor;

/// How large a tree may grow; the bytes themselves are bounded by the caller, who holds them.
#[derive(Clone, Copy, Debug)]
pub struct TreeLimits {
    pub depth: usize,
    pub elements: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self { depth: 16, elements: 100_000 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    pub tag: Tag,
    pub vr: Vr,
    pub value: Value<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Bytes(&'a [u8]),
    Items(Vec<Vec<Element<'a>>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    #[error("{0} runs beyond its end")]
    Length(Tag),
    #[error("an element header is cut off")]
    Truncated,
    #[error("{0} has no value representation")]
    BadVr(Tag),
    #[error("{0} stands where an item or a delimiter must")]
    NotAnItem(Tag),
    #[error("nested too deep")]
    TooDeep,
    #[error("too many elements")]
    TooMany,
}

/// Reads elements up to the end of `bytes` or to the pixels, whichever is first.
///
/// `vr_of` names the VR of a tag in implicit encoding; an unknown tag is `UN`.
pub fn parse<'a>(
    bytes: &'a [u8],
    encoding: Encoding,
    vr_of: &dyn Fn(Tag) -> Vr,
    limits: TreeLimits,
) -> Result<Vec<Element<'a>>, TreeError> {
    let mut reading = Reading { vr_of, left: limits.elements };
    let mut input = Cursor::new(bytes);
    reading.elements(&mut input, encoding, limits.depth, false)
}

struct Reading<'d> {
    vr_of: &'d dyn Fn(Tag) -> Vr,
    left: usize,
}

impl Reading<'_> {
    fn elements<'a>(
        &mut self,
        input: &mut Cursor<'a>,
        encoding: Encoding,
        depth: usize,
        delimited: bool,
    ) -> Result<Vec<Element<'a>>, TreeError> {
        let mut elements = Vec::new();
        while !input.is_empty() {
            let header = header(input, encoding)?;
            let tag = header.tag;
            if tag == Tag::ITEM_END && delimited {
                return Ok(elements);
            }
            if matches!(tag, Tag::ITEM_END | Tag::SEQUENCE_END) && header.length == Some(0) {
                continue;
            }
            if tag.is_pixel_data() {
                return Ok(elements);
            }
            self.left = self.left.checked_sub(1).ok_or(TreeError::TooMany)?;
            let vr = header.vr.unwrap_or_else(|| match header.length {
                None => Vr::SQ,
                Some(_) => (self.vr_of)(tag),
            });
            let value = match header.length {
                None => {
                    let inner = if vr == Vr::UN { Encoding::ImplicitLittle } else { encoding };
                    Value::Items(self.items(input, inner, deeper(depth)?, true)?)
                }
                Some(length) => {
                    let bytes = value(input, tag, length)?;
                    match vr {
                        Vr::SQ => {
                            let mut inside = Cursor::new(bytes);
                            Value::Items(self.items(&mut inside, encoding, deeper(depth)?, false)?)
                        }
                        _ => Value::Bytes(bytes),
                    }
                }
            };
            let vr = if matches!(value, Value::Items(_)) { Vr::SQ } else { vr };
            elements.push(Element { tag, vr, value });
        }
        if delimited { Err(TreeError::Truncated) } else { Ok(elements) }
    }

    fn items<'a>(
        &mut self,
        input: &mut Cursor<'a>,
        encoding: Encoding,
        depth: usize,
        delimited: bool,
    ) -> Result<Vec<Vec<Element<'a>>>, TreeError> {
        let mut items = Vec::new();
        while !input.is_empty() {
            let header = header(input, encoding)?;
            self.left = self.left.checked_sub(1).ok_or(TreeError::TooMany)?;
            match (header.tag, header.length) {
                (Tag::SEQUENCE_END, _) => return Ok(items),
                (Tag::ITEM, None) => items.push(self.elements(input, encoding, depth, true)?),
                (Tag::ITEM, Some(length)) => {
                    let mut inside = Cursor::new(value(input, header.tag, length)?);
                    items.push(self.elements(&mut inside, encoding, depth, false)?);
                }
                (tag, _) => return Err(TreeError::NotAnItem(tag)),
            }
        }
        if delimited { Err(TreeError::Truncated) } else { Ok(items) }
    }
}

fn header(input: &mut Cursor<'_>, encoding: Encoding) -> Result<Header, TreeError> {
    let header = Header::read(input.rest(), encoding).map_err(|error| match error {
        HeaderError::NeedMore(_) => TreeError::Truncated,
        HeaderError::BadVr(tag) => TreeError::BadVr(tag),
    })?;
    input.take(header.size).ok_or(TreeError::Truncated)?;
    Ok(header)
}

fn value<'a>(input: &mut Cursor<'a>, tag: Tag, length: u32) -> Result<&'a [u8], TreeError> {
    let length = usize::try_from(length).map_err(|_| TreeError::Length(tag))?;
    input.take(length).ok_or(TreeError::Length(tag))
}

fn deeper(depth: usize) -> Result<usize, TreeError> {
    depth.checked_sub(1).ok_or(TreeError::TooDeep)
}
