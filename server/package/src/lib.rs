//! A record that proves itself: one stay as a ZIP file, with everything that somebody needs who has neither our server
//! nor its keys nor a network.
//!
//! [`Writer`] packs what the server hands it and lists every file with its hash in a manifest, which the facility seals.
//! [`verify()`] reads such a file as a stranger's: the container strictly, then the seal, every hash, every signature over
//! its body, every PDF, each audit row's place in its signed tree, and that the exchange files say what the bodies say.
//! Where the files lie, [`names`] says; what is in them that nobody signed, [`Facts`].

mod archive;
pub mod exchange;
mod facts;
mod finding;
mod lasting;
mod manifest;
pub mod names;
mod readme;
mod report;
mod trail;
mod verify;
mod writer;

pub use archive::is_zip;
pub use facts::{
    Bed, Entry, EntryKind, FACTS_FORMAT, Facility, Facts, Order, PATIENT_SIGNATURE_FORMAT, Patient, Person, RulesFacts,
    SignatureFacts, Stay, Ward,
};
pub use finding::{Finding, Placed, Refusal};
pub use lasting::{ARCHIVE_FORMAT, ArchiveProofs, ProvenSignature, TrustRow};
pub use manifest::{FORMAT, Manifest, Origin, VERSION};
pub use readme::readme;
pub use report::Report;
pub use trail::{Proof, ProvenRow};
pub use verify::verify;
pub use writer::{PackError, Writer};
