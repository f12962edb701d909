//! The Merkle tree of RFC 6962 over one audit chain: proof of a single row without the others.
//!
//! A row's hash, SHA-256(0x00 ‖ hash of the row before ‖ body), is a leaf's hash of that RFC as it stands, with
//! «hash of the row before ‖ body» for the leaf's data: nothing is hashed a second time. A node is
//! SHA-256(0x01 ‖ left ‖ right). Leaves are counted from 0, rows from 1.

mod frontier;
mod growth;
mod inclusion;

pub use frontier::Frontier;
pub use growth::{GrowthProver, grew};
pub use inclusion::{InclusionProver, includes};

use crate::algorithm::sha256;

/// SHA-256.
pub type Hash = [u8; 32];

/// Longer than the path of any tree whose size a `u64` holds.
const LONGEST: usize = 64;

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

#[cfg(test)]
mod tests;
