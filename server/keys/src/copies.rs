//! Copies of the key file, one beside all the backups of a target: never in a backup, so that a shredded key is gone from
//! the old ones too.

use super::elsewhere::is_elsewhere;
use super::{KeyError, Keyring};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// In the target, beside the backups.
pub const FOLDER: &str = "benhan-keys";
pub const NAME: &str = "records.db";

/// How one target fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    Done,
    /// The target is away: a medium that lies in a cupboard, a share that is not mounted.
    Away,
}

/// A folder, or a place elsewhere, that has or had a copy of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As it is known: a path, or `s3://…`.
    pub folder: String,
    pub copied_at: i64,
    /// Its copy can be reached now. Without its copy it is another disk in the same place, or none.
    pub there: bool,
}

impl Keyring {
    /// Replaces the copy in `target` by the keys as they are now, and remembers the target. Whole or not at all.
    pub fn copy_to(&self, target: &Path, at: i64) -> Result<(), KeyError> {
        self.replaced(target).map_err(|e| KeyError::Store { file: target.join(FOLDER), cause: e.to_string() })?;
        let target = target.canonicalize().map_err(|e| self.broken(e))?;
        let name = target.to_str().ok_or_else(|| self.broken("a path is not UTF-8"))?;
        self.held()?.vault.note_target(name, at).map_err(|e| self.broken(e))
    }

    /// Every target that has a copy, each brought up to date where it is there.
    pub fn copy_everywhere(&self, at: i64) -> Result<Vec<(String, Copied)>, KeyError> {
        let targets = self.targets()?;
        let mut fared = Vec::with_capacity(targets.len());
        for Target { folder, there, .. } in targets {
            let done = match there {
                // What goes over a network may fail on the way: then it is away, and waited for.
                true if is_elsewhere(&folder) => self.copy_elsewhere(&folder, at).is_ok(),
                true => self.copy_to(Path::new(&folder), at).map(|()| true)?,
                false => false,
            };
            fared.push((folder, if done { Copied::Done } else { Copied::Away }));
        }
        Ok(fared)
    }

    /// Every target that is known, by name.
    pub fn targets(&self) -> Result<Vec<Target>, KeyError> {
        let known = self.held()?.vault.targets().map_err(|e| self.broken(e))?;
        let target = |(folder, copied_at): (String, i64)| {
            let there = match is_elsewhere(&folder) {
                true => self.is_there(&folder),
                false => Path::new(&folder).join(FOLDER).join(NAME).exists(),
            };
            Target { folder, copied_at, there }
        };
        Ok(known.into_iter().map(target).collect())
    }

    /// A medium that will never come back: it was destroyed itself. False when nothing is known of it.
    pub fn forget_target(&self, folder: &str) -> Result<bool, KeyError> {
        self.held()?.vault.forget_target(folder).map_err(|e| self.broken(e))
    }

    fn replaced(&self, target: &Path) -> std::io::Result<()> {
        let folder = target.join(FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        // A backup and a destruction may come together: the later one copies what the earlier one shredded.
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        let (whole, part) = (folder.join(NAME), folder.join("records.part"));
        if part.exists() {
            fs::remove_file(&part)?;
        }
        let name = part.to_str().ok_or_else(|| std::io::Error::other("a path is not UTF-8"))?;
        let copied = self.held().map(|mut held| held.vault.copy(name));
        copied.map_err(std::io::Error::other)?.map_err(std::io::Error::other)?;
        File::open(&part)?.sync_all()?;
        let old = OpenOptions::new().write(true).open(&whole).ok();
        fs::rename(&part, &whole)?;
        File::open(&folder)?.sync_all()?;
        old.map_or(Ok(()), overwritten)
    }
}

/// What an unlinked file held is wrapped and of no use without `secrets/`; still it need not lie there.
fn overwritten(mut old: File) -> std::io::Result<()> {
    let mut left = old.metadata()?.len();
    old.seek(SeekFrom::Start(0))?;
    let zeros = [0_u8; 4_096];
    while left > 0 {
        let piece = zeros.get(..usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len())).unwrap_or(&zeros);
        old.write_all(piece)?;
        left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
    }
    old.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use benhan_domain::id::EncounterId;
    use uuid::Uuid;

    // Clauses: RET-x
    #[test]
    fn a_shredded_key_is_gone_from_every_target_that_is_there_and_the_others_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let master = || Key::from_hex(&"01".repeat(32)).expect("a key");
        let keys = Keyring::open_or_make(&folder.path().join("records.db"), master()).expect("new");
        let record = EncounterId(Uuid::from_u128(1));
        keys.to_seal(record, 7).expect("a key");
        let targets = ["here", "away"].map(|name| folder.path().canonicalize().expect("a folder").join(name));
        for target in &targets {
            fs::create_dir(target).expect("a folder");
            keys.copy_to(target, 8).expect("copied");
        }
        let old = fs::read(targets[0].join(FOLDER).join(NAME)).expect("the copy");
        fs::rename(&targets[1], folder.path().join("cupboard")).expect("unmounted");
        keys.shred(record, 9).expect("shredded");
        let fared = keys.copy_everywhere(10).expect("done");
        let names = targets.map(|t| t.to_str().expect("a path").to_owned());
        assert_eq!(fared, [(names[1].clone(), Copied::Away), (names[0].clone(), Copied::Done)]);
        let copy = targets_copy(&names[0]);
        assert_ne!(fs::read(&copy).expect("the copy"), old);
        let opened = Keyring::open(&copy, master()).expect("a key store");
        assert!(matches!(opened.to_open(record), Err(KeyError::Shredded(_))));
        let known: Vec<_> =
            keys.targets().expect("read").into_iter().map(|t| (t.folder, t.copied_at, t.there)).collect();
        assert_eq!(known, [(names[1].clone(), 8, false), (names[0].clone(), 10, true)]);
        assert!(keys.forget_target(&names[1]).expect("forgotten") && !keys.forget_target(&names[1]).expect("once"));
    }

    fn targets_copy(target: &str) -> std::path::PathBuf {
        Path::new(target).join(FOLDER).join(NAME)
    }
}
