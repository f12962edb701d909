//! `/destruction-lists`: records whose term is over, listed by one person, approved by another, and destroyed.

use crate::App;
use crate::app::destruction;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_record::DestructionList;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::id::DestructionListId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(propose).service(read).service(approve).service(cancel).service(begin).service(minutes);
}

fn of(text: &str) -> Answer<DestructionListId> {
    id(text, "danh mục tiêu hủy")
}

/// The newest first, without their records.
#[utoipa::path(tag = "records", responses((status = 200, body = Vec<DestructionList>)))]
#[get("/destruction-lists")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Vec<DestructionList>>> {
    Ok(Json(destruction::list(&app, &who).await?))
}

/// `decision`: of the head of the hospital, number and date.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewDestruction {
    /// Their `encounterId`, 1 to 500.
    records: Vec<String>,
    decision: String,
    reason: String,
}

/// 409 `must-be-kept`, with a sentence for each record that is held, not yet over, or listed already.
#[utoipa::path(tag = "records", request_body = NewDestruction, responses((status = 201, body = DestructionList)))]
#[post("/destruction-lists")]
async fn propose(who: Who, app: Data<App>, body: Json<NewDestruction>) -> Answer<HttpResponse> {
    let NewDestruction { records, decision, reason } = body.into_inner();
    let stays = records.iter().map(|stay| id(stay, "hồ sơ")).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Created().json(destruction::propose(&app, &who, stays, decision, reason).await?))
}

/// With its records, and its minutes once it is done.
#[utoipa::path(tag = "records", params(("list" = String, Path)), responses((status = 200, body = DestructionList)))]
#[get("/destruction-lists/{list}")]
async fn read(who: Who, app: Data<App>, at: Path<String>) -> Answer<Json<DestructionList>> {
    Ok(Json(destruction::read(&app, &who, of(&at)?).await?))
}

/// By another person than who made it: 409 `second-person`.
#[utoipa::path(tag = "records", params(("list" = String, Path)), responses((status = 200, body = DestructionList)))]
#[post("/destruction-lists/{list}/approve")]
async fn approve(who: Who, app: Data<App>, at: Path<String>) -> Answer<Json<DestructionList>> {
    Ok(Json(destruction::approve(&app, &who, of(&at)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancelling {
    reason: String,
}

/// By either, until it begins: then 409 `list-state`.
#[utoipa::path(tag = "records", params(("list" = String, Path)), request_body = Cancelling, responses((status = 200, body = DestructionList)))]
#[post("/destruction-lists/{list}/cancel")]
async fn cancel(who: Who, app: Data<App>, at: Path<String>, body: Json<Cancelling>) -> Answer<Json<DestructionList>> {
    Ok(Json(destruction::cancel(&app, &who, of(&at)?, body.into_inner().reason).await?))
}

/// Nothing stops it any more. It is carried out by the server itself: read the list again to see how far it is.
#[utoipa::path(tag = "records", params(("list" = String, Path)), responses((status = 200, body = DestructionList)))]
#[post("/destruction-lists/{list}/begin")]
async fn begin(who: Who, app: Data<App>, at: Path<String>) -> Answer<Json<DestructionList>> {
    Ok(Json(destruction::begin(&app, &who, of(&at)?).await?))
}

/// The sealed minutes as PDF/A, with place for the committee's signatures; 409 `list-state` before the list is done.
/// Each opening is audited.
#[utoipa::path(tag = "records", params(("list" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
#[get("/destruction-lists/{list}/minutes")]
async fn minutes(who: Who, app: Data<App>, at: Path<String>) -> Answer<HttpResponse> {
    let printed = destruction::printed(&app, &who, of(&at)?).await?;
    Ok(crate::http::pdf::inline(&format!("bien-ban-tieu-huy-{}", printed.number), printed.pdf))
}
