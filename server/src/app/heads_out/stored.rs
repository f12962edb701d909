//! Heads in an S3 store, under the names that they have in a folder. The store is asked to refuse a second one of a name;
//! a bucket that is locked against changes keeps it from those who could still delete.

use super::NotThere;
use benhan_bucket::{Bucket, New, Object};
use std::collections::HashMap;

/// Of more heads than these the store is asked for a list, and not for each.
const FEW: usize = 8;

pub struct Shelf<'a> {
    bucket: &'a Bucket,
    known: HashMap<String, Object>,
}

impl<'a> Shelf<'a> {
    pub fn look(bucket: &'a Bucket, heads: usize) -> Result<Self, NotThere> {
        let listed = if heads > FEW { bucket.list("")? } else { Vec::new() };
        let known = listed.into_iter().map(|object| (object.name.clone(), object)).collect();
        Ok(Self { bucket, known })
    }

    /// Whether it is new; nothing where something else lies there.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<Option<bool>, NotThere> {
        if self.known.get(name).is_some_and(|object| object.is_surely(bytes)) {
            return Ok(Some(false));
        }
        Ok(match self.bucket.put_new(name, bytes)? {
            New::Put => Some(true),
            New::Same => Some(false),
            New::Another => None,
        })
    }
}
