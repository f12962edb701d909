//! `/filled-forms/{sheet}/paper…` and the scans: sheets that patients sign with ink.

use crate::App;
use crate::app::AppError;
use crate::app::error::Kind;
use crate::app::signing::{self, LARGEST_SCAN, SignedPaper, ToSign};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_forms::FilledForm;
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpResponse, get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use benhan_domain::patient_signature::Representative;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// A scan in base64, with room for the rest.
const LARGEST_BODY: usize = LARGEST_SCAN / 3 * 4 + (64 << 10);

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(print).service(signed).service(scan);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PaperPrintout {
    version: i64,
    slot: String,
}

/// The sheet to be signed with ink, with the code that ties the paper to this version. That it was printed is on the trail.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = PaperPrintout,
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>), (status = 409)))]
#[post("/filled-forms/{sheet}/paper")]
async fn print(who: Who, app: Data<App>, of: Path<String>, body: Json<PaperPrintout>) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let place = ToSign { document: id(&of, "phiếu")?, version: body.version, slot: body.slot };
    let name = format!("{}-ky-giay", place.document);
    Ok(crate::http::pdf::inline(&name, signing::print_for_paper(&app, &who, place).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PaperSigned {
    version: i64,
    slot: String,
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    /// JPEG, PNG or PDF in base64, at most 8 MB.
    scan: String,
    /// As it stands on the paper.
    code: String,
    kept_at: String,
    pin: String,
}

/// The paper was signed and scanned. It is linked where its code, the sheet and the version agree, and nowhere else.
#[utoipa::path(tag = "forms", params(("sheet" = String, Path)), request_body = PaperSigned,
    responses((status = 200, body = FilledForm), (status = 409), (status = 413), (status = 422)))]
#[post("/filled-forms/{sheet}/paper-signature")]
async fn signed(who: Who, app: Data<App>, of: Path<String>, body: Payload) -> Answer<Json<FilledForm>> {
    // The program's own limit is for words; a scan is larger, so this one is read by hand.
    let too_large = || AppError::invalid("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)");
    let bytes = body.to_bytes_limited(LARGEST_BODY).await.map_err(|_| too_large())?;
    let unread = |_| AppError::refused(Kind::Invalid, "bad-body", "Nội dung gửi lên không đọc được: gửi lại bản quét.");
    let body: PaperSigned = serde_json::from_slice(&bytes.map_err(|_| too_large())?)
        .map_err(|_| AppError::invalid("scan", "Nội dung gửi lên không đúng khuôn dạng: tải lại trang rồi thử lại"))?;
    let given = SignedPaper {
        place: ToSign { document: id(&of, "phiếu")?, version: body.version, slot: body.slot },
        representative: body.representative,
        scan: BASE64_STANDARD.decode(body.scan).map_err(unread)?,
        code: body.code,
        kept_at: body.kept_at,
    };
    Ok(Json(signing::signed_on_paper(&app, &who, given, body.pin).await?))
}

/// The scan of a sheet that was signed on paper. Each opening is audited.
#[utoipa::path(tag = "forms", params(("signature" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
#[get("/patient-signatures/{signature}/scan")]
async fn scan(who: Who, app: Data<App>, of: Path<String>) -> Answer<HttpResponse> {
    let (bytes, kind) = signing::scan_of(&app, &who, id(&of, "bản quét")?).await?;
    // Handed in by a person and never opened here: no browser may run what it might hold.
    Ok(HttpResponse::Ok()
        .content_type(kind.media())
        .insert_header(("Content-Disposition", format!("inline; filename=\"ban-quet.{}\"", kind.extension())))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .body(bytes))
}
