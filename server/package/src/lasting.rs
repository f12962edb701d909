//! What makes a package last: the archive stamps over its signatures, and whom the facility trusted when.

use benhan_sign::archive::{ProvenStamp, Way};
use serde::{Deserialize, Serialize};

/// The `format` of today.
pub const ARCHIVE_FORMAT: &str = "benhan/archive-proofs/1";

/// `dau-thoi-gian-luu-tru.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchiveProofs {
    /// [`ARCHIVE_FORMAT`]
    pub format: String,
    /// Each renews the one before.
    pub stamps: Vec<ProvenStamp>,
    pub signatures: Vec<ProvenSignature>,
}

/// A signature under one of the stamps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvenSignature {
    pub id: String,
    /// Its place in the list, from 0.
    pub stamp: usize,
    pub way: Way,
}

/// A change of whom the facility trusts: a line of `tin-cay.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustRow {
    /// RFC 3339, UTC.
    pub at: String,
    /// found (trusted since before changes were noted), added, removed
    pub change: String,
    pub kind: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    pub subject: String,
    pub reason: String,
}
