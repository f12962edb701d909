//! What passes over the pipes: a length (u32, little endian) and JSON, then raw bytes of the length that the JSON names.

use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// Requests carry palettes; nothing honest is larger.
const MAX_JSON: u32 = 2 * 1024 * 1024;
/// Encoded input of one frame.
pub(crate) const MAX_INPUT: u64 = 256 * 1024 * 1024;
/// Decoded bytes of one frame.
pub(crate) const MAX_OUTPUT: u64 = 512 * 1024 * 1024;

/// The first message: limits that the process sets on itself before anything else.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) memory_mib: u64,
    /// Of the whole process, which serves many frames: ends one whose parent is gone.
    pub(crate) processor_seconds: u64,
}

/// One frame to work on; `input` bytes follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) source: Source,
    pub(crate) image: Image,
    pub(crate) job: Job,
    pub(crate) input: u64,
}

/// How the frame's bytes come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Source {
    /// As the frame stands in the dataset. `swap`: bytes of a word to be turned around, 0 for none;
    /// `bit_shift`: unused low bits before a 1-bit frame.
    Native { swap: u8, bit_shift: u8 },
    /// The whole deflated dataset, of which the frame is a part.
    Deflated { offset: u64, length: u64 },
    /// The frame's fragments, joined.
    Encoded { transfer_syntax: String },
}

/// The Image Pixel module of the frame (PS3.3 §C.7.6.3) with what rendering needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Image {
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) samples: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) signed: bool,
    pub(crate) planar: bool,
    pub(crate) photometric: String,
    pub(crate) slope: f64,
    pub(crate) intercept: f64,
    /// Centre and width.
    pub(crate) window: Option<(f64, f64)>,
    pub(crate) palette: Option<Palette>,
}

/// A palette, already brought to 8 bits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Palette {
    /// Stored value of the first entry.
    pub(crate) first: i32,
    pub(crate) red: Vec<u8>,
    pub(crate) green: Vec<u8>,
    pub(crate) blue: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Job {
    /// Native little endian bytes, samples interleaved.
    Decode,
    /// A picture for a screen, at most `longest` pixels on its longer side.
    Render { format: Format, longest: Option<u32>, quality: u8 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Format {
    Jpeg,
    Png,
}

/// The answer; `Done` is followed by so many bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Done {
        length: u64,
    },
    /// It will never work; the reason is for the user's eyes and carries nothing of the image.
    Refused {
        reason: String,
    },
}

pub(crate) fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(message)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(json);
    Ok(bytes)
}

/// The length in front of a message, checked.
pub(crate) fn json_length(bytes: [u8; 4]) -> io::Result<usize> {
    match u32::from_le_bytes(bytes) {
        length if length <= MAX_JSON => usize::try_from(length).map_err(io::Error::other),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The next message; nothing when the pipe was closed between two.
pub(crate) fn receive<T: for<'de> Deserialize<'de>>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut json = vec![0; json_length(length)?];
    input.read_exact(&mut json)?;
    Ok(Some(serde_json::from_slice(&json)?))
}

pub(crate) fn send<T: Serialize>(output: &mut impl Write, message: &T) -> io::Result<()> {
    output.write_all(&encode(message)?)
}
