//! One frame: collected byte by byte, then checked.

use super::{ETB, ETX, STX};

/// A frame as far as it has arrived.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    bytes: Vec<u8>,
    /// Where ETX or ETB stands.
    end: Option<usize>,
    limit: usize,
    too_long: bool,
}

/// What a frame turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Good {
        /// Absent in the dialect without frame numbers.
        number: Option<u8>,
        bytes: Vec<u8>,
    },
    BadChecksum,
    TooLong,
}

/// Does the frame need more bytes?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Text,
    /// ETX or ETB is there; checksum, CR and LF follow.
    Trailer,
    Ended,
    /// It ended before this byte, which belongs to what follows.
    EndedBefore,
}

impl Partial {
    pub(super) fn begin(limit: usize) -> Self {
        Self { bytes: vec![STX], end: None, limit, too_long: false }
    }

    pub(super) fn push(&mut self, byte: u8) -> Progress {
        let Some(end) = self.end else {
            if self.bytes.len() >= self.limit {
                // Keep counting nothing: only its end matters now.
                self.too_long = true;
                self.bytes.truncate(1);
            }
            self.bytes.push(byte);
            if matches!(byte, ETX | ETB) {
                self.end = Some(self.bytes.len() - 1);
                return Progress::Trailer;
            }
            return Progress::Text;
        };
        let after = self.bytes.len() - end - 1;
        match (after, byte) {
            (0 | 1, _) if byte.is_ascii_hexdigit() => {}
            // The checksum is missing: let the check say so.
            (0 | 1, b'\r') => {}
            (_, b'\r') if !self.has_cr() => {}
            (_, b'\n') => {
                self.bytes.push(byte);
                return Progress::Ended;
            }
            _ => return Progress::EndedBefore,
        }
        self.bytes.push(byte);
        Progress::Trailer
    }

    fn has_cr(&self) -> bool {
        self.bytes.last() == Some(&b'\r')
    }

    pub(super) fn in_trailer(&self) -> bool {
        self.end.is_some()
    }

    pub(super) fn check(self) -> Checked {
        if self.too_long {
            return Checked::TooLong;
        }
        let Some(end) = self.end else {
            return Checked::BadChecksum;
        };
        let summed = self.bytes.get(1..=end).unwrap_or_default();
        let sum = summed.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        let stated = self
            .bytes
            .get(end + 1..end + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if stated != Some(sum) {
            return Checked::BadChecksum;
        }
        let number = summed.first().filter(|byte| matches!(byte, b'0'..=b'7')).map(|byte| byte - b'0');
        Checked::Good { number, bytes: self.bytes }
    }
}
