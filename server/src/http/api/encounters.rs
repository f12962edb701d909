//! `/encounters`: open a chart, move, discharge, what happened today.

use crate::App;
use crate::app::{admission, timeline};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::{EncounterView, TimelineItem};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use benhan_domain::encounter::Outcome;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(open).service(move_bed).service(discharge).service(today);
}

/// Opens a chart: one audit row.
#[utoipa::path(tag = "encounters", params(("stay" = String, Path)), responses((status = 200, body = EncounterView)))]
#[get("/encounters/{stay}")]
async fn open(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<EncounterView>> {
    Ok(Json(admission::open_chart(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    bed_id: String,
    /// Lies beside whoever is there (nằm ghép).
    #[serde(default)]
    share: bool,
}

/// 409 `bed-taken`.
#[utoipa::path(tag = "encounters", params(("stay" = String, Path)), request_body = Move, responses((status = 200, body = EncounterView)))]
#[post("/encounters/{stay}/move")]
async fn move_bed(who: Who, app: Data<App>, stay: Path<String>, body: Json<Move>) -> Answer<Json<EncounterView>> {
    let bed = id(&body.bed_id, "giường")?;
    Ok(Json(admission::move_bed(&app, &who, id(&stay, "đợt điều trị")?, bed, body.share).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Discharge {
    #[schema(value_type = String)]
    outcome: Outcome,
}

#[utoipa::path(tag = "encounters", params(("stay" = String, Path)), request_body = Discharge, responses((status = 200, body = EncounterView)))]
#[post("/encounters/{stay}/discharge")]
async fn discharge(who: Who, app: Data<App>, stay: Path<String>, body: Json<Discharge>) -> Answer<Json<EncounterView>> {
    Ok(Json(admission::discharge(&app, &who, id(&stay, "đợt điều trị")?, body.outcome).await?))
}

#[derive(Deserialize)]
struct Hours {
    hours: Option<i64>,
}

/// What happened lately on this chart, newest first.
#[utoipa::path(tag = "encounters", params(("stay" = String, Path), ("hours" = Option<i64>, Query)), responses((status = 200, body = Vec<TimelineItem>)))]
#[get("/encounters/{stay}/timeline")]
async fn today(who: Who, app: Data<App>, stay: Path<String>, asked: Query<Hours>) -> Answer<Json<Vec<TimelineItem>>> {
    let hours = asked.hours.unwrap_or(24).clamp(1, 24 * 31);
    Ok(Json(timeline::of_stay(&app, &who, id(&stay, "đợt điều trị")?, hours).await?))
}
