//! Upper layer protocol data units (PS3.8 §9.3).

mod associate;
mod end;
mod reader;
mod writer;

pub use associate::{AcceptedContext, AssociateAc, AssociateRq, ContextResult, MAX_CONTEXTS, ProposedContext};
pub use end::{Abort, AbortSource, Reject, RejectReason};
pub use reader::{Event, Fragment, Limits, Pdu, PduError, Reader};
pub use writer::write_message;

pub(crate) const ASSOCIATE_RQ: u8 = 0x01;
pub(crate) const ASSOCIATE_AC: u8 = 0x02;
pub(crate) const ASSOCIATE_RJ: u8 = 0x03;
pub(crate) const P_DATA_TF: u8 = 0x04;
pub(crate) const RELEASE_RQ: u8 = 0x05;
pub(crate) const RELEASE_RP: u8 = 0x06;
pub(crate) const ABORT: u8 = 0x07;

/// A-RELEASE-RQ as bytes.
pub const RELEASE_REQUEST: [u8; 10] = [RELEASE_RQ, 0, 0, 0, 0, 4, 0, 0, 0, 0];
/// A-RELEASE-RP as bytes.
pub const RELEASE_REPLY: [u8; 10] = [RELEASE_RP, 0, 0, 0, 0, 4, 0, 0, 0, 0];
