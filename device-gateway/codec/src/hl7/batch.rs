//! Messages out of a batch (FHS, BHS … BTS, FTS), or out of a capture that holds several in a row.

use super::{Delimiters, Segment};

/// What a batch says of its own size, beside what is there. Messages are read whatever the counts say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages found and batches begun (BHS).
    pub messages: usize,
    pub batches: usize,
    /// BTS-1 of all batches together; `None` where one of them says nothing.
    pub messages_said: Option<usize>,
    /// FTS-1.
    pub batches_said: Option<usize>,
    /// An FHS or BHS without its trailer: the end is missing.
    pub unfinished: bool,
}

impl Counts {
    /// Something that was sent is missing here, or something was sent twice.
    #[must_use]
    pub fn disagree(&self) -> bool {
        let differ = |said: Option<usize>, found: usize| said.is_some_and(|said| said != found);
        self.unfinished || differ(self.messages_said, self.messages) || differ(self.batches_said, self.batches)
    }
}

/// Counts a batch; for a message outside any, one message and nothing said.
#[must_use]
pub fn counts(bytes: &[u8]) -> Counts {
    let mut counts = Counts { messages: messages(bytes).count(), ..Counts::default() };
    let (mut open, mut said, mut silent) = (0usize, None::<usize>, false);
    let mut delimiters = Delimiters::USUAL;
    for at in line_starts(bytes) {
        let Some(line) = bytes.get(at..) else { break };
        if begins(bytes, at, b"FHS") || begins(bytes, at, b"BHS") {
            delimiters = Delimiters::read(line).unwrap_or(delimiters);
            open += 1;
            counts.batches += usize::from(begins(bytes, at, b"BHS"));
        } else if begins(bytes, at, b"BTS") || begins(bytes, at, b"FTS") {
            open = open.saturating_sub(1);
            let end = line.iter().position(u8::is_ascii_control).unwrap_or(line.len());
            let trailer = Segment::new(line.get(..end).unwrap_or_default(), delimiters);
            let text = std::str::from_utf8(trailer.field(1).trimmed()).ok();
            let number = text.and_then(|text| text.parse::<usize>().ok());
            if trailer.id() == b"FTS" {
                counts.batches_said = number;
            } else {
                silent |= number.is_none();
                said = said.unwrap_or(0).checked_add(number.unwrap_or(0));
            }
        }
    }
    counts.messages_said = said.filter(|_| !silent);
    counts.unfinished = open > 0;
    counts
}

/// Each message from its MSH to before the next MSH or batch segment. Bytes without any MSH give nothing.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let start = line_starts(rest).find(|at| begins(rest, *at, b"MSH"))?;
        let from = rest.get(start..)?;
        let end = line_starts(from).skip(1).find(|at| ends_a_message(from, *at)).unwrap_or(from.len());
        let (message, after) = from.split_at_checked(end)?;
        rest = after;
        Some(message)
    })
}

fn ends_a_message(bytes: &[u8], at: usize) -> bool {
    [b"MSH", b"FHS", b"BHS", b"BTS", b"FTS"].iter().any(|id| begins(bytes, at, *id))
}

fn begins(bytes: &[u8], at: usize, id: &[u8]) -> bool {
    let line = bytes.get(at..).unwrap_or_default();
    // A segment id is followed by its separator, never by another letter.
    line.starts_with(id) && line.get(id.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
}

/// Where lines begin: also right after framing bytes, as captures have them.
fn line_starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let after_breaks = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_control()).map(|(index, _)| index + 1);
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    std::iter::once(mark).chain(after_breaks)
}
