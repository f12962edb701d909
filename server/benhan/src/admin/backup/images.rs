//! Images never change once they are stored, so all backups of one target share them: each is copied once.

use super::files::{self, Out, ended};
use super::lock::Recipients;
use anyhow::{Context, ensure};
use benhan_server::image_pools::{self, POOL, is_erased};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// What a backup needs of the pool, one image a line: hash, size, path.
pub const INDEX: &str = "images.tsv";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub sha256: String,
    pub size: u64,
    /// Below `pacs/blobs` and below the pool alike.
    pub path: String,
}

/// Images that other people can open lie elsewhere: a new key copies each of them again.
pub fn pool_for(recipients: Option<&Recipients>) -> String {
    recipients.map_or_else(|| POOL.to_owned(), |keys| format!("{POOL}-{}", keys.name()))
}

/// Every image as it is in the pool now, and how many of them were copied.
pub fn copy(blobs: &Path, target: &Path, part: &Path, out: &Out) -> anyhow::Result<(Vec<Image>, usize)> {
    let keys = out.recipients.as_ref();
    let name = pool_for(keys);
    let (known, pool) = (latest(target, &name)?, target.join(&name));
    files::private_folder(&pool)?;
    let (mut images, mut new) = (Vec::new(), 0);
    for path in files::below(blobs)? {
        let (from, plain) = (blobs.join(&path), pool.join(&path));
        let to = if keys.is_some() { ended(&plain) } else { plain.clone() };
        let Some(mut image) = still_there(&from)? else { continue };
        let size = image.metadata()?.len();
        // A locked file is longer than what is in it; how much, depends on the keys.
        let there = fs::metadata(&to).is_ok_and(|m| if keys.is_some() { m.len() > size } else { m.len() == size });
        let sha256 = match known.get(&path).filter(|_| there) {
            Some(sha256) => sha256.clone(),
            None => {
                if let Some(folder) = to.parent() {
                    files::private_folder(folder)?;
                }
                let half = to.with_extension("part");
                let sha256 = files::keep(&mut image, &half, keys).with_context(|| path.clone())?;
                fs::rename(&half, &to)?;
                new += 1;
                sha256
            }
        };
        // Destroyed with its record meanwhile: see image_pools::erase for who comes first.
        if is_erased(&plain) {
            image_pools::remove(&plain)?;
            continue;
        }
        images.push(Image { sha256, size, path });
    }
    let lines: String = images.iter().map(|i| format!("{}\t{}\t{}\n", i.sha256, i.size, i.path)).collect();
    files::write_synced(&part.join(INDEX), lines.as_bytes())?;
    Ok((images, new))
}

/// An image that the bridge has not erased since it was listed.
fn still_there(at: &Path) -> anyhow::Result<Option<File>> {
    match File::open(at) {
        Ok(file) => Ok(Some(file)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| at.display().to_string()),
    }
}

/// The hashes that the newest backup of this pool noted: an image is read twice only for its first backup.
fn latest(target: &Path, pool: &str) -> anyhow::Result<HashMap<String, String>> {
    for folder in super::schedule::finished(target)?.into_iter().rev() {
        let file = folder.join(INDEX);
        if file.exists() && super::Manifest::read(&folder)?.pool == pool {
            return index(&file)?.map(|image| image.map(|image| (image.path, image.sha256))).collect();
        }
    }
    Ok(HashMap::new())
}

/// Reads what [`copy`] wrote, an image at a time.
pub fn index(file: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Image>> + use<>> {
    let shown = file.display().to_string();
    let lines = BufReader::new(File::open(file).with_context(|| format!("cannot read {shown}"))?).lines();
    let read = |line: &str| -> anyhow::Result<Image> {
        let mut parts = line.splitn(3, '\t');
        let mut next = || parts.next().context("too short");
        let (sha256, size, path) = (next()?.to_owned(), next()?.parse()?, next()?.to_owned());
        // The file came from another disk: its paths stay below the folder that they are joined to.
        ensure!(path.split('/').all(|p| !p.is_empty() && p != "." && p != ".."), "a path that leads elsewhere");
        Ok(Image { sha256, size, path })
    };
    Ok(lines.map(move |line| {
        let line = line?;
        read(&line).with_context(|| format!("{shown}: {line}"))
    }))
}
