//! The S3 store of `[s3]`, and the places in it that other settings name.

use super::Config;
use super::sections::S3;
use crate::cli::Place;
use anyhow::{Context, ensure};
use benhan_bucket::{Bucket, CancellationToken, Place as InStore, SecretString, Store, is_here};
use benhan_server::buckets::Buckets;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// `BENHAN_S3_SECRET_KEY` goes before the file.
pub const SECRET: &str = "S3_SECRET_KEY";
const LONGEST_SECRET: u64 = 4_096;
/// Heads are small, and nobody waits for them longer at the stop.
const FOR_HEADS: Duration = Duration::from_secs(15);

/// A place in the store, where a setting or an argument means one; else it is a folder.
pub fn meant(text: &Path) -> anyhow::Result<Option<InStore>> {
    match text.to_str() {
        Some(text) => Ok(InStore::meant(text)?),
        None => Ok(None),
    }
}

/// The store as it is set; nothing where none is. `file` says where a relative path begins.
pub fn store_of(set: &S3, file: impl Fn(&Path) -> PathBuf) -> anyhow::Result<Option<Store>> {
    if set.endpoint.is_empty() {
        return Ok(None);
    }
    ensure!(!set.access_key.is_empty(), "s3.access_key is not set");
    let ca = file(&set.ca_file);
    let authorities = match fs::read(&ca) {
        Err(error) if set.endpoint.starts_with("https:") => {
            return Err(error).with_context(|| format!("s3.ca_file ({})", ca.display()));
        }
        read => read.unwrap_or_default(),
    };
    let store = Store {
        endpoint: set.endpoint.clone(),
        region: set.region.clone(),
        path_style: set.path_style,
        access_key: set.access_key.clone(),
        secret_key: secret(&file(&set.secret_key_file))?,
        authorities,
    };
    store.check()?;
    Ok(Some(store))
}

fn secret(file: &Path) -> anyhow::Result<SecretString> {
    let text = match std::env::var(format!("BENHAN_{SECRET}")) {
        Ok(text) if !text.is_empty() => text,
        _ => {
            let what = || format!("s3.secret_key_file ({}), or BENHAN_{SECRET} in its place", file.display());
            ensure!(fs::metadata(file).with_context(what)?.len() <= LONGEST_SECRET, "{} is no key", file.display());
            fs::read_to_string(file).with_context(what)?
        }
    };
    let line = text.lines().next().unwrap_or_default().trim();
    ensure!(!line.is_empty(), "s3.secret_key_file ({}) is empty", file.display());
    Ok(SecretString::from(line))
}

impl Config {
    pub fn store(&self, place: &Place) -> anyhow::Result<Option<Store>> {
        store_of(&self.s3, |given| super::path(place, given))
    }

    /// On this machine: what lies there is with nobody else.
    pub fn store_is_here(&self) -> bool {
        is_here(&self.s3.endpoint)
    }

    /// What the places of backups are reached by. Nothing is asked yet.
    pub fn buckets(&self, place: &Place, stop: CancellationToken) -> anyhow::Result<Arc<Buckets>> {
        Ok(Arc::new(Buckets::new(self.store(place)?, stop)))
    }

    /// The places of `backup.also` that are in the store.
    pub fn backups_in_store(&self) -> anyhow::Result<Vec<InStore>> {
        let also = self.backup.also.iter().map(|target| meant(target).context("backup.also"));
        also.filter_map(Result::transpose).collect()
    }

    /// And the other ones.
    pub fn further_folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.backup.also.iter().filter(|target| !matches!(meant(target), Ok(Some(_)) | Err(_)))
    }

    pub(super) fn bucket_of_heads(&self, place: &Place, to: &str) -> anyhow::Result<Option<Arc<Bucket>>> {
        let Some(at) = InStore::meant(to).context("audit.heads_to")? else { return Ok(None) };
        let store = self.store(place)?.context("audit.heads_to names s3://…: set s3.endpoint")?;
        // Not by the token of the server: the last heads leave at its stop.
        let bucket = store.open(&at, CancellationToken::new())?;
        Ok(Some(Arc::new(bucket.within(FOR_HEADS))))
    }

    /// What can be told without asking the store. A copy of patients' data lies open with nobody else.
    pub fn check_store(&self, place: &Place) -> anyhow::Result<()> {
        let backups = self.backups_in_store()?;
        self.heads_to(place)?;
        if backups.is_empty() {
            return Ok(());
        }
        self.store(place)?.context("backup.also names s3://…: set s3.endpoint")?;
        ensure!(
            !self.backup.recipients.is_empty() || self.s3.own || self.store_is_here(),
            "backup.also names s3://… and backup.recipients nobody: outside the house only locked backups may lie. Name a \
             public key of age, or set s3.own where the store is the hospital's own"
        );
        Ok(())
    }
}
