//! DICOM on the wire as pure functions: bytes in; *need more*, a value, or an error out.
//!
//! - [`pdu`]: the upper layer of PS3.8, read piece by piece so that a P-DATA value is never held whole.
//! - [`Assembler`]: fragments to messages; the command is small and kept, the dataset only passes through.
//! - [`CommandSet`], [`Request`], [`Response`], [`Status`]: the command group of PS3.7.
//! - [`dataset`]: walking, reading and writing datasets of PS3.5 without believing a declared length.
//!
//! No sockets, no clock, no randomness here. Nothing allocates by a length that a peer declared: memory
//! grows only with bytes that have arrived, up to the limits stated at each reader.

mod ae_title;
mod assembler;
mod command;
mod cursor;
pub mod dataset;
pub mod pdu;
mod request;
mod response;
mod status;
mod uid;

pub use ae_title::AeTitle;
pub use assembler::{Assembler, AssemblyError, Part};
pub use command::{CommandError, CommandField, CommandSet};
pub use request::{FindRequest, Request, StoreRequest};
pub use response::Response;
pub use status::{Kind, Status};
pub use uid::{BadUid, Uid};
