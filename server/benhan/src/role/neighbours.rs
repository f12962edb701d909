//! Where the other roles are: as configured, else on this machine, found by the ports that they wrote down.

use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use anyhow::{Context, ensure};
use benhan_server::pixels::Pixels;
use benhan_uplink::UplinkConfig;
use serde_json::Value;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Ports that each role writes when it is up. One file a role: none overwrites another's.
pub const SERVE: &str = "ports.json";
pub const SERVER: &str = "ports-server.json";
pub const GATEWAY: &str = "ports-gateway.json";
pub const PACS: &str = "ports-pacs.json";

/// How a gateway or bridge of its own reaches the server.
pub fn uplink(place: &Place, dir: &DataDir, config: &Config) -> anyhow::Result<UplinkConfig> {
    let token = token(&config::path(place, &config.uplink.token_file), "uplink.token_file")?;
    let ca_file = config::path(place, &config.uplink.ca_file);
    ensure!(ca_file.exists(), "uplink.ca_file: {} is not there: copy the server's tls/ca.pem", ca_file.display());
    let mut to = if config.uplink.url.is_empty() {
        let port = port_in(dir, SERVER, "https").unwrap_or(config.listen.https.port());
        ensure!(port != 0, "uplink.url is empty and no server has written its port into {SERVER}");
        local(&config.tls.hosts, SocketAddr::new(config.listen.https.ip(), port), token)
    } else {
        UplinkConfig::new(config.uplink.url.clone(), token)
    };
    to.name.clone_from(&config.uplink.name);
    to.ca_file = Some(ca_file);
    Ok(to)
}

/// The server of this machine, by the name that its certificate carries.
pub fn local(hosts: &[String], https: SocketAddr, token: String) -> UplinkConfig {
    let host = hosts.first().map_or("localhost", String::as_str);
    let shown = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let mut to = UplinkConfig::new(format!("https://{shown}:{}", https.port()), token);
    let at = if https.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { https.ip() };
    to.connect_to = Some(SocketAddr::new(at, https.port()));
    to
}

/// A secret that the server made and this role was given.
pub fn token(file: &Path, key: &str) -> anyhow::Result<String> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("{key}: cannot read {}: copy it from the server's secrets/", file.display()))?;
    let token = text.trim();
    ensure!(token.len() >= 32, "{key}: {} holds no token", file.display());
    Ok(token.to_owned())
}

/// The server's way to the pixels of a bridge of its own.
pub fn pixels(place: &Place, config: &Config, token: &str) -> anyhow::Result<Pixels> {
    let url = &config.pixels.url;
    ensure!(
        url.is_empty() || Pixels::may_be_at(url),
        "pixels.url: {url} must be https:// (http:// for this machine alone)"
    );
    let authority = config::path(place, &config.pixels.ca_file);
    let authority = if url.starts_with("https:") {
        fs::read(&authority).with_context(|| format!("pixels.ca_file: cannot read {}", authority.display()))?
    } else {
        Vec::new()
    };
    let pixels = Pixels::trusting(token.to_owned(), &authority)?;
    if !url.is_empty() {
        pixels.found_at(url);
    }
    Ok(pixels)
}

/// Without a configured address the bridge is on this machine and may start later or on another port.
pub async fn follow_bridge(dir: DataDir, pixels: Arc<Pixels>, shutdown: CancellationToken) {
    let (mut look, mut known) = (tokio::time::interval(Duration::from_secs(2)), None);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
        }
        let found = port_in(&dir, PACS, "pixels");
        if found != known
            && let Some(port) = found
        {
            tracing::info!(port, "the PACS bridge is on this machine");
            pixels.found_at(&format!("http://127.0.0.1:{port}"));
        }
        known = found;
    }
}

fn port_in(dir: &DataDir, file: &str, name: &str) -> Option<u16> {
    let ports: Value = serde_json::from_slice(&fs::read(dir.path(file)).ok()?).ok()?;
    ports.get(name)?.as_u64()?.try_into().ok()
}
