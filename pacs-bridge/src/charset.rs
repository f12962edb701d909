//! Specific Character Set (0008,0005): bytes of a dataset to text, never failing.

use dicom_encoding::text::{SpecificCharacterSet, TextCodec};

/// The character set of one dataset.
pub(crate) struct Charset {
    declared: Option<SpecificCharacterSet>,
    /// `ISO 2022` with several sets: escape sequences switch between them inside a value.
    multi: bool,
}

impl Charset {
    /// From the value of (0008,0005), empty when absent.
    pub(crate) fn from_value(value: &[u8]) -> Self {
        let text = String::from_utf8_lossy(value);
        let mut names = text.split('\\').map(|name| name.trim_matches([' ', '\0']));
        let first = names.next().unwrap_or_default();
        let second = names.find(|name| !name.is_empty());
        let named = if first.is_empty() { second.unwrap_or_default() } else { first };
        Self {
            declared: if named.is_empty() { None } else { SpecificCharacterSet::from_code(named) },
            multi: second.is_some(),
        }
    }

    /// Text without its padding. What the declared set cannot read is read as UTF-8, since many senders
    /// write that and say nothing, and what is left becomes U+FFFD.
    pub(crate) fn decode(&self, value: &[u8]) -> String {
        let text = match (&self.declared, std::str::from_utf8(value)) {
            (_, Ok(ascii)) if value.is_ascii() && !value.contains(&0x1B) => ascii.to_owned(),
            (Some(set), _) => set.decode(value).unwrap_or_else(|_| String::from_utf8_lossy(value).into_owned()),
            (None, Ok(utf8)) => utf8.to_owned(),
            (None, Err(_)) => String::from_utf8_lossy(value).into_owned(),
        };
        let text = if self.multi { text.replace('\u{1b}', "") } else { text };
        text.trim_matches([' ', '\0']).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vietnamese_comes_through() {
        let utf8 = Charset::from_value(b"ISO_IR 192");
        assert_eq!(utf8.decode("NGUYỄN^VĂN^ĐỨC ".as_bytes()), "NGUYỄN^VĂN^ĐỨC");
        let undeclared = Charset::from_value(b"");
        assert_eq!(undeclared.decode("NGUYỄN^AN".as_bytes()), "NGUYỄN^AN");
        assert_eq!(Charset::from_value(b"ISO_IR 100 ").decode(b"M\xfcller\0"), "Müller");
        assert_eq!(Charset::from_value(b"no such set").decode(b"A\xff"), "A\u{fffd}");
    }
}
