//! The header of a stored instance: its elements up to the pixels, in memory within a limit.

use super::reply::Problem;
use crate::library::{Blob, StoredInstance};
use crate::transfer_syntax::{layout, layout_from_name};
use benhan_dimse::dataset::{Element, Encoding, TreeLimits, parse};
use flate2::read::DeflateDecoder;
use std::io::Read;

/// An enhanced multi-frame image of a thousand frames has about 2 MiB.
const MAX_HEADER: u64 = 8 * 1024 * 1024;

/// The header's bytes and how they are laid out.
#[derive(Debug)]
pub(crate) struct Header {
    bytes: Vec<u8>,
    pub(crate) encoding: Encoding,
}

impl Header {
    /// Reads the header; blocking.
    pub(crate) fn read(blob: &Blob, instance: &StoredInstance) -> Result<Self, Problem> {
        let size = u64::try_from(instance.header_size).unwrap_or(u64::MAX);
        if size > MAX_HEADER {
            return Err(Problem::NotRendered("the header is larger than 8 MiB".to_owned()));
        }
        let deflated = layout(&instance.transfer_syntax).is_some_and(|layout| layout.deflated);
        let bytes = if deflated {
            let mut bytes = Vec::new();
            let inflate = DeflateDecoder::new(std::io::BufReader::new(BlobReader { blob, at: 0 }));
            inflate.take(size).read_to_end(&mut bytes).map_err(Problem::broken)?;
            bytes
        } else {
            blob.beginning(size).map_err(Problem::broken)?
        };
        Ok(Self { bytes, encoding: layout_from_name(&instance.layout) })
    }

    pub(crate) fn elements(&self) -> Result<Vec<Element<'_>>, Problem> {
        parse(&self.bytes, self.encoding, &crate::dictionary::vr_of, TreeLimits::default())
            .map_err(|cause| Problem::NotRendered(format!("the header cannot be read: {cause}")))
    }
}

struct BlobReader<'a> {
    blob: &'a Blob,
    at: u64,
}

impl Read for BlobReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.blob.size().saturating_sub(self.at)).unwrap_or(usize::MAX);
        let size = out.len().min(left);
        let part = out.get_mut(..size).unwrap_or_default();
        self.blob.read_exact(part, self.at)?;
        self.at = self.at.saturating_add(u64::try_from(size).unwrap_or(0));
        Ok(size)
    }
}
