//! With which server this computer is paired, as a file.

use benhan_sign::statement::StatementAuthority;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const FILE: &str = "agent.toml";

/// `agent.toml` of the agent's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paired {
    /// As a browser writes it: `https://emr.benhvien.lan:8443`.
    pub origin: String,
    /// The key that seals what the server asks for, in hexadecimal.
    pub key: String,
    /// The hospital's name, for whoever reads the file.
    pub facility: String,
    /// The PKCS#11 driver of the token's maker.
    pub module: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum BadPairing {
    #[error("this computer is not paired with a server yet: benhan sign-agent pair --server https://…")]
    NotYet,
    #[error("{path}: {cause}")]
    File { path: PathBuf, cause: io::Error },
    #[error("{0} is not understood: pair again")]
    Unreadable(PathBuf),
    #[error("the server's key in agent.toml is none: pair again")]
    Key,
}

impl Paired {
    /// # Errors
    /// [`BadPairing`]
    pub fn read(dir: &Path) -> Result<Self, BadPairing> {
        let path = dir.join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(BadPairing::NotYet),
            read => read.map_err(|cause| BadPairing::File { path: path.clone(), cause })?,
        };
        toml::from_str(&text).map_err(|_| BadPairing::Unreadable(path))
    }

    /// In the place of whatever server it was paired with before.
    ///
    /// # Errors
    /// [`BadPairing`]
    pub fn keep(&self, dir: &Path) -> Result<(), BadPairing> {
        let path = dir.join(FILE);
        let text = toml::to_string(self).map_err(|_| BadPairing::Unreadable(path.clone()))?;
        let part = path.with_extension("part");
        let written =
            fs::create_dir_all(dir).and_then(|()| fs::write(&part, text)).and_then(|()| fs::rename(&part, &path));
        written.map_err(|cause| BadPairing::File { path, cause })
    }

    pub(crate) fn authority(&self) -> Result<StatementAuthority, BadPairing> {
        StatementAuthority::parse(&self.key).ok_or(BadPairing::Key)
    }
}
