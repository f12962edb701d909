//! `/vitals/{set}/paper`, `/notes/{note}/paper` and their scans: the paper that an entry was written from afterwards.

use crate::App;
use crate::app::error::Kind;
use crate::app::signing::LARGEST_SCAN;
use crate::app::{AppError, entry_scans};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_late::EntryScan;
use actix_web::web::{Data, Json, Path, Payload};
use actix_web::{HttpResponse, get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// A scan in base64, with room for the rest.
const LARGEST_BODY: usize = LARGEST_SCAN / 3 * 4 + (4 << 10);

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(of_set).service(of_note).service(of_stay).service(file);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScannedEntry {
    /// JPEG, PNG or PDF in base64, at most 8 MB.
    scan: String,
}

/// Larger than the program's own limit, which is for words: read by hand.
async fn scan_in(body: Payload) -> Result<Vec<u8>, AppError> {
    let too_large = || AppError::invalid("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)");
    let unread = |_| AppError::refused(Kind::Invalid, "bad-body", "Nội dung gửi lên không đọc được: gửi lại bản quét.");
    let bytes = body.to_bytes_limited(LARGEST_BODY).await.map_err(|_| too_large())?.map_err(|_| too_large())?;
    let body: ScannedEntry = serde_json::from_slice(&bytes)
        .map_err(|_| AppError::invalid("scan", "Nội dung gửi lên không đúng khuôn dạng: tải lại trang rồi thử lại"))?;
    BASE64_STANDARD.decode(body.scan).map_err(unread)
}

/// The scan of the paper that a set was written from, attached by who wrote it. 403 `not-yours`.
#[utoipa::path(tag = "vitals", params(("set" = String, Path)), request_body = ScannedEntry,
    responses((status = 200, body = Vec<EntryScan>), (status = 403), (status = 422)))]
#[post("/vitals/{set}/paper")]
async fn of_set(who: Who, app: Data<App>, of: Path<String>, body: Payload) -> Answer<Json<Vec<EntryScan>>> {
    let of = entry_scans::Entry::Set(id(&of, "lượt đo")?);
    Ok(Json(entry_scans::attach(&app, &who, of, scan_in(body).await?).await?))
}

/// The scan of the paper that a note was written from, attached by who wrote it. 403 `not-yours`.
#[utoipa::path(tag = "notes", params(("note" = String, Path)), request_body = ScannedEntry,
    responses((status = 200, body = Vec<EntryScan>), (status = 403), (status = 422)))]
#[post("/notes/{note}/paper")]
async fn of_note(who: Who, app: Data<App>, of: Path<String>, body: Payload) -> Answer<Json<Vec<EntryScan>>> {
    let of = entry_scans::Entry::Note(id(&of, "phiếu chăm sóc")?);
    Ok(Json(entry_scans::attach(&app, &who, of, scan_in(body).await?).await?))
}

/// Beside which entries of a stay there is paper.
#[utoipa::path(tag = "notes", params(("stay" = String, Path)), responses((status = 200, body = Vec<EntryScan>)))]
#[get("/encounters/{stay}/entry-scans")]
async fn of_stay(who: Who, app: Data<App>, of: Path<String>) -> Answer<Json<Vec<EntryScan>>> {
    Ok(Json(entry_scans::of_stay(&app, &who, id(&of, "đợt điều trị")?).await?))
}

/// As it came. Each opening is audited.
#[utoipa::path(tag = "notes", params(("scan" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
#[get("/entry-scans/{scan}/file")]
async fn file(who: Who, app: Data<App>, of: Path<String>) -> Answer<HttpResponse> {
    let (bytes, kind) = entry_scans::file(&app, &who, id(&of, "bản quét")?).await?;
    // Handed in by a person and never opened here: no browser may run what it might hold.
    Ok(HttpResponse::Ok()
        .content_type(kind.media())
        .insert_header(("Content-Disposition", format!("inline; filename=\"ban-giay.{}\"", kind.extension())))
        .insert_header(("Content-Security-Policy", "default-src 'none'; sandbox"))
        .body(bytes))
}
