//! A scanned file that somebody handed in (bản quét): what was read on it, whether it may go to the sheet that it names, and
//! what became of it. Nothing here links one: a witness does, with a PIN.

use crate::patient_signature::{PageMark, PaperCode};
use crate::record::RecordState;

/// The codes on the pages of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// Of one sheet, with the pages that were seen, in their order.
    One {
        code: PaperCode,
        pages: Vec<u16>,
    },
    /// Of several sheets, which may be of several patients.
    Several,
}

impl Found {
    pub fn of(marks: &[PageMark]) -> Self {
        let Some(PageMark { code, .. }) = marks.first() else { return Self::Nothing };
        if marks.iter().any(|mark| mark.code != *code) {
            return Self::Several;
        }
        let mut pages: Vec<u16> = marks.iter().map(|mark| mark.page).collect();
        pages.sort_unstable();
        pages.dedup();
        Self::One { code: *code, pages }
    }

    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::One { .. } => "one",
            Self::Several => "several",
        }
    }
}

/// How the sheet and slot that a code was printed for stand now.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub printed_version: i64,
    pub current_version: i64,
    /// The sheet was not withdrawn.
    pub stands: bool,
    /// Somebody signed in the slot of this version.
    pub signed: bool,
    pub record: RecordState,
}

impl Target {
    /// Why nobody can sign there any more.
    pub fn closed_by(&self) -> Option<Why> {
        if !self.stands {
            Some(Why::Withdrawn)
        } else if self.current_version != self.printed_version {
            Some(Why::OldVersion)
        } else if self.signed {
            Some(Why::AlreadySigned)
        } else {
            self.record.takes_entries().err().map(|_| Why::RecordShut)
        }
    }
}

/// Why a scan waits for more than its witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    NoCode,
    UnknownCode,
    SeveralCodes,
    OldVersion,
    Withdrawn,
    AlreadySigned,
    RecordShut,
}

impl Why {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCode => "no-code",
            Self::UnknownCode => "unknown-code",
            Self::SeveralCodes => "several-codes",
            Self::OldVersion => "old-version",
            Self::Withdrawn => "withdrawn",
            Self::AlreadySigned => "already-signed",
            Self::RecordShut => "record-shut",
        }
    }

    /// What it is and what to do, for whoever has the paper in their hand.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::NoCode => "Không đọc được mã QR: gõ mã đối chiếu in ở cuối bản giấy, hoặc quét lại",
            Self::UnknownCode => "Mã không có trong sổ in của bệnh viện: xem lại bản giấy",
            Self::SeveralCodes => "Nhiều phiếu trong một tệp: quét riêng từng phiếu rồi tải lại",
            Self::OldVersion => "Bản cũ, đã có bản mới: in bản mới để ký lại",
            Self::Withdrawn => "Phiếu đã bị hủy",
            Self::AlreadySigned => "Chỗ ký này đã có chữ ký",
            Self::RecordShut => "Hồ sơ đã kết thúc: phòng hồ sơ mở lại trước khi gắn",
        }
    }

    /// Whether a person may link it by hand, with the code that is typed from its paper.
    pub fn may_be_linked(self) -> bool {
        self == Self::NoCode
    }
}

/// Nothing against it, or why it waits on the list of what is not matched. `targets`: every sheet that this code was
/// printed for, which is one.
pub fn against(found: &Found, targets: &[Target]) -> Option<Why> {
    match (found, targets) {
        (Found::Nothing, _) => Some(Why::NoCode),
        (Found::Several, _) => Some(Why::SeveralCodes),
        (Found::One { .. }, [target]) => target.closed_by(),
        (Found::One { .. }, _) => Some(Why::UnknownCode),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanState {
    Waiting,
    /// It belongs to no sheet, by what somebody said.
    Aside,
    /// Part of a record; its bytes are there.
    Linked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanStep {
    SetAside,
    BringBack,
    Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Bản quét này người khác vừa xử lý: tải lại danh sách")]
pub struct MovedOn;

impl ScanState {
    const ALL: [Self; 3] = [Self::Waiting, Self::Aside, Self::Linked];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Aside => "aside",
            Self::Linked => "linked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    pub fn after(self, step: ScanStep) -> Result<Self, MovedOn> {
        match (self, step) {
            (Self::Waiting, ScanStep::SetAside) => Ok(Self::Aside),
            (Self::Aside, ScanStep::BringBack) => Ok(Self::Waiting),
            (Self::Waiting, ScanStep::Link) => Ok(Self::Linked),
            _ => Err(MovedOn),
        }
    }
}

impl ScanStep {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetAside => "set-aside",
            Self::BringBack => "brought-back",
            Self::Link => "linked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(of: u8, page: u16) -> PageMark {
        PageMark { code: PaperCode::of(&[of; 32]), page }
    }

    // Clauses: C46-13.3b
    #[test]
    fn one_code_leads_to_one_sheet_and_two_lead_nowhere() {
        let code = PaperCode::of(&[1; 32]);
        assert_eq!(Found::of(&[mark(1, 2), mark(1, 1), mark(1, 2)]), Found::One { code, pages: vec![1, 2] });
        assert_eq!(Found::of(&[mark(1, 1), mark(2, 1)]), Found::Several);
        let now =
            Target { printed_version: 2, current_version: 2, stands: true, signed: false, record: RecordState::Active };
        let found = Found::of(&[mark(1, 1)]);
        let told = |target: Target| against(&found, &[target]);
        assert_eq!(told(now), None);
        assert_eq!(told(Target { current_version: 3, ..now }), Some(Why::OldVersion));
        assert_eq!(told(Target { signed: true, ..now }), Some(Why::AlreadySigned));
        assert_eq!(told(Target { stands: false, ..now }), Some(Why::Withdrawn));
        assert_eq!(told(Target { record: RecordState::Closed, ..now }), Some(Why::RecordShut));
        assert_eq!(against(&found, &[]), Some(Why::UnknownCode));
        assert_eq!(against(&Found::Several, &[now]), Some(Why::SeveralCodes));
        assert_eq!(against(&Found::Nothing, &[]), Some(Why::NoCode));
    }

    #[test]
    fn what_was_set_aside_comes_back_and_what_was_linked_stays() {
        assert_eq!(ScanState::Waiting.after(ScanStep::SetAside), Ok(ScanState::Aside));
        assert_eq!(ScanState::Aside.after(ScanStep::BringBack), Ok(ScanState::Waiting));
        assert_eq!(ScanState::Aside.after(ScanStep::Link), Err(MovedOn));
        for step in [ScanStep::SetAside, ScanStep::BringBack, ScanStep::Link] {
            assert_eq!(ScanState::Linked.after(step), Err(MovedOn));
        }
    }
}
