//! MLLP framing: `VT payload FS CR`, found in a stream that arrives in any pieces.
//!
//! Seen in practice and taken: FS without CR, several frames in one read, text before VT, CR before VT. A VT inside a
//! payload means that the sender began anew; what it had begun was never acknowledged.
//!
//! A payload in UTF-16 has bytes of VT and FS in its letters: it is known by its first letters, and then ends only
//! where a pair of bytes is FS CR (or FS as a letter of its own, where the frame is UTF-16 too).
//!
//! A decoder that is lenient also takes messages without any frame, from `MSH|` to the next `MSH|` or to a silence,
//! which the owner of the clock tells; and it takes keep-alive bytes for what they are.

mod bare;
mod wide;

use bare::Bare;
use std::time::Duration;

pub const VT: u8 = 0x0B;
pub const FS: u8 = 0x1C;
pub const CR: u8 = 0x0D;

/// No configuration may allow a larger payload: 16 MiB.
pub const LARGEST_PAYLOAD: usize = 16 << 20;

/// So long without a byte ends a message without a frame.
pub const SILENCE: Duration = Duration::from_millis(500);

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A whole payload, without its framing.
    Payload(Vec<u8>),
    /// So many bytes stood outside any frame.
    Garbage(usize),
    /// A new VT came after so many bytes of an unfinished payload.
    Restarted(usize),
    /// The payload grew beyond the limit; the rest of it is skipped up to its FS.
    TooLong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Outside,
    Inside,
    /// In a payload of UTF-16.
    InsideWide,
    /// In a payload that is too long.
    Skipping,
    /// In a message without a frame.
    Bare,
}

/// Finds payloads in a stream. Holds at most one unfinished payload.
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    payload: Vec<u8>,
    garbage: usize,
    limit: usize,
    lenient: bool,
    bare: Bare,
    keep_alives: u64,
    unframed: u64,
    /// A zero stood before VT: the frame is UTF-16 with the high byte first.
    zero_before: bool,
}

