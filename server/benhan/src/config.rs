//! One TOML file, with `BENHAN_*` over it. A mistyped key is an error. `reference.toml` says what each key does.

mod edit;
mod keys;
mod reference;
mod s3;
mod sections;

pub use edit::{ensure_writable, set_database_url};
pub use keys::{SealPlace, secret};
pub use reference::{REFERENCE, filled};
pub use s3::{meant, store_of};
pub use sections::{Config, DicomPeer, Tls};

use crate::cli::Place;
use anyhow::Context;
use benhan_server::app::heads_out;
use benhan_store::DbUrl;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use std::path::{Path, PathBuf};

const SECTIONS: [&str; 23] = [
    "LISTEN",
    "DATABASE",
    "TLS",
    "BACKUP",
    "S3",
    "SERVER",
    "SIGNING",
    "ACCESS",
    "INCIDENT_REPORTS",
    "PERSONAL_DATA",
    "RETENTION",
    "REVOCATION",
    "TIMESTAMP",
    "AUDIT",
    "MESSAGES",
    "DOWNTIME",
    "UPLINK",
    "PIXELS",
    "PKCS11",
    "SEAL",
    "REMOTE_SIGNING",
    "GATEWAY",
    "PACS",
];

/// `BENHAN_LISTEN_HTTPS=…` is `listen.https`; other `BENHAN_*` variables belong to the command line.
fn environment() -> Env {
    Env::prefixed("BENHAN_").filter_map(|key| {
        let key = key.as_str().to_uppercase();
        if key == s3::SECRET {
            return None; // read where it is used, and nowhere shown
        }
        let inside = |section: &&str| key.strip_prefix(*section).and_then(|rest| rest.strip_prefix('_'));
        let (section, rest) = SECTIONS.iter().find_map(|section| Some((section, inside(section)?)))?;
        Some(format!("{section}.{rest}").to_lowercase().into())
    })
}

/// The file that is read: the one named, else the data folder's own.
pub fn file(place: &Place) -> PathBuf {
    place.config.clone().unwrap_or_else(|| place.data_dir.join("benhan.toml"))
}

pub fn read(place: &Place) -> anyhow::Result<Config> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    let file = file(place);
    if place.config.is_some() || file.exists() {
        figment = figment.merge(Toml::file_exact(&file));
    }
    figment.merge(environment()).extract().with_context(|| format!("the configuration ({})", file.display()))
}

/// Where the record is: as configured, else `record.db` in the data folder.
pub fn database_url(place: &Place, config: &Config) -> anyhow::Result<DbUrl> {
    if config.database.url.is_empty() {
        return Ok(DbUrl::Sqlite(place.data_dir.join("record.db")));
    }
    config.database.url.parse().context("database.url")
}

/// As [`database_url`], for a command on a record that must be there already.
pub fn existing_database(place: &Place, config: &Config) -> anyhow::Result<DbUrl> {
    let url = database_url(place, config)?;
    if let DbUrl::Sqlite(file) = &url {
        anyhow::ensure!(file.exists(), "{} is not there: is --data-dir the right folder?", file.display());
    }
    Ok(url)
}

impl Config {
    /// Where signed audit heads go besides.
    pub fn heads_to(&self, place: &Place) -> anyhow::Result<Vec<heads_out::Place>> {
        let to = self.audit.heads_to.iter().map(|to| {
            if let Some(bucket) = self.bucket_of_heads(place, to)? {
                return Ok(heads_out::Place::Bucket(bucket));
            }
            Ok(match to.strip_prefix("syslog:") {
                Some(socket) => heads_out::Place::Syslog(PathBuf::from(socket)),
                None => heads_out::Place::Folder(path(place, Path::new(to))),
            })
        });
        to.collect()
    }
}

/// A path of the configuration: relative ones begin in the data folder.
pub fn path(place: &Place, given: &Path) -> PathBuf {
    place.data_dir.join(given)
}
