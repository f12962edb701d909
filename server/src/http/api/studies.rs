//! `/studies` and `/encounters/{id}/studies`: which images are whose. Pixels are at `/dicom-web`.

use crate::App;
use crate::app::studies;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_orders::{Study, UnmatchedStudy};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(of_stay).service(unmatched).service(link).service(unlink);
}

/// Newest first.
#[utoipa::path(tag = "studies", params(("stay" = String, Path)), responses((status = 200, body = Vec<Study>)))]
#[get("/encounters/{stay}/studies")]
async fn of_stay(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<Study>>> {
    Ok(Json(studies::of_stay(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize)]
struct Asked {
    past: Option<String>,
}

/// Fifty at a time, oldest first, each with whom it may belong to. `past` is the last one's id: the next page begins there.
#[utoipa::path(tag = "studies", params(("past" = Option<String>, Query)), responses((status = 200, body = Vec<UnmatchedStudy>)))]
#[get("/studies/unmatched")]
async fn unmatched(who: Who, app: Data<App>, asked: Query<Asked>) -> Answer<Json<Vec<UnmatchedStudy>>> {
    let past = asked.past.as_deref().map(|p| id(p, "ca chụp")).transpose()?;
    Ok(Json(studies::unmatched(&app, &who, past).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StudyLink {
    encounter_id: String,
    /// At least two of: name, code, birthDate, bed, barcode.
    confirmed: Vec<String>,
}

#[utoipa::path(tag = "studies", params(("study" = String, Path)), request_body = StudyLink, responses((status = 200, body = Study)))]
#[post("/studies/{study}/link")]
async fn link(who: Who, app: Data<App>, study: Path<String>, body: Json<StudyLink>) -> Answer<Json<Study>> {
    let b = body.into_inner();
    let stay = id(&b.encounter_id, "đợt điều trị")?;
    Ok(Json(studies::link(&app, &who, id(&study, "ca chụp")?, stay, b.confirmed).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StudyUnlink {
    reason: String,
}

/// Off the chart, back onto the list.
#[utoipa::path(tag = "studies", params(("study" = String, Path)), request_body = StudyUnlink, responses((status = 200, body = Study)))]
#[post("/studies/{study}/unlink")]
async fn unlink(who: Who, app: Data<App>, study: Path<String>, body: Json<StudyUnlink>) -> Answer<Json<Study>> {
    Ok(Json(studies::unlink(&app, &who, id(&study, "ca chụp")?, body.into_inner().reason).await?))
}
