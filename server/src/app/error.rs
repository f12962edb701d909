//! How a use case says no: in words for the ward, with a stable code for the screen.

use crate::view_factor::SecondFactorAsked;
use benhan_domain::access::Denied;
use benhan_domain::personal_data::NotThisWish;
use benhan_domain::record::{NotInThisState, NotThisList, NotThisRequest};
use benhan_sign::pades::PadesError;
use benhan_sign::{KeyError, SignError, Trouble};
use benhan_store::StoreError;
use std::collections::BTreeMap;

/// What kind of no; `http` gives each its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody is logged in.
    Unauthenticated,
    /// The session is locked; the PIN opens it.
    Locked,
    Forbidden,
    NotFound,
    /// It was there, and was destroyed.
    Gone,
    /// The record has moved on, or a value is taken.
    Conflict,
    Invalid,
    TooMany,
    /// Nothing is wrong with the request but its moment.
    Busy,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: Kind,
    pub code: &'static str,
    /// Vietnamese; says what to do. Never holds patient data.
    pub detail: String,
    pub fields: BTreeMap<String, String>,
    /// What is asked for beside the password.
    pub asked: Option<Box<SecondFactorAsked>>,
}

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("refused: {}", .0.code)]
    Refused(Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Ours to fix; the operator reads it, the user does not.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Refused(Refusal { kind, code, detail: detail.into(), fields: BTreeMap::new(), asked: None })
    }

    pub fn unauthenticated() -> Self {
        Self::new(Kind::Unauthenticated, "unauthenticated", "Phiên làm việc đã hết: đăng nhập lại.")
    }

    pub fn locked() -> Self {
        Self::new(Kind::Locked, "locked", "Màn hình đang khoá: nhập mã PIN để mở.")
    }

    pub fn forbidden() -> Self {
        Self::new(Kind::Forbidden, "forbidden", "Bạn không có quyền làm việc này ở đây. Cần thì báo điều dưỡng trưởng.")
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, "not-found", format!("Không tìm thấy {what}."))
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    pub fn refused(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(kind, code, detail)
    }

    pub fn invalid(field: &str, why: impl Into<String>) -> Self {
        let why = why.into();
        let fields = BTreeMap::from([(field.to_owned(), why.clone())]);
        Self::Refused(Refusal { kind: Kind::Invalid, code: "invalid", detail: why, fields, asked: None })
    }

    /// Somebody else changed it first.
    pub fn stale() -> Self {
        Self::conflict("version-conflict", "Dữ liệu vừa được người khác thay đổi: tải lại rồi sửa tiếp.")
    }
}

impl From<benhan_package::PackError> for AppError {
    fn from(error: benhan_package::PackError) -> Self {
        if matches!(error, benhan_package::PackError::TooLarge) {
            let detail =
                "Hồ sơ này lớn hơn mức mà một gói chứa được (60.000 tệp, 4 GB): báo quản trị để sao lưu trọn dữ liệu.";
            return Self::conflict("record-too-large", detail);
        }
        Self::Internal(error.to_string())
    }
}

/// What the signer can do something about is said to the signer; the rest is ours.
impl From<KeyError> for AppError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Held { at, trouble } => {
                let kind = match trouble {
                    Trouble::Busy => Kind::Busy,
                    Trouble::Unreachable | Trouble::TimedOut => Kind::Conflict,
                    _ => Kind::Forbidden,
                };
                Self::new(kind, trouble.code(), trouble.vietnamese(at))
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<SignError> for AppError {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Key(key) => key.into(),
            SignError::Certificate(problem) => Self::Internal(problem.english()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<PadesError> for AppError {
    fn from(error: PadesError) -> Self {
        match error {
            PadesError::Sign(inside) => inside.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotPermitted(_) => Self::forbidden(),
            Denied::Restricted(_) => Self::new(
                Kind::Forbidden,
                "restricted",
                "Hồ sơ này chỉ người được giao mới xem: nhờ bác sĩ điều trị giao, hoặc mở khẩn cấp khi cần cứu người bệnh.",
            ),
            Denied::Record(why) => why.into(),
        }
    }
}

impl From<NotThisList> for AppError {
    fn from(why: NotThisList) -> Self {
        Self::conflict("list-state", format!("{why}."))
    }
}

impl From<NotThisRequest> for AppError {
    fn from(why: NotThisRequest) -> Self {
        Self::conflict("request-state", format!("{why}."))
    }
}

impl From<NotThisWish> for AppError {
    fn from(why: NotThisWish) -> Self {
        Self::conflict("subject-request-state", format!("{why}: tải lại danh sách."))
    }
}

impl From<NotInThisState> for AppError {
    fn from(why: NotInThisState) -> Self {
        if why == NotInThisState::Destroyed {
            return Self::new(Kind::Gone, why.code(), format!("{why}."));
        }
        Self::conflict(why.code(), format!("{why}."))
    }
}
