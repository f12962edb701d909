//! An account that is used from two places at the same time: two people with one password, until somebody explains it.

use crate::id::UserId;
use crate::time::Instant;

/// An account was used from this address, from the first sign of life to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub user: UserId,
    pub address: String,
    pub first: Instant,
    pub last: Instant,
}

/// Two uses of one account from different addresses, and when both went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    pub one: Use,
    pub other: Use,
    pub from: Instant,
    pub until: Instant,
}

/// Every overlap among `uses`, the latest first, at most `most`. Walking from one terminal to the next is none: the first
/// is no longer used when the second begins to be.
pub fn shared(mut uses: Vec<Use>, most: usize) -> Vec<Shared> {
    uses.sort_by_key(|u| (u.user, u.first));
    let mut found = Vec::new();
    // Of the account that is looked at: what may still go on when the next use begins.
    let mut going_on: Vec<&Use> = Vec::new();
    for next in &uses {
        going_on.retain(|u| u.user == next.user && u.last > next.first);
        for one in going_on.iter().filter(|u| u.address != next.address) {
            let (from, until) = (next.first, one.last.min(next.last));
            found.push(Shared { one: (*one).clone(), other: next.clone(), from, until });
        }
        going_on.push(next);
    }
    found.sort_by_key(|shared| std::cmp::Reverse(shared.from));
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn used(user: u128, address: &str, first: i64, last: i64) -> Use {
        Use { user: UserId(Uuid::from_u128(user)), address: address.into(), first: Instant(first), last: Instant(last) }
    }

    #[test]
    fn two_addresses_at_once_are_told_with_their_times() {
        let found = shared(vec![used(1, "10.0.0.6", 50, 200), used(1, "10.0.0.5", 0, 100)], 10);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].from, found[0].until), (Instant(50), Instant(100)));
        assert_eq!((found[0].one.address.as_str(), found[0].other.address.as_str()), ("10.0.0.5", "10.0.0.6"));
    }

    #[test]
    fn a_single_request_from_elsewhere_is_told_too() {
        let found = shared(vec![used(1, "10.0.0.5", 0, 100), used(1, "10.0.0.6", 50, 50)], 10);
        assert_eq!(found.len(), 1, "a stolen session looks like this");
    }

    #[test]
    fn walking_from_terminal_to_terminal_is_no_sharing() {
        let walked = vec![used(1, "10.0.0.5", 0, 100), used(1, "10.0.0.6", 100, 200), used(1, "10.0.0.5", 300, 400)];
        assert_eq!(shared(walked, 10), []);
        assert_eq!(shared(vec![used(1, "10.0.0.5", 0, 100), used(1, "10.0.0.5", 50, 150)], 10), [], "one address");
        assert_eq!(shared(vec![used(1, "10.0.0.5", 0, 100), used(2, "10.0.0.6", 50, 150)], 10), [], "two people");
    }

    #[test]
    fn a_long_use_meets_each_later_one() {
        let long = vec![used(1, "a", 0, 1_000), used(1, "b", 10, 20), used(1, "c", 30, 40)];
        let found = shared(long, 10);
        assert_eq!(found.iter().map(|s| s.other.address.as_str()).collect::<Vec<_>>(), ["c", "b"], "the latest first");
    }
}
