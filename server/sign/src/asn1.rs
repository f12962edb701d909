//! Walking DER by its tags, borrowing the bytes as they were signed.
//!
//! Used where the exact encoding matters (to-be-signed parts) and where a hostile file could make a
//! typed decoder build or sort huge sets. Values themselves are decoded by `der`.

use thiserror::Error;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const CONTEXT_0: u8 = 0xa0;
pub(crate) const CONTEXT_1: u8 = 0xa1;
pub(crate) const CONTEXT_2: u8 = 0xa2;

/// The bytes are not the DER structure that was expected here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed DER")]
pub(crate) struct Malformed;

impl From<der::Error> for Malformed {
    fn from(_: der::Error) -> Self {
        Self
    }
}

/// One tag-length-value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    pub value: &'a [u8],
    /// Tag, length and value.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements inside this one.
    pub fn inside(&self) -> Cursor<'a> {
        Cursor::new(self.value)
    }

    /// The bits of a BIT STRING that has a whole number of octets.
    pub fn bits(&self) -> Result<&'a [u8], Malformed> {
        match self.value.split_first() {
            Some((0, bits)) if self.tag == BIT_STRING => Ok(bits),
            _ => Err(Malformed),
        }
    }
}

/// Reads elements one after another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next element, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (header, length) = header(self.rest)?;
        let end = header.checked_add(length).ok_or(Malformed)?;
        let (whole, rest) = self.rest.split_at_checked(end).ok_or(Malformed)?;
        let tag = *whole.first().ok_or(Malformed)?;
        let value = whole.get(header..).ok_or(Malformed)?;
        self.rest = rest;
        Ok(Some(Element { tag, value, whole }))
    }

    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.next()?.filter(|element| element.tag == tag).ok_or(Malformed)
    }

    /// The next element if it has this tag; otherwise nothing is read.
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.next() } else { Ok(None) }
    }

    pub fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Length of the header and of the value. DER only: one tag byte, definite and minimal length.
fn header(bytes: &[u8]) -> Result<(usize, usize), Malformed> {
    let tag = *bytes.first().ok_or(Malformed)?;
    let first = *bytes.get(1).ok_or(Malformed)?;
    if tag & 0x1f == 0x1f {
        return Err(Malformed);
    }
    if first < 0x80 {
        return Ok((2, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    let digits = bytes.get(2..2 + count).filter(|_| (1..=4).contains(&count)).ok_or(Malformed)?;
    let length = digits.iter().fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit));
    let minimal = length >= 0x80 && digits.first() != Some(&0);
    if minimal { Ok((2 + count, length)) } else { Err(Malformed) }
}

/// Puts a tag and a length before a value.
pub(crate) fn wrap(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(value.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let digits: Vec<u8> = value.len().to_be_bytes().into_iter().skip_while(|b| *b == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend_from_slice(value);
    out
}

/// A positive INTEGER of big-endian octets, in its shortest form.
pub(crate) fn unsigned(number: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = number.iter().copied().skip_while(|digit| *digit == 0).collect();
    if digits.first().is_none_or(|first| *first >= 0x80) {
        digits.insert(0, 0);
    }
    wrap(INTEGER, &digits)
}

/// A SET OF these elements: DER sorts them by their bytes.
pub(crate) fn set_of(tag: u8, mut elements: Vec<&[u8]>) -> Vec<u8> {
    elements.sort_unstable();
    elements.dedup();
    wrap(tag, &elements.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_wrapped_is_read_back(value in proptest::collection::vec(any::<u8>(), 0..1_000)) {
            let der = wrap(SEQUENCE, &value);
            let mut cursor = Cursor::new(&der);
            prop_assert_eq!(cursor.expect(SEQUENCE).unwrap().value, &value[..]);
            prop_assert!(cursor.end().is_ok());
        }

        #[test]
        fn any_bytes_end_the_walk(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut cursor = Cursor::new(&bytes);
            while let Ok(Some(_)) = cursor.next() {}
        }
    }

    #[test]
    fn long_values_have_long_lengths() {
        for length in [0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let der = wrap(SEQUENCE, &vec![7; length]);
            assert_eq!(Cursor::new(&der).expect(SEQUENCE).unwrap().value.len(), length);
        }
    }

    #[test]
    fn numbers_are_written_short_and_positive() {
        for (number, der) in [
            (&[][..], &[2, 1, 0][..]),
            (&[0, 0][..], &[2, 1, 0][..]),
            (&[0, 5][..], &[2, 1, 5][..]),
            (&[0x80][..], &[2, 2, 0, 0x80][..]),
            (&[1, 0x80][..], &[2, 2, 1, 0x80][..]),
        ] {
            assert_eq!(unsigned(number), der);
        }
    }

    #[test]
    fn a_set_is_sorted_and_names_nothing_twice() {
        let set = set_of(SET, vec![&[2, 1, 9][..], &[2, 1, 3], &[2, 1, 9]]);
        assert_eq!(set, [0x31, 6, 2, 1, 3, 2, 1, 9]);
    }

    #[test]
    fn lengths_that_der_forbids_are_refused() {
        for bytes in [&[0x30, 0x80, 0, 0][..], &[0x30, 0x81, 0x01, 0], &[0x30, 0x05, 0], &[0x1f, 0x01, 0]] {
            assert!(Cursor::new(bytes).next().is_err(), "{bytes:?}");
        }
    }
}
