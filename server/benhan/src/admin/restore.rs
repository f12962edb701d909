//! `benhan restore`: a backup into an empty folder, everything in it checked against what was written down.
//!
//! While it is under way the folder carries a mark, and no server serves it: a restore that was killed is begun again.

use super::backup::{INDEX, Identity, Image, Manifest, ended, index, load, private_folder, sha256, write_synced};
use crate::data_dir::UNFINISHED;
use crate::{config, own_forms};
use anyhow::{Context, bail, ensure};
use benhan_store::{Db, DbUrl, backup, transfer};
use serde_json::json;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The folder that `benhan backup` wrote
    from: PathBuf,
    /// An empty or new data folder
    #[arg(long)]
    into: PathBuf,
    /// An empty database, for a record that was on PostgreSQL
    #[arg(long, env = "BENHAN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The secret key of age, for a locked backup
    #[arg(long)]
    identity: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let wanted = Wanted {
        from: &args.from,
        into: &args.into,
        database_url: args.database_url.as_deref(),
        identity: args.identity.as_deref(),
    };
    let restored = restore(&wanted)?;
    let (audit_rows, images) = (restored.audit_rows, restored.images);
    let value = json!({ "into": args.into, "auditRows": audit_rows, "images": images });
    let text = format!(
        "{}: {audit_rows} audit rows, every chain intact; {images} images, each as it was stored\n\
         Put the folder secrets/ and the file tls/server.key back beside it before `benhan serve`.",
        args.into.display()
    );
    super::answer(args.json, &value, &text);
    Ok(())
}

pub struct Wanted<'a> {
    pub from: &'a Path,
    pub into: &'a Path,
    pub database_url: Option<&'a str>,
    pub identity: Option<&'a Path>,
}

pub struct Restored {
    pub manifest: Manifest,
    pub url: DbUrl,
    pub audit_rows: u64,
    pub images: u64,
}

/// A backup as it is read.
struct Source<'a> {
    from: &'a Path,
    manifest: Manifest,
    identity: Option<Identity>,
}

pub fn restore(wanted: &Wanted<'_>) -> anyhow::Result<Restored> {
    let manifest = Manifest::read(wanted.from)?;
    ensure!(
        !manifest.locked || wanted.identity.is_some(),
        "this backup is locked: name the file with the secret key by --identity"
    );
    let identity = wanted.identity.filter(|_| manifest.locked).map(Identity::read).transpose()?;
    let source = Source { from: wanted.from, manifest, identity };
    source.check_hashes()?;
    let url = url_for(wanted, &source.manifest)?;
    begin(wanted.into)?;
    source.files(wanted)?;
    let images = source.images(wanted.into)?;
    let audit_rows = source.record(&url)?;
    ensure!(source.manifest.audit_rows == audit_rows, "the audit trail has another length than when it was backed up");
    fs::remove_file(wanted.into.join(UNFINISHED))?;
    File::open(wanted.into)?.sync_all()?;
    Ok(Restored { manifest: source.manifest, url, audit_rows, images })
}

/// Where the record will be; an empty database is asked for before anything is written.
fn url_for(wanted: &Wanted<'_>, manifest: &Manifest) -> anyhow::Result<DbUrl> {
    if manifest.is_sqlite() {
        return Ok(DbUrl::Sqlite(wanted.into.join("record.db")));
    }
    let url = wanted.database_url.context("the record was on PostgreSQL: name an empty database by --database-url")?;
    let parsed: DbUrl = url.parse().context("--database-url")?;
    ensure!(
        matches!(parsed, DbUrl::Postgres(_)),
        "the record was on PostgreSQL: --database-url begins with postgres://"
    );
    if let Some(table) = transfer::first_table(&mut Db::reader(&parsed)?)? {
        bail!("the database of --database-url is not empty: it holds the table {table}. Name an empty one");
    }
    Ok(parsed)
}

/// An empty folder with the mark, also in place of what a killed restore left.
fn begin(into: &Path) -> anyhow::Result<()> {
    let mark = into.join(UNFINISHED);
    if into.exists() && mark.exists() {
        for entry in fs::read_dir(into)? {
            let path = entry?.path();
            if path == mark {
                continue;
            }
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
        return Ok(());
    }
    if into.exists() && fs::read_dir(into)?.next().is_some() {
        bail!("{} is not empty: restore into a new folder", into.display());
    }
    private_folder(into).with_context(|| format!("cannot make {}", into.display()))?;
    write_synced(&mark, b"benhan restore did not come to its end: begin it again, or remove this folder\n")?;
    Ok(File::open(into)?.sync_all()?)
}

impl Source<'_> {
    /// As it lies in the backup.
    fn stored(&self, name: &str) -> PathBuf {
        let path = self.from.join(name);
        if self.manifest.locked { ended(&path) } else { path }
    }

    fn open(&self, path: &Path) -> anyhow::Result<Box<dyn Read>> {
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
        let index = sha256(&self.from.join(INDEX))?;
        ensure!(index == said.images_sha256, "{INDEX} is not the file that was backed up: its hash differs");
        Ok(())
    }

    /// Everything but record and images.
    fn files(&self, wanted: &Wanted<'_>) -> anyhow::Result<()> {
        // A backup from before there were own forms has no folder of them.
        let forms = self.from.join(own_forms::FOLDER).exists().then_some(own_forms::FOLDER);
        for inner in ["trust", "tls"].into_iter().chain(forms) {
            fs::create_dir_all(wanted.into.join(inner))?;
            for entry in fs::read_dir(self.from.join(inner))? {
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

    /// Every image of the index from the pool beside the backup.
    fn images(&self, into: &Path) -> anyhow::Result<u64> {
        let pool = self.from.canonicalize()?.parent().context("the backup lies nowhere")?.join(&self.manifest.pool);
        let mut count: u64 = 0;
        for image in index(&self.from.join(INDEX))? {
            let image = image?;
            let from = pool.join(&image.path);
            let from = if self.manifest.locked { ended(&from) } else { from };
            let to = into.join("pacs/blobs").join(&image.path);
            self.copy(&from, &to).with_context(|| format!("image {}", image.path))?;
            intact(&image, &to)?;
            count = count.saturating_add(1);
        }
        ensure!(count == self.manifest.images, "the index has another number of images than the manifest");
        Ok(count)
    }

    /// Rows of the audit trail in the restored record, each link checked.
    fn record(&self, url: &DbUrl) -> anyhow::Result<u64> {
        let from = self.stored(&self.manifest.record);
        match url {
            DbUrl::Sqlite(to) => {
                self.copy(&from, to)?;
                Ok(backup::check(to)?.audit_rows)
            }
            DbUrl::Postgres(name) => {
                load(name, &mut self.open(&from)?)?;
                Ok(backup::check_chains(&mut Db::reader(url)?)?.audit_rows)
            }
        }
    }

    fn copy(&self, from: &Path, to: &Path) -> anyhow::Result<()> {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create(to)?;
        std::io::copy(&mut self.open(from)?, &mut file).with_context(|| format!("cannot copy {}", from.display()))?;
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
