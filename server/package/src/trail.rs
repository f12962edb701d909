//! `nhat-ky/dong.jsonl`: the audit rows of a stay, each with the way to the root that the facility signed.

use benhan_sign::audit_export::Row;
use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvenRow {
    pub row: Row,
    /// Absent where no signed head covers the row yet.
    pub proof: Option<Proof>,
}

/// The row is leaf number `seq` − 1 of the tree that a head signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// The head's file.
    pub head: String,
    /// Hashes beside the way from the row to the root, the lowest first, hexadecimal.
    pub path: Vec<String>,
}
