//! The life of a record (hồ sơ bệnh án): written, closed when it is complete, archived under the hospital's seal, and
//! destroyed by two people once its term is over.

use serde::{Deserialize, Serialize};

mod completeness;
mod confirmation;
mod destruction;
mod hold;
mod request;
mod retention;

pub use completeness::{Block, Facts, Missing, Open, Part, blocks};
pub use confirmation::{Capacity, NoSuchTerm, Term, overdue};
pub use destruction::{ItemState, ListState, ListStep, NotThisList};
pub use hold::HoldGround;
pub use request::{Extent, Grant, NotForThem, NotThisRequest, RequestState, RequestStep, Requester, Use};
pub use retention::{Disposal, KeptUntil, RetentionClass, Terms, disposal, kept_until};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// Written into: also after the patient has left, until it is complete.
    Active,
    /// Complete (kết thúc hồ sơ). The record room may open it again.
    Closed,
    /// Sealed for its term; only signed supplements are added.
    Archived,
    /// Two people agreed: nothing of it is read any more, and there is no way back.
    Destroying,
    /// Only the catalogue's line, the trail and the minutes are left.
    Destroyed,
}

/// What people do to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordStep {
    Close,
    Reopen,
    Archive,
    Destroy,
    /// Nothing of it is left.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInThisState {
    #[error("Hồ sơ chưa kết thúc: bác sĩ điều trị kết thúc hồ sơ trước")]
    NotClosed,
    #[error("Hồ sơ đã kết thúc: cần sửa thì đề nghị phòng lưu trữ hồ sơ mở lại")]
    Closed,
    #[error("Hồ sơ đã lưu trữ, không sửa được nữa: kết quả về muộn được thêm dưới dạng bổ sung khi duyệt")]
    Archived,
    #[error("Hồ sơ chưa lưu trữ: chỉ hồ sơ đã lưu trữ và hết thời hạn mới được tiêu hủy")]
    NotArchived,
    #[error("Hồ sơ đã tiêu hủy sau khi hết thời hạn lưu trữ: chỉ còn dòng danh mục và biên bản tiêu hủy")]
    Destroyed,
}

impl NotInThisState {
    /// Stable, for screens.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotClosed => "record-not-closed",
            Self::Closed => "record-closed",
            Self::Archived => "record-archived",
            Self::NotArchived => "record-not-archived",
            Self::Destroyed => "record-destroyed",
        }
    }
}

impl RecordState {
    pub fn after(self, step: RecordStep) -> Result<Self, NotInThisState> {
        match (self, step) {
            (Self::Active, RecordStep::Close) => Ok(Self::Closed),
            (Self::Closed, RecordStep::Reopen) => Ok(Self::Active),
            (Self::Closed, RecordStep::Archive) => Ok(Self::Archived),
            (Self::Archived, RecordStep::Destroy) => Ok(Self::Destroying),
            (Self::Destroying, RecordStep::Gone) => Ok(Self::Destroyed),
            (Self::Active, RecordStep::Reopen | RecordStep::Archive) => Err(NotInThisState::NotClosed),
            (Self::Closed, RecordStep::Close) => Err(NotInThisState::Closed),
            (Self::Active | Self::Closed, RecordStep::Destroy | RecordStep::Gone) => Err(NotInThisState::NotArchived),
            (Self::Archived, _) => Err(NotInThisState::Archived),
            (Self::Destroying | Self::Destroyed, _) => Err(NotInThisState::Destroyed),
        }
    }

    /// Whether anything may be written into it, or what to do instead.
    pub fn takes_entries(self) -> Result<(), NotInThisState> {
        match self {
            Self::Active => Ok(()),
            Self::Closed => Err(NotInThisState::Closed),
            Self::Archived => Err(NotInThisState::Archived),
            Self::Destroying | Self::Destroyed => Err(NotInThisState::Destroyed),
        }
    }

    /// Whether there is anything left to read.
    pub fn is_there(self) -> Result<(), NotInThisState> {
        match self {
            Self::Active | Self::Closed | Self::Archived => Ok(()),
            Self::Destroying | Self::Destroyed => Err(NotInThisState::Destroyed),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Closed, Self::Archived, Self::Destroying, Self::Destroyed]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

/// What is kept of a record's life, one row each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeEvent {
    /// A ground for a longer term was found.
    Classified,
    Closed,
    Reopened,
    Archived,
    /// Something came after it was closed.
    Supplemented,
    /// Its destruction began.
    Destroying,
    Destroyed,
}

impl LifeEvent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classified => "classified",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Archived => "archived",
            Self::Supplemented => "supplemented",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        use LifeEvent as E;
        [E::Classified, E::Closed, E::Reopened, E::Archived, E::Supplemented, E::Destroying, E::Destroyed]
            .into_iter()
            .find(|e| e.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: C46-2
    #[test]
    fn a_record_is_closed_before_it_is_archived_and_never_opened_after() {
        use {RecordState as S, RecordStep as T};
        let closed = S::Active.after(T::Close).expect("complete");
        assert_eq!(S::Active.after(T::Archive), Err(NotInThisState::NotClosed));
        assert_eq!(closed.after(T::Reopen), Ok(S::Active));
        assert_eq!(closed.after(T::Close), Err(NotInThisState::Closed));
        let archived = closed.after(T::Archive).expect("closed");
        for step in [T::Close, T::Reopen, T::Archive] {
            assert_eq!(archived.after(step), Err(NotInThisState::Archived));
        }
        assert!(S::Active.takes_entries().is_ok() && closed.takes_entries().is_err());
        for state in [S::Active, S::Closed, S::Archived, S::Destroying, S::Destroyed] {
            assert_eq!(S::parse(state.as_str()), Some(state));
        }
    }

    // Clauses: RET-x
    #[test]
    fn only_an_archived_record_is_destroyed_and_nothing_leads_back() {
        use {RecordState as S, RecordStep as T};
        for state in [S::Active, S::Closed] {
            assert_eq!(state.after(T::Destroy), Err(NotInThisState::NotArchived));
        }
        let destroying = S::Archived.after(T::Destroy).expect("archived");
        assert_eq!(destroying.after(T::Gone), Ok(S::Destroyed));
        for state in [destroying, S::Destroyed] {
            for step in [T::Close, T::Reopen, T::Archive, T::Destroy] {
                assert_eq!(state.after(step), Err(NotInThisState::Destroyed));
            }
            assert!(state.is_there().is_err() && state.takes_entries().is_err());
        }
    }
}
