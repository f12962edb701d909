//! Where a frame's bytes lie in its blob.

use super::image_attributes::Attributes;
use super::reply::Problem;
use crate::library::{Blob, StoredInstance};
use crate::transfer_syntax::{EXPLICIT_BIG, is_native, layout};
use crate::worker::protocol::{Image, MAX_INPUT, Source};

/// Fragments that one look through encapsulated pixels may pass.
const MOST_FRAGMENTS: usize = 200_000;
const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];

/// Ranges of the dataset, in order, and how their bytes are to be understood.
#[derive(Debug)]
pub(crate) struct FrameSource {
    pub(crate) source: Source,
    pub(crate) ranges: Vec<(u64, u64)>,
    /// The ranges are already what a reader of native little endian frames wants.
    pub(crate) plain: bool,
}

impl FrameSource {
    /// Finds frame `frame` (from 0); blocking.
    pub(crate) fn find(
        blob: &Blob,
        instance: &StoredInstance,
        attributes: &Attributes<'_>,
        image: &Image,
        frame: u64,
    ) -> Result<Self, Problem> {
        let frames = attributes.frames();
        if frame >= frames {
            return Err(Problem::NotFound);
        }
        let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
        let Some(offset) = instance.pixel_offset.map(unsigned) else {
            return Err(Problem::NotRendered("there are no pixels in it".to_owned()));
        };
        let deflated = layout(&instance.transfer_syntax).is_some_and(|layout| layout.deflated);
        let found = match instance.pixel_length.map(unsigned) {
            // PS3.5 §A.4 gives compressed pixels no length; these bytes are neither frames nor fragments.
            Some(_) if !is_native(&instance.transfer_syntax) => {
                return Err(Problem::NotRendered("compressed pixels with a length of their own".to_owned()));
            }
            Some(length) => native(blob, instance, image, (offset, length), frame, deflated)?,
            None if deflated => return Err(Problem::NotRendered("compressed pixels in a deflated dataset".to_owned())),
            None => encapsulated(blob, instance, offset, frame, frames)?,
        };
        let input = found.ranges.iter().fold(0_u64, |sum, (_, length)| sum.saturating_add(*length));
        if input > MAX_INPUT {
            return Err(Problem::NotRendered("the frame is larger than 256 MiB".to_owned()));
        }
        Ok(found)
    }
}

fn native(
    blob: &Blob,
    instance: &StoredInstance,
    image: &Image,
    (offset, length): (u64, u64),
    frame: u64,
    deflated: bool,
) -> Result<FrameSource, Problem> {
    let bits = crate::worker::frame_bits(image);
    let (start, end) = (bits.saturating_mul(frame), bits.saturating_mul(frame.saturating_add(1)));
    let (first, past) = (start / 8, end.div_ceil(8));
    if bits == 0 || past > length {
        return Err(Problem::NotRendered("the pixel data is shorter than the image it stands for".to_owned()));
    }
    let (at, size) = (offset.saturating_add(first), past.saturating_sub(first));
    if deflated {
        let source = Source::Deflated { offset: at, length: size };
        return Ok(FrameSource { source, ranges: vec![(0, blob.size())], plain: false });
    }
    let swap = swapped_word(blob, instance, image)?;
    // Whole words of the dataset: a frame of an odd number of bytes has its last one behind the next.
    let (at, size) = match (swap, at % 2) {
        (2, 0) => (at, size.saturating_add(size % 2).min(length.saturating_sub(first))),
        (2, _) => return Err(Problem::NotRendered("a frame that begins inside a big endian word".to_owned())),
        _ => (at, size),
    };
    let bit_shift = u8::try_from(start % 8).unwrap_or(0);
    let planar = image.planar && image.samples == 3;
    let plain = bit_shift == 0 && !planar && swap == 0;
    Ok(FrameSource { source: Source::Native { swap, bit_shift }, ranges: vec![(at, size)], plain })
}

/// In big endian, samples are words, and bytes in an `OW` value come in swapped pairs (PS3.5 §8.1.1).
fn swapped_word(blob: &Blob, instance: &StoredInstance, image: &Image) -> Result<u8, Problem> {
    if instance.transfer_syntax != EXPLICIT_BIG {
        return Ok(0);
    }
    match image.bits_allocated {
        16 => Ok(2),
        32 => Ok(4),
        _ => {
            let mut vr = [0; 2];
            let element = u64::try_from(instance.header_size).unwrap_or(0);
            blob.read_exact(&mut vr, element.saturating_add(4)).map_err(Problem::broken)?;
            Ok(if vr == *b"OW" { 2 } else { 0 })
        }
    }
}

fn encapsulated(
    blob: &Blob,
    instance: &StoredInstance,
    offset: u64,
    frame: u64,
    frames: u64,
) -> Result<FrameSource, Problem> {
    let (table, fragments) = items(blob, offset)?;
    let unclear = || Problem::NotRendered("which fragments make up the frame cannot be told".to_owned());
    let count = u64::try_from(fragments.len()).unwrap_or(u64::MAX);
    let index = usize::try_from(frame).map_err(|_| Problem::NotFound)?;
    let chosen: Vec<(u64, u64)> = if frames == 1 {
        fragments
    } else if count == frames {
        fragments.get(index).copied().into_iter().collect()
    } else {
        // The Basic Offset Table counts from the first fragment's item tag (PS3.5 §A.4).
        let base = fragments.first().map(|(at, _)| at.saturating_sub(8)).ok_or_else(unclear)?;
        let from = base.saturating_add(*table.get(index).ok_or_else(unclear)?);
        let to = table.get(index.saturating_add(1)).map_or(u64::MAX, |next| base.saturating_add(*next));
        fragments.into_iter().filter(|(at, _)| (from..to).contains(&at.saturating_sub(8))).collect()
    };
    if chosen.is_empty() {
        return Err(unclear());
    }
    let source = Source::Encoded { transfer_syntax: instance.transfer_syntax.clone() };
    Ok(FrameSource { source, ranges: chosen, plain: false })
}

/// Where a fragment begins in the file, and its length.
type Fragment = (u64, u64);

/// The Basic Offset Table and the fragments' ranges. The walk at arrival has proved the structure.
fn items(blob: &Blob, offset: u64) -> Result<(Vec<u64>, Vec<Fragment>), Problem> {
    let mut table = Vec::new();
    let mut fragments = Vec::new();
    let mut at = offset;
    let mut first = true;
    while fragments.len() < MOST_FRAGMENTS {
        let mut head = [0; 8];
        blob.read_exact(&mut head, at).map_err(Problem::broken)?;
        let [a, b, c, d, l0, l1, l2, l3] = head;
        if [a, b, c, d] != ITEM {
            break;
        }
        let length = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let value = at.saturating_add(8);
        if first {
            let size = usize::try_from(length.min(4 * 1024 * 1024)).unwrap_or(0);
            let mut bytes = vec![0; size];
            blob.read_exact(&mut bytes, value).map_err(Problem::broken)?;
            table = bytes.as_chunks::<4>().0.iter().map(|four| u64::from(u32::from_le_bytes(*four))).collect();
            first = false;
        } else {
            fragments.push((value, length));
        }
        at = value.saturating_add(length);
    }
    Ok((table, fragments))
}
