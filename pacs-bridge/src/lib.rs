//! The PACS bridge: between the modalities of a hospital and its record.
//!
//! Modalities ask it for their worklist and send it images ([`start`]). It keeps every dataset exactly as it
//! came, acknowledges only what is durable, tells the server of each study that has settled, and serves
//! headers and pixels to the server over a small internal HTTP interface. What links a study to a patient,
//! who may see it, and how corrected names are shown are the server's business.
//!
//! - `scp`: associations and the services C-ECHO, C-STORE and worklist C-FIND
//! - `library`: blobs and their journal; the only place that knows diesel
//! - `study`, `worklist`: what goes up to the server and what comes down
//! - `attention`: what waits here for a person
//! - `pixels`: metadata, frames and rendered images; `worker`: decoding, in a process of its own
//! - [`simulate`]: a modality for demonstrations and tests, with another protocol implementation

mod admission;
mod attention;
mod bridge;
mod charset;
mod config;
mod dictionary;
mod disk;
mod library;
mod pixels;
mod scp;
pub mod simulate;
mod study;
mod transfer_syntax;
mod worker;
mod worklist;

pub use admission::BadTitle;
pub use bridge::{Running, StartError, start, start_in};
pub use config::{BridgeConfig, Network, PeerConfig, Right, WorklistCharset};
pub use library::{JournalError, dataset_sha256, write_plain};
pub use worker::decode_worker_main;

/// Identifies this implementation to peers (PS3.7 annex D.3.3.2): a UUID-derived UID (PS3.5 §B.2).
pub(crate) const IMPLEMENTATION_UID: &str = "2.25.206018310277345417870362937455183301571";
pub(crate) const IMPLEMENTATION_VERSION: &str = "BENHAN_01";
