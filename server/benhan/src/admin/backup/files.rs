//! Files of a backup, open or locked, on disk before they count.

use super::lock::{ENDING, Recipients};
use anyhow::Context;
use benhan_store::{Db, DbUrl, backup};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A backup holds patients' data: its owner alone may look inside.
pub fn private_folder(at: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(at)
}

/// Where the files of one backup go.
pub struct Out {
    part: PathBuf,
    /// Files that a tool must write as a whole lie here, unlocked, until they are put into the backup.
    stage: PathBuf,
    pub recipients: Option<Recipients>,
}

impl Out {
    /// What is open is made in its place; what is locked is made in the data folder: nothing unlocked meets the target.
    pub fn new(part: &Path, data: &Path, recipients: Option<Recipients>) -> anyhow::Result<Self> {
        let stage = if recipients.is_some() { data.join(STAGE) } else { part.to_owned() };
        for folder in [part, &stage] {
            private_folder(folder).with_context(|| format!("cannot write to {}", folder.display()))?;
        }
        Ok(Self { part: part.to_owned(), stage, recipients })
    }

    pub fn staged(&self, name: &str) -> PathBuf {
        self.stage.join(name)
    }

    /// Puts what was staged under this name into the backup; the hash of what the backup holds.
    pub fn put(&self, name: &str) -> anyhow::Result<String> {
        let staged = self.staged(name);
        if self.recipients.is_none() {
            File::open(&staged)?.sync_all()?;
            return sha256(&staged);
        }
        let hash = self.stream(name, &mut File::open(&staged)?)?;
        fs::remove_file(&staged)?;
        Ok(hash)
    }

    /// Everything of `from` under this name; the hash of what the backup holds.
    pub fn stream(&self, name: &str, from: &mut dyn Read) -> anyhow::Result<String> {
        let to = self.part.join(name);
        match &self.recipients {
            None => keep(from, &to, None),
            Some(recipients) => {
                keep(from, &ended(&to), Some(recipients))?;
                sha256(&ended(&to))
            }
        }
    }

    /// One consistent copy of a SQLite file that others write to; its hash. Nothing where there is no such file.
    pub fn sqlite(&self, from: &Path, name: &str) -> anyhow::Result<Option<String>> {
        if !from.exists() {
            return Ok(None);
        }
        let to = self.staged(name);
        backup::copy(&mut Db::reader(&DbUrl::Sqlite(from.to_owned()))?, &to)?;
        backup::sound(&mut Db::reader(&DbUrl::Sqlite(to.clone()))?, &to)?;
        self.put(name).map(Some)
    }

    /// Files alone, and no keys.
    pub fn folder(&self, from: &Path, name: &str) -> anyhow::Result<()> {
        fs::create_dir_all(self.part.join(name))?;
        for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
            let entry = entry?;
            let private = entry.path().extension().is_some_and(|e| e == "key");
            if entry.file_type()?.is_file() && !private {
                let inner = entry.file_name().into_string().ok().context("a file with a name that is no text")?;
                self.stream(&format!("{name}/{inner}"), &mut File::open(entry.path())?)?;
            }
        }
        Ok(())
    }
}

/// In the data folder, while a locked backup is made.
pub const STAGE: &str = "backup.part";

/// The same file, locked.
pub fn ended(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ENDING);
    PathBuf::from(name)
}

pub fn write_synced(to: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Copies in one pass, locked where there are recipients; the hash of what was read.
pub fn keep(from: &mut dyn Read, to: &Path, recipients: Option<&Recipients>) -> anyhow::Result<String> {
    let mut from = Hashing { inner: from, hash: Sha256::new() };
    let out = File::create(to)?;
    match recipients {
        None => drop(pour(&mut from, &out)?),
        Some(recipients) => recipients.lock(&mut from, out.try_clone()?)?,
    }
    out.sync_all()?;
    Ok(hex::encode(from.hash.finalize()))
}

pub fn pour<W: Write>(from: &mut dyn Read, mut to: W) -> io::Result<W> {
    let mut piece = vec![0; 1 << 18];
    loop {
        let count = from.read(&mut piece)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(to) };
        to.write_all(bytes)?;
    }
}

struct Hashing<T> {
    inner: T,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Paths of the files below a folder, in order; none where there is no folder. `blobs/ab/abcd….dcm`
pub fn below(root: &Path) -> anyhow::Result<Vec<String>> {
    let (mut found, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        let at = root.join(&folder);
        if !at.exists() {
            continue;
        }
        for entry in fs::read_dir(&at)? {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("a file with a name that is no text")?;
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Streamed: a record may be larger than memory.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    io::copy(&mut file, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}
