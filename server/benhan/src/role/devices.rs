//! The gateway and the bridge beside the server, each reaching it over HTTPS as from another box.

use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::{DataDir, KEYS, MASTER};
use anyhow::Context;
use benhan_device_gateway::{GatewayConfig, ListenConfig, PortEntry};
use benhan_pacs_bridge::{BridgeConfig, Network, PeerConfig, Right, WorklistCharset};
use benhan_server::secrets::Secrets;
use benhan_uplink::{Spool, UplinkConfig};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use tokio_util::sync::CancellationToken;

pub struct Devices {
    gateway: benhan_device_gateway::Running,
    bridge: benhan_pacs_bridge::Running,
}

/// Starts both. The server must listen already, or they wait for it: nothing is lost either way.
pub async fn start(
    place: &Place,
    dir: &DataDir,
    config: &Config,
    to: UplinkConfig,
    secrets: &Secrets,
    shutdown: &CancellationToken,
) -> anyhow::Result<Devices> {
    let to = UplinkConfig { ca_file: Some(config::path(place, &config.tls.ca)), ..to };
    let gateway = gateway(place, dir, config, to.clone());
    let gateway = benhan_device_gateway::start(gateway, shutdown.clone()).await.context("the device gateway")?;
    let mut bridge = bridge(place, dir, config, to, secrets.pixels_token.clone())?;
    // In one process nobody else asks for pixels.
    bridge.pixels_listen = SocketAddr::from(([127, 0, 0, 1], 0));
    (bridge.pixels_certificate, bridge.pixels_key) = (None, None);
    let bridge = benhan_pacs_bridge::start(bridge, shutdown.clone()).await.context("the PACS bridge")?;
    Ok(Devices { gateway, bridge })
}

/// `[gateway]` and the listeners, as the gateway takes them.
pub fn gateway(place: &Place, dir: &DataDir, config: &Config, to: UplinkConfig) -> GatewayConfig {
    let mut gateway = GatewayConfig::new(dir.path("spool"), to);
    gateway.mllp = ListenConfig { peers: config.gateway.mllp_peers.clone(), ..ListenConfig::at(config.listen.mllp) };
    gateway.astm = ListenConfig { peers: config.gateway.astm_peers.clone(), ..ListenConfig::at(config.listen.astm) };
    gateway.serial.clone_from(&config.gateway.serial);
    gateway.port = config.gateway.port.iter().map(|port| with_paths(place, port)).collect();
    gateway.device.clone_from(&config.gateway.device);
    gateway.time_zone.clone_from(&config.gateway.time_zone);
    gateway.profiles = Some(dir.root().join(&config.gateway.profiles));
    gateway.worklist_every_s = config.gateway.worklist_seconds;
    gateway
}

fn with_paths(place: &Place, port: &PortEntry) -> PortEntry {
    let given = |path: &Path| if path.as_os_str().is_empty() { path.to_owned() } else { config::path(place, path) };
    PortEntry { certificate: given(&port.certificate), key: given(&port.key), ca: given(&port.ca), ..port.clone() }
}

/// `[pacs]`, `[[dicom]]` and the listeners, as the bridge takes them.
pub fn bridge(
    place: &Place,
    dir: &DataDir,
    config: &Config,
    to: UplinkConfig,
    token: String,
) -> anyhow::Result<BridgeConfig> {
    let given = |path: &Path| (!path.as_os_str().is_empty()).then(|| config::path(place, path));
    Ok(BridgeConfig {
        data_dir: dir.path("pacs"),
        key_store: dir.path(KEYS),
        master_key: dir.path(MASTER),
        listen: config.listen.dicom,
        ae_title: config.pacs.ae_title.clone(),
        pixels_listen: config.listen.pixels,
        pixels_certificate: given(&config.pixels.certificate),
        pixels_key: given(&config.pixels.key),
        pixels_token: token,
        worker_command: vec![std::env::current_exe()?.into(), "decode-worker".into()],
        workers: config.pacs.workers,
        min_free_percent: config.pacs.min_free_percent,
        settle_seconds: config.pacs.settle_seconds,
        uplink: Some(to),
        peers: config.dicom.iter().map(peer).collect::<anyhow::Result<_>>()?,
        ..BridgeConfig::default()
    })
}

fn peer(of: &crate::config::DicomPeer) -> anyhow::Result<PeerConfig> {
    let network =
        |text: &String| Network::parse(text).with_context(|| format!("dicom: {text} is no address or network"));
    Ok(PeerConfig {
        ae_title: of.ae_title.clone(),
        addresses: of.addresses.iter().map(network).collect::<anyhow::Result<_>>()?,
        rights: vec![Right::Echo, Right::Store, Right::Worklist],
        charset: if of.ascii { WorklistCharset::Ascii } else { WorklistCharset::Utf8 },
    })
}

impl Devices {
    /// Where everything listens, with the ports chosen.
    pub fn ports(&self) -> Value {
        json!({
            "mllp": self.gateway.mllp_addr.map(|a| a.port()),
            "astm": self.gateway.astm_addr.map(|a| a.port()),
            "dicom": self.bridge.dicom_addr.port(),
            "pixels": self.bridge.pixels_addr.port(),
        })
    }

    pub fn spool(&self) -> Spool {
        self.gateway.spool.clone()
    }

    /// Where the server reads pixels.
    pub fn pixels(&self) -> SocketAddr {
        self.bridge.pixels_addr
    }

    pub fn mllp(&self) -> Option<SocketAddr> {
        self.gateway.mllp_addr
    }

    pub fn astm(&self) -> Option<SocketAddr> {
        self.gateway.astm_addr
    }

    pub fn dicom(&self) -> SocketAddr {
        self.bridge.dicom_addr
    }

    pub async fn join(self) {
        self.gateway.join().await;
        self.bridge.stopped().await;
    }
}
