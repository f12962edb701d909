//! Unique identifiers (PS3.5 §9).

use std::fmt;

/// A UID of at most 64 digits and dots, so that it can stand in a URL, a log line or a query as it is.
///
/// Components with a leading zero are let through: the standard forbids them and modalities send them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(String);

/// Not a UID: empty, longer than 64, or with other characters than digits and single dots between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a UID of PS3.5 §9")]
pub struct BadUid;

impl Uid {
    /// Reads a UID as text, without padding.
    pub fn parse(text: &str) -> Result<Self, BadUid> {
        let shaped = text.len() <= 64
            && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if shaped { Ok(Self(text.to_owned())) } else { Err(BadUid) }
    }

    /// Reads a UI value as it stands in a dataset: padded with one NUL, by some senders with spaces.
    pub fn from_value(value: &[u8]) -> Result<Self, BadUid> {
        let text = std::str::from_utf8(value).map_err(|_| BadUid)?;
        Self::parse(text.trim_end_matches(['\0', ' ']))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_digits_and_single_dots() {
        assert!(Uid::parse("1.2.840.10008.1.1").is_ok());
        assert!(Uid::from_value(b"1.2.3\0").is_ok());
        for bad in ["", ".", "1..2", "1.", ".1", "1.2/../3", "../../etc", "1.2\0.3", "a"] {
            assert_eq!(Uid::parse(bad), Err(BadUid), "{bad}");
        }
        assert!(Uid::parse(&"1".repeat(64)).is_ok());
        assert!(Uid::parse(&"1".repeat(65)).is_err());
    }
}
