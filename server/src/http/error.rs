//! `application/problem+json` (RFC 9457): the ward reads a sentence, the operator reads the log.

use crate::app::AppError;
use crate::app::error::{Kind, Refusal};
use crate::view_factor::SecondFactorAsked;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use benhan_store::StoreError;
use benhan_store::keys::KeyError;
use serde::Serialize;
use std::collections::BTreeMap;

/// What every error answer looks like. `detail` is Vietnamese and says what to do; `code` is stable.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    /// With `second-factor` alone: what is asked for beside the password.
    #[serde(rename = "secondFactor", skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactorAsked>,
}

/// An [`AppError`] on its way out.
#[derive(Debug)]
pub struct Failure(pub AppError);

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

pub type Answer<T> = Result<T, Failure>;

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            AppError::Refused(no) => match no.kind {
                Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
                Kind::Locked => StatusCode::LOCKED,
                Kind::Forbidden => StatusCode::FORBIDDEN,
                Kind::NotFound => StatusCode::NOT_FOUND,
                Kind::Gone => StatusCode::GONE,
                Kind::Conflict => StatusCode::CONFLICT,
                Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
                Kind::TooMany | Kind::Busy => StatusCode::TOO_MANY_REQUESTS,
            },
            // Destroyed since: what came back from an old backup, or a list that names it.
            AppError::Store(StoreError::Keys(KeyError::Shredded(_))) => StatusCode::GONE,
            AppError::Store(StoreError::UnfitText { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            // "Come back later" only where later helps: a courier waits for ever on it.
            AppError::Store(error) if error.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            AppError::Store(_) | AppError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let no = match &self.0 {
            AppError::Refused(no) => no.clone(),
            broken => {
                tracing::error!(error = chain(broken), "a request failed");
                let (code, detail) = match status {
                    StatusCode::UNPROCESSABLE_ENTITY => {
                        ("invalid", "Nội dung có ký tự không lưu được: xoá rồi gõ lại.")
                    }
                    StatusCode::GONE => (
                        "record-destroyed",
                        "Hồ sơ đã tiêu hủy sau khi hết thời hạn lưu trữ: chỉ còn dòng danh mục và biên bản tiêu hủy.",
                    ),
                    StatusCode::SERVICE_UNAVAILABLE => (
                        "unavailable",
                        "Máy chủ chưa lưu được. Dữ liệu đang nhập vẫn còn trên màn hình: thử lại sau giây lát.",
                    ),
                    _ => ("internal", "Máy chủ gặp lỗi và chưa lưu gì. Báo người quản trị giờ xảy ra, rồi thử lại."),
                };
                Refusal { kind: Kind::Conflict, code, detail: detail.into(), fields: BTreeMap::new(), asked: None }
            }
        };
        let busy = no.kind == Kind::Busy;
        let body =
            Problem { second_factor: no.asked.map(|asked| *asked), ..named(status, no.code, &no.detail, no.fields) };
        let mut answer = sent(status, &body);
        if busy {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("2"));
        }
        answer
    }
}

pub fn problem(status: StatusCode, code: &str, detail: &str, fields: BTreeMap<String, String>) -> HttpResponse {
    sent(status, &named(status, code, detail, fields))
}

fn sent(status: StatusCode, body: &Problem) -> HttpResponse {
    HttpResponse::build(status).content_type("application/problem+json").json(body)
}

fn named(status: StatusCode, code: &str, detail: &str, fields: BTreeMap<String, String>) -> Problem {
    Problem {
        r#type: format!("urn:benhan:problem:{code}"),
        title: status.canonical_reason().unwrap_or("Error").to_owned(),
        status: status.as_u16(),
        detail: detail.to_owned(),
        code: code.to_owned(),
        fields,
        second_factor: None,
    }
}

/// Cause by cause; our errors never hold patient data.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
