//! What devices do otherwise than the standard, what of it is taken, and how often it was.

use super::{ETB, ETX, STX};

/// Deviations that are taken only where the device's profile says so: each of them takes from what guards the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Frames without any checksum; as long as none with one has come. A wrong checksum is always refused.
    pub no_checksum: bool,
    /// Frames whose number is not the next one. The last frame byte for byte is still a repetition.
    pub any_number: bool,
    /// A frame from a device that did not enquire.
    pub no_enquiry: bool,
}

/// How often which deviation was taken, since the receiver began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgiven {
    pub no_checksum: u64,
    pub wrong_number: u64,
    pub no_enquiry: u64,
    /// Frames that did not end with LF.
    pub no_line_feed: u64,
    /// Frames without a number.
    pub no_number: u64,
    /// Frames in which LF ends records.
    pub line_feeds: u64,
    /// Frames that hold more than one record.
    pub several_records: u64,
    /// Messages of more than one record that came in one frame.
    pub whole_message: u64,
    /// Messages whose last frame ended with ETB.
    pub unfinished_end: u64,
}

impl Forgiven {
    /// What a whole message shows.
    pub(super) fn look_at(&mut self, message: &[u8]) {
        let (mut frames, mut records_of_first, mut last_end) = (0u64, 0usize, ETX);
        for frame in message.split(|byte| *byte == STX).skip(1) {
            let end = frame.iter().rposition(|byte| matches!(*byte, ETX | ETB)).unwrap_or(0);
            let text = frame.get(..end).unwrap_or_default();
            let records = text.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|record| !record.is_empty()).count();
            self.line_feeds += u64::from(text.contains(&b'\n'));
            self.several_records += u64::from(records > 1);
            last_end = frame.get(end).copied().unwrap_or(ETX);
            if frames == 0 {
                records_of_first = records;
            }
            frames += 1;
        }
        self.whole_message += u64::from(frames == 1 && records_of_first > 1);
        self.unfinished_end += u64::from(last_end == ETB);
    }
}
