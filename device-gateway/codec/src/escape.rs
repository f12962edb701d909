//! Escape sequences of HL7 v2 (chapter 2.7) and ASTM E1394 (6.6): one grammar, one escape character.

use std::borrow::Cow;

/// What stands for what between two escape characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Escapes {
    pub escape: u8,
    pub field: u8,
    pub component: u8,
    pub repetition: u8,
    pub subcomponent: Option<u8>,
}

/// Resolves escapes on bytes, before any charset: `\Xhh..\` holds bytes of the message's own charset.
/// An unknown or unfinished escape stays as it is.
pub(crate) fn unescape<'a>(text: &'a [u8], escapes: &Escapes) -> Cow<'a, [u8]> {
    if escapes.escape == 0 || !text.contains(&escapes.escape) {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.iter().position(|byte| *byte == escapes.escape) {
        let (before, after) = split(rest, start);
        plain.extend_from_slice(before);
        let body = after.get(1..).unwrap_or_default();
        let end = body.iter().position(|byte| *byte == escapes.escape);
        match end.and_then(|end| Some((end, resolve(body.get(..end)?, escapes)?))) {
            Some((end, bytes)) => {
                plain.extend_from_slice(&bytes);
                rest = body.get(end + 1..).unwrap_or_default();
            }
            None => {
                plain.push(escapes.escape);
                rest = body;
            }
        }
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

fn resolve(body: &[u8], escapes: &Escapes) -> Option<Vec<u8>> {
    match body {
        b"F" => Some(vec![escapes.field]),
        b"S" => Some(vec![escapes.component]),
        b"R" => Some(vec![escapes.repetition]),
        b"E" => Some(vec![escapes.escape]),
        b"T" => escapes.subcomponent.map(|byte| vec![byte]),
        b"H" | b"N" => Some(Vec::new()),
        b".br" | b".sp" => Some(vec![b'\n']),
        [b'X', digits @ ..] => hex(digits),
        _ => None,
    }
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn split(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    text.split_at_checked(at).unwrap_or((text, &[]))
}
