//! Tags and value representations.

use std::fmt;

/// (gggg,eeee).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub u16, pub u16);

impl Tag {
    pub const ITEM: Self = Self(0xFFFE, 0xE000);
    pub const ITEM_END: Self = Self(0xFFFE, 0xE00D);
    pub const SEQUENCE_END: Self = Self(0xFFFE, 0xE0DD);
    pub const PIXEL_DATA: Self = Self(0x7FE0, 0x0010);

    pub fn is_private(self) -> bool {
        self.0 % 2 == 1
    }

    /// Pixel Data or one of its floating point forms (7FE0,0008) and (7FE0,0009).
    pub fn is_pixel_data(self) -> bool {
        matches!(self, Self(0x7FE0, 0x0008 | 0x0009 | 0x0010))
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:04X},{:04X})", self.0, self.1)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value representation by its two letters (PS3.5 §6.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vr(pub [u8; 2]);

impl Vr {
    pub const AE: Self = Self(*b"AE");
    pub const CS: Self = Self(*b"CS");
    pub const DA: Self = Self(*b"DA");
    pub const LO: Self = Self(*b"LO");
    pub const OB: Self = Self(*b"OB");
    pub const OW: Self = Self(*b"OW");
    pub const PN: Self = Self(*b"PN");
    pub const SH: Self = Self(*b"SH");
    pub const SQ: Self = Self(*b"SQ");
    pub const TM: Self = Self(*b"TM");
    pub const UI: Self = Self(*b"UI");
    pub const UN: Self = Self(*b"UN");
    pub const US: Self = Self(*b"US");

    /// Two capital letters: all that the standard promises of VRs to come.
    pub(crate) fn looks_valid(self) -> bool {
        self.0.iter().all(u8::is_ascii_uppercase)
    }

    /// VRs with a two-byte length; every other one, known or to come, has two reserved bytes and four (PS3.5 §7.1.2).
    pub fn has_short_length(self) -> bool {
        matches!(
            &self.0,
            b"AE"
                | b"AS"
                | b"AT"
                | b"CS"
                | b"DA"
                | b"DS"
                | b"DT"
                | b"FL"
                | b"FD"
                | b"IS"
                | b"LO"
                | b"LT"
                | b"PN"
                | b"SH"
                | b"SL"
                | b"SS"
                | b"ST"
                | b"TM"
                | b"UI"
                | b"UL"
                | b"US"
        )
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("UN")
    }
}

impl fmt::Debug for Vr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
