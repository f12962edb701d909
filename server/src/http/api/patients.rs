//! `/patients`: search, register, read, admit.

use crate::App;
use crate::app::admission::{self, NewStay};
use crate::app::patients::{self, PatientInput};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, retry_key};
use crate::view::{EncounterView, PatientHit, PatientView};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(search).service(register).service(read).service(admit);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    q: String,
    limit: Option<i64>,
}

/// Accent-free: name words, initials, patient code, national number, insurance card, phone. In a body, because an
/// address is kept by browsers and proxies.
#[utoipa::path(tag = "patients", request_body = Asked, responses((status = 200, body = Vec<PatientHit>)))]
#[post("/patients/search")]
async fn search(who: Who, app: Data<App>, asked: Json<Asked>) -> Answer<Json<Vec<PatientHit>>> {
    let Asked { q, limit } = asked.into_inner();
    Ok(Json(patients::search(&app, &who, q.chars().take(120).collect(), limit.unwrap_or(20)).await?))
}

/// 409 `number-taken` when a national number or card belongs to somebody already.
#[utoipa::path(tag = "patients", request_body = PatientInput, responses((status = 201, body = PatientView)))]
#[post("/patients")]
async fn register(who: Who, req: HttpRequest, app: Data<App>, body: Json<PatientInput>) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let retry = retry_key(&req, &body)?;
    Ok(HttpResponse::Created().json(patients::register(&app, &who, body, retry).await?))
}

#[utoipa::path(tag = "patients", params(("patient" = String, Path)), responses((status = 200, body = PatientView)))]
#[get("/patients/{patient}")]
async fn read(who: Who, app: Data<App>, patient: Path<String>) -> Answer<Json<PatientView>> {
    Ok(Json(patients::read(&app, &who, id(&patient, "người bệnh")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Admission {
    ward_id: String,
    bed_id: Option<String>,
    diagnosis: String,
    icd10: Option<String>,
    #[serde(default)]
    pregnant: bool,
}

/// 409 `bed-taken` or `already-admitted`.
#[utoipa::path(tag = "patients", params(("patient" = String, Path)), request_body = Admission, responses((status = 201, body = EncounterView)))]
#[post("/patients/{patient}/encounters")]
async fn admit(who: Who, app: Data<App>, patient: Path<String>, body: Json<Admission>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let bed = b.bed_id.as_deref().map(|t| id(t, "giường")).transpose()?;
    let new =
        NewStay { ward: id(&b.ward_id, "khoa")?, bed, diagnosis: b.diagnosis, icd10: b.icd10, pregnant: b.pregnant };
    Ok(HttpResponse::Created().json(admission::admit(&app, &who, id(&patient, "người bệnh")?, new).await?))
}
