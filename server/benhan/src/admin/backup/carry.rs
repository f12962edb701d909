//! A finished backup carried from its folder to a place in an S3 store, where it lies under the same names.
//!
//! The manifest goes last: until then it is no backup there either. Images that are there are not put again, and none comes
//! back that was destroyed meanwhile. Half of a backup is finished by the next try, or removed.

use super::shelf::Shelf;
use super::{INDEX, Image, MANIFEST, Manifest, below, ended, index, schedule};
use crate::config::Config;
use anyhow::{Context, ensure};
use benhan_bucket::{Bucket, Trouble};
use benhan_server::image_pools::{is_erased, mark_of};
use benhan_store::Keyring;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

/// What one carrying did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// It was all there already.
    pub before: bool,
    pub images: usize,
    pub new_images: usize,
}

/// What is carried: a backup in its target, and the keys that belong beside it.
pub struct Load<'a> {
    pub data: &'a Path,
    pub folder: &'a Path,
    pub keys: Option<&'a Keyring>,
}

pub fn carry(config: &Config, bucket: &Bucket, load: &Load<'_>) -> anyhow::Result<Carried> {
    let name = load.folder.file_name().and_then(|name| name.to_str()).context("a backup without a name")?;
    let manifest = Manifest::read(load.folder)?;
    let open = config.s3.own || config.store_is_here();
    ensure!(
        manifest.locked || open,
        "{name} is not locked, and goes to nobody outside: name a public key in backup.recipients, or set s3.own where the \
         store is the hospital's own"
    );
    let _alone = alone(load.data)?;
    let shelf = Shelf::look(bucket)?;
    if shelf.finished().contains(&name) {
        return Ok(Carried { before: true, ..Carried::default() });
    }
    welcome(bucket)?;
    for half in shelf.unfinished().filter(|half| *half != name) {
        shelf.remove(bucket, half)?;
        tracing::info!(backup = half, "half of a backup was removed from the store");
    }
    let carried = images(bucket, load.folder, &manifest)?;
    let there = shelf.sizes(name);
    for file in below(load.folder)?.into_iter().filter(|file| file != MANIFEST) {
        let (from, to) = (load.folder.join(&file), format!("{name}/{file}"));
        // Files of one backup never change: what lies there, whole, is this one.
        if there.get(to.as_str()) != Some(&from.metadata()?.len()) {
            bucket.put_file(&to, &from).with_context(|| file.clone())?;
        }
    }
    // Every payload in it has its key among those that are beside it.
    if let Some(keys) = load.keys {
        keys.copy_elsewhere(&bucket.place().to_string(), jiff::Timestamp::now().as_microsecond())?;
    }
    bucket.put_file(&format!("{name}/{MANIFEST}"), &load.folder.join(MANIFEST))?;
    Ok(carried)
}

/// One at a time of a data folder. Nobody waits: the other may be at it for hours.
fn alone(data: &Path) -> anyhow::Result<File> {
    let path = data.join("backup.carry.lock");
    let lock = File::options().create(true).truncate(false).write(true).open(&path);
    let lock = lock.with_context(|| format!("cannot write {}", path.display()))?;
    lock.try_lock().ok().context("a backup is being carried to a store just now: wait for it to end")?;
    Ok(lock)
}

/// Keeps as many there as in a folder.
pub fn thin(config: &Config, bucket: &Bucket) -> anyhow::Result<()> {
    let shelf = Shelf::look(bucket)?;
    for old in schedule::superfluous(&shelf.finished(), config.backup.keep, config.backup.keep_months) {
        shelf.remove(bucket, old)?;
        tracing::info!(backup = old, place = %bucket.place(), "an old backup was removed");
    }
    Ok(())
}

/// Asked before gigabytes travel.
fn welcome(bucket: &Bucket) -> Result<(), Trouble> {
    bucket.welcomes()?;
    match bucket.abort_left() {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "uploads that were cut off are forgotten"),
        // Some stores have no list of those, and forget them by themselves.
        Err(trouble @ (Trouble::Answer(..) | Trouble::Missing(_))) => {
            tracing::debug!(%trouble, "the store lists no unfinished uploads");
        }
        Err(trouble) => return Err(trouble),
    }
    Ok(())
}

/// The pool that the backup shares with others, a shelf at a time.
fn images(bucket: &Bucket, folder: &Path, manifest: &Manifest) -> anyhow::Result<Carried> {
    let pool = folder.parent().context("the backup lies nowhere")?.join(&manifest.pool);
    let (mut carried, mut shelf, mut there) = (Carried::default(), None::<String>, HashMap::new());
    for image in index(&folder.join(INDEX))? {
        let image = image?;
        let of = image.path.rsplit_once('/').map_or("", |(shelf, _)| shelf).to_owned();
        if shelf.as_ref() != Some(&of) {
            let slash = if of.is_empty() { "" } else { "/" };
            let listed = bucket.list(&format!("{}/{of}{slash}", manifest.pool))?;
            there = listed.into_iter().map(|object| (object.name, object.size)).collect();
            shelf = Some(of);
        }
        let (kept, new) = one(bucket, (&pool, manifest), &image, &there).with_context(|| image.path.clone())?;
        carried.images = carried.images.saturating_add(usize::from(kept));
        carried.new_images = carried.new_images.saturating_add(usize::from(new));
    }
    Ok(carried)
}

/// Whether the image lies there now, and whether it is new.
fn one(
    bucket: &Bucket,
    (pool, manifest): (&Path, &Manifest),
    image: &Image,
    there: &HashMap<String, u64>,
) -> anyhow::Result<(bool, bool)> {
    let plain = pool.join(&image.path);
    let from = if manifest.locked { ended(&plain) } else { plain.clone() };
    let name = format!("{}/{}", manifest.pool, image.path);
    let (mark, to) = (mark_of(&name), if manifest.locked { format!("{name}.age") } else { name });
    if is_erased(&plain) || there.contains_key(&mark) {
        if there.contains_key(&to) {
            bucket.remove(&to)?;
        }
        return Ok((false, false));
    }
    // Put here since the backup was taken, or away: then the mark is there too.
    let size = match from.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_erased(&plain) => return Ok((false, false)),
        read => read.with_context(|| from.display().to_string())?.len(),
    };
    if there.get(&to) == Some(&size) {
        return Ok((true, false));
    }
    bucket.put_file(&to, &from)?;
    // Destroyed with its record meanwhile: the marks come before the images go, there as here.
    if is_erased(&plain) || bucket.size(&mark)?.is_some() {
        bucket.remove(&to)?;
        return Ok((false, false));
    }
    Ok((true, true))
}
