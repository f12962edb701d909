//! `benhan import-all`: what `benhan export-all` wrote, into an empty data folder and an empty database, under new keys;
//! every table is then counted and hashed again.

use super::backup::{below, sha256, write_synced};
use super::export_all::{FOLDERS, FORMAT, IMAGES, INDEX, Index, QUEUES, SUMS};
use super::progress::Shown;
use super::restore;
use crate::config;
use crate::data_dir::{DataDir, UNFINISHED};
use anyhow::{Context, bail, ensure};
use benhan_domain::audit::Act;
use benhan_store::transfer::handover;
use benhan_store::{Db, DbUrl};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    /// The folder that `benhan export-all` wrote
    from: PathBuf,
    /// An empty or new data folder
    #[arg(long)]
    into: PathBuf,
    /// An empty PostgreSQL database; without it the record is a SQLite file in the data folder
    #[arg(long, env = "BENHAN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let index = fs::read(args.from.join(INDEX));
    let index = index.with_context(|| format!("{}: no {INDEX}, so no handover", args.from.display()))?;
    let index: Index = serde_json::from_slice(&index).with_context(|| INDEX.to_owned())?;
    ensure!(index.format == FORMAT, "{INDEX} is of another format ({}): use the program that wrote it", index.format);
    unchanged(&args.from)?;
    let url = match &args.database_url {
        Some(url) => url.parse().context("--database-url")?,
        None => DbUrl::Sqlite(args.into.join("record.db")),
    };
    restore::begin(&args.into)?;
    let dir = DataDir::being_filled(&args.into)?;
    let audit_rows = record(args, &index, &dir, &url)?;
    files(&args.from, &dir)?;
    if let DbUrl::Postgres(url) = &url {
        let settings = dir.path("benhan.toml");
        write_synced(&settings, b"")?;
        config::set_database_url(&settings, Some(url))?;
    }
    fs::remove_file(args.into.join(UNFINISHED))?;
    File::open(&args.into)?.sync_all()?;
    note(&args.into, &index, url)?;
    tell(args, &index, audit_rows);
    Ok(())
}

/// Every file as it was written down, and none besides.
fn unchanged(from: &Path) -> anyhow::Result<()> {
    let sums = fs::read_to_string(from.join(SUMS)).with_context(|| format!("no {SUMS}"))?;
    let mut beside: BTreeSet<String> = below(from)?.into_iter().collect();
    for own in [SUMS.to_owned(), format!("{SUMS}.p7s")] {
        beside.remove(&own);
    }
    for line in sums.lines() {
        let (hash, path) = line.split_once("  ").with_context(|| format!("{SUMS}: a line that is none"))?;
        ensure!(beside.remove(path), "{path} is missing");
        ensure!(sha256(&from.join(path))? == hash, "{path} is another file than it was");
    }
    match beside.first() {
        Some(odd) => bail!("{odd} was not handed over: it is not in {SUMS}"),
        None => Ok(()),
    }
}

fn record(args: &Args, index: &Index, dir: &DataDir, url: &DbUrl) -> anyhow::Result<u64> {
    let keys = dir.record_keys()?;
    let mut conn = Db::reader_with(url, keys.clone())?;
    let mut shown = Shown::default();
    let taken = handover::take_in(&mut conn, &keys, &args.from, (&index.schema, &index.handed), &mut |progress| {
        shown.tell("taken in", progress);
    });
    taken.context("nothing was taken in")
}

fn files(from: &Path, dir: &DataDir) -> anyhow::Result<()> {
    for (to, named) in FOLDERS.into_iter().chain([IMAGES]) {
        for path in below(&from.join(named))? {
            copy(&from.join(named).join(&path), &dir.path(to).join(&path))?;
        }
    }
    for (to, named) in QUEUES {
        if from.join(named).exists() {
            copy(&from.join(named), &dir.path(to))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    Ok(File::open(to)?.sync_all()?)
}

fn rows(index: &Index) -> u64 {
    index.handed.tables.iter().map(|sum| sum.rows).sum()
}

/// On the trail of the record in its new place.
fn note(into: &Path, index: &Index, url: DbUrl) -> anyhow::Result<()> {
    let tables = index.handed.tables.iter().map(|sum| (sum.table.clone(), json!(sum.sha256)));
    let detail = json!({
        "step": "import-all", "madeAt": index.made_at, "rows": rows(index),
        "tables": tables.collect::<serde_json::Map<_, _>>(),
    });
    let db = super::open(&DataDir::existing(into)?, url)?;
    super::wait(async {
        super::note(&db, Act::Create, "everything", detail).await?;
        db.close();
        Ok(())
    })
}

fn tell(args: &Args, index: &Index, audit_rows: u64) {
    let (rows, tables) = (rows(index), index.handed.tables.len());
    let value = json!({ "into": args.into, "rows": rows, "tables": tables, "auditRows": audit_rows, "files": index.handed.files });
    let text = format!(
        "{}: {rows} rows of {tables} tables, the same by count and hash; {audit_rows} audit rows, every chain intact\n\
         `benhan verify {} --trust {}/trust/ca.pem` proves what is archived.\n\
         Passwords, PINs and keys were not handed over. To serve it, put the old hospital's secrets/ (all but records.key) \
         and tls/ beside it, then give each account a new password: `benhan user passwd NAME`.",
        args.into.display(),
        args.into.display(),
        args.into.display(),
    );
    super::answer(args.json, &value, &text);
}
