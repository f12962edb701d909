//! What `benhan verify` answers: one verdict, and the reasons in Vietnamese and English.

mod text;

use serde::Serialize;

use crate::audit_export::{self, AuditReport};
use crate::certificate::{Anchors, CertificateError};
use crate::cms::CmsReport;
use crate::finding::{Severity, worst};
use crate::pades::{PdfReport, verify_pdf};
use crate::xades::verify_xml;

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Unchanged, and signed by certificates that lead to the given anchors.
    Holds,
    /// Unchanged, but nobody who is trusted says so.
    IntactNotTrusted,
    /// Changed, cut or forged.
    Tampered,
    /// Nothing can be said: unreadable, unsigned, or of a kind that is not supported.
    Unverifiable,
}

impl Verdict {
    /// The verdict that the worst finding leaves.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Holds,
            Severity::Untrusted => Self::IntactNotTrusted,
            Severity::Unverifiable => Self::Unverifiable,
            Severity::Tampered => Self::Tampered,
        }
    }

    /// 0 only when everything holds.
    pub fn exit_code(self) -> u8 {
        if self == Self::Holds { 0 } else { 1 }
    }

    /// The verdict in Vietnamese.
    pub fn vietnamese(self) -> &'static str {
        match self {
            Self::Holds => "HỢP LỆ: còn nguyên vẹn và do người ký được tin cậy ký.",
            Self::IntactNotTrusted => {
                "NGUYÊN VẸN NHƯNG CHƯA ĐƯỢC TIN CẬY: nội dung không bị sửa, chứng thư không được tin cậy."
            }
            Self::Tampered => "KHÔNG HỢP LỆ: đã bị sửa, bị cắt hoặc giả mạo.",
            Self::Unverifiable => "KHÔNG KIỂM TRA ĐƯỢC: tệp không đọc được, không có chữ ký hoặc chưa được hỗ trợ.",
        }
    }

    /// The verdict in English.
    pub fn english(self) -> &'static str {
        match self {
            Self::Holds => "VALID: unchanged, and signed by trusted signers.",
            Self::IntactNotTrusted => "INTACT, NOT TRUSTED: unchanged, but a certificate is not trusted.",
            Self::Tampered => "INVALID: changed, cut or forged.",
            Self::Unverifiable => "NOT VERIFIABLE: unreadable, unsigned, or not supported.",
        }
    }
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "details", rename_all = "kebab-case")]
pub enum Subject {
    /// A signed PDF.
    Pdf(PdfReport),
    /// A signed XML file.
    Xml(Box<CmsReport>),
    /// An audit export.
    AuditExport(AuditReport),
    /// Something that is not verified here.
    Unsupported,
}

/// The whole answer; serialises to JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// When it was asked, µs UTC.
    pub checked_at: i64,
    /// The reasons.
    #[serde(flatten)]
    pub subject: Subject,
}

/// Verifies a file against the anchors in `anchors_pem`, at the verifier's clock `now` (µs UTC). The
/// kind of file is told from its first bytes. Empty `anchors_pem` trusts nobody.
///
/// # Errors
/// [`CertificateError`] when the anchors cannot be read; everything about the file is in the report.
pub fn verify_file(bytes: &[u8], anchors_pem: &[u8], now: i64) -> Result<Report, CertificateError> {
    let nobody = anchors_pem.trim_ascii().is_empty();
    let anchors = if nobody { Anchors::default() } else { Anchors::from_pem(anchors_pem)? };
    Ok(verify_with(bytes, &anchors, now))
}

/// The same with anchors already read.
pub fn verify_with(bytes: &[u8], anchors: &Anchors, now: i64) -> Report {
    let subject = if bytes.starts_with(b"%PDF-") {
        Subject::Pdf(verify_pdf(bytes, anchors, now))
    } else if bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xef\xbb\xbf<") {
        Subject::Xml(Box::new(verify_xml(bytes, anchors, now)))
    } else if looks_like_audit_export(bytes) {
        // Reading from memory does not fail.
        Subject::AuditExport(audit_export::verify(bytes, anchors, now).unwrap_or_default())
    } else {
        Subject::Unsupported
    };
    let severity = match &subject {
        Subject::Pdf(report) => report.severity(),
        Subject::Xml(report) => worst(&report.findings),
        Subject::AuditExport(report) => report.severity(),
        Subject::Unsupported => Severity::Unverifiable,
    };
    Report { verdict: Verdict::of(severity), checked_at: now, subject }
}

fn looks_like_audit_export(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.len() < 4096 && String::from_utf8_lossy(first).contains(audit_export::FORMAT)
}

impl Report {
    /// 0 only when everything holds.
    pub fn exit_code(&self) -> u8 {
        self.verdict.exit_code()
    }

    /// The report for machines.
    ///
    /// # Errors
    /// None in practice: every part has a JSON form.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    /// The report for people, Vietnamese first, English after it.
    pub fn to_text(&self) -> String {
        text::render(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::sign_detached;
    use crate::story::{Hospital, NOW};

    #[test]
    fn other_files_are_said_to_be_unsupported() {
        let hospital = Hospital::open();
        let root = hospital.authority.root().to_pem();
        let nurse = hospital.nurse();
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let cms = sign_detached(b"x", &nurse.signer(&evidence), NOW).unwrap();
        for bytes in [&cms[..], b"", b"PK\x03\x04"] {
            let report = verify_file(bytes, root.as_bytes(), NOW).unwrap();
            assert_eq!((report.verdict, report.exit_code()), (Verdict::Unverifiable, 1));
            assert!(report.to_text().contains("chưa được hỗ trợ"));
        }
        assert!(verify_file(b"x", b"no pem", NOW).is_err());
    }

    // Clauses: SIG-15
    #[test]
    fn a_report_speaks_both_languages_and_json() {
        let hospital = Hospital::open();
        let export = b"{\"format\":\"benhan-audit-export\",\"version\":1,\"facility\":\"01234\"}\n{\"row\":1}\n";
        let report = verify_file(export, hospital.authority.root().to_pem().as_bytes(), NOW).unwrap();
        assert_eq!(report.verdict, Verdict::Tampered);
        let text = report.to_text();
        assert!(text.contains("KHÔNG HỢP LỆ") && text.contains("INVALID"), "{text}");
        assert!(text.contains("Dòng 2 không đọc được") && text.contains("Line 2 cannot be read"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
        assert_eq!(json["verdict"], "tampered");
        assert_eq!(json["kind"], "audit-export");
        assert_eq!(json["details"]["findings"][0]["code"], "bad-line");
    }
}
