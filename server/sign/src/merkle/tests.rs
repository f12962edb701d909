//! Against the tree as the RFC defines it, which is slow and plain.

use super::*;
use proptest::prelude::*;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| sha256(&[&[0], &n.to_be_bytes()])).collect()
}

fn long(count: usize) -> u64 {
    u64::try_from(count).unwrap()
}

/// MTH of RFC 6962.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        many => {
            let half = many.len().next_power_of_two() / 2;
            node(&naive(&many[..half]), &naive(&many[half..]))
        }
    }
}

fn frontier(leaves: &[Hash]) -> Frontier {
    let mut grown = Frontier::default();
    leaves.iter().for_each(|leaf| grown.push(*leaf));
    grown
}

fn growth(leaves: &[Hash], earlier: usize) -> Vec<Hash> {
    let mut prover = GrowthProver::between(long(earlier), long(leaves.len())).unwrap();
    leaves.iter().for_each(|leaf| prover.push(*leaf));
    prover.finish()
}

// Clauses: C46-10.5, CV-III.1.3c
#[test]
fn every_row_of_every_small_tree_is_proven_and_no_other() {
    for count in 1..70 {
        let leaves = leaves(count);
        let root = naive(&leaves);
        let mut prover = InclusionProver::of(0..long(count) + 3);
        leaves.iter().for_each(|leaf| prover.push(*leaf));
        let paths = prover.finish();
        assert_eq!(paths.len(), count, "what never came has no path");
        let count = long(count);
        for ((place, path), leaf) in paths.iter().zip(&leaves) {
            assert!(includes(&root, count, *place, leaf, path), "{place} of {count}");
            assert!(!includes(&root, count, place + 1, leaf, path) || count == 1, "at its own place alone");
            assert!(!includes(&root, count, *place, &root, path) || count == 1);
            assert!(!includes(&root, count, count, leaf, path));
        }
    }
}

proptest! {
    #[test]
    fn a_frontier_taken_up_again_grows_as_if_never_put_away(count in 1_usize..600, more in 0_usize..600) {
        let all = leaves(count + more);
        let first = frontier(&all[..count]);
        prop_assert_eq!(first.root(), naive(&all[..count]));
        let mut again = Frontier::resume(first.size(), &first.peaks(), &first.root()).unwrap();
        all[count..].iter().for_each(|leaf| again.push(*leaf));
        prop_assert_eq!((again.size(), again.root()), (long(count + more), naive(&all)));
        prop_assert!(Frontier::resume(long(count), &first.peaks(), &naive(&[])).is_none());
        prop_assert!(Frontier::resume(long(count), "xyz", &first.root()).is_none());
    }

    // Clauses: C46-10.5
    #[test]
    fn a_tree_that_grew_is_told_from_one_that_was_rewritten(
        count in 1_usize..400, part in any::<prop::sample::Index>(), spoilt in any::<prop::sample::Index>(), bit in 0_usize..256,
    ) {
        let all = leaves(count);
        let earlier = part.index(count) + 1;
        let (old, new) = (naive(&all[..earlier]), naive(&all));
        let proof = growth(&all, earlier);
        prop_assert!(grew((&old, long(earlier)), (&new, long(count)), &proof));
        let mut rewritten = all.clone();
        rewritten[spoilt.index(earlier)][bit / 8] ^= 1 << (bit % 8);
        let (other, its) = (naive(&rewritten), growth(&rewritten, earlier));
        prop_assert!(!grew((&old, long(earlier)), (&other, long(count)), &its));
        prop_assert!(!grew((&old, long(earlier)), (&other, long(count)), &proof));
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let at = spoilt.index(changed.len());
            changed[at][bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!grew((&old, long(earlier)), (&new, long(count)), &changed));
            prop_assert!(!grew((&old, long(earlier)), (&new, long(count)), &proof[1..]));
        }
    }

    #[test]
    fn a_changed_path_proves_nothing(count in 2_usize..400, place in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let all = leaves(count);
        let at = place.index(count);
        let (place, size) = (long(at), long(count));
        let mut prover = InclusionProver::of([place]);
        all.iter().for_each(|leaf| prover.push(*leaf));
        let path = prover.finish().remove(&place).unwrap();
        let (root, leaf) = (naive(&all), all[at]);
        prop_assert!(includes(&root, size, place, &leaf, &path));
        let mut changed = path.clone();
        changed[bit % path.len()][bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!includes(&root, size, place, &leaf, &changed));
        prop_assert!(!includes(&root, size, place, &leaf, &path[1..]));
        let longer = [path, vec![root]].concat();
        prop_assert!(!includes(&root, size, place, &leaf, &longer));
    }

    #[test]
    fn no_claim_makes_the_verifier_fall(size in any::<u64>(), place in any::<u64>(), hashes in prop::collection::vec(any::<Hash>(), 0..140)) {
        let root = sha256(&[]);
        prop_assert!(!includes(&root, size, place, &[0; 32], &hashes));
        prop_assert!(!grew((&root, size.saturating_sub(1)), (&[1; 32], size), &hashes));
    }
}
