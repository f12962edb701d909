//! `/reading`: what an outsider reads on the screen; `/record-requests/{request}/reader`: whom the record room lets in.

use crate::App;
use crate::app::AppError;
use crate::app::reading::{self, Who as Reader};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::http::pdf;
use crate::view_record::{ReaderAccount, ReadingGrant, ReadingSheet, RecordRequest};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(grants).service(sheets).service(sheet).service(accounts).service(give).service(end);
}

const REQUEST: &str = "yêu cầu cung cấp hồ sơ";

/// What the one who asks may read now.
#[utoipa::path(tag = "reading", responses((status = 200, body = Vec<ReadingGrant>)))]
#[get("/reading")]
async fn grants(who: Who, app: Data<App>) -> Answer<Json<Vec<ReadingGrant>>> {
    Ok(Json(reading::grants(&app, &who).await?))
}

/// The signed sheets that the grant opens. 403 `grant-ended` once it is over.
#[utoipa::path(tag = "reading", params(("request" = String, Path)), responses((status = 200, body = Vec<ReadingSheet>)))]
#[get("/reading/{request}/sheets")]
async fn sheets(who: Who, app: Data<App>, at: Path<String>) -> Answer<Json<Vec<ReadingSheet>>> {
    Ok(Json(reading::sheets(&app, &who, id(&at, REQUEST)?).await?))
}

/// One sheet as a picture with the reader's name on each page; each look is on the trail.
#[utoipa::path(tag = "reading", params(("request" = String, Path), ("document" = String, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
#[get("/reading/{request}/sheets/{document}")]
async fn sheet(who: Who, app: Data<App>, path: Path<(String, String)>) -> Answer<HttpResponse> {
    let (request, document) = path.into_inner();
    let bytes = reading::sheet(&app, &who, id(&request, REQUEST)?, id(&document, "phiếu")?).await?;
    Ok(pdf::inline("ban-doc", bytes))
}

/// Outsiders' accounts that are open: one may read on this request too.
#[utoipa::path(tag = "reading", params(("request" = String, Path)), responses((status = 200, body = Vec<ReaderAccount>)))]
#[get("/record-requests/{request}/readers")]
async fn accounts(who: Who, app: Data<App>, _at: Path<String>) -> Answer<Json<Vec<ReaderAccount>>> {
    Ok(Json(reading::accounts(&app, &who).await?))
}

/// A new account, by the name on the request, or `user`, who has one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReader {
    user: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

/// Lets an outsider read on a granted request until the grant ends. 409 `has-reader`, `request-state`, `username-taken`.
#[utoipa::path(tag = "reading", params(("request" = String, Path)), request_body = NewReader, responses((status = 201, body = RecordRequest)))]
#[post("/record-requests/{request}/reader")]
async fn give(who: Who, app: Data<App>, at: Path<String>, body: Json<NewReader>) -> Answer<HttpResponse> {
    let reader = match body.into_inner() {
        NewReader { user: Some(user), username: None, password: None } => Reader::Account(id(&user, "tài khoản")?),
        NewReader { user: None, username: Some(username), password: Some(password) } => {
            Reader::New { username, password }
        }
        _ => return Err(AppError::invalid("user", "Chọn một tài khoản, hoặc ghi tên đăng nhập và mật khẩu mới").into()),
    };
    Ok(HttpResponse::Created().json(reading::give(&app, &who, id(&at, REQUEST)?, reader).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndedReading {
    reason: String,
}

/// They read this record no more. 409 `no-reader`.
#[utoipa::path(tag = "reading", params(("request" = String, Path)), request_body = EndedReading, responses((status = 200, body = RecordRequest)))]
#[post("/record-requests/{request}/reader/end")]
async fn end(who: Who, app: Data<App>, at: Path<String>, body: Json<EndedReading>) -> Answer<Json<RecordRequest>> {
    Ok(Json(reading::end(&app, &who, id(&at, REQUEST)?, body.into_inner().reason).await?))
}
