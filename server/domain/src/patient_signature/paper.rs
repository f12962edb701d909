//! A sheet that was signed on paper: the code that ties the paper to its version, and what a scan may be.

use std::fmt;

/// Printed on the paper and typed from it: it is of one version of one sheet and one slot. No secret, and nothing of the
/// patient is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PaperCode([u8; 8]);

/// Without letters that are read as others (I, L, O, U).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl PaperCode {
    /// The first 40 bits of a hash of what it is of.
    pub fn of(hash: &[u8; 32]) -> Self {
        let [a, b, c, d, e, ..] = *hash;
        let bits = [a, b, c, d, e].iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let letter = |place: u32| {
            let index = usize::try_from((bits >> (35 - place * 5)) & 31).unwrap_or_default();
            LETTERS.get(index).copied().unwrap_or(b'0')
        };
        Self([0, 1, 2, 3, 4, 5, 6, 7].map(letter))
    }

    /// As a person types it: in any case, with or without its dash, O for 0 and I or L for 1.
    pub fn parse(text: &str) -> Option<Self> {
        let read = |c: char| match c.to_ascii_uppercase() {
            'O' => Some(b'0'),
            'I' | 'L' => Some(b'1'),
            c => u8::try_from(c).ok().filter(|b| LETTERS.contains(b)),
        };
        let letters = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(read);
        let letters: Vec<u8> = letters.take(9).collect::<Option<_>>()?;
        Some(Self(letters.try_into().ok()?))
    }
}

impl fmt::Display for PaperCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in self.0.iter().enumerate() {
            if index == 4 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// What the QR of a printed page says: the sheet's code and which page it is. Letters of QR's alphanumeric mode alone, so
/// that it stays coarse enough for a ward's scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageMark {
    pub code: PaperCode,
    pub page: u16,
}

/// Tells ours from whatever else is printed on a page.
const OURS: &str = "BA:";

impl PageMark {
    /// As a QR holds it, and in no other way.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, page) = text.strip_prefix(OURS)?.split_once(':')?;
        let mark = Self { code: PaperCode::parse(code)?, page: page.parse().ok()? };
        (mark.page > 0 && mark.to_string() == text).then_some(mark)
    }
}

impl fmt::Display for PageMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(OURS)?;
        self.code.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))?;
        write!(f, ":{}", self.page)
    }
}

/// By its first bytes, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanKind {
    Jpeg,
    Png,
    Pdf,
}

impl ScanKind {
    pub fn of(bytes: &[u8]) -> Option<Self> {
        const KINDS: [(&[u8], ScanKind); 3] =
            [(b"\xff\xd8\xff", ScanKind::Jpeg), (b"\x89PNG\r\n\x1a\n", ScanKind::Png), (b"%PDF-", ScanKind::Pdf)];
        KINDS.into_iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| kind)
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Pdf => "pdf",
        }
    }

    pub fn media(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Clauses: C46-13.3b
    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = PaperCode::of(&[0xff; 32]);
        assert_eq!(code.to_string(), "ZZZZ-ZZZZ");
        assert_eq!(PaperCode::parse(" zzzz zzzz "), Some(code));
        assert_eq!(PaperCode::parse("oil0-0000"), PaperCode::parse("0110-0000"));
        for wrong in ["", "ZZZZ-ZZZ", "ZZZZ-ZZZZZ", "ZZZZ-ZZZ!", "ỳZZZ-ZZZZ"] {
            assert_eq!(PaperCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_page_says_its_code_and_nothing_of_a_patient() {
        let mark = PageMark { code: PaperCode::of(&[0; 32]), page: 3 };
        assert_eq!(mark.to_string(), "BA:00000000:3");
        for wrong in ["BA:00000000:0", "BA:00000000:03", "BA:0000000O:3", "ba:00000000:3", "http://a/BA:00000000:3", ""]
        {
            assert_eq!(PageMark::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_scan_is_what_its_first_bytes_say() {
        assert_eq!(ScanKind::of(b"\xff\xd8\xff\xe0..."), Some(ScanKind::Jpeg));
        assert_eq!(ScanKind::of(b"%PDF-1.7"), Some(ScanKind::Pdf));
        for wrong in [&b""[..], b"\xff\xd8", b"<svg>", b"GIF89a", b"MZ"] {
            assert_eq!(ScanKind::of(wrong), None);
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(hash in any::<[u8; 32]>()) {
            let code = PaperCode::of(&hash);
            prop_assert_eq!(PaperCode::parse(&code.to_string()), Some(code));
        }

        #[test]
        fn every_page_is_read_back(hash in any::<[u8; 32]>(), page in 1..=u16::MAX) {
            let mark = PageMark { code: PaperCode::of(&hash), page };
            prop_assert_eq!(PageMark::parse(&mark.to_string()), Some(mark));
        }

        #[test]
        fn nothing_else_is_a_page(text in "(BA:)?[ -Z]{0,14}") {
            if let Some(mark) = PageMark::parse(&text) {
                prop_assert_eq!(mark.to_string(), text);
            }
        }
    }
}
