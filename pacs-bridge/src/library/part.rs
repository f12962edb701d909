//! A dataset on its way in: written behind a Part 10 header, hashed, walked and sealed as it comes.

use super::Library;
use super::describe::{Description, Undescribed};
use super::image_keys::Whose;
use super::scratch::Scratch;
use super::shelf::shelve;
use crate::transfer_syntax::Layout;
use benhan_contract::Micros;
use benhan_dimse::dataset::{DatasetWriter, Encoding, Tag, Vr, WalkError, WalkLimits, Walker};
use benhan_dimse::{AeTitle, Uid};
use benhan_keys::{KeyError, Sealing};
use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest, Sha256};
use std::io;
use uuid::Uuid;

const IMPLEMENTATION_UID: &str = crate::IMPLEMENTATION_UID;
/// Of a deflated dataset, so much is inflated in search of the pixels.
const MAX_INFLATED: u64 = 16 * 1024 * 1024;

/// Why a dataset was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartError {
    #[error("the file cannot be written")]
    Disk(#[from] io::Error),
    #[error("the image has no key")]
    Key(#[from] KeyError),
    #[error("{0}")]
    Walk(#[from] WalkError),
    #[error("the deflated dataset cannot be inflated")]
    Inflate,
    #[error(transparent)]
    Undescribed(#[from] Undescribed),
    #[error("the dataset has another SOP class or instance UID than the command")]
    OtherObject,
    /// The association ended first; nobody waits for an answer.
    #[error("the association ended inside the dataset")]
    BrokenOff,
}

/// A whole dataset: in `incoming/` until it is shelved.
#[derive(Debug)]
pub(crate) struct Part {
    pub(super) scratch: Scratch,
    pub(crate) description: Description,
    pub(crate) sha256: String,
    /// Of the dataset, in bytes.
    pub(crate) size: u64,
}

/// What stands in the file's own header, group 0002.
#[derive(Clone, Debug)]
pub(crate) struct FileMeta {
    pub(crate) sop_class: Uid,
    pub(crate) sop_instance: Uid,
    pub(crate) transfer_syntax: String,
    pub(crate) source: AeTitle,
}

/// Writes one dataset; blocking.
pub(crate) struct PartWriter {
    scratch: Scratch,
    sealing: Sealing,
    /// Sealed and not yet written; kept for its room.
    sealed: Vec<u8>,
    hash: Sha256,
    size: u64,
    walk: Walk,
    meta: FileMeta,
}

enum Walk {
    Plain(Walker),
    Deflated { inflate: Decompress, walker: Walker },
}

impl PartWriter {
    /// Begins `incoming/<name>.part`; the name is the bridge's own.
    pub(crate) fn begin(library: &Library, name: Uuid, meta: FileMeta, layout: Layout) -> Result<Self, PartError> {
        let mut scratch = Scratch::begin(&library.places.incoming, name)?;
        scratch.write_all(&[0; Sealing::HEADER])?;
        let (mut sealing, mut sealed) = (Sealing::begin()?, Vec::new());
        sealing.push(&part10_header(&meta), &mut sealed)?;
        let walker = Walker::new(layout.encoding, Description::WANTED, WalkLimits::default());
        let walk = if layout.deflated {
            Walk::Deflated { inflate: Decompress::new(false), walker }
        } else {
            Walk::Plain(walker)
        };
        Ok(Self { scratch, sealing, sealed, hash: Sha256::new(), size: 0, walk, meta })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), PartError> {
        // Walked first: a dataset that cannot be followed costs no more disk than it has taken.
        match &mut self.walk {
            Walk::Plain(walker) => walker.feed(bytes)?,
            Walk::Deflated { inflate, walker } => inflate_into(inflate, walker, bytes)?,
        }
        self.sealing.push(bytes, &mut self.sealed)?;
        self.scratch.write_all(&self.sealed)?;
        self.sealed.clear();
        self.hash.update(bytes);
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Checks that the dataset is whole and the one announced, and makes it durable under its own name.
    pub(crate) fn finish(self, library: &Library, at: Micros) -> Result<Part, PartError> {
        let mut part = self.check(library, at)?;
        shelve(&library.places, &mut part)?;
        Ok(part)
    }

    fn check(mut self, library: &Library, at: Micros) -> Result<Part, PartError> {
        let summary = match self.walk {
            Walk::Plain(walker) => walker.finish()?,
            Walk::Deflated { walker, .. } if walker.reached_pixel_data() => walker.into_partial(),
            Walk::Deflated { walker, .. } => walker.finish()?,
        };
        let description = Description::from_summary(&summary, &self.meta.transfer_syntax)?;
        if description.sop_class != self.meta.sop_class || description.sop_instance != self.meta.sop_instance {
            return Err(PartError::OtherObject);
        }
        self.sealed.clear();
        let key = self.sealing.finish(&mut self.sealed)?;
        self.scratch.write_all(&self.sealed)?;
        self.scratch.write_head(&library.keys.header(&key, Whose::of(&description), at)?)?;
        let sha256 = hex::encode(self.hash.finalize());
        Ok(Part { scratch: self.scratch, description, sha256, size: self.size })
    }
}

fn inflate_into(inflate: &mut Decompress, walker: &mut Walker, mut bytes: &[u8]) -> Result<(), PartError> {
    let mut out = [0_u8; 16 * 1024];
    while !walker.reached_pixel_data() && inflate.total_out() < MAX_INFLATED {
        let (read, written) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(bytes, &mut out, FlushDecompress::None).map_err(|_| PartError::Inflate)?;
        let consumed = usize::try_from(inflate.total_in().saturating_sub(read)).unwrap_or(usize::MAX);
        let produced = usize::try_from(inflate.total_out().saturating_sub(written)).unwrap_or(usize::MAX);
        walker.feed(out.get(..produced).unwrap_or(&[]))?;
        bytes = bytes.get(consumed..).unwrap_or(&[]);
        let stuck = consumed == 0 && produced == 0;
        if stuck || status == Status::StreamEnd || (bytes.is_empty() && produced < out.len()) {
            break;
        }
    }
    Ok(())
}

/// Preamble, `DICM` and group 0002 (PS3.10 §7.1).
fn part10_header(meta: &FileMeta) -> Vec<u8> {
    let mut group = DatasetWriter::new(Encoding::ExplicitLittle);
    group
        .bytes(Tag(0x0002, 0x0001), Vr::OB, &[0, 1])
        .text(Tag(0x0002, 0x0002), Vr::UI, meta.sop_class.as_str())
        .text(Tag(0x0002, 0x0003), Vr::UI, meta.sop_instance.as_str())
        .text(Tag(0x0002, 0x0010), Vr::UI, &meta.transfer_syntax)
        .text(Tag(0x0002, 0x0012), Vr::UI, IMPLEMENTATION_UID)
        .text(Tag(0x0002, 0x0013), Vr(*b"SH"), crate::IMPLEMENTATION_VERSION)
        .text(Tag(0x0002, 0x0016), Vr::AE, meta.source.as_str());
    let group = group.finish();
    let mut header = vec![0; 128];
    header.extend_from_slice(b"DICM");
    let mut length = DatasetWriter::new(Encoding::ExplicitLittle);
    let size = u32::try_from(group.len()).unwrap_or(u32::MAX);
    length.bytes(Tag(0x0002, 0x0000), Vr(*b"UL"), &size.to_le_bytes());
    header.extend(length.finish());
    header.extend(group);
    header
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::transfer_syntax::layout;

    /// A small whole dataset, sent by this station.
    pub(in super::super) fn part_of(library: &Library, station: &str) -> Part {
        const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
        let uid = |text: &str| Uid::parse(text).unwrap();
        let meta = FileMeta {
            sop_class: uid("1.2.840.10008.5.1.4.1.1.2"),
            sop_instance: uid("1.2.3.4"),
            transfer_syntax: EXPLICIT_LITTLE.to_owned(),
            source: AeTitle::parse(station).unwrap(),
        };
        let mut dataset = DatasetWriter::new(Encoding::ExplicitLittle);
        dataset
            .text(Tag(0x0008, 0x0016), Vr::UI, meta.sop_class.as_str())
            .text(Tag(0x0008, 0x0018), Vr::UI, meta.sop_instance.as_str())
            .text(Tag(0x0010, 0x0020), Vr(*b"LO"), "26000001");
        let mut writer = PartWriter::begin(library, Uuid::now_v7(), meta, layout(EXPLICIT_LITTLE).unwrap()).unwrap();
        writer.write(&dataset.finish()).unwrap();
        writer.check(library, 0).unwrap()
    }
}
