//! `/record-requests`: who asks for a record, what the head of the hospital said, and what was given out.

use crate::App;
use crate::app::AppError;
use crate::app::requests::{self, Answer as Said};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::http::package;
use crate::view_record::RecordRequest;
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::id::RecordRequestId;
use benhan_domain::record::{Extent, Grant, RequestStep, Requester, Use};
use benhan_store::requests::Asked;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(receive).service(read).service(decide).service(withdraw).service(finish);
    cfg.service(note_use).service(copy);
}

fn of(text: &str) -> Answer<RecordRequestId> {
    id(text, "yêu cầu cung cấp hồ sơ")
}

fn extent(text: &str) -> Answer<Extent> {
    Extent::parse(text).ok_or_else(|| AppError::invalid("extent", "Chọn bản tóm tắt hoặc toàn bộ hồ sơ").into())
}

#[derive(Deserialize)]
struct Part {
    list: Option<String>,
}

/// `list`: `open`, which it is without, or `ended`. The one that was received last first, 500 at most.
#[utoipa::path(tag = "records", params(("list" = Option<String>, Query)), responses((status = 200, body = Vec<RecordRequest>)))]
#[get("/record-requests")]
async fn list(who: Who, app: Data<App>, part: Query<Part>) -> Answer<Json<Vec<RecordRequest>>> {
    let open = match part.list.as_deref() {
        None | Some("open") => true,
        Some("ended") => false,
        Some(_) => return Err(AppError::invalid("list", "Chọn open hoặc ended").into()),
    };
    Ok(Json(requests::list(&app, &who, open).await?))
}

/// `requester`: `patient`, `representative`, `chosen-representative`, `lawyer`, `health-authority`, `investigation`,
/// `procuracy`, `court`, `inspection`, `forensic`, `social-insurance`, `private-insurer`, `state-compensation`, `learner`, `practitioner`,
/// `other-facility`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewRecordRequest {
    requester: String,
    name: String,
    #[serde(default)]
    organisation: String,
    /// The papers by which they were known.
    identity: String,
    /// Their written request, its number and date.
    paper: String,
    ground: String,
    purpose: String,
    /// `summary` or `record`.
    extent: String,
    copy: bool,
}

/// 409 `not-for-them` when the law gives them less, or not yet.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), request_body = NewRecordRequest, responses((status = 201, body = RecordRequest)))]
#[post("/encounters/{stay}/record-requests")]
async fn receive(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewRecordRequest>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let requester = Requester::parse(&b.requester);
    let asked = Asked {
        requester: requester.ok_or_else(|| AppError::invalid("requester", "Chọn loại người yêu cầu"))?,
        extent: extent(&b.extent)?,
        name: b.name,
        organisation: b.organisation,
        identity: b.identity,
        paper: b.paper,
        ground: b.ground,
        purpose: b.purpose,
        copy: b.copy,
    };
    let stay = id(&stay, "đợt điều trị")?;
    Ok(HttpResponse::Created().json(requests::receive(&app, &who, stay, asked).await?))
}

/// With everything that was given out on it.
#[utoipa::path(tag = "records", params(("request" = String, Path)), responses((status = 200, body = RecordRequest)))]
#[get("/record-requests/{request}")]
async fn read(who: Who, app: Data<App>, at: Path<String>) -> Answer<Json<RecordRequest>> {
    Ok(Json(requests::read(&app, &who, of(&at)?).await?))
}

/// `extent` and `until` where it is granted; `words` always: why, or under which conditions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewDecision {
    grant: bool,
    extent: Option<String>,
    #[serde(default)]
    copy: bool,
    until: Option<String>,
    words: String,
    /// Of a private insurer or another care provider: the patient's own written request, where no consent stands.
    #[serde(default)]
    patient_paper: String,
}

/// By the head of the hospital or whom they authorised. 409 `request-state` when it was decided.
#[utoipa::path(tag = "records", params(("request" = String, Path)), request_body = NewDecision, responses((status = 200, body = RecordRequest)))]
#[post("/record-requests/{request}/decide")]
async fn decide(who: Who, app: Data<App>, at: Path<String>, body: Json<NewDecision>) -> Answer<Json<RecordRequest>> {
    let b = body.into_inner();
    let grant = if b.grant {
        let until = b.until.ok_or_else(|| AppError::invalid("until", "Ghi cho phép đến ngày nào"))?;
        Some(Grant { extent: extent(&b.extent.unwrap_or_default())?, copy: b.copy, until: instant(&until, "until")? })
    } else {
        None
    };
    Ok(Json(
        requests::decide(&app, &who, of(&at)?, Said { grant, words: b.words, patient_paper: b.patient_paper }).await?,
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndedRequest {
    reason: String,
}

#[utoipa::path(tag = "records", params(("request" = String, Path)), request_body = EndedRequest, responses((status = 200, body = RecordRequest)))]
#[post("/record-requests/{request}/withdraw")]
async fn withdraw(who: Who, app: Data<App>, at: Path<String>, body: Json<EndedRequest>) -> Answer<Json<RecordRequest>> {
    Ok(Json(requests::end(&app, &who, of(&at)?, RequestStep::Withdraw, body.into_inner().reason).await?))
}

#[utoipa::path(tag = "records", params(("request" = String, Path)), request_body = EndedRequest, responses((status = 200, body = RecordRequest)))]
#[post("/record-requests/{request}/finish")]
async fn finish(who: Who, app: Data<App>, at: Path<String>, body: Json<EndedRequest>) -> Answer<Json<RecordRequest>> {
    Ok(Json(requests::end(&app, &who, of(&at)?, RequestStep::Finish, body.into_inner().reason).await?))
}

/// `kind`: `read` on the spot, or `summary`, the newest one that is signed. 409 `request-state` beyond what was granted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUse {
    kind: String,
    note: String,
}

#[utoipa::path(tag = "records", params(("request" = String, Path)), request_body = NewUse, responses((status = 201, body = RecordRequest)))]
#[post("/record-requests/{request}/uses")]
async fn note_use(who: Who, app: Data<App>, at: Path<String>, body: Json<NewUse>) -> Answer<HttpResponse> {
    let NewUse { kind, note } = body.into_inner();
    let kind = Use::parse(&kind).ok_or_else(|| AppError::invalid("kind", "Chọn đọc tại chỗ hoặc bản tóm tắt"))?;
    Ok(HttpResponse::Created().json(requests::note_use(&app, &who, of(&at)?, kind, note).await?))
}

/// The whole record as a package that proves itself, if a copy was granted; its hash is noted before it leaves.
#[utoipa::path(tag = "records", params(("request" = String, Path)), responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
#[post("/record-requests/{request}/copy")]
async fn copy(who: Who, app: Data<App>, at: Path<String>) -> Answer<HttpResponse> {
    let (packed, file) = requests::copy(&app, &who, of(&at)?, package::nameless().await?).await?;
    package::sent(&packed, file)
}
