//! `benhan backup`: one file of the whole record while it runs, checked before it counts as a backup.

use crate::cli::Place;
use crate::role::serve::database_url;
use crate::{config, say};
use anyhow::{Context, bail};
use benhan_store::{Db, DbUrl, backup};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Folder that receives the backup
    #[arg(long)]
    to: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = config::read(&args.place)?;
    let url = database_url(&args.place, &config)?;
    if matches!(url, DbUrl::Postgres(_)) {
        bail!("the record is on PostgreSQL: use pg_basebackup or pg_dump; `benhan backup` copies SQLite only, so far");
    }
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let (folder, part) = (args.to.join(format!("benhan-{stamp}")), args.to.join(format!("benhan-{stamp}.part")));
    fs::create_dir_all(&part).with_context(|| format!("cannot write to {}", args.to.display()))?;
    let copy = part.join("record.db");
    let mut conn = Db::reader(&url)?;
    backup::copy(&mut conn, &copy)?;
    let found = backup::check(&copy)?;
    for inner in ["trust", "tls"] {
        copy_folder(&args.place.data_dir.join(inner), &part.join(inner))?;
    }
    let manifest = json!({
        "format": "benhan-backup/1", "at": stamp, "recordSha256": sha256(&copy)?, "auditRows": found.audit_rows,
        "images": "not included: copy the pacs folder beside it", "secrets": "not included: keep secrets/ elsewhere",
    });
    fs::write(part.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)?;
    fs::File::open(&copy)?.sync_all()?;
    fs::rename(&part, &folder)?;
    say::line(&format!("{}: {} audit rows, every chain intact", folder.display(), found.audit_rows));
    say::line("The folder secrets/ is not in it: keep it apart, without it no software key can sign again.");
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let private = entry.path().extension().is_some_and(|e| e == "key");
        if entry.file_type()?.is_file() && !private {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Streamed: a record may be larger than memory.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    std::io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}
