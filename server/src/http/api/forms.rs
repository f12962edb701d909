//! `/forms`, `/encounters/{id}/forms` and `/filled-forms`: the forms of the record.

use crate::App;
use crate::app::AppError;
use crate::app::forms::{self, Saved};
use crate::app::signing::{self, ByCode, OnTheScreen, ToSign};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant, retry_key};
use crate::view_forms::{CodeSent, FilledForm, FormEntry, FormRef, FormToSign, FormVersion, FormsSigned};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use benhan_domain::form::FormDefinition;
use benhan_domain::form::values::Values;
use benhan_domain::id::DocumentId;
use benhan_domain::patient_signature::{Drawing, Representative};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

const SHEET: &str = "phiếu";

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(catalogue).service(definition).service(entries).service(open).service(read);
    cfg.service(save)
        .service(sign)
        .service(sign_many)
        .service(to_sign)
        .service(patient_signs)
        .service(send_code)
        .service(withdraw)
        .service(versions)
        .service(preview);
}

/// The forms that are valid today, and those of the act that are still to come.
#[utoipa::path(tag = "forms", responses((status = 200, body = Vec<FormRef>)))]
#[get("/forms")]
async fn catalogue(who: Who, app: Data<App>) -> Answer<Json<Vec<FormRef>>> {
    Ok(Json(forms::catalogue(&app, &who)))
}

#[utoipa::path(tag = "forms", params(("code" = String, Path), ("version" = i64, Path)), responses((status = 200, body = Object)))]
#[get("/forms/{code}/versions/{version}")]
async fn definition(_who: Who, app: Data<App>, at: Path<(String, i64)>) -> Answer<Json<FormDefinition>> {
    let (code, version) = at.into_inner();
    Ok(Json(forms::definition(&app, &code, version)?))
}

