//! Copies of the key file at places that are no folder of this machine. Who reaches those is handed in; what lies there
//! follows the same rules as in a folder.

use super::{KeyError, Keyring};
use std::fs::{self, File};
use std::path::Path;

/// The way to places of backups that are no folders.
pub trait Elsewhere: Send + Sync {
    /// Whether a copy of the keys lies there and can be reached now.
    fn has_keys(&self, place: &str) -> bool;

    /// Replaces the copy there, whole or not at all.
    ///
    /// # Errors
    /// In words for whoever runs the hospital.
    fn replace_keys(&self, place: &str, file: &Path) -> Result<(), String>;
}

/// `s3://…` and the like. A folder's path begins with a slash once it is known.
pub fn is_elsewhere(target: &str) -> bool {
    target.contains("://")
}

impl Keyring {
    /// Hands in who reaches places elsewhere, once for all clones. Without, such a place is away.
    pub fn reach(&self, by: std::sync::Arc<dyn Elsewhere>) {
        // The first one stands: they are all made of the same configuration.
        drop(self.inner.elsewhere.set(by));
    }

    pub(crate) fn is_there(&self, place: &str) -> bool {
        self.inner.elsewhere.get().is_some_and(|by| by.has_keys(place))
    }

    /// As [`Keyring::copy_to`], for a place elsewhere.
    pub fn copy_elsewhere(&self, place: &str, at: i64) -> Result<(), KeyError> {
        let by = self.inner.elsewhere.get().ok_or_else(|| self.broken("nobody reaches places elsewhere"))?;
        self.replaced_elsewhere(place, by.as_ref())
            .map_err(|cause| KeyError::Elsewhere { place: place.to_owned(), cause })?;
        self.held()?.vault.note_target(place, at).map_err(|e| self.broken(e))
    }

    fn replaced_elsewhere(&self, place: &str, by: &dyn Elsewhere) -> Result<(), String> {
        let (part, lock) = (self.file().with_extension("leaving"), self.file().with_extension("leaving.lock"));
        // A backup and a destruction may come together, in two processes: the later one sends what the earlier one shredded.
        let lock = File::create(lock).map_err(|e| e.to_string())?;
        lock.lock().map_err(|e| e.to_string())?;
        if part.exists() {
            fs::remove_file(&part).map_err(|e| e.to_string())?;
        }
        let name = part.to_str().ok_or("a path is not UTF-8")?;
        let copied = self.held().map(|mut held| held.vault.copy(name)).map_err(|e| e.to_string())?;
        copied.map_err(|e| e.to_string())?;
        let sent = by.replace_keys(place, &part);
        fs::remove_file(&part).map_err(|e| e.to_string())?;
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::super::copies::{Copied, Target};
    use super::*;
    use crate::Key;
    use benhan_domain::id::EncounterId;
    use std::sync::{Arc, Mutex};
    use uuid::Uuid;

    #[derive(Default)]
    struct There {
        copy: Mutex<Option<Vec<u8>>>,
        away: Mutex<bool>,
    }

    impl Elsewhere for There {
        fn has_keys(&self, place: &str) -> bool {
            assert_eq!(place, "s3://kho/noi");
            !*self.away.lock().expect("whole") && self.copy.lock().expect("whole").is_some()
        }

        fn replace_keys(&self, _: &str, file: &Path) -> Result<(), String> {
            if *self.away.lock().expect("whole") {
                return Err("away".into());
            }
            *self.copy.lock().expect("whole") = Some(fs::read(file).expect("a copy"));
            Ok(())
        }
    }

    // Clauses: RET-x
    #[test]
    fn a_shredded_key_is_gone_from_a_place_elsewhere_and_one_that_is_away_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let master = || Key::from_hex(&"01".repeat(32)).expect("a key");
        let keys = Keyring::open_or_make(&folder.path().join("records.db"), master()).expect("new");
        let record = EncounterId(Uuid::from_u128(1));
        keys.to_seal(record, 7).expect("a key");
        let place = "s3://kho/noi";
        assert!(keys.copy_elsewhere(place, 8).is_err(), "nobody reaches it");
        assert!(keys.targets().expect("read").is_empty());
        let there = Arc::new(There::default());
        keys.reach(there.clone());
        keys.clone().copy_elsewhere(place, 8).expect("copied");
        keys.shred(record, 9).expect("shredded");
        *there.away.lock().expect("whole") = true;
        assert_eq!(keys.copy_everywhere(10).expect("done"), [(place.to_owned(), Copied::Away)]);
        let known = |copied_at, there| [Target { folder: place.to_owned(), copied_at, there }];
        assert_eq!(keys.targets().expect("read"), known(8, false));
        *there.away.lock().expect("whole") = false;
        assert_eq!(keys.copy_everywhere(11).expect("done"), [(place.to_owned(), Copied::Done)]);
        assert_eq!(keys.targets().expect("read"), known(11, true));
        let copy = folder.path().join("from-there.db");
        fs::write(&copy, there.copy.lock().expect("whole").as_ref().expect("a copy")).expect("written");
        let opened = Keyring::open(&copy, master()).expect("a key store");
        assert!(matches!(opened.to_open(record), Err(KeyError::Shredded(_))));
        let left = fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("an entry").file_name());
        assert!(left.into_iter().all(|name| name != "records.leaving"), "no copy stays here");
    }
}
