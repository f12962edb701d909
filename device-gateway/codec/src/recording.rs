//! A recording of what a bedside device sent, taken apart into the records that its driver would have stored.

/// What a recording held. A stored record is a recording of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    pub records: Vec<Vec<u8>>,
    /// Frames that a live line would not have taken.
    pub damaged: usize,
    /// It ends in the middle of a frame.
    pub unfinished: bool,
}
