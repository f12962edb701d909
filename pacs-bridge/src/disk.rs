//! How much room the library's volume has left.

use rustix::fs::statvfs;
use std::path::PathBuf;

/// The watermark under which nothing new is taken.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
    min_free_percent: u8,
}

impl Disk {
    pub(crate) fn new(folder: PathBuf, min_free_percent: u8) -> Self {
        Self { folder, min_free_percent }
    }

    /// Whether an instance may begin. A volume that cannot be asked has none.
    pub(crate) fn has_room(&self) -> bool {
        match statvfs(&self.folder) {
            Ok(volume) => {
                let free = volume.f_bavail.saturating_mul(100);
                free >= volume.f_blocks.saturating_mul(u64::from(self.min_free_percent))
            }
            Err(cause) => {
                tracing::error!(%cause, "the library's volume cannot be asked for its free space");
                false
            }
        }
    }
}
