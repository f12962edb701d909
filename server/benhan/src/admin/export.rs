//! `benhan export`: one stay as a file that proves itself, for whoever is entitled to a copy.

use super::plainly;
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, identity};
use anyhow::{Context, ensure};
use benhan_server::app::export::{Desk, from_machine};
use benhan_server::app::sealing::Sealer;
use benhan_server::app::trusting;
use benhan_store::{StoreError, places};
use serde_json::json;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    /// Number of the stay (số vào viện)
    number: String,
    #[command(flatten)]
    place: Place,
    /// The ZIP file to write; one that is there stays
    #[arg(long)]
    out: PathBuf,
    /// On what ground the copy is made; it stays on the audit trail
    #[arg(long)]
    ground: String,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(!args.out.exists(), "{} is there already: give another --out", args.out.display());
    let config = config::read(&args.place)?;
    let url = config::existing_database(&args.place, &config)?;
    let dir = DataDir::existing(&args.place.data_dir)?;
    let part = PathBuf::from(format!("{}.part", args.out.display()));
    let packed = super::wait(async {
        let db = super::open(&dir, url)?;
        let facility = db.read::<_, StoreError, _>(places::facility).await?;
        let facility = facility.context("this record has no hospital: run benhan init first")?;
        let trust = identity::trust_as_it_stands(&dir, db.now().0)?;
        let trust = Arc::new(identity::outward(&dir, trust, &config)?);
        trusting::take_up(&db, &trust).await.map_err(plainly)?;
        let seal = identity::seal(&dir, &config.holders(&args.place)?, &config.seal_place(&args.place)?)?;
        let sealer = seal.map(|key| Sealer { key: Arc::new(key), trust, facility: facility.code.clone() });
        let into = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&part);
        let into = into.with_context(|| format!("cannot write {}", part.display()))?;
        let desk = Desk { db: db.clone(), facility, sealer };
        let packed = from_machine(desk, &args.number, &args.ground, into).await.map_err(plainly);
        db.close();
        packed
    });
    let packed = match packed {
        Ok((packed, into)) => {
            into.sync_all()?;
            packed
        }
        Err(error) => {
            drop(fs::remove_file(&part));
            return Err(error);
        }
    };
    fs::rename(&part, &args.out)?;
    if let Some(folder) = args.out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    let value = json!({
        "file": args.out, "record": packed.record, "files": packed.files, "sealed": packed.sealed,
        "uncoveredAuditRows": packed.uncovered,
    });
    let mut text = format!("{}: {} files of record {}", args.out.display(), packed.files, packed.record);
    if !packed.sealed {
        text += "\nNot sealed: secrets/seal.pk8 is not in this data folder.";
    }
    text += &format!("\nProve it anywhere: benhan verify {} --ca ca.pem", name(&args.out));
    super::answer(args.json, &value, &text);
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
