//! Payloads of UTF-16: known by their first letters, and ended by a pair of bytes.

use super::{FS, VT};
use std::ops::Range;

/// So many bytes tell.
pub(super) const SIGNATURE: usize = 4;

/// FS CR, each a letter of UTF-16, and the zero before the payload.
pub(super) const LONGEST_END: usize = 5;

/// `MSH` in either order, with a mark or without; also behind the zero that follows VT where the frame is UTF-16.
pub(super) fn recognised(first: &[u8]) -> bool {
    matches!(first, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'M', 0, b'S', 0] | [0, b'M', 0, b'S'] | [0, 0xFF, 0xFE, _])
}

/// What of the bytes is the payload, if they have just ended; and whether VT began another one at once.
///
/// FS CR in one pair would be a letter of Malayalam or Lepcha, which nobody here writes. Where the frame is UTF-16 too,
/// its FS is a letter of its own: with the high byte first a zero stood before VT, with the low byte first the zero of
/// VT stands before the payload, whose pairs are then odd.
pub(super) fn end(bytes: &[u8], zero_before: bool) -> Option<(Range<usize>, bool)> {
    let length = bytes.len();
    match (bytes, length.is_multiple_of(2)) {
        ([.., FS, b'\r'], true) => Some((0..length - 2, false)),
        ([.., FS, VT], true) => Some((0..length - 2, true)),
        ([.., 0, FS], true) if zero_before => Some((0..length - 2, false)),
        ([0, .., FS, 0, b'\r', 0], false) => Some((1..length - 4, false)),
        _ => None,
    }
}
