//! `/metrics` on a listener of its own, in the text format of Prometheus. Any role has one; none has TLS: loopback.

use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use std::future::Future;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Reads the gauges anew and writes everything down.
pub type Render = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// Serves until `shutdown`.
pub async fn serve(listener: TcpListener, render: Render, shutdown: CancellationToken) -> std::io::Result<()> {
    let render = Data::new(render);
    let server = HttpServer::new(move || {
        App::new().app_data(render.clone()).route(
            "/metrics",
            get().to(|render: Data<Render>| async move {
                HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(render().await)
            }),
        )
    })
    .workers(1)
    .max_connections(32)
    .client_request_timeout(std::time::Duration::from_secs(5))
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(async move {
        shutdown.cancelled().await;
        handle.stop(true).await;
    });
    server.await
}
