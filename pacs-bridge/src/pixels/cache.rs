//! Decoded and rendered frames on disk, the least recently used leaving first. Nothing here needs a backup: each is sealed
//! with a key that only this process knows.

use benhan_keys::{FileKey, Opened};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A bounded folder of finished frames.
pub(crate) struct FrameCache {
    folder: PathBuf,
    limit: u64,
    index: Mutex<Index>,
}

#[derive(Default)]
struct Index {
    entries: HashMap<String, Entry>,
    total: u64,
    /// Counts uses, so that the oldest can be told.
    clock: u64,
}

struct Entry {
    size: u64,
    used: u64,
    key: FileKey,
}

impl FrameCache {
    /// Empties the folder: what a former run left is not in the index.
    pub(crate) fn new(folder: PathBuf, limit_mib: u64) -> Self {
        if let Ok(entries) = fs::read_dir(&folder) {
            entries.flatten().for_each(|entry| remove(&entry.path()));
        }
        Self { folder, limit: limit_mib.saturating_mul(1024 * 1024), index: Mutex::default() }
    }

    /// It stays readable even if it leaves the cache meanwhile.
    pub(crate) fn get(&self, key: &str) -> Option<Opened> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.clock = index.clock.saturating_add(1);
        let used = index.clock;
        let entry = index.entries.get_mut(key)?;
        entry.used = used;
        Opened::with_key(File::open(self.folder.join(key)).ok()?, &entry.key).ok()
    }

    /// Where a frame is written before it is put.
    pub(crate) fn draft(&self, name: uuid::Uuid) -> Draft {
        Draft { path: self.folder.join(format!("{name}.part")) }
    }

    /// Takes a finished draft in, and lets others go to make room.
    pub(crate) fn put(&self, draft: &Draft, key: &str, sealed_with: FileKey) -> io::Result<Opened> {
        let file = File::open(&draft.path)?;
        let size = file.metadata()?.len();
        let opened = Opened::with_key(file, &sealed_with)?;
        fs::rename(&draft.path, self.folder.join(key))?;
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.clock = index.clock.saturating_add(1);
        let entry = Entry { size, used: index.clock, key: sealed_with };
        if let Some(replaced) = index.entries.insert(key.to_owned(), entry) {
            index.total = index.total.saturating_sub(replaced.size);
        }
        index.total = index.total.saturating_add(size);
        while index.total > self.limit {
            let oldest = index.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            if let Some(entry) = index.entries.remove(&oldest) {
                index.total = index.total.saturating_sub(entry.size);
            }
            remove(&self.folder.join(oldest));
        }
        Ok(opened)
    }
}

/// A frame under way. What was not put is removed with it: a request may be dropped at any point.
#[derive(Debug)]
pub(crate) struct Draft {
    path: PathBuf,
}

impl Draft {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.path.exists() {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(cause) = fs::remove_file(path) {
        tracing::debug!(%cause, "a cached frame could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_keys::Sealing;

    #[test]
    fn the_least_recently_used_leaves_first() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FrameCache::new(dir.path().to_owned(), 1);
        let half = 600 * 1024;
        let put = |key: &str| {
            let draft = cache.draft(uuid::Uuid::nil());
            let (mut sealing, mut sealed) = (Sealing::begin().unwrap(), Vec::new());
            sealing.push(&vec![1; half], &mut sealed).unwrap();
            let sealed_with = sealing.finish(&mut sealed).unwrap();
            fs::write(draft.path(), sealed).unwrap();
            cache.put(&draft, key, sealed_with).unwrap();
        };
        put("a");
        put("b");
        assert!(cache.get("a").is_none() && cache.get("b").is_some());
        assert!(!dir.path().join("a").exists());
    }

    #[test]
    fn a_frame_that_nobody_waits_for_any_more_leaves_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let cache = FrameCache::new(dir.path().to_owned(), 1);
        let draft = cache.draft(uuid::Uuid::nil());
        fs::write(draft.path(), b"half").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
