//! `benhan restore`: a checked backup into an empty folder.

use crate::say;
use anyhow::{Context, bail, ensure};
use benhan_store::backup;
use std::fs;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// The folder that `benhan backup` wrote
    from: PathBuf,
    /// An empty or new data folder
    #[arg(long)]
    into: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let manifest = fs::read(args.from.join("manifest.json")).context("no manifest.json: this is no finished backup")?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let copy = args.from.join("record.db");
    ensure!(
        manifest.get("recordSha256").and_then(|v| v.as_str()) == Some(super::backup::sha256(&copy)?.as_str()),
        "record.db is not the file that was backed up: its hash differs"
    );
    if args.into.exists() && fs::read_dir(&args.into)?.next().is_some() {
        bail!("{} is not empty: restore into a new folder", args.into.display());
    }
    fs::create_dir_all(&args.into)?;
    for inner in ["trust", "tls"] {
        fs::create_dir_all(args.into.join(inner))?;
        for entry in fs::read_dir(args.from.join(inner))? {
            let entry = entry?;
            fs::copy(entry.path(), args.into.join(inner).join(entry.file_name()))?;
        }
    }
    let restored = args.into.join("record.db");
    fs::copy(&copy, &restored)?;
    fs::File::open(&restored)?.sync_all()?;
    let found = backup::check(&restored)?;
    ensure!(
        manifest.get("auditRows").and_then(|v| v.as_u64()) == Some(found.audit_rows),
        "the audit trail has another length than when it was backed up"
    );
    say::line(&format!("{}: {} audit rows, every chain intact", args.into.display(), found.audit_rows));
    say::line("Put the folder secrets/ back beside it before `benhan serve`.");
    Ok(())
}
