//! Writes records: every field escaped, in the receiver's delimiters and charset, each record ended by CR.

use super::record::Delimiters;
use crate::charset::Charset;
use crate::escape::escape;

/// No answer that we give is larger.
pub const LARGEST: usize = 1 << 20;

#[derive(Clone, Debug)]
pub struct Writer {
    delimiters: Delimiters,
    charset: Charset,
    out: Vec<u8>,
    fields: usize,
    full: bool,
}

impl Writer {
    /// Begins with `H|\^&`.
    #[must_use]
    pub fn new(delimiters: Delimiters, charset: Charset) -> Self {
        let mut out = vec![b'H', delimiters.field];
        let Delimiters { field, repeat, component, escape } = delimiters;
        // They are told by their place: behind one that is not used none can be.
        let mut used = [repeat, component, escape].into_iter();
        let mut used = std::iter::from_fn(|| used.next().filter(|byte| *byte != 0)).fuse();
        let mut next = || used.next().inspect(|byte| out.push(*byte)).unwrap_or(0);
        let (repeat, component, escape) = (next(), next(), next());
        let delimiters = Delimiters { field, repeat, component, escape };
        Self { delimiters, charset, out, fields: 2, full: false }
    }

    /// Ends the record before and begins one.
    pub fn record(&mut self, letter: char) -> &mut Self {
        self.out.push(b'\r');
        self.out.extend(u8::try_from(letter));
        self.fields = 1;
        self
    }

    /// Field `number`, counted as in the standard (the letter is 1), above the one before.
    pub fn text(&mut self, number: usize, text: &str) -> &mut Self {
        self.parts(number, &[text])
    }

    pub fn parts(&mut self, number: usize, parts: &[&str]) -> &mut Self {
        if parts.iter().any(|part| !part.is_empty()) && self.open(number) {
            self.components(parts);
        }
        self
    }

    /// Repetitions, each of components.
    pub fn repeats<'p, P: AsRef<[&'p str]>>(
        &mut self,
        number: usize,
        repeats: impl IntoIterator<Item = P>,
    ) -> &mut Self {
        for (at, parts) in repeats.into_iter().enumerate() {
            if at == 0 {
                self.open(number);
            } else if self.out.len() <= LARGEST && self.delimiters.repeat != 0 {
                self.out.push(self.delimiters.repeat);
            }
            self.full |= self.out.len() > LARGEST;
            if !self.full {
                self.components(parts.as_ref());
            }
        }
        self
    }

    /// Components as the other side wrote them, in the same delimiters.
    pub fn raw(&mut self, number: usize, parts: &[Vec<u8>]) -> &mut Self {
        if parts.iter().any(|part| !part.is_empty()) && self.open(number) {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    self.separate();
                }
                let field = self.delimiters.field;
                self.out.extend(part.iter().filter(|byte| !byte.is_ascii_control() && **byte != field));
            }
        }
        self
    }

    /// The records; `None` when they are more than [`LARGEST`].
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<u8>> {
        self.out.push(b'\r');
        (!self.full && self.out.len() <= LARGEST).then_some(self.out)
    }

    fn components(&mut self, parts: &[&str]) {
        let Delimiters { field, repeat, component, escape: mark } = self.delimiters;
        let escapes = crate::escape::Escapes { escape: mark, field, component, repetition: repeat, subcomponent: None };
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.separate();
            }
            escape(part, self.charset, &escapes, &mut self.out);
        }
    }

    /// Nothing where the receiver has no components.
    fn separate(&mut self) {
        self.out.extend(Some(self.delimiters.component).filter(|byte| *byte != 0));
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
