//! The gateway and the bridge beside the server, each reaching it over HTTPS as from another box.

use crate::config::Config;
use crate::data_dir::DataDir;
use anyhow::Context;
use benhan_device_gateway::{GatewayConfig, ListenConfig};
use benhan_pacs_bridge::{BridgeConfig, Network, PeerConfig, Right, WorklistCharset};
use benhan_server::secrets::Secrets;
use benhan_uplink::UplinkConfig;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;

pub struct Devices {
    gateway: benhan_device_gateway::Running,
    bridge: benhan_pacs_bridge::Running,
}

/// Starts both. The server must listen already, or they wait for it: nothing is lost either way.
pub async fn start(
    dir: &DataDir,
    config: &Config,
    https: SocketAddr,
    secrets: &Secrets,
    shutdown: &CancellationToken,
) -> anyhow::Result<Devices> {
    let uplink = || {
        let mut to = UplinkConfig::new(super::serve::base_url(https), secrets.ingest_token.clone());
        to.ca_file = Some(dir.path("tls/ca.pem"));
        to
    };
    let mut gateway = GatewayConfig::new(dir.path("spool"), uplink());
    gateway.mllp = ListenConfig::at(config.listen.mllp);
    gateway.astm = ListenConfig::at(config.listen.astm);
    let gateway = benhan_device_gateway::start(gateway, shutdown.clone()).await.context("the device gateway")?;
    let bridge = BridgeConfig {
        data_dir: dir.path("pacs"),
        listen: config.listen.dicom,
        pixels_token: secrets.pixels_token.clone(),
        worker_command: vec![std::env::current_exe()?.into(), "decode-worker".into()],
        uplink: Some(uplink()),
        peers: config.dicom.iter().map(peer).collect::<anyhow::Result<_>>()?,
        ..BridgeConfig::default()
    };
    let bridge = benhan_pacs_bridge::start(bridge, shutdown.clone()).await.context("the PACS bridge")?;
    Ok(Devices { gateway, bridge })
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
    pub fn ports(&self, https: SocketAddr) -> Value {
        json!({
            "https": https.port(),
            "mllp": self.gateway.mllp_addr.map(|a| a.port()),
            "astm": self.gateway.astm_addr.map(|a| a.port()),
            "dicom": self.bridge.dicom_addr.port(),
            "pixels": self.bridge.pixels_addr.port(),
        })
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
