//! VNI-Windows: a vowel is an ASCII letter (or ơ, ư, which have a byte of their own) and a byte with its marks.
//!
//! Written from VNI's published table (also in the comparison of codes of Vietnam's ministry of science); no tool
//! in Debian or Python reads it, so its tests are sentences that everybody knows in it.

use super::single::{TONES, tone};
use unicode_normalization::UnicodeNormalization;

/// What a byte adds to the letter before it, for small letters; capitals have it 0x20 lower.
/// Circumflex and breve stand with their tones: none, grave, hook, tilde, acute, dot below.
const CIRCUMFLEX: [u8; 6] = [0xE2, 0xE0, 0xE5, 0xE3, 0xE1, 0xE4];
const BREVE: [u8; 6] = [0xEA, 0xE8, 0xFA, 0xFC, 0xE9, 0xEB];
/// Tones alone.
const TONE: [u8; 5] = [0xF8, 0xFB, 0xF5, 0xF9, 0xEF];

/// Letters that are one byte.
const WHOLE: [(u8, char); 18] = [
    (0xF4, 'ơ'),
    (0xF6, 'ư'),
    (0xF1, 'đ'),
    (0xED, 'í'),
    (0xEC, 'ì'),
    (0xE6, 'ỉ'),
    (0xF3, 'ĩ'),
    (0xF2, 'ị'),
    (0xEE, 'ỵ'),
    (0xD4, 'Ơ'),
    (0xD6, 'Ư'),
    (0xD1, 'Đ'),
    (0xCD, 'Í'),
    (0xCC, 'Ì'),
    (0xC6, 'Ỉ'),
    (0xD3, 'Ĩ'),
    (0xD2, 'Ị'),
    (0xCE, 'Ỵ'),
];

pub(super) fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut last: Option<char> = None;
    for byte in bytes {
        if byte.is_ascii() {
            text.extend(last.replace(char::from(*byte)));
            continue;
        }
        if let Some(marked) = last.and_then(|letter| mark(letter, *byte)) {
            text.push(marked);
            last = None;
            continue;
        }
        let whole = WHOLE.iter().find(|(code, _)| code == byte).map(|(_, letter)| *letter);
        text.extend(last.replace(whole.unwrap_or_else(|| other(*byte))));
    }
    text.extend(last);
    text
}

/// The signs of windows-1252 that VNI leaves where they are.
fn other(byte: u8) -> char {
    match byte {
        0xA0..=0xBF => char::from(byte),
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn mark(letter: char, byte: u8) -> Option<char> {
    // The byte of a small letter's marks stands beside a capital too, where someone typed so.
    let code = if (0xC0..0xE0).contains(&byte) { byte + 0x20 } else { byte };
    if !"aeouyAEOUYơưƠƯ".contains(letter) {
        return None;
    }
    let at = |table: &[u8]| table.iter().position(|mark| *mark == code);
    let (base, tone) = if let Some(at) = at(&TONE) {
        (Some(letter), TONES.get(at))
    } else if let Some(at) = at(&CIRCUMFLEX) {
        (compose(letter, '\u{302}'), TONES.get(at.wrapping_sub(1)))
    } else if let Some(at) = at(&BREVE) {
        (compose(letter, '\u{306}').filter(|letter| matches!(letter, 'ă' | 'Ă')), TONES.get(at.wrapping_sub(1)))
    } else {
        (None, None)
    };
    match tone {
        Some(tone) => compose(base?, *tone),
        None => base,
    }
}

/// Pairwise composition would miss ậ, whose dot is joined before its circumflex.
fn compose(letter: char, mark: char) -> Option<char> {
    let mut whole = [letter, mark].into_iter().nfc();
    whole.next().filter(|_| whole.next().is_none())
}

pub(super) fn encode(letter: char, out: &mut Vec<u8>) -> bool {
    if let Some((byte, _)) = WHOLE.iter().find(|(_, whole)| *whole == letter) {
        out.push(*byte);
        return true;
    }
    if ('\u{A0}'..='\u{BF}').contains(&letter) {
        out.extend(u8::try_from(letter));
        return true;
    }
    let (bare, tone) = tone(letter);
    let nth = tone.and_then(|tone| TONES.iter().position(|known| *known == tone));
    let quality = |nth: Option<usize>| nth.map_or(0, |nth| nth + 1);
    let (base, code) = match bare.to_lowercase().next() {
        Some('â') => ('a', CIRCUMFLEX.get(quality(nth))),
        Some('ê') => ('e', CIRCUMFLEX.get(quality(nth))),
        Some('ô') => ('o', CIRCUMFLEX.get(quality(nth))),
        Some('ă') => ('a', BREVE.get(quality(nth))),
        Some(base @ ('a' | 'e' | 'o' | 'u' | 'y' | 'ơ' | 'ư')) => (base, nth.and_then(|nth| TONE.get(nth))),
        _ => return false,
    };
    let Some(code) = code else { return false };
    let capital = bare.is_uppercase();
    let base = match (base, capital) {
        ('ơ', false) => 0xF4,
        ('ơ', true) => 0xD4,
        ('ư', false) => 0xF6,
        ('ư', true) => 0xD6,
        _ => u8::try_from(if capital { base.to_ascii_uppercase() } else { base }).unwrap_or(b'?'),
    };
    out.extend_from_slice(&[base, if capital { code - 0x20 } else { *code }]);
    true
}
