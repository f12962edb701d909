//! The head of the hospital confirms what its people signed (người đứng đầu cơ sở hoặc người được ủy quyền xác nhận:
//! Circular 46/2018, Art. 13.2), and the paper that gives somebody the authority to.

use crate::time::{HOUR, Instant};
use serde::{Deserialize, Serialize};

/// As whom somebody confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// Người đứng đầu cơ sở.
    Head,
    /// Người được ủy quyền.
    Delegate,
}

impl Capacity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Delegate => "delegate",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Head, Self::Delegate].into_iter().find(|capacity| capacity.as_str() == text)
    }

    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Head => "Người đứng đầu cơ sở",
            Self::Delegate => "Người được người đứng đầu cơ sở ủy quyền",
        }
    }
}

/// For how long: a delegate's authority ends, the head's need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    pub from: Instant,
    pub until: Option<Instant>,
}

/// A delegation that stands longer is written anew.
const LONGEST_DELEGATION: i64 = 2 * 366 * 24 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchTerm {
    #[error("Ghi ngày hết hạn ủy quyền")]
    Endless,
    #[error("Ngày hết hạn phải sau ngày bắt đầu")]
    Backwards,
    #[error("Ủy quyền dài nhất hai năm: ghi ngày hết hạn sớm hơn")]
    TooLong,
}

impl Term {
    /// # Errors
    /// What is wrong with it, for whoever writes it down.
    pub fn new(capacity: Capacity, from: Instant, until: Option<Instant>) -> Result<Self, NoSuchTerm> {
        match until {
            None if capacity == Capacity::Delegate => Err(NoSuchTerm::Endless),
            Some(until) if until <= from => Err(NoSuchTerm::Backwards),
            Some(until) if capacity == Capacity::Delegate && until > from.plus(LONGEST_DELEGATION) => {
                Err(NoSuchTerm::TooLong)
            }
            until => Ok(Self { from, until }),
        }
    }

    pub fn holds(&self, at: Instant) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Not confirmed this long after it was given: late, and the screens say so.
pub fn overdue(signed_at: Instant, hours: i64, now: Instant) -> bool {
    now > signed_at.plus(hours.saturating_mul(HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * HOUR;

    // Clauses: C46-13.2
    #[test]
    fn a_delegate_has_an_end_and_the_head_need_not() {
        let from = Instant(0);
        assert_eq!(Term::new(Capacity::Delegate, from, None), Err(NoSuchTerm::Endless));
        assert_eq!(Term::new(Capacity::Delegate, from, Some(from)), Err(NoSuchTerm::Backwards));
        assert_eq!(Term::new(Capacity::Delegate, from, Some(Instant(3 * 366 * DAY))), Err(NoSuchTerm::TooLong));
        let head = Term::new(Capacity::Head, from, None).unwrap();
        assert!(head.holds(Instant(9_000 * DAY)) && !head.holds(Instant(-1)));
        let month = Term::new(Capacity::Delegate, from, Some(Instant(30 * DAY))).unwrap();
        assert!(month.holds(Instant(29 * DAY)) && !month.holds(Instant(30 * DAY)));
    }

    // Clauses: C46-13.2
    #[test]
    fn a_signature_is_overdue_once_its_hours_are_over() {
        assert!(!overdue(Instant(0), 24, Instant(DAY)));
        assert!(overdue(Instant(0), 24, Instant(DAY + 1)));
    }
}
