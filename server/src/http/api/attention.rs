//! `/attention`: what gateways and bridges hold for a person (cần người xử lý). No patient in any of it.

use crate::App;
use crate::app::AppError;
use crate::app::attention;
use crate::http::error::Answer;
use crate::http::extract::{Glance, Who};
use crate::view_attention::{Attention, AttentionCount};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use benhan_domain::attention::Choice;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(count).service(choose).service(undo).service(forget);
}

/// Newest first, with what is being done about each, and when each gateway and bridge last reported.
#[utoipa::path(tag = "attention", responses((status = 200, body = Attention)))]
#[get("/attention")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Attention>> {
    Ok(Json(attention::listed(&app, &who).await?))
}

/// For the badge. Asking is no sign of life of the terminal.
#[utoipa::path(tag = "attention", responses((status = 200, body = AttentionCount)))]
#[get("/attention/count")]
async fn count(who: Glance, app: Data<App>) -> Answer<Json<AttentionCount>> {
    Ok(Json(attention::count(&app, &who.0).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    edge: String,
    key: String,
    /// `again`: send it again; `seen`: it leaves the list, its bytes stay.
    choice: String,
}

/// Kept with its audit row when this answers; the program that holds the item hears of it within seconds. The same
/// decision twice is one. 409 `already-handled`, `not-sendable`.
#[utoipa::path(tag = "attention", request_body = Decision, responses((status = 204)))]
#[post("/attention/decide")]
async fn choose(who: Who, app: Data<App>, body: Json<Decision>) -> Answer<HttpResponse> {
    let Decision { edge, key, choice } = body.into_inner();
    let choice = Choice::parse(&choice).ok_or_else(|| AppError::invalid("choice", "Chọn gửi lại hoặc đã xem"))?;
    attention::choose(&app, &who, edge, key, choice).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decided {
    edge: String,
    key: String,
}

/// Takes a decision back before its program has heard of it. 409 `too-late`.
#[utoipa::path(tag = "attention", request_body = Decided, responses((status = 204)))]
#[post("/attention/undo")]
async fn undo(who: Who, app: Data<App>, body: Json<Decided>) -> Answer<HttpResponse> {
    let Decided { edge, key } = body.into_inner();
    attention::undo(&app, &who, edge, key).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Retired {
    edge: String,
}

/// A gateway or bridge that is no more leaves the list. 409 `still-reports`.
#[utoipa::path(tag = "attention", request_body = Retired, responses((status = 204)))]
#[post("/attention/forget")]
async fn forget(who: Who, app: Data<App>, body: Json<Retired>) -> Answer<HttpResponse> {
    attention::forget(&app, &who, body.into_inner().edge).await?;
    Ok(HttpResponse::NoContent().finish())
}
