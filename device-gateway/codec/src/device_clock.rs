//! The time on a device's own clock: a civil time without a zone, for devices tell none.

use std::fmt;

/// What the clock on the device shows. Ordered as time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    milli: u16,
}

const DAY_MILLIS: i64 = 86_400_000;

impl DeviceTime {
    /// A time of the years 1970 to 2199 that the calendar knows; anything else is no time.
    #[must_use]
    pub fn new(date: (u16, u8, u8), time: (u8, u8, u8), milli: u16) -> Option<Self> {
        let ((year, month, day), (hour, minute, second)) = (date, time);
        let sane = (1970..2200).contains(&year) && day >= 1 && day <= days_in(year, month)?;
        let sane = sane && hour < 24 && minute < 60 && second < 60 && milli < 1000;
        sane.then_some(Self { year, month, day, hour, minute, second, milli })
    }

    /// Seconds since 1970-01-01 00:00 of the same clock.
    #[must_use]
    pub fn from_epoch_seconds(seconds: u32) -> Option<Self> {
        Self::from_epoch_millis(i64::from(seconds) * 1000)
    }

    /// This time, so many milliseconds later (or earlier).
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Option<Self> {
        Self::from_epoch_millis(self.epoch_millis().checked_add(millis)?)
    }

    #[must_use]
    pub fn epoch_millis(self) -> i64 {
        let years = i64::from(self.year) - 1;
        // Days before 1 January of the year 1 do not matter: only the difference to 1970 does.
        let before_year = years * 365 + years / 4 - years / 100 + years / 400;
        let before_month: i64 = (1..self.month).filter_map(|month| days_in(self.year, month)).map(i64::from).sum();
        let days = before_year + before_month + i64::from(self.day) - 1 - 719_162;
        let seconds = (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second);
        days * DAY_MILLIS + seconds * 1000 + i64::from(self.milli)
    }

    fn from_epoch_millis(millis: i64) -> Option<Self> {
        let (mut days, of_day) = (millis.div_euclid(DAY_MILLIS), millis.rem_euclid(DAY_MILLIS));
        if !(0..84_006).contains(&days) {
            return None;
        }
        let mut year = 1970;
        while days >= year_length(year) {
            days -= year_length(year);
            year += 1;
        }
        let mut month = 1;
        while days >= i64::from(days_in(year, month)?) {
            days -= i64::from(days_in(year, month)?);
            month += 1;
        }
        let part = |divisor: i64, modulus: i64| u8::try_from(of_day / divisor % modulus).ok();
        let date = (year, month, u8::try_from(days + 1).ok()?);
        let time = (part(3_600_000, 24)?, part(60_000, 60)?, part(1000, 60)?);
        Self::new(date, time, u16::try_from(of_day % 1000).ok()?)
    }
}

impl fmt::Display for DeviceTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, milli } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if *milli > 0 { write!(f, ".{milli:03}") } else { Ok(()) }
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_length(year: u16) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: u16, month: u8) -> Option<u8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap(year) { 29 } else { 28 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_since_1970_are_the_civil_time_that_the_calendar_says() {
        let shown = |seconds| DeviceTime::from_epoch_seconds(seconds).unwrap().to_string();
        assert_eq!(shown(0), "1970-01-01T00:00:00");
        assert_eq!(shown(951_782_399), "2000-02-28T23:59:59");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00");
        assert_eq!(shown(1_767_225_600), "2026-01-01T00:00:00");
        assert_eq!(shown(u32::MAX), "2106-02-07T06:28:15");
    }

    #[test]
    fn what_no_calendar_knows_is_no_time() {
        assert_eq!(DeviceTime::new((2026, 2, 29), (0, 0, 0), 0), None);
        assert_eq!(DeviceTime::new((2024, 13, 1), (0, 0, 0), 0), None);
        assert_eq!(DeviceTime::new((2024, 1, 1), (24, 0, 0), 0), None);
        assert_eq!(DeviceTime::new((1899, 1, 1), (0, 0, 0), 0), None);
        assert!(DeviceTime::new((2024, 2, 29), (23, 59, 59), 999).is_some());
    }

    proptest! {
        #[test]
        fn milliseconds_and_back(millis in 0i64..84_006 * DAY_MILLIS) {
            prop_assert_eq!(DeviceTime::from_epoch_millis(millis).map(DeviceTime::epoch_millis), Some(millis));
        }

        #[test]
        fn later_is_greater(seconds in 0u32..u32::MAX, more in 1i64..1_000_000_000) {
            let time = DeviceTime::from_epoch_seconds(seconds).unwrap();
            let later = time.plus_millis(more).unwrap();
            prop_assert!(later > time);
            prop_assert_eq!(later.epoch_millis() - time.epoch_millis(), more);
        }
    }
}
