//! Status codes of PS3.7 annex C and PS3.4, by the names that the standard gives them.

/// What the bridge answers, each with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Success,
    /// C-FIND: a match follows, all optional keys were considered.
    Pending,
    /// C-FIND: a match follows, some optional keys were not supported.
    PendingUnsupportedKeys,
    /// C-FIND ended by C-CANCEL.
    Cancel,
    /// C-STORE warning: stored, though not (only) as sent; here: kept apart for a person to decide.
    CoercionOfDataElements,
    ProcessingFailure,
    NoSuchSopClass,
    InvalidSopInstance,
    SopClassNotSupported,
    NotAuthorized,
    UnrecognizedOperation,
    MistypedArgument,
    OutOfResources,
    /// C-STORE: the dataset does not match the SOP class or instance of the command. C-FIND: the
    /// identifier does not match the SOP class.
    DataSetDoesNotMatchSopClass,
    CannotUnderstand,
    UnableToProcess,
}

/// The five kinds of PS3.7 annex C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Success,
    Pending,
    Cancel,
    Warning,
    Failure,
}

impl Status {
    /// All of them, for tests and tables.
    pub const ALL: [Self; 16] = [
        Self::Success,
        Self::Pending,
        Self::PendingUnsupportedKeys,
        Self::Cancel,
        Self::CoercionOfDataElements,
        Self::ProcessingFailure,
        Self::NoSuchSopClass,
        Self::InvalidSopInstance,
        Self::SopClassNotSupported,
        Self::NotAuthorized,
        Self::UnrecognizedOperation,
        Self::MistypedArgument,
        Self::OutOfResources,
        Self::DataSetDoesNotMatchSopClass,
        Self::CannotUnderstand,
        Self::UnableToProcess,
    ];

    /// (0000,0900).
    pub const fn code(self) -> u16 {
        match self {
            Self::Success => 0x0000,
            Self::Pending => 0xFF00,
            Self::PendingUnsupportedKeys => 0xFF01,
            Self::Cancel => 0xFE00,
            Self::CoercionOfDataElements => 0xB000,
            Self::ProcessingFailure => 0x0110,
            Self::NoSuchSopClass => 0x0118,
            Self::InvalidSopInstance => 0x0117,
            Self::SopClassNotSupported => 0x0122,
            Self::NotAuthorized => 0x0124,
            Self::UnrecognizedOperation => 0x0211,
            Self::MistypedArgument => 0x0212,
            Self::OutOfResources => 0xA700,
            Self::DataSetDoesNotMatchSopClass => 0xA900,
            Self::CannotUnderstand => 0xC000,
            Self::UnableToProcess => 0xC001,
        }
    }

    pub const fn kind(self) -> Kind {
        match self.code() {
            0x0000 => Kind::Success,
            0xFF00 | 0xFF01 => Kind::Pending,
            0xFE00 => Kind::Cancel,
            0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF => Kind::Warning,
            _ => Kind::Failure,
        }
    }

    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_names_one_status() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
        assert_eq!(Status::CoercionOfDataElements.kind(), Kind::Warning);
        assert_eq!(Status::OutOfResources.kind(), Kind::Failure);
    }
}
