//! The life of a record (hồ sơ bệnh án): written, closed when it is complete, archived under the hospital's seal.
//!
//! Deliberately absent: its destruction after its term.

use serde::{Deserialize, Serialize};

mod completeness;
mod hold;
mod retention;

pub use completeness::{Block, Facts, Missing, Open, Part, blocks};
pub use hold::HoldGround;
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
}

/// What people do to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordStep {
    Close,
    Reopen,
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotInThisState {
    #[error("Hồ sơ chưa kết thúc: bác sĩ điều trị kết thúc hồ sơ trước")]
    NotClosed,
    #[error("Hồ sơ đã kết thúc: cần sửa thì đề nghị phòng lưu trữ hồ sơ mở lại")]
    Closed,
    #[error("Hồ sơ đã lưu trữ, không sửa được nữa: kết quả về muộn được thêm dưới dạng bổ sung khi duyệt")]
    Archived,
}

impl NotInThisState {
    /// Stable, for screens.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotClosed => "record-not-closed",
            Self::Closed => "record-closed",
            Self::Archived => "record-archived",
        }
    }
}

impl RecordState {
    pub fn after(self, step: RecordStep) -> Result<Self, NotInThisState> {
        match (self, step) {
            (Self::Active, RecordStep::Close) => Ok(Self::Closed),
            (Self::Closed, RecordStep::Reopen) => Ok(Self::Active),
            (Self::Closed, RecordStep::Archive) => Ok(Self::Archived),
            (Self::Active, RecordStep::Reopen | RecordStep::Archive) => Err(NotInThisState::NotClosed),
            (Self::Closed, RecordStep::Close) => Err(NotInThisState::Closed),
            (Self::Archived, _) => Err(NotInThisState::Archived),
        }
    }

    /// Whether anything may be written into it, or what to do instead.
    pub fn takes_entries(self) -> Result<(), NotInThisState> {
        match self {
            Self::Active => Ok(()),
            Self::Closed => Err(NotInThisState::Closed),
            Self::Archived => Err(NotInThisState::Archived),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Archived => "archived",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Closed, Self::Archived].into_iter().find(|s| s.as_str() == text)
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
}

impl LifeEvent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Classified => "classified",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Archived => "archived",
            Self::Supplemented => "supplemented",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Classified, Self::Closed, Self::Reopened, Self::Archived, Self::Supplemented]
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
        for state in [S::Active, S::Closed, S::Archived] {
            assert_eq!(S::parse(state.as_str()), Some(state));
        }
    }
}
