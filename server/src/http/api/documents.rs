//! `/documents`: sheets as PDF with their signatures.

use crate::App;
use crate::app::signing;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::DocumentRef;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(pdf);
}

#[utoipa::path(tag = "documents", params(("stay" = String, Path)), responses((status = 200, body = Vec<DocumentRef>)))]
#[get("/encounters/{stay}/documents")]
async fn list(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<DocumentRef>>> {
    Ok(Json(signing::sheets(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

/// The PDF/A of one version, as it was signed. Each opening is audited.
#[utoipa::path(tag = "documents", params(("document" = String, Path), ("version" = i64, Path)),
    responses((status = 200, content_type = "application/pdf", body = Vec<u8>)))]
#[get("/documents/{document}/versions/{version}/pdf")]
async fn pdf(who: Who, app: Data<App>, at: Path<(String, i64)>) -> Answer<HttpResponse> {
    let (document, version) = at.into_inner();
    let bytes = signing::pdf(&app, &who, id(&document, "bản PDF")?, version).await?;
    Ok(crate::http::pdf::inline(&format!("{document}-v{version}"), bytes))
}
