//! What this process is: everything on one box, or one of the three programs.

mod beat;
pub mod devices;
pub mod gateway;
mod neighbours;
pub mod pacs;
mod production;
mod record;
pub mod serve;
pub mod server;
pub mod sign_agent;

pub use production::{Finding, findings, target as backup_target};
pub use record::app;

use anyhow::bail;
use std::future::Future;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Logging, the one crypto library, the runtime: what every role needs before it begins.
fn begin(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let filter = std::env::var("BENHAN_LOG").unwrap_or_else(|_| "info,actix_server=warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        bail!("another TLS provider is installed already");
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

/// A person's or systemd's wish that it stop. Listened for before anybody can know that it runs: else a SIGTERM that
/// comes at once would end it without a last word.
struct StopAsked {
    term: Signal,
    int: Signal,
}

impl StopAsked {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }

    /// Returns when it was asked to stop, or when a part has ended by itself.
    async fn or_ended(mut self, shutdown: &CancellationToken) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
            () = shutdown.cancelled() => {}
        }
    }
}
