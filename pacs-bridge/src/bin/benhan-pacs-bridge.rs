//! The bridge as a program of its own: `benhan-pacs-bridge CONFIG.toml`, or `decode-worker` for its own children.

use benhan_pacs_bridge::{BridgeConfig, decode_worker_main, start};
use std::io::Write;
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("decode-worker") => {
            let code = decode_worker_main(std::io::stdin().lock(), std::io::stdout().lock());
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Some(config) if !config.starts_with('-') => match run(config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(cause) => {
                drop(writeln!(std::io::stderr(), "benhan-pacs-bridge: {cause:#}"));
                ExitCode::FAILURE
            }
        },
        _ => {
            drop(writeln!(std::io::stderr(), "usage: benhan-pacs-bridge CONFIG.toml"));
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn run(config: &str) -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let config: BridgeConfig = toml::from_str(&std::fs::read_to_string(config)?)?;
    let shutdown = CancellationToken::new();
    let running = start(config, shutdown.clone()).await?;
    // The first line on standard output is for whoever asked for port 0.
    writeln!(std::io::stdout(), "{{\"dicom\":\"{}\",\"pixels\":\"{}\"}}", running.dicom_addr, running.pixels_addr)?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    shutdown.cancel();
    running.stopped().await;
    Ok(())
}
