//! Escape sequences of HL7 v2 (chapter 2.7) and ASTM E1394 (6.6): one grammar, one escape character.

use crate::charset::Charset;
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
/// An unknown or unfinished escape stays as it is, so do `\Cxxyy\`, `\Mxxyyzz\` (another charset) and `\Zdd\`.
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
        [b'X', digits @ ..] => hex(digits),
        [b'.', a, b, number @ ..] => command([*a, *b], number),
        _ => None,
    }
}

/// Commands of formatted text (2.7.6): what makes a line makes one, what only places text on paper makes nothing.
fn command(name: [u8; 2], number: &[u8]) -> Option<Vec<u8>> {
    let digits = number.strip_prefix(b"+").or_else(|| number.strip_prefix(b"-")).unwrap_or(number).trim_ascii();
    if digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    // What is far down the page is not so far in a text.
    let times = digits.parse::<usize>().unwrap_or(1).clamp(1, 10);
    match &name {
        b"br" | b"ce" if digits.is_empty() => Some(vec![b'\n']),
        b"sp" => Some(vec![b'\n'; times]),
        b"sk" => Some(vec![b' '; times]),
        b"in" | b"ti" => Some(Vec::new()),
        b"fi" | b"nf" if digits.is_empty() => Some(Vec::new()),
        _ => None,
    }
}

/// Writes text so that [`unescape`] reads it again: delimiters as escapes, a line's end as `\.br\`, what is a letter
/// in the charset but a control character on the line as `\Xhh\`. Other control characters become blanks; so do
/// delimiters where the receiver has no escape character.
pub(crate) fn escape(text: &str, charset: Charset, escapes: &Escapes, out: &mut Vec<u8>) {
    let mut letter = Vec::with_capacity(4);
    for sign in unicode_normalization::UnicodeNormalization::nfc(text) {
        if sign == '\n' && escapes.escape != 0 {
            out.extend_from_slice(&[escapes.escape, b'.', b'b', b'r', escapes.escape]);
            continue;
        }
        letter.clear();
        charset.put(if sign.is_control() { ' ' } else { sign }, &mut letter);
        for byte in &letter {
            match symbol(*byte, escapes) {
                None => out.push(*byte),
                Some(_) if escapes.escape == 0 => out.push(b' '),
                Some(0) => {
                    out.extend_from_slice(&[escapes.escape, b'X']);
                    out.extend_from_slice(format!("{byte:02X}").as_bytes());
                    out.push(escapes.escape);
                }
                Some(code) => out.extend_from_slice(&[escapes.escape, code, escapes.escape]),
            }
        }
    }
}

/// The letter that stands for a delimiter; zero for a control character.
fn symbol(byte: u8, escapes: &Escapes) -> Option<u8> {
    match byte {
        0 => Some(0),
        _ if byte == escapes.field => Some(b'F'),
        _ if byte == escapes.component => Some(b'S'),
        _ if byte == escapes.repetition => Some(b'R'),
        _ if byte == escapes.escape => Some(b'E'),
        _ if Some(byte) == escapes.subcomponent => Some(b'T'),
        _ => byte.is_ascii_control().then_some(0),
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
