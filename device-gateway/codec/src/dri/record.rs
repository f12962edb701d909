//! The header of a record, and where its subrecords are.

use crate::octets::Octets;

const HEADER: usize = 40;
const SUBRECORDS: usize = 8;
const END_OF_LIST: u8 = 0xFF;

/// What a record is about.
pub(super) const PHYSIOLOGICAL: u16 = 0;
pub(super) const WAVEFORM: u16 = 1;
pub(super) const ALARM: u16 = 4;

/// A record with its header checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The version of the interface that the monitor speaks.
    pub level: u8,
    /// Which monitor of the network sent it.
    pub plug: u16,
    /// When it was sent: seconds since 1970 on the monitor's clock.
    pub time: u32,
    pub main_type: u16,
    descriptors: &'a [u8],
    data: &'a [u8],
}

/// What is wrong with a record, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a record of {0} bytes is shorter than its header")]
    Short(usize),
    #[error("the header speaks of {said} bytes, {have} are there")]
    Length { said: u16, have: usize },
    #[error("subrecord {0} lies outside of the record")]
    Outside(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Subrecord<'a> {
    pub kind: u8,
    /// From its beginning to the end of the record.
    pub data: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// When the record is shorter than its header, or not as long as its header says.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (mut header, data) = bytes
            .split_at_checked(HEADER)
            .map(|(header, data)| (Octets(header), data))
            .ok_or(Fault::Short(bytes.len()))?;
        let mut parse = || {
            let (length, _number, level) = (header.u16_le()?, header.u8()?, header.u8()?);
            let (plug, time, _reserved) = (header.u16_le()?, header.u32_le()?, header.u32_le()?);
            Some((length, Self { level, plug, time, main_type: header.u16_le()?, descriptors: header.0, data }))
        };
        match parse() {
            Some((said, record)) if usize::from(said) == bytes.len() => Ok(record),
            Some((said, _)) => Err(Fault::Length { said, have: bytes.len() }),
            None => Err(Fault::Short(bytes.len())),
        }
    }

    pub(super) fn subrecords(&self) -> Result<Vec<Subrecord<'a>>, Fault> {
        let mut descriptors = Octets(self.descriptors);
        let mut found = Vec::new();
        for index in 0..SUBRECORDS {
            let Some((offset, kind)) = descriptors.u16_le().zip(descriptors.u8()) else { break };
            if kind == END_OF_LIST {
                break;
            }
            let (_, data) = self.data.split_at_checked(usize::from(offset)).ok_or(Fault::Outside(index))?;
            found.push(Subrecord { kind, data });
        }
        Ok(found)
    }
}
