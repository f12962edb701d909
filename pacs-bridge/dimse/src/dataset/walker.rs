//! Following a dataset as it streams by.
//!
//! The walker holds one element header, a stack of open sequences and the few values that it was asked
//! to keep. A value is skipped by counting, so a declared length costs nothing until its bytes come; a
//! dataset that ends before its lengths do is found out at the end.

use super::element::{Tag, Vr};
use super::encoding::Encoding;
use super::header::{Header, HeaderError};

/// How much a walk may keep.
#[derive(Clone, Copy, Debug)]
pub struct WalkLimits {
    /// Nested sequences of undefined length.
    pub depth: usize,
    /// One kept value; a longer one counts as absent.
    pub value: u32,
    /// All kept values together.
    pub kept: usize,
}

impl Default for WalkLimits {
    fn default() -> Self {
        Self { depth: 16, value: 64 * 1024, kept: 1024 * 1024 }
    }
}

/// Why a dataset cannot be understood. Offsets count from the dataset's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalkError {
    #[error("{tag} at {offset} has no value representation")]
    BadVr { tag: Tag, offset: u64 },
    #[error("{tag} at {offset} declares {declared} bytes, the item around it has {left}")]
    BeyondParent { tag: Tag, offset: u64, declared: u32, left: u64 },
    #[error("{tag} at {offset} stands where an item or a delimiter must")]
    NotAnItem { tag: Tag, offset: u64 },
    #[error("{tag} at {offset} has undefined length and is no sequence")]
    UndefinedLength { tag: Tag, offset: u64 },
    #[error("sequences are nested more than {0} deep")]
    TooDeep(usize),
    #[error("{tag} declares {missing} bytes more than the dataset has")]
    EndsInValue { tag: Tag, missing: u64 },
    #[error("the dataset ends inside an element header at {offset}")]
    EndsInHeader { offset: u64 },
    #[error("the dataset ends inside a sequence")]
    EndsInSequence,
}

/// Where the pixels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelData {
    pub tag: Tag,
    /// Of the element's header, from the dataset's first byte: the header of the image ends here.
    pub element_offset: u64,
    /// Of the value, or of the first item when encapsulated.
    pub value_offset: u64,
    /// Nothing when encapsulated.
    pub length: Option<u32>,
    /// Items after the Basic Offset Table.
    pub fragments: u64,
}

/// What a walk to the end found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    kept: Vec<(Tag, Vec<u8>)>,
    pub pixel_data: Option<PixelData>,
    pub length: u64,
    pub encoding: Option<Encoding>,
}

impl Summary {
    /// The bytes of a kept top-level value.
    pub fn value(&self, tag: Tag) -> Option<&[u8]> {
        self.kept.iter().find(|(kept, _)| *kept == tag).map(|(_, value)| value.as_slice())
    }
}

#[derive(Clone, Copy, Debug)]
enum Level {
    /// Undefined length: items until the delimiter. `inner` is how the elements in its items are laid out.
    Sequence { inner: Encoding },
    /// Undefined length: elements until the delimiter.
    Item,
    /// Defined length, inside a sequence of undefined length.
    BoundedItem { end: u64 },
    /// Encapsulated pixel data.
    Fragments,
}

#[derive(Debug)]
enum State {
    Header,
    Skip { tag: Tag, left: u64 },
    Keep { tag: Tag, left: u64, value: Vec<u8> },
}

/// One dataset's walk.
#[derive(Debug)]
pub struct Walker {
    declared: Encoding,
    encoding: Option<Encoding>,
    wanted: &'static [Tag],
    limits: WalkLimits,
    state: State,
    pending: Vec<u8>,
    /// Of the next byte to come.
    offset: u64,
    levels: Vec<(Level, Encoding)>,
    kept: usize,
    summary: Summary,
}

impl Walker {
    /// Walks a dataset laid out as `encoding` says, keeping the top-level values in `wanted`.
    pub fn new(encoding: Encoding, wanted: &'static [Tag], limits: WalkLimits) -> Self {
        Self {
            declared: encoding,
            encoding: None,
            wanted,
            limits,
            state: State::Header,
            pending: Vec::with_capacity(12),
            offset: 0,
            levels: Vec::new(),
            kept: 0,
            summary: Summary::default(),
        }
    }

