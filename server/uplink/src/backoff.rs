//! Exponential back-off with jitter: each failure doubles the wait, up to a longest one.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    pub first: Duration,
    pub longest: Duration,
}

impl Backoff {
    /// The wait after `failures` failures in a row (1 or more), spread by up to a fifth either way.
    pub fn wait(&self, failures: u32, dice: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        let plain = self.first.saturating_mul(1u32 << doublings).min(self.longest);
        let per_mille = u32::try_from(dice % 401).unwrap_or(200) + 800;
        plain.saturating_mul(per_mille) / 1000
    }

    /// No wait is longer.
    pub fn ceiling(&self) -> Duration {
        self.longest.saturating_mul(1200) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_grow_and_stay_within_a_fifth_of_the_longest(failures in 1u32..u32::MAX, dice: u64) {
            let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(300) };
            let wait = backoff.wait(failures, dice);
            prop_assert!(wait >= Duration::from_millis(800));
            prop_assert!(wait <= backoff.ceiling());
        }
    }

    #[test]
    fn each_failure_doubles_the_wait() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(300) };
        let waits: Vec<_> = (1..=4).map(|n| backoff.wait(n, 200).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8]);
    }
}
