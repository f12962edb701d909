//! `manifest.json`: what makes a folder a backup. It is open also where everything else is locked, and names nobody.

use anyhow::{Context, ensure};
use benhan_server::image_pools::POOL;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

pub const FILE: &str = "manifest.json";
const FORMAT: &str = "benhan-backup/3";
/// Without `locked` and `pool`: of the releases before.
const BEFORE: &str = "benhan-backup/2";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub format: String,
    /// `20261122T013000Z`
    pub at: String,
    /// `record.db` or `record.dump`.
    pub record: String,
    pub record_sha256: String,
    pub audit_rows: u64,
    pub spool_sha256: Option<String>,
    pub journal_sha256: Option<String>,
    pub images: u64,
    pub images_sha256: String,
    /// Files end with `.age` and open with a secret key.
    #[serde(default)]
    pub locked: bool,
    /// The folder beside the backups that holds the images.
    #[serde(default = "first_pool")]
    pub pool: String,
    pub secrets: String,
}

fn first_pool() -> String {
    POOL.to_owned()
}

impl Manifest {
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        Self::parse(&fs::read(folder.join(FILE)).context("no manifest.json: this is no finished backup")?)
    }

    pub fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let manifest: Self = serde_json::from_slice(bytes).context("manifest.json")?;
        ensure!(
            [FORMAT, BEFORE].contains(&manifest.format.as_str()),
            "this backup is of another version: restore it with the program that took it"
        );
        ensure!(
            matches!(manifest.record.as_str(), "record.db" | "record.dump"),
            "the manifest names an unknown record"
        );
        // It came from another disk: the pool lies beside the backup and nowhere else.
        let name = manifest.pool.strip_prefix(POOL).filter(|rest| !rest.contains(['/', '.']));
        ensure!(name.is_some(), "the manifest names an unknown folder of images");
        Ok(manifest)
    }

    /// On SQLite, else on PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        self.record == "record.db"
    }
}
