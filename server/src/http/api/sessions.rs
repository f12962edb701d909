//! `/sessions`: who is logged in where, and accounts that two people use.

use crate::App;
use crate::app::accounts::terminals;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_access::{OpenSession, SharedLogin};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(mine).service(shared).service(end);
}

/// Every open session, the latest sign of life first. For the administrator.
#[utoipa::path(tag = "sessions", responses((status = 200, body = Vec<OpenSession>)))]
#[get("/sessions")]
async fn open(who: Who, app: Data<App>) -> Answer<Json<Vec<OpenSession>>> {
    Ok(Json(terminals::open(&app, &who).await?))
}

/// The caller's own open sessions.
#[utoipa::path(tag = "sessions", responses((status = 200, body = Vec<OpenSession>)))]
#[get("/sessions/mine")]
async fn mine(who: Who, app: Data<App>) -> Answer<Json<Vec<OpenSession>>> {
    Ok(Json(terminals::mine(&app, &who).await?))
}

/// Accounts used from two addresses at once in the last 30 days, the latest first. For the administrator.
#[utoipa::path(tag = "sessions", responses((status = 200, body = Vec<SharedLogin>)))]
#[get("/sessions/shared")]
async fn shared(who: Who, app: Data<App>) -> Answer<Json<Vec<SharedLogin>>> {
    Ok(Json(terminals::shared(&app, &who).await?))
}

/// Ends a session at once: one's own, or as the administrator anybody's. 404 when it is neither or over.
#[utoipa::path(tag = "sessions", params(("session" = String, Path)), responses((status = 204)))]
#[post("/sessions/{session}/end")]
async fn end(who: Who, app: Data<App>, session: Path<String>) -> Answer<HttpResponse> {
    terminals::end(&app, &who, id(&session, "phiên làm việc đang mở")?).await?;
    Ok(HttpResponse::NoContent().finish())
}
