//! A time in which the record could not be written (sự cố công nghệ thông tin), as a person declares it, usually after it.
//!
//! It is declared, ended, or annulled when it was declared by mistake; nothing of it is changed or taken away.

use crate::id::{ItIncidentId, WardId};
use crate::time::{HOUR, Instant};

/// Longer ones are asked about: most are a mistyped month.
pub const LONG_DAYS: i64 = 30;

/// Where the record could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected {
    Facility,
    Ward(WardId),
}

impl Affected {
    pub fn includes(self, ward: WardId) -> bool {
        self == Self::Facility || self == Self::Ward(ward)
    }

    pub fn of(ward: Option<WardId>) -> Self {
        ward.map_or(Self::Facility, Self::Ward)
    }

    pub fn ward(self) -> Option<WardId> {
        match self {
            Self::Facility => None,
            Self::Ward(ward) => Some(ward),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    pub id: ItIncidentId,
    pub affected: Affected,
    pub started: Instant,
    /// None while it goes on.
    pub ended: Option<Instant>,
}

impl Outage {
    /// The same place at the same time: what is declared twice.
    pub fn repeats(&self, other: &Self) -> bool {
        let begins_in_time = |one: &Self, two: &Self| two.ended.is_none_or(|ended| one.started <= ended);
        self.affected == other.affected && begins_in_time(self, other) && begins_in_time(other, self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDeclarable {
    #[error("Sự cố chưa xảy ra thì chưa khai báo được: kiểm tra giờ bắt đầu")]
    StartsInFuture,
    #[error("Giờ kết thúc còn ở phía trước: để trống nếu sự cố chưa hết")]
    EndsInFuture,
    #[error("Giờ kết thúc phải sau giờ bắt đầu")]
    EndsBeforeStart,
    #[error("Sự cố dài hơn 30 ngày: kiểm tra lại ngày giờ, đúng thì đánh dấu xác nhận rồi gửi lại")]
    Long,
}

/// Whether times may be declared at `now`; `confirmed`: the person was asked about a long one.
pub fn declarable(
    started: Instant,
    ended: Option<Instant>,
    now: Instant,
    confirmed: bool,
) -> Result<(), NotDeclarable> {
    if started > now {
        return Err(NotDeclarable::StartsInFuture);
    }
    if ended.is_some_and(|ended| ended > now) {
        return Err(NotDeclarable::EndsInFuture);
    }
    if ended.is_some_and(|ended| ended <= started) {
        return Err(NotDeclarable::EndsBeforeStart);
    }
    let lasts = ended.unwrap_or(now).since(started);
    if !confirmed && lasts > LONG_DAYS.saturating_mul(24).saturating_mul(HOUR) {
        return Err(NotDeclarable::Long);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn outage(affected: Affected, started: i64, ended: Option<i64>) -> Outage {
        let at = |hour: i64| Instant(hour * HOUR);
        Outage { id: ItIncidentId(Uuid::nil()), affected, started: at(started), ended: ended.map(at) }
    }

    #[test]
    fn what_has_not_happened_is_not_declared_and_what_is_long_is_asked_about() {
        let at = |hour: i64| Instant(hour * HOUR);
        assert_eq!(declarable(at(11), None, at(10), false), Err(NotDeclarable::StartsInFuture));
        assert_eq!(declarable(at(2), Some(at(11)), at(10), false), Err(NotDeclarable::EndsInFuture));
        for ended in [1, 2] {
            assert_eq!(declarable(at(2), Some(at(ended)), at(10), false), Err(NotDeclarable::EndsBeforeStart));
        }
        let month = LONG_DAYS * 24;
        assert_eq!(declarable(at(0), Some(at(month)), at(month + 9), false), Ok(()));
        assert_eq!(declarable(at(0), Some(at(month + 1)), at(month + 9), false), Err(NotDeclarable::Long));
        assert_eq!(declarable(at(0), None, at(month + 1), false), Err(NotDeclarable::Long), "one that goes on");
        assert_eq!(declarable(at(0), None, at(month + 1), true), Ok(()));
    }

    #[test]
    fn the_same_place_at_the_same_time_is_the_same_incident() {
        let ward = Affected::Ward(WardId(Uuid::from_u128(7)));
        let night = outage(ward, 2, Some(5));
        assert!(night.repeats(&outage(ward, 4, None)) && outage(ward, 4, None).repeats(&night));
        assert!(night.repeats(&outage(ward, 0, Some(9))) && night.repeats(&outage(ward, 5, Some(6))));
        assert!(!night.repeats(&outage(ward, 6, None)) && !night.repeats(&outage(ward, 0, Some(1))));
        assert!(!night.repeats(&outage(Affected::Facility, 2, Some(5))), "the house's is another");
    }
}
