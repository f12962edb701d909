//! Attribute lists: count, length in bytes, then id, length and value of each.

use crate::octets::Octets;

pub(super) const LABEL_STRING: u16 = 0x0927;
pub(super) const BED_LABEL: u16 = 0x091E;
pub(super) const COMPOUND_VALUE: u16 = 0x094B;
pub(super) const NUMERIC_VALUE: u16 = 0x0950;
pub(super) const TIME_ABSOLUTE: u16 = 0x0987;
pub(super) const TIME_RELATIVE: u16 = 0x098F;
pub(super) const STAMP_ABSOLUTE: u16 = 0x0990;
pub(super) const STAMP_RELATIVE: u16 = 0x0991;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attributes<'a>(Vec<(u16, &'a [u8])>);

impl<'a> Attributes<'a> {
    /// A list that fills what its length says.
    pub fn parse(octets: &mut Octets<'a>) -> Option<Self> {
        let (count, mut list) = list(octets)?;
        let mut attributes = Vec::new();
        for _ in 0..count {
            let (id, length) = (list.u16_be()?, list.u16_be()?);
            attributes.push((id, list.take(usize::from(length))?));
        }
        Some(Self(attributes))
    }

    pub fn get(&self, id: u16) -> Option<Octets<'a>> {
        self.0.iter().find(|(have, _)| *have == id).map(|(_, value)| Octets(value))
    }
}

/// The head of any list: how many, and the bytes that they fill.
pub(super) fn list<'a>(octets: &mut Octets<'a>) -> Option<(u16, Octets<'a>)> {
    let (count, length) = (octets.u16_be()?, octets.u16_be()?);
    Some((count, Octets(octets.take(usize::from(length))?)))
}

/// A text: its length in bytes, then UTF-16, often with a NUL behind it.
pub(super) fn text(mut octets: Octets<'_>) -> Option<String> {
    let length = octets.u16_be()?;
    let (units, _) = octets.take(usize::from(length))?.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)));
    let text: String = text.map(|sign| sign.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.trim_matches(['\0', ' ']).to_owned())
}
