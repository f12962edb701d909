//! `/downtime`: what wards work from while the server is away.

use crate::App;
use crate::app::downtime::{self, NewToken};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_downtime::{Downtime, KitComputer, KitTokenIssued};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(overview).service(kit).service(password).service(issue).service(revoke);
}

/// The kits of the caller's wards; for the administrator those of all wards, with what went wrong and who fetches them.
#[utoipa::path(tag = "downtime", responses((status = 200, body = Downtime)))]
#[get("/downtime")]
async fn overview(who: Who, app: Data<App>) -> Answer<Json<Downtime>> {
    Ok(Json(downtime::overview(&app, &who).await?))
}

/// The ward's newest kit, a PDF that its password opens. 404 `no-kit` before the first one.
#[utoipa::path(tag = "downtime", params(("ward" = String, Path)), responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
#[get("/downtime/wards/{ward}/kit")]
async fn kit(who: Who, app: Data<App>, ward: Path<String>) -> Answer<HttpResponse> {
    let taken = downtime::take(&app, &who, id(&ward, "khoa")?).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{}\"", taken.name)))
        .body(taken.bytes))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KitPassword {
    /// None: of the house, for every ward that has none of its own.
    ward_id: Option<String>,
    /// None: the ward is locked with the house's again.
    password: Option<String>,
}

/// Sets what locks the kits from now on. For the administrator. 422 when it is short or not on every keyboard.
#[utoipa::path(tag = "downtime", request_body = KitPassword, responses((status = 200, body = Downtime)))]
#[post("/downtime/password")]
async fn password(who: Who, app: Data<App>, body: Json<KitPassword>) -> Answer<Json<Downtime>> {
    let KitPassword { ward_id, password } = body.into_inner();
    let ward = ward_id.as_deref().map(|ward| id(ward, "khoa")).transpose()?;
    Ok(Json(downtime::set_password(&app, &who, ward, password).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewComputer {
    ward_id: String,
    label: String,
}

/// Lets a computer fetch one ward's kit. Its token is in this answer and nowhere else. For the administrator.
#[utoipa::path(tag = "downtime", request_body = NewComputer, responses((status = 201, body = KitTokenIssued)))]
#[post("/downtime/computers")]
async fn issue(who: Who, app: Data<App>, body: Json<NewComputer>) -> Answer<HttpResponse> {
    let NewComputer { ward_id, label } = body.into_inner();
    let new = NewToken { ward: id(&ward_id, "khoa")?, label };
    Ok(HttpResponse::Created().json(downtime::issue_token(&app, &who, new).await?))
}

/// Takes a computer's token back. 409 `already-handled`. For the administrator.
#[utoipa::path(tag = "downtime", params(("computer" = String, Path)), responses((status = 200, body = KitComputer)))]
#[post("/downtime/computers/{computer}/revoke")]
async fn revoke(who: Who, app: Data<App>, computer: Path<String>) -> Answer<Json<KitComputer>> {
    Ok(Json(downtime::revoke_token(&app, &who, id(&computer, "mã máy")?).await?))
}
