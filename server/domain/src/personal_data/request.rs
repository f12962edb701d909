//! What people ask for as those whose data it is (yêu cầu của chủ thể dữ liệu), and the steps of such a request.

words! {
    WishKind {
        View "view" "Xem dữ liệu của mình",
        Correct "correct" "Sửa dữ liệu",
        Provide "provide" "Cung cấp dữ liệu, bản sao",
        WithdrawConsent "withdraw-consent" "Rút lại sự đồng ý",
        Limit "limit" "Hạn chế xử lý",
        Object "object" "Phản đối xử lý",
        Delete "delete" "Xóa dữ liệu",
        Protect "protect" "Thực hiện biện pháp bảo vệ",
    }
    WishState {
        Received "received" "Chờ trả lời",
        Accepted "accepted" "Đã chấp nhận, đang làm",
        Refused "refused" "Đã từ chối",
        Done "done" "Đã thực hiện",
        /// By who asked, or entered by mistake.
        TakenBack "taken-back" "Người yêu cầu rút lại",
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WishStep {
    Accept,
    Refuse,
    Finish,
    TakeBack,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThisWish {
    #[error("Yêu cầu chưa được trả lời")]
    NotAnswered,
    #[error("Yêu cầu đã được chấp nhận")]
    Accepted,
    #[error("Yêu cầu đã bị từ chối")]
    Refused,
    #[error("Yêu cầu đã thực hiện xong")]
    Done,
    #[error("Người yêu cầu đã rút lại yêu cầu này")]
    TakenBack,
}

impl WishState {
    pub fn after(self, step: WishStep) -> Result<Self, NotThisWish> {
        use {NotThisWish as No, WishStep as T};
        match (self, step) {
            (Self::Received, T::Accept) => Ok(Self::Accepted),
            (Self::Received, T::Refuse) => Ok(Self::Refused),
            (Self::Received | Self::Accepted, T::TakeBack) => Ok(Self::TakenBack),
            (Self::Accepted, T::Finish) => Ok(Self::Done),
            (Self::Received, T::Finish) => Err(No::NotAnswered),
            (Self::Accepted, T::Accept | T::Refuse) => Err(No::Accepted),
            (Self::Refused, _) => Err(No::Refused),
            (Self::Done, _) => Err(No::Done),
            (Self::TakenBack, _) => Err(No::TakenBack),
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Accepted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: PDP-4/5
    #[test]
    fn nothing_is_done_before_it_is_answered_and_nothing_moves_after_its_end() {
        use {WishState as S, WishStep as T};
        assert_eq!(S::Received.after(T::Finish), Err(NotThisWish::NotAnswered));
        assert_eq!(S::Received.after(T::Accept).and_then(|state| state.after(T::Finish)), Ok(S::Done));
        assert_eq!(S::Accepted.after(T::Refuse), Err(NotThisWish::Accepted));
        for ended in [S::Refused, S::Done, S::TakenBack] {
            assert!(!ended.is_open());
            for step in [T::Accept, T::Refuse, T::Finish, T::TakeBack] {
                assert!(ended.after(step).is_err());
            }
        }
        assert_eq!(WishKind::parse("delete"), Some(WishKind::Delete));
    }
}
