//! What devices say on the wire, as pure functions over bytes.
//!
//! Bytes in; *need more*, a value, or a located error out. No sockets, no clock, no panic, whatever the
//! bytes are. What a value means for a patient is not decided here.
#![forbid(unsafe_code)]

pub mod astm;
pub mod bedside;
pub mod charset;
pub mod decimal;
pub mod device_clock;
pub mod dri;
pub mod driver;
mod escape;
pub mod hl7;
pub mod ieee11073;
pub mod intellivue;
pub mod medibus;
pub mod mllp;
mod octets;
mod padding;
pub mod poct1;
pub mod printer;
pub mod query;
pub mod reading;
pub mod recording;
