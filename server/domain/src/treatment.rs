//! Who treats a patient beside the ward's own staff (quan hệ điều trị): doctors named in a stay, and whoever covers a ward on
//! duty. Whose chart a doctor reads follows from it where the hospital says so ([`crate::access::DoctorsReach`]).

use crate::access::Role;
use crate::time::{HOUR, Instant};

words! {
    /// As what a doctor is named in a stay.
    Part {
        Treating "treating" "Điều trị",
        Consult "consult" "Hội chẩn",
    }
}

/// The longest duty with what goes before and after it: a day and a night, and the morning's hand-over.
const LONGEST_DUTY: i64 = 36 * HOUR;

/// Hours in which somebody covers a ward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    starts: Instant,
    ends: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDuty {
    #[error("Giờ hết trực phải sau giờ bắt đầu")]
    Backwards,
    #[error("Ca trực này đã qua")]
    Over,
    #[error("Một ca trực dài tối đa 36 giờ: chia thành nhiều ca")]
    TooLong,
}

impl Hours {
    /// # Errors
    /// [`NoDuty`]
    pub fn new(starts: Instant, ends: Instant, now: Instant) -> Result<Self, NoDuty> {
        match ends.0.saturating_sub(starts.0) {
            ..=0 => Err(NoDuty::Backwards),
            _ if ends <= now => Err(NoDuty::Over),
            long if long > LONGEST_DUTY => Err(NoDuty::TooLong),
            _ => Ok(Self { starts, ends }),
        }
    }

    pub fn starts(self) -> Instant {
        self.starts
    }

    pub fn ends(self) -> Instant {
        self.ends
    }
}

/// Goes to other wards when these need them.
pub fn covers_wards(role: Role) -> bool {
    matches!(role, Role::Doctor | Role::Nurse | Role::HeadNurse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_is_ahead_and_no_longer_than_a_day_and_a_half() {
        let at = |hours: i64| Instant(hours * HOUR);
        let night = Hours::new(at(16), at(31), at(15)).expect("a night");
        assert_eq!((night.starts(), night.ends()), (at(16), at(31)));
        assert!(Hours::new(at(16), at(31), at(20)).is_ok(), "entered while it runs");
        assert_eq!(Hours::new(at(16), at(16), at(15)), Err(NoDuty::Backwards));
        assert_eq!(Hours::new(at(31), at(16), at(15)), Err(NoDuty::Backwards));
        assert_eq!(Hours::new(at(16), at(31), at(31)), Err(NoDuty::Over));
        assert_eq!(Hours::new(at(16), at(53), at(15)), Err(NoDuty::TooLong));
    }
}
