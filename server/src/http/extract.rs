//! Who asks, and which row: parsed before any handler runs.

use super::error::Failure;
use crate::App;
use crate::app::accounts::{self, Caller, second_factor};
use crate::app::{AppError, error::Kind};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::str::FromStr;

pub const COOKIE: &str = "benhan_session";

/// A person with an open, unlocked session, a password of their own and the second factor that they need, whose unsafe requests carry the CSRF token.
pub struct Who(pub Caller);

/// The same, locked or not: for the door itself.
pub struct AtTheDoor(pub Caller);

/// The same as [`Who`] for what a page asks by itself, without anybody at the keys: the session is not kept alive by it.
pub struct Glance(pub Caller);

impl Deref for Who {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

async fn recognise(req: HttpRequest) -> Result<Caller, Failure> {
    let app = req.app_data::<Data<App>>().ok_or_else(|| AppError::Internal("no app data".into()))?;
    let cookie = req.cookie(COOKIE).ok_or_else(AppError::unauthenticated)?;
    let caller = accounts::recognise(app, cookie.value()).await?;
    let safe = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let shown = req.headers().get("X-CSRF-Token").and_then(|v| v.to_str().ok());
    if !safe && shown != Some(caller.csrf.as_str()) {
        let detail = "Yêu cầu không mang mã của phiên này: tải lại trang rồi thử lại.";
        return Err(AppError::refused(Kind::Forbidden, "csrf", detail).into());
    }
    Ok(caller)
}

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

impl FromRequest for Who {
    type Error = Failure;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let caller = recognise(req).await?;
            if caller.locked {
                return Err(AppError::locked().into());
            }
            if caller.user.must_change_password {
                let detail = "Mật khẩu ban đầu chỉ dùng để đổi: đặt mật khẩu của riêng bạn rồi làm việc tiếp.";
                return Err(AppError::refused(Kind::Forbidden, "must-change-password", detail).into());
            }
            if let Some(lacking) = caller.lacks {
                return Err(second_factor::refused(lacking).into());
            }
            Ok(Self(caller))
        })
    }
}

impl FromRequest for AtTheDoor {
    type Error = Failure;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { recognise(req).await.map(Self) })
    }
}

impl FromRequest for Glance {
    type Error = Failure;
    type Future = Extracting<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let app = req.app_data::<Data<App>>().ok_or_else(|| AppError::Internal("no app data".into()))?;
            let cookie = req.cookie(COOKIE).ok_or_else(AppError::unauthenticated)?;
            let (caller, _) = accounts::standing(app, cookie.value()).await?;
            if caller.locked || caller.user.must_change_password || caller.lacks.is_some() {
                return Err(AppError::locked().into());
            }
            Ok(Self(caller))
        })
    }
}

/// An id from the path or query; a malformed one is a thing that does not exist.
pub fn id<T: FromStr>(text: &str, what: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| AppError::not_found(what).into())
}

/// An instant from a body or query.
pub fn instant(text: &str, field: &str) -> Result<benhan_domain::time::Instant, Failure> {
    let parsed = benhan_domain::time::Instant::parse(text);
    parsed
        .ok_or_else(|| AppError::invalid(field, "Thời điểm ghi theo RFC 3339, ví dụ 2026-11-22T08:30:00+07:00").into())
}

/// `Idempotency-Key`, bound to the body it came with.
pub fn retry_key<T: serde::Serialize>(req: &HttpRequest, body: &T) -> Result<Option<crate::idempotent::Key>, Failure> {
    let header = req.headers().get("Idempotency-Key").map(|v| v.to_str().unwrap_or(""));
    let bytes = serde_json::to_vec(body).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(crate::idempotent::Key::new(header, &[req.path().as_bytes(), &bytes].concat())?)
}
