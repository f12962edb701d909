//! Instants as the record keeps them: microseconds since the epoch, UTC; days and clock times in Vietnam's zone.

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
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

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
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
    fn a_day_begins_at_midnight_in_vietnam() {
        let late = Instant::parse("2026-11-21T17:00:00Z").expect("valid");
        assert_eq!(late.day().to_string(), "2026-11-22");
        assert_eq!(Instant::parse(&late.rfc3339()), Some(late));
    }
}
