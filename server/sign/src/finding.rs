//! What a verification found, one sentence each in Vietnamese and English.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::problem::CertificateProblem;
use crate::timestamp::StampProblem;
use crate::xades::XmlProblem;

/// How much a finding weighs; the worst one decides the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; takes nothing away.
    Note,
    /// The bytes hold, but not in the name of anybody who is trusted.
    Untrusted,
    /// It cannot be told whether the bytes hold.
    Unverifiable,
    /// The bytes were changed, cut or exchanged after signing.
    Tampered,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The content's hash is not the signed one.
    ContentChanged,
    /// The signature value does not fit key and attributes.
    SignatureWrong,
    /// The signature is not a readable CMS structure.
    SignatureMalformed,
    /// The signer's certificate is not in the signature.
    NoSignerCertificate,
    /// The certificate in the signature is not the one that was signed with.
    CertificateExchanged,
    /// The signed attribute that pins the signer's certificate is missing.
    CertificateNotPinned,
    /// An algorithm or kind of signature that is not accepted.
    Unsupported(String),
    /// The claimed signing time lies after the verifier's clock.
    SignedInFuture(i64),
    /// The signature states no time; the verifier's was used.
    NoSigningTime,
    /// The certificate is not to be trusted.
    Certificate(CertificateProblem),
    /// A time stamp over the signature does not prove its instant.
    TimeStamp(StampProblem),
    /// The claimed signing time lies after a trusted time stamp over the signature.
    SignedAfterStamp { claimed: i64, stamped: i64 },
    /// An unsigned attribute of a kind that is not known here, by its identifier.
    UnknownAttribute(String),
    /// An XML file, or the way its signature is made, is not accepted.
    Xml(XmlProblem),

    /// A PDF signature leaves more out than itself.
    RangeBroken,
    /// Something was appended after the last signature.
    Appended,
    /// Certificates and revocation lists were appended after the last signature.
    EvidenceAppended,
    /// Between two signatures something other than a signature was added.
    ForbiddenChange(String),
    /// A PDF without any signature.
    NotSigned,
    /// Not readable as what it claims to be.
    Unreadable(String),
    /// A signature file is attached without the file that it signs.
    SignatureWithoutFile(String),
    /// Two attachments have one name.
    AttachmentTwice(String),
    /// An attachment without a signature of its own; the PDF's signatures cover it.
    AttachmentUnsigned(String),

    /// A line of an audit export that cannot be read.
    BadLine(u64),
    /// A row is missing, doubled or out of order.
    RowGap { chain: String, expected: u64, found: u64 },
    /// A row does not name the hash of the row before it.
    RowUnlinked { chain: String, seq: u64 },
    /// A row's content does not have the stated hash.
    RowChanged { chain: String, seq: u64 },
    /// A signed head names another hash than the row has.
    HeadMismatch { chain: String, seq: u64 },
    /// A signed head names another root than the tree over the rows has.
    TreeMismatch { chain: String, seq: u64 },
    /// A signed head names a row that the export lacks: the end was cut off.
    RowsCut { chain: String, seq: u64 },
    /// The first row of a later chain names a row that the export has not, or has otherwise.
    NamedRowMissing { chain: String, seq: u64, by: String },
    /// A head that belongs to another facility.
    HeadOfOtherFacility { chain: String, facility: String },
    /// A head that was not signed with the facility's seal.
    HeadWithoutSeal { chain: String, seq: u64 },
    /// A chain that no head covers.
    NoHead { chain: String },
    /// Rows after the last signed head: linked, not yet covered by a signature.
    RowsAfterHead { chain: String, from: u64, to: u64 },
    /// The file ends without any row.
    NoRows,
}

