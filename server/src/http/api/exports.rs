//! `/encounters/{stay}/package`: a whole record as a file that proves itself.

use crate::App;
use crate::app::export::{self, Packed};
use crate::app::{AppError, error::Kind};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use actix_web::body::SizedStream;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(package);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExportGround {
    /// On what ground the copy is asked for, 5 to 500 characters; it stays on the trail.
    ground: String,
}

/// One stay as a ZIP file, sealed by the facility: sheets, data, signatures with their evidence, `HoSoBenhAn`, summary,
/// proven trail. For the record room alone; each one is on the trail as an export. `benhan verify` proves it.
#[utoipa::path(tag = "documents", params(("stay" = String, Path)), request_body = ExportGround,
    responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
#[post("/encounters/{stay}/package")]
async fn package(who: Who, app: Data<App>, stay: Path<String>, body: Json<ExportGround>) -> Answer<HttpResponse> {
    let stay = id(&stay, "đợt điều trị")?;
    let (packed, file) = export::for_person(&app, &who, stay, &body.ground, nameless().await?).await?;
    sent(&packed, file)
}

/// It has no name and goes with the last handle on it.
pub async fn nameless() -> Answer<File> {
    let made = tokio::task::spawn_blocking(tempfile::tempfile).await;
    Ok(made.map_err(|_| AppError::Internal("cut off".into()))?.map_err(no_room)?)
}

pub fn sent(packed: &Packed, mut file: File) -> Answer<HttpResponse> {
    let size = file.metadata().and_then(|meta| file.seek(SeekFrom::Start(0)).map(|_| meta.len())).map_err(no_room)?;
    let name = format!("attachment; filename=\"ho-so-{}.zip\"", packed.record);
    let content = SizedStream::new(size, ReaderStream::new(tokio::fs::File::from_std(file)));
    Ok(HttpResponse::Ok().content_type("application/zip").insert_header(("Content-Disposition", name)).body(content))
}

fn no_room(error: std::io::Error) -> AppError {
    tracing::error!(%error, "a package could not be kept");
    AppError::refused(Kind::Busy, "no-room", "Máy chủ chưa ghi được gói hồ sơ: báo quản trị kiểm tra ổ đĩa.")
}
