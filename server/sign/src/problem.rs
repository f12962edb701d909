//! Why a certificate cannot sign, or cannot be trusted; and what to do about it.

use serde::Serialize;
use thiserror::Error;

use crate::instant;
use crate::ocsp::OcspError;

/// A certificate's refusal. `who` is the subject of the certificate in question.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[error("{}", self.english())]
pub enum CertificateProblem {
    /// No chain of issuers leads to a trusted certificate.
    UnknownIssuer { who: String, issuer: String },
    /// The issuer's key did not make this certificate's signature.
    BadSignature { who: String },
    /// Before its validity.
    NotYetValid { who: String, from: i64 },
    /// After its validity.
    Expired { who: String, until: i64 },
    /// The key is not meant for signing documents.
    WrongUsage { who: String },
    /// The key is not meant for time stamps, or not for them alone.
    NotATimeStamper { who: String },
    /// A certificate that issued another is no CA, or issued deeper than it may.
    NotAnAuthority { who: String },
    /// A key or algorithm below the legal minimum.
    WeakAlgorithm { who: String, detail: String },
    /// A critical extension that this software does not understand.
    UnknownExtension { who: String, oid: String },
    /// Listed as revoked at the moment in question.
    Revoked { who: String, at: i64 },
    /// No revocation list of the issuer is at hand.
    NoRevocationList { who: String, issuer: String },
    /// The newest usable list is past its next update.
    StaleRevocationList { issuer: String, next_update: i64 },
    /// Every list of the issuer was made after the asker's clock: that clock is behind.
    ListFromFuture { issuer: String, this_update: i64 },
    /// The issuer's responder does not know the certificate.
    StatusUnknown { who: String, issuer: String },
    /// The responder's newest answer is past its next update.
    StaleAnswer { who: String, until: i64 },
    /// The responder's answer was made after the asker's clock: that clock is behind.
    AnswerFromFuture { who: String, this_update: i64 },
    /// The responder was asked in vain, and no revocation list answers in its place.
    NoAnswer { who: String, why: OcspError },
    /// The certificate does not belong to the key that is to sign.
    OtherKey { who: String },
    /// Not readable as a certificate.
    Malformed { who: String },
}

