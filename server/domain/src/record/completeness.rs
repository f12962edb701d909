//! What keeps a record from being closed: each thing that is still open, counted, with whose it is and where to mend it.

use crate::id::UserId;
use serde::{Deserialize, Serialize};

/// Something that is still open, of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Open {
    InHospital,
    /// A device's set that nobody has accepted or rejected.
    DeviceSet,
    UnsignedSet,
    UnsignedNote,
    UnsignedSheet,
    /// The patient, or who stands for them, has still to sign.
    UnsignedByPatient,
    DraftSheet,
    /// Signed, but for what may be left open until the record is closed.
    UnfinishedSheet,
    Order,
    UnreleasedResult,
    MissingSheet,
    /// Signed, and not confirmed by the head of the hospital: keeps a record out of the archive.
    UnconfirmedSignature,
}

/// Where on the chart it is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Stay,
    Vitals,
    Notes,
    Forms,
    Orders,
    Results,
    Confirmation,
}

impl Open {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InHospital => "in-hospital",
            Self::DeviceSet => "device-set",
            Self::UnsignedSet => "unsigned-set",
            Self::UnsignedNote => "unsigned-note",
            Self::UnsignedSheet => "unsigned-sheet",
            Self::UnsignedByPatient => "unsigned-by-patient",
            Self::DraftSheet => "draft-sheet",
            Self::UnfinishedSheet => "unfinished-sheet",
            Self::Order => "order",
            Self::UnreleasedResult => "unreleased-result",
            Self::MissingSheet => "missing-sheet",
            Self::UnconfirmedSignature => "unconfirmed-signature",
        }
    }

    pub fn part(self) -> Part {
        match self {
            Self::InHospital => Part::Stay,
            Self::DeviceSet | Self::UnsignedSet => Part::Vitals,
            Self::UnsignedNote => Part::Notes,
            Self::UnsignedSheet
            | Self::UnsignedByPatient
            | Self::DraftSheet
            | Self::UnfinishedSheet
            | Self::MissingSheet => Part::Forms,
            Self::Order => Part::Orders,
            Self::UnreleasedResult => Part::Results,
            Self::UnconfirmedSignature => Part::Confirmation,
        }
    }
}

/// One open thing as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub what: Open,
    /// Who has to do it, where that is one person.
    pub by: Option<UserId>,
    /// What it is called: a sheet, an order, a result. Sets and notes have no name of their own.
    pub name: Option<String>,
}

/// A record as far as closing it is concerned.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub in_hospital: bool,
    pub open: Vec<Missing>,
    /// Vital signs stand on the chart.
    pub has_vitals: bool,
    /// Form codes of the signed sheets.
    pub signed_forms: Vec<String>,
}

/// All that is open of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub what: Open,
    pub count: usize,
    pub by: Vec<UserId>,
    pub names: Vec<String>,
}

/// The sheet of the vital signs.
const VITAL_CHART: (&str, &str) = ("theo-doi-chuc-nang-song", "Phiếu theo dõi chức năng sống");

/// The sheets that this record must have before it is closed, by code and title: further forms are demanded here.
fn required_sheets(facts: &Facts) -> Vec<(&'static str, &'static str)> {
    if facts.has_vitals { vec![VITAL_CHART] } else { Vec::new() }
}

/// Everything that keeps the record open; nothing when it may be closed.
pub fn blocks(facts: &Facts) -> Vec<Block> {
    let mut open = facts.open.clone();
    if facts.in_hospital {
        open.push(Missing { what: Open::InHospital, by: None, name: None });
    }
    for (code, title) in required_sheets(facts) {
        if !facts.signed_forms.iter().any(|form| form == code) {
            open.push(Missing { what: Open::MissingSheet, by: None, name: Some(title.to_owned()) });
        }
    }
    let mut found: Vec<Block> = Vec::new();
    for missing in open {
        let at = found.iter().position(|block| block.what == missing.what);
        match at.and_then(|at| found.get_mut(at)) {
            Some(block) => add(block, missing),
            None => {
                let mut block = Block { what: missing.what, count: 0, by: Vec::new(), names: Vec::new() };
                add(&mut block, missing);
                found.push(block);
            }
        }
    }
    found.sort_by_key(|block| block.what);
    found
}

fn add(block: &mut Block, one: Missing) {
    block.count = block.count.saturating_add(1);
    block.by.extend(one.by.filter(|by| !block.by.contains(by)));
    block.names.extend(one.name.filter(|name| !block.names.contains(name)));
}

