//! A list of records whose term is over (danh mục hồ sơ đề nghị tiêu hủy), and each record on it.

/// Where a list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListState {
    /// By the record room.
    Proposed,
    /// By somebody else.
    Approved,
    /// Being carried out: nothing stops it.
    Begun,
    Done,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStep {
    Approve,
    Cancel,
    Begin,
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThisList {
    #[error("Danh mục chưa được người thứ hai phê duyệt")]
    NotApproved,
    #[error("Danh mục đã được phê duyệt")]
    Approved,
    #[error("Danh mục đang được tiêu hủy: không dừng được nữa")]
    Begun,
    #[error("Danh mục đã tiêu hủy xong")]
    Done,
    #[error("Danh mục đã bị hủy bỏ: lập danh mục mới")]
    Cancelled,
}

impl ListState {
    const ALL: [Self; 5] = [Self::Proposed, Self::Approved, Self::Begun, Self::Done, Self::Cancelled];

    pub fn after(self, step: ListStep) -> Result<Self, NotThisList> {
        use {ListStep as T, NotThisList as No};
        match (self, step) {
            (Self::Proposed, T::Approve) => Ok(Self::Approved),
            (Self::Proposed | Self::Approved, T::Cancel) => Ok(Self::Cancelled),
            (Self::Approved, T::Begin) => Ok(Self::Begun),
            (Self::Begun, T::Finish) => Ok(Self::Done),
            (Self::Proposed, T::Begin | T::Finish) => Err(No::NotApproved),
            (Self::Approved, T::Approve | T::Finish) => Err(No::Approved),
            (Self::Begun, _) => Err(No::Begun),
            (Self::Done, _) => Err(No::Done),
            (Self::Cancelled, _) => Err(No::Cancelled),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What becomes of one record of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    Listed,
    /// A hold or a longer term came before its turn: it stays in the archive.
    Kept,
    /// There is no way back.
    Destroying,
    Destroyed,
}

impl ItemState {
    const ALL: [Self; 4] = [Self::Listed, Self::Kept, Self::Destroying, Self::Destroyed];

    pub fn is_settled(self) -> bool {
        matches!(self, Self::Kept | Self::Destroyed)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Kept => "kept",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: RET-x
    #[test]
    fn a_list_is_carried_out_only_after_it_was_approved_and_not_cancelled_after_it_began() {
        use {ListState as S, ListStep as T};
        assert_eq!(S::Proposed.after(T::Begin), Err(NotThisList::NotApproved));
        let approved = S::Proposed.after(T::Approve).expect("proposed");
        assert_eq!(approved.after(T::Cancel), Ok(S::Cancelled));
        let begun = approved.after(T::Begin).expect("approved");
        for step in [T::Approve, T::Cancel, T::Begin] {
            assert_eq!(begun.after(step), Err(NotThisList::Begun));
        }
        assert_eq!(begun.after(T::Finish), Ok(S::Done));
        for state in S::ALL {
            assert_eq!(S::parse(state.as_str()), Some(state));
        }
        for state in ItemState::ALL {
            assert_eq!(ItemState::parse(state.as_str()), Some(state));
        }
    }
}
