//! A key for each record and for each study's images, so that what is encrypted with it can be destroyed wherever a copy
//! of it lies.
//!
//! The keys lie wrapped in a file of their own beside the record's database, never in it; what unwraps them lies in
//! `secrets/`. Both together, and the record, read a payload; a backup of the record alone reads nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use uuid::Uuid;
use zeroize::Zeroizing;

mod cipher;
mod copies;
mod elsewhere;
mod holder;
mod pair;
mod sealed_file;
mod vault;

pub use cipher::{Key, Place};
pub use copies::{Copied, FOLDER as COPIES, NAME as COPY, Target};
pub use elsewhere::{Elsewhere, is_elsewhere};
pub use holder::{Holder, ImagesId};
pub use pair::{made_once, opened_with};
pub use sealed_file::{FileKey, Opened, Sealing, header_of, images_of};
use vault::{Row, Vault};

/// Keys in memory at once; reading one again costs a look into the file.
const MOST_CACHED: usize = 4_096;
const CHECK: &str = "benhan/master/1";

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{} is not there: put it back from TARGET/benhan-keys/records.db beside the backups", .0.display())]
    NoStore(PathBuf),
    #[error("{} is missing: put the folder secrets/ back. Without it no record can be read", .0.display())]
    NoMaster(PathBuf),
    #[error("{} holds no 32-byte key", .0.display())]
    BadMaster(PathBuf),
    #[error("secrets/records.key does not open {}: put back the secrets/ that belongs to it", .0.display())]
    OtherMaster(PathBuf),
    #[error("cannot use the key store {}: {cause}", file.display())]
    Store { file: PathBuf, cause: String },
    #[error("the copy of the keys at {place}: {cause}")]
    Elsewhere { place: String, cause: String },
    #[error(
        "{} holds the keys of another record: put back the keys/records.db and the secrets/ of this one (the newest copy \
         of the keys is TARGET/benhan-keys/records.db, beside the backups)", .0.display()
    )]
    OtherRecord(PathBuf),
    #[error("the key of {0} is not in the key store: put back the newest benhan-keys/records.db of the backups")]
    Missing(Holder),
    /// It was destroyed: nothing of it can be read any more.
    #[error("the key of {0} is shredded: the record was destroyed")]
    Shredded(Holder),
    #[error("what lies under the key of {0} was changed")]
    Changed(Holder),
    #[error("this command was started without the records' keys")]
    NotGiven,
    #[error("no randomness, or no cipher")]
    Random,
}

/// Cheap to clone; every connection of a process shares one.
#[derive(Clone)]
pub struct Keyring {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    id: String,
    master: Key,
    held: Mutex<Held>,
    elsewhere: OnceLock<Arc<dyn Elsewhere>>,
}

struct Held {
    vault: Vault,
    cache: HashMap<Holder, Arc<Key>>,
}

impl Keyring {
    /// A store that is there.
    pub fn open(file: &Path, master: Key) -> Result<Self, KeyError> {
        if !file.exists() {
            return Err(KeyError::NoStore(file.to_owned()));
        }
        Self::open_or_make(file, master)
    }

    /// For a new hospital: the file is made where there is none.
    pub fn open_or_make(file: &Path, master: Key) -> Result<Self, KeyError> {
        let mut vault = Vault::open(file)?;
        let no = |e: diesel::result::Error| KeyError::Store { file: file.to_owned(), cause: e.to_string() };
        if vault.check().map_err(no)?.is_none() {
            vault.set_check(&master.seal(CHECK, Uuid::now_v7().to_string().as_bytes())?).map_err(no)?;
        }
        let other = || KeyError::OtherMaster(file.to_owned());
        let id = vault.check().map_err(no)?.and_then(|sealed| master.open(CHECK, &sealed)).ok_or_else(other)?;
        let id = String::from_utf8(id).map_err(|_| other())?;
        let held = Mutex::new(Held { vault, cache: HashMap::new() });
        Ok(Self { inner: Arc::new(Inner { file: file.to_owned(), id, master, held, elsewhere: OnceLock::new() }) })
    }

    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// By which a record knows its own key store.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    fn held(&self) -> Result<MutexGuard<'_, Held>, KeyError> {
        self.inner.held.lock().map_err(|_| self.broken("a thread that held it panicked"))
    }

    fn broken(&self, cause: impl ToString) -> KeyError {
        KeyError::Store { file: self.inner.file.clone(), cause: cause.to_string() }
    }

    /// The key to write with: the holder's, which is on disk before this returns, or the first one.
    pub fn to_seal(&self, of: impl Into<Holder>, at: i64) -> Result<Arc<Key>, KeyError> {
        let holder = of.into();
        match self.to_open(holder) {
            Err(KeyError::Missing(_)) => {
                let fresh = Key::random()?;
                let wrapped = self.inner.master.seal(&bound_to(holder), fresh.bytes())?;
                self.held()?.vault.add(&holder.name(), &wrapped, at).map_err(|e| self.broken(e))?;
                self.to_open(holder)
            }
            found => found,
        }
    }

    /// The key that the holder's things were written with.
    pub fn to_open(&self, of: impl Into<Holder>) -> Result<Arc<Key>, KeyError> {
        let holder = of.into();
        let mut held = self.held()?;
        if let Some(key) = held.cache.get(&holder) {
            return Ok(Arc::clone(key));
        }
        let wrapped = match held.vault.key(&holder.name()).map_err(|e| self.broken(e))? {
            Row::None => return Err(KeyError::Missing(holder)),
            Row::Shredded => return Err(KeyError::Shredded(holder)),
            Row::Wrapped(wrapped) => wrapped,
        };
        let bytes = self.inner.master.open(&bound_to(holder), &wrapped).map(Zeroizing::new);
        let bytes = bytes.ok_or_else(|| self.broken(format!("the key of {holder} was changed")))?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| self.broken("a key of another length"))?;
        let key = Arc::new(Key::from_bytes(Zeroizing::new(bytes)));
        if held.cache.len() >= MOST_CACHED {
            held.cache.clear();
        }
        held.cache.insert(holder, Arc::clone(&key));
        Ok(key)
    }

    /// Destroys a holder's key here, for ever; twice is once. Its copies are [`copies`]' to replace.
    pub fn shred(&self, of: impl Into<Holder>, at: i64) -> Result<(), KeyError> {
        let holder = of.into();
        let mut held = self.held()?;
        held.cache.remove(&holder);
        held.vault.shred(&holder.name(), at).map_err(|e| self.broken(e))
    }

    /// Records whose key was shredded, with when. Not those of images: they went with their record.
    pub fn shredded(&self) -> Result<Vec<(String, Option<i64>)>, KeyError> {
        let all = self.held()?.vault.shredded().map_err(|e| self.broken(e))?;
        Ok(all.into_iter().filter(|(name, _)| !ImagesId::is_name(name)).collect())
    }
}

