//! The folders of the library, and what is done to them at start: a crash leaves no half file visible.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where things lie. No name below ever comes from a peer.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) incoming: PathBuf,
    pub(crate) blobs: PathBuf,
    pub(crate) derived: PathBuf,
    pub(crate) journal: PathBuf,
    /// There once every image is sealed.
    pub(crate) sealed: PathBuf,
}

impl Places {
    /// `blobs/ab/abcd….dcm`. One level: ten years of a district hospital are some 10 million instances, 40,000 a folder,
    /// and the 256 folders are there before the first image comes.
    pub(crate) fn blob(&self, sha256: &str) -> PathBuf {
        self.shelf(sha256).join(format!("{sha256}.dcm"))
    }

    /// The folder of a hash.
    pub(crate) fn shelf(&self, sha256: &str) -> PathBuf {
        self.blobs.join(sha256.get(..2).unwrap_or(sha256))
    }
}

/// Makes the folders (readable by their owner alone) and removes what a crash left in `incoming/`.
pub(crate) fn prepare(data_dir: &Path) -> io::Result<Places> {
    let places = Places {
        incoming: data_dir.join("incoming"),
        blobs: data_dir.join("blobs"),
        derived: data_dir.join("derived"),
        journal: data_dir.join("journal.db"),
        sealed: data_dir.join("sealed"),
    };
    for folder in [&places.incoming, &places.blobs, &places.derived] {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    for shelf in u8::MIN..=u8::MAX {
        DirBuilder::new().recursive(true).mode(0o700).create(places.blobs.join(format!("{shelf:02x}")))?;
    }
    File::open(&places.blobs)?.sync_all()?;
    let mut swept = 0_u64;
    for entry in fs::read_dir(&places.incoming)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "part") {
            fs::remove_file(&path)?;
            swept = swept.saturating_add(1);
        }
    }
    if swept > 0 {
        tracing::warn!(swept, "unfinished instances of the last run were removed; none had been acknowledged");
    }
    File::open(data_dir)?.sync_all()?;
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_parts_are_gone_after_a_start() {
        let dir = tempfile::tempdir().unwrap();
        let places = prepare(dir.path()).unwrap();
        fs::write(places.incoming.join("a.part"), b"half").unwrap();
        fs::write(places.incoming.join("note.txt"), b"not ours").unwrap();
        prepare(dir.path()).unwrap();
        let left: Vec<_> = fs::read_dir(&places.incoming).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["note.txt"]);
    }
}
