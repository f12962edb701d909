//! One segment and its fields, found when asked for.

use super::{Delimiters, Field};

/// A segment as it stands in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    id: &'a [u8],
    /// After the id, from the first field separator on.
    rest: &'a [u8],
    delimiters: Delimiters,
}

impl<'a> Segment<'a> {
    pub(super) fn empty(delimiters: Delimiters) -> Self {
        Self { id: &[], rest: &[], delimiters }
    }

    pub(super) fn new(line: &'a [u8], delimiters: Delimiters) -> Self {
        let end = line.iter().position(|byte| *byte == delimiters.field).unwrap_or(line.len());
        let (id, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
        Self { id: id.trim_ascii(), rest, delimiters }
    }

    /// `b"OBX"`
    #[must_use]
    pub fn id(&self) -> &'a [u8] {
        self.id
    }

    /// The segment as it was sent, without its end.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        [self.id, self.rest].concat()
    }

    /// Bytes after the id.
    #[must_use]
    pub fn size(&self) -> usize {
        self.rest.len()
    }

    /// Field `number` as in the standard (`OBX-5` is 5); empty when it is not there.
    #[must_use]
    pub fn field(&self, number: usize) -> Field<'a> {
        // MSH-1 is the separator itself, so the header's fields count one less.
        let header = matches!(self.id, b"MSH" | b"FHS" | b"BHS");
        if header && number == 1 {
            return Field::new(self.rest.get(..1).unwrap_or_default(), self.delimiters);
        }
        let nth = if header { number.saturating_sub(1) } else { number };
        self.fields().nth(nth.saturating_sub(1)).unwrap_or(Field::new(&[], self.delimiters))
    }

    /// The fields as they stand between separators, the first one first.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let delimiters = self.delimiters;
        let after = self.rest.get(1..);
        after
            .into_iter()
            .flat_map(move |rest| rest.split(move |byte| *byte == delimiters.field))
            .map(move |bytes| Field::new(bytes, delimiters))
    }

    /// The first `N` fields in one pass: `[0]` is field 1 (for MSH: `[0]` is MSH-2).
    #[must_use]
    pub fn first<const N: usize>(&self) -> [Field<'a>; N] {
        let mut fields = [Field::new(&[], self.delimiters); N];
        for (slot, field) in fields.iter_mut().zip(self.fields()) {
            *slot = field;
        }
        fields
    }
}

/// Iterates over the segments of a message.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    rest: &'a [u8],
    delimiters: Delimiters,
}

impl<'a> Segments<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiters: Delimiters) -> Self {
        Self { rest: bytes, delimiters }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let end = end.unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
            self.rest = rest.get(1..).unwrap_or_default();
            if !line.trim_ascii().is_empty() {
                return Some(Segment::new(line, self.delimiters));
            }
        }
        None
    }
}
