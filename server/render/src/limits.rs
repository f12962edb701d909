//! How much one rendering may be asked to do. Typesetting is CPU work that cannot be interrupted, so its time is
//! bounded by what goes in, and its result by a count of pages.

/// The bounds of one rendering. The defaults fit a stay of some months and keep a hostile input under seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest list in the values: observation sets, care entries, corrections.
    pub rows: usize,
    /// Characters in one text.
    pub text: usize,
    /// Characters in all texts together.
    pub all_text: usize,
    /// Pages of the result.
    pub pages: usize,
    /// Files attached to one sheet.
    pub attachments: usize,
    /// Bytes of all attached files together.
    pub attachment_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 1_000,
            text: 20_000,
            all_text: 1_000_000,
            pages: 400,
            attachments: 2_100,
            attachment_bytes: 32 << 20,
        }
    }
}