#[utoipa::path(tag = "forms", params(("stay" = String, Path)), responses((status = 200, body = Vec<FormEntry>)))]
#[get("/encounters/{stay}/forms")]
async fn entries(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<FormEntry>>> {
    Ok(Json(forms::entries(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpenForm {
    form_code: String,
    effective_at: String,
}

/// Opens a form with what the record already knows. One that a stay has once is refused while another stands.
#[utoipa::path(tag = "forms", params(("stay" = String, Path)), request_body = OpenForm,
    responses((status = 201, body = FilledForm), (status = 409, description = "Already open")))]
#[post("/encounters/{stay}/forms")]
async fn open(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    stay: Path<String>,
    body: Json<OpenForm>,
) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let retry = retry_key(&req, &body)?;
    let at = instant(&body.effective_at, "effectiveAt")?;
    let opened = forms::open(&app, &who, id(&stay, "đợt điều trị")?, (body.form_code, at), retry).await?;
    Ok(HttpResponse::Created().json(opened))
}

fn sheet(path: &Path<String>) -> Answer<DocumentId> {
    id(path, SHEET)
}

#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), responses((status = 200, body = FilledForm)))]
#[get("/filled-forms/{sheet}")]
async fn read(who: Who, app: Data<App>, of: Path<String>) -> Answer<Json<FilledForm>> {
    Ok(Json(forms::read(&app, &who, sheet(&of)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SaveForm {
    version: i64,
    effective_at: Option<String>,
    #[schema(value_type = Object)]
    values: Values,
    reason: Option<String>,
}

/// Makes the next version. `fields` of a refusal names each place (`field`, `table/0/column`) with its sentence.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = SaveForm,
    responses((status = 200, body = FilledForm), (status = 409, description = "Another version stands"), (status = 422)))]
#[post("/filled-forms/{sheet}/save")]
async fn save(who: Who, app: Data<App>, of: Path<String>, body: Json<SaveForm>) -> Answer<Json<FilledForm>> {
    let body = body.into_inner();
    let effective_at = body.effective_at.as_deref().map(|at| instant(at, "effectiveAt")).transpose()?;
    let saved = Saved { seen: body.version, effective_at, values: body.values, reason: body.reason };
    Ok(Json(forms::save(&app, &who, sheet(&of)?, saved).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignForm {
    version: i64,
    slot: String,
    pin: String,
    /// Whose seal is put, where the place is a department's and the caller puts those of several.
    department: Option<String>,
}

/// Signs in one place of the sheet. The first is its author's; the others follow in order; a department's seal comes last.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = SignForm,
    responses((status = 200, body = FilledForm), (status = 409, description = "Incomplete, signed already, or moved on")))]
#[post("/filled-forms/{sheet}/sign")]
async fn sign(who: Who, app: Data<App>, of: Path<String>, body: Json<SignForm>) -> Answer<Json<FilledForm>> {
    let body = body.into_inner();
    let place = ToSign { document: sheet(&of)?, version: body.version, slot: body.slot };
    let department = body.department.as_deref().map(|of| id(of, "khoa, phòng")).transpose()?;
    Ok(Json(signing::sign_or_seal(&app, &who, place, department, body.pin).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceToSign {
    id: String,
    version: i64,
    slot: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignForms {
    sheets: Vec<PlaceToSign>,
    pin: String,
}

/// Signs up to 200 sheets with one PIN. Those that cannot be signed are named with the reason; the rest is signed.
#[utoipa::path(tag = "forms", request_body = SignForms, responses((status = 200, body = FormsSigned)))]
#[post("/filled-forms/sign")]
async fn sign_many(who: Who, app: Data<App>, body: Json<SignForms>) -> Answer<Json<FormsSigned>> {
    let body = body.into_inner();
    let place = |p: PlaceToSign| Ok(ToSign { document: id(&p.id, SHEET)?, version: p.version, slot: p.slot });
    let places = body.sheets.into_iter().map(place).collect::<Answer<Vec<_>>>()?;
    Ok(Json(signing::sign_many(&app, &who, places, body.pin).await?))
}

/// What the patient read from their phone.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CodeGiven {
    /// Of the sending.
    id: String,
    digits: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PatientSigns {
    version: i64,
    slot: String,
    /// Who signs in the place of the patient; nobody where the patient signs in person.
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    /// Strokes of `[x, y, milliseconds, pressure]`. Either these or a code.
    #[schema(value_type = Option<Object>)]
    drawing: Option<Drawing>,
    code: Option<CodeGiven>,
    shown_at: String,
    agreed_at: String,
    pin: String,
}

/// The patient has signed on the screen, or given the code that was sent to their phone, and the caller witnesses it with their PIN. What is kept is the evidence under
/// the witness's signature; the drawn lines alone are no signature.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = PatientSigns,
    responses((status = 200, body = FilledForm), (status = 409, description = "Signed already, not its turn, or moved on"), (status = 422)))]
#[post("/filled-forms/{sheet}/patient-signature")]
async fn patient_signs(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    of: Path<String>,
    body: Json<PatientSigns>,
) -> Answer<Json<FilledForm>> {
    let body = body.into_inner();
    let device = req.headers().get("User-Agent").and_then(|v| v.to_str().ok()).unwrap_or_default();
    let given = OnTheScreen {
        place: ToSign { document: sheet(&of)?, version: body.version, slot: body.slot },
        representative: body.representative,
        shown_at: instant(&body.shown_at, "shownAt")?,
        agreed_at: instant(&body.agreed_at, "agreedAt")?,
        device: device.to_owned(),
    };
    Ok(Json(match (body.drawing, body.code) {
        (Some(drawing), None) => signing::patient_draws(&app, &who, given, drawing, body.pin).await?,
        (None, Some(CodeGiven { id, digits })) => {
            let sent = id.parse().map_err(|_| AppError::invalid("code", "Mã đã hết hạn: gửi mã mới"))?;
            signing::patient_confirms(&app, &who, given, ByCode { sent, code: digits }, body.pin).await?
        }
        _ => return Err(AppError::invalid("drawing", "Ký tay hoặc nhập mã gửi đến điện thoại, một trong hai").into()),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SendCode {
    version: i64,
    slot: String,
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    phone: String,
}

/// Sends a code to the phone of the patient, or of who stands for them: with it they agree in the place of a drawing. Five
/// minutes, three tries, for this place on this version alone.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = SendCode,
    responses((status = 200, body = CodeSent), (status = 409, description = "No service, signed already, or moved on"), (status = 422), (status = 429), (status = 503, description = "The service did not take it")))]
#[post("/filled-forms/{sheet}/patient-code")]
async fn send_code(who: Who, app: Data<App>, of: Path<String>, body: Json<SendCode>) -> Answer<Json<CodeSent>> {
    let SendCode { version, slot, representative, phone } = body.into_inner();
    let place = ToSign { document: sheet(&of)?, version, slot };
    Ok(Json(signing::send_code(&app, &who, place, representative, &phone).await?))
}

/// What waits for the caller's signature: their own sheets, and those of their wards on which it is their turn.
#[utoipa::path(tag = "forms", responses((status = 200, body = Vec<FormToSign>)))]
#[get("/me/forms-to-sign")]
async fn to_sign(who: Who, app: Data<App>) -> Answer<Json<Vec<FormToSign>>> {
    Ok(Json(forms::to_sign(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawForm {
    version: i64,
    reason: String,
}

#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = WithdrawForm, responses((status = 200, body = FilledForm)))]
#[post("/filled-forms/{sheet}/withdraw")]
async fn withdraw(who: Who, app: Data<App>, of: Path<String>, body: Json<WithdrawForm>) -> Answer<Json<FilledForm>> {
    let body = body.into_inner();
    Ok(Json(forms::withdraw(&app, &who, sheet(&of)?, (body.version, body.reason)).await?))
}

#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), responses((status = 200, body = Vec<FormVersion>)))]
#[get("/filled-forms/{sheet}/versions")]
async fn versions(who: Who, app: Data<App>, of: Path<String>) -> Answer<Json<Vec<FormVersion>>> {
    Ok(Json(forms::versions(&app, &who, sheet(&of)?).await?))
}

/// The sheet as it stands, marked as a draft while nobody has signed it. The signed one is `/documents/…/pdf`.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
#[get("/filled-forms/{sheet}/preview")]
async fn preview(who: Who, app: Data<App>, of: Path<String>) -> Answer<HttpResponse> {
    let document = sheet(&of)?;
    let bytes = signing::preview(&app, &who, document).await?;
    Ok(crate::http::pdf::inline(&format!("{document}-ban-nhap"), bytes))
}
