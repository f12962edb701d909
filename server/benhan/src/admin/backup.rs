//! `benhan backup`: the whole record while it runs, checked before it counts as a backup.
//!
//! In it: the record, the devices' spool, the images and the configuration. Not in it: `secrets/`, on purpose; and the
//! keys of records, of which a target has one copy beside all its backups, so that a destroyed record is gone from each.

mod carry;
pub mod carrying;
mod files;
mod images;
mod lock;
mod manifest;
mod record;
pub mod schedule;
mod shelf;

pub use files::{Out, below, ended, private_folder, sha256, write_synced};
pub use images::{INDEX, Image, index};
pub use lock::Identity;
pub use manifest::{FILE as MANIFEST, Manifest};
pub use record::{RESTORE, load};
pub use shelf::Shelf;

use crate::cli::Place;
use crate::config::{self, Config};
use crate::data_dir::{DataDir, KEYS, OWN};
use anyhow::{Context, ensure};
use benhan_bucket::{Bucket, CancellationToken, Place as InStore};
use benhan_store::keys::COPIES;
use benhan_store::{DbUrl, Keyring};
use files::STAGE;
use lock::Recipients;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Folder that receives the backup, or s3://BUCKET/PREFIX, to which one of backup.target is carried; without it
    /// backup.target
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
    let store = args.to.as_deref().map(config::meant).transpose()?.flatten();
    let to = args.to.clone().filter(|_| store.is_none()).unwrap_or_else(|| config.backup.target.clone());
    ensure!(!to.as_os_str().is_empty(), "give --to or set backup.target");
    // Who cannot be reached is told before hours of work.
    let bucket = store.map(|at| in_store(&args.place, &config, &at)).transpose()?;
    let taken = take(&args.place, &config, &to)?;
    let carried = bucket.map(|(bucket, keys)| {
        let load = carry::Load { data: &args.place.data_dir, folder: &taken.folder, keys: keys.as_ref() };
        carry::carry(&config, &bucket, &load).map(|carried| (bucket.place().to_string(), carried))
    });
    let carried = carried.transpose()?;
    let value: Value = json!({
        "folder": taken.folder, "auditRows": taken.audit_rows, "images": taken.images, "newImages": taken.new_images,
        "place": carried.as_ref().map(|(place, _)| place),
        "newImagesThere": carried.as_ref().map(|(_, carried)| carried.new_images),
    });
    let there = carried.map_or_else(String::new, |(place, carried)| {
        format!("{place}: the same, {} images of it new there\n", carried.new_images)
    });
    let text = format!(
        "{}: {} audit rows, every chain intact; {} images, {} of them new\n{there}\
         The folder secrets/ is not in it: keep it apart, without it no record can be read and no software key can sign.",
        taken.folder.display(),
        taken.audit_rows,
        taken.images,
        taken.new_images
    );
    super::answer(args.json, &value, &text);
    Ok(())
}

/// A place that answers, and the keys that go beside the backups there.
fn in_store(place: &Place, config: &Config, at: &InStore) -> anyhow::Result<(Arc<Bucket>, Option<Keyring>)> {
    let buckets = config.buckets(place, CancellationToken::new())?;
    let bucket = buckets.open(at)?;
    Shelf::look(&bucket).with_context(|| at.to_string())?;
    let dir = DataDir::existing(&place.data_dir)?;
    let keys = dir.path(KEYS).exists().then(|| dir.existing_record_keys()).transpose()?;
    if let Some(keys) = &keys {
        keys.reach(buckets);
    }
    Ok((bucket, keys))
}

/// Takes one backup. Until the last rename the folder is named `.part` and is none.
pub fn take(place: &Place, config: &Config, to: &Path) -> anyhow::Result<Taken> {
    let url = config::existing_database(place, config)?;
    let recipients = Recipients::of(&config.backup.recipients)?;
    let _alone = alone(&place.data_dir, "backup.lock")?;
    fs::create_dir_all(to).with_context(|| format!("cannot write to {}", to.display()))?;
    clear(&place.data_dir, to)?;
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let (folder, part) = (to.join(format!("benhan-{stamp}")), to.join(format!("benhan-{stamp}.part")));
    ensure!(!folder.exists(), "{} is there already", folder.display());
    let taken = Out::new(&part, &place.data_dir, recipients).and_then(|out| fill(place, &url, to, &part, &out, &stamp));
    let (audit_rows, images, new_images) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            drop(clear(&place.data_dir, to));
            return Err(error);
        }
    };
    record::keys(place, to).context("the keys of records")?;
    drop(fs::remove_dir_all(place.data_dir.join(STAGE)));
    fs::rename(&part, &folder)?;
    File::open(to)?.sync_all()?;
    Ok(Taken { folder, audit_rows, images, new_images })
}

/// The target's copy of the wrapped keys, which lies beside its backups.
pub fn keys_beside(backup: &Path) -> anyhow::Result<PathBuf> {
    let backup = backup.canonicalize().with_context(|| format!("{} is not there", backup.display()))?;
    Ok(backup.parent().context("the backup lies nowhere")?.join(COPIES).join("records.db"))
}

/// One at a time of a data folder; the next waits. The system lets go when the process ends, however it does.
pub fn alone(data: &Path, name: &str) -> anyhow::Result<File> {
    let path = data.join(name);
    let lock = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.with_context(|| format!("cannot write {}", path.display()))?;
    lock.lock()?;
    Ok(lock)
}

/// What a backup left behind that was killed: it is none, and takes room.
fn clear(data: &Path, target: &Path) -> anyhow::Result<()> {
    let mut left = vec![data.join(STAGE)];
    for entry in fs::read_dir(target).with_context(|| target.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("benhan-2") && name.ends_with(".part") {
            left.push(path);
        }
    }
    for folder in left.into_iter().filter(|folder| folder.exists()) {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn fill(
    place: &Place,
    url: &DbUrl,
    to: &Path,
    part: &Path,
    out: &Out,
    stamp: &str,
) -> anyhow::Result<(u64, usize, usize)> {
    let data = &place.data_dir;
    // The spool first: what the gateway delivers meanwhile is then in both, and the server takes it once.
    let spool = out.sqlite(&data.join("spool/spool.db"), "spool.db").context("the devices' spool")?;
    let record = record::copy(url, out).context("the record")?;
    // The journal before the images: each image that it names is on disk already.
    let journal = out.sqlite(&data.join("pacs/journal.db"), "journal.db").context("the image journal")?;
    let (images, new) = images::copy(&data.join("pacs/blobs"), to, part, out).context("the images")?;
    // What the hospital wrote itself too: the record is printed by the definitions with which it was made.
    let own = OWN.into_iter().filter(|inner| data.join(inner).exists());
    for inner in ["trust", "tls"].into_iter().chain(own) {
        out.folder(&data.join(inner), inner)?;
    }
    let settings = config::file(place);
    if settings.exists() {
        out.stream("benhan.toml", &mut File::open(settings)?)?;
    }
    let manifest = Manifest {
        format: Manifest::format(),
        at: stamp.to_owned(),
        record: record.file.to_owned(),
        record_sha256: record.sha256,
        audit_rows: record.audit_rows,
        spool_sha256: spool,
        journal_sha256: journal,
        images: u64::try_from(images.len())?,
        images_sha256: sha256(&part.join(INDEX))?,
        locked: out.recipients.is_some(),
        pool: images::pool_for(out.recipients.as_ref()),
        secrets: "not included: keep secrets/ elsewhere".to_owned(),
    };
    write_synced(&part.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
    Ok((record.audit_rows, images.len(), new))
}
