//! Writes messages: every field escaped, in the receiver's delimiters and charset, within a limit.

use super::Delimiters;
use crate::charset::Charset;
use crate::escape::escape;

/// No answer that we give is larger.
pub const LARGEST: usize = 1 << 20;

/// The message would be larger than [`LARGEST`]: it is not sent at all rather than cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message would be larger than {LARGEST} bytes")]
pub struct TooLong;

#[derive(Clone, Debug)]
pub struct Writer {
    delimiters: Delimiters,
    charset: Charset,
    out: Vec<u8>,
    /// Fields of the segment that stand already.
    fields: usize,
    full: bool,
}

impl Writer {
    /// Begins with `MSH|^~\&`. `charset` must be one that can be split ([`Charset::divisible`]).
    #[must_use]
    pub fn new(delimiters: Delimiters, charset: Charset) -> Self {
        let mut out = b"MSH".to_vec();
        out.push(delimiters.field);
        let Delimiters { field, component, repetition, escape, subcomponent } = delimiters;
        // They are told by their place: behind one that is not used none can be.
        let mut used = [component, repetition, escape, subcomponent].into_iter();
        let mut used = std::iter::from_fn(|| used.next().filter(|byte| *byte != 0 && !byte.is_ascii_control())).fuse();
        let mut next = || used.next().inspect(|byte| out.push(*byte)).unwrap_or(0);
        let (component, repetition, escape, subcomponent) = (next(), next(), next(), next());
        let delimiters = Delimiters { field, component, repetition, escape, subcomponent };
        Self { delimiters, charset, out, fields: 2, full: false }
    }

    /// Ends the segment before and begins one.
    pub fn segment(&mut self, id: &str) -> &mut Self {
        self.out.push(b'\r');
        self.out.extend_from_slice(id.as_bytes());
        self.fields = 0;
        self
    }

    /// Field `number`, counted as in the standard, above the one before.
    pub fn text(&mut self, number: usize, text: &str) -> &mut Self {
        self.parts(number, &[text])
    }

    /// A field of components.
    pub fn parts(&mut self, number: usize, parts: &[&str]) -> &mut Self {
        let last = parts.iter().rposition(|part| !part.is_empty()).map_or(0, |at| at + 1);
        if last > 0 && self.open(number) {
            for (at, part) in parts.iter().take(last).enumerate() {
                if at > 0 {
                    self.out.push(self.delimiters.component);
                }
                escape(part, self.charset, &self.delimiters.escapes(), &mut self.out);
            }
        }
        self
    }

    /// A component of sub-components, alone in its field.
    pub fn subparts(&mut self, number: usize, parts: &[&str]) -> &mut Self {
        if self.open(number) {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 && self.delimiters.subcomponent != 0 {
                    self.out.push(self.delimiters.subcomponent);
                }
                escape(part, self.charset, &self.delimiters.escapes(), &mut self.out);
            }
        }
        self
    }

    /// A field as the other side wrote it, in the same delimiters. What would end the segment goes.
    pub fn raw(&mut self, number: usize, field: &[u8]) -> &mut Self {
        if !field.is_empty() && self.open(number) {
            let field_separator = self.delimiters.field;
            self.out.extend(field.iter().filter(|byte| !ends(**byte) && **byte != field_separator));
        }
        self
    }

    /// Ends the segment after so many fields, empty or not, for receivers that count separators.
    pub fn close(&mut self, fields: usize) -> &mut Self {
        self.open(fields);
        self
    }

    /// A whole segment as the other side wrote it.
    pub fn echo(&mut self, segment: &[u8]) -> &mut Self {
        if self.full || self.out.len() + segment.len() > LARGEST {
            self.full = true;
        } else if !segment.is_empty() {
            self.out.push(b'\r');
            self.out.extend(segment.iter().filter(|byte| !ends(**byte)));
        }
        self
    }

    /// # Errors
    /// When it became larger than [`LARGEST`].
    pub fn finish(mut self) -> Result<Vec<u8>, TooLong> {
        self.out.push(b'\r');
        if self.full || self.out.len() > LARGEST { Err(TooLong) } else { Ok(self.out) }
    }

    fn open(&mut self, number: usize) -> bool {
        self.full |= self.out.len() > LARGEST;
        for _ in self.fields..number {
            self.out.push(self.delimiters.field);
        }
        self.fields = self.fields.max(number);
        !self.full
    }
}

/// What ends a segment, or the frame that carries it.
fn ends(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | crate::mllp::VT | crate::mllp::FS)
}
