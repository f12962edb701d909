//! `benhan backup`: the whole record while it runs, checked before it counts as a backup.
//!
//! In it: the record, the devices' spool, the images and the configuration. Not in it: `secrets/`, on purpose; and the
//! keys of records, of which a target has one copy beside all its backups, so that a destroyed record is gone from each.

mod files;
mod images;
mod record;
pub mod schedule;

pub use files::sha256;
pub use images::{INDEX, Image, POOL, index};
pub use record::postgres;

use crate::cli::Place;
use crate::config::{self, Config};
use crate::own_forms;
use anyhow::{Context, ensure};
use benhan_store::DbUrl;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

pub const FORMAT: &str = "benhan-backup/2";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Folder that receives the backup; without it backup.target
    #[arg(long)]
    to: Option<PathBuf>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// A finished backup.
pub struct Taken {
    pub folder: PathBuf,
    pub audit_rows: u64,
    pub images: usize,
    /// Images copied now; the others an earlier backup left in the same target.
    pub new_images: usize,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = config::read(&args.place)?;
    let to = args.to.clone().unwrap_or_else(|| config.backup.target.clone());
    ensure!(!to.as_os_str().is_empty(), "give --to or set backup.target");
    let taken = take(&args.place, &config, &to)?;
    let value: Value = json!({
        "folder": taken.folder, "auditRows": taken.audit_rows, "images": taken.images, "newImages": taken.new_images,
    });
    let text = format!(
        "{}: {} audit rows, every chain intact; {} images, {} of them new\n\
         The folder secrets/ is not in it: keep it apart, without it no record can be read and no software key can sign.",
        taken.folder.display(),
        taken.audit_rows,
        taken.images,
        taken.new_images
    );
    super::answer(args.json, &value, &text);
    Ok(())
}

/// Takes one backup. Until the last rename the folder is named `.part` and is none.
pub fn take(place: &Place, config: &Config, to: &Path) -> anyhow::Result<Taken> {
    let url = config::existing_database(place, config)?;
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let (folder, part) = (to.join(format!("benhan-{stamp}")), to.join(format!("benhan-{stamp}.part")));
    ensure!(!folder.exists(), "{} is there already", folder.display());
    fs::create_dir_all(to).with_context(|| format!("cannot write to {}", to.display()))?;
    files::private_folder(&part).with_context(|| format!("cannot write to {}", to.display()))?;
    let taken = fill(place, &url, to, &part, &stamp);
    let (audit_rows, images, new_images) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            drop(fs::remove_dir_all(&part));
            return Err(error);
        }
    };
    record::keys(place, to).context("the keys of records")?;
    fs::rename(&part, &folder)?;
    fs::File::open(to)?.sync_all()?;
    Ok(Taken { folder, audit_rows, images, new_images })
}

fn fill(place: &Place, url: &DbUrl, to: &Path, part: &Path, stamp: &str) -> anyhow::Result<(u64, usize, usize)> {
    let data = &place.data_dir;
    // The spool first: what the gateway delivers meanwhile is then in both, and the server takes it once.
    let spool = files::sqlite(&data.join("spool/spool.db"), &part.join("spool.db")).context("the devices' spool")?;
    let record = record::copy(url, part).context("the record")?;
    // The journal before the images: each image that it names is on disk already.
    let journal =
        files::sqlite(&data.join("pacs/journal.db"), &part.join("journal.db")).context("the image journal")?;
    let (images, new) = images::copy(&data.join("pacs/blobs"), to, part).context("the images")?;
    // The hospital's own forms too: the record is printed by the definitions with which it was made.
    let forms = data.join(own_forms::FOLDER).exists().then_some(own_forms::FOLDER);
    for inner in ["trust", "tls"].into_iter().chain(forms) {
        files::copy_folder(&data.join(inner), &part.join(inner))?;
    }
    let settings = config::file(place);
    if settings.exists() {
        fs::copy(&settings, part.join("benhan.toml"))?;
    }
    let manifest = json!({
        "format": FORMAT, "at": stamp, "record": record.file, "recordSha256": record.sha256,
        "auditRows": record.audit_rows, "spoolSha256": spool, "journalSha256": journal,
        "images": images.len(), "imagesSha256": sha256(&part.join(INDEX))?,
        "secrets": "not included: keep secrets/ elsewhere",
    });
    files::write_synced(&part.join("manifest.json"), &serde_json::to_vec_pretty(&manifest)?)?;
    Ok((record.audit_rows, images.len(), new))
}
