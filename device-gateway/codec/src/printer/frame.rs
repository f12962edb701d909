//! Texts found in a stream that arrives in any pieces.

use super::Instrument;

pub(super) const STX: u8 = 0x02;
pub(super) const ETX: u8 = 0x03;
pub(super) const EOT: u8 = 0x04;
pub(super) const ENQ: u8 = 0x05;
pub(super) const ACK: u8 = 0x06;
pub(super) const NAK: u8 = 0x15;
pub(super) const GS: u8 = 0x1D;
const LONGEST: usize = 4096;

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// From STX to ETX, or to the last digit of the checksum, as it came.
    Text(Vec<u8>),
    /// A checksum that is wrong, a text too long, or one that another began in.
    Damaged,
    /// The instrument asks whether we listen.
    Enquiry,
}

/// Finds texts. Holds at most one unfinished text.
#[derive(Clone, Debug)]
pub struct Decoder {
    instrument: Instrument,
    /// From STX on.
    text: Option<Vec<u8>>,
}

impl Decoder {
    #[must_use]
    pub fn new(instrument: Instrument) -> Self {
        Self { instrument, text: None }
    }

    /// True from STX to the end of the text: a time limit should run.
    #[must_use]
    pub fn in_text(&self) -> bool {
        self.text.is_some()
    }

    /// Bytes held of an unfinished text.
    #[must_use]
    pub fn held(&self) -> usize {
        self.text.as_ref().map_or(0, Vec::len)
    }

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

    fn step(&mut self, byte: u8) -> Option<Found> {
        match (byte, &mut self.text) {
            (STX, text) => text.replace(vec![STX]).map(|_| Found::Damaged),
            (ENQ, None) => Some(Found::Enquiry),
            (_, None) => None,
            (ENQ | EOT, text) => text.take().map(|_| Found::Damaged),
            (_, text @ Some(_)) if text.as_ref().is_some_and(|text| text.len() == LONGEST) => {
                *text = None;
                Some(Found::Damaged)
            }
            (_, Some(text)) => {
                text.push(byte);
                self.ended()
            }
        }
    }

    fn ended(&mut self) -> Option<Found> {
        let text = self.text.as_ref()?;
        let good = if self.instrument.has_checksum() {
            match text.as_slice() {
                [STX, summed @ .., high, low] if summed.ends_with(&[GS]) => {
                    let sum = summed.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
                    let digits = [*high, *low].map(|digit| char::from(digit).to_digit(16));
                    digits[0].zip(digits[1]).is_some_and(|(high, low)| high * 16 + low == u32::from(sum))
                }
                [.., ETX] => false,
                _ => return None,
            }
        } else if text.ends_with(&[ETX]) {
            true
        } else {
            return None;
        };
        let text = self.text.take()?;
        Some(if good { Found::Text(text) } else { Found::Damaged })
    }
}
