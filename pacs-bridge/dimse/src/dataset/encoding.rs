//! The three ways in which elements are laid out (PS3.5 §7.1, §7.3).

/// How tags, VRs and lengths are written. Every encapsulated transfer syntax is explicit little endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}

impl Encoding {
    pub(crate) fn is_explicit(self) -> bool {
        self != Self::ImplicitLittle
    }

    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::ExplicitBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        }
    }

    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::ExplicitBig => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        }
    }

    /// What the first element shows: some senders write another layout than the transfer syntax that
    /// they negotiated. Big endian is never guessed.
    pub fn observed(self, first_eight: &[u8; 8]) -> Self {
        let [_, _, _, _, v0, v1, l0, l1] = *first_eight;
        let explicit = crate::dataset::Vr([v0, v1]).looks_valid();
        match self {
            Self::ExplicitBig => self,
            Self::ExplicitLittle if !explicit => Self::ImplicitLittle,
            // Read as implicit, two letters would be a length of at least 0x4141 with these high bytes.
            Self::ImplicitLittle if explicit && [l0, l1] != [0, 0] => Self::ExplicitLittle,
            _ => self,
        }
    }
}
