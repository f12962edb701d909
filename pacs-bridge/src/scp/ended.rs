//! Ways for an association to end early.

use benhan_dimse::AssemblyError;
use benhan_dimse::pdu::{Abort, PduError};
use std::io;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Ended {
    #[error("the peer closed the connection without a release")]
    Closed,
    #[error("the peer aborted")]
    Aborted,
    #[error("nothing, or less than 1 kB/s, came for too long")]
    Idle,
    #[error("the peer does not take its answers")]
    Stalled,
    #[error("the bridge is shutting down")]
    Shutdown,
    #[error("the protocol was broken: {0}")]
    Pdu(#[from] PduError),
    #[error("the protocol was broken: {0}")]
    Assembly(#[from] AssemblyError),
    #[error("the protocol was broken: {0}")]
    Order(&'static str),
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

impl Ended {
    /// What the peer is told, if it still listens.
    pub(crate) fn abort(&self) -> Option<Abort> {
        match self {
            Self::Closed | Self::Aborted | Self::Io(_) | Self::Stalled => None,
            Self::Idle | Self::Shutdown => Some(Abort::USER),
            Self::Pdu(PduError::UnknownType(_)) => Some(Abort { source: UNRECOGNIZED }),
            Self::Order(_) | Self::Assembly(_) => Some(Abort::UNEXPECTED_PDU),
            Self::Pdu(_) => Some(Abort::INVALID_PARAMETER),
        }
    }
}

const UNRECOGNIZED: benhan_dimse::pdu::AbortSource = benhan_dimse::pdu::AbortSource::Provider { reason: 1 };
