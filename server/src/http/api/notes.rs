//! `/notes` and `/encounters/{id}/notes`: care notes.

use crate::App;
use crate::app::notes::{self, Words};
use crate::app::signing;
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant, retry_key};
use crate::view::CareNote;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use benhan_domain::observation::CorrectionReason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list)
        .service(write)
        .service(versions)
        .service(correct)
        .service(withdraw)
        .service(restore)
        .service(sign);
}

#[utoipa::path(tag = "notes", params(("stay" = String, Path)), responses((status = 200, body = Vec<CareNote>)))]
#[get("/encounters/{stay}/notes")]
async fn list(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<CareNote>>> {
    Ok(Json(notes::list(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewNote {
    effective_at: String,
    course: String,
    care: String,
}

#[utoipa::path(tag = "notes", params(("stay" = String, Path)), request_body = NewNote, responses((status = 201, body = CareNote)))]
#[post("/encounters/{stay}/notes")]
async fn write(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    stay: Path<String>,
    body: Json<NewNote>,
) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let retry = retry_key(&req, &body)?;
    let at = instant(&body.effective_at, "effectiveAt")?;
    let words = Words { course: body.course, care: body.care };
    let note = notes::write(&app, &who, id(&stay, "đợt điều trị")?, at, words, retry).await?;
    Ok(HttpResponse::Created().json(note))
}

#[utoipa::path(tag = "notes", params(("note" = String, Path)), responses((status = 200, body = Vec<CareNote>)))]
#[get("/notes/{note}/versions")]
async fn versions(who: Who, app: Data<App>, note: Path<String>) -> Answer<Json<Vec<CareNote>>> {
    Ok(Json(notes::versions(&app, &who, id(&note, "phiếu chăm sóc")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NoteCorrection {
    version: i64,
    #[schema(value_type = String)]
    reason_code: CorrectionReason,
    reason: String,
    course: String,
    care: String,
}

#[utoipa::path(tag = "notes", params(("note" = String, Path)), request_body = NoteCorrection, responses((status = 200, body = CareNote)))]
#[post("/notes/{note}/correct")]
async fn correct(who: Who, app: Data<App>, note: Path<String>, body: Json<NoteCorrection>) -> Answer<Json<CareNote>> {
    let b = body.into_inner();
    let words = Words { course: b.course, care: b.care };
    let why = (b.reason_code, b.reason);
    Ok(Json(notes::correct(&app, &who, id(&note, "phiếu chăm sóc")?, b.version, why, words).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NoteTurn {
    version: i64,
    reason: String,
}

/// The note no longer stands; it stays readable, with who withdrew it and why.
#[utoipa::path(tag = "notes", params(("note" = String, Path)), request_body = NoteTurn, responses((status = 200, body = CareNote)))]
#[post("/notes/{note}/withdraw")]
async fn withdraw(who: Who, app: Data<App>, note: Path<String>, body: Json<NoteTurn>) -> Answer<Json<CareNote>> {
    let NoteTurn { version, reason } = body.into_inner();
    Ok(Json(notes::withdraw(&app, &who, id(&note, "phiếu chăm sóc")?, version, reason).await?))
}

/// A withdrawn note stands again, with a reason.
#[utoipa::path(tag = "notes", params(("note" = String, Path)), request_body = NoteTurn, responses((status = 200, body = CareNote)))]
#[post("/notes/{note}/restore")]
async fn restore(who: Who, app: Data<App>, note: Path<String>, body: Json<NoteTurn>) -> Answer<Json<CareNote>> {
    let NoteTurn { version, reason } = body.into_inner();
    Ok(Json(notes::restore(&app, &who, id(&note, "phiếu chăm sóc")?, version, reason).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignNote {
    pin: String,
}

#[utoipa::path(tag = "notes", params(("note" = String, Path)), request_body = SignNote, responses((status = 200, body = CareNote)))]
#[post("/notes/{note}/sign")]
async fn sign(who: Who, app: Data<App>, note: Path<String>, body: Json<SignNote>) -> Answer<Json<CareNote>> {
    Ok(Json(signing::sign_note(&app, &who, id(&note, "phiếu chăm sóc")?, body.into_inner().pin).await?))
}
