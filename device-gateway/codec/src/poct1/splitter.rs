//! Documents found in a stream that arrives in any pieces.

/// The longest document: the largest that devices announce is 32 kB, a batch of them less than this.
const LONGEST: usize = 1 << 20;
/// Elements inside each other; the standard's deepest message has seven.
pub(super) const DEEPEST: usize = 32;

/// What the stream held next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// From the root's first byte to its last.
    Document(Vec<u8>),
    /// Text outside of any document.
    Garbage,
    /// A document type declaration, or one that is too long or too deep. What follows is read from there on.
    Refused,
}

/// Finds documents. Holds at most one unfinished document.
#[derive(Clone, Debug, Default)]
pub struct Splitter {
    bytes: Vec<u8>,
    /// Where the markup that is being read begins.
    markup: Option<usize>,
    /// Inside a quoted attribute value.
    quote: Option<u8>,
    depth: usize,
    garbage: bool,
}

impl Splitter {
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

    /// Bytes held of an unfinished document.
    #[must_use]
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    fn step(&mut self, byte: u8) -> Option<Found> {
        if self.bytes.len() == LONGEST {
            return self.refuse();
        }
        let Some(markup) = self.markup else {
            return self.text(byte);
        };
        self.bytes.push(byte);
        let inside = self.bytes.get(markup..).unwrap_or_default();
        match self.quote {
            Some(quote) => {
                self.quote = Some(quote).filter(|quote| *quote != byte);
                None
            }
            // A comment may hold quotes and `>`; it ends with `-->` alone.
            None if inside.starts_with(b"<!--") => {
                (inside.len() >= 7 && inside.ends_with(b"-->")).then(|| self.end_of_markup(markup)).flatten()
            }
            None if byte == b'>' => self.end_of_markup(markup),
            None => {
                let quoted = matches!(byte, b'"' | b'\'') && !inside.starts_with(b"<!");
                self.quote = quoted.then_some(byte);
                None
            }
        }
    }

    fn text(&mut self, byte: u8) -> Option<Found> {
        if byte == b'<' {
            self.markup = Some(self.bytes.len());
            self.bytes.push(byte);
            return std::mem::take(&mut self.garbage).then_some(Found::Garbage);
        }
        if self.depth > 0 {
            self.bytes.push(byte);
        } else if !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xEF | 0xBB | 0xBF) {
            self.garbage = true;
        }
        None
    }

    fn end_of_markup(&mut self, markup: usize) -> Option<Found> {
        self.markup = None;
        match self.bytes.get(markup..).unwrap_or_default() {
            [b'<', b'!', b'-', b'-', ..] | [b'<', b'?', ..] => {
                // In front of the root it belongs to no document.
                if self.depth == 0 {
                    self.bytes.truncate(markup);
                }
                return None;
            }
            // Declarations, and CDATA, of which the standard has no use.
            [b'<', b'!', ..] => return self.refuse(),
            [b'<', b'/', ..] => {
                let Some(depth) = self.depth.checked_sub(1) else { return self.refuse() };
                self.depth = depth;
            }
            [.., b'/', b'>'] => {}
            _ if self.depth == DEEPEST => return self.refuse(),
            _ => self.depth += 1,
        }
        (self.depth == 0).then(|| Found::Document(std::mem::take(&mut self.bytes)))
    }

    fn refuse(&mut self) -> Option<Found> {
        *self = Self::default();
        Some(Found::Refused)
    }
}