    /// Whether the walk has come to the pixels.
    pub fn reached_pixel_data(&self) -> bool {
        self.summary.pixel_data.is_some()
    }

    /// Takes the next bytes, in pieces of any size.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), WalkError> {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Header => self.header(bytes)?,
                State::Skip { left, .. } => {
                    let (passed, rest) = split(bytes, *left);
                    *left = left.saturating_sub(count(passed));
                    self.offset = self.offset.saturating_add(count(passed));
                    if *left == 0 {
                        self.state = State::Header;
                    }
                    rest
                }
                State::Keep { tag, left, value } => {
                    let (passed, rest) = split(bytes, *left);
                    *left = left.saturating_sub(count(passed));
                    self.offset = self.offset.saturating_add(count(passed));
                    value.extend_from_slice(passed);
                    if *left == 0 {
                        self.summary.kept.push((*tag, std::mem::take(value)));
                        self.state = State::Header;
                    }
                    rest
                }
            };
            self.close_bounded_items();
        }
        Ok(())
    }

    /// Ends the walk: everything that was opened must have been closed.
    pub fn finish(mut self) -> Result<Summary, WalkError> {
        self.close_bounded_items();
        match self.state {
            State::Skip { tag, left } | State::Keep { tag, left, .. } => {
                return Err(WalkError::EndsInValue { tag, missing: left });
            }
            State::Header if !self.pending.is_empty() => {
                return Err(WalkError::EndsInHeader { offset: self.offset });
            }
            State::Header => {}
        }
        if !self.levels.is_empty() {
            return Err(WalkError::EndsInSequence);
        }
        self.summary.length = self.offset;
        self.summary.encoding = self.encoding;
        Ok(self.summary)
    }

    /// What was found so far, for a stream of which only the beginning is walked.
    pub fn into_partial(mut self) -> Summary {
        self.summary.length = self.offset;
        self.summary.encoding = self.encoding;
        self.summary
    }

    fn header<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], WalkError> {
        let mut needed = 8;
        let mut rest = bytes;
        loop {
            let missing = needed_more(needed, self.pending.len());
            let (taken, after) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            self.pending.extend_from_slice(taken);
            rest = after;
            if self.pending.len() < needed {
                return Ok(rest);
            }
            let encoding = self.current_encoding();
            match Header::read(&self.pending, encoding) {
                Err(HeaderError::NeedMore(size)) => needed = size,
                Err(HeaderError::BadVr(tag)) => {
                    return Err(WalkError::BadVr { tag, offset: self.offset });
                }
                Ok(header) => {
                    self.pending.clear();
                    self.enter(header, encoding)?;
                    return Ok(rest);
                }
            }
        }
    }

    fn current_encoding(&mut self) -> Encoding {
        let top = match self.encoding {
            Some(encoding) => encoding,
            None => {
                let first = self.pending.first_chunk::<8>();
                let observed = first.map_or(self.declared, |eight| self.declared.observed(eight));
                *self.encoding.insert(observed)
            }
        };
        self.levels.last().map_or(top, |(_, encoding)| *encoding)
    }

    fn enter(&mut self, header: Header, encoding: Encoding) -> Result<(), WalkError> {
        let offset = self.offset;
        let tag = header.tag;
        self.offset = offset.saturating_add(u64::try_from(header.size).unwrap_or(u64::MAX));
        match self.levels.last() {
            Some((Level::Sequence { inner }, _)) => {
                let inner = *inner;
                match (tag, header.length) {
                    (Tag::SEQUENCE_END, _) => {
                        self.levels.pop();
                        Ok(())
                    }
                    (Tag::ITEM, None) => self.push(Level::Item, inner),
                    (Tag::ITEM, Some(length)) => {
                        let end = self.offset.saturating_add(u64::from(length));
                        self.push(Level::BoundedItem { end }, inner)
                    }
                    _ => Err(WalkError::NotAnItem { tag, offset }),
                }
            }
            Some((Level::Fragments, _)) => match (tag, header.length) {
                (Tag::SEQUENCE_END, _) => {
                    self.levels.pop();
                    Ok(())
                }
                (Tag::ITEM, Some(length)) => {
                    if let Some(pixels) = &mut self.summary.pixel_data {
                        pixels.fragments = pixels.fragments.saturating_add(1);
                    }
                    self.skip(tag, length);
                    Ok(())
                }
                (Tag::ITEM, None) => Err(WalkError::UndefinedLength { tag, offset }),
                _ => Err(WalkError::NotAnItem { tag, offset }),
            },
            Some((Level::Item, _)) if tag == Tag::ITEM_END => {
                self.levels.pop();
                Ok(())
            }
            // Stray delimiters carry nothing; some writers leave one behind a sequence of defined length.
            _ if matches!(tag, Tag::ITEM_END | Tag::SEQUENCE_END) && header.length == Some(0) => Ok(()),
            _ => self.element(header, encoding, offset),
        }
    }

    fn element(&mut self, header: Header, encoding: Encoding, offset: u64) -> Result<(), WalkError> {
        let tag = header.tag;
        if tag.0 == Tag::ITEM.0 {
            return Err(WalkError::NotAnItem { tag, offset });
        }
        let top = self.levels.is_empty();
        let is_pixels = top && tag.is_pixel_data() && self.summary.pixel_data.is_none();
        if is_pixels {
            self.summary.pixel_data = Some(PixelData {
                tag,
                element_offset: offset,
                value_offset: self.offset,
                length: header.length,
                fragments: 0,
            });
        }
        let Some(length) = header.length else {
            return match header.vr {
                _ if tag == Tag::PIXEL_DATA => self.push(Level::Fragments, encoding),
                None | Some(Vr::SQ) => self.push(Level::Sequence { inner: encoding }, encoding),
                // A sequence by a writer that did not know the tag: its items are implicit (PS3.5 §6.2.2).
                Some(Vr::UN) => {
                    let inner = Encoding::ImplicitLittle;
                    self.push(Level::Sequence { inner }, inner)
                }
                Some(_) => Err(WalkError::UndefinedLength { tag, offset }),
            };
        };
        self.fits_parent(tag, offset, length)?;
        let room = self.limits.kept.saturating_sub(self.kept);
        let wanted = top && length <= self.limits.value && self.wanted.contains(&tag);
        match usize::try_from(length) {
            Ok(size) if wanted && size <= room && self.summary.value(tag).is_none() => {
                self.kept = self.kept.saturating_add(size);
                if length == 0 {
                    self.summary.kept.push((tag, Vec::new()));
                } else {
                    self.state = State::Keep { tag, left: u64::from(length), value: Vec::new() };
                }
            }
            _ => self.skip(tag, length),
        }
        Ok(())
    }

    fn fits_parent(&self, tag: Tag, offset: u64, declared: u32) -> Result<(), WalkError> {
        let bounds = self.levels.iter().filter_map(|(level, _)| match level {
            Level::BoundedItem { end } => Some(*end),
            _ => None,
        });
        let left = bounds.min().map(|end| end.saturating_sub(self.offset));
        match left {
            Some(left) if u64::from(declared) > left => Err(WalkError::BeyondParent { tag, offset, declared, left }),
            _ => Ok(()),
        }
    }

    fn skip(&mut self, tag: Tag, length: u32) {
        if length > 0 {
            self.state = State::Skip { tag, left: u64::from(length) };
        }
    }

    fn push(&mut self, level: Level, encoding: Encoding) -> Result<(), WalkError> {
        // A sequence and its item are two levels of one depth.
        if self.levels.len() >= self.limits.depth.saturating_mul(2) {
            return Err(WalkError::TooDeep(self.limits.depth));
        }
        self.levels.push((level, encoding));
        Ok(())
    }

    fn close_bounded_items(&mut self) {
        if matches!(self.state, State::Header) && self.pending.is_empty() {
            while let Some((Level::BoundedItem { end }, _)) = self.levels.last() {
                if *end > self.offset {
                    break;
                }
                self.levels.pop();
            }
        }
    }
}

fn needed_more(needed: usize, have: usize) -> usize {
    needed.saturating_sub(have)
}

fn split(bytes: &[u8], left: u64) -> (&[u8], &[u8]) {
    let size = usize::try_from(left).unwrap_or(usize::MAX);
    bytes.split_at_checked(size).unwrap_or((bytes, &[]))
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
