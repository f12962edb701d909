//! `/paper-scans`: files from a scanner, what was read on them, and what became of each.

use crate::App;
use crate::app::signing::{self, LARGEST_SCAN, ScannedPaper, ToSign};
use crate::app::{AppError, scans};
use crate::http::error::Answer;
use crate::http::extract::{Glance, Who, id};
use crate::view_forms::FilledForm;
use crate::view_scans::{HandedInScan, PaperScan, PaperScanCount, PaperScans, PrintedSheet};
use actix_web::web::{Data, Json, Path, Payload, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::patient_signature::Representative;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(count).service(list).service(hand_in).service(file).service(picture).service(proposals);
    cfg.service(link).service(set_aside).service(bring_back).service(of_stay);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandedInAt {
    ward: Option<String>,
}

/// One file as it came from the scanner: JPEG, PNG or PDF, at most 8 MB. The same file twice is told, not kept twice.
#[utoipa::path(tag = "forms", params(("ward" = Option<String>, Query)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = HandedInScan), (status = 422), (status = 429)))]
#[post("/paper-scans")]
async fn hand_in(who: Who, app: Data<App>, at: Query<HandedInAt>, body: Payload) -> Answer<Json<HandedInScan>> {
    let too_large = || AppError::invalid("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)");
    let cut_off = |_| AppError::invalid("scan", "Tệp gửi lên bị đứt giữa chừng: gửi lại");
    let bytes = body.to_bytes_limited(LARGEST_SCAN).await.map_err(|_| too_large())?.map_err(cut_off)?;
    let ward = at.ward.as_deref().map(|ward| id(ward, "khoa")).transpose()?;
    Ok(Json(scans::hand_in(&app, &who, bytes.to_vec(), ward).await?))
}

/// What waits and what was set aside, of what the caller may see.
#[utoipa::path(tag = "forms", responses((status = 200, body = PaperScans)))]
#[get("/paper-scans")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<PaperScans>> {
    Ok(Json(scans::list(&app, &who).await?))
}

/// How many wait.
#[utoipa::path(tag = "forms", responses((status = 200, body = PaperScanCount)))]
#[get("/paper-scans/count")]
async fn count(who: Glance, app: Data<App>) -> Answer<Json<PaperScanCount>> {
    Ok(Json(scans::count(&app, &who.0).await?))
}

/// As it came. Each opening is audited.
#[utoipa::path(tag = "forms", params(("scan" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
#[get("/paper-scans/{scan}/file")]
async fn file(who: Who, app: Data<App>, of: Path<String>) -> Answer<HttpResponse> {
    let (bytes, kind) = scans::file(&app, &who, id(&of, "bản quét")?).await?;
    // Handed in by a person and never run here: no browser may run what it might hold.
    Ok(HttpResponse::Ok()
        .content_type(kind.media())
        .insert_header(("Content-Disposition", format!("attachment; filename=\"ban-quet.{}\"", kind.extension())))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .body(bytes))
}

/// One of its pictures, drawn anew for a screen; counted from 0.
#[utoipa::path(tag = "forms", params(("scan" = String, Path), ("at" = usize, Path)),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 404)))]
#[get("/paper-scans/{scan}/pictures/{at}")]
async fn picture(who: Who, app: Data<App>, of: Path<(String, String)>) -> Answer<HttpResponse> {
    let (scan, at) = of.into_inner();
    let at = at.parse().map_err(|_| AppError::not_found("hình của trang này"))?;
    let jpeg = scans::picture(&app, &who, id(&scan, "bản quét")?, at).await?;
    Ok(HttpResponse::Ok().content_type("image/jpeg").insert_header(("Cache-Control", "no-store")).body(jpeg))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    code: Option<String>,
}

/// Prints that have not come back, the likely ones first; or those of a code that stands on the paper.
#[utoipa::path(tag = "forms", params(("scan" = String, Path), ("code" = Option<String>, Query)),
    responses((status = 200, body = Vec<PrintedSheet>)))]
#[get("/paper-scans/{scan}/proposals")]
async fn proposals(who: Who, app: Data<App>, of: Path<String>, typed: Query<Typed>) -> Answer<Json<Vec<PrintedSheet>>> {
    Ok(Json(scans::proposals(&app, &who, id(&of, "bản quét")?, typed.code.as_deref()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LinkedScan {
    document_id: String,
    version: i64,
    slot: String,
    #[schema(value_type = Option<Object>)]
    representative: Option<Representative>,
    /// As it stands on the paper: needed where none was read on the scan.
    code: Option<String>,
    kept_at: String,
    pin: String,
}

/// The witness has seen scan and sheet: it becomes part of the record. 409 where its code is of another place; 422 where none
/// was read and the one that is typed is missing or of another place.
#[utoipa::path(tag = "forms", params(("scan" = String, Path)), request_body = LinkedScan,
    responses((status = 200, body = FilledForm), (status = 409), (status = 422)))]
#[post("/paper-scans/{scan}/link")]
async fn link(who: Who, app: Data<App>, of: Path<String>, body: Json<LinkedScan>) -> Answer<Json<FilledForm>> {
    let body = body.into_inner();
    let given = ScannedPaper {
        place: ToSign { document: id(&body.document_id, "phiếu")?, version: body.version, slot: body.slot },
        representative: body.representative,
        scan: id(&of, "bản quét")?,
        code: body.code,
        kept_at: body.kept_at,
    };
    Ok(Json(signing::signed_by_scan(&app, &who, given, body.pin).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SortedScan {
    reason: String,
}

/// It belongs to no sheet. It stays, and can be brought back.
#[utoipa::path(tag = "forms", params(("scan" = String, Path)), request_body = SortedScan,
    responses((status = 200, body = PaperScans), (status = 409)))]
#[post("/paper-scans/{scan}/set-aside")]
async fn set_aside(who: Who, app: Data<App>, of: Path<String>, body: Json<SortedScan>) -> Answer<Json<PaperScans>> {
    scans::set_aside(&app, &who, id(&of, "bản quét")?, &body.reason).await?;
    Ok(Json(scans::list(&app, &who).await?))
}

/// It waits again.
#[utoipa::path(tag = "forms", params(("scan" = String, Path)), request_body = SortedScan,
    responses((status = 200, body = PaperScans), (status = 409)))]
#[post("/paper-scans/{scan}/bring-back")]
async fn bring_back(who: Who, app: Data<App>, of: Path<String>, body: Json<SortedScan>) -> Answer<Json<PaperScans>> {
    scans::bring_back(&app, &who, id(&of, "bản quét")?, &body.reason).await?;
    Ok(Json(scans::list(&app, &who).await?))
}

/// Scans whose code was printed for a sheet of this stay, waiting for a witness.
#[utoipa::path(tag = "forms", params(("stay" = String, Path)), responses((status = 200, body = Vec<PaperScan>)))]
#[get("/encounters/{stay}/paper-scans")]
async fn of_stay(who: Who, app: Data<App>, of: Path<String>) -> Answer<Json<Vec<PaperScan>>> {
    Ok(Json(scans::of_stay(&app, &who, id(&of, "đợt điều trị")?).await?))
}
