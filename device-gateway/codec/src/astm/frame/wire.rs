//! One frame: collected byte by byte, then checked.

use super::{ENQ, EOT, ETB, ETX, STX};

/// The sum of a frame from its number through ETX or ETB.
pub(super) fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte))
}

/// A frame as far as it has arrived.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    bytes: Vec<u8>,
    /// Where ETX or ETB stands.
    end: Option<usize>,
    limit: usize,
    too_long: bool,
    /// It stands in another frame that was not ended, or text goes on after its end: some byte is not what was sent.
    damaged: bool,
}

/// What a frame turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Good(Frame),
    /// Nothing stands where the checksum should.
    NoChecksum(Frame),
    BadChecksum,
    TooLong,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Absent in the dialect without frame numbers.
    pub number: Option<u8>,
    pub bytes: Vec<u8>,
    pub ended_with_lf: bool,
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
        Self { bytes: vec![STX], end: None, limit, too_long: false, damaged: false }
    }

    /// A new STX in the middle of the text. With a byte that became STX, the rest of a frame may well have the right
    /// checksum, so it is not trusted; the sender sends it once more.
    pub(super) fn begin_anew(&self) -> Self {
        Self { damaged: true, ..Self::begin(self.limit) }
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
            _ => {
                // Text after the end: a letter became ETX, and what follows passed for its checksum.
                self.damaged |= !matches!(byte, STX | EOT | ENQ | 0 | b'\r');
                return Progress::EndedBefore;
            }
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
        let trailer = self.bytes.get(end + 1..).unwrap_or_default();
        let absent = !trailer.iter().any(u8::is_ascii_hexdigit);
        let stated = trailer
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if self.damaged || !(absent || stated == Some(checksum(summed))) {
            return Checked::BadChecksum;
        }
        let number = summed.first().filter(|byte| matches!(byte, b'0'..=b'7')).map(|byte| byte - b'0');
        let ended_with_lf = trailer.last() == Some(&b'\n');
        let frame = Frame { number, bytes: self.bytes, ended_with_lf };
        if absent { Checked::NoChecksum(frame) } else { Checked::Good(frame) }
    }
}
