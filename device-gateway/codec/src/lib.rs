//! What devices say on the wire, as pure functions over bytes.
//!
//! Bytes in; *need more*, a value, or a located error out. No sockets, no clock, no panic, whatever the
//! bytes are. What a value means for a patient is not decided here.
#![forbid(unsafe_code)]

pub mod astm;
pub mod charset;
mod escape;
pub mod hl7;
pub mod ieee11073;
pub mod mllp;
mod padding;
pub mod query;
