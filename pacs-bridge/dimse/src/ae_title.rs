//! Application entity titles (PS3.5 §6.2, AE).

use std::fmt;

/// A title without its padding. Bytes that no title may hold become U+FFFD, so such a title equals no
/// configured one and can still be shown to the operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AeTitle(String);

impl AeTitle {
    /// Reads the sixteen bytes of an association request.
    pub fn from_wire(bytes: &[u8; 16]) -> Self {
        let text: String = bytes
            .iter()
            .map(|&byte| match byte {
                0 => ' ',
                0x20..=0x7e if byte != b'\\' => char::from(byte),
                _ => char::REPLACEMENT_CHARACTER,
            })
            .collect();
        Self(text.trim_matches(' ').to_owned())
    }

    /// Reads a title from the configuration: 1 to 16 printable ASCII characters without a backslash.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte) && byte != b'\\');
        (printable && (1..=16).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// Sixteen bytes, padded with spaces.
    pub fn to_wire(&self) -> [u8; 16] {
        let mut wire = [b' '; 16];
        for (slot, byte) in wire.iter_mut().zip(self.0.bytes()) {
            *slot = byte;
        }
        wire
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AeTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