fn bound_to(holder: Holder) -> String {
    format!("benhan/key/1\n{}", holder.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use benhan_domain::id::EncounterId;
    use std::sync::Barrier;
    use std::thread;

    fn master(n: u8) -> Key {
        Key::from_bytes(Zeroizing::new([n; 32]))
    }

    fn record(n: u128) -> EncounterId {
        EncounterId(Uuid::from_u128(n))
    }

    #[test]
    fn a_key_is_there_again_after_a_restart_and_is_not_in_the_file_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("records.db");
        let sealed = {
            let keys = Keyring::open_or_make(&file, master(1)).expect("new");
            keys.to_seal(record(1), 7).expect("a key").seal("here", "lời khai".as_bytes()).expect("sealed")
        };
        let keys = Keyring::open(&file, master(1)).expect("there");
        let key = keys.to_open(record(1)).expect("its key");
        assert_eq!(key.open("here", &sealed).as_deref(), Some("lời khai".as_bytes()));
        let bytes = std::fs::read(&file).expect("the file");
        assert!(!bytes.windows(32).any(|at| at == key.bytes()), "wrapped");
        assert!(matches!(keys.to_open(record(2)), Err(KeyError::Missing(_))));
    }

    #[test]
    fn another_master_key_or_no_file_says_what_to_put_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("records.db");
        let gone = Keyring::open(&file, master(1)).err().expect("refused").to_string();
        assert!(gone.contains("put it back from TARGET/benhan-keys/records.db"), "{gone}");
        Keyring::open_or_make(&file, master(1)).expect("new");
        let other = Keyring::open(&file, master(2)).err().expect("refused").to_string();
        assert!(other.contains("put back the secrets/"), "{other}");
    }

    // Clauses: RET-x
    #[test]
    fn a_shredded_key_is_gone_from_memory_and_file_and_never_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("records.db");
        let keys = Keyring::open_or_make(&file, master(1)).expect("new");
        keys.to_seal(record(1), 7).expect("a key");
        let Row::Wrapped(wrapped) = keys.held().expect("held").vault.key(&record(1).to_string()).expect("read") else {
            panic!("it is there");
        };
        keys.shred(record(1), 8).expect("shredded");
        keys.shred(record(1), 9).expect("twice is once");
        assert!(matches!(keys.to_open(record(1)), Err(KeyError::Shredded(_))));
        assert!(matches!(keys.to_seal(record(1), 10), Err(KeyError::Shredded(_))));
        keys.shred(record(2), 8).expect("one that had none");
        assert!(matches!(keys.to_seal(record(2), 10), Err(KeyError::Shredded(_))));
        let bytes = std::fs::read(&file).expect("the file");
        assert!(!bytes.windows(wrapped.len()).any(|at| at == wrapped), "overwritten where it stood");
    }

    #[test]
    fn two_that_write_a_records_first_word_use_one_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("records.db");
        let start = Barrier::new(2);
        let two = [(); 2].map(|()| Keyring::open_or_make(&file, master(1)).expect("two processes"));
        let keys: Vec<_> = thread::scope(|scope| {
            let ask = |keys: &Keyring| {
                start.wait();
                keys.to_seal(record(1), 7).expect("a key").bytes().to_vec()
            };
            let asked: Vec<_> = two.iter().map(|keys| scope.spawn(move || ask(keys))).collect();
            asked.into_iter().map(|one| one.join().expect("done")).collect()
        });
        assert_eq!(keys[0], keys[1]);
    }
}