impl Decoder {
    /// `limit` is the largest payload in bytes, at most [`LARGEST_PAYLOAD`].
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let limit = limit.min(LARGEST_PAYLOAD);
        Self {
            state: State::Outside,
            payload: Vec::new(),
            garbage: 0,
            limit,
            lenient: false,
            bare: Bare::new(limit),
            keep_alives: 0,
            unframed: 0,
            zero_before: false,
        }
    }

    /// For a device whose profile says `framing = lenient`.
    #[must_use]
    pub fn lenient(limit: usize) -> Self {
        Self { lenient: true, ..Self::new(limit) }
    }

    /// True while only silence may end what is held: [`Decoder::silence`] is due [`SILENCE`] after the last byte.
    #[must_use]
    pub fn waits_for_silence(&self) -> bool {
        self.state == State::Bare
    }

    /// Nothing came for [`SILENCE`]: a message without a frame is whole.
    pub fn silence(&mut self) -> Option<Found> {
        if self.state != State::Bare {
            return None;
        }
        self.state = State::Outside;
        let found = self.bare.end();
        self.without_frame(found)
    }

    fn without_frame(&mut self, found: Option<Found>) -> Option<Found> {
        self.unframed += u64::from(matches!(found, Some(Found::Payload(_))));
        found
    }

    /// Bytes outside any message that only keep the line open.
    #[must_use]
    pub fn keep_alives(&self) -> u64 {
        self.keep_alives
    }

    /// Messages that came without a frame.
    #[must_use]
    pub fn unframed(&self) -> u64 {
        self.unframed
    }

    /// True from VT to FS: a time limit should run.
    #[must_use]
    pub fn in_payload(&self) -> bool {
        self.state != State::Outside
    }

    /// Bytes held of an unfinished payload.
    #[must_use]
    pub fn held(&self) -> usize {
        self.payload.len() + self.bare.held()
    }

    /// Takes from the front of `input` up to the next thing found; `None`: all of it was taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Found> {
        while !input.is_empty() {
            let found = match self.state {
                State::Outside => self.outside(input),
                State::Inside => self.inside(input),
                State::InsideWide => self.inside_wide(input),
                State::Bare => self.bare(input),
                State::Skipping => {
                    self.skip(input);
                    None
                }
            };
            if found.is_some() {
                return found;
            }
        }
        (self.garbage > 0).then(|| Found::Garbage(std::mem::take(&mut self.garbage)))
    }

    fn outside(&mut self, input: &mut &[u8]) -> Option<Found> {
        if self.lenient {
            return self.outside_leniently(input);
        }
        let (before, rest) = cut(input, |byte| byte == VT);
        // The CR (or CR LF) that closes a frame belongs to no one.
        self.garbage += before.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')).count();
        self.zero_before = before.last().map_or(self.zero_before, |byte| *byte == 0);
        *input = rest.get(1..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
        self.state = State::Inside;
        (self.garbage > 0).then(|| Found::Garbage(std::mem::take(&mut self.garbage)))
    }

    fn outside_leniently(&mut self, input: &mut &[u8]) -> Option<Found> {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        if byte == VT {
            self.garbage += self.bare.forget();
            self.state = State::Inside;
        } else {
            let outside = self.bare.outside(byte);
            self.garbage += outside.garbage;
            self.keep_alives += u64::from(outside.keep_alive);
            self.zero_before = byte == 0;
            if outside.begun {
                self.state = State::Bare;
            }
        }
        let found = self.state != State::Outside && self.garbage > 0;
        found.then(|| Found::Garbage(std::mem::take(&mut self.garbage)))
    }

    fn bare(&mut self, input: &mut &[u8]) -> Option<Found> {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        if byte == VT || byte == FS {
            self.state = if byte == VT { State::Inside } else { State::Outside };
            let found = self.bare.end();
            return self.without_frame(found);
        }
        let found = self.bare.push(byte);
        self.without_frame(found)
    }

    fn inside(&mut self, input: &mut &[u8]) -> Option<Found> {
        // The first letters say how wide the letters are; no letter of them holds a byte of the frame.
        if self.payload.len() < wide::SIGNATURE {
            let (&byte, rest) = input.split_first()?;
            if byte != FS && byte != VT && self.payload.len() < self.limit {
                self.payload.push(byte);
                *input = rest;
                if self.payload.len() == wide::SIGNATURE && wide::recognised(&self.payload) {
                    self.state = State::InsideWide;
                }
                return None;
            }
        }
        let (text, rest) = cut(input, |byte| byte == FS || byte == VT);
        if self.payload.len() + text.len() > self.limit {
            self.payload = Vec::new();
            self.state = State::Skipping;
            *input = rest;
            return Some(Found::TooLong);
        }
        self.payload.extend_from_slice(text);
        *input = rest.get(1..).unwrap_or_default();
        match rest.first() {
            None => None,
            Some(&FS) => {
                self.state = State::Outside;
                Some(Found::Payload(std::mem::take(&mut self.payload)))
            }
            Some(_) => {
                let lost = self.payload.len();
                self.payload.clear();
                Some(Found::Restarted(lost))
            }
        }
    }

    fn inside_wide(&mut self, input: &mut &[u8]) -> Option<Found> {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        self.payload.push(byte);
        if let Some((end, begins_anew)) = wide::end(&self.payload, self.zero_before) {
            let payload = self.payload.get(end).map(<[u8]>::to_vec).unwrap_or_default();
            self.payload.clear();
            self.zero_before = false;
            self.state = if begins_anew { State::Inside } else { State::Outside };
            let fits = payload.len() <= self.limit;
            return Some(if fits { Found::Payload(payload) } else { Found::TooLong });
        }
        if self.payload.len() > self.limit.saturating_add(wide::LONGEST_END) {
            self.payload = Vec::new();
            self.state = State::Skipping;
            return Some(Found::TooLong);
        }
        None
    }

    fn skip(&mut self, input: &mut &[u8]) {
        let (_, rest) = cut(input, |byte| byte == FS || byte == VT);
        *input = rest.get(1..).unwrap_or_default();
        match rest.first() {
            Some(&FS) => self.state = State::Outside,
            Some(_) => self.state = State::Inside,
            None => {}
        }
    }
}

/// Puts a payload into its frame.
#[must_use]
pub fn frame(payload: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(payload.len() + 3);
    framed.push(VT);
    framed.extend_from_slice(payload);
    framed.extend_from_slice(&[FS, CR]);
    framed
}

fn cut(input: &[u8], at: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let position = input.iter().position(|byte| at(*byte)).unwrap_or(input.len());
    input.split_at_checked(position).unwrap_or((input, &[]))
}

#[cfg(test)]
mod tests;
