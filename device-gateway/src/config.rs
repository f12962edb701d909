//! `[gateway]` of the configuration file. A mistyped key is an error.

use crate::port::{Flow, Parity, PortEntry};
use benhan_uplink::UplinkConfig;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where the spool lives (`spool.db`). It holds patient data: only this program may read it.
    pub data_dir: PathBuf,
    /// HL7 over MLLP. Default: port 2575 on loopback.
    #[serde(default = "mllp")]
    pub mllp: ListenConfig,
    /// ASTM over TCP. Default: port 12001 on loopback.
    #[serde(default = "astm")]
    pub astm: ListenConfig,
    /// ASTM over serial lines. Default: none.
    #[serde(default)]
    pub serial: Vec<SerialLine>,
    /// Further ways in, each by its URL. Default: none.
    #[serde(default)]
    pub port: Vec<PortEntry>,
    /// Devices with a profile, charset or zone of their own. Default: none; the profiles match by sender.
    #[serde(default)]
    pub device: Vec<DeviceEntry>,
    /// The hospital's own device profiles, looked at every few seconds. Default: none.
    #[serde(default)]
    pub profiles: Option<PathBuf>,
    /// Zone of device clocks that state none. Default: `Asia/Ho_Chi_Minh`.
    #[serde(default = "time_zone")]
    pub time_zone: String,
    /// How often the laboratory worklist is pulled, from which analyzers are answered that ask by barcode. 0: they are
    /// not answered, and no list is kept. Default: 3 s.
    #[serde(default = "worklist_every_s")]
    pub worklist_every_s: u64,
    pub uplink: UplinkConfig,
}

impl GatewayConfig {
    /// With every default.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, uplink: UplinkConfig) -> Self {
        Self {
            data_dir: data_dir.into(),
            mllp: mllp(),
            astm: astm(),
            serial: Vec::new(),
            port: Vec::new(),
            device: Vec::new(),
            profiles: None,
            time_zone: time_zone(),
            worklist_every_s: worklist_every_s(),
            uplink,
        }
    }
}

/// One listening address for devices. Device protocols are plain: bind it to the device network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// False: do not listen at all. Default: true.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Who may connect: addresses or networks (`10.0.9.0/24`). Default: none listed, everybody may.
    #[serde(default)]
    pub peers: Vec<String>,
    /// Connections at one time; more are closed at once. Default: 256.
    #[serde(default = "max_connections")]
    pub max_connections: usize,
    /// Of these, from one address; a gateway of monitors has one address for all its beds. Default: 128.
    #[serde(default = "max_connections_per_address")]
    pub max_connections_per_address: usize,
    /// Largest message in bytes, at most 4 MiB, so that a connection stays below 16 MiB. Default: 2 MiB.
    #[serde(default = "max_message_bytes")]
    pub max_message_bytes: usize,
    /// A message begun must end within this time. Default: 60 s.
    #[serde(default = "message_timeout_s")]
    pub message_timeout_s: u64,
}

impl ListenConfig {
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        Self {
            address,
            enabled: true,
            peers: Vec::new(),
            max_connections: max_connections(),
            max_connections_per_address: max_connections_per_address(),
            max_message_bytes: max_message_bytes(),
            message_timeout_s: message_timeout_s(),
        }
    }

    pub(crate) fn message_limit(&self) -> usize {
        self.max_message_bytes.clamp(1024, LARGEST_MESSAGE)
    }
}

/// One serial port with an ASTM device behind it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SerialLine {
    /// Name of the line; its channel is `serial:<name>`.
    pub name: String,
    /// `/dev/serial/by-id/…`: the name that stays when a cable is put elsewhere.
    pub path: PathBuf,
    /// Default: 9600.
    #[serde(default = "baud")]
    pub baud: u32,
    /// 7 or 8. Default: 8.
    #[serde(default = "data_bits")]
    pub data_bits: u8,
    /// Default: none.
    #[serde(default)]
    pub parity: Parity,
    /// 1 or 2. Default: 1.
    #[serde(default = "stop_bits")]
    pub stop_bits: u8,
    /// `none`, `rtscts` or `xonxoff`. Default: none.
    #[serde(default)]
    pub flow: Flow,
    /// Default: 2 MiB.
    #[serde(default = "max_message_bytes")]
    pub max_message_bytes: usize,
}

impl SerialLine {
    /// At 9600 8N1 without flow control.
    #[must_use]
    pub fn at(name: &str, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            path: path.into(),
            baud: baud(),
            data_bits: data_bits(),
            parity: Parity::None,
            stop_bits: stop_bits(),
            flow: Flow::None,
            max_message_bytes: max_message_bytes(),
        }
    }
}

/// What is known about one device. The first entry that fits a sender holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// Peer address; empty fits all.
    #[serde(default)]
    pub address: String,
    /// MSH-3 or H-5.1; empty fits all.
    #[serde(default)]
    pub application: String,
    /// `mllp`, `astm`, `serial:<name>`, or the name of a port; empty fits all.
    #[serde(default)]
    pub channel: String,
    /// Id of a profile; empty: found by sender.
    #[serde(default)]
    pub profile: String,
    /// Charset of the device when it does not send UTF-8: `windows-1258`, `8859/1`.
    #[serde(default)]
    pub charset: String,
    /// Zone of its clock.
    #[serde(default)]
    pub time_zone: String,
    /// Of a bedside device that does not say it: where its line ends, `UNIT^ROOM^BED`.
    #[serde(default)]
    pub place: String,
}

/// Keeps a connection below 16 MiB: the bytes, their growth, and the compressed copy under way.
pub(crate) const LARGEST_MESSAGE: usize = 4 << 20;

fn mllp() -> ListenConfig {
    ListenConfig::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 2575)))
}
fn astm() -> ListenConfig {
    ListenConfig::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 12001)))
}
fn time_zone() -> String {
    "Asia/Ho_Chi_Minh".to_owned()
}
fn worklist_every_s() -> u64 {
    3
}
fn yes() -> bool {
    true
}
fn max_connections() -> usize {
    256
}
fn max_connections_per_address() -> usize {
    128
}
fn max_message_bytes() -> usize {
    2 << 20
}
fn message_timeout_s() -> u64 {
    60
}
fn baud() -> u32 {
    9600
}
fn data_bits() -> u8 {
    8
}
fn stop_bits() -> u8 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_configuration_has_every_default() {
        let config: GatewayConfig = toml::from_str(
            "data_dir = '/var/lib/benhan/gateway'\n[uplink]\nbase_url = 'https://emr:8443'\ntoken = 't'\n",
        )
        .unwrap();
        assert_eq!(config.mllp.address.port(), 2575);
        assert_eq!(config.astm.address.port(), 12001);
        assert_eq!(config.time_zone, "Asia/Ho_Chi_Minh");
    }

    #[test]
    fn a_mistyped_key_is_an_error() {
        let text = "data_dir = 'x'\nserail = []\n[uplink]\nbase_url = 'https://emr:8443'\ntoken = 't'\n";
        assert!(toml::from_str::<GatewayConfig>(text).is_err());
    }

    #[test]
    fn the_token_is_never_shown() {
        let config = GatewayConfig::new("x", UplinkConfig::new("https://emr", "canary-token"));
        assert!(!format!("{config:?}").contains("canary-token"));
    }
}
