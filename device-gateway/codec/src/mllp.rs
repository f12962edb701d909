//! MLLP framing: `VT payload FS CR`, found in a stream that arrives in any pieces.
//!
//! Seen in practice and taken: FS without CR, several frames in one read, text before VT. A VT inside a
//! payload means that the sender began anew; what it had begun was never acknowledged.

pub const VT: u8 = 0x0B;
pub const FS: u8 = 0x1C;
pub const CR: u8 = 0x0D;

/// No configuration may allow a larger payload: 16 MiB.
pub const LARGEST_PAYLOAD: usize = 16 << 20;

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
    /// In a payload that is too long.
    Skipping,
}

/// Finds payloads in a stream. Holds at most one unfinished payload.
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    payload: Vec<u8>,
    garbage: usize,
    limit: usize,
}

impl Decoder {
    /// `limit` is the largest payload in bytes, at most [`LARGEST_PAYLOAD`].
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { state: State::Outside, payload: Vec::new(), garbage: 0, limit: limit.min(LARGEST_PAYLOAD) }
    }

    /// True from VT to FS: a time limit should run.
    #[must_use]
    pub fn in_payload(&self) -> bool {
        self.state != State::Outside
    }

    /// Bytes held of an unfinished payload.
    #[must_use]
    pub fn held(&self) -> usize {
        self.payload.len()
    }

    /// Takes from the front of `input` up to the next thing found; `None`: all of it was taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Found> {
        while !input.is_empty() {
            let found = match self.state {
                State::Outside => self.outside(input),
                State::Inside => self.inside(input),
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
        let (before, rest) = cut(input, |byte| byte == VT);
        // The CR (or CR LF) that closes a frame belongs to no one.
        self.garbage += before.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')).count();
        *input = rest.get(1..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
        self.state = State::Inside;
        (self.garbage > 0).then(|| Found::Garbage(std::mem::take(&mut self.garbage)))
    }

    fn inside(&mut self, input: &mut &[u8]) -> Option<Found> {
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(pieces: &[&[u8]], limit: usize) -> Vec<Found> {
        let mut decoder = Decoder::new(limit);
        let mut found = Vec::new();
        for piece in pieces {
            let mut input = *piece;
            while let Some(next) = decoder.next(&mut input) {
                found.push(next);
            }
        }
        found
    }

    #[test]
    fn a_stream_cut_at_any_byte_holds_the_same_payloads() {
        let stream = b"\x0bMSH|one\r\x1c\r\x0bMSH|two\x1c\x0bMSH|three\x1c\r";
        let whole = all(&[stream], 100);
        assert_eq!(whole.len(), 3);
        for at in 0..=stream.len() {
            let (left, right) = stream.split_at(at);
            assert_eq!(all(&[left, right], 100), whole, "cut at {at}");
        }
    }

    #[test]
    fn text_before_a_frame_is_counted_and_skipped() {
        assert_eq!(all(&[b"hello\x0bA\x1c\r"], 10), [Found::Garbage(5), Found::Payload(b"A".to_vec())]);
    }

    #[test]
    fn a_payload_beyond_the_limit_is_skipped_and_the_next_one_is_read() {
        assert_eq!(
            all(&[b"\x0b123456", b"789\x1c\r\x0bok\x1c\r"], 5),
            [Found::TooLong, Found::Payload(b"ok".to_vec())]
        );
    }

    #[test]
    fn a_sender_that_begins_anew_loses_only_what_it_had_not_finished() {
        assert_eq!(all(&[b"\x0bhalf\x0bwhole\x1c\r"], 10), [Found::Restarted(4), Found::Payload(b"whole".to_vec())]);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_end_and_hold_no_more_than_the_limit(
            pieces in proptest::collection::vec(proptest::collection::vec(prop_oneof![Just(VT), Just(FS), any::<u8>()], 0..60), 0..20)
        ) {
            let mut decoder = Decoder::new(32);
            for piece in &pieces {
                let mut input = piece.as_slice();
                while let Some(found) = decoder.next(&mut input) {
                    if let Found::Payload(payload) = found {
                        prop_assert!(payload.len() <= 32);
                    }
                }
                prop_assert!(decoder.payload.len() <= 32);
            }
        }

        #[test]
        fn what_was_framed_is_found(payload in proptest::collection::vec(0x20u8..=0xff, 0..200)) {
            prop_assert_eq!(all(&[&frame(&payload)], 1000), [Found::Payload(payload)]);
        }
    }
}
