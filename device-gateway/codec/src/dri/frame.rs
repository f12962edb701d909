//! Frames found in a stream that arrives in any pieces. Every flag may end one frame and begin the next.

const FLAG: u8 = 0x7E;
const ESCAPE: u8 = 0x7D;

/// The longest record that is taken, with its checksum: the largest of the document, and room.
const LONGEST: usize = 2048;

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A record whose checksum is right.
    Record(Vec<u8>),
    /// So many bytes between two flags are no good record.
    Damaged(usize),
}

/// Finds records. Holds at most one unfinished record.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    /// Bytes since the last flag, on the line.
    length: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// No flag has come yet: what comes is the end of something that began before us.
    #[default]
    Unknown,
    Inside,
    Escaped,
    /// In something that is too long, or has an escape that means nothing.
    Bad,
}

impl Decoder {
    /// Takes from the front of `input` up to the next thing found; `None`: all of it was taken.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Found> {
        while let [byte, rest @ ..] = *input {
            *input = rest;
            if let Some(found) = self.step(*byte) {
                return Some(found);
            }
        }
        None
    }

    /// Bytes held of an unfinished record.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    fn step(&mut self, byte: u8) -> Option<Found> {
        if byte == FLAG {
            return self.end();
        }
        self.length = self.length.saturating_add(1);
        match (self.state, byte) {
            (State::Unknown | State::Bad, _) => {}
            (State::Inside, ESCAPE) => self.state = State::Escaped,
            (State::Escaped, 0x5E | 0x5D) => {
                self.state = State::Inside;
                self.collect(byte | 0x20);
            }
            (State::Escaped, _) => self.state = State::Bad,
            (State::Inside, _) => self.collect(byte),
        }
        None
    }

    fn collect(&mut self, byte: u8) {
        if self.bytes.len() < LONGEST {
            self.bytes.push(byte);
        } else {
            self.state = State::Bad;
            self.bytes = Vec::new();
        }
    }

    fn end(&mut self) -> Option<Found> {
        let length = std::mem::take(&mut self.length);
        let mut bytes = std::mem::take(&mut self.bytes);
        let good = self.state == State::Inside && bytes.pop().is_some_and(|checksum| checksum == sum(&bytes));
        self.state = State::Inside;
        match length {
            0 => None,
            _ if good => Some(Found::Record(bytes)),
            _ => Some(Found::Damaged(length)),
        }
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// A record as it stands on the line.
#[must_use]
pub fn frame(record: &[u8]) -> Vec<u8> {
    let mut bytes = vec![FLAG];
    for byte in record.iter().copied().chain([sum(record)]) {
        match byte {
            FLAG | ESCAPE => bytes.extend([ESCAPE, byte & 0x5F]),
            _ => bytes.push(byte),
        }
    }
    bytes.push(FLAG);
    bytes
}
