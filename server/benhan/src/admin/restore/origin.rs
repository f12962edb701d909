//! Where a backup comes from: a folder, or a place in an S3 store. What the store has comes here as files, under the same
//! names: everything but the images at once, of those one at a time, so that no second copy of them needs room.

use crate::admin::backup::schedule::taken_at;
use crate::admin::backup::{INDEX, Image, MANIFEST, Manifest, Shelf, ended, index, keys_beside, private_folder};
use crate::config;
use anyhow::{Context, bail, ensure};
use benhan_bucket::{Bucket, Trouble};
use benhan_server::buckets::{Buckets, keys_name};
use benhan_server::image_pools::{is_erased, mark_of};
use benhan_store::keys::COPIES;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const LARGEST_MANIFEST: usize = 1 << 20;
/// The wrapped keys of a million records.
const LARGEST_KEYS: u64 = 1 << 30;

/// A backup by name, wherever it is.
pub enum Origin {
    Folder(PathBuf),
    Stored { bucket: Arc<Bucket>, name: String },
}

/// A backup whose files can be read here.
pub struct Brought {
    pub folder: PathBuf,
    /// The one copy of the keys that lies beside the backups.
    pub keys: PathBuf,
    pool: PathBuf,
    locked: bool,
    /// The store that the images are still in, and how they are called there.
    store: Option<(Arc<Bucket>, String)>,
}

impl Origin {
    /// `s3://BUCKET/PREFIX/NAME`, or the newest of `s3://BUCKET/PREFIX`; else a folder.
    pub fn find(from: &Path, buckets: impl FnOnce() -> anyhow::Result<Arc<Buckets>>) -> anyhow::Result<Self> {
        let Some(place) = config::meant(from)? else { return Ok(Self::Folder(from.to_owned())) };
        let buckets = buckets()?;
        if let Some((above, name)) = place.split().filter(|(_, name)| taken_at(Path::new(name)).is_some()) {
            return Ok(Self::Stored { bucket: buckets.open(&above)?, name: name.to_owned() });
        }
        let bucket = buckets.open(&place)?;
        let newest = Shelf::look(&bucket).with_context(|| place.to_string())?.finished().pop().map(str::to_owned);
        let name = newest.with_context(|| format!("{place} holds no finished backup"))?;
        Ok(Self::Stored { bucket, name })
    }

    pub fn is_stored(&self) -> bool {
        matches!(self, Self::Stored { .. })
    }

