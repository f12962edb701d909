//! The sections of `benhan.toml` as types. What a key does stands in `reference.toml`, once.

use benhan_device_gateway::{DeviceEntry, PortEntry, SerialLine};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub database: Database,
    pub tls: Tls,
    pub backup: Backup,
    pub s3: S3,
    pub server: benhan_server::config::Settings,
    pub signing: benhan_server::config::Signing,
    pub access: benhan_server::config::Access,
    pub incident_reports: benhan_domain::security_incident::Clocks,
    pub personal_data: benhan_domain::personal_data::Clocks,
    pub retention: benhan_domain::record::Terms,
    pub revocation: benhan_server::config::Revocation,
    pub timestamp: benhan_server::config::Timestamp,
    pub audit: Audit,
    pub messages: benhan_server::config::Messages,
    pub downtime: benhan_server::config::Downtime,
    pub uplink: Uplink,
    pub pixels: Pixels,
    pub pkcs11: Pkcs11,
    pub seal: Seal,
    pub remote_signing: RemoteSigning,
    pub gateway: Gateway,
    pub pacs: Pacs,
    /// Modalities that may connect. The demo adds its own.
    pub dicom: Vec<DicomPeer>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    pub https: SocketAddr,
    pub mllp: SocketAddr,
    pub astm: SocketAddr,
    pub dicom: SocketAddr,
    pub pixels: SocketAddr,
    pub metrics: SocketAddr,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    pub url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    pub hosts: Vec<String>,
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub ca: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Empty: none.
    pub target: PathBuf,
    /// Further targets, folders or `s3://…`; one that is not there, as a removable disk, is passed over.
    pub also: Vec<PathBuf>,
    pub every_hours: i64,
    pub keep: usize,
    pub keep_months: usize,
    /// Public keys of age. Empty: not locked.
    pub recipients: Vec<String>,
    /// 0: only `benhan drill` by hand.
    pub drill_every_days: i64,
    /// An empty database for the drill of a record on PostgreSQL.
    pub drill_database_url: String,
    /// Empty: a locked backup is drilled by hand alone.
    pub drill_identity: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Empty: no store.
    pub endpoint: String,
    pub region: String,
    pub path_style: bool,
    pub access_key: String,
    pub secret_key_file: PathBuf,
    pub ca_file: PathBuf,
    /// The store is the hospital's own: backups may lie there open.
    pub own: bool,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Folders, `s3://…`, or `syslog:/dev/log`.
    pub heads_to: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uplink {
    pub url: String,
    pub name: String,
    pub token_file: PathBuf,
    pub ca_file: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pixels {
    pub url: String,
    pub token_file: PathBuf,
    pub ca_file: PathBuf,
    /// Empty: none.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pkcs11 {
    /// Empty: no tokens at the server.
    pub module: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seal {
    /// Empty: the key is secrets/seal.pk8.
    pub pkcs11: String,
    pub pin_file: PathBuf,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RemoteSigning {
    /// Empty: no remote signing.
    pub url: String,
    /// Empty: `oauth2/token` below `url`.
    pub token_url: String,
    pub client_id: String,
    pub client_secret_file: PathBuf,
    pub ca_file: PathBuf,
    pub timeout_seconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gateway {
    pub time_zone: String,
    pub mllp_peers: Vec<String>,
    pub astm_peers: Vec<String>,
    pub serial: Vec<SerialLine>,
    pub port: Vec<PortEntry>,
    pub device: Vec<DeviceEntry>,
    pub profiles: PathBuf,
    pub worklist_seconds: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pacs {
    pub ae_title: String,
    pub min_free_percent: u8,
    pub settle_seconds: u64,
    pub workers: usize,
}

/// A modality: its AE title and where it may call from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DicomPeer {
    pub ae_title: String,
    /// `10.1.2.3`, `10.1.0.0/16`
    pub addresses: Vec<String>,
    #[serde(default)]
    pub ascii: bool,
}

impl Default for Listen {
    fn default() -> Self {
        let on = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { https: on(8443), mllp: on(2575), astm: on(12_001), dicom: on(11_112), pixels: on(0), metrics: on(9464) }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            hosts: vec!["localhost".into(), "127.0.0.1".into()],
            certificate: "tls/server.pem".into(),
            key: "tls/server.key".into(),
            ca: "tls/ca.pem".into(),
        }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            target: PathBuf::new(),
            also: Vec::new(),
            every_hours: 24,
            keep: 30,
            keep_months: 0,
            recipients: Vec::new(),
            drill_every_days: 90,
            drill_database_url: String::new(),
            drill_identity: PathBuf::new(),
        }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: "us-east-1".into(),
            path_style: true,
            access_key: String::new(),
            secret_key_file: "secrets/s3.secret".into(),
            ca_file: "/etc/ssl/certs/ca-certificates.crt".into(),
            own: false,
        }
    }
}

impl Default for Uplink {
    fn default() -> Self {
        Self {
            url: String::new(),
            name: String::new(),
            token_file: "secrets/ingest.token".into(),
            ca_file: "tls/ca.pem".into(),
        }
    }
}

impl Default for Pixels {
    fn default() -> Self {
        Self {
            url: String::new(),
            token_file: "secrets/pixels.token".into(),
            ca_file: "tls/ca.pem".into(),
            certificate: PathBuf::new(),
            key: PathBuf::new(),
        }
    }
}

impl Default for Seal {
    fn default() -> Self {
        Self { pkcs11: String::new(), pin_file: "secrets/seal.pin".into() }
    }
}

impl Default for RemoteSigning {
    fn default() -> Self {
        Self {
            url: String::new(),
            token_url: String::new(),
            client_id: String::new(),
            client_secret_file: "secrets/remote-signing.secret".into(),
            ca_file: "/etc/ssl/certs/ca-certificates.crt".into(),
            timeout_seconds: 20,
        }
    }
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            time_zone: "Asia/Ho_Chi_Minh".into(),
            mllp_peers: Vec::new(),
            astm_peers: Vec::new(),
            serial: Vec::new(),
            port: Vec::new(),
            device: Vec::new(),
            profiles: "profiles".into(),
            worklist_seconds: 3,
        }
    }
}

impl Default for Pacs {
    fn default() -> Self {
        Self { ae_title: "BENHAN".into(), min_free_percent: 5, settle_seconds: 5, workers: 2 }
    }
}
