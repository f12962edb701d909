//! A stored dataset, opened for reading by ranges.

use super::Library;
use benhan_keys::Opened;
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Preamble, `DICM`, and (0002,0000) UL of four bytes: the length of the rest of group 0002.
const GROUP_LENGTH_END: u64 = 144;

/// One blob. All offsets count from the dataset's first byte.
pub(crate) struct Blob {
    file: Arc<Opened>,
    dataset: u64,
    size: u64,
}

impl Blob {
    /// Opens the blob of a hash that the journal knows; blocking.
    pub(crate) fn open(library: &Library, sha256: &str) -> io::Result<Self> {
        Self::of(library.keys.open(File::open(library.places.blob(sha256))?)?)
    }

    pub(super) fn of(file: Opened) -> io::Result<Self> {
        let mut length = [0; 4];
        file.read_exact_at(&mut length, GROUP_LENGTH_END.saturating_sub(4))?;
        let dataset = GROUP_LENGTH_END.saturating_add(u64::from(u32::from_le_bytes(length)));
        let size = file.length().saturating_sub(dataset);
        Ok(Self { file: Arc::new(file), dataset, size })
    }

    /// Bytes of the dataset.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the file, its own header included.
    pub(crate) fn file_size(&self) -> u64 {
        self.size.saturating_add(self.dataset)
    }

    pub(crate) fn file(&self) -> Arc<Opened> {
        Arc::clone(&self.file)
    }

    /// Where an offset into the dataset lies in the file.
    pub(crate) fn in_file(&self, offset: u64) -> u64 {
        self.dataset.saturating_add(offset)
    }

    pub(crate) fn read_exact(&self, out: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(out, self.in_file(offset))
    }

    /// At most `limit` bytes from the beginning of the dataset.
    pub(crate) fn beginning(&self, limit: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.size.min(limit)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.read_exact(&mut bytes, 0)?;
        Ok(bytes)
    }
}
