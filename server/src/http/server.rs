//! Listens with TLS on the socket that it is given, until it is told to stop.

use super::error::problem;
use super::health::{self, Health};
use super::tries::Tries;
use super::{events, ingest, kit, measure, routes, source, spa};
use crate::App;
use crate::app::ingest::LiveBeds;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::web::{Data, JsonConfig, PathConfig, QueryConfig};
use actix_web::{HttpRequest, HttpServer, middleware};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;
use utoipa_actix_web::AppExt;

/// Where and how to listen. Without TLS only for loopback.
pub struct Door {
    pub listener: TcpListener,
    pub tls: Option<rustls::ServerConfig>,
    /// The folder whose volume must keep some room; `None`: nobody looks.
    pub data_dir: Option<PathBuf>,
}

/// A body that is no JSON of the expected shape.
pub fn bad_json(error: actix_web::error::JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    use actix_web::error::JsonPayloadError as E;
    let (status, detail) = match &error {
        E::Overflow { .. } | E::OverflowKnownLength { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "Nội dung gửi lên quá lớn.")
        }
        _ => (StatusCode::BAD_REQUEST, "Nội dung gửi lên không đúng khuôn dạng: tải lại trang rồi thử lại."),
    };
    let answer = super::error::problem(status, "bad-body", detail, BTreeMap::new());
    actix_web::error::InternalError::from_response("body refused", answer).into()
}

fn bad_address<E>(_: E, _: &HttpRequest) -> actix_web::Error {
    let answer = super::error::problem(StatusCode::NOT_FOUND, "not-found", "Không có địa chỉ này.", BTreeMap::new());
    actix_web::error::InternalError::from_response("address refused", answer).into()
}

/// No address of ours holds U+0000, and one database cannot even be asked for it.
async fn without_nul(
    req: ServiceRequest,
    next: middleware::Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if req.path().contains("%00") || req.query_string().contains("%00") {
        return Ok(req.into_response(problem(
            StatusCode::NOT_FOUND,
            "not-found",
            "Không có địa chỉ này.",
            BTreeMap::new(),
        )));
    }
    next.call(req).await.map(ServiceResponse::map_into_boxed_body)
}

/// Serves until `shutdown`; answers in flight are finished.
pub async fn serve(app: App, door: Door, shutdown: CancellationToken) -> std::io::Result<()> {
    serve_at(app, door, shutdown, events::Heartbeat::default()).await
}

/// The same, with the event streams' look at their sessions at another pace.
pub async fn serve_at(
    app: App,
    door: Door,
    shutdown: CancellationToken,
    heartbeat: events::Heartbeat,
) -> std::io::Result<()> {
    let (max_body, stop, agent) = (app.settings.max_body, shutdown.clone(), crate::app::signing::agent_address(&app));
    let health = Data::new(Health::new(door.data_dir, app.settings.min_free_mib));
    let tries = Data::new(Tries::default());
    let (data, beds) = (Data::new(app), Data::new(LiveBeds::default()));
    let streams = Data::new(shutdown.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(beds.clone())
            .app_data(streams.clone())
            .app_data(health.clone())
            .app_data(tries.clone())
            .app_data(Data::new(heartbeat))
            .app_data(JsonConfig::default().limit(max_body).error_handler(bad_json))
            .app_data(PathConfig::default().error_handler(bad_address))
            .app_data(QueryConfig::default().error_handler(bad_address))
            .wrap(middleware::from_fn(source::asked_from))
            .wrap(middleware::from_fn(without_nul))
            .wrap(middleware::from_fn(measure::measure))
            .wrap(headers(&agent))
            .configure(ingest::routes)
            .configure(kit::routes)
            .configure(super::dicomweb::routes)
            .configure(events::routes)
            .into_utoipa_app()
            .service(utoipa_actix_web::scope("/api/v1").configure(routes::resources))
            .into_app()
            .configure(health::routes)
            .configure(spa::routes)
    })
    .workers(2)
    .max_connections(2_000)
    .client_request_timeout(std::time::Duration::from_secs(10))
    .keep_alive(std::time::Duration::from_secs(75))
    .shutdown_timeout(5)
    .disable_signals();
    let server = match door.tls {
        Some(tls) => server.listen_rustls_0_23(door.listener, tls)?,
        None => server.listen(door.listener)?,
    }
    .run();
    let handle = server.handle();
    tokio::spawn(async move {
        stop.cancelled().await;
        handle.stop(true).await;
    });
    server.await
}

/// What every answer says: nothing is cached unless it says so itself, nothing comes from elsewhere. The agent of the
/// terminal alone is spoken to besides the server.
fn headers(agent: &str) -> middleware::DefaultHeaders {
    middleware::DefaultHeaders::new()
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Cache-Control", "no-store"))
        .add(("Strict-Transport-Security", "max-age=31536000"))
        .add((
            "Content-Security-Policy",
            format!(
                "default-src 'self'; connect-src 'self' {agent}; img-src 'self' data: blob:; worker-src 'self' blob:; \
                 object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            ),
        ))
}
