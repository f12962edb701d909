//! Where downtime kits lie: the newest of each ward in the data folder, and what is known of the copies elsewhere.
//!
//! Every file here is locked with a ward's password. A kit's name says when it was made, so that a file alone tells all
//! that a restart must know.

use crate::config::Downtime;
use benhan_domain::id::WardId;
use benhan_domain::time::Instant;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// What a write that was killed left behind is removed after this long.
const LEFT_BEHIND: Duration = Duration::from_secs(3_600);

pub struct Kits {
    folder: PathBuf,
    pub settings: Downtime,
    /// One for each of `settings.to`: a write there has not come back yet.
    pub busy: Vec<Arc<AtomicBool>>,
    /// Woken when a kit is due before its time: its password was set.
    pub due: Notify,
    held: Mutex<BTreeMap<WardId, Held>>,
}

/// What is known of one ward's kit.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub made: Option<Made>,
    /// Why the last one was not made; none once one was.
    pub failed: Option<Failed>,
    /// By the place in `settings.to`.
    pub copies: BTreeMap<usize, Copy>,
    /// When the trail last had a row about copies of it.
    pub noted: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub at: Instant,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub since: Instant,
    /// For whoever repairs it; names no patient.
    pub reason: String,
}

/// One folder's copy of it.
#[derive(Clone, Debug, Default)]
pub struct Copy {
    /// When the kit that lies there was made.
    pub made: Option<Instant>,
    pub failed: Option<Failed>,
}

impl Kits {
    /// `folder` is made when the first kit is; what lies in it from before counts.
    pub fn new(folder: PathBuf, settings: Downtime) -> Self {
        let busy = settings.to.iter().map(|_| Arc::default()).collect();
        let held =
            on_disk(&folder).into_iter().map(|(ward, made)| (ward, Held { made: Some(made), ..Held::default() }));
        let held = Mutex::new(held.collect());
        Self { folder, settings, busy, due: Notify::new(), held }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<WardId, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn of(&self, ward: WardId) -> Held {
        self.held().get(&ward).cloned().unwrap_or_default()
    }

    pub fn change(&self, ward: WardId, change: impl FnOnce(&mut Held)) {
        change(self.held().entry(ward).or_default());
    }

    pub fn all(&self) -> Vec<(WardId, Held)> {
        self.held().iter().map(|(ward, held)| (*ward, held.clone())).collect()
    }

    pub fn file(&self, ward: WardId, made: Instant) -> PathBuf {
        self.folder.join(name(ward, made))
    }

    /// Puts a new kit in the place of the one before.
    pub fn keep(&self, ward: WardId, at: Instant, locked: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        write_whole(&self.folder, &name(ward, at), locked)?;
        let made = Made { at, bytes: u64::try_from(locked.len()).unwrap_or(u64::MAX) };
        let before = self.held().get(&ward).and_then(|held| held.made);
        self.change(ward, |held| (held.made, held.failed) = (Some(made), None));
        if let Some(before) = before.filter(|before| before.at != at) {
            // One more than needed harms nobody: the next start takes the newest.
            drop(fs::remove_file(self.file(ward, before.at)));
        }
        Ok(())
    }

    /// The newest kit of a ward, locked; none where none was made yet.
    pub fn newest(&self, ward: WardId) -> io::Result<Option<(Instant, Vec<u8>)>> {
        // It may be replaced while it is read: then there is a newer one.
        for _ in 0..3 {
            let Some(made) = self.of(ward).made else { return Ok(None) };
            match fs::read(self.file(ward, made.at)) {
                Ok(bytes) => return Ok(Some((made.at, bytes))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// `<ward>.<µs>.pdf`
fn name(ward: WardId, made: Instant) -> String {
    format!("{ward}.{}.pdf", made.0)
}

fn on_disk(folder: &Path) -> BTreeMap<WardId, Made> {
    let mut found: BTreeMap<WardId, Made> = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let mut parts = file.to_str().unwrap_or_default().split('.');
        let (Some(Ok(ward)), Some(Ok(at)), Some("pdf"), None) =
            (parts.next().map(str::parse::<WardId>), parts.next().map(str::parse::<i64>), parts.next(), parts.next())
        else {
            continue;
        };
        let made = Made { at: Instant(at), bytes: entry.metadata().map_or(0, |of| of.len()) };
        if found.get(&ward).is_none_or(|newest| newest.at < made.at) {
            found.insert(ward, made);
        }
    }
    found
}

/// Writes a file whole or not at all: whatever ends this, under `name` lies what lay there or what is new.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    forget_leftovers(folder, name);
    // Two servers may write the same kit to one folder.
    let part = folder.join(format!(".{name}.{}.part", uuid::Uuid::now_v7().simple()));
    let written = write_through(&part, bytes).and_then(|()| fs::rename(&part, folder.join(name)));
    if written.is_err() {
        drop(fs::remove_file(&part));
    }
    written?;
    // A share of another system may have no folders to sync; the file itself is on it.
    drop(File::open(folder).and_then(|folder| folder.sync_all()));
    Ok(())
}

fn write_through(part: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(part)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn forget_leftovers(folder: &Path, name: &str) {
    let begins = format!(".{name}.");
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let file = file.to_str().unwrap_or_default();
        let old = |at: SystemTime| SystemTime::now().duration_since(at).is_ok_and(|age| age > LEFT_BEHIND);
        let changed = entry.metadata().and_then(|of| of.modified());
        if file.starts_with(&begins) && file.ends_with(".part") && changed.is_ok_and(old) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_newest_kit_is_found_again_and_the_one_before_is_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (ward, kits) = (WardId(Uuid::from_u128(7)), Kits::new(dir.path().join("downtime"), Downtime::default()));
        assert_eq!(kits.newest(ward).expect("a look"), None);
        for (at, bytes) in [(5, b"one"), (9, b"two")] {
            kits.keep(ward, Instant(at), bytes).expect("kept");
        }
        let again = Kits::new(dir.path().join("downtime"), Downtime::default());
        assert_eq!(again.newest(ward).expect("a look"), Some((Instant(9), b"two".to_vec())));
        assert_eq!(fs::read_dir(dir.path().join("downtime")).expect("a folder").count(), 1);
    }

    #[test]
    fn a_write_that_was_killed_leaves_the_old_file_and_no_litter() {
        let dir = tempfile::tempdir().expect("a folder");
        write_whole(dir.path(), "kit.pdf", b"old").expect("written");
        let left = dir.path().join(".kit.pdf.0.part");
        fs::write(&left, b"half of the ne").expect("a write that was killed");
        assert_eq!(fs::read(dir.path().join("kit.pdf")).expect("a file"), b"old");
        let yesterday = SystemTime::now() - Duration::from_secs(86_400);
        File::options().write(true).open(&left).expect("it").set_modified(yesterday).expect("an age");
        write_whole(dir.path(), "kit.pdf", b"new").expect("written");
        assert_eq!(fs::read(dir.path().join("kit.pdf")).expect("a file"), b"new");
        assert!(!left.exists());
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_the_old_and_no_part() {
        let dir = tempfile::tempdir().expect("a folder");
        // A folder under that name: the rename fails after everything was written.
        fs::create_dir(dir.path().join("kit.pdf")).expect("a folder");
        assert!(write_whole(dir.path(), "kit.pdf", b"new").is_err());
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }
}
