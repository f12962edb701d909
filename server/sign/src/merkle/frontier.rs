//! The right edge of a growing tree: what has to be kept of it to go on, a hash for each bit of its size.

use super::{Hash, node};
use crate::algorithm::sha256;

/// Roots of the perfect trees that the leaves so far make up, the largest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Takes up an edge that was put away as [`Frontier::peaks`]; `None` when it is not the edge of a tree of this size
    /// with this root.
    pub fn resume(size: u64, peaks: &str, root: &Hash) -> Option<Self> {
        let split = peaks.split(' ').filter(|text| !text.is_empty()).take(super::LONGEST.saturating_add(1));
        let peaks = split.map(|text| {
            let mut peak = [0; 32];
            hex::decode_to_slice(text, &mut peak).ok().map(|()| peak)
        });
        let found = Self { size, peaks: peaks.collect::<Option<_>>()? };
        let fits = u32::try_from(found.peaks.len()).is_ok_and(|count| count == size.count_ones());
        (fits && found.root() == *root).then_some(found)
    }

    /// The next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let (mut carried, mut size) = (leaf, self.size);
        while size & 1 == 1 {
            carried = self.peaks.pop().map_or(carried, |left| node(&left, &carried));
            size >>= 1;
        }
        self.peaks.push(carried);
        self.size = self.size.saturating_add(1);
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all of them.
    pub fn root(&self) -> Hash {
        let over = |root: Option<Hash>, left: &Hash| Some(root.map_or(*left, |right| node(left, &right)));
        self.peaks.iter().rev().fold(None, over).unwrap_or_else(|| sha256(&[]))
    }

    /// The edge as text, to be taken up again.
    pub fn peaks(&self) -> String {
        self.peaks.iter().map(hex::encode).collect::<Vec<_>>().join(" ")
    }
}
