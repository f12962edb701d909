//! By when a request of the data subject is answered and done. The days are settings: the decree was read at second hand.

use super::WishKind;
use crate::time::{HOUR, Instant};
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

const DAY: i64 = 24 * HOUR;
/// Longer than any holiday: a list of wrong days must not go on for ever.
const LONGEST: u16 = 60;

/// `[personal_data]` of benhan.toml.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clocks {
    pub answer_working_days: u8,
    /// To withdraw, limit, object.
    pub withdraw_days: u16,
    /// To view, correct, provide.
    pub provide_days: u16,
    pub delete_days: u16,
    pub protect_days: u16,
    /// By how much each may be lengthened, once.
    pub withdraw_more_days: u16,
    pub provide_more_days: u16,
    pub delete_more_days: u16,
    pub protect_more_days: u16,
    /// What is due within so many days is shown where a person looks first.
    pub warn_days: u16,
    /// Days that are no working days, besides Saturday and Sunday.
    pub holidays: Vec<Date>,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            answer_working_days: 2,
            withdraw_days: 15,
            provide_days: 10,
            delete_days: 20,
            protect_days: 15,
            withdraw_more_days: 15,
            provide_more_days: 10,
            delete_more_days: 20,
            protect_more_days: 15,
            warn_days: 2,
            holidays: Vec::new(),
        }
    }
}

fn days(count: u16) -> i64 {
    i64::from(count).saturating_mul(DAY)
}

impl Clocks {
    fn is_working(&self, at: Instant) -> bool {
        let at = at.in_vietnam();
        !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&at.date())
    }

    /// The same hour so many working days later.
    pub fn answer_by(&self, received: Instant) -> Instant {
        let (mut at, mut working, mut looked) = (received, 0_u8, 0_u16);
        while working < self.answer_working_days && looked < LONGEST {
            at = at.plus(DAY);
            looked = looked.saturating_add(1);
            working = working.saturating_add(u8::from(self.is_working(at)));
        }
        at
    }

    /// Calendar days: a holiday lengthens nothing.
    pub fn act_by(&self, kind: WishKind, received: Instant) -> Instant {
        use WishKind as K;
        received.plus(days(match kind {
            K::WithdrawConsent | K::Limit | K::Object => self.withdraw_days,
            K::View | K::Correct | K::Provide => self.provide_days,
            K::Delete => self.delete_days,
            K::Protect => self.protect_days,
        }))
    }

    pub fn lengthened(&self, kind: WishKind, act_by: Instant) -> Instant {
        use WishKind as K;
        act_by.plus(days(match kind {
            K::WithdrawConsent | K::Limit | K::Object => self.withdraw_more_days,
            K::View | K::Correct | K::Provide => self.provide_more_days,
            K::Delete => self.delete_more_days,
            K::Protect => self.protect_more_days,
        }))
    }

    pub fn is_soon(&self, due: Instant, now: Instant) -> bool {
        due.since(now) <= days(self.warn_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("an instant")
    }

    // Clauses: PDP-4/5
    #[test]
    fn an_answer_waits_for_no_weekend_and_for_no_new_year() {
        let ordinary = Clocks::default();
        let friday = at("2027-01-29T15:00:00+07:00");
        assert_eq!(ordinary.answer_by(friday), at("2027-02-02T15:00:00+07:00"));
        let tet = Clocks { holidays: (5..=10).map(|day| date(2027, 2, day)).collect(), ..Clocks::default() };
        let before = at("2027-02-03T09:00:00+07:00");
        assert_eq!(ordinary.answer_by(before), at("2027-02-05T09:00:00+07:00"));
        assert_eq!(tet.answer_by(before), at("2027-02-11T09:00:00+07:00"), "Thursday, then the first day after Tết");
        let never = Clocks { holidays: (0..90).map(|n| before.plus(n * DAY).day()).collect(), ..Clocks::default() };
        assert_eq!(never.answer_by(before), before.plus(60 * DAY));
    }

    // Clauses: PDP-4/5
    #[test]
    fn each_kind_has_its_days_and_is_lengthened_once_by_as_many() {
        let (clocks, start) = (Clocks::default(), at("2026-11-22T08:00:00+07:00"));
        for (kind, first, more) in [
            (WishKind::WithdrawConsent, 15, 15),
            (WishKind::Limit, 15, 15),
            (WishKind::Object, 15, 15),
            (WishKind::View, 10, 10),
            (WishKind::Correct, 10, 10),
            (WishKind::Provide, 10, 10),
            (WishKind::Delete, 20, 20),
            (WishKind::Protect, 15, 15),
        ] {
            let due = clocks.act_by(kind, start);
            assert_eq!(due, start.plus(first * DAY), "{kind:?}");
            assert_eq!(clocks.lengthened(kind, due), start.plus((first + more) * DAY), "{kind:?}");
            assert!(clocks.is_soon(due, due.plus(-2 * DAY)) && !clocks.is_soon(due, due.plus(-3 * DAY)));
        }
    }
}
