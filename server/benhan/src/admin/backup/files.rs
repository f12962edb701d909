//! Copies of single files, on disk before they count.

use anyhow::Context;
use benhan_store::{Db, DbUrl, backup};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// A backup holds patients' data: its owner alone may look inside.
pub fn private_folder(at: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(at)
}

/// One consistent copy of a SQLite file that others write to; its hash. Nothing where there is no such file.
pub fn sqlite(from: &Path, to: &Path) -> anyhow::Result<Option<String>> {
    if !from.exists() {
        return Ok(None);
    }
    backup::copy(&mut Db::reader(&DbUrl::Sqlite(from.to_owned()))?, to)?;
    backup::sound(&mut Db::reader(&DbUrl::Sqlite(to.to_owned()))?, to)?;
    File::open(to)?.sync_all()?;
    sha256(to).map(Some)
}

/// Files alone, and no keys.
pub fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let private = entry.path().extension().is_some_and(|e| e == "key");
        if entry.file_type()?.is_file() && !private {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

pub fn write_synced(to: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(to)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Copies and hashes in one pass.
pub fn copy_hashed(from: &Path, to: &Path) -> anyhow::Result<String> {
    let (mut read, mut write, mut hash) = (File::open(from)?, File::create(to)?, Sha256::new());
    let mut piece = vec![0; 1 << 18];
    loop {
        let count = read.read(&mut piece)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        write.write_all(bytes)?;
    }
    write.sync_all()?;
    Ok(hex::encode(hash.finalize()))
}

/// Streamed: a record may be larger than memory.
pub fn sha256(path: &Path) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    std::io::copy(&mut file, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}