/// Names beyond these are only counted.
const NAMED: usize = 5;

impl Block {
    /// What is open and what to do, for the ward.
    pub fn vietnamese(&self) -> String {
        let n = self.count;
        let names = self.named();
        match self.what {
            Open::InHospital => "Người bệnh còn nằm viện: cho ra viện trước.".into(),
            Open::DeviceSet => format!("{n} lượt đo của máy chưa ai nhận: nhận, hoặc loại có lý do."),
            Open::UnsignedSet => format!("{n} lượt đo chưa ký: người ghi ký ở màn hình Sinh hiệu (F9)."),
            Open::UnsignedNote => format!("{n} phiếu chăm sóc chưa ký: người viết mở phiếu và ký."),
            Open::UnsignedSheet => format!("{n} phiếu chưa đủ chữ ký{names}: người lập và người duyệt mở phiếu và ký."),
            Open::UnsignedByPatient => {
                format!("{n} phiếu chưa có chữ ký người bệnh{names}: mở phiếu, bấm «Đưa người bệnh ký».")
            }
            Open::DraftSheet => format!("{n} phiếu còn là bản nháp{names}: hoàn thành rồi ký."),
            Open::UnfinishedSheet => {
                format!("{n} phiếu còn mục phải ghi khi kết thúc hồ sơ{names}: ghi tiếp rồi ký lại.")
            }
            Open::Order => format!("{n} chỉ định chưa xong{names}: chờ kết quả, hoặc huỷ có lý do."),
            Open::UnreleasedResult => format!("{n} kết quả chưa duyệt{names}: khoa xét nghiệm duyệt trước."),
            Open::UnconfirmedSignature => {
                format!("{n} chữ ký chờ người đứng đầu hoặc người được ủy quyền xác nhận (phần «Xác nhận»).")
            }
            Open::MissingSheet => format!("Thiếu phiếu bắt buộc{names}: lập và ký."),
        }
    }

    fn named(&self) -> String {
        if self.names.is_empty() {
            return String::new();
        }
        let shown: Vec<&str> = self.names.iter().take(NAMED).map(String::as_str).collect();
        let more = if self.names.len() > NAMED { ", …" } else { "" };
        format!(" ({}{more})", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn missing(what: Open, by: Option<u128>, name: Option<&str>) -> Missing {
        Missing { what, by: by.map(|n| UserId(Uuid::from_u128(n))), name: name.map(str::to_owned) }
    }

    // Clauses: C46-3.2b
    #[test]
    fn everything_that_is_open_is_told_at_once_with_whose_it_is() {
        let facts = Facts {
            in_hospital: true,
            open: vec![
                missing(Open::UnsignedSet, Some(1), None),
                missing(Open::Order, None, Some("CT sọ não")),
                missing(Open::UnsignedSet, Some(2), None),
                missing(Open::UnsignedSet, Some(1), None),
                missing(Open::DeviceSet, None, None),
            ],
            ..Facts::default()
        };
        let found = blocks(&facts);
        let kinds: Vec<Open> = found.iter().map(|b| b.what).collect();
        assert_eq!(kinds, [Open::InHospital, Open::DeviceSet, Open::UnsignedSet, Open::Order]);
        let [_, _, unsigned, order] = found.as_slice() else { panic!("four") };
        assert_eq!((unsigned.count, unsigned.by.len()), (3, 2));
        assert_eq!(unsigned.what.part(), Part::Vitals);
        assert_eq!(order.vietnamese(), "1 chỉ định chưa xong (CT sọ não): chờ kết quả, hoặc huỷ có lý do.");
    }

    // Clauses: C46-3.2b
    #[test]
    fn vital_signs_need_their_signed_sheet() {
        let bare = Facts { has_vitals: true, ..Facts::default() };
        assert_eq!(blocks(&bare).first().map(|b| b.what), Some(Open::MissingSheet));
        let whole = Facts { signed_forms: vec!["theo-doi-chuc-nang-song".into()], ..bare };
        assert_eq!(blocks(&whole), []);
        assert_eq!(blocks(&Facts::default()), []);
    }

    #[test]
    fn a_long_list_is_cut_and_its_count_is_not() {
        let open = (0..9).map(|n| missing(Open::Order, None, Some(&format!("XN {n}")))).collect();
        let found = blocks(&Facts { open, ..Facts::default() });
        let text = found.first().expect("one").vietnamese();
        assert!(text.starts_with("9 chỉ định chưa xong (XN 0, XN 1, XN 2, XN 3, XN 4, …)"), "{text}");
    }
}
