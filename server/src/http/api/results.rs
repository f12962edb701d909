//! `/results` and `/encounters/{id}/results`: laboratory results and their release.

use crate::App;
use crate::app::AppError;
use crate::app::results::{self, ToRelease};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_orders::LabResult;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(of_stay).service(mark_seen).service(unreleased).service(release).service(history);
}

/// Newest first; what no technician has released is `preliminary`.
#[utoipa::path(tag = "results", params(("stay" = String, Path)), responses((status = 200, body = Vec<LabResult>)))]
#[get("/encounters/{stay}/results")]
async fn of_stay(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<LabResult>>> {
    Ok(Json(results::of_stay(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Looked {
    ids: Vec<String>,
    /// The versions that stood on the screen, one for each id: a value that came meanwhile stays new.
    versions: Vec<i64>,
}

/// The treating team has looked at these. Other readers of the chart change nothing.
#[utoipa::path(tag = "results", params(("stay" = String, Path)), request_body = Looked, responses((status = 204)))]
#[post("/encounters/{stay}/results/seen")]
async fn mark_seen(who: Who, app: Data<App>, stay: Path<String>, body: Json<Looked>) -> Answer<HttpResponse> {
    let Looked { ids, versions } = body.into_inner();
    if versions.len() != ids.len() {
        return Err(AppError::invalid("versions", "Mỗi kết quả cần một phiên bản").into());
    }
    let seen = ids.iter().zip(versions).map(|(one, version)| Ok((id(one, "kết quả")?, version)));
    let seen = seen.collect::<Answer<Vec<_>>>()?;
    results::mark_seen(&app, &who, id(&stay, "đợt điều trị")?, seen).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What waits for a technician, oldest first.
#[utoipa::path(tag = "results", responses((status = 200, body = Vec<LabResult>)))]
#[get("/results/unreleased")]
async fn unreleased(who: Who, app: Data<App>) -> Answer<Json<Vec<LabResult>>> {
    Ok(Json(results::unreleased(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Release {
    ids: Vec<String>,
    /// Versions that the technician looked at, one for each id: a value that came meanwhile is a 409.
    versions: Option<Vec<i64>>,
}

/// All or none. 409 `version-conflict` when one is released already or has changed.
#[utoipa::path(tag = "results", request_body = Release, responses((status = 200, body = Vec<LabResult>)))]
#[post("/results/release")]
async fn release(who: Who, app: Data<App>, body: Json<Release>) -> Answer<Json<Vec<LabResult>>> {
    let Release { ids, versions } = body.into_inner();
    if versions.as_ref().is_some_and(|v| v.len() != ids.len()) {
        return Err(AppError::invalid("versions", "Mỗi kết quả cần một phiên bản").into());
    }
    let mut seen = versions.into_iter().flatten();
    let wanted = ids.iter().map(|one| Ok(ToRelease { id: id(one, "kết quả")?, seen: seen.next() }));
    let wanted = wanted.collect::<Answer<Vec<_>>>()?;
    Ok(Json(results::release(&app, &who, wanted).await?))
}

/// All versions, oldest first.
#[utoipa::path(tag = "results", params(("result" = String, Path)), responses((status = 200, body = Vec<LabResult>)))]
#[get("/results/{result}/versions")]
async fn history(who: Who, app: Data<App>, result: Path<String>) -> Answer<Json<Vec<LabResult>>> {
    Ok(Json(results::versions(&app, &who, id(&result, "kết quả")?).await?))
}
