//! `/subject-requests`: what people ask for as those whose data it is, with the clocks of the law.

use crate::App;
use crate::app::AppError;
use crate::app::subject_requests::{self, Said};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_personal::{SubjectCount, SubjectRequest};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::id::SubjectRequestId;
use benhan_domain::patient_signature::Representative;
use benhan_domain::personal_data::{WishKind, WishStep};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(count).service(register).service(receive).service(answer).service(extend);
    cfg.service(finish).service(take_back).service(activities);
}

fn of(text: &str) -> Answer<SubjectRequestId> {
    id(text, "yêu cầu của chủ thể dữ liệu")
}

#[derive(Deserialize)]
struct Part {
    list: Option<String>,
}

/// `list`: `open`, which it is without, or `ended`. The one that was received last first, 500 at most.
#[utoipa::path(tag = "personal-data", params(("list" = Option<String>, Query)), responses((status = 200, body = Vec<SubjectRequest>)))]
#[get("/subject-requests")]
async fn list(who: Who, app: Data<App>, part: Query<Part>) -> Answer<Json<Vec<SubjectRequest>>> {
    let open = match part.list.as_deref() {
        None | Some("open") => true,
        Some("ended") => false,
        Some(_) => return Err(AppError::invalid("list", "Chọn open hoặc ended").into()),
    };
    Ok(Json(subject_requests::list(&app, &who, open).await?))
}

/// How many are under way, and how many of them are late or due soon.
#[utoipa::path(tag = "personal-data", responses((status = 200, body = SubjectCount)))]
#[get("/subject-requests/count")]
async fn count(who: Who, app: Data<App>) -> Answer<Json<SubjectCount>> {
    Ok(Json(subject_requests::count(&app, &who).await?))
}

fn file(name: &str, csv: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", format!("attachment; filename=\"{name}\"")))
        .body(csv)
}

/// The whole register as CSV, for the authority. On the trail.
#[utoipa::path(tag = "personal-data", responses((status = 200, content_type = "text/csv")))]
#[post("/subject-requests/register")]
async fn register(who: Who, app: Data<App>) -> Answer<HttpResponse> {
    Ok(file("so-yeu-cau-chu-the-du-lieu.csv", subject_requests::register(&app, &who).await?))
}

/// What personal data is used for, as CSV: for the annex of the impact assessment. On the trail.
#[utoipa::path(tag = "personal-data", responses((status = 200, content_type = "text/csv")))]
#[post("/processing-activities/register")]
async fn activities(who: Who, app: Data<App>) -> Answer<HttpResponse> {
    Ok(file("so-hoat-dong-xu-ly-du-lieu.csv", subject_requests::activities(&app, &who).await?))
}

/// `kind`: `view`, `correct`, `provide`, `withdraw-consent`, `limit`, `object`, `delete` or `protect`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSubjectRequest {
    kind: String,
    details: String,
    /// Whose consent is withdrawn; at once.
    purpose: Option<String>,
    /// The record that it is about.
    stay_id: Option<String>,
    /// None: the person themselves.
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    /// The paper by which who asks was known.
    identity: String,
    /// Their written request, its number and date.
    paper: String,
}

/// 409 `not-agreed` where there is no consent to withdraw.
#[utoipa::path(tag = "personal-data", params(("patient" = String, Path)), request_body = NewSubjectRequest, responses((status = 201, body = SubjectRequest)))]
#[post("/patients/{patient}/subject-requests")]
async fn receive(
    who: Who,
    app: Data<App>,
    patient: Path<String>,
    body: Json<NewSubjectRequest>,
) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let kind = WishKind::parse(&b.kind).ok_or_else(|| AppError::invalid("kind", "Chọn loại yêu cầu"))?;
    let stay = b.stay_id.as_deref().map(|stay| id(stay, "đợt điều trị")).transpose()?;
    let said = Said {
        kind,
        details: b.details,
        purpose: b.purpose,
        stay,
        representative: b.representative,
        identity: b.identity,
        paper: b.paper,
    };
    let received = subject_requests::receive(&app, &who, id(&patient, "người bệnh")?, said).await?;
    Ok(HttpResponse::Created().json(received))
}

/// `ground`: what was answered, and on which ground of law.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubjectAnswer {
    accept: bool,
    ground: String,
}

/// By the head of the hospital or whom they authorised. 409 `subject-request-state`; `within-term` where a record must
/// still be kept.
#[utoipa::path(tag = "personal-data", params(("request" = String, Path)), request_body = SubjectAnswer, responses((status = 200, body = SubjectRequest)))]
#[post("/subject-requests/{request}/answer")]
async fn answer(who: Who, app: Data<App>, at: Path<String>, body: Json<SubjectAnswer>) -> Answer<Json<SubjectRequest>> {
    let SubjectAnswer { accept, ground } = body.into_inner();
    Ok(Json(subject_requests::answer(&app, &who, of(&at)?, (accept, ground)).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubjectReason {
    reason: String,
    /// Of a `provide`: number of the request for the record.
    record_request: Option<String>,
}

/// Once, by as many days as the law allows. 409 `already-extended`, `too-late`.
#[utoipa::path(tag = "personal-data", params(("request" = String, Path)), request_body = SubjectReason, responses((status = 200, body = SubjectRequest)))]
#[post("/subject-requests/{request}/extend")]
async fn extend(who: Who, app: Data<App>, at: Path<String>, body: Json<SubjectReason>) -> Answer<Json<SubjectRequest>> {
    Ok(Json(subject_requests::extend(&app, &who, of(&at)?, body.into_inner().reason).await?))
}

/// What was done. 409 `subject-request-state` before it is answered.
#[utoipa::path(tag = "personal-data", params(("request" = String, Path)), request_body = SubjectReason, responses((status = 200, body = SubjectRequest)))]
#[post("/subject-requests/{request}/finish")]
async fn finish(who: Who, app: Data<App>, at: Path<String>, body: Json<SubjectReason>) -> Answer<Json<SubjectRequest>> {
    let b = body.into_inner();
    let ended = subject_requests::end(&app, &who, of(&at)?, WishStep::Finish, (b.reason, b.record_request)).await?;
    Ok(Json(ended))
}

/// By who asked, or entered by mistake.
#[utoipa::path(tag = "personal-data", params(("request" = String, Path)), request_body = SubjectReason, responses((status = 200, body = SubjectRequest)))]
#[post("/subject-requests/{request}/take-back")]
async fn take_back(
    who: Who,
    app: Data<App>,
    at: Path<String>,
    body: Json<SubjectReason>,
) -> Answer<Json<SubjectRequest>> {
    let reason = body.into_inner().reason;
    Ok(Json(subject_requests::end(&app, &who, of(&at)?, WishStep::TakeBack, (reason, None)).await?))
}
