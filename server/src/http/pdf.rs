//! A PDF on its way out.

use actix_web::HttpResponse;

/// Shown where it is asked for. Every other answer refuses to be framed; this one the app frames inside a page of its own.
pub fn inline(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("inline; filename=\"{name}.pdf\"")))
        .insert_header(("X-Frame-Options", "SAMEORIGIN"))
        .insert_header(("Content-Security-Policy", "default-src 'none'; frame-ancestors 'self'"))
        .body(bytes)
}
