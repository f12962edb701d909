//! Why a responder's answer says nothing.

use serde::Serialize;
use thiserror::Error;

use crate::asn1::Malformed;

/// No answer, or one that may not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize)]
#[serde(rename_all = "kebab-case")]
#[error("{}", self.english())]
pub enum OcspError {
    /// Nobody answered in time.
    Unreachable,
    /// Not an OCSP response, larger than one may be, or of a kind that is not understood.
    Malformed,
    /// The responder gave none: its status (1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized).
    Refused(u8),
    /// The nonce is not the one that was sent: an old answer, sent again.
    OtherRequest,
    /// It is about other certificates.
    OtherCertificate,
    /// Signed by somebody whom the issuer did not appoint, or not at all.
    NotByIssuer,
    /// The responder does not know the certificate.
    Unknown,
    /// Past its next update.
    Stale,
    /// Made after the asker's clock: that clock is behind.
    FromFuture,
}

impl From<Malformed> for OcspError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<der::Error> for OcspError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

impl OcspError {
    /// A clause in Vietnamese, for the sentence that says what to do.
    pub fn vietnamese(self) -> String {
        match self {
            Self::Unreachable => "máy chủ OCSP không trả lời".into(),
            Self::Malformed => "câu trả lời OCSP không đọc được".into(),
            Self::Refused(status) => format!("máy chủ OCSP từ chối trả lời (mã {status})"),
            Self::OtherRequest => "câu trả lời OCSP là của lần hỏi khác (sai nonce)".into(),
            Self::OtherCertificate => "câu trả lời OCSP là của chứng thư khác".into(),
            Self::NotByIssuer => "câu trả lời OCSP không do nơi cấp chứng thư ký".into(),
            Self::Unknown => "máy chủ OCSP không biết chứng thư này".into(),
            Self::Stale => "câu trả lời OCSP đã quá hạn".into(),
            Self::FromFuture => "câu trả lời OCSP lập sau giờ của máy chủ này: đồng hồ máy chủ chạy chậm".into(),
        }
    }

    /// The same in English.
    pub fn english(self) -> String {
        match self {
            Self::Unreachable => "the OCSP responder does not answer".into(),
            Self::Malformed => "the OCSP answer cannot be read".into(),
            Self::Refused(status) => format!("the OCSP responder refused to answer (status {status})"),
            Self::OtherRequest => "the OCSP answer is to another request (wrong nonce)".into(),
            Self::OtherCertificate => "the OCSP answer is about another certificate".into(),
            Self::NotByIssuer => "the OCSP answer is not signed by the certificate's issuer".into(),
            Self::Unknown => "the OCSP responder does not know this certificate".into(),
            Self::Stale => "the OCSP answer is out of date".into(),
            Self::FromFuture => "the OCSP answer was made after this machine's time: its clock is behind".into(),
        }
    }
}
