//! How many requests, how long, how they ended; and none that drips in for ever.
//!
//! Labels are route templates (`/api/v1/encounters/{id}/vitals`), so no id and no patient gets into a metric.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// A head comes within ten seconds (the server's own limit); with its body and the work a request has this long.
/// Streams are not cut: their answer has begun by then.
const LONGEST: Duration = Duration::from_secs(120);

pub async fn measure(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let method = verb(req.method());
    let route = req.match_pattern().unwrap_or_else(|| "app".to_owned());
    let answer = tokio::time::timeout(LONGEST, next.call(req)).await.unwrap_or_else(|_| Err(too_slow()));
    let status = match &answer {
        Ok(answer) => answer.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    metrics::histogram!("benhan_http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(begun.elapsed());
    metrics::counter!("benhan_http_requests_total", "method" => method, "route" => route, "status" => status.as_str().to_owned())
        .increment(1);
    answer
}

/// What a client invents is one label.
fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}

fn too_slow() -> actix_web::Error {
    let detail = "Yêu cầu gửi lên quá chậm: kiểm tra mạng rồi thử lại.";
    let answer = super::error::problem(StatusCode::REQUEST_TIMEOUT, "too-slow", detail, BTreeMap::new());
    actix_web::error::InternalError::from_response("request cut off", answer).into()
}
