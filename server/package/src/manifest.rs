//! `manifest.json`: every file of a package with its size and hash, and whose record it is. The facility seals it.

use serde::{Deserialize, Serialize};

pub const FORMAT: &str = "benhan-record-package";
pub const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`FORMAT`]
    pub format: String,
    /// [`VERSION`]
    pub version: u32,
    #[serde(flatten)]
    pub origin: Origin,
    /// In the order of their paths; all but the manifest and its seal.
    pub files: Vec<Listed>,
}

/// Where a package comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The program that made it, with its version.
    pub program: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// The facility's code.
    pub facility: String,
    /// Số vào viện.
    pub record: String,
    /// Mã người bệnh.
    pub patient: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Listed {
    pub path: String,
    pub size: u64,
    pub sha256: String,
}
