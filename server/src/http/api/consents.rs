//! `/patients/{patient}/consents`: what personal data is used for, and what the patient agreed to.

use crate::App;
use crate::app::AppError;
use crate::app::consents::{self, Asked, Who as Answering};
use crate::http::error::Answer as Out;
use crate::http::extract::{Who, id};
use crate::view_personal::ConsentSheet;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::id::PatientId;
use benhan_domain::patient_signature::Representative;
use benhan_domain::personal_data::{Answer, Channel};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(read).service(ask).service(withdraw).service(defer).service(print);
}

fn patient(text: &str) -> Out<PatientId> {
    id(text, "người bệnh")
}

/// Every purpose with where it stands for this person, and all answers so far.
#[utoipa::path(tag = "personal-data", params(("patient" = String, Path)), responses((status = 200, body = ConsentSheet)))]
#[get("/patients/{patient}/consents")]
async fn read(who: Who, app: Data<App>, at: Path<String>) -> Out<Json<ConsentSheet>> {
    Ok(Json(consents::read(&app, &who, patient(&at)?).await?))
}

/// `channel`: `desk`, or `paper` with where it is kept.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConsentBy {
    patient_answers: bool,
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    channel: String,
    #[serde(default)]
    paper_place: String,
    #[serde(default)]
    note: String,
}

impl TryFrom<ConsentBy> for Answering {
    type Error = AppError;
    fn try_from(by: ConsentBy) -> Result<Self, AppError> {
        let channel = Channel::parse(&by.channel);
        Ok(Self {
            patient: by.patient_answers,
            representative: by.representative,
            channel: channel.ok_or_else(|| AppError::invalid("channel", "Chọn cách trả lời"))?,
            paper_place: by.paper_place,
            note: by.note,
        })
    }
}

/// Without `answer` it is refused: nothing is chosen beforehand, and silence is no consent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OneAnswer {
    purpose: String,
    /// Of the words that were shown.
    text_sha256: String,
    /// `agreed` or `refused`.
    answer: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAnswers {
    answers: Vec<OneAnswer>,
    by: ConsentBy,
}

/// 409 `text-changed` when the words are not those of today; `version-conflict`.
#[utoipa::path(tag = "personal-data", params(("patient" = String, Path)), request_body = NewAnswers, responses((status = 201, body = ConsentSheet)))]
#[post("/patients/{patient}/consents")]
async fn ask(who: Who, app: Data<App>, at: Path<String>, body: Json<NewAnswers>) -> Out<HttpResponse> {
    let NewAnswers { answers, by } = body.into_inner();
    let asked = answers.into_iter().map(|one| Asked {
        purpose: one.purpose,
        text_sha256: one.text_sha256,
        answer: one.answer.as_deref().and_then(Answer::parse),
    });
    let given = consents::ask(&app, &who, patient(&at)?, asked.collect(), by.try_into()?).await?;
    Ok(HttpResponse::Created().json(given))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WithdrawnConsent {
    purpose: String,
    by: ConsentBy,
}

/// At once. 409 `not-agreed`.
#[utoipa::path(tag = "personal-data", params(("patient" = String, Path)), request_body = WithdrawnConsent, responses((status = 200, body = ConsentSheet)))]
#[post("/patients/{patient}/consents/withdraw")]
async fn withdraw(who: Who, app: Data<App>, at: Path<String>, body: Json<WithdrawnConsent>) -> Out<Json<ConsentSheet>> {
    let WithdrawnConsent { purpose, by } = body.into_inner();
    Ok(Json(consents::withdraw(&app, &who, patient(&at)?, purpose, by.try_into()?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DeferredConsent {
    reason: String,
}

/// Nobody could be asked in an emergency: every purpose that nobody answered waits to be asked.
#[utoipa::path(tag = "personal-data", params(("patient" = String, Path)), request_body = DeferredConsent, responses((status = 200, body = ConsentSheet)))]
#[post("/patients/{patient}/consents/defer")]
async fn defer(who: Who, app: Data<App>, at: Path<String>, body: Json<DeferredConsent>) -> Out<Json<ConsentSheet>> {
    Ok(Json(consents::defer(&app, &who, patient(&at)?, body.into_inner().reason).await?))
}

/// One answer as PDF/A, with what was sealed inside.
#[utoipa::path(tag = "personal-data", params(("consent" = String, Path)), responses((status = 200, content_type = "application/pdf")))]
#[get("/consents/{consent}/pdf")]
async fn print(who: Who, app: Data<App>, at: Path<String>) -> Out<HttpResponse> {
    let printed = consents::printed(&app, &who, id(&at, "trả lời này")?).await?;
    Ok(crate::http::pdf::inline(&format!("tra-loi-{}", printed.id), printed.pdf))
}