    /// Its last name says when it was taken.
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            Self::Stored { name, .. } => Path::new(name),
        }
    }

    pub fn manifest(&self) -> anyhow::Result<Manifest> {
        match self {
            Self::Folder(folder) => Manifest::read(folder),
            Self::Stored { bucket, name } => {
                let bytes = bucket.get(&format!("{name}/{MANIFEST}"), LARGEST_MANIFEST)?;
                Manifest::parse(&bytes.with_context(|| {
                    format!("{}/{name} has no manifest.json: this is no finished backup", bucket.place())
                })?)
            }
        }
    }

    /// Bytes that a copy needs beside `scratch`, which is made and removed where a file must be read for it.
    pub fn measured(&self, scratch: &Path) -> anyhow::Result<u64> {
        let mut needed = 0_u64;
        let index = match self {
            Self::Folder(folder) => {
                for entry in fs::read_dir(folder)? {
                    needed = needed.saturating_add(entry?.metadata()?.len());
                }
                index(&folder.join(INDEX))?.collect::<anyhow::Result<Vec<_>>>()?
            }
            Self::Stored { bucket, name } => {
                let shelf = Shelf::look(bucket)?;
                // Once as it comes, once as it is restored.
                needed = shelf.objects(name).fold(0, |all, object| all.saturating_add(object.size.saturating_mul(2)));
                private_folder(scratch)?;
                let file = scratch.join(INDEX);
                let most = shelf.sizes(name).get(format!("{name}/{INDEX}").as_str()).copied().unwrap_or(0);
                bucket.get_file(&format!("{name}/{INDEX}"), &file, most)?;
                let read = index(&file)?.collect::<anyhow::Result<Vec<_>>>();
                fs::remove_dir_all(scratch)?;
                read?
            }
        };
        Ok(index.iter().fold(needed, |all, image| all.saturating_add(image.size)))
    }

    /// The files of the backup, out of a store into `mirror`.
    pub fn bring(&self, manifest: &Manifest, mirror: &Path) -> anyhow::Result<Brought> {
        let locked = manifest.locked;
        match self {
            Self::Folder(folder) => {
                let pool = folder.canonicalize()?.parent().context("the backup lies nowhere")?.join(&manifest.pool);
                Ok(Brought { folder: folder.clone(), keys: keys_beside(folder)?, pool, locked, store: None })
            }
            Self::Stored { bucket, name } => {
                private_folder(mirror)?;
                for object in Shelf::look(bucket)?.objects(name) {
                    let to = mirror.join(inside(&object.name, name)?);
                    to.parent().map_or(Ok(()), private_folder)?;
                    bucket.get_file(&object.name, &to, object.size)?;
                }
                let keys = mirror.join(COPIES).join("records.db");
                keys.parent().map_or(Ok(()), private_folder)?;
                match bucket.get_file(&keys_name(), &keys, LARGEST_KEYS) {
                    // A record from before there were keys has none.
                    Ok(_) => {}
                    Err(Trouble::Missing(_)) => fs::remove_file(&keys)?,
                    Err(other) => return Err(other.into()),
                }
                let store = Some((Arc::clone(bucket), manifest.pool.clone()));
                Ok(Brought { folder: mirror.join(name), keys, pool: mirror.join(&manifest.pool), locked, store })
            }
        }
    }
}

impl Brought {
    /// The file of an image as it is stored, good until the next one is asked for; nothing where it was destroyed.
    pub fn image(&self, image: &Image) -> anyhow::Result<Option<PathBuf>> {
        let plain = self.pool.join(&image.path);
        let Some((bucket, pool)) = &self.store else {
            let from = if self.locked { ended(&plain) } else { plain.clone() };
            return Ok((!is_erased(&plain)).then_some(from));
        };
        private_folder(&self.pool)?;
        let (here, plain) = (self.pool.join("one.part"), format!("{pool}/{}", image.path));
        let name = if self.locked { format!("{plain}.age") } else { plain.clone() };
        // What age adds is a few hundred bytes, and sixteen for each 64 KiB.
        let most = if self.locked {
            image.size.saturating_add(image.size / 1_024).saturating_add(1 << 16)
        } else {
            image.size
        };
        match bucket.get_file(&name, &here, most) {
            Ok(_) => Ok(Some(here)),
            Err(Trouble::Missing(_)) if bucket.size(&mark_of(&plain))?.is_some() => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// `image`: its path in the pool.
    pub fn is_erased(&self, image: &str) -> anyhow::Result<bool> {
        match &self.store {
            None => Ok(is_erased(&self.pool.join(image))),
            Some((bucket, pool)) => Ok(bucket.size(&mark_of(&format!("{pool}/{image}")))?.is_some()),
        }
    }
}

/// Names came from elsewhere: none of them leads out of the folder that they are joined to.
fn inside<'a>(object: &'a str, backup: &str) -> anyhow::Result<&'a str> {
    let rest = object.strip_prefix(backup).and_then(|rest| rest.strip_prefix('/'));
    let fine = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0']);
    ensure!(rest.is_some_and(|rest| rest.split('/').all(fine)), "the store names a file that lies elsewhere");
    if object.len() > 1_024 {
        bail!("the store names a file by more than is a name");
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_store_leads_out_of_the_folder() {
        let backup = "benhan-20261122T013000Z";
        for fine in ["manifest.json", "trust/ca.pem"] {
            assert!(inside(&format!("{backup}/{fine}"), backup).is_ok(), "{fine}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "./a"] {
            assert!(inside(&format!("{backup}/{bad}"), backup).is_err(), "{bad}");
        }
        assert!(inside("benhan-keys/records.db", backup).is_err());
    }
}
