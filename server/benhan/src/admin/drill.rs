//! `benhan drill`: the newest backup restored beside the data, everything in it proved, and the copy removed again.
//!
//! What it finds is filed in `drills/` of the data folder, as JSON and as minutes for the hospital's files, and on the
//! audit trail. A drill that was killed leaves a copy that nobody serves; the next one removes it.

pub mod filed;
mod images;
mod minutes;
mod prove;
pub mod schedule;

use super::backup::{self, Manifest};
use super::restore::{Origin, Restored, Wanted, restore};
use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::keys_of;
use anyhow::{Context, bail, ensure};
use benhan_bucket::CancellationToken;
use benhan_sign::{Anchors, Certificate};
use benhan_store::{Conn, Db, DbUrl, Keyring, dialect, key_store, migrate, proof, transfer};
use filed::Report;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// In the data folder or that of `--scratch`, while a drill goes on.
const SCRATCH: &str = "drill.part";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The backup to restore, a folder or s3://BUCKET/PREFIX with or without its name; without it the newest in
    /// backup.target
    #[arg(long)]
    from: Option<PathBuf>,
    /// A folder with room for a copy of record and images; without it the data folder
    #[arg(long)]
    scratch: Option<PathBuf>,
    /// An empty database, emptied afterwards, for a record that was on PostgreSQL; without it backup.drill_database_url
    #[arg(long, env = "BENHAN_DRILL_TO", hide_env_values = true)]
    to_database: Option<String>,
    /// The secret key of age, for a locked backup; without it backup.drill_identity
    #[arg(long)]
    identity: Option<PathBuf>,
    /// The folder secrets/, with which every payload is opened; without it that of the data folder
    #[arg(long)]
    secrets: Option<PathBuf>,
    /// Certificates of the authorities to believe, PEM; without it trust/ca.pem of the data folder
    #[arg(long)]
    trust: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::read(&args.place)?;
    let from = match &args.from {
        Some(folder) => folder.clone(),
        None => {
            ensure!(!config.backup.target.as_os_str().is_empty(), "give --from or set backup.target");
            let newest = backup::schedule::finished(&config.backup.target)?.pop();
            newest.with_context(|| format!("{} holds no finished backup", config.backup.target.display()))?
        }
    };
    let from = Origin::find(&from, || config.buckets(&args.place, CancellationToken::new()))?;
    let _alone = backup::alone(&args.place.data_dir, "drill.lock")?;
    let report = drill(args, &config, &from)?;
    let held = report.held;
    let filed = minutes::file(&args.place, &config, &report)?;
    let value: Value = serde_json::to_value(&report)?;
    super::answer(args.json, &value, &format!("{}\n{}", report.text(), filed.display()));
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn drill(args: &Args, config: &Config, from: &Origin) -> anyhow::Result<Report> {
    let trust = args.trust.clone().unwrap_or_else(|| args.place.data_dir.join("trust/ca.pem"));
    let anchors = fs::read(&trust).with_context(|| format!("cannot read {}", trust.display()))?;
    let anchors = Anchors::new(Certificate::list_from_pem(&anchors).context("--trust")?);
    let manifest = from.manifest()?;
    let to = args.to_database.clone().or_else(|| some(&config.backup.drill_database_url));
    let to = to.filter(|_| !manifest.is_sqlite());
    let given = |path: &PathBuf| (!path.as_os_str().is_empty()).then(|| config::path(&args.place, path));
    let identity = args.identity.clone().or_else(|| given(&config.backup.drill_identity));
    // The folder is the drill's own, so that what a killed one left may go.
    let scratch = args.scratch.as_deref().unwrap_or(&args.place.data_dir).join(SCRATCH);
    let scratch = scratch.as_path();
    remove(scratch)?;
    images::ensure_room(from, scratch)?;
    let filled = to.as_deref().map(|url| Filled::begin(args, config, url)).transpose()?;
    let mut report = Report::begin(from.path(), &manifest);
    let begun = Instant::now();
    let wanted = Wanted { from, into: scratch, database_url: to.as_deref(), identity: identity.as_deref() };
    let restored = restore(&wanted).and_then(|restored| {
        // A backup of the release before is served by this one: its steps are part of coming back.
        migrate::up(Db::reader(&restored.url)?.db())?;
        Ok(restored)
    });
    report.restored_in(begun.elapsed());
    let restored = restored.and_then(|restored| Ok((opened(args, &restored)?, restored)));
    match restored {
        Ok(((conn, keys), restored)) => {
            let begun = Instant::now();
            proved((conn, keys.as_ref()), &restored, scratch, &anchors, &mut report)?;
            report.proved_in(begun.elapsed());
        }
        Err(why) => report.findings.add(format!("không phục hồi được: {why:#}")),
    }
    filled.map(Filled::clear).transpose()?;
    remove(scratch)?;
    Ok(report.ended())
}

