//! An account that is used from two places at the same time: two people with one password, until somebody explains it.

use crate::id::{SessionId, UserId};
use crate::time::Instant;
use std::collections::BTreeMap;

/// An account was used from this address without a pause, from the first sign of life to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    pub user: UserId,
    pub session: SessionId,
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

/// Every overlap among `uses`, the latest first, at most `most`. Walking to the next terminal and back is none: what stays
/// open is not used meanwhile. One session belongs to one browser, so there a pause counts for nothing: an address that
/// comes between two uses of another is a second browser.
pub fn shared(uses: Vec<Use>, most: usize) -> Vec<Shared> {
    let mut spans: BTreeMap<(SessionId, String), Use> = BTreeMap::new();
    for u in &uses {
        let span = spans.entry((u.session, u.address.clone())).or_insert_with(|| u.clone());
        (span.first, span.last) = (span.first.min(u.first), span.last.max(u.last));
    }
    let mut found = overlaps(spans.into_values().collect(), |one, other| one.session == other.session);
    found.extend(overlaps(uses, |one, other| one.session != other.session));
    found.sort_by_key(|shared| std::cmp::Reverse(shared.from));
    found.truncate(most);
    found
}

fn overlaps(mut uses: Vec<Use>, count: impl Fn(&Use, &Use) -> bool) -> Vec<Shared> {
    uses.sort_by_key(|u| (u.user, u.first));
    let mut found = Vec::new();
    // Of the account that is looked at: what may still go on when the next use begins.
    let mut going_on: Vec<&Use> = Vec::new();
    for next in &uses {
        going_on.retain(|u| u.user == next.user && u.last > next.first);
        for one in going_on.iter().filter(|u| u.address != next.address && count(u, next)) {
            let (from, until) = (next.first, one.last.min(next.last));
            found.push(Shared { one: (*one).clone(), other: next.clone(), from, until });
        }
        going_on.push(next);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// Each in a session of its own.
    fn used(user: u128, address: &str, first: i64, last: i64) -> Use {
        let session = SessionId(Uuid::from_u128(1_000_000 + u128::try_from(first).unwrap()));
        let (first, last) = (Instant(first), Instant(last));
        Use { user: UserId(Uuid::from_u128(user)), session, address: address.into(), first, last }
    }

    fn in_session(session: u128, used: Use) -> Use {
        Use { session: SessionId(Uuid::from_u128(session)), ..used }
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
    fn a_terminal_that_stays_open_while_its_user_is_at_another_is_no_sharing() {
        let ward = |first, last| in_session(7, used(1, "10.0.0.5", first, last));
        assert_eq!(shared(vec![ward(0, 100), used(1, "10.0.0.6", 110, 190), ward(200, 300)], 10), []);
    }

    #[test]
    fn one_session_in_two_places_by_turns_is_told() {
        let turn = |address, at| in_session(7, used(1, address, at, at));
        let found = shared(vec![turn("10.0.0.5", 0), turn("10.0.0.6", 500), turn("10.0.0.5", 1_000)], 10);
        assert_eq!(found.len(), 1, "a browser is in one place");
        assert_eq!((found[0].from, found[0].until), (Instant(500), Instant(500)));
    }

    #[test]
    fn a_long_use_meets_each_later_one() {
        let long = vec![used(1, "a", 0, 1_000), used(1, "b", 10, 20), used(1, "c", 30, 40)];
        let found = shared(long, 10);
        assert_eq!(found.iter().map(|s| s.other.address.as_str()).collect::<Vec<_>>(), ["c", "b"], "the latest first");
    }
}
