//! Objects are put whole: one request, or parts that become an object together. Each carries a checksum, so that the store
//! refuses what was damaged on its way.

use crate::bucket::Bucket;
use crate::call::With;
use crate::list::Object;
use crate::trouble::{self, Trouble};
use crate::xml;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use reqwest::Response;
use rusty_s3::actions::CreateMultipartUpload;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What is longer goes in parts of this size, or of more where there would be too many.
pub const PART: u64 = 8 << 20;
/// S3 takes ten thousand.
const MOST_PARTS: u64 = 9_000;

/// How putting what must not be there yet came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum New {
    Put,
    /// The very same lies there already.
    Same,
    /// Something else does, and was left alone.
    Another,
}

impl Bucket {
    /// May we list, write and delete there, and does the bucket forget what is deleted? Nothing is left of the question.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn welcomes(&self) -> Result<(), Trouble> {
        const PROBE: &str = "benhan-probe";
        self.folders(PROBE)?;
        let put = self.put(PROBE, b"may I write here?".to_vec());
        self.remove(PROBE)?;
        put
    }

    /// In the place of what was there, which the bucket must not keep.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Trouble> {
        let key = self.key(name)?;
        forgets(&self.wait(self.put_one(&key, bytes.into(), false))?)
    }

    /// Only where nothing lies under this name. The store itself is asked to refuse, and those that know no condition are
    /// looked at before.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn put_new(&self, name: &str, bytes: &[u8]) -> Result<New, Trouble> {
        let most = bytes.len().saturating_add(1);
        let there = |found: Option<Vec<u8>>| found.map(|found| if found == bytes { New::Same } else { New::Another });
        if let Some(there) = there(self.begins(name, most)?) {
            return Ok(there);
        }
        let key = self.key(name)?;
        match self.wait(self.put_one(&key, Bytes::copy_from_slice(bytes), true)) {
            Ok(_) => Ok(New::Put),
            // Somebody came before, or the answer to our own first try was lost.
            Err(Trouble::Taken) => there(self.begins(name, most)?).ok_or(Trouble::Taken),
            Err(other) => Err(other),
        }
    }

    /// A file of any size, in bounded memory.
    ///
    /// # Errors
    /// [`Trouble`]; then nothing is there under this name that was not there before.
    pub fn put_file(&self, name: &str, file: &Path) -> Result<(), Trouble> {
        let io = |error: &std::io::Error| Trouble::io(file, error);
        let mut from = File::open(file).map_err(|e| io(&e))?;
        let size = from.metadata().map_err(|e| io(&e))?.len();
        let mut next = |part: u64| -> Result<Bytes, Trouble> {
            let mut bytes = Vec::new();
            (&mut from).take(part).read_to_end(&mut bytes).map_err(|e| io(&e))?;
            Ok(bytes.into())
        };
        let key = self.key(name)?;
        if size <= PART {
            let bytes = next(PART.saturating_add(1))?;
            return forgets(&self.wait(self.put_one(&key, bytes, false))?);
        }
        let part = PART.max(size.div_ceil(MOST_PARTS));
        let upload = self.wait(self.begin(&key))?;
        let done = self.wait(async {
            let (mut etags, mut left) = (Vec::new(), size);
            while left > 0 {
                let bytes = next(part.min(left))?;
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                if length != part.min(left) {
                    return Err(Trouble::Io(format!("{} became shorter", file.display())));
                }
                left -= length;
                etags.push(self.part(&key, &upload, etags.len(), bytes).await?);
            }
            self.complete(&key, &upload, &etags, size).await
        });
        if done.is_err() {
            // What a store keeps of an unfinished upload is paid for and seen by nobody.
            let abort = || self.at.abort_multipart_upload(Some(&self.credentials), &key, &upload);
            if let Err(error) = self.last(self.ask(abort, &With::default())) {
                tracing::warn!(%error, "an unfinished upload stays at the store until the next one");
            }
        }
        done
    }

    async fn put_one(&self, key: &str, bytes: Bytes, new: bool) -> Result<Response, Trouble> {
        let mut headers = vec![("content-md5", checksum(&bytes))];
        if new {
            headers.push(("if-none-match", "*".into()));
        }
        let with = With { headers, body: Some(bytes) };
        self.ask(|| self.at.put_object(Some(&self.credentials), key), &with).await
    }

    async fn begin(&self, key: &str) -> Result<String, Trouble> {
        let create = || self.at.create_multipart_upload(Some(&self.credentials), key);
        let answer = self.ask_text(create, &With::default()).await?;
        let read =
            CreateMultipartUpload::parse_response(&answer).map_err(|_| Trouble::Nonsense("no id of an upload"))?;
        Ok(read.upload_id().to_owned())
    }

    async fn part(&self, key: &str, upload: &str, before: usize, bytes: Bytes) -> Result<String, Trouble> {
        let number = u16::try_from(before.saturating_add(1)).map_err(|_| Trouble::Nonsense("too many parts"))?;
        let with = With { headers: vec![("content-md5", checksum(&bytes))], body: Some(bytes) };
        let answer = self.ask(|| self.at.upload_part(Some(&self.credentials), key, number, upload), &with).await?;
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
        etag.map(str::to_owned).ok_or(Trouble::Nonsense("a part without its mark"))
    }

    async fn complete(&self, key: &str, upload: &str, etags: &[String], size: u64) -> Result<(), Trouble> {
        let complete = || {
            self.at.complete_multipart_upload(Some(&self.credentials), key, upload, etags.iter().map(String::as_str))
        };
        let with = With { headers: Vec::new(), body: Some(complete().body().into()) };
        match self.ask(complete, &with).await {
            Ok(answer) => {
                let forgets = forgets(&answer);
                // S3 may find out that it fails after it has said 200.
                let said = crate::call::read(answer, 1 << 16).await?;
                let said = String::from_utf8_lossy(&said);
                match xml::first(&said, "Code") {
                    Some(code) => Err(trouble::of(500, &code)),
                    None => forgets,
                }
            }
            // The answer to an earlier try was lost, and the upload is an object already.
            Err(Trouble::Missing(_)) if self.measured(key).await? == Some(size) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

impl Object {
    /// Where this is false it may be so all the same: not every store marks objects by their MD5.
    pub fn is_surely(&self, bytes: &[u8]) -> bool {
        let hex: String = Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        self.mark == hex
    }
}

/// A bucket with versions says so with each object that it takes.
fn forgets(answer: &Response) -> Result<(), Trouble> {
    let keeps = answer.headers().get("x-amz-version-id").is_some_and(|id| id.as_bytes() != b"null");
    if keeps { Err(Trouble::KeepsOld) } else { Ok(()) }
}
