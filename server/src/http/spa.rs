//! The staff app's files, embedded in the program: compressed once at build time, served as they are.

use actix_web::http::header;
use actix_web::web::{ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Files;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.default_service(get().to(file));
}

/// The file of this path; any other path is a screen of the app.
async fn file(req: HttpRequest) -> HttpResponse {
    let path = req.path().trim_start_matches('/');
    if path.starts_with("api/") || path.starts_with("ingest/") || path.starts_with("dicom-web/") {
        return super::error::problem(
            actix_web::http::StatusCode::NOT_FOUND,
            "not-found",
            "Không có địa chỉ này.",
            std::collections::BTreeMap::new(),
        );
    }
    let name = if path.is_empty() || (Files::get(path).is_none() && !path.contains('.')) { "index.html" } else { path };
    let accepts = req.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(token, _)| accepts.contains(token))
        .find_map(|(token, suffix)| Files::get(&format!("{name}{suffix}")).map(|f| (Some(token), f)));
    let Some((encoding, found)) = packed.or_else(|| Files::get(name).map(|f| (None, f))) else {
        return HttpResponse::NotFound().finish();
    };
    let etag = format!("\"{}\"", hex::encode(found.metadata.sha256_hash()));
    let same = req.headers().get(header::IF_NONE_MATCH).is_some_and(|v| v.as_bytes() == etag.as_bytes());
    // Vite puts a hash into the names under assets/: those never change.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::CACHE_CONTROL, cache))
        .insert_header((header::ETAG, etag))
        .insert_header((header::VARY, "Accept-Encoding"));
    if same {
        return answer.finish();
    }
    if let Some(encoding) = encoding {
        answer.insert_header((header::CONTENT_ENCODING, encoding));
    }
    answer.content_type(media_type(name)).body(found.data.into_owned())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
