//! What lies at a place, and taking it away.

use crate::bucket::Bucket;
use crate::call::With;
use crate::trouble::Trouble;
use crate::xml;
use rusty_s3::actions::ListObjectsV2;

/// Objects in one list, at most: a shelf of images, or the files of some hundred backups.
const MOST: usize = 1_000_000;
/// Rounds of unfinished uploads, a thousand each.
const ROUNDS: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// As the place calls it.
    pub name: String,
    pub size: u64,
    /// In hexadecimal, where the store's mark is one: of what was put in one request it often is the MD5.
    pub mark: String,
}

impl Bucket {
    /// Every object whose name begins so, by name.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn list(&self, beginning: &str) -> Result<Vec<Object>, Trouble> {
        self.pages(beginning, false).map(|(objects, _)| objects)
    }

    /// The folders right below, as far as names have slashes: `benhan-images`.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn folders(&self, beginning: &str) -> Result<Vec<String>, Trouble> {
        self.pages(beginning, true).map(|(_, folders)| folders)
    }

    fn pages(&self, beginning: &str, folders: bool) -> Result<(Vec<Object>, Vec<String>), Trouble> {
        let before = self.place.before();
        let prefix = format!("{before}{beginning}");
        let (mut objects, mut found, mut from) = (Vec::new(), Vec::new(), None::<String>);
        loop {
            let list = || {
                let mut list = self.at.list_objects_v2(Some(&self.credentials));
                list.with_prefix(prefix.clone());
                if folders {
                    list.with_delimiter("/");
                }
                if let Some(from) = &from {
                    list.with_continuation_token(from.clone());
                }
                list
            };
            let page = self.wait(self.ask_text(list, &With::default()))?;
            let page = ListObjectsV2::parse_response(&page).map_err(|_| Trouble::Nonsense("no list"))?;
            for object in page.contents {
                let name = object.key.strip_prefix(&before).ok_or(Trouble::Nonsense("a list of another place"))?;
                let mark = object.etag.unwrap_or_default().trim_matches('"').to_ascii_lowercase();
                objects.push(Object { name: name.to_owned(), size: object.size.unwrap_or(0), mark });
            }
            for folder in page.common_prefixes {
                let name = folder.prefix.strip_prefix(&before).ok_or(Trouble::Nonsense("a list of another place"))?;
                found.push(name.trim_end_matches('/').to_owned());
            }
            let next = page.next_continuation_token;
            if next.is_some() && next == from {
                return Err(Trouble::Nonsense("a list that does not go on"));
            }
            from = next;
            if objects.len().max(found.len()) > MOST {
                return Err(Trouble::Nonsense("a list without end"));
            }
            if from.is_none() {
                return Ok((objects, found));
            }
        }
    }

    /// Gone when this returns, also where there was none.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn remove(&self, name: &str) -> Result<(), Trouble> {
        let key = self.key(name)?;
        match self.wait(self.ask(|| self.at.delete_object(Some(&self.credentials), &key), &With::default())) {
            Ok(_) | Err(Trouble::Missing(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Forgets what a killed program left of uploads; how many there were. Nobody else may be uploading to this place.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn abort_left(&self) -> Result<usize, Trouble> {
        let (before, mut count) = (self.place.before(), 0_usize);
        for _ in 0..ROUNDS {
            let list = || {
                // The bucket itself is the object with the empty name.
                let mut list = self.at.get_object(Some(&self.credentials), "");
                rusty_s3::S3Action::query_mut(&mut list).insert("uploads", "");
                rusty_s3::S3Action::query_mut(&mut list).insert("prefix", before.clone());
                list
            };
            let left = xml::uploads(&self.wait(self.ask_text(list, &With::default()))?);
            let ours: Vec<_> =
                left.into_iter().filter(|(key, _)| key.starts_with(&before) && !key.is_empty()).collect();
            if ours.is_empty() {
                break;
            }
            for (key, upload) in &ours {
                let abort = || self.at.abort_multipart_upload(Some(&self.credentials), key, upload);
                match self.wait(self.ask(abort, &With::default())) {
                    Ok(_) | Err(Trouble::Missing(_)) => count = count.saturating_add(1),
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(count)
    }
}