impl CertificateProblem {
    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownIssuer { .. } => "unknown-issuer",
            Self::BadSignature { .. } => "bad-certificate-signature",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::WrongUsage { .. } => "wrong-usage",
            Self::NotATimeStamper { .. } => "not-a-time-stamper",
            Self::NotAnAuthority { .. } => "not-an-authority",
            Self::WeakAlgorithm { .. } => "weak-algorithm",
            Self::UnknownExtension { .. } => "unknown-extension",
            Self::Revoked { .. } => "revoked",
            Self::NoRevocationList { .. } => "no-revocation-list",
            Self::StaleRevocationList { .. } => "stale-revocation-list",
            Self::ListFromFuture { .. } => "list-from-future",
            Self::StatusUnknown { .. } => "status-unknown",
            Self::StaleAnswer { .. } => "stale-ocsp-answer",
            Self::AnswerFromFuture { .. } => "ocsp-answer-from-future",
            Self::NoAnswer { .. } => "no-ocsp-answer",
            Self::OtherKey { .. } => "other-key",
            Self::Malformed { .. } => "malformed-certificate",
        }
    }

    /// The sentence for the signer, with what to do.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::UnknownIssuer { who, issuer } => format!(
                "Chứng thư số của «{who}» do «{issuer}» cấp, không dẫn tới tổ chức chứng thực nào được tin cậy. \
                 Hãy kiểm tra danh sách chứng thư tin cậy hoặc dùng chứng thư khác."
            ),
            Self::BadSignature { who } => format!(
                "Chữ ký của tổ chức cấp trên chứng thư số «{who}» không đúng: chứng thư có thể là giả. \
                 Không dùng chứng thư này; hãy báo quản trị viên."
            ),
            Self::NotYetValid { who, from } => format!(
                "Chứng thư số «{who}» chỉ có hiệu lực từ {}. Hãy kiểm tra đồng hồ máy chủ hoặc chờ đến thời điểm đó.",
                instant::vietnamese(*from)
            ),
            Self::Expired { who, until } => format!(
                "Chứng thư số «{who}» đã hết hạn lúc {}. Hãy gia hạn hoặc xin cấp chứng thư mới rồi ký lại.",
                instant::vietnamese(*until)
            ),
            Self::WrongUsage { who } => {
                format!("Chứng thư số «{who}» không được cấp để ký tài liệu. Hãy dùng chứng thư có mục đích ký số.")
            }
            Self::NotATimeStamper { who } => format!(
                "Chứng thư số «{who}» không phải chứng thư chỉ dành cho cấp dấu thời gian. \
                 Hãy dùng dịch vụ dấu thời gian khác hoặc báo quản trị viên."
            ),
            Self::NotAnAuthority { who } => format!(
                "Chứng thư «{who}» không có quyền cấp chứng thư khác. Đường dẫn tin cậy không hợp lệ; hãy báo quản trị viên."
            ),
            Self::WeakAlgorithm { who, detail } => format!(
                "Chứng thư số «{who}» dùng khóa hoặc thuật toán không đạt mức tối thiểu ({detail}). \
                 Hãy xin cấp chứng thư RSA 2048 bit trở lên hoặc ECDSA P-256, với SHA-256."
            ),
            Self::UnknownExtension { who, oid } => format!(
                "Chứng thư số «{who}» có phần mở rộng bắt buộc {oid} mà phần mềm chưa hiểu nên không được dùng. \
                 Hãy báo quản trị viên."
            ),
            Self::Revoked { who, at } => format!(
                "Chứng thư số «{who}» đã bị thu hồi lúc {}. Không ký được; hãy xin cấp chứng thư mới.",
                instant::vietnamese(*at)
            ),
            Self::NoRevocationList { who, issuer } => format!(
                "Chưa có danh sách thu hồi (CRL) hay câu trả lời OCSP nào của «{issuer}» nên không biết chứng thư «{who}» còn hiệu lực hay không. \
                 Hãy báo quản trị viên cập nhật danh sách thu hồi rồi ký lại."
            ),
            Self::StaleRevocationList { issuer, next_update } => format!(
                "Danh sách thu hồi (CRL) của «{issuer}» đã quá hạn từ {}. \
                 Hãy báo quản trị viên cập nhật danh sách thu hồi rồi ký lại.",
                instant::vietnamese(*next_update)
            ),
            Self::ListFromFuture { issuer, this_update } => format!(
                "Danh sách thu hồi (CRL) của «{issuer}» lập lúc {}, sau giờ của máy chủ: đồng hồ máy chủ chạy chậm. \
                 Không ký được cho tới khi quản trị viên chỉnh lại giờ.",
                instant::vietnamese(*this_update)
            ),
            Self::StatusUnknown { who, issuer } => format!(
                "Máy chủ OCSP của «{issuer}» không biết chứng thư số «{who}», nên không rõ còn hiệu lực hay không. \
                 Không ký được; hãy hỏi nơi cấp chứng thư."
            ),
            Self::StaleAnswer { who, until } => format!(
                "Câu trả lời OCSP về chứng thư số «{who}» đã quá hạn từ {}. Hãy hỏi lại máy chủ OCSP rồi ký lại.",
                instant::vietnamese(*until)
            ),
            Self::AnswerFromFuture { who, this_update } => format!(
                "Câu trả lời OCSP về chứng thư số «{who}» lập lúc {}, sau giờ của máy chủ: đồng hồ máy chủ chạy chậm. \
                 Không ký được cho tới khi quản trị viên chỉnh lại giờ.",
                instant::vietnamese(*this_update)
            ),
            Self::NoAnswer { who, why } => format!(
                "Chưa biết chứng thư số «{who}» còn hiệu lực hay không: {}, và không có danh sách thu hồi (CRL) thay thế. \
                 Chưa ký được; hãy thử lại sau, nếu vẫn vậy thì báo quản trị viên.",
                why.vietnamese()
            ),
            Self::OtherKey { who } => {
                format!("Chứng thư số «{who}» không đi với khóa ký này. Hãy chọn đúng chứng thư hoặc cài lại khóa.")
            }
            Self::Malformed { who } => {
                format!("Không đọc được chứng thư số «{who}». Hãy xin lại tệp chứng thư từ nơi cấp.")
            }
        }
    }

    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::UnknownIssuer { who, issuer } => format!(
                "The certificate of \"{who}\", issued by \"{issuer}\", leads to no trusted authority. \
                 Check the list of trusted certificates or use another certificate."
            ),
            Self::BadSignature { who } => format!(
                "The issuer's signature on the certificate of \"{who}\" is wrong: it may be forged. \
                 Do not use it; tell the administrator."
            ),
            Self::NotYetValid { who, from } => format!(
                "The certificate of \"{who}\" is valid only from {}. Check the server's clock, or wait until then.",
                instant::english(*from)
            ),
            Self::Expired { who, until } => format!(
                "The certificate of \"{who}\" expired at {}. Renew it, then sign again.",
                instant::english(*until)
            ),
            Self::WrongUsage { who } => format!(
                "The certificate of \"{who}\" is not meant for signing documents. Use one issued for digital signatures."
            ),
            Self::NotATimeStamper { who } => format!(
                "The certificate of \"{who}\" is not one for time stamps alone. \
                 Use another time-stamp service, or tell the administrator."
            ),
            Self::NotAnAuthority { who } => format!(
                "The certificate of \"{who}\" may not issue certificates, or not this deep. Tell the administrator."
            ),
            Self::WeakAlgorithm { who, detail } => format!(
                "The certificate of \"{who}\" uses a key or algorithm below the legal minimum ({detail}). \
                 Obtain one with RSA 2048 bits or more, or ECDSA P-256, with SHA-256."
            ),
            Self::UnknownExtension { who, oid } => format!(
                "The certificate of \"{who}\" has a critical extension {oid} that this software does not know. \
                 Tell the administrator."
            ),
            Self::Revoked { who, at } => format!(
                "The certificate of \"{who}\" was revoked at {}. Obtain a new certificate.",
                instant::english(*at)
            ),
            Self::NoRevocationList { who, issuer } => format!(
                "There is no revocation list and no OCSP answer of \"{issuer}\", so it is unknown whether the certificate of \"{who}\" \
                 was revoked. Update the revocation lists, then sign again."
            ),
            Self::StaleRevocationList { issuer, next_update } => format!(
                "The revocation list of \"{issuer}\" is out of date since {}. Update it, then sign again.",
                instant::english(*next_update)
            ),
            Self::ListFromFuture { issuer, this_update } => format!(
                "The revocation list of \"{issuer}\" was made at {}, after this machine's time: its clock is behind. \
                 Set the clock right, then sign again.",
                instant::english(*this_update)
            ),
            Self::StatusUnknown { who, issuer } => format!(
                "The OCSP responder of \"{issuer}\" does not know the certificate of \"{who}\", so it is unknown \
                 whether it is good. Ask its issuer."
            ),
            Self::StaleAnswer { who, until } => format!(
                "The OCSP answer about the certificate of \"{who}\" is out of date since {}. Ask again, then sign again.",
                instant::english(*until)
            ),
            Self::AnswerFromFuture { who, this_update } => format!(
                "The OCSP answer about the certificate of \"{who}\" was made at {}, after this machine's time: its \
                 clock is behind. Set the clock right, then sign again.",
                instant::english(*this_update)
            ),
            Self::NoAnswer { who, why } => format!(
                "It is unknown whether the certificate of \"{who}\" is good: {}, and there is no revocation list in \
                 its place. Try again later.",
                why.english()
            ),
            Self::OtherKey { who } => {
                format!("The certificate of \"{who}\" does not belong to this signing key. Choose the right one.")
            }
            Self::Malformed { who } => {
                format!("The certificate of \"{who}\" cannot be read. Ask its issuer for the file again.")
            }
        }
    }
}
