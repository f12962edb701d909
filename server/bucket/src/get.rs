//! Objects read: small ones whole, large ones into a file, going on where a connection broke.

use crate::bucket::Bucket;
use crate::call::{With, piece, read};
use crate::trouble::Trouble;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// A connection may break so often before a download is given up.
const TRIES: usize = 6;

impl Bucket {
    /// Nothing where there is none.
    ///
    /// # Errors
    /// [`Trouble`], also for one that is longer than `most`.
    pub fn get(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Trouble> {
        let key = self.key(name)?;
        self.wait(async {
            match self.ask(|| self.at.get_object(Some(&self.credentials), &key), &With::default()).await {
                Ok(answer) => read(answer, most).await.map(Some),
                Err(Trouble::Missing(_)) => Ok(None),
                Err(other) => Err(other),
            }
        })
    }

    /// Its first bytes.
    pub(crate) fn begins(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Trouble> {
        let key = self.key(name)?;
        self.wait(async {
            let answer = self.ask(|| self.at.get_object(Some(&self.credentials), &key), &With::default()).await;
            let mut answer = match answer {
                Ok(answer) => answer,
                Err(Trouble::Missing(_)) => return Ok(None),
                Err(other) => return Err(other),
            };
            let mut bytes = Vec::new();
            while bytes.len() < most
                && let Some(next) = piece(&mut answer).await?
            {
                bytes.extend(next.iter().take(most.saturating_sub(bytes.len())));
            }
            Ok(Some(bytes))
        })
    }

    /// Its length; nothing where there is none.
    ///
    /// # Errors
    /// [`Trouble`]
    pub fn size(&self, name: &str) -> Result<Option<u64>, Trouble> {
        let key = self.key(name)?;
        self.wait(self.measured(&key))
    }

    pub(crate) async fn measured(&self, key: &str) -> Result<Option<u64>, Trouble> {
        match self.ask(|| self.at.head_object(Some(&self.credentials), key), &With::default()).await {
            Ok(answer) => {
                let length = answer.headers().get("content-length").and_then(|l| l.to_str().ok()?.parse().ok());
                length.map(Some).ok_or(Trouble::Nonsense("an object without a length"))
            }
            Err(Trouble::Missing(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Everything of an object into a new file, on disk when this returns; its length.
    ///
    /// # Errors
    /// [`Trouble`], also for one that is longer than `most`.
    pub fn get_file(&self, name: &str, to: &Path, most: u64) -> Result<u64, Trouble> {
        let key = self.key(name)?;
        let io = |error: std::io::Error| Trouble::io(to, &error);
        let mut file = File::create(to).map_err(io)?;
        let (mut done, mut etag) = (0_u64, None::<String>);
        self.wait(async {
            for _ in 0..TRIES {
                let mut with = With::default();
                if let Some(etag) = etag.as_ref().filter(|_| done > 0) {
                    with.headers = vec![("if-match", etag.clone()), ("range", format!("bytes={done}-"))];
                }
                let answer = self.ask(|| self.at.get_object(Some(&self.credentials), &key), &with).await;
                let mut answer = answer.map_err(|trouble| match trouble {
                    Trouble::Missing(_) => Trouble::Missing(name.to_owned()),
                    other => other,
                })?;
                if answer.status().as_u16() != 206 {
                    done = 0;
                    file.set_len(0).map_err(io)?;
                    file.seek(SeekFrom::Start(0)).map_err(io)?;
                }
                etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok()).map(str::to_owned);
                loop {
                    match piece(&mut answer).await {
                        Ok(Some(bytes)) => {
                            done = done.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                            if done > most {
                                return Err(Trouble::Nonsense("an object that is longer than it was"));
                            }
                            file.write_all(&bytes).map_err(io)?;
                        }
                        Ok(None) => {
                            file.sync_all().map_err(io)?;
                            return Ok(done);
                        }
                        Err(Trouble::Away(_)) => break,
                        Err(other) => return Err(other),
                    }
                }
            }
            Err(Trouble::Away("the connection breaks again and again".into()))
        })
    }
}
