//! A backup as it is read: each file against the hash that was written down, opened where it is locked.

use super::Wanted;
use super::origin::Brought;
use crate::admin::backup::{INDEX, Identity, Image, Manifest, ended, index, load, sha256};
use crate::config;
use crate::data_dir::OWN;
use anyhow::{Context, ensure};
use benhan_store::{Db, DbUrl, backup};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

pub struct Source {
    pub brought: Brought,
    pub manifest: Manifest,
    identity: Option<Identity>,
}

/// The key that opens it, where it is locked.
pub fn identity(manifest: &Manifest, wanted: &Wanted<'_>) -> anyhow::Result<Option<Identity>> {
    ensure!(
        !manifest.locked || wanted.identity.is_some(),
        "this backup is locked: name the file with the secret key by --identity"
    );
    wanted.identity.filter(|_| manifest.locked).map(Identity::read).transpose()
}

impl Source {
    pub fn open(brought: Brought, manifest: Manifest, identity: Option<Identity>) -> anyhow::Result<Self> {
        let source = Self { brought, manifest, identity };
        source.check_hashes()?;
        Ok(source)
    }

    fn from(&self) -> &Path {
        &self.brought.folder
    }

    /// As it lies in the backup.
    fn stored(&self, name: &str) -> PathBuf {
        let path = self.from().join(name);
        if self.manifest.locked { ended(&path) } else { path }
    }

    fn reading(&self, path: &Path) -> anyhow::Result<Box<dyn Read>> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        match &self.identity {
            None => Ok(Box::new(file)),
            Some(key) => key.open(path),
        }
    }

    fn check_hashes(&self) -> anyhow::Result<()> {
        let said = &self.manifest;
        for (file, hash) in [
            (said.record.as_str(), Some(&said.record_sha256)),
            ("spool.db", said.spool_sha256.as_ref()),
            ("journal.db", said.journal_sha256.as_ref()),
        ] {
            if let Some(hash) = hash {
                ensure!(
                    sha256(&self.stored(file))? == *hash,
                    "{file} is not the file that was backed up: its hash differs"
                );
            }
        }
        let index = sha256(&self.from().join(INDEX))?;
        ensure!(index == said.images_sha256, "{INDEX} is not the file that was backed up: its hash differs");
        Ok(())
    }

    /// Everything but record and images.
    pub fn files(&self, wanted: &Wanted<'_>) -> anyhow::Result<()> {
        // A backup from before there were own forms or profiles has no folder of them.
        let own = OWN.into_iter().filter(|inner| self.from().join(inner).exists());
        for inner in ["trust", "tls"].into_iter().chain(own) {
            fs::create_dir_all(wanted.into.join(inner))?;
            for entry in fs::read_dir(self.from().join(inner))? {
                let entry = entry?;
                let name = entry.file_name().into_string().ok().context("a file with a name that is no text")?;
                let plain = if self.manifest.locked { name.trim_end_matches(".age") } else { &name };
                self.copy(&entry.path(), &wanted.into.join(inner).join(plain))?;
            }
        }
        for (file, to) in
            [("benhan.toml", "benhan.toml"), ("spool.db", "spool/spool.db"), ("journal.db", "pacs/journal.db")]
        {
            let from = self.stored(file);
            if from.exists() {
                self.copy(&from, &wanted.into.join(to))?;
            }
        }
        // It named the old database, which must not be served by mistake.
        let settings = wanted.into.join("benhan.toml");
        if let (false, Some(url)) = (self.manifest.is_sqlite(), wanted.database_url) {
            config::set_database_url(&settings, Some(url))?;
        } else if settings.exists() {
            config::set_database_url(&settings, None)?;
        }
        Ok(())
    }

    /// Every image of the index from the pool; how many there are. What was destroyed with its record since is not.
    pub fn images(&self, into: &Path) -> anyhow::Result<u64> {
        let (mut count, mut erased) = (0_u64, 0_u64);
        for image in index(&self.from().join(INDEX))? {
            let image = image?;
            let Some(from) = self.brought.image(&image).with_context(|| format!("image {}", image.path))? else {
                erased = erased.saturating_add(1);
                continue;
            };
            let to = into.join("pacs/blobs").join(&image.path);
            self.copy(&from, &to).with_context(|| format!("image {}", image.path))?;
            intact(&image, &to)?;
            count = count.saturating_add(1);
        }
        let listed = count.saturating_add(erased);
        ensure!(listed == self.manifest.images, "the index has another number of images than the manifest");
        Ok(count)
    }

    /// Rows of the audit trail in the restored record, each link checked.
    pub fn record(&self, url: &DbUrl) -> anyhow::Result<u64> {
        let from = self.stored(&self.manifest.record);
        match url {
            DbUrl::Sqlite(to) => {
                self.copy(&from, to)?;
                Ok(backup::check(to)?.audit_rows)
            }
            DbUrl::Postgres(name) => {
                load(name, &mut self.reading(&from)?)?;
                Ok(backup::check_chains(&mut Db::reader(url)?)?.audit_rows)
            }
        }
    }

    fn copy(&self, from: &Path, to: &Path) -> anyhow::Result<()> {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(to)?;
        std::io::copy(&mut self.reading(from)?, &mut file)
            .with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(file.sync_all()?)
    }
}

fn intact(image: &Image, at: &Path) -> anyhow::Result<()> {
    ensure!(
        fs::metadata(at)?.len() == image.size && sha256(at)? == image.sha256,
        "image {} is not as it was backed up",
        image.path
    );
    Ok(())
}
