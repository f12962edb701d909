//! A row is in the tree: the hashes beside its way to the root.

use super::{Hash, node};
use std::collections::BTreeMap;

/// Makes the paths of some leaves in one pass over all, with nothing kept of the others.
#[derive(Debug, Default)]
pub struct InclusionProver {
    size: u64,
    peaks: Vec<Peak>,
    paths: BTreeMap<u64, Vec<Hash>>,
}

#[derive(Debug)]
struct Peak {
    root: Hash,
    /// The wanted leaves below it.
    below: Vec<u64>,
}

impl InclusionProver {
    /// For the leaves at these places.
    pub fn of(wanted: impl IntoIterator<Item = u64>) -> Self {
        Self { paths: wanted.into_iter().map(|place| (place, Vec::new())).collect(), ..Self::default() }
    }

    /// The next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let below = if self.paths.contains_key(&self.size) { vec![self.size] } else { Vec::new() };
        let (mut right, mut size) = (Peak { root: leaf, below }, self.size);
        while size & 1 == 1 {
            if let Some(left) = self.peaks.pop() {
                right = self.joined(left, right);
            }
            size >>= 1;
        }
        self.peaks.push(right);
        self.size = self.size.saturating_add(1);
    }

    fn joined(&mut self, mut left: Peak, right: Peak) -> Peak {
        for (places, beside) in [(&left.below, right.root), (&right.below, left.root)] {
            for place in places {
                self.paths.entry(*place).or_default().push(beside);
            }
        }
        left.below.extend(right.below);
        Peak { root: node(&left.root, &right.root), below: left.below }
    }

    /// The path of each leaf that was wanted and came, from the leaf upwards.
    pub fn finish(mut self) -> BTreeMap<u64, Vec<Hash>> {
        while let Some(right) = self.peaks.pop() {
            let Some(left) = self.peaks.pop() else { break };
            let joined = self.joined(left, right);
            self.peaks.push(joined);
        }
        let size = self.size;
        self.paths.retain(|place, _| *place < size);
        self.paths
    }
}

/// The leaf at `place` is in the tree of `size` leaves under `root` (RFC 9162, 2.1.3.2).
pub fn includes(root: &Hash, size: u64, place: u64, leaf: &Hash, path: &[Hash]) -> bool {
    if place >= size || path.len() > super::LONGEST {
        return false;
    }
    let (mut at, mut last, mut hash) = (place, size.saturating_sub(1), *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}
