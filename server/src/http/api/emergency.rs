//! `/emergency-access`: charts opened in an emergency, and what was found of it afterwards.

use crate::App;
use crate::app::emergency;
use crate::http::error::Answer;
use crate::http::extract::{Glance, Who, id};
use crate::view_access::{EmergencyCount, EmergencyOpened, EmergencyRow};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::emergency::{Verdict, Why};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(list).service(count).service(review);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEmergency {
    #[schema(value_type = String)]
    why: Why,
    reason: String,
}

/// Opens a chart outside the caller's wards, to read, for as long as `emergency_minutes` says. 403 for those who never read
/// charts, 409 `not-needed` where the chart is open to the caller already.
#[utoipa::path(tag = "emergency", params(("stay" = String, Path)), request_body = NewEmergency, responses((status = 201, body = EmergencyOpened)))]
#[post("/encounters/{stay}/emergency-access")]
async fn open(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewEmergency>) -> Answer<HttpResponse> {
    let NewEmergency { why, reason } = body.into_inner();
    let opened = emergency::open(&app, &who, id(&stay, "đợt điều trị")?, why, reason).await?;
    Ok(HttpResponse::Created().json(opened))
}

/// For the auditor, with the patients; for the administrator, without. What nobody has looked at comes first.
#[utoipa::path(tag = "emergency", responses((status = 200, body = Vec<EmergencyRow>)))]
#[get("/emergency-access")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Vec<EmergencyRow>>> {
    Ok(Json(emergency::list(&app, &who).await?))
}

/// How many nobody has looked at.
#[utoipa::path(tag = "emergency", responses((status = 200, body = EmergencyCount)))]
#[get("/emergency-access/count")]
async fn count(who: Glance, app: Data<App>) -> Answer<Json<EmergencyCount>> {
    Ok(Json(emergency::count(&app, &who.0).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReview {
    #[schema(value_type = String)]
    verdict: Verdict,
    note: String,
}

/// Says once what was found. For the auditor; 409 `reviewed-already`.
#[utoipa::path(tag = "emergency", params(("access" = String, Path)), request_body = NewReview, responses((status = 200, body = EmergencyRow)))]
#[post("/emergency-access/{access}/review")]
async fn review(who: Who, app: Data<App>, access: Path<String>, body: Json<NewReview>) -> Answer<Json<EmergencyRow>> {
    let NewReview { verdict, note } = body.into_inner();
    Ok(Json(emergency::review(&app, &who, id(&access, "lần truy cập khẩn cấp")?, verdict, note).await?))
}
