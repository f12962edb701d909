//! The ZIP file as a stranger's: only the plain kind that [`crate::Writer`] makes is opened at all.
//!
//! No entry that leaves its folder, is a link, is encrypted, comes twice, lies about its size or hides beside the others;
//! and none that unpacks to more than its size lets expect. What is read is never more than was declared.

use crate::finding::Refusal;
use crate::names;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, SeekFrom, Write};
use zip::{CompressionMethod, ZipArchive};

/// A stay of a year stays far below each of these.
pub(crate) const MOST_FILES: usize = 60_000;
pub(crate) const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024 - 2;
const LARGEST_DIRECTORY: u64 = 32 * 1024 * 1024;
pub(crate) const LARGEST_FILE: u64 = 512 * 1024 * 1024;
/// Text of one record packs to a twentieth; a bomb to a thousandth.
const MOST_UNPACKED: u64 = 250;
const SMALL: u64 = 1024 * 1024;
/// A file is read for its hash, for each signature over it and for each sheet that shows it: so many times on average,
/// and no more, whatever a package names how often.
const MOST_READS: u64 = 64;
/// End of the central directory, without a comment.
const END: u64 = 22;

/// Whether a file begins as a ZIP file does.
pub fn is_zip(first: &[u8]) -> bool {
    first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06")
}

pub(crate) struct Archive<R: Read + Seek> {
    zip: ZipArchive<R>,
    places: BTreeMap<String, usize>,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<R: Read + Seek> Archive<R> {
    pub fn open(mut file: R) -> Result<Self, Refusal> {
        let directory = directory(&mut file)?;
        file.seek(SeekFrom::Start(0)).map_err(|_| Refusal::Damaged)?;
        let mut zip = ZipArchive::new(file).map_err(|_| Refusal::Damaged)?;
        if zip.has_duplicate_names() {
            return Err(Refusal::NameTwice);
        }
        if zip.len() != directory.files || zip.offset() != 0 || zip.central_directory_start() != directory.start {
            return Err(Refusal::Damaged);
        }
        let (mut places, mut parts, mut total) = (BTreeMap::new(), Vec::new(), 0_u64);
        let mut folded = BTreeSet::new();
        for place in 0..zip.len() {
            let entry = zip.by_index_raw(place).map_err(|_| Refusal::Damaged)?;
            if entry.encrypted() {
                return Err(Refusal::Encrypted);
            }
            let name = std::str::from_utf8(entry.name_raw()).unwrap_or_default().to_owned();
            if !names::is_plain(&name) {
                return Err(Refusal::UnsafeName);
            }
            if entry.is_symlink() || !entry.is_file() {
                return Err(Refusal::NotAFile);
            }
            if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
                return Err(Refusal::Packing);
            }
            let (packed, size) = (entry.compressed_size(), entry.size());
            total = total.saturating_add(size);
            if size > LARGEST_FILE || total > MOST_BYTES || size > SMALL.max(packed.saturating_mul(MOST_UNPACKED)) {
                return Err(Refusal::Bomb);
            }
            let start = entry.data_start().ok_or(Refusal::Damaged)?;
            parts.push((entry.header_start(), start.saturating_add(packed)));
            // Folded too: on many systems two such names are one file.
            if !folded.insert(name.to_ascii_lowercase()) {
                return Err(Refusal::NameTwice);
            }
            places.insert(name, place);
        }
        if !is_seamless(parts, directory.start) || zip.validate_header_consistency().is_err() {
            return Err(Refusal::Hidden);
        }
        Ok(Self { zip, places, left: total.saturating_add(SMALL).saturating_mul(MOST_READS) })
    }

    /// The package made its reader do more than any honest one does; nothing was read after that.
    pub fn is_exhausted(&self) -> bool {
        self.left == 0
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    pub fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// A whole file of at most `most` bytes; `None` where it is not there, is longer, or cannot be unpacked.
    pub fn read(&mut self, name: &str, most: u64) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        self.copy(name, most, &mut content).map(|_| content)
    }

    /// Size and SHA-256 of a file.
    pub fn hash(&mut self, name: &str) -> Option<(u64, String)> {
        let mut hash = Hashed(Sha256::new());
        let size = self.copy(name, LARGEST_FILE, &mut hash)?;
        Some((size, hex::encode(hash.0.finalize())))
    }

    fn copy(&mut self, name: &str, most: u64, into: &mut impl Write) -> Option<u64> {
        let mut entry = self.zip.by_index(*self.places.get(name)?).ok()?;
        let size = entry.size();
        // Empty files cost something too.
        self.left = self.left.saturating_sub(size.max(1));
        if size > most || self.left == 0 {
            return None;
        }
        let read = io::copy(&mut entry.by_ref().take(size.saturating_add(1)), into).ok()?;
        (read == size).then_some(size)
    }
}

struct Hashed(Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Directory {
    files: usize,
    start: u64,
}

/// The end of the file, before anything is believed or allocated: no comment, no ZIP64, no second disk.
fn directory(file: &mut (impl Read + Seek)) -> Result<Directory, Refusal> {
    let length = file.seek(SeekFrom::End(0)).map_err(|_| Refusal::Damaged)?;
    let at = length.checked_sub(END).ok_or(Refusal::Damaged)?;
    file.seek(SeekFrom::Start(at)).map_err(|_| Refusal::Damaged)?;
    let mut end = [0; 22];
    file.read_exact(&mut end).map_err(|_| Refusal::Damaged)?;
    let short = |at: usize| {
        let bytes = end.get(at..).and_then(|rest| rest.first_chunk::<2>());
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    };
    let long = |at: usize| {
        let bytes = end.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)))
    };
    if !end.starts_with(b"PK\x05\x06") || short(20) != 0 {
        return Err(Refusal::Damaged);
    }
    if length > MOST_BYTES || usize::from(short(10)) > MOST_FILES || long(12) > LARGEST_DIRECTORY {
        return Err(Refusal::TooLarge);
    }
    let whole = short(4) == 0 && short(6) == 0 && short(8) == short(10);
    if !whole || long(16).saturating_add(long(12)) != at {
        return Err(Refusal::Damaged);
    }
    Ok(Directory { files: usize::from(short(10)), start: long(16) })
}

/// Entry follows entry from the first byte to the directory: nothing lies between them.
fn is_seamless(mut parts: Vec<(u64, u64)>, directory: u64) -> bool {
    parts.sort_unstable();
    let mut end = 0;
    for (from, to) in parts {
        if from != end {
            return false;
        }
        end = to;
    }
    end == directory
}

#[cfg(test)]
mod tests;
