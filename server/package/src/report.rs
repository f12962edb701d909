//! The answer about a package: one verdict, what was looked at, and what was found where.

use crate::finding::Placed;
use benhan_sign::{Severity, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Serialises to JSON as the report of a single file does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub verdict: Verdict,
    /// µs UTC.
    pub checked_at: i64,
    /// `record-package`
    pub kind: &'static str,
    pub facility: String,
    /// Số vào viện, as the manifest says.
    pub record: String,
    pub created_at: String,
    /// Who sealed the manifest.
    pub sealed_by: Option<String>,
    pub files: usize,
    pub signatures: usize,
    /// Under which signing rules of the facility they were given, as they say under themselves.
    pub signing_rules: BTreeMap<String, usize>,
    pub without_rules: usize,
    /// Of them, seals of departments.
    pub seals: usize,
    /// Of them, those that the head of the facility confirmed.
    pub confirmed: usize,
    pub sheets: usize,
    pub audit_rows: usize,
    /// When the newest archive stamp was made, µs UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<i64>,
    pub findings: Vec<Placed>,
}

impl Report {
    pub(crate) fn new(at: i64) -> Self {
        Self {
            verdict: Verdict::Unverifiable,
            checked_at: at,
            kind: "record-package",
            facility: String::new(),
            record: String::new(),
            created_at: String::new(),
            sealed_by: None,
            files: 0,
            signatures: 0,
            signing_rules: BTreeMap::new(),
            without_rules: 0,
            seals: 0,
            confirmed: 0,
            sheets: 0,
            audit_rows: 0,
            archived_at: None,
            findings: Vec::new(),
        }
    }

    pub(crate) fn judged(mut self) -> Self {
        let worst = self.findings.iter().map(|placed| placed.finding.severity()).max();
        self.verdict = Verdict::of(worst.unwrap_or(Severity::Note));
        self
    }

    /// 0 only when everything holds.
    pub fn exit_code(&self) -> u8 {
        self.verdict.exit_code()
    }

    /// For people, Vietnamese first, English after it.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.verdict.vietnamese());
        text +=
            &format!("  Gói hồ sơ bệnh án {} của cơ sở {}, lập lúc {}\n", self.record, self.facility, self.created_at);
        text += &format!(
            "  Đã kiểm tra {} tệp, {} chữ ký ({} được người đứng đầu xác nhận), {} phiếu PDF, {} dòng nhật ký\n",
            self.files, self.signatures, self.confirmed, self.sheets, self.audit_rows
        );
        if self.seals > 0 {
            text += &format!("  Trong đó có {} dấu số của khoa, phòng\n", self.seals);
        }
        for (rules, count) in &self.signing_rules {
            text += &format!("  Theo quy định ký số {rules}: {count} chữ ký\n");
        }
        if self.without_rules > 0 {
            text += &format!("  Không nêu quy định ký số của cơ sở: {} chữ ký\n", self.without_rules);
        }
        if let Some(seal) = &self.sealed_by {
            text += &format!("  Đóng dấu số: {seal}\n");
        }
        for placed in &self.findings {
            text += &format!("  {} {}: {}\n", mark(placed), placed.place, placed.finding.vietnamese());
        }
        text += &format!("\n{}\n", self.verdict.english());
        text += &format!(
            "  Package of record {} of facility {}, made at {}\n",
            self.record, self.facility, self.created_at
        );
        text += &format!(
            "  {} files, {} signatures ({} confirmed by the head), {} PDF sheets, {} audit rows checked\n",
            self.files, self.signatures, self.confirmed, self.sheets, self.audit_rows
        );
        if self.seals > 0 {
            text += &format!("  {} of them are seals of departments\n", self.seals);
        }
        for (rules, count) in &self.signing_rules {
            text += &format!("  {count} signatures under the signing rules {rules}\n");
        }
        if self.without_rules > 0 {
            text += &format!("  {} signatures name no signing rules of the facility\n", self.without_rules);
        }
        for placed in &self.findings {
            text += &format!("  {} {}: {}\n", mark(placed), placed.place, placed.finding.english());
        }
        text
    }
}

fn mark(placed: &Placed) -> &'static str {
    if placed.finding.severity() == Severity::Note { "·" } else { "✗" }
}
