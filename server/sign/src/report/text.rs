//! The report as plain text for people, one language after the other.

use super::{Report, Subject};
use crate::audit_export::AuditReport;
use crate::cms::{CmsReport, Level, SignerSummary};
use crate::finding::{Finding, Severity};
use crate::instant;
use crate::pades::{Coverage, PdfReport};

/// Vietnamese first, English after it.
pub(super) fn render(report: &Report) -> String {
    let mut page = Page::default();
    for language in [Language::Vietnamese, Language::English] {
        page.language = language;
        page.report(report);
    }
    page.text
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Language {
    #[default]
    Vietnamese,
    English,
}

/// Plain text in the making, in one language at a time.
#[derive(Default)]
struct Page {
    text: String,
    language: Language,
}

impl Page {
    fn line(&mut self, vietnamese: &str, english: &str) {
        self.text.push_str(self.pick(vietnamese, english));
        self.text.push('\n');
    }

    fn field(&mut self, vietnamese: &str, english: &str, value: &str) {
        let label = self.pick(vietnamese, english).to_owned();
        self.text.push_str(&format!("  {label}: {value}\n"));
    }

    fn pick<'t>(&self, vietnamese: &'t str, english: &'t str) -> &'t str {
        if self.language == Language::Vietnamese { vietnamese } else { english }
    }

    fn time(&self, at: i64) -> String {
        if self.language == Language::Vietnamese { instant::vietnamese(at) } else { instant::english(at) }
    }

    fn report(&mut self, report: &Report) {
        self.line("== KẾT QUẢ KIỂM TRA ==", "== VERIFICATION RESULT ==");
        self.line(report.verdict.vietnamese(), report.verdict.english());
        let at = self.time(report.checked_at);
        self.field("Thời điểm kiểm tra", "Checked at", &at);
        match &report.subject {
            Subject::Pdf(pdf) => self.pdf(pdf),
            Subject::Xml(signature) => self.signature(signature),
            Subject::AuditExport(audit) => self.audit(audit),
            Subject::Unsupported => self.line(
                "  Loại tệp này chưa được hỗ trợ: chỉ kiểm tra PDF, XML đã ký và bản xuất nhật ký.",
                "  This kind of file is not supported: only signed PDF and XML files and audit exports are verified.",
            ),
        }
        self.text.push('\n');
    }

    fn findings<'f>(&mut self, findings: impl IntoIterator<Item = &'f Finding>) {
        for finding in findings {
            let mark = if finding.severity() == Severity::Note { "·" } else { "✗" };
            let sentence = if self.language == Language::Vietnamese { finding.vietnamese() } else { finding.english() };
            self.text.push_str(&format!("  {mark} {sentence}\n"));
        }
    }

    fn pdf(&mut self, pdf: &PdfReport) {
        self.findings(&pdf.findings);
        for (number, signature) in pdf.signatures.iter().enumerate() {
            let title = format!("{} ({})", number + 1, signature.field);
            self.line(&format!("Chữ ký {title}"), &format!("Signature {title}"));
            self.signature(&signature.cms);
            for (vietnamese, english, value) in
                [("Lý do", "Reason", &signature.reason), ("Nơi ký", "Location", &signature.location)]
            {
                if let Some(value) = value {
                    self.field(vietnamese, english, value);
                }
            }
            match signature.coverage {
                Coverage::WholeFile => self.field("Phạm vi", "Covers", self.pick("toàn bộ tệp", "the whole file")),
                Coverage::EarlierRevision => self.field(
                    "Phạm vi",
                    "Covers",
                    self.pick(
                        "tệp tại thời điểm ký; sau đó có thêm chữ ký hoặc bằng chứng",
                        "the file as it was; signatures or evidence came later",
                    ),
                ),
                Coverage::Broken => self.field("Phạm vi", "Covers", self.pick("không xác định", "undetermined")),
            }
        }
        for file in &pdf.attachments {
            let size = format!("{} byte", file.bytes);
            self.line(
                &format!("Tệp đính kèm «{}» ({size})", file.name),
                &format!("Attachment \"{}\" ({size})", file.name),
            );
            self.findings(&file.findings);
            if let Some(signature) = &file.signature {
                self.signature(signature);
            }
        }
    }

    fn signature(&mut self, signature: &CmsReport) {
        if let Some(SignerSummary { subject, issuer, serial, .. }) = &signature.signer {
            self.field("Người ký", "Signer", subject);
            self.field("Nơi cấp chứng thư", "Issued by", issuer);
            self.field("Số chứng thư", "Serial number", serial);
        }
        if let Some(at) = signature.signing_time {
            let time = self.time(at);
            self.field("Thời điểm ký (theo máy người ký)", "Signed at (the signer's clock)", &time);
        }
        if let Some(rules) = &signature.claims.rules {
            self.field("Theo quy định ký số", "Under the signing rules", &rules.decision);
        }
        if let Some(by) = &signature.claims.put_by {
            self.field("Người đóng dấu", "Seal put by", &by.name);
        }
        for stamp in &signature.time_stamps {
            let time = self.time(stamp.time);
            self.field("Dấu thời gian", "Time stamp", &time);
            if let Some(authority) = &stamp.authority {
                self.field("Nơi cấp dấu thời gian", "Time stamped by", &authority.subject);
            }
            if stamp.trusted {
                self.line(
                    "  ✓ Dấu thời gian đúng là của chữ ký này, do nơi được tin cậy cấp.",
                    "  ✓ The time stamp is of this signature, by a trusted authority.",
                );
            }
        }
        if let Some(level) = signature.level {
            let (vietnamese, english) = named(level);
            self.field("Mức chữ ký", "Level", self.pick(vietnamese, english));
        }
        if signature.intact() {
            self.line("  ✓ Nội dung còn nguyên vẹn.", "  ✓ The content is unchanged.");
        }
        if signature.trusted() {
            self.line(
                "  ✓ Chứng thư dẫn tới nơi được tin cậy, còn hiệu lực và chưa bị thu hồi khi ký.",
                "  ✓ The certificate leads to a trusted authority and was valid and not revoked when signing.",
            );
        }
        self.findings(&signature.findings);
    }

    fn audit(&mut self, audit: &AuditReport) {
        self.field("Mã cơ sở", "Facility", &audit.facility);
        self.findings(&audit.findings);
        for chain in &audit.chains {
            self.line(&format!("Chuỗi nhật ký {}", chain.chain), &format!("Audit chain {}", chain.chain));
            self.field("Số dòng", "Rows", &chain.rows.to_string());
            self.field("Số đầu chuỗi đã ký", "Signed heads", &chain.heads.to_string());
            self.field(
                "Được chữ ký bao phủ đến dòng",
                "Covered by a signature up to row",
                &chain.covered_to.to_string(),
            );
            if let Some(at) = chain.covered_at {
                let time = self.time(at);
                self.field("Đầu chuỗi ký lúc", "Head signed at", &time);
            }
            if let Some(signer) = &chain.signed_by {
                self.field("Ký bằng con dấu số", "Sealed by", signer);
            }
        }
    }
}

/// What a level means to whoever holds the file.
fn named(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Basic => ("B-B (thời điểm ký theo lời người ký)", "B-B (when it was signed, only the signer says)"),
        Level::Timed => ("B-T (có dấu thời gian)", "B-T (with a time stamp)"),
        Level::LongTerm => (
            "B-LT (có dấu thời gian và đủ bằng chứng trong tệp để kiểm tra về sau)",
            "B-LT (with a time stamp, and all evidence inside for checking it later)",
        ),
    }
}
