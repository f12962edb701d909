//! The store of wrapped keys and the master key that opens it: two files that lie apart and are made together.

use crate::{Key, KeyError, Keyring};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Both, made for a new place. Where one of the two is missing nothing is made in its stead: a new key would call
/// everything that is there unreadable.
///
/// # Errors
/// Which of the two is missing or does not fit, and where it is put back from.
pub fn made_once(store: &Path, master: &Path) -> Result<Keyring, KeyError> {
    if !store.exists() {
        let no = |cause: io::Error| KeyError::Store { file: store.to_owned(), cause: cause.to_string() };
        let part = store.with_extension("part");
        for file in [store, master] {
            file.parent().map_or(Ok(()), fs::create_dir_all).map_err(no)?;
        }
        if !master.exists() {
            drop(fs::remove_file(&part));
            let fresh = Key::random()?;
            let hex = fresh.to_hex();
            drop(Keyring::open_or_make(&part, fresh)?);
            write_private(master, hex.as_bytes()).map_err(no)?;
        }
        // Made whole before the master key was kept: what a start left that was cut off here.
        if !part.exists() {
            return Err(KeyError::NoStore(store.to_owned()));
        }
        fs::rename(&part, store).map_err(no)?;
        store.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).map_err(no)?;
    }
    opened_with(store, master)
}

/// Both, where they are there.
///
/// # Errors
/// As [`made_once`].
pub fn opened_with(store: &Path, master: &Path) -> Result<Keyring, KeyError> {
    let text = fs::read_to_string(master).map(Zeroizing::new).map_err(|_| KeyError::NoMaster(master.to_owned()))?;
    let key = Key::from_hex(&text).ok_or_else(|| KeyError::BadMaster(master.to_owned()))?;
    Keyring::open(store, key)
}

/// Whole or not at all, and for its owner alone.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: SEC-5
    #[test]
    fn the_keys_are_made_once_and_missed_when_half_of_them_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, master) = (folder.path().join("keys/records.db"), folder.path().join("secrets/records.key"));
        let made = || made_once(&store, &master);
        let id = made().expect("new").id().to_owned();
        assert_eq!(made().expect("there").id(), id);
        let kept = fs::read(&master).expect("the master key");
        fs::remove_file(&master).expect("lost");
        assert!(made().err().expect("refused").to_string().contains("put the folder secrets/ back"));
        fs::write(&master, kept).expect("put back");
        fs::rename(&store, store.with_extension("part")).expect("as a start leaves it that was cut off");
        assert_eq!(made().expect("finished").id(), id);
        fs::remove_file(&store).expect("lost");
        assert!(made().err().expect("refused").to_string().contains("benhan-keys/records.db"));
        fs::write(&master, "ab").expect("written");
        assert!(opened_with(&store, &master).err().expect("refused").to_string().contains("no 32-byte key"));
    }
}
