//! RS-232 framing: `C0`, a header of four bytes, the message, the FCS-16 of both, `C1`. Inside, C0, C1 and 7D
//! are sent as 7D and the byte with bit 5 inverted.

pub(super) const BEGIN: u8 = 0xC0;
const END: u8 = 0xC1;
const ESCAPE: u8 = 0x7D;
const FLIP: u8 = 0x20;
/// Data export, and the only type of message it has.
const PROTOCOL: [u8; 2] = [0x11, 0x01];

/// The longest message taken, with its header and checksum.
const LONGEST: usize = 16_384;

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A message whose header and checksum are right.
    Message(Vec<u8>),
    /// A frame that is damaged, aborted, too long or without end.
    Damaged,
}

/// Finds messages. Holds at most one unfinished frame.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    Inside,
    Escaped,
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

    /// Bytes held of an unfinished frame.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    fn step(&mut self, byte: u8) -> Option<Found> {
        match (self.state, byte) {
            (before, BEGIN) => {
                self.bytes = Vec::new();
                self.state = State::Inside;
                (before != State::Outside).then_some(Found::Damaged)
            }
            (State::Outside, _) => None,
            // An escape before the end aborts the frame.
            (State::Escaped, END) => self.drop_frame(),
            (State::Inside, END) => {
                self.state = State::Outside;
                let bytes = std::mem::take(&mut self.bytes);
                Some(judge(&bytes).map_or(Found::Damaged, Found::Message))
            }
            (State::Inside, ESCAPE) => {
                self.state = State::Escaped;
                None
            }
            (_, _) if self.bytes.len() == LONGEST => self.drop_frame(),
            (State::Escaped, _) => {
                self.bytes.push(byte ^ FLIP);
                self.state = State::Inside;
                None
            }
            (State::Inside, _) => {
                self.bytes.push(byte);
                None
            }
        }
    }

    fn drop_frame(&mut self) -> Option<Found> {
        self.bytes = Vec::new();
        self.state = State::Outside;
        Some(Found::Damaged)
    }
}

fn judge(bytes: &[u8]) -> Option<Vec<u8>> {
    let (summed, sum) = bytes.split_last_chunk::<2>()?;
    let (protocol, rest) = summed.split_first_chunk::<2>()?;
    let (length, message) = rest.split_first_chunk::<2>()?;
    let good = *sum == fcs(summed).to_le_bytes()
        && *protocol == PROTOCOL
        && usize::from(u16::from_be_bytes(*length)) == message.len();
    good.then(|| message.to_vec())
}

/// The frame check sequence of PPP: CRC-16 with 0x8408, all ones before, inverted after.
fn fcs(bytes: &[u8]) -> u16 {
    let mut crc = u16::MAX;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 };
        }
    }
    !crc
}

/// A message as it stands on the serial line.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut plain = PROTOCOL.to_vec();
    plain.extend(u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes());
    plain.extend_from_slice(message);
    plain.extend(fcs(&plain).to_le_bytes());
    let mut bytes = vec![BEGIN];
    for byte in plain {
        match byte {
            BEGIN | END | ESCAPE => bytes.extend([ESCAPE, byte ^ FLIP]),
            _ => bytes.push(byte),
        }
    }
    bytes.push(END);
    bytes
}
