//! Packs files as they come and remembers each one's hash. Nothing but the list is kept in memory.
//!
//! The same record packed twice gives the same bytes but for what names the moment: the order is the caller's, no entry
//! has a date.

use crate::archive::{LARGEST_FILE, MOST_BYTES, MOST_FILES};
use crate::manifest::{FORMAT, Listed, Manifest, Origin, VERSION};
use crate::names;
use crate::verify::LARGEST_MANIFEST;
use benhan_sign::cms::{SignError, canonical_json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

#[derive(Debug, thiserror::Error)]
pub enum PackError {
    #[error("the package could not be written: {0}")]
    Io(#[from] io::Error),
    #[error("the package could not be written: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error(transparent)]
    Json(#[from] SignError),
    /// Ours to fix: a name that no verifier would take.
    #[error("no name for a file of a package: {0}")]
    Name(String),
    /// No verifier would open it.
    #[error("the record is larger than a package may be")]
    TooLarge,
}

/// The manifest and its seal come last.
const LAST: usize = 2;

/// One package in the making.
pub struct Writer<W: Write + Seek> {
    zip: ZipWriter<W>,
    files: BTreeMap<String, Listed>,
    size: u64,
}

impl<W: Write + Seek> Writer<W> {
    pub fn new(into: W) -> Self {
        Self { zip: ZipWriter::new(into), files: BTreeMap::new(), size: 0 }
    }

    /// How many files are in it.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Whether a file of this name is in it.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Adds a file whole.
    pub fn add(&mut self, path: &str, content: &[u8]) -> Result<(), PackError> {
        self.add_by(path, |into| Ok::<_, PackError>(into.write_all(content)?))
    }

    /// Adds a file that `fill` writes piece by piece.
    pub fn add_by<E: From<PackError>>(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        if !names::is_plain(path) || self.has(path) || [names::MANIFEST, names::MANIFEST_SEAL].contains(&path) {
            return Err(PackError::Name(path.to_owned()).into());
        }
        if self.count().saturating_add(LAST) >= MOST_FILES {
            return Err(PackError::TooLarge.into());
        }
        self.zip.start_file(path, options(path)).map_err(PackError::from)?;
        let most = LARGEST_FILE.min(MOST_BYTES.saturating_sub(LARGEST_MANIFEST).saturating_sub(self.size));
        let mut counted = Counted { into: &mut self.zip, hash: Sha256::new(), size: 0, most };
        fill(&mut counted)?;
        if counted.size > most {
            return Err(PackError::TooLarge.into());
        }
        self.size = self.size.saturating_add(counted.size);
        let listed = Listed { path: path.to_owned(), size: counted.size, sha256: hex::encode(counted.hash.finalize()) };
        self.files.insert(path.to_owned(), listed);
        Ok(())
    }

    /// Closes the package with its manifest and the seal over it, where the hospital holds one.
    pub fn finish<E: From<PackError>>(
        mut self,
        origin: Origin,
        seal: impl FnOnce(&[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<W, E> {
        let files = std::mem::take(&mut self.files).into_values().collect();
        let manifest = Manifest { format: FORMAT.to_owned(), version: VERSION, origin, files };
        let manifest = canonical_json(&manifest).map_err(PackError::from)?;
        self.last(names::MANIFEST, &manifest)?;
        if let Some(cms) = seal(&manifest)? {
            self.last(names::MANIFEST_SEAL, &cms)?;
        }
        Ok(self.zip.finish().map_err(PackError::from)?)
    }

    fn last(&mut self, path: &str, content: &[u8]) -> Result<(), PackError> {
        self.zip.start_file(path, options(path))?;
        Ok(self.zip.write_all(content)?)
    }
}

/// What is packed already is stored as it is.
fn options(path: &str) -> SimpleFileOptions {
    let packed = path.ends_with(".pdf") || path.ends_with(".p7s");
    SimpleFileOptions::default()
        .compression_method(if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated })
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600)
}

struct Counted<'a, W> {
    into: &'a mut W,
    hash: Sha256,
    size: u64,
    most: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is over the bound is counted and not written: who fills learns of it when it is done.
        let size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > self.most {
            self.size = size;
            return Ok(bytes.len());
        }
        let written = self.into.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.size = self.size.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
