//! One field: its repetitions, components and sub-components, and its bytes with escapes resolved.

use super::Delimiters;
use crate::escape::unescape;
use crate::padding;
use std::borrow::Cow;

/// A field, a repetition or a component: the same kind of slice, one level deeper each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    bytes: &'a [u8],
    delimiters: Delimiters,
}

impl<'a> Field<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    /// As sent, escapes and all.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// Without white space and padding around it.
    #[must_use]
    pub fn trimmed(&self) -> &'a [u8] {
        padding::strip(self.bytes)
    }

    /// Nothing was said. (`""` was said: it means *delete*.)
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trimmed().is_empty()
    }

    /// The two quotation marks that mean *delete*.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.trimmed() == b"\"\""
    }

    pub fn repetitions(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.split(self.delimiters.repetition)
    }

    /// Component `number` (from 1) of the first repetition; empty when it is not there.
    #[must_use]
    pub fn component(&self, number: usize) -> Field<'a> {
        let first = self.repetitions().next().unwrap_or(*self);
        first.nth(self.delimiters.component, number)
    }

    /// Components of one repetition.
    pub fn components(&self) -> impl Iterator<Item = Field<'a>> + use<'a> {
        self.split(self.delimiters.component)
    }

    /// Sub-component `number` (from 1) of a component.
    #[must_use]
    pub fn subcomponent(&self, number: usize) -> Field<'a> {
        self.nth(self.delimiters.subcomponent, number)
    }

    /// Escapes resolved, still in the message's charset.
    #[must_use]
    pub fn unescaped(&self) -> Cow<'a, [u8]> {
        unescape(self.bytes, &self.delimiters.escapes())
    }

    fn split(&self, separator: u8) -> impl Iterator<Item = Field<'a>> + use<'a> {
        let delimiters = self.delimiters;
        let separator = Some(separator).filter(|byte| *byte != 0);
        self.bytes.split(move |byte| Some(*byte) == separator).map(move |bytes| Self { bytes, delimiters })
    }

    fn nth(&self, separator: u8, number: usize) -> Field<'a> {
        self.split(separator).nth(number.saturating_sub(1)).unwrap_or(Self { bytes: &[], delimiters: self.delimiters })
    }
}
