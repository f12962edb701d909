//! One TOML file, with `BENHAN_*` over it. A mistyped key is an error.

use crate::cli::Place;
use anyhow::Context;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// `benhan.toml`. The gateway and the bridge read their own sections.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub database: Database,
    pub server: benhan_server::config::Settings,
    /// Modalities that may connect. The demo adds its own.
    pub dicom: Vec<DicomPeer>,
}

/// A modality: its AE title and where it may call from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DicomPeer {
    pub ae_title: String,
    /// `10.1.2.3`, `10.1.0.0/16`
    pub addresses: Vec<String>,
    /// Worklist names without accents, for a console that shows anything else as rubbish.
    #[serde(default)]
    pub ascii: bool,
}

/// Addresses. Port 0 takes a free one; those taken are written to `ports.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Web, API, DICOMweb and ingest.
    pub https: SocketAddr,
    pub mllp: SocketAddr,
    pub astm: SocketAddr,
    pub dicom: SocketAddr,
    pub metrics: SocketAddr,
}

/// Where the record is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://…` or `sqlite:PATH`; empty: `record.db` in the data folder.
    pub url: String,
}

impl Default for Listen {
    fn default() -> Self {
        let on = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { https: on(8443), mllp: on(2575), astm: on(12_001), dicom: on(11_112), metrics: on(9464) }
    }
}

const SECTIONS: [&str; 3] = ["LISTEN_", "DATABASE_", "SERVER_"];

/// `BENHAN_LISTEN_HTTPS=…` is `listen.https`; other `BENHAN_*` variables belong to the command line.
fn environment() -> Env {
    Env::prefixed("BENHAN_")
        .filter(|key| SECTIONS.iter().any(|s| key.as_str().to_uppercase().starts_with(s)))
        .map(|key| key.as_str().replacen('_', ".", 1).into())
}

pub fn read(place: &Place) -> anyhow::Result<Config> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    let file = place.config.clone().unwrap_or_else(|| place.data_dir.join("benhan.toml"));
    if place.config.is_some() || file.exists() {
        figment = figment.merge(Toml::file_exact(&file));
    }
    figment.merge(environment()).extract().with_context(|| format!("the configuration ({})", file.display()))
}
