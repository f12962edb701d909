//! Images on a disk, for whoever has the folder and the keys and no bridge: a drill, a handover.

use super::Blob;
use benhan_keys::{Keyring, Opened};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

const PIECE: u64 = 256 * 1024;

/// SHA-256 of the dataset in a file of the library, by which the record knows it; blocking.
///
/// # Errors
/// The file cannot be read, was changed or cut, its key is not there, or it is no image.
pub fn dataset_sha256(path: &Path, keys: &Keyring) -> io::Result<String> {
    let blob = Blob::of(Opened::open(File::open(path)?, keys)?)?;
    let mut hash = Sha256::new();
    pieces(blob.file().as_ref(), blob.in_file(0), |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(hex::encode(hash.finalize()))
}

/// Writes a file of the library as any DICOM program reads it (PS3.10); blocking.
///
/// # Errors
/// As [`dataset_sha256`], and where `to` takes no more.
pub fn write_plain(path: &Path, keys: &Keyring, to: &mut impl Write) -> io::Result<()> {
    pieces(&Opened::open(File::open(path)?, keys)?, 0, |piece| to.write_all(piece))
}

/// From an offset to the end, in order.
pub(super) fn pieces(file: &Opened, from: u64, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let (mut at, mut piece) = (from, Vec::new());
    while at < file.length() {
        let size = file.length().saturating_sub(at).min(PIECE);
        piece.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
        file.read_exact_at(&mut piece, at)?;
        take(&piece)?;
        at = at.saturating_add(size);
    }
    Ok(())
}
