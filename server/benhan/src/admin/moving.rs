//! `benhan move`: the record from SQLite to PostgreSQL, or back, while the server is stopped.
//!
//! The configuration is the switch: until it names the new database the old one is the record. Then the old file gets
//! another name, so that nobody can serve it by mistake; its content stays as it was.

use super::progress::Shown;
use crate::cli::Place;
use crate::config;
use crate::data_dir::DataDir;
use anyhow::{Context, ensure};
use benhan_domain::audit::Act;
use benhan_store::transfer::{Moved, run as transfer};
use benhan_store::{DbUrl, reserve};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// What the server reads its database from before the file.
const VARIABLE: &str = "BENHAN_DATABASE_URL";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// An empty database, postgres://…, or a file that is not there yet, sqlite:PATH
    #[arg(long, env = "BENHAN_MOVE_TO", hide_env_values = true)]
    to: String,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let settings = config::read(&args.place)?;
    let from = config::existing_database(&args.place, &settings)?;
    let to = target(&args.to)?;
    ensure!(from != to, "the record is there already: {VARIABLE} or the configuration names that database");
    ensure!(
        !reserve::waits(&from)?,
        "looks at charts wait in audit.reserve since the disk was full: start the server, open a chart, stop it, begin again"
    );
    let file = config::file(&args.place);
    // The variable goes before the file: a person must change it where it is set.
    let by_variable = std::env::var_os(VARIABLE).is_some();
    if !by_variable {
        config::ensure_writable(&file)?;
    }
    let mut shown = Shown::default();
    let moved = transfer(&from, &to, &mut |progress| shown.tell("copied", progress), |_| -> anyhow::Result<()> {
        if by_variable { Ok(()) } else { config::set_database_url(&file, written(&args.place, &to).as_deref()) }
    })
    .context("nothing was moved, the record is where it was")?;
    let kept = retire(&from)?;
    note(&args.place, &to, &moved)?;
    tell(args, &moved, &to, kept.as_deref(), (!by_variable).then_some(file.as_path()));
    Ok(())
}

/// A file is named by its whole path: the configuration is read from anywhere.
fn target(text: &str) -> anyhow::Result<DbUrl> {
    let to = text.parse().context("--to")?;
    let DbUrl::Sqlite(file) = &to else { return Ok(to) };
    let name = file.file_name().context("--to names no file")?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().with_context(|| format!("{} is not there", folder.display()))?;
    Ok(DbUrl::Sqlite(folder.join(name)))
}

/// As the configuration names it; nothing for the data folder's own file.
fn written(place: &Place, to: &DbUrl) -> Option<String> {
    match to {
        DbUrl::Postgres(url) => Some(url.clone()),
        DbUrl::Sqlite(file) => {
            let own = place.data_dir.canonicalize().is_ok_and(|folder| folder.join("record.db") == *file);
            (!own).then(|| format!("sqlite:{}", file.display()))
        }
    }
}

/// The old SQLite file under a name that nobody serves. A PostgreSQL database stays as it is.
fn retire(from: &DbUrl) -> anyhow::Result<Option<PathBuf>> {
    let DbUrl::Sqlite(file) = from else { return Ok(None) };
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let named = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let kept = named(&format!(".moved-{stamp}"));
    for end in ["-wal", "-shm", ""] {
        let left = named(end);
        if left.exists() {
            fs::rename(&left, named(&format!(".moved-{stamp}{end}")))
                .with_context(|| format!("the record is moved; rename {} yourself", left.display()))?;
        }
    }
    Ok(Some(kept))
}

/// On the trail of the record in its new place: what came over, and its hash.
fn note(place: &Place, to: &DbUrl, moved: &Moved) -> anyhow::Result<()> {
    let detail = json!({
        "step": "move", "rows": moved.sums.iter().map(|sum| sum.rows).sum::<u64>(), "auditRows": moved.audit_rows,
        "tables": moved.sums.iter().map(|sum| (sum.table.clone(), json!(sum.sha256))).collect::<serde_json::Map<_, _>>(),
    });
    let db = super::open(&DataDir::existing(&place.data_dir)?, to.clone())?;
    super::wait(async {
        super::note(&db, Act::Edit, kind(to), detail).await?;
        db.close();
        Ok(())
    })
}

fn kind(url: &DbUrl) -> &'static str {
    if matches!(url, DbUrl::Postgres(_)) { "postgresql" } else { "sqlite" }
}

fn tell(args: &Args, moved: &Moved, to: &DbUrl, kept: Option<&Path>, config: Option<&Path>) {
    let rows: u64 = moved.sums.iter().map(|sum| sum.rows).sum();
    let value = json!({
        "database": kind(to), "rows": rows, "auditRows": moved.audit_rows, "tables": moved.sums, "wasThere": moved.was_there,
        "config": config, "kept": kept,
    });
    let mut text = format!(
        "{rows} rows of {} tables, the same in both by count and hash; {} audit rows, every chain intact\n",
        moved.sums.len(),
        moved.audit_rows
    );
    text.push_str(&match config {
        Some(file) => format!("{}: database.url names the new database\n", file.display()),
        None => format!(
            "{VARIABLE} goes before the configuration: set it to the new database where the server is started\n"
        ),
    });
    text.push_str(&match kept {
        Some(file) => format!("the old record is kept, unchanged, as {}\n", file.display()),
        None => "the old database is kept as it was\n".to_owned(),
    });
    text.push_str("start the server, then `benhan backup`: the backups of before are of the old database");
    super::answer(args.json, &value, &text);
}
