//! ASTM records (E1394-97, LIS02-A2): H P O R C Q M S L as slices of the text.
//!
//! Delimiters come from H and hold for its message. Lines before the first H (comments of a capture) are
//! passed over; unknown records are kept. Fields may be padded with spaces, which the accessors trim.

use crate::escape::{Escapes, unescape};
use crate::padding;
use std::borrow::Cow;

/// H-1's five characters: field, repeat, component, escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    pub field: u8,
    pub repeat: u8,
    pub component: u8,
    pub escape: u8,
}

impl Delimiters {
    fn read(header: &[u8]) -> Option<Self> {
        let (field, rest) = header.strip_prefix(b"H")?.split_first()?;
        if field.is_ascii_alphanumeric() || field.is_ascii_control() || *field == b' ' {
            return None;
        }
        // A host that escaped the backslash once too often: `H|\\^&`.
        let rest = match rest {
            [b'\\', b'\\', ..] => rest.get(1..)?,
            _ => rest,
        };
        // They end where the first field does: of `H||1` the 1 is no delimiter.
        let rest = rest.split(|byte| byte == field || matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let at = |index: usize| rest.get(index).copied().filter(|byte| !byte.is_ascii_control()).unwrap_or(0);
        Some(Self { field: *field, repeat: at(0), component: at(1), escape: at(2) })
    }
}

/// One message, from its H to before the next H.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    text: &'a [u8],
    delimiters: Delimiters,
}

/// One record: its letter and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    line: &'a [u8],
    delimiters: Delimiters,
}

/// A field, a repetition or a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

/// The messages of a text, in order; none where there is no header.
pub fn messages(text: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = line_starts(rest).find(|at| header_at(rest, *at).is_some())?;
        let from = rest.get(start..)?;
        let end = line_starts(from).skip(1).find(|at| header_at(from, *at).is_some()).unwrap_or(from.len());
        let (text, after) = from.split_at_checked(end)?;
        rest = after;
        Delimiters::read(text).map(|delimiters| Message { text, delimiters })
    })
}

fn header_at(text: &[u8], at: usize) -> Option<Delimiters> {
    Delimiters::read(text.get(at..)?)
}

fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let breaks = text.iter().enumerate().filter(|(_, byte)| matches!(byte, b'\r' | b'\n'));
    std::iter::once(0).chain(breaks.map(|(index, _)| index + 1))
}

impl<'a> Message<'a> {
    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    pub fn records(&self) -> impl Iterator<Item = Record<'a>> + use<'a> {
        let delimiters = self.delimiters;
        self.text
            .split(|byte| matches!(byte, b'\r' | b'\n'))
            .map(<[u8]>::trim_ascii_start)
            .filter(|line| !line.is_empty())
            .map(move |line| Record { line, delimiters })
    }

    /// The H record.
    #[must_use]
    pub fn header(&self) -> Record<'a> {
        self.records().next().unwrap_or(Record { line: &[], delimiters: self.delimiters })
    }
}

impl<'a> Record<'a> {
    /// The record's letter, upper case; zero for a line that is no record.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self.line {
            [letter, next, ..] if *next == self.delimiters.field => letter.to_ascii_uppercase(),
            [letter] => letter.to_ascii_uppercase(),
            _ => 0,
        }
    }

    /// Field `number` as in the standard: 1 is the record's letter, `R-4` is 4.
    #[must_use]
    pub fn field(&self, number: usize) -> Field<'a> {
        // H-2 holds the delimiters themselves and would fall apart: it counts as one field anyway.
        self.fields().nth(number.saturating_sub(1)).unwrap_or(Field { bytes: &[], delimiters: self.delimiters })
    }

    /// Bytes of the record.
    #[must_use]
    pub fn size(&self) -> usize {
        self.line.len()
    }

    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let delimiters = self.delimiters;
        self.line.split(move |byte| *byte == delimiters.field).map(move |bytes| Field { bytes, delimiters })
    }
}

impl<'a> Field<'a> {
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// Without white space and padding around it.
    #[must_use]
    pub fn trimmed(&self) -> &'a [u8] {
        padding::strip(self.bytes)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trimmed().is_empty()
    }

    pub fn repetitions(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.split(self.delimiters.repeat)
    }

    /// Component `number` (from 1) of the first repetition.
    #[must_use]
    pub fn component(&self, number: usize) -> Field<'a> {
        let first = self.repetitions().next().unwrap_or(*self);
        first.components().nth(number.saturating_sub(1)).unwrap_or(Self { bytes: &[], delimiters: self.delimiters })
    }

    /// Components of one repetition.
    pub fn components(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.split(self.delimiters.component)
    }

    /// Escapes resolved and trimmed, still in the device's charset.
    #[must_use]
    pub fn unescaped(&self) -> Cow<'a, [u8]> {
        let Delimiters { field, repeat, component, escape } = self.delimiters;
        let escapes = Escapes { escape, field, component, repetition: repeat, subcomponent: None };
        unescape(self.trimmed(), &escapes)
    }

    fn split(&self, separator: u8) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let delimiters = self.delimiters;
        let separator = Some(separator).filter(|byte| *byte != 0);
        self.bytes.split(move |byte| Some(*byte) == separator).map(move |bytes| Self { bytes, delimiters })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(message: &Message<'_>) -> Vec<char> {
        message.records().map(|record| char::from(record.kind())).collect()
    }

    #[test]
    fn records_are_found_whatever_ends_their_lines() {
        for end in ["\r", "\n", "\r\n"] {
            let text = ["H|\\^&|||XN^1", "P|1", "O|1| S-77 ", "R|1|^^^^WBC|8.1|10*3/uL", "L|1|N"].join(end);
            let message = messages(text.as_bytes()).next().unwrap();
            assert_eq!(kinds(&message), ['H', 'P', 'O', 'R', 'L']);
            let order = message.records().nth(2).unwrap();
            assert_eq!(order.field(3).trimmed(), b"S-77");
            let result = message.records().nth(3).unwrap();
            assert_eq!(result.field(3).component(5).raw(), b"WBC");
            assert_eq!(result.field(4).raw(), b"8.1");
            assert!(result.field(30).is_empty());
        }
    }

    #[test]
    fn delimiters_come_from_the_header() {
        let message = messages(b"H|@^\\|X\rR|1|A^B@C|x\\F\\y\r").next().unwrap();
        let record = message.records().nth(1).unwrap();
        assert_eq!(record.field(3).repetitions().count(), 2);
        assert_eq!(record.field(4).unescaped().as_ref(), b"x|y");
        let doubled = messages(b"H|\\\\^&|||A^B\r").next().unwrap();
        assert_eq!(doubled.header().field(5).component(2).raw(), b"B");
    }

    #[test]
    fn comments_before_the_header_are_passed_over_and_each_header_begins_a_message() {
        let text = b"# capture\n# H is next\nH|\\^&|1\nL|1\nH|\\^&|2\nL|1\n";
        let found: Vec<_> = messages(text).map(|message| kinds(&message)).collect();
        assert_eq!(found, [['H', 'L'], ['H', 'L']]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_never_a_panic(tail: Vec<u8>) {
            let text = [&b"H|\\^&"[..], &tail].concat();
            for message in messages(&text) {
                for record in message.records() {
                    let field = record.field(4);
                    let _ = (record.kind(), field.component(2).unescaped().len(), field.repetitions().count());
                }
            }
        }
    }
}
