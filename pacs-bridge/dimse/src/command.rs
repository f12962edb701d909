//! The command group (0000,eeee): always Implicit VR Little Endian (PS3.7 §6.3).

use crate::cursor::Cursor;
use crate::uid::Uid;
use std::collections::BTreeMap;

const GROUP_LENGTH: u16 = 0x0000;
pub(crate) const AFFECTED_SOP_CLASS: u16 = 0x0002;
pub(crate) const COMMAND_FIELD: u16 = 0x0100;
pub(crate) const MESSAGE_ID: u16 = 0x0110;
pub(crate) const MESSAGE_ID_RESPONDED_TO: u16 = 0x0120;
pub(crate) const DATA_SET_TYPE: u16 = 0x0800;
pub(crate) const STATUS: u16 = 0x0900;
pub(crate) const ERROR_COMMENT: u16 = 0x0902;
pub(crate) const AFFECTED_SOP_INSTANCE: u16 = 0x1000;

/// (0000,0800) when no dataset follows; any other value announces one.
const NO_DATA_SET: u16 = 0x0101;

/// (0000,0100), PS3.7 table E.1-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandField {
    StoreRq,
    StoreRsp,
    FindRq,
    FindRsp,
    EchoRq,
    EchoRsp,
    CancelRq,
    Other(u16),
}

impl CommandField {
    pub const fn code(self) -> u16 {
        match self {
            Self::StoreRq => 0x0001,
            Self::StoreRsp => 0x8001,
            Self::FindRq => 0x0020,
            Self::FindRsp => 0x8020,
            Self::EchoRq => 0x0030,
            Self::EchoRsp => 0x8030,
            Self::CancelRq => 0x0FFF,
            Self::Other(code) => code,
        }
    }

    pub const fn from_code(code: u16) -> Self {
        match code {
            0x0001 => Self::StoreRq,
            0x8001 => Self::StoreRsp,
            0x0020 => Self::FindRq,
            0x8020 => Self::FindRsp,
            0x0030 => Self::EchoRq,
            0x8030 => Self::EchoRsp,
            0x0FFF => Self::CancelRq,
            other => Self::Other(other),
        }
    }
}

/// Why bytes are no command that can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    #[error("the command ends inside an element")]
    Truncated,
    #[error("group {0:04X} in a command")]
    WrongGroup(u16),
    #[error("(0000,{0:04X}) is missing")]
    Missing(u16),
    #[error("(0000,{0:04X}) has no value of its type")]
    BadValue(u16),
}

/// The elements of one command, by element number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandSet {
    elements: BTreeMap<u16, Vec<u8>>,
}

impl CommandSet {
    /// Reads a whole command. The group length is not believed, a repeated element keeps its first value.
    pub fn parse(bytes: &[u8]) -> Result<Self, CommandError> {
        let mut input = Cursor::new(bytes);
        let mut elements = BTreeMap::new();
        while !input.is_empty() {
            let group = input.u16_le().ok_or(CommandError::Truncated)?;
            let element = input.u16_le().ok_or(CommandError::Truncated)?;
            let length = input.u32_le().ok_or(CommandError::Truncated)?;
            if group != 0 {
                return Err(CommandError::WrongGroup(group));
            }
            let length = usize::try_from(length).map_err(|_| CommandError::Truncated)?;
            let value = input.take(length).ok_or(CommandError::Truncated)?;
            if element != GROUP_LENGTH {
                elements.entry(element).or_insert_with(|| value.to_vec());
            }
        }
        Ok(Self { elements })
    }

    /// The command's bytes with its group length in front.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        for (element, value) in &self.elements {
            put(&mut body, *element, value);
        }
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut whole = Vec::with_capacity(body.len().saturating_add(12));
        put(&mut whole, GROUP_LENGTH, &length.to_le_bytes());
        whole.append(&mut body);
        whole
    }

    pub fn field(&self) -> Result<CommandField, CommandError> {
        self.u16(COMMAND_FIELD).map(CommandField::from_code)
    }

    /// Whether (0000,0800) announces a dataset. A command without the element has none.
    pub fn has_dataset(&self) -> bool {
        self.u16(DATA_SET_TYPE).is_ok_and(|value| value != NO_DATA_SET)
    }

    pub(crate) fn with_dataset(self, follows: bool) -> Self {
        self.with_u16(DATA_SET_TYPE, if follows { 0x0001 } else { NO_DATA_SET })
    }

    pub fn u16(&self, element: u16) -> Result<u16, CommandError> {
        let value = self.value(element)?;
        let bytes = <[u8; 2]>::try_from(value).map_err(|_| CommandError::BadValue(element))?;
        Ok(u16::from_le_bytes(bytes))
    }

    pub fn uid(&self, element: u16) -> Result<Uid, CommandError> {
        Uid::from_value(self.value(element)?).map_err(|_| CommandError::BadValue(element))
    }

    pub(crate) fn with_u16(mut self, element: u16, value: u16) -> Self {
        self.elements.insert(element, value.to_le_bytes().to_vec());
        self
    }

    pub(crate) fn with_uid(mut self, element: u16, uid: &Uid) -> Self {
        let mut value = uid.as_str().as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(0);
        }
        self.elements.insert(element, value);
        self
    }

    pub(crate) fn with_text(mut self, element: u16, text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(b' ');
        }
        self.elements.insert(element, value);
        self
    }

    fn value(&self, element: u16) -> Result<&[u8], CommandError> {
        self.elements.get(&element).map(Vec::as_slice).ok_or(CommandError::Missing(element))
    }
}

fn put(out: &mut Vec<u8>, element: u16, value: &[u8]) {
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&element.to_le_bytes());
    out.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(
            elements in proptest::collection::btree_map(1u16.., proptest::collection::vec(any::<u8>(), 0..40), 0..12)
        ) {
            let set = CommandSet { elements };
            prop_assert_eq!(CommandSet::parse(&set.encode()), Ok(set));
        }

        #[test]
        fn any_bytes_are_a_command_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(set) = CommandSet::parse(&bytes) {
                let _ = set.field();
                prop_assert_eq!(CommandSet::parse(&set.encode()), Ok(set));
            }
        }
    }

    #[test]
    fn a_length_beyond_the_command_is_an_error() {
        let lying = [0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0];
        assert_eq!(CommandSet::parse(&lying), Err(CommandError::Truncated));
    }
}
