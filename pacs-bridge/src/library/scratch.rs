//! A file in `incoming/` that removes itself unless it was shelved.

use rustix::fs::{Advice, fadvise};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Scratch {
    /// Nothing once the file lies elsewhere.
    path: Option<PathBuf>,
    file: File,
    length: u64,
}

impl Scratch {
    /// `incoming/<name>.part`; the name is the bridge's own.
    pub(super) fn begin(incoming: &Path, name: uuid::Uuid) -> io::Result<Self> {
        let path = incoming.join(format!("{name}.part"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path: Some(path), file, length: 0 })
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let (from, length) = (self.length, u64::try_from(bytes.len()).map_err(io::Error::other)?);
        self.length = from.saturating_add(length);
        // Linux begins to write such a range out at once, so the sync at the end finds most of it done. A kernel that takes
        // no advice loses nothing but time.
        fadvise(&self.file, from, NonZeroU64::new(length), Advice::DontNeed).unwrap_or_default();
        Ok(())
    }

    /// Fills what was left free at the beginning.
    pub(super) fn write_head(&self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, 0)
    }

    /// The bytes are on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Lets `rename` put the file elsewhere; it stays there when that succeeds.
    pub(super) fn moved(&mut self, rename: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        if let Some(path) = &self.path {
            rename(path)?;
            self.path = None;
        }
        Ok(())
    }

    /// From now on this disk refuses: the device takes bytes but cannot be synced.
    #[cfg(test)]
    pub(super) fn fail_to_sync(&mut self) {
        self.file = OpenOptions::new().write(true).open("/dev/null").unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = self.path.take()
            && let Err(cause) = fs::remove_file(&path)
        {
            tracing::warn!(%cause, "an unfinished instance could not be removed; the next start does it");
        }
    }
}
