//! Places in an S3 store where backups lie, each opened once, by the key that the hospital has set.

use crate::image_pools::removed_in;
use benhan_bucket::{Bucket, CancellationToken, Place, Store, Trouble};
use benhan_store::keys::{COPIES, COPY, Elsewhere};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Everything here blocks. Without a store nothing is reached.
#[derive(Default)]
pub struct Buckets {
    store: Option<Store>,
    stop: CancellationToken,
    opened: Mutex<HashMap<Place, Arc<Bucket>>>,
}

impl Buckets {
    /// What is under way ends when `stop` is cancelled.
    pub fn new(store: Option<Store>, stop: CancellationToken) -> Self {
        Self { store, stop, opened: Mutex::default() }
    }

    pub fn open(&self, place: &Place) -> Result<Arc<Bucket>, Trouble> {
        let store = self.store.as_ref().ok_or_else(|| Trouble::Address("it is not set".into()))?;
        let Ok(mut opened) = self.opened.lock() else { return Err(Trouble::Stopped) };
        if let Some(bucket) = opened.get(place) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(store.open(place, self.stop.clone())?);
        opened.insert(place.clone(), Arc::clone(&bucket));
        Ok(bucket)
    }

    fn named(&self, place: &str) -> Result<Arc<Bucket>, Trouble> {
        let place = Place::parse(place).map_err(|error| Trouble::Address(error.to_string()))?;
        self.open(&place)
    }

    /// Takes the images of these hashes out of every pool there.
    pub fn remove_images(&self, place: &str, hashes: &[String]) -> Result<(), Trouble> {
        removed_in(self.named(place)?.as_ref(), hashes)
    }
}

/// The keys' copy beside the backups there.
pub fn keys_name() -> String {
    format!("{COPIES}/{COPY}")
}

impl Elsewhere for Buckets {
    fn has_keys(&self, place: &str) -> bool {
        match self.named(place).and_then(|bucket| bucket.size(&keys_name())) {
            Ok(size) => size.is_some(),
            Err(trouble) => {
                tracing::warn!(place, %trouble, "a place of backups is away");
                false
            }
        }
    }

    fn replace_keys(&self, place: &str, file: &Path) -> Result<(), String> {
        let put = self.named(place).and_then(|bucket| bucket.put_file(&keys_name(), file));
        put.map_err(|trouble| {
            tracing::error!(place, %trouble, "the copy of the keys could not be replaced");
            trouble.to_string()
        })
    }
}
