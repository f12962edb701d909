//! UTF-16 in either order of bytes, with and without its mark.

use super::Charset;

/// UTF-16 by its mark, or by the zeros beside the letters of its first word.
pub(super) fn recognise(message: &[u8]) -> Option<Charset> {
    let zeros = |wide: bool| move |pair: &[u8]| matches!((wide, pair), (true, [0, 1..=0x7f]) | (false, [1..=0x7f, 0]));
    // `MSH|` or `H|\^`: four letters are enough, and text of one byte has no zeros between letters.
    let first = |wide: bool| message.len() >= 8 && message.chunks_exact(2).take(4).all(zeros(wide));
    match message {
        [0xFF, 0xFE, ..] if message.len().is_multiple_of(2) => Some(Charset::Utf16Le),
        [0xFE, 0xFF, ..] if message.len().is_multiple_of(2) => Some(Charset::Utf16Be),
        _ if first(false) => Some(Charset::Utf16Le),
        _ if first(true) => Some(Charset::Utf16Be),
        _ => None,
    }
}

/// Half pairs and a byte too many become U+FFFD; the mark goes.
pub(super) fn decode(bytes: &[u8], order: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks_exact(2);
    let odd = pairs.remainder();
    let units = pairs.filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(order);
    let letters = char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER));
    let mut text: String = letters
        .enumerate()
        .filter(|(at, letter)| (*at, *letter) != (0, '\u{FEFF}'))
        .map(|(_, letter)| letter)
        .collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

pub(super) fn encode(letter: char, order: fn(u16) -> [u8; 2], out: &mut Vec<u8>) {
    for unit in letter.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(&order(*unit));
    }
}
