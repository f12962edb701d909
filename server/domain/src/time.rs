//! Instants as the record keeps them: microseconds since the epoch, UTC; days and clock times in Vietnam's zone.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// An instant in µs UTC. Arithmetic saturates: a broken device clock must not wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;

impl Instant {
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// `self` − `earlier` in µs.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// RFC 3339 with `Z`; an instant outside jiff's range prints as the epoch.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }

    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    pub fn in_vietnam(self) -> Zoned {
        self.timestamp().to_zoned(vietnam())
    }

    /// The calendar day in Vietnam.
    pub fn day(self) -> Date {
        self.in_vietnam().date()
    }

    /// The same hour so many working days later. Public holidays are not known here, so that a limit is never later than
    /// it should be.
    pub fn working_days_later(self, days: u8) -> Self {
        let (mut at, mut working) = (self, 0_u8);
        while working < days {
            at = at.plus(24 * HOUR);
            if !matches!(at.in_vietnam().weekday(), Weekday::Saturday | Weekday::Sunday) {
                working = working.saturating_add(1);
            }
        }
        at
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// The day of a stay as the ward counts it: the calendar day of admission is the first, whatever the hour.
pub fn day_of_stay(admitted: Instant, until: Instant) -> i64 {
    let days = admitted.day().until(until.day()).map_or(0, |span| i64::from(span.get_days()));
    days.max(0).saturating_add(1)
}

impl From<Timestamp> for Instant {
    fn from(t: Timestamp) -> Self {
        Self(t.as_microsecond())
    }
}

/// Asia/Ho_Chi_Minh has had no daylight saving since 1975; the fixed offset needs no zone database on the box.
pub fn vietnam() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_counts_calendar_days_in_vietnam() {
        let at = |text: &str| Instant::parse(text).expect("valid");
        let evening = at("2026-11-22T23:50:00+07:00");
        assert_eq!(day_of_stay(evening, at("2026-11-22T23:59:00+07:00")), 1);
        assert_eq!(day_of_stay(evening, at("2026-11-23T00:10:00+07:00")), 2, "twenty minutes later is the next day");
        assert_eq!(day_of_stay(evening, at("2027-01-02T12:00:00+07:00")), 42, "across months and years");
        assert_eq!(day_of_stay(evening, at("2026-11-20T12:00:00+07:00")), 1, "a clock set back");
    }

    #[test]
    fn a_day_begins_at_midnight_in_vietnam() {
        let late = Instant::parse("2026-11-21T17:00:00Z").expect("valid");
        assert_eq!(late.day().to_string(), "2026-11-22");
        assert_eq!(Instant::parse(&late.rfc3339()), Some(late));
    }
}
