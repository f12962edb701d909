//! `/department-seals`: certificates of departments, and who may put the seal of one.

use crate::App;
use crate::app::department_seals;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_record::DepartmentSeals;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::certificate::RevocationReason;
use benhan_domain::id::DepartmentId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(issue).service(revoke).service(name).service(end);
}

fn department(path: &str) -> Answer<DepartmentId> {
    id(path, "khoa, phòng")
}

/// Every department, with its certificate and who puts its seal.
#[utoipa::path(tag = "administration", responses((status = 200, body = DepartmentSeals)))]
#[get("/department-seals")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<DepartmentSeals>> {
    Ok(Json(department_seals::list(&app, &who).await?))
}

/// By the hospital's own CA; the certificate before it is retired. 409 `no-own-ca`.
#[utoipa::path(tag = "administration", params(("department" = String, Path)), responses((status = 201, body = DepartmentSeals)))]
#[post("/department-seals/{department}/certificate")]
async fn issue(who: Who, app: Data<App>, of: Path<String>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Created().json(department_seals::issue(&app, &who, department(&of)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RevokedSeal {
    /// lost, suspected, left or changed.
    #[schema(value_type = String)]
    reason: RevocationReason,
    /// Stays on the trail.
    note: String,
}

/// Nothing is sealed with it from now on; what was sealed before stays good. 409 `no-certificate`, `already-revoked`.
#[utoipa::path(tag = "administration", params(("department" = String, Path)), request_body = RevokedSeal, responses((status = 200, body = DepartmentSeals)))]
#[post("/department-seals/{department}/revoke")]
async fn revoke(who: Who, app: Data<App>, of: Path<String>, body: Json<RevokedSeal>) -> Answer<Json<DepartmentSeals>> {
    let why = (body.reason, body.note.as_str());
    Ok(Json(department_seals::revoke(&app, &who, department(&of)?, why).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSealKeeper {
    user_id: String,
}

/// By the head of the hospital. 409 `already-keeper`, `other-department`, `signs-nothing`.
#[utoipa::path(tag = "administration", params(("department" = String, Path)), request_body = NewSealKeeper, responses((status = 201, body = DepartmentSeals)))]
#[post("/department-seals/{department}/keepers")]
async fn name(who: Who, app: Data<App>, of: Path<String>, body: Json<NewSealKeeper>) -> Answer<HttpResponse> {
    let user = id(&body.user_id, "người dùng")?;
    Ok(HttpResponse::Created().json(department_seals::name_keeper(&app, &who, department(&of)?, user).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndedSealKeeper {
    user_id: String,
    reason: String,
}

/// At once; what they sealed before stays. 409 `not-keeper`.
#[utoipa::path(tag = "administration", params(("department" = String, Path)), request_body = EndedSealKeeper, responses((status = 200, body = DepartmentSeals)))]
#[post("/department-seals/{department}/keepers/end")]
async fn end(who: Who, app: Data<App>, of: Path<String>, body: Json<EndedSealKeeper>) -> Answer<Json<DepartmentSeals>> {
    let place = (department(&of)?, id(&body.user_id, "người dùng")?);
    Ok(Json(department_seals::end_keeper(&app, &who, place, &body.reason).await?))
}
