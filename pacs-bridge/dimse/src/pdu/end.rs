//! How an association is refused or broken off: A-ASSOCIATE-RJ and A-ABORT (PS3.8 §9.3.4, §9.3.8).

use super::{ABORT, ASSOCIATE_RJ};

/// Reasons that the bridge gives, with their result and source (PS3.8 table 9-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectReason {
    NoReasonGiven,
    ApplicationContextNotSupported,
    CallingAeTitleNotRecognized,
    CalledAeTitleNotRecognized,
    ProtocolVersionNotSupported,
    /// Transient: come again later.
    TemporaryCongestion,
    /// Transient: as many associations as allowed.
    LocalLimitExceeded,
}

impl RejectReason {
    /// Result, source, reason.
    const fn bytes(self) -> [u8; 3] {
        match self {
            Self::NoReasonGiven => [1, 1, 1],
            Self::ApplicationContextNotSupported => [1, 1, 2],
            Self::CallingAeTitleNotRecognized => [1, 1, 3],
            Self::CalledAeTitleNotRecognized => [1, 1, 7],
            Self::ProtocolVersionNotSupported => [1, 2, 2],
            Self::TemporaryCongestion => [2, 3, 1],
            Self::LocalLimitExceeded => [2, 3, 2],
        }
    }

    /// A-ASSOCIATE-RJ as bytes.
    pub const fn to_pdu(self) -> [u8; 10] {
        let [result, source, reason] = self.bytes();
        [ASSOCIATE_RJ, 0, 0, 0, 0, 4, 0, result, source, reason]
    }
}

/// A-ASSOCIATE-RJ as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    pub result: u8,
    pub source: u8,
    pub reason: u8,
}

/// Who broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortSource {
    /// The service user: the program above decided so.
    User,
    /// The service provider: the protocol was broken; with its reason (PS3.8 table 9-26).
    Provider { reason: u8 },
}

/// A-ABORT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abort {
    pub source: AbortSource,
}

impl Abort {
    pub const USER: Self = Self { source: AbortSource::User };
    pub const UNEXPECTED_PDU: Self = Self { source: AbortSource::Provider { reason: 2 } };
    pub const INVALID_PARAMETER: Self = Self { source: AbortSource::Provider { reason: 6 } };

    /// A-ABORT as bytes.
    pub const fn to_pdu(self) -> [u8; 10] {
        let (source, reason) = match self.source {
            AbortSource::User => (0, 0),
            AbortSource::Provider { reason } => (2, reason),
        };
        [ABORT, 0, 0, 0, 0, 4, 0, 0, source, reason]
    }
}
