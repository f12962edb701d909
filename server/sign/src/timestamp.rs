//! Time stamps (RFC 3161): an authority's word, under its own key, that bytes existed at an instant.
//!
//! A [`StampRequest`] goes out and reads what comes back into a [`Stamp`]; a [`TimestampAuthority`]
//! answers; `judge` is what verifiers ask. No network here: bytes are carried by the caller, and a
//! stamp that is to last is kept with the [`Stamp::evidence`] of its authority.

mod authority;
mod imprint;
mod info;
mod judge;
mod problem;
mod request;
mod response;
mod token;

#[cfg(test)]
mod tests;

pub use authority::TimestampAuthority;
pub use judge::TimeStampReport;
pub(crate) use judge::{Ground, judge, signer_of};
pub use problem::StampProblem;
pub use request::StampRequest;
pub use response::{Failure, ResponseError};
pub use token::Stamp;
