//! Signatures that verify without Benhan: keys and certificates, CMS over canonical bytes, PAdES in
//! PDF files, sealed audit chains, and the verifier that trusts only the anchors it is given.
//!
//! No database, no web, no clock: instants are handed in as µs UTC (`i64`), certificates and
//! revocation lists as bytes. Who may sign what is decided by the callers.
//!
//! Where to read: [`authority`] issues, [`holder`] is where a key is that is not here, [`Evidence::gather`] asks before signing, [`cms`], [`pades`] and
//! [`xades`] sign and verify, [`timestamp`] proves when, [`audit_export`] and [`report`] are what
//! `benhan verify` shows.

mod algorithm;
pub mod archive;
mod asn1;
pub mod audit_export;
pub mod authority;
pub mod certificate;
pub mod cms;
pub mod evidence;
pub mod finding;
pub mod holder;
mod instant;
pub mod key;
pub mod merkle;
pub mod name;
pub mod ocsp;
pub mod pades;
pub mod path;
mod pem;
pub mod problem;
mod randomness;
pub mod report;
pub mod revocation;
pub mod statement;
#[cfg(test)]
mod story;
pub mod timestamp;
pub mod wrapped_key;
pub mod xades;

pub use algorithm::KeyAlgorithm;
pub use authority::Authority;
pub use certificate::{Anchors, Certificate, CertificateError};
pub use cms::{CmsReport, Level, SignError, Signer};
pub use evidence::Evidence;
pub use finding::{Finding, Severity};
pub use holder::{HolderKind, KeyHolder, Trouble};
pub use key::{KeyError, KeyKind, SigningKey};
pub use name::Subject;
pub use ocsp::{OcspAnswer, OcspError, OcspRequest};
pub use problem::CertificateProblem;
pub use report::{Report, Verdict, verify_file};
pub use revocation::{Crl, Proofs};
pub use timestamp::{Stamp, StampRequest, TimestampAuthority};
pub use wrapped_key::{PinCost, ServerKey, UnwrapError, WrappedKey};
