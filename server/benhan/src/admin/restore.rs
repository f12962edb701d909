//! `benhan restore`: a backup into an empty folder, everything in it checked against what was written down.
//!
//! While it is under way the folder carries a mark, and no server serves it: a restore that was killed is begun again.

use super::backup::{Manifest, RESTORE, private_folder, write_synced};
use crate::cli::Place;
use crate::config::{self, store_of};
use crate::data_dir::{KEYS, UNFINISHED, keys_of};
use anyhow::{Context, bail, ensure};
use benhan_bucket::CancellationToken;
use benhan_server::buckets::Buckets;
use benhan_store::payloads::{self, Payloads};
use benhan_store::{Db, DbUrl, dialect, key_store, transfer};
use serde_json::json;
use source::Source;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

mod origin;
mod source;

pub use origin::{Brought, Origin};

/// In the new folder, while a backup comes out of a store.
const BROUGHT: &str = "restore.part";
/// How long the database may take to give up what a killed restore began.
const PREDECESSOR: Duration = Duration::from_secs(30);

#[derive(clap::Args)]
pub struct Args {
    /// The folder that `benhan backup` wrote, s3://BUCKET/PREFIX/NAME, or s3://BUCKET/PREFIX for the newest one there
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
    /// The folder secrets/ that was kept apart: with it everything that is encrypted is opened once
    #[arg(long)]
    secrets: Option<PathBuf>,
    /// A configuration with the section [s3], for s3://; without it BENHAN_S3_ENDPOINT and the others say it all
    #[arg(long, env = "BENHAN_CONFIG")]
    config: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let from = Origin::find(&args.from, || buckets(args))?;
    let wanted = Wanted {
        from: &from,
        into: &args.into,
        database_url: args.database_url.as_deref(),
        identity: args.identity.as_deref(),
    };
    let restored = restore(&wanted)?;
    let opened = payloads(args, &restored)?;
    restored.ended(&args.into)?;
    let (audit_rows, images) = (restored.audit_rows, restored.images);
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

/// On the worst day there is no data folder: the store's key is among the secrets that were kept apart.
fn buckets(args: &Args) -> anyhow::Result<Arc<Buckets>> {
    let place = Place { data_dir: args.into.clone(), config: args.config.clone() };
    let set = config::read(&place)?.s3;
    let store = store_of(&set, |file| match (&args.secrets, file.strip_prefix("secrets")) {
        (Some(secrets), Ok(inner)) => secrets.join(inner),
        _ => file.to_owned(),
    });
    let store =
        store?.context("s3:// needs a store: set s3.endpoint in the file of --config, or BENHAN_S3_ENDPOINT")?;
    Ok(Arc::new(Buckets::new(Some(store), CancellationToken::new())))
}

pub struct Wanted<'a> {
    pub from: &'a Origin,
    pub into: &'a Path,
    pub database_url: Option<&'a str>,
    pub identity: Option<&'a Path>,
}

/// A backup in its folder, whole and checked but for the keys of records. Nobody serves it before [`Restored::ended`].
pub struct Restored {
    pub manifest: Manifest,
    pub url: DbUrl,
    pub audit_rows: u64,
    pub images: u64,
    /// Where they came from.
    pub brought: Brought,
}

impl Restored {
    fn ended(&self, into: &Path) -> anyhow::Result<()> {
        let brought = into.join(BROUGHT);
        if brought.exists() {
            fs::remove_dir_all(brought)?;
        }
        fs::remove_file(into.join(UNFINISHED))?;
        Ok(File::open(into)?.sync_all()?)
    }
}

pub fn restore(wanted: &Wanted<'_>) -> anyhow::Result<Restored> {
    let manifest = wanted.from.manifest()?;
    let identity = source::identity(&manifest, wanted)?;
    if wanted.from.is_stored() {
        url_for(wanted, &manifest)?;
        begin(wanted.into)?;
    }
    let brought = wanted.from.bring(&manifest, &wanted.into.join(BROUGHT))?;
    let source = Source::open(brought, manifest, identity)?;
    let url = url_for(wanted, &source.manifest)?;
    if !wanted.from.is_stored() {
        begin(wanted.into)?;
    }
    source.files(wanted)?;
    let images = source.images(wanted.into)?;
    let audit_rows = source.record(&url)?;
    ensure!(source.manifest.audit_rows == audit_rows, "the audit trail has another length than when it was backed up");
    Ok(Restored { brought: source.brought, manifest: source.manifest, url, audit_rows, images })
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
    let mut conn = Db::reader(&parsed)?;
    // One that was killed may have said all of its dump to the database, which still works on it.
    ensure!(
        dialect::end_others(&mut conn, RESTORE, PREDECESSOR)?,
        "a restore is under way in the database of --database-url, and does not end: look at it with psql"
    );
    if let Some(table) = transfer::first_table(&mut conn)? {
        bail!("the database of --database-url is not empty: it holds the table {table}. Name an empty one");
    }
    Ok(parsed)
}

/// The wrapped keys as they are now: what was destroyed since the backup stays destroyed. With `--secrets` every payload
/// is opened.
fn payloads(args: &Args, restored: &Restored) -> anyhow::Result<Option<Payloads>> {
    let url = &restored.url;
    if !key_store::is_known(&mut Db::reader(url)?)? {
        return Ok(None);
    }
    let (kept, store) = (&restored.brought.keys, args.into.join(KEYS));
    fs::create_dir_all(args.into.join("keys"))?;
    fs::copy(kept, &store)
        .with_context(|| format!("the keys of the records: {} lies beside the backups", kept.display()))?;
    File::open(&store)?.sync_all()?;
    let Some(secrets) = &args.secrets else { return Ok(None) };
    let keys = keys_of(&store, secrets)?;
    let mut conn = Db::reader_with(url, keys.clone())?;
    key_store::belongs(&mut conn, &keys)?;
    let found = payloads::check(&mut conn)?;
    ensure!(found.broken.is_empty(), "does not open: {}", found.broken.join("; "));
    Ok(Some(found))
}

/// An empty folder with the mark, also in place of what a killed restore left.
pub fn begin(into: &Path) -> anyhow::Result<()> {
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
        bail!("{} is not empty: name a new folder", into.display());
    }
    private_folder(into).with_context(|| format!("cannot make {}", into.display()))?;
    write_synced(
        &mark,
        b"benhan restore or import-all did not come to its end: begin it again, or remove this folder\n",
    )?;
    Ok(File::open(into)?.sync_all()?)
}
