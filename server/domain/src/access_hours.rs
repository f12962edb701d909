//! The hours in which people may use the program (khung giờ được phép): windows of the week, with some grace at their end.
//!
//! Set for a role, or for one account in place of its role's. Where nothing is set, every hour is one.

use crate::time::{Instant, MINUTE};
use jiff::ToSpan;
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};

const DAY_MINUTES: u16 = 24 * 60;
/// More than three a day are a mistake.
const MOST_WINDOWS: usize = 21;
const MOST_GRACE: u16 = 120;

/// On one weekday from one clock time to another, in minutes since midnight in Vietnam. One that ends at or before its
/// beginning ends on the next day: the night shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: i8,
    pub from: u16,
    pub to: u16,
}

/// A week of windows. Without any, never.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hours {
    pub windows: Vec<Window>,
    /// Whoever is in when a window ends may finish within so many minutes.
    pub grace_minutes: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHours {
    #[error("Thêm ít nhất một khung giờ, nhiều nhất 21 khung")]
    Windows,
    #[error("Khung giờ có thứ từ 1 (thứ Hai) đến 7 (Chủ nhật), giờ từ 00:00 đến 24:00")]
    Clock,
    #[error("Thời gian chờ sau khung giờ tối đa 120 phút")]
    Grace,
}

/// How an hour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Inside,
    /// A window has just ended: who is in finishes, nobody comes in. With the next beginning of a window, as the other.
    Grace(Instant),
    Outside(Instant),
}

impl Hours {
    /// The whole week.
    pub fn every() -> Self {
        Self {
            windows: (1..=7).map(|weekday| Window { weekday, from: 0, to: DAY_MINUTES }).collect(),
            grace_minutes: 0,
        }
    }

    pub fn check(self) -> Result<Self, NotHours> {
        if self.windows.is_empty() || self.windows.len() > MOST_WINDOWS {
            return Err(NotHours::Windows);
        }
        let of_the_clock = |w: &Window| (1..=7).contains(&w.weekday) && w.from < DAY_MINUTES && w.to <= DAY_MINUTES;
        if !self.windows.iter().all(of_the_clock) {
            return Err(NotHours::Clock);
        }
        if self.grace_minutes > MOST_GRACE { Err(NotHours::Grace) } else { Ok(self) }
    }

    pub fn at(&self, now: Instant) -> Standing {
        let grace = i64::from(self.grace_minutes).saturating_mul(MINUTE);
        let (mut in_grace, mut next) = (false, None::<Instant>);
        for (from, until) in self.around(now) {
            if from <= now && now < until {
                return Standing::Inside;
            }
            in_grace |= until <= now && now < until.plus(grace);
            if from > now {
                next = Some(next.map_or(from, |known| known.min(from)));
            }
        }
        // `check` asks for a window, and each comes again within the week that is looked at.
        let next = next.unwrap_or(now);
        if in_grace { Standing::Grace(next) } else { Standing::Outside(next) }
    }

    /// The windows of the days from two before `now` to eight after it.
    fn around(&self, now: Instant) -> impl Iterator<Item = (Instant, Instant)> + '_ {
        let today = now.day();
        (-2_i32..=8).flat_map(move |ahead| {
            let day = today.checked_add(ahead.days()).unwrap_or(today);
            let of_day = self.windows.iter().filter(move |w| w.weekday == day.weekday().to_monday_one_offset());
            of_day.filter_map(move |w| {
                let midnight = day.to_zoned(crate::time::vietnam()).ok()?.timestamp();
                let length = match w.to.checked_sub(w.from) {
                    Some(minutes) if minutes > 0 => minutes,
                    _ => DAY_MINUTES.saturating_sub(w.from).saturating_add(w.to),
                };
                let from = Instant::from(midnight).plus(i64::from(w.from).saturating_mul(MINUTE));
                Some((from, from.plus(i64::from(length).saturating_mul(MINUTE))))
            })
        })
    }
}

/// "07:00 thứ Hai 30/11/2026", for the sentence that sends somebody away.
pub fn told(at: Instant) -> String {
    let at = at.in_vietnam();
    let day = match at.weekday() {
        Weekday::Monday => "thứ Hai",
        Weekday::Tuesday => "thứ Ba",
        Weekday::Wednesday => "thứ Tư",
        Weekday::Thursday => "thứ Năm",
        Weekday::Friday => "thứ Sáu",
        Weekday::Saturday => "thứ Bảy",
        Weekday::Sunday => "Chủ nhật",
    };
    format!("{:02}:{:02} {day} {:02}/{:02}/{}", at.hour(), at.minute(), at.day(), at.month(), at.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("{text}:00+07:00")).expect("an instant")
    }

    /// 2026-11-30 is a Monday.
    fn office() -> Hours {
        let windows = (1..=5).map(|weekday| Window { weekday, from: 7 * 60, to: 17 * 60 }).collect();
        Hours { windows, grace_minutes: 15 }.check().expect("hours")
    }

    #[test]
    fn an_office_week_opens_and_closes() {
        let office = office();
        assert_eq!(office.at(at("2026-11-30T06:59")), Standing::Outside(at("2026-11-30T07:00")));
        assert_eq!(office.at(at("2026-11-30T07:00")), Standing::Inside);
        assert_eq!(office.at(at("2026-11-30T16:59")), Standing::Inside);
        assert_eq!(office.at(at("2026-11-30T17:14")), Standing::Grace(at("2026-12-01T07:00")), "who is in may finish");
        assert_eq!(office.at(at("2026-11-30T17:15")), Standing::Outside(at("2026-12-01T07:00")));
        assert_eq!(office.at(at("2026-12-05T09:00")), Standing::Outside(at("2026-12-07T07:00")), "over the weekend");
        assert_eq!(told(at("2026-11-30T07:00")), "07:00 thứ Hai 30/11/2026");
    }

    #[test]
    fn a_night_shift_goes_on_after_midnight() {
        let night = Hours { windows: vec![Window { weekday: 7, from: 22 * 60, to: 6 * 60 }], grace_minutes: 0 };
        assert_eq!(night.at(at("2026-11-29T23:00")), Standing::Inside, "Sunday evening");
        assert_eq!(night.at(at("2026-11-30T05:59")), Standing::Inside, "Monday morning");
        assert_eq!(night.at(at("2026-11-30T06:00")), Standing::Outside(at("2026-12-06T22:00")));
    }

    #[test]
    fn a_whole_day_is_from_midnight_to_midnight() {
        let always = Hours::every();
        assert_eq!(always.clone().check().as_ref(), Ok(&always));
        assert_eq!(always.at(at("2026-11-30T23:59")), Standing::Inside);
        assert_eq!(always.at(at("2026-12-01T00:00")), Standing::Inside);
    }

    #[test]
    fn what_is_no_week_is_refused() {
        let one = |weekday, from, to| Hours { windows: vec![Window { weekday, from, to }], grace_minutes: 0 }.check();
        assert_eq!(one(0, 0, 60), Err(NotHours::Clock));
        assert_eq!(one(8, 0, 60), Err(NotHours::Clock));
        assert_eq!(one(1, 1_440, 60), Err(NotHours::Clock));
        assert_eq!(one(1, 0, 1_441), Err(NotHours::Clock));
        assert_eq!(Hours { windows: vec![], grace_minutes: 0 }.check(), Err(NotHours::Windows));
        assert_eq!(Hours { grace_minutes: 121, ..office() }.check(), Err(NotHours::Grace));
    }
}
