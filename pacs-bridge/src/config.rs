//! What the bridge is told: addresses, peers, limits. Every key has a default except the token and the server.

use benhan_uplink::UplinkConfig;
use serde::{Deserialize, Deserializer};
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The section `[pacs]` of the configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BridgeConfig {
    /// Holds `journal.db`, `incoming/`, `blobs/` and `derived/`. Default `data/pacs`.
    pub data_dir: PathBuf,
    /// The keys that images are sealed with, wrapped. Default `data/keys/records.db`.
    pub key_store: PathBuf,
    /// What opens them: 64 hexadecimal digits in a file that lies in no copy of the others. Both are made where neither is
    /// there. Default `data/secrets/records.key`.
    pub master_key: PathBuf,
    /// Where modalities connect. Default `0.0.0.0:11112`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The called AE title that peers must use. Default `BENHAN`.
    pub ae_title: String,
    /// Who may connect; nobody else is answered. Default: nobody.
    pub peers: Vec<PeerConfig>,
    /// Associations at one time; more are asked to come again later. Default 32.
    pub max_associations: usize,
    /// Largest P-DATA-TF taken, in bytes, 16 KiB to 1 MiB. Default 131,072.
    pub max_pdu: u32,
    /// A connection that has not asked for its association by then is closed. Default 30.
    pub artim_seconds: u64,
    /// An association that brings nothing, or less than 1 kB/s, for so long is aborted. Default 120.
    pub idle_seconds: u64,
    /// Quiet time after the last association that touched a study before the server hears of it. Default 5.
    pub settle_seconds: u64,
    /// A larger instance is refused (A700). Default 4,096.
    pub max_instance_mib: u64,
    /// With less free on the volume, instances are refused (A700). Default 5.
    pub min_free_percent: u8,
    /// Where the server fetches pixels from: loopback or an internal address. Default `127.0.0.1:0`.
    pub pixels_listen: SocketAddr,
    /// Certificate chain and key of the pixel service, PEM. Needed where it does not listen on loopback.
    pub pixels_certificate: Option<PathBuf>,
    pub pixels_key: Option<PathBuf>,
    /// Bearer token of the pixel service. Empty stops the bridge from starting.
    pub pixels_token: String,
    /// Program and arguments of a decoding process ([`crate::decode_worker_main`]). Empty: nothing compressed is rendered.
    #[serde(deserialize_with = "words")]
    pub worker_command: Vec<OsString>,
    /// Decoding processes. Default 2.
    pub workers: usize,
    /// One frame may take so long. Default 10.
    pub worker_seconds: u64,
    /// Address space of one decoding process. Default 1,024.
    pub worker_memory_mib: u64,
    /// Decoded and rendered frames kept on disk. Default 512.
    pub frame_cache_mib: u64,
    /// How often the worklist is pulled. Default 15.
    pub worklist_seconds: u64,
    /// The server. Without it studies wait in the outbox and the worklist stays as last pulled.
    pub uplink: Option<UplinkConfig>,
}

impl Default for BridgeConfig {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data/pacs"),
            key_store: PathBuf::from("data/keys/records.db"),
            master_key: PathBuf::from("data/secrets/records.key"),
            listen: SocketAddr::from(([0, 0, 0, 0], 11_112)),
            ae_title: "BENHAN".to_owned(),
            peers: Vec::new(),
            max_associations: 32,
            max_pdu: 128 * 1024,
            artim_seconds: 30,
            idle_seconds: 120,
            settle_seconds: 5,
            max_instance_mib: 4096,
            min_free_percent: 5,
            pixels_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            pixels_certificate: None,
            pixels_key: None,
            pixels_token: String::new(),
            worker_command: Vec::new(),
            workers: 2,
            worker_seconds: 10,
            worker_memory_mib: 1024,
            frame_cache_mib: 512,
            worklist_seconds: 15,
            uplink: None,
        }
    }
}

impl BridgeConfig {
    pub(crate) fn artim(&self) -> Duration {
        Duration::from_secs(self.artim_seconds.max(1))
    }

    pub(crate) fn idle(&self) -> Duration {
        Duration::from_secs(self.idle_seconds.max(1))
    }

    pub(crate) fn settle(&self) -> Duration {
        Duration::from_secs(self.settle_seconds)
    }
}

/// One modality, workstation or forwarding archive.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    pub ae_title: String,
    /// Networks that it may call from: `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`.
    pub addresses: Vec<Network>,
    /// What it may do. Default: all three.
    #[serde(default = "every_right")]
    pub rights: Vec<Right>,
    /// How worklist answers write Vietnamese names for it. Default `utf-8`.
    #[serde(default)]
    pub charset: WorklistCharset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    Echo,
    Store,
    Worklist,
}

fn every_right() -> Vec<Right> {
    vec![Right::Echo, Right::Store, Right::Worklist]
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum WorklistCharset {
    /// Specific Character Set ISO_IR 192.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Names without accents, for modalities that show anything else as rubbish.
    #[serde(rename = "ascii")]
    Ascii,
}

/// An address or a network in CIDR form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.1.0.0/16` or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base.parse::<IpAddr>().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let widest = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(widest);
        (bits <= widest).then_some(Self { base, bits })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        // A dual-stack listener shows IPv4 peers as ::ffff:a.b.c.d.
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(other)) => {
                let shift = 32u32.saturating_sub(u32::from(self.bits));
                (base.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(base), IpAddr::V6(other)) => {
                let shift = 128u32.saturating_sub(u32::from(self.bits));
                (base.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not an address or a network")))
    }
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<OsString>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    Ok(words.into_iter().map(OsString::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses() {
        let ward = Network::parse("10.1.0.0/16").unwrap();
        assert!(ward.contains("10.1.200.3".parse().unwrap()));
        assert!(ward.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!ward.contains("10.2.0.1".parse().unwrap()));
        assert!(Network::parse("0.0.0.0/0").unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!(!Network::parse("10.1.2.3").unwrap().contains("10.1.2.4".parse().unwrap()));
        assert_eq!(Network::parse("10.1.0.0/33"), None);
    }
}
