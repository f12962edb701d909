//! A message without a frame: from `MSH|` at the beginning of a line to before the next one.

use super::Found;

const START: &[u8] = b"MSH";

#[derive(Clone, Debug)]
pub(super) struct Bare {
    payload: Vec<u8>,
    /// The last bytes, which say whether another message begins.
    tail: [u8; 5],
    /// Outside a message: how much of [`START`] has come, and whether it may begin here.
    matched: usize,
    at_line_start: bool,
    too_long: bool,
    limit: usize,
}

/// What a byte outside any message turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    /// So many bytes, this one among them, belong to no message.
    pub garbage: usize,
    pub keep_alive: bool,
    /// A message has begun.
    pub begun: bool,
}

impl Bare {
    pub(super) fn new(limit: usize) -> Self {
        Self { payload: Vec::new(), tail: [0; 5], matched: 0, at_line_start: true, too_long: false, limit }
    }

    pub(super) fn held(&self) -> usize {
        self.payload.len()
    }

    pub(super) fn outside(&mut self, byte: u8) -> Outside {
        if self.matched == START.len() && byte.is_ascii_punctuation() {
            self.begin(byte);
            return Outside { garbage: 0, keep_alive: false, begun: true };
        }
        if START.get(self.matched) == Some(&byte) && (self.matched > 0 || self.at_line_start) {
            self.matched += 1;
            return Outside { garbage: 0, keep_alive: false, begun: false };
        }
        let keep_alive = matches!(byte, 0 | 0x05 | 0x06 | 0x16 | b' ');
        let own = !keep_alive && !matches!(byte, b'\r' | b'\n' | super::FS | super::VT);
        let garbage = self.forget() + usize::from(own);
        self.at_line_start = byte.is_ascii_control() || byte == b' ';
        Outside { garbage, keep_alive, begun: false }
    }

    /// A start that was none: how many bytes of it.
    pub(super) fn forget(&mut self) -> usize {
        self.at_line_start = true;
        std::mem::take(&mut self.matched)
    }

    /// A byte of the message; what was found when it ended another one.
    pub(super) fn push(&mut self, byte: u8) -> Option<Found> {
        self.tail.rotate_left(1);
        if let Some(last) = self.tail.last_mut() {
            *last = byte;
        }
        if !self.too_long {
            self.payload.push(byte);
        }
        let [before, name @ .., delimiter] = &self.tail;
        if matches!(before, b'\r' | b'\n') && name == START && delimiter.is_ascii_punctuation() {
            self.payload.truncate(self.payload.len().saturating_sub(START.len() + 1));
            let found = self.end();
            self.begin(byte);
            return found;
        }
        // The beginning of the next one may stand in it for a moment.
        if self.payload.len() > self.limit.saturating_add(START.len() + 1) {
            self.payload = Vec::new();
            self.too_long = true;
            return Some(Found::TooLong);
        }
        None
    }

    /// The message is over.
    pub(super) fn end(&mut self) -> Option<Found> {
        self.at_line_start = true;
        let payload = std::mem::take(&mut self.payload);
        match payload.len() {
            0 => None,
            length if length > self.limit => Some(Found::TooLong),
            _ => Some(Found::Payload(payload)),
        }
    }

    fn begin(&mut self, delimiter: u8) {
        self.payload.clear();
        self.payload.extend_from_slice(START);
        self.payload.push(delimiter);
        self.tail = [0; 5];
        self.matched = 0;
        self.too_long = false;
    }
}
