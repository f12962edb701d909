//! The door for a ward's computers: the newest kit of one ward, for a token that opens nothing else.

use super::error::Answer;
use super::extract::instant;
use crate::App;
use crate::app::AppError;
use crate::app::downtime::{self, Fetched};
use crate::app::error::Kind;
use actix_web::web::{Data, Query, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// When a kit was made, RFC 3339; what the computer sends back as `has`.
const MADE: &str = "Benhan-Kit-Made";

#[derive(Deserialize)]
struct Asked {
    /// The ward's code, as the computer was set up.
    ward: String,
    /// When the kit was made that it has.
    has: Option<String>,
}

/// 200 with a newer kit, 204 when there is none. 401 `bad-token`, 403 `other-ward`, 404 `no-kit`.
async fn newest(req: HttpRequest, app: Data<App>, asked: Query<Asked>) -> Answer<HttpResponse> {
    let shown = req.headers().get("Authorization").and_then(|v| v.to_str().ok());
    let token = shown.and_then(|v| v.strip_prefix("Bearer ")).ok_or_else(|| {
        let detail = "Chỉ máy được cấp mã lấy được bộ dự phòng ở đây.";
        AppError::refused(Kind::Unauthenticated, "bad-token", detail)
    })?;
    let has = asked.has.as_deref().map(|at| instant(at, "has")).transpose()?;
    Ok(match downtime::fetch(&app, token, &asked.ward, has).await? {
        Fetched::Same(made) => HttpResponse::NoContent().insert_header((MADE, made.rfc3339())).finish(),
        Fetched::New(taken) => HttpResponse::Ok()
            .content_type("application/pdf")
            .insert_header((MADE, taken.made.rfc3339()))
            .body(taken.bytes),
    })
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(resource("/downtime/kit").get(newest));
}
