//! Bytes to text and back: which charset a message is in, and its text in NFC.
//!
//! Read and written: UTF-8, UTF-16, GB18030, windows-1252 (for `8859/1`), windows-1258, TCVN3 (ABC), VNI-Windows
//! and VISCII. Devices lie about MSH-18, so the bytes have a word in it: see [`detect`](self) in `Charset::of`.
//! UTF-16 and GB18030 have delimiters inside their letters, so such a message is turned into UTF-8 as a whole
//! before it is taken apart ([`Charset::divisible`]).

mod detect;
mod single;
mod syllable;
mod tables;
mod vni;
mod wide;

use encoding_rs::{Encoding, GB18030, UTF_8, WINDOWS_1252, WINDOWS_1258};
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

pub use single::unaccented;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Charset {
    Utf8,
    /// Also for `8859/1`, whose holes it fills.
    Windows1252,
    Windows1258,
    /// TCVN 5712:1993 without the letters that it puts among the control characters; the ABC fonts.
    Tcvn3,
    /// The VNI fonts for Windows: a vowel, then a byte with its marks.
    Vni,
    /// RFC 1456.
    Viscii,
    Gb18030,
    Utf16Le,
    Utf16Be,
}

impl Charset {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 9] = [
        Self::Utf8,
        Self::Windows1258,
        Self::Tcvn3,
        Self::Vni,
        Self::Viscii,
        Self::Windows1252,
        Self::Gb18030,
        Self::Utf16Le,
        Self::Utf16Be,
    ];

    /// A profile's or configuration's word for it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "windows-1252" | "8859/1" | "iso-8859-1" => Some(Self::Windows1252),
            "windows-1258" | "cp1258" => Some(Self::Windows1258),
            "tcvn3" | "abc" | "tcvn-5712" | "tcvn5712-1" => Some(Self::Tcvn3),
            "vni" | "vni-windows" => Some(Self::Vni),
            "viscii" => Some(Self::Viscii),
            "gb18030" | "gbk" | "gb2312" => Some(Self::Gb18030),
            "utf-16le" | "utf-16" => Some(Self::Utf16Le),
            "utf-16be" => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// MSH-18 (table 0211), first repetition. `UNICODE` is UTF-8 in practice; UTF-16 shows itself by its bytes.
    #[must_use]
    pub fn declared(field: &[u8]) -> Option<Self> {
        let name = field.split(|byte| *byte == b'~').next().unwrap_or_default().trim_ascii();
        match name.to_ascii_uppercase().as_slice() {
            b"UNICODE UTF-8" | b"UNICODE" | b"UTF-8" | b"UTF8" => Some(Self::Utf8),
            b"8859/1" | b"ISO-8859-1" | b"8859-1" => Some(Self::Windows1252),
            b"WINDOWS-1258" | b"CP1258" => Some(Self::Windows1258),
            b"GB 18030-2000" | b"GB18030" | b"GB 18030" | b"GBK" | b"GB2312" => Some(Self::Gb18030),
            b"UNICODE UTF-16" | b"UTF-16" | b"UTF-16LE" => Some(Self::Utf16Le),
            b"UTF-16BE" => Some(Self::Utf16Be),
            b"TCVN3" | b"TCVN" | b"TCVN-5712" => Some(Self::Tcvn3),
            b"VISCII" => Some(Self::Viscii),
            b"VNI" => Some(Self::Vni),
            _ => None,
        }
    }

    /// The charset of a whole message.
    ///
    /// UTF-16 shows itself by its zeros. Valid UTF-8 with a letter beyond ASCII is UTF-8, whatever was said (but for
    /// `Vương` in VISCII, whose two vowels make a letter of N'Ko: the profile may say so). Else what the profile says holds, then what the header says, then windows-1258; but where the text so decoded is
    /// no Vietnamese and that of another charset clearly is, the other one holds.
    #[must_use]
    pub fn of(message: &[u8], declared: &[u8], profile: Option<Self>) -> Self {
        if let Some(wide) = wide::recognise(message) {
            return wide;
        }
        // Bytes with delimiters among them that are bytes are not UTF-16, whoever says so.
        let narrow = |charset: &Self| !matches!(charset, Self::Utf16Le | Self::Utf16Be);
        let said = [profile, Self::declared(declared)].into_iter().flatten().filter(narrow);
        if message.is_ascii() {
            // Only bytes written as `\Xhh\` can still ask for a charset.
            return said.into_iter().next().unwrap_or(Self::Utf8);
        }
        let mut said = said.filter(|charset| *charset != Self::Utf8);
        if std::str::from_utf8(message).is_ok() {
            return profile
                .filter(|own| Some(*own) == said.next() && detect::is_that_and_not_utf8(message, *own))
                .unwrap_or(Self::Utf8);
        }
        detect::weigh(message, profile.is_some(), said.next())
    }

    /// May a message in it be taken apart at bytes? If not, [`Charset::decode`] it whole and read it as UTF-8.
    #[must_use]
    pub fn divisible(self) -> bool {
        !matches!(self, Self::Gb18030 | Self::Utf16Le | Self::Utf16Be)
    }

    /// Text in NFC; bytes that the charset does not know become U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> String {
        let letters_are_bytes = !matches!(self, Self::Viscii | Self::Utf16Le | Self::Utf16Be);
        if letters_are_bytes && bytes.is_ascii() {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        let text = match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Viscii => Cow::Owned(tables::decode_viscii(bytes)),
            Self::Utf16Le => Cow::Owned(wide::decode(bytes, u16::from_le_bytes)),
            Self::Utf16Be => Cow::Owned(wide::decode(bytes, u16::from_be_bytes)),
            Self::Tcvn3 => Cow::Owned(tables::decode_tcvn3(bytes)),
            Self::Vni => Cow::Owned(vni::decode(bytes)),
            Self::Windows1252 | Self::Windows1258 | Self::Gb18030 => {
                self.encoding().decode_without_bom_handling(bytes).0
            }
        };
        match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.into_owned(),
            _ => text.nfc().collect(),
        }
    }

    /// Text in this charset. A letter that it lacks loses its tone, then its other marks; what is left becomes `?`.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        for letter in text.nfc() {
            self.put(letter, &mut bytes);
        }
        bytes
    }

    /// One letter in NFC.
    pub(crate) fn put(self, letter: char, out: &mut Vec<u8>) {
        match self {
            Self::Utf8 => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Utf16Le => wide::encode(letter, u16::to_le_bytes, out),
            Self::Utf16Be => wide::encode(letter, u16::to_be_bytes, out),
            _ => single::put(self, letter, out),
        }
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Windows1252 => WINDOWS_1252,
            Self::Windows1258 => WINDOWS_1258,
            Self::Gb18030 => GB18030,
            _ => UTF_8,
        }
    }
}

#[cfg(test)]
mod tests;
