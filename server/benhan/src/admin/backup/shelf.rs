//! The backups at a place in an S3 store, as one list shows them.

use super::MANIFEST;
use super::schedule::taken_at;
use benhan_bucket::{Bucket, Object, Trouble};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// How the names of all backups begin.
const BEGINNING: &str = "benhan-2";

pub struct Shelf {
    backups: BTreeMap<String, Vec<Object>>,
}

impl Shelf {
    pub fn look(bucket: &Bucket) -> Result<Self, Trouble> {
        let mut backups = BTreeMap::<String, Vec<Object>>::new();
        for object in bucket.list(BEGINNING)? {
            let Some((backup, _)) = object.name.split_once('/') else { continue };
            if taken_at(Path::new(backup)).is_some() {
                backups.entry(backup.to_owned()).or_default().push(object);
            }
        }
        Ok(Self { backups })
    }

    /// Whole ones, oldest first.
    pub fn finished(&self) -> Vec<&str> {
        self.backups.keys().map(String::as_str).filter(|name| self.is_finished(name)).collect()
    }

    pub fn unfinished(&self) -> impl Iterator<Item = &str> {
        self.backups.keys().map(String::as_str).filter(|name| !self.is_finished(name))
    }

    fn is_finished(&self, name: &str) -> bool {
        self.objects(name).any(|object| object.name == format!("{name}/{MANIFEST}"))
    }

    /// What lies there of one backup.
    pub fn objects(&self, name: &str) -> impl Iterator<Item = &Object> {
        self.backups.get(name).into_iter().flatten()
    }

    pub fn sizes(&self, name: &str) -> HashMap<&str, u64> {
        self.objects(name).map(|object| (object.name.as_str(), object.size)).collect()
    }

    /// Without its manifest it is no backup any more, however far the removal gets.
    pub fn remove(&self, bucket: &Bucket, name: &str) -> Result<(), Trouble> {
        bucket.remove(&format!("{name}/{MANIFEST}"))?;
        self.objects(name).try_for_each(|object| bucket.remove(&object.name))
    }
}
