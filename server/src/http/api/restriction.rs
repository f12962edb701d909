//! `/encounters/{stay}/restriction`: records that only assigned staff read, and who is assigned.

use crate::App;
use crate::app::restriction;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::PersonRef;
use crate::view_access::RestrictionState;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::id::UserId;
use benhan_domain::restriction::Sensitivity;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(read).service(candidates).service(restrict).service(lift).service(assign).service(dismiss);
}

const STAY: &str = "đợt điều trị";

fn people(ids: &[String]) -> Result<Vec<UserId>, crate::http::error::Failure> {
    ids.iter().map(|one| id(one, "người được giao")).collect()
}

/// Who reads the record, for its readers and for the director; 403 `restricted` for the others.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path)), responses((status = 200, body = RestrictionState)))]
#[get("/encounters/{stay}/restriction")]
async fn read(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<RestrictionState>> {
    Ok(Json(restriction::read(&app, &who, id(&stay, STAY)?).await?))
}

/// Colleagues who may be assigned and are not yet.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path)), responses((status = 200, body = Vec<PersonRef>)))]
#[get("/encounters/{stay}/restriction/candidates")]
async fn candidates(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<PersonRef>>> {
    Ok(Json(restriction::candidates(&app, &who, id(&stay, STAY)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRestriction {
    #[schema(value_type = String)]
    kind: Sensitivity,
    reason: String,
    readers: Vec<String>,
}

/// From now on only the caller, a doctor, and `readers` read it. 409 `restricted-already`.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path)), request_body = NewRestriction, responses((status = 201, body = RestrictionState)))]
#[post("/encounters/{stay}/restriction")]
async fn restrict(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewRestriction>) -> Answer<HttpResponse> {
    let NewRestriction { kind, reason, readers } = body.into_inner();
    let readers = people(&readers)?;
    let state = restriction::restrict(&app, &who, id(&stay, STAY)?, (kind, reason), readers).await?;
    Ok(HttpResponse::Created().json(state))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LiftedRestriction {
    reason: String,
}

/// Everybody who may read charts reads it again.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path)), request_body = LiftedRestriction, responses((status = 200, body = RestrictionState)))]
#[post("/encounters/{stay}/restriction/lift")]
async fn lift(
    who: Who,
    app: Data<App>,
    stay: Path<String>,
    body: Json<LiftedRestriction>,
) -> Answer<Json<RestrictionState>> {
    Ok(Json(restriction::lift(&app, &who, id(&stay, STAY)?, body.into_inner().reason).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReaders {
    users: Vec<String>,
}

/// By a doctor who reads it, or by the director. 409 `reads-already`, `not-restricted`.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path)), request_body = NewReaders, responses((status = 200, body = RestrictionState)))]
#[post("/encounters/{stay}/restriction/readers")]
async fn assign(
    who: Who,
    app: Data<App>,
    stay: Path<String>,
    body: Json<NewReaders>,
) -> Answer<Json<RestrictionState>> {
    let readers = people(&body.into_inner().users)?;
    Ok(Json(restriction::assign(&app, &who, id(&stay, STAY)?, readers).await?))
}

/// Somebody reads it no more. 409 `last-doctor`: one doctor at least goes on reading it.
#[utoipa::path(tag = "restriction", params(("stay" = String, Path), ("user" = String, Path)), responses((status = 200, body = RestrictionState)))]
#[post("/encounters/{stay}/restriction/readers/{user}/dismiss")]
async fn dismiss(who: Who, app: Data<App>, path: Path<(String, String)>) -> Answer<Json<RestrictionState>> {
    let (stay, user) = path.into_inner();
    Ok(Json(restriction::dismiss(&app, &who, id(&stay, STAY)?, id(&user, "người được giao")?).await?))
}
