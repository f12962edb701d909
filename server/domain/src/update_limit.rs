//! How soon an act must be in the record: 12 hours after it was ordered or done, 24 where an IT incident came between
//! (Circular 46/2018, article 5). Both are counted from the act; the circular does not say where the 24 begin.
//!
//! Deliberately absent: an act that itself lasts longer than 12 hours, which has 24 too. No entry has a duration yet.

use crate::id::{ItIncidentId, WardId};
use crate::it_incident::Outage;
use crate::time::{HOUR, Instant};

/// Where nothing came between.
pub const PLAIN_HOURS: i64 = 12;
/// Where an incident did.
pub const EXTENDED_HOURS: i64 = 24;

/// What a person writes under a time of its own. An order is dated by the server, so it is never late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Vitals,
    Note,
    Form,
}

impl EntryKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vitals => "vitals",
            Self::Note => "note",
            Self::Form => "form",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Vitals, Self::Note, Self::Form].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The limit that holds for an entry, and whether it was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub limit_hours: i64,
    /// What extends the limit.
    pub incident: Option<ItIncidentId>,
    pub late: bool,
}

/// On time whatever else happened: nearly every entry is, and nothing more is asked about it.
pub fn is_prompt(happened: Instant, recorded: Instant) -> bool {
    recorded.since(happened) <= PLAIN_HOURS.saturating_mul(HOUR)
}

/// Judges an entry by the incidents that are declared; of several that extend its limit the one that began first.
pub fn judge(happened: Instant, recorded: Instant, ward: WardId, declared: &[Outage]) -> Judgement {
    let extends = |outage: &&Outage| {
        let (from, until) = reach(outage);
        outage.affected.includes(ward) && from <= happened && until.is_none_or(|until| happened <= until)
    };
    let first = declared.iter().filter(extends).min_by_key(|outage| outage.started);
    judged(happened, recorded, first.map(|outage| outage.id))
}

/// The same when it is known what extends the limit.
pub fn judged(happened: Instant, recorded: Instant, incident: Option<ItIncidentId>) -> Judgement {
    let limit_hours = if incident.is_some() { EXTENDED_HOURS } else { PLAIN_HOURS };
    Judgement { limit_hours, incident, late: recorded.since(happened) > limit_hours.saturating_mul(HOUR) }
}

/// Acts of these times have the longer limit: those whose twelve hours the outage touches.
pub fn reach(outage: &Outage) -> (Instant, Option<Instant>) {
    (outage.started.plus(-PLAIN_HOURS.saturating_mul(HOUR)), outage.ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::it_incident::Affected;
    use crate::time::MINUTE;
    use proptest::prelude::*;
    use uuid::Uuid;

    const A: WardId = WardId(Uuid::from_u128(1));
    const B: WardId = WardId(Uuid::from_u128(2));

    fn at(clock: &str) -> Instant {
        Instant::parse(&format!("2026-11-{clock}:00+07:00")).expect("a time")
    }

    fn outage(number: u128, affected: Affected, started: Instant, ended: Option<Instant>) -> Outage {
        Outage { id: ItIncidentId(Uuid::from_u128(number)), affected, started, ended }
    }

    // Clauses: C46-5.b
    #[test]
    fn twelve_hours_to_the_minute_are_in_time_and_one_more_is_late() {
        let ordered = at("22T08:00");
        for (recorded, late) in [("22T08:00", false), ("22T19:59", false), ("22T20:00", false), ("22T20:01", true)] {
            let found = judge(ordered, at(recorded), A, &[]);
            assert_eq!(found, Judgement { limit_hours: 12, incident: None, late }, "{recorded}");
            assert_eq!(is_prompt(ordered, at(recorded)), !late);
        }
        assert!(!judge(ordered, at("22T07:58"), A, &[]).late, "a clock that runs ahead");
    }

    // Clauses: C46-5.c
    #[test]
    fn an_incident_of_the_ward_gives_a_day_and_no_more() {
        let night = outage(1, Affected::Ward(A), at("22T02:00"), Some(at("22T05:00")));
        let ordered = at("22T01:00");
        for (recorded, late) in [("23T00:30", false), ("23T01:00", false), ("23T01:01", true)] {
            let found = judge(ordered, at(recorded), A, &[night]);
            assert_eq!(found, Judgement { limit_hours: 24, incident: Some(night.id), late }, "{recorded}");
        }
        let elsewhere = judge(ordered, at("23T00:30"), B, &[night]);
        assert_eq!(elsewhere, Judgement { limit_hours: 12, incident: None, late: true });
        let house = outage(2, Affected::Facility, night.started, None);
        assert_eq!(judge(ordered, at("23T00:30"), B, &[night, house]).incident, Some(house.id));
    }

    // Clauses: C46-5.c
    #[test]
    fn an_incident_counts_from_twelve_hours_before_it_until_it_ends() {
        let night = outage(1, Affected::Ward(A), at("22T14:00"), Some(at("22T15:00")));
        for (happened, extends) in
            [("22T01:59", false), ("22T02:00", true), ("22T14:30", true), ("22T15:00", true), ("22T15:01", false)]
        {
            let found = judge(at(happened), at(happened).plus(13 * HOUR), A, &[night]);
            assert_eq!((found.incident.is_some(), found.late), (extends, !extends), "{happened}");
        }
    }

    proptest! {
        #[test]
        fn the_verdict_is_what_the_law_says_of_overlap_and_delay(
            happened in -500_000i64..500_000, delay in -10i64..3_000, here: bool,
            begun in -500_000i64..500_000, lasted in proptest::option::of(1i64..3_000),
        ) {
            let minute = |n: i64| Instant(n * MINUTE);
            let affected = if here { Affected::Facility } else { Affected::Ward(B) };
            // Near enough to matter, as often as not.
            let begun = happened + begun % 2_000;
            let one = outage(1, affected, minute(begun), lasted.map(|n| minute(begun + n)));
            let found = judge(minute(happened), minute(happened + delay), A, &[one]);
            let overlaps = begun <= happened + 720 && lasted.is_none_or(|n| begun + n >= happened);
            prop_assert_eq!(found.incident.is_some(), here && overlaps);
            prop_assert_eq!(found.late, delay > if here && overlaps { 1_440 } else { 720 });
        }

        #[test]
        fn an_incident_never_makes_an_entry_late(happened: i64, recorded: i64, begun: i64, ended: Option<i64>) {
            let one = outage(1, Affected::Ward(A), Instant(begun), ended.map(Instant));
            let (happened, recorded) = (Instant(happened), Instant(recorded));
            let (without, with) = (judge(happened, recorded, A, &[]), judge(happened, recorded, A, &[one]));
            prop_assert!(without.late || !with.late);
            prop_assert_eq!(judged(happened, recorded, with.incident), with);
            prop_assert!(!is_prompt(happened, recorded) || !with.late);
        }

        #[test]
        fn of_several_incidents_the_order_of_declaring_changes_nothing(
            times in proptest::collection::vec((-3_000i64..3_000, 1i64..3_000), 0..6), delay in 0i64..3_000,
        ) {
            let minute = |n: i64| Instant(n * MINUTE);
            let mut declared: Vec<Outage> = times
                .iter()
                .zip(1u128..)
                .map(|((begun, n), number)| outage(number, Affected::Ward(A), minute(*begun), Some(minute(begun + n))))
                .collect();
            let first = judge(minute(0), minute(delay), A, &declared);
            declared.reverse();
            let second = judge(minute(0), minute(delay), A, &declared);
            prop_assert_eq!((first.limit_hours, first.late), (second.limit_hours, second.late));
        }
    }
}
