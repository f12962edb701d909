//! Why a time stamp proves no instant.

use thiserror::Error;

use crate::asn1::Malformed;
use crate::finding::Severity;
use crate::instant;
use crate::problem::CertificateProblem;

/// What is wrong with a time stamp.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.english())]
pub enum StampProblem {
    /// Not a readable token.
    Malformed,
    /// Its hash is of other bytes.
    OtherBytes,
    /// The authority's signature does not fit the token, or its certificate was exchanged.
    Wrong,
    /// The authority's certificate is nowhere to be found.
    NoCertificate,
    /// An algorithm or extension that is not accepted.
    Unsupported(String),
    /// It states an instant after the verifier's clock.
    FromFuture(i64),
    /// The authority's certificate is not to be trusted.
    Untrusted(CertificateProblem),
}

impl From<Malformed> for StampProblem {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl StampProblem {
    /// As much as the same would weigh on the signature itself.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Malformed | Self::OtherBytes | Self::Wrong => Severity::Tampered,
            Self::NoCertificate | Self::Unsupported(_) => Severity::Unverifiable,
            Self::FromFuture(_) | Self::Untrusted(_) => Severity::Untrusted,
        }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "stamp-malformed",
            Self::OtherBytes => "stamp-of-other-bytes",
            Self::Wrong => "stamp-wrong",
            Self::NoCertificate => "stamp-without-certificate",
            Self::Unsupported(_) => "stamp-unsupported",
            Self::FromFuture(_) => "stamp-in-future",
            Self::Untrusted(_) => "stamp-untrusted",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::Malformed => "Dấu thời gian bị hỏng, không đọc được.".into(),
            Self::OtherBytes => "Dấu thời gian không thuộc chữ ký này: bị sửa hoặc lấy từ chữ ký khác.".into(),
            Self::Wrong => "Chữ ký của nơi cấp dấu thời gian không đúng: dấu thời gian bị sửa hoặc giả mạo.".into(),
            Self::NoCertificate => "Dấu thời gian không kèm chứng thư số của nơi cấp.".into(),
            Self::Unsupported(what) => {
                format!("Dấu thời gian dùng {what} mà phần mềm không hỗ trợ. Hãy kiểm tra bằng công cụ khác.")
            }
            Self::FromFuture(at) => format!(
                "Dấu thời gian ghi {}, sau thời điểm kiểm tra. Hãy kiểm tra đồng hồ máy.",
                instant::vietnamese(*at)
            ),
            Self::Untrusted(problem) => {
                format!(
                    "Nơi cấp dấu thời gian chưa được tin cậy nên không dùng thời điểm này. {}",
                    problem.vietnamese()
                )
            }
        }
    }

    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::Malformed => "The time stamp is damaged and cannot be read.".into(),
            Self::OtherBytes => "The time stamp is not of this signature: altered, or taken from another one.".into(),
            Self::Wrong => "The time-stamp authority's signature is wrong: the stamp was altered or forged.".into(),
            Self::NoCertificate => "The time stamp does not carry its authority's certificate.".into(),
            Self::Unsupported(what) => {
                format!("The time stamp uses {what}, which is not supported here. Check it with another tool.")
            }
            Self::FromFuture(at) => {
                format!("The time stamp says {}, later than this check. Check the clock.", instant::english(*at))
            }
            Self::Untrusted(problem) => {
                format!("The time-stamp authority is not trusted, so its time is not used. {}", problem.english())
            }
        }
    }
}