/// The restored record with the keys that lie beside the backups: what the hospital would have after a disaster.
fn opened(args: &Args, restored: &Restored) -> anyhow::Result<(Conn, Option<Keyring>)> {
    let url = &restored.url;
    let mut conn = Db::reader(url)?;
    if !key_store::is_known(&mut conn)? {
        return Ok((conn, None));
    }
    let own = args.place.data_dir.join("secrets");
    let keys = keys_of(&restored.brought.keys, args.secrets.as_deref().unwrap_or(&own))?;
    let mut conn = Db::reader_with(url, keys.clone())?;
    key_store::belongs(&mut conn, &keys)?;
    Ok((conn, Some(keys)))
}

fn remove(scratch: &Path) -> anyhow::Result<()> {
    if scratch.exists() {
        fs::remove_dir_all(scratch).with_context(|| format!("cannot remove {}", scratch.display()))?;
    }
    Ok(())
}

/// The database of a drill: it was empty before and is empty afterwards. A note in the data folder says which one a
/// drill has filled, so that the next may empty what a killed one left, and never anything else.
struct Filled {
    url: DbUrl,
    note: PathBuf,
}

impl Filled {
    fn begin(args: &Args, config: &Config, url: &str) -> anyhow::Result<Self> {
        let parsed: DbUrl = url.parse().context("--to-database")?;
        let own = config::database_url(&args.place, config)?;
        ensure!(parsed != own, "--to-database is the record itself: name another");
        let (note, name) = (args.place.data_dir.join("drill.database"), hex::encode(Sha256::digest(url)));
        let filled = Self { url: parsed, note };
        if fs::read_to_string(&filled.note).is_ok_and(|noted| noted == name) {
            proof::clear(&mut Db::reader(&filled.url)?)?;
        }
        if let Some(table) = transfer::first_table(&mut Db::reader(&filled.url)?)? {
            bail!("the database of the drill is not empty: it holds the table {table}. Name an empty one");
        }
        backup::write_synced(&filled.note, name.as_bytes())?;
        Ok(filled)
    }

    fn clear(self) -> anyhow::Result<()> {
        proof::clear(&mut Db::reader(&self.url)?)?;
        Ok(fs::remove_file(&self.note)?)
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Everything of the copy; what does not hold is a finding, what cannot be looked at is an error.
fn proved(
    (mut conn, keys): (Conn, Option<&Keyring>),
    restored: &Restored,
    scratch: &Path,
    anchors: &Anchors,
    report: &mut Report,
) -> anyhow::Result<()> {
    let now = jiff::Timestamp::now().as_microsecond();
    dialect::snapshot(&mut conn, |conn| -> anyhow::Result<()> {
        report.audit_rows = restored.audit_rows;
        report.newest_row(proof::newest(conn)?);
        prove::record(conn, anchors, now, report)?;
        if restored.manifest.journal_sha256.is_some() {
            images::named_by_rows(conn, keys, (&scratch.join("pacs/blobs"), &restored.brought), report)?;
        }
        Ok(())
    })?;
    report.images = restored.images;
    Ok(())
}
