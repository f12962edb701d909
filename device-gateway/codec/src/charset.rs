//! Bytes to text: which charset a message is in, and its text in NFC.
//!
//! Devices lie about MSH-18, so valid multi-byte UTF-8 wins over what the header says; then the device's
//! profile, then the header. Vietnamese in windows-1258 comes as base letter plus combining tone, which
//! NFC joins. TCVN3 and VNI are not read here.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    Utf8,
    /// Also for `8859/1`, whose holes it fills.
    Windows1252,
    Windows1258,
}

impl Charset {
    /// A profile's or configuration's word for it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "windows-1252" | "8859/1" | "iso-8859-1" => Some(Self::Windows1252),
            "windows-1258" => Some(Self::Windows1258),
            _ => None,
        }
    }

    /// MSH-18 (table 0211), first repetition.
    #[must_use]
    pub fn declared(field: &[u8]) -> Option<Self> {
        let name = field.split(|byte| *byte == b'~').next().unwrap_or_default().trim_ascii();
        match name.to_ascii_uppercase().as_slice() {
            b"UNICODE UTF-8" | b"UNICODE" | b"UTF-8" | b"UTF8" => Some(Self::Utf8),
            b"8859/1" | b"ISO-8859-1" | b"8859-1" => Some(Self::Windows1252),
            b"WINDOWS-1258" | b"CP1258" => Some(Self::Windows1258),
            _ => None,
        }
    }

    /// The charset of a whole message.
    #[must_use]
    pub fn of(message: &[u8], declared: &[u8], profile: Option<Self>) -> Self {
        let said = [profile, Self::declared(declared)].into_iter().flatten();
        if message.is_ascii() {
            // Only bytes written as `\Xhh\` can still ask for a charset.
            return said.into_iter().next().unwrap_or(Self::Utf8);
        }
        if std::str::from_utf8(message).is_ok() {
            return Self::Utf8;
        }
        said.into_iter().find(|charset| *charset != Self::Utf8).unwrap_or(Self::Windows1258)
    }

    /// Text in NFC; bytes that the charset does not know become U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) if bytes.is_ascii() => return text.to_owned(),
            Ok(text) if self == Self::Utf8 => Cow::Borrowed(text),
            _ => self.encoding().decode_without_bom_handling(bytes).0,
        };
        match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.into_owned(),
            _ => text.nfc().collect(),
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Windows1252 => WINDOWS_1252,
            Self::Windows1258 => WINDOWS_1258,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_vietnamese_name_in_windows_1258_is_read_composed() {
        let bytes = b"Nguy\xea\xden V\xe3n \xd0a\xf2t";
        let text = Charset::of(bytes, b"", Some(Charset::Windows1258)).decode(bytes);
        assert_eq!(text, "Nguyễn Văn Đạt");
    }

    #[test]
    fn decomposed_utf8_is_composed() {
        let text = Charset::Utf8.decode("Nguye\u{302}\u{303}n".as_bytes());
        assert_eq!(text, "Nguyễn");
    }

    #[test]
    fn utf8_wins_over_a_header_that_says_latin_1() {
        let message = "MSH|… Trần Thị Ánh".as_bytes();
        assert_eq!(Charset::of(message, b"8859/1", Some(Charset::Windows1258)), Charset::Utf8);
    }

    #[test]
    fn a_latin_1_header_is_read_as_windows_1252() {
        let bytes = b"caf\xe9 \x80";
        let charset = Charset::of(bytes, b"8859/1", None);
        assert_eq!(charset.decode(bytes), "café €");
    }

    proptest! {
        #[test]
        fn any_bytes_become_some_text_in_nfc(bytes: Vec<u8>) {
            for charset in [Charset::Utf8, Charset::Windows1252, Charset::Windows1258] {
                let text = charset.decode(&bytes);
                prop_assert_eq!(text.nfc().collect::<String>(), text);
            }
        }
    }
}
