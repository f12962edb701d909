//! A whole record as a file that proves itself, on its way out: only on a request that was granted (`/record-requests`).

use crate::app::export::Packed;
use crate::app::{AppError, error::Kind};
use crate::http::error::Answer;
use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use tokio_util::io::ReaderStream;

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
