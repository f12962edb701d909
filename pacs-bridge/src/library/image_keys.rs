//! Which key an image is sealed with: one for each study of one patient, and another after each start.
//!
//! The patient counts, because a study's UID may come under two of them: what is kept apart for a person must not go with
//! the record of the other.

use super::describe::Description;
use benhan_keys::{FileKey, ImagesId, KeyError, Keyring, Opened, Sealing, header_of, images_of};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Studies that are under way at one time are few.
const MOST_KNOWN: usize = 1_024;

pub(crate) struct ImageKeys {
    keyring: Keyring,
    known: Mutex<HashMap<Whose, ImagesId>>,
    /// Between its key and its row in the journal an image must not meet the end of that key.
    going: RwLock<()>,
}

/// Study UID, patient ID and its issuer, as the modality says them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Whose(pub(crate) String, pub(crate) String, pub(crate) String);

impl Whose {
    pub(super) fn of(described: &Description) -> Self {
        let study = described.place.as_ref().map_or("", |(study, _)| study.as_str());
        Self(study.to_owned(), described.patient_id.clone(), described.issuer.clone())
    }
}

impl ImageKeys {
    pub(crate) fn new(keyring: Keyring) -> Self {
        Self { keyring, known: Mutex::default(), going: RwLock::new(()) }
    }

    /// Held while an image is kept.
    pub(crate) async fn keeping(&self) -> RwLockReadGuard<'_, ()> {
        self.going.read().await
    }

    /// As [`ImageKeys::keeping`], on a thread that may wait.
    pub(super) fn keeping_here(&self) -> RwLockReadGuard<'_, ()> {
        self.going.blocking_read()
    }

    /// Held while a study goes.
    pub(crate) async fn erasing(&self) -> RwLockWriteGuard<'_, ()> {
        self.going.write().await
    }

    /// The beginning of a file of theirs; blocking.
    pub(super) fn header(&self, key: &FileKey, whose: Whose, at: i64) -> Result<[u8; Sealing::HEADER], KeyError> {
        let of = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_KNOWN && !known.contains_key(&whose) {
                known.clear();
            }
            *known.entry(whose).or_insert_with(ImagesId::fresh)
        };
        key.header(&self.keyring, of, at)
    }

    /// Blocking.
    pub(crate) fn open(&self, file: File) -> io::Result<Opened> {
        Opened::open(file, &self.keyring)
    }

    /// Destroys the keys of a study's files, which nothing opens any more wherever a copy lies; blocking. Twice is as good
    /// as once.
    pub(super) fn shred(&self, study: &str, files: impl Iterator<Item = File>, at: i64) -> io::Result<()> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|whose, _| whose.0 != study);
        for file in files {
            if let Some(images) = whose_key(&file)? {
                self.keyring.shred(images, at).map_err(io::Error::other)?;
            }
        }
        Ok(())
    }

    /// Gives a file that is kept apart for a person a key of its own, before the one that it came under is shredded; blocking.
    /// The header lies within one sector: a disk writes it whole or not at all.
    pub(super) fn set_apart(&self, file: &File, at: i64) -> io::Result<()> {
        let Some(header) = header_of(file)? else { return Ok(()) };
        match FileKey::moved(&header, &self.keyring, ImagesId::fresh(), at) {
            Ok(Some(header)) => {
                file.write_all_at(&header, 0)?;
                file.sync_data()
            }
            Ok(None) => Ok(()),
            // From a backup of before its key went: nobody reads it any more, and the study must not wait for it.
            Err(KeyError::Shredded(_)) => Ok(()),
            Err(cause) => Err(io::Error::other(cause)),
        }
    }
}

/// Nothing for a file from before images were sealed.
pub(super) fn whose_key(file: &File) -> io::Result<Option<ImagesId>> {
    Ok(header_of(file)?.as_ref().and_then(images_of))
}
