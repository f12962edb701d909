//! HL7 v2 messages as slices of the bytes received: segments, fields, repetitions, components.
//!
//! Delimiters are read from MSH and never assumed. Segments end with CR, LF or CR LF. Missing fields are
//! empty, extra ones are there; nothing is validated against a message structure, because devices do not
//! keep to one.

pub mod ack;
pub mod batch;
mod field;
mod kind;
mod segment;
mod whole;
mod write;

pub use field::Field;
pub use kind::{Kind, version};
pub use segment::{Segment, Segments};
pub use whole::Whole;
pub use write::{LARGEST, TooLong, Writer};

use crate::escape::Escapes;

/// The five characters of MSH-1 and MSH-2. Zero stands for one that the sender does not use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    pub field: u8,
    pub component: u8,
    pub repetition: u8,
    pub escape: u8,
    pub subcomponent: u8,
}

impl Delimiters {
    /// `|^~\&`
    pub const USUAL: Self = Self { field: b'|', component: b'^', repetition: b'~', escape: b'\\', subcomponent: b'&' };

    pub(crate) fn escapes(&self) -> Escapes {
        Escapes {
            escape: self.escape,
            field: self.field,
            component: self.component,
            repetition: self.repetition,
            subcomponent: Some(self.subcomponent).filter(|byte| *byte != 0),
        }
    }

    /// From `MSH|^~\&…` (also FHS and BHS).
    fn read(header: &[u8]) -> Option<Self> {
        let field = *header.get(3)?;
        if field.is_ascii_alphanumeric() || field.is_ascii_control() {
            return None;
        }
        let rest = header.get(4..)?;
        let end = rest.iter().position(|byte| *byte == field || matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
        let encoding = rest.get(..end)?;
        let at = |index: usize| encoding.get(index).copied().unwrap_or(0);
        // A NUL there is no delimiter: an answer that echoed it would not be a message.
        let component = encoding.first().copied().filter(|byte| !byte.is_ascii_control())?;
        Some(Self { field, component, repetition: at(1), escape: at(2), subcomponent: at(3) })
    }
}

/// The bytes are not an HL7 v2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHl7 {
    #[error("no MSH segment at the beginning")]
    NoHeader,
    #[error("MSH-1 or MSH-2 holds no delimiters")]
    NoDelimiters,
}

/// One message, borrowed from the bytes received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

impl<'a> Message<'a> {
    /// Finds the header; white space and a byte order mark before it are passed over.
    ///
    /// # Errors
    /// When the bytes do not begin with a usable MSH.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotHl7> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
        if !bytes.starts_with(b"MSH") {
            return Err(NotHl7::NoHeader);
        }
        let delimiters = Delimiters::read(bytes).ok_or(NotHl7::NoDelimiters)?;
        Ok(Self { bytes, delimiters })
    }

    #[must_use]
    pub fn delimiters(&self) -> Delimiters {
        self.delimiters
    }

    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The first segment of that name.
    #[must_use]
    pub fn segment(&self, id: &[u8]) -> Option<Segment<'a>> {
        self.segments().find(|segment| segment.id() == id)
    }

    /// All segments in order, MSH first; empty lines are passed over.
    #[must_use]
    pub fn segments(&self) -> Segments<'a> {
        Segments::new(self.bytes, self.delimiters)
    }

    /// The MSH segment.
    #[must_use]
    pub fn header(&self) -> Segment<'a> {
        self.segments().next().unwrap_or_else(|| Segment::empty(self.delimiters))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;
