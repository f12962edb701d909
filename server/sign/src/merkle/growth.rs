//! A tree only grew: the earlier root and the later one are of the same leaves, as far as the earlier goes
//! (consistency proof of RFC 6962).

use super::{Frontier, Hash, node};
use std::ops::Range;

/// Makes the proof in one pass over the leaves of the later tree.
#[derive(Debug)]
pub struct GrowthProver {
    at: u64,
    parts: Vec<(Range<u64>, Frontier)>,
    /// In the order of the proof, places in `parts`.
    order: Vec<usize>,
}

impl GrowthProver {
    /// From the first `earlier` leaves to `later`; `None` when nothing can be proven of them.
    pub fn between(earlier: u64, later: u64) -> Option<Self> {
        if earlier == 0 || earlier > later {
            return None;
        }
        let mut ranges = Vec::new();
        subproof(earlier, 0..later, true, &mut ranges);
        let mut order: Vec<usize> = (0..ranges.len()).collect();
        order.sort_by_key(|place| ranges.get(*place).map(|range: &Range<u64>| range.start));
        let mut place_of = vec![0; order.len()];
        for (sorted, proof) in order.iter().enumerate() {
            if let Some(place) = place_of.get_mut(*proof) {
                *place = sorted;
            }
        }
        ranges.sort_by_key(|range| range.start);
        let parts = ranges.into_iter().map(|range| (range, Frontier::default())).collect();
        Some(Self { at: 0, parts, order: place_of })
    }

    /// The next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let at = self.at;
        if let Some((_, part)) = self.parts.iter_mut().find(|(range, _)| range.contains(&at)) {
            part.push(leaf);
        }
        self.at = at.saturating_add(1);
    }

    /// The hashes of the proof.
    pub fn finish(self) -> Vec<Hash> {
        let roots: Vec<Hash> = self.parts.iter().map(|(_, part)| part.root()).collect();
        self.order.iter().filter_map(|place| roots.get(*place).copied()).collect()
    }
}

/// SUBPROOF of RFC 6962, as the ranges of leaves whose roots it names.
fn subproof(earlier: u64, leaves: Range<u64>, whole: bool, found: &mut Vec<Range<u64>>) {
    let count = leaves.end.saturating_sub(leaves.start);
    if earlier == count {
        if !whole {
            found.push(leaves);
        }
        return;
    }
    let half = largest_power_below(count);
    let middle = leaves.start.saturating_add(half);
    if earlier <= half {
        subproof(earlier, leaves.start..middle, whole, found);
        found.push(middle..leaves.end);
    } else {
        subproof(earlier.saturating_sub(half), middle..leaves.end, false, found);
        found.push(leaves.start..middle);
    }
}

fn largest_power_below(count: u64) -> u64 {
    1_u64.checked_shl(count.saturating_sub(1).checked_ilog2().unwrap_or(0)).unwrap_or(1)
}

/// The tree of `later` leaves under `new` begins with the one of `earlier` leaves under `old` (RFC 9162, 2.1.4.2).
pub fn grew(old: (&Hash, u64), new: (&Hash, u64), proof: &[Hash]) -> bool {
    let ((old, earlier), (new, later)) = (old, new);
    if earlier == later {
        return old == new && proof.is_empty();
    }
    if earlier == 0 || earlier > later || proof.len() > super::LONGEST.saturating_mul(2) {
        return false;
    }
    let mut hashes = proof.iter();
    let first = if earlier.is_power_of_two() { Some(old) } else { hashes.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (earlier.saturating_sub(1), later.saturating_sub(1));
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut of_old, mut of_new) = (*first, *first);
    for beside in hashes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            of_old = node(beside, &of_old);
            of_new = node(beside, &of_new);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            of_new = node(&of_new, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && of_old == *old && of_new == *new
}
