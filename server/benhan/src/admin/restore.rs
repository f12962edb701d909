//! `benhan restore`: a backup into an empty folder, everything in it checked against what was written down.

use super::backup::{FORMAT, INDEX, Image, POOL, index, postgres, sha256};
use crate::data_dir::{KEYS, keys_of};
use crate::own_forms;
use anyhow::{Context, bail, ensure};
use benhan_store::keys::COPIES;
use benhan_store::payloads::{self, Payloads};
use benhan_store::{Db, DbUrl, backup, key_store};
use serde_json::{Value, json};
use std::fs;
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
    /// The folder secrets/ that was kept apart: with it everything that is encrypted is opened once
    #[arg(long)]
    secrets: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let manifest = fs::read(args.from.join("manifest.json")).context("no manifest.json: this is no finished backup")?;
    let manifest: Value = serde_json::from_slice(&manifest).context("manifest.json")?;
    let said = |key: &str| manifest.get(key).and_then(Value::as_str);
    ensure!(
        said("format") == Some(FORMAT),
        "this backup is of another version: restore it with the program that took it"
    );
    let record = said("record").context("the manifest names no record")?;
    ensure!(matches!(record, "record.db" | "record.dump"), "the manifest names an unknown record");
    for (file, key) in [
        (record, "recordSha256"),
        ("spool.db", "spoolSha256"),
        ("journal.db", "journalSha256"),
        (INDEX, "imagesSha256"),
    ] {
        if let Some(hash) = said(key) {
            ensure!(
                sha256(&args.from.join(file))? == hash,
                "{file} is not the file that was backed up: its hash differs"
            );
        }
    }
    if args.into.exists() && fs::read_dir(&args.into)?.next().is_some() {
        bail!("{} is not empty: restore into a new folder", args.into.display());
    }
    // A backup from before there were own forms has no folder of them.
    let forms = args.from.join(own_forms::FOLDER).exists().then_some(own_forms::FOLDER);
    for inner in ["trust", "tls"].into_iter().chain(forms) {
        fs::create_dir_all(args.into.join(inner))?;
        for entry in fs::read_dir(args.from.join(inner))? {
            let entry = entry?;
            fs::copy(entry.path(), args.into.join(inner).join(entry.file_name()))?;
        }
    }
    for (file, to) in
        [("benhan.toml", "benhan.toml"), ("spool.db", "spool/spool.db"), ("journal.db", "pacs/journal.db")]
    {
        let from = args.from.join(file);
        if from.exists() {
            copy(&from, &args.into.join(to))?;
        }
    }
    let images = images(args)?;
    let (url, audit_rows) = record_into(args, record)?;
    ensure!(
        manifest.get("auditRows").and_then(Value::as_u64) == Some(audit_rows),
        "the audit trail has another length than when it was backed up"
    );
    let opened = payloads(args, &url)?;
    let value = json!({ "into": args.into, "auditRows": audit_rows, "images": images, "payloads": opened });
    let read = match &opened {
        Some(of) => format!("{} payloads opened, {} of destroyed records", of.opened, of.destroyed),
        None => "no payload was opened: --secrets, or benhan verify once secrets/ is back, does".to_owned(),
    };
    let text = format!(
        "{}: {audit_rows} audit rows, every chain intact; {images} images, each as it was stored; {read}\n\
         Put the folder secrets/ and the file tls/server.key back beside it before `benhan serve`.",
        args.into.display()
    );
    super::answer(args.json, &value, &text);
    Ok(())
}

/// Rows of the audit trail in the restored record, each link checked.
fn record_into(args: &Args, record: &str) -> anyhow::Result<(DbUrl, u64)> {
    let from = args.from.join(record);
    if record == "record.db" {
        let restored = args.into.join(record);
        copy(&from, &restored)?;
        let rows = backup::check(&restored)?.audit_rows;
        return Ok((DbUrl::Sqlite(restored), rows));
    }
    let url = args
        .database_url
        .as_deref()
        .context("the record was on PostgreSQL: name an empty database by --database-url")?;
    let parsed: DbUrl = url.parse().context("--database-url")?;
    ensure!(
        matches!(parsed, DbUrl::Postgres(_)),
        "the record was on PostgreSQL: --database-url begins with postgres://"
    );
    let from = from.to_str().context("a path is not UTF-8")?;
    postgres("pg_restore", url, &["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", from])?;
    let rows = backup::check_chains(&mut Db::reader(&parsed)?)?.audit_rows;
    Ok((parsed, rows))
}

/// The wrapped keys as they are now: what was destroyed since the backup stays destroyed. With `--secrets` every payload
/// is opened.
fn payloads(args: &Args, url: &DbUrl) -> anyhow::Result<Option<Payloads>> {
    let target = args.from.canonicalize()?;
    let kept = target.parent().context("the backup lies nowhere")?.join(COPIES).join("records.db");
    if !key_store::is_known(&mut Db::reader(url)?)? {
        return Ok(None);
    }
    let store = args.into.join(KEYS);
    copy(&kept, &store).context("the keys of the records (benhan-keys/ lies beside the backups)")?;
    let Some(secrets) = &args.secrets else { return Ok(None) };
    let keys = keys_of(&store, secrets)?;
    let mut conn = Db::reader_with(url, keys.clone())?;
    key_store::belongs(&mut conn, &keys)?;
    let found = payloads::check(&mut conn)?;
    ensure!(found.broken.is_empty(), "does not open: {}", found.broken.join("; "));
    Ok(Some(found))
}

/// Every image of the index from the pool beside the backup.
fn images(args: &Args) -> anyhow::Result<usize> {
    let pool = args.from.canonicalize()?.parent().context("the backup lies nowhere")?.join(POOL);
    let listed = index(&args.from.join(INDEX))?;
    for image in &listed {
        let to = args.into.join("pacs/blobs").join(&image.path);
        copy(&pool.join(&image.path), &to).with_context(|| format!("image {}", image.path))?;
        intact(image, &to)?;
    }
    Ok(listed.len())
}

fn intact(image: &Image, at: &Path) -> anyhow::Result<()> {
    ensure!(
        fs::metadata(at)?.len() == image.size && sha256(at)? == image.sha256,
        "image {} is not as it was backed up",
        image.path
    );
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(fs::File::open(to)?.sync_all()?)
}
