//! Frames found in a stream that arrives in any pieces.

/// The longest frame: an answer of 3845 bytes, and a little more than the document allows.
const LONGEST: usize = 4096;
/// `SOH`, code, two digits of checksum.
const SHORTEST: usize = 4;

const SOH: u8 = 0x01;
const CR: u8 = 0x0D;
const DC1: u8 = 0x11;
const DC3: u8 = 0x13;
const CAN: u8 = 0x18;
const ESC: u8 = 0x1B;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Command,
    Response,
}

/// A command or an answer whose checksum is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    /// The command, or the command that is answered.
    pub code: u8,
    /// Argument or data.
    pub data: Vec<u8>,
}

impl Frame {
    /// As it stands on the line.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let start = match self.kind {
            Kind::Command => ESC,
            Kind::Response => SOH,
        };
        framed(start, self.code, &self.data)
    }
}

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Frame(Frame),
    /// A frame that ended with a wrong checksum, or too short for one; what kind it claimed to be.
    Damaged(Kind),
    /// A frame that did not end: it grew too long, or another of its kind began.
    Broken(Kind),
    /// The sender aborts what it was sending.
    Cancelled,
    /// The device asks us to hold our bytes back.
    Suspend,
    Resume,
}

/// Finds frames. Holds at most one unfinished answer and one unfinished command.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    /// The answer that a command stands in, or that is read now.
    response: Option<Vec<u8>>,
    command: Option<Vec<u8>>,
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

    /// Bytes held of unfinished frames.
    #[must_use]
    pub fn held(&self) -> usize {
        self.response.as_ref().map_or(0, Vec::len) + self.command.as_ref().map_or(0, Vec::len)
    }

    fn step(&mut self, byte: u8) -> Option<Found> {
        match byte {
            0x80.. => None,
            DC1 => Some(Found::Suspend),
            DC3 => Some(Found::Resume),
            CAN => {
                let held = self.response.take().is_some() | self.command.take().is_some();
                held.then_some(Found::Cancelled)
            }
            ESC => {
                let broken = self.command.replace(vec![ESC]).is_some();
                broken.then_some(Found::Broken(Kind::Command))
            }
            SOH => {
                // An answer never stands inside a command, so whatever was open has lost its end.
                let broken = self.command.take().map(|_| Kind::Command);
                let broken = self.response.replace(vec![SOH]).map(|_| Kind::Response).or(broken);
                broken.map(Found::Broken)
            }
            CR => self.end(),
            _ => self.collect(byte),
        }
    }

    fn collect(&mut self, byte: u8) -> Option<Found> {
        let (kind, slot) = match (&mut self.command, &mut self.response) {
            (command @ Some(_), _) => (Kind::Command, command),
            (None, response) => (Kind::Response, response),
        };
        let bytes = slot.as_mut()?;
        if bytes.len() == LONGEST {
            *slot = None;
            return Some(Found::Broken(kind));
        }
        bytes.push(byte);
        None
    }

    fn end(&mut self) -> Option<Found> {
        let (kind, bytes) = match (self.command.take(), &mut self.response) {
            (Some(bytes), _) => (Kind::Command, bytes),
            (None, response) => (Kind::Response, response.take()?),
        };
        Some(judge(kind, &bytes).map_or(Found::Damaged(kind), Found::Frame))
    }
}

/// The frame without its CR, if its checksum is right.
fn judge(kind: Kind, bytes: &[u8]) -> Option<Frame> {
    if bytes.len() < SHORTEST {
        return None;
    }
    let (summed, digits) = bytes.split_last_chunk::<2>()?;
    if hex(*digits)? != sum(summed) {
        return None;
    }
    let [_, code, data @ ..] = summed else { return None };
    Some(Frame { kind, code: *code, data: data.to_vec() })
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Two hexadecimal digits.
pub(super) fn hex(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

fn framed(start: u8, code: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![start, code];
    bytes.extend_from_slice(data);
    let checksum = sum(&bytes);
    bytes.extend_from_slice(format!("{checksum:02X}\r").as_bytes());
    bytes
}

/// A command as it stands on the line.
#[must_use]
pub fn command(code: u8, argument: &[u8]) -> Vec<u8> {
    framed(ESC, code, argument)
}

/// An answer as it stands on the line.
#[must_use]
pub fn response(code: u8, data: &[u8]) -> Vec<u8> {
    framed(SOH, code, data)
}