impl Finding {
    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        match self {
            Self::NoSigningTime
            | Self::CertificateNotPinned
            | Self::AttachmentUnsigned(_)
            | Self::EvidenceAppended
            | Self::SignedAfterStamp { .. }
            | Self::UnknownAttribute(_)
            | Self::RowsAfterHead { .. } => Severity::Note,
            Self::SignedInFuture(_) | Self::Certificate(_) | Self::HeadWithoutSeal { .. } | Self::NoHead { .. } => {
                Severity::Untrusted
            }
            Self::NoSignerCertificate | Self::Unsupported(_) | Self::NotSigned | Self::Unreadable(_) | Self::NoRows => {
                Severity::Unverifiable
            }
            Self::TimeStamp(problem) => problem.severity(),
            Self::Xml(problem) => problem.severity(),
            _ => Severity::Tampered,
        }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ContentChanged => "content-changed",
            Self::SignatureWrong => "signature-wrong",
            Self::SignatureMalformed => "signature-malformed",
            Self::NoSignerCertificate => "no-signer-certificate",
            Self::CertificateExchanged => "certificate-exchanged",
            Self::CertificateNotPinned => "certificate-not-pinned",
            Self::Unsupported(_) => "unsupported",
            Self::SignedInFuture(_) => "signed-in-future",
            Self::NoSigningTime => "no-signing-time",
            Self::Certificate(problem) => problem.code(),
            Self::TimeStamp(problem) => problem.code(),
            Self::Xml(problem) => problem.code(),
            Self::SignedAfterStamp { .. } => "signed-after-stamp",
            Self::UnknownAttribute(_) => "unknown-attribute",
            Self::RangeBroken => "range-broken",
            Self::Appended => "appended",
            Self::EvidenceAppended => "evidence-appended",
            Self::ForbiddenChange(_) => "forbidden-change",
            Self::NotSigned => "not-signed",
            Self::Unreadable(_) => "unreadable",
            Self::SignatureWithoutFile(_) => "signature-without-file",
            Self::AttachmentTwice(_) => "attachment-twice",
            Self::AttachmentUnsigned(_) => "attachment-unsigned",
            Self::BadLine(_) => "bad-line",
            Self::RowGap { .. } => "row-gap",
            Self::RowUnlinked { .. } => "row-unlinked",
            Self::RowChanged { .. } => "row-changed",
            Self::HeadMismatch { .. } => "head-mismatch",
            Self::TreeMismatch { .. } => "tree-mismatch",
            Self::RowsCut { .. } => "rows-cut",
            Self::NamedRowMissing { .. } => "named-row-missing",
            Self::HeadOfOtherFacility { .. } => "head-of-other-facility",
            Self::HeadWithoutSeal { .. } => "head-without-seal",
            Self::NoHead { .. } => "no-head",
            Self::RowsAfterHead { .. } => "rows-after-head",
            Self::NoRows => "no-rows",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::ContentChanged => "Nội dung đã bị thay đổi sau khi ký.".into(),
            Self::SignatureWrong => "Giá trị chữ ký không đúng: chữ ký hoặc nội dung đã bị sửa.".into(),
            Self::SignatureMalformed => "Chữ ký bị hỏng, không đọc được.".into(),
            Self::NoSignerCertificate => "Chữ ký không kèm chứng thư số của người ký.".into(),
            Self::CertificateExchanged => "Chứng thư trong chữ ký không phải chứng thư đã dùng khi ký.".into(),
            Self::CertificateNotPinned => "Chữ ký không ghi rõ chứng thư đã dùng (thiếu thuộc tính ESS).".into(),
            Self::Unsupported(what) => format!("Phần mềm không hỗ trợ: {what}. Hãy kiểm tra bằng công cụ khác."),
            Self::SignedInFuture(at) => format!(
                "Thời điểm ký {} sau thời điểm kiểm tra. Hãy kiểm tra đồng hồ máy.",
                crate::instant::vietnamese(*at)
            ),
            Self::NoSigningTime => "Chữ ký không ghi thời điểm ký; chứng thư được kiểm tra tại thời điểm này.".into(),
            Self::Certificate(problem) => problem.vietnamese(),
            Self::TimeStamp(problem) => problem.vietnamese(),
            Self::Xml(problem) => problem.vietnamese(),
            Self::SignedAfterStamp { claimed, stamped } => format!(
                "Thời điểm ký {} theo máy người ký muộn hơn dấu thời gian {}; đồng hồ máy đó có thể sai.",
                crate::instant::vietnamese(*claimed),
                crate::instant::vietnamese(*stamped)
            ),
            Self::UnknownAttribute(oid) => {
                format!("Chữ ký kèm thuộc tính {oid} không được ký và phần mềm không hiểu; thuộc tính này bị bỏ qua.")
            }
            Self::RangeBroken => "Chữ ký không bao phủ hết phần tệp mà nó phải bao phủ.".into(),
            Self::EvidenceAppended => {
                "Sau chữ ký cuối chỉ có thêm chứng thư và danh sách thu hồi; nội dung không đổi.".into()
            }
            Self::Appended => "Có dữ liệu được thêm vào tệp sau chữ ký cuối cùng.".into(),
            Self::ForbiddenChange(what) => {
                format!("Giữa hai lần ký có thay đổi khác ngoài việc thêm chữ ký ({what}).")
            }
            Self::NotSigned => "Tệp PDF không có chữ ký số nào.".into(),
            Self::Unreadable(what) => format!("Không đọc được tệp ({what}); tệp bị hỏng hoặc bị cắt."),
            Self::SignatureWithoutFile(name) => {
                format!("Có tệp chữ ký đính kèm «{name}» nhưng thiếu tệp được ký.")
            }
            Self::AttachmentTwice(name) => format!("Có hai tệp đính kèm cùng tên «{name}»."),
            Self::AttachmentUnsigned(name) => {
                format!("Tệp đính kèm «{name}» không có chữ ký riêng; chỉ được chữ ký của PDF bao phủ.")
            }
            Self::BadLine(line) => format!("Dòng {line} không đọc được: tệp bị sửa hoặc bị cắt."),
            Self::RowGap { chain, expected, found } => {
                format!("Chuỗi {chain}: cần dòng số {expected} nhưng gặp dòng số {found}; có dòng bị xóa hoặc chèn.")
            }
            Self::RowUnlinked { chain, seq } => format!("Chuỗi {chain}: dòng {seq} không nối với dòng trước nó."),
            Self::RowChanged { chain, seq } => format!("Chuỗi {chain}: nội dung dòng {seq} đã bị thay đổi."),
            Self::HeadMismatch { chain, seq } => {
                format!("Chuỗi {chain}: đầu chuỗi đã ký tại dòng {seq} không khớp với dòng đó.")
            }
            Self::TreeMismatch { chain, seq } => {
                format!("Chuỗi {chain}: gốc cây băm của đầu chuỗi đã ký tại dòng {seq} không khớp với các dòng.")
            }
            Self::RowsCut { chain, seq } => {
                format!("Chuỗi {chain}: đầu chuỗi đã ký nêu dòng {seq} nhưng bản xuất không có; phần cuối bị cắt.")
            }
            Self::NamedRowMissing { chain, seq, by } => {
                format!("Chuỗi {by} nêu dòng {seq} của chuỗi {chain}, nhưng bản xuất không có đúng dòng đó.")
            }
            Self::HeadOfOtherFacility { chain, facility } => {
                format!("Chuỗi {chain}: đầu chuỗi thuộc cơ sở khác ({facility}).")
            }
            Self::HeadWithoutSeal { chain, seq } => {
                format!("Chuỗi {chain}: đầu chuỗi tại dòng {seq} không được ký bằng con dấu số của cơ sở.")
            }
            Self::NoHead { chain } => format!("Chuỗi {chain}: chưa có đầu chuỗi nào được ký."),
            Self::RowsAfterHead { chain, from, to } => {
                format!("Chuỗi {chain}: các dòng {from}–{to} còn nguyên nhưng chưa được chữ ký nào bao phủ.")
            }
            Self::NoRows => "Bản xuất nhật ký không có dòng nào.".into(),
        }
    }

    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::ContentChanged => "The content was changed after signing.".into(),
            Self::SignatureWrong => "The signature value is wrong: signature or content was altered.".into(),
            Self::SignatureMalformed => "The signature is damaged and cannot be read.".into(),
            Self::NoSignerCertificate => "The signer's certificate is not in the signature.".into(),
            Self::CertificateExchanged => "The certificate in the signature is not the one used to sign.".into(),
            Self::CertificateNotPinned => "The signature does not pin its certificate (no ESS attribute).".into(),
            Self::Unsupported(what) => format!("Not supported here: {what}. Check it with another tool."),
            Self::SignedInFuture(at) => {
                format!("The signing time {} is later than this check. Check the clock.", crate::instant::english(*at))
            }
            Self::NoSigningTime => "The signature states no time; its certificate was checked as of now.".into(),
            Self::Certificate(problem) => problem.english(),
            Self::TimeStamp(problem) => problem.english(),
            Self::Xml(problem) => problem.english(),
            Self::SignedAfterStamp { claimed, stamped } => format!(
                "The signer's clock said {}, later than the time stamp {}; that clock may be wrong.",
                crate::instant::english(*claimed),
                crate::instant::english(*stamped)
            ),
            Self::UnknownAttribute(oid) => {
                format!("Beside the signature stands an unsigned attribute {oid}, unknown here; it was passed over.")
            }
            Self::RangeBroken => "The signature does not cover all that it has to cover.".into(),
            Self::EvidenceAppended => {
                "After the last signature only certificates and revocation lists were added; no content.".into()
            }
            Self::Appended => "Data was appended after the last signature.".into(),
            Self::ForbiddenChange(what) => {
                format!("Between two signatures something other than a signature was added ({what}).")
            }
            Self::NotSigned => "The PDF carries no digital signature.".into(),
            Self::Unreadable(what) => format!("The file cannot be read ({what}); it is damaged or cut."),
            Self::SignatureWithoutFile(name) => {
                format!("The signature \"{name}\" is attached, but not the file that it signs.")
            }
            Self::AttachmentTwice(name) => format!("Two attachments are named \"{name}\"."),
            Self::AttachmentUnsigned(name) => {
                format!("The attachment \"{name}\" has no signature of its own; the PDF's signatures cover it.")
            }
            Self::BadLine(line) => format!("Line {line} cannot be read: the file was altered or cut."),
            Self::RowGap { chain, expected, found } => {
                format!("Chain {chain}: row {expected} was due but row {found} came; a row was removed or inserted.")
            }
            Self::RowUnlinked { chain, seq } => format!("Chain {chain}: row {seq} does not link to the row before."),
            Self::RowChanged { chain, seq } => format!("Chain {chain}: the content of row {seq} was changed."),
            Self::HeadMismatch { chain, seq } => {
                format!("Chain {chain}: the signed head at row {seq} does not match that row.")
            }
            Self::TreeMismatch { chain, seq } => {
                format!("Chain {chain}: the tree root of the signed head at row {seq} is not that of the rows.")
            }
            Self::RowsCut { chain, seq } => {
                format!("Chain {chain}: a signed head names row {seq}, which is missing; the end was cut off.")
            }
            Self::NamedRowMissing { chain, seq, by } => {
                format!("Chain {by} names row {seq} of chain {chain}, which the export does not have as it was.")
            }
            Self::HeadOfOtherFacility { chain, facility } => {
                format!("Chain {chain}: a head belongs to another facility ({facility}).")
            }
            Self::HeadWithoutSeal { chain, seq } => {
                format!("Chain {chain}: the head at row {seq} was not signed with the facility's seal.")
            }
            Self::NoHead { chain } => format!("Chain {chain}: no head was signed yet."),
            Self::RowsAfterHead { chain, from, to } => {
                format!("Chain {chain}: rows {from}–{to} are intact but not yet covered by a signature.")
            }
            Self::NoRows => "The audit export has no rows.".into(),
        }
    }
}

impl From<CertificateProblem> for Finding {
    fn from(problem: CertificateProblem) -> Self {
        Self::Certificate(problem)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 4)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("severity", &self.severity())?;
        object.serialize_field("vi", &self.vietnamese())?;
        object.serialize_field("en", &self.english())?;
        object.end()
    }
}

/// The weight of the worst finding; nothing found weighs nothing.
pub(crate) fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Severity {
    findings.into_iter().map(Finding::severity).max().unwrap_or(Severity::Note)
}
