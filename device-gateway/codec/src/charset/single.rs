//! One letter at a time into the charsets of one byte (and GB18030), and what is done where a letter is not there.

use super::{Charset, tables, vni};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::compose;

/// Grave, hook, tilde, acute, dot below: the order of the Vietnamese dictionary.
pub(super) const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// A letter without its tone, and the tone.
pub(super) fn tone(letter: char) -> (char, Option<char>) {
    let parts: Vec<char> = std::iter::once(letter).nfd().collect();
    let found = parts.iter().copied().find(|part| TONES.contains(part));
    let bare =
        parts.into_iter().filter(|part| Some(*part) != found).reduce(|base, mark| compose(base, mark).unwrap_or(base));
    (bare.unwrap_or(letter), found)
}

/// Without any mark, as old devices want it: `Nguyễn Văn Đạt` becomes `Nguyen Van Dat`.
#[must_use]
pub fn unaccented(text: &str) -> String {
    text.nfd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter)).map(stroke).collect()
}

fn stroke(letter: char) -> char {
    match letter {
        'Đ' => 'D',
        'đ' => 'd',
        _ => letter,
    }
}

pub(super) fn put(charset: Charset, letter: char, out: &mut Vec<u8>) {
    if letter.is_ascii() {
        // Six letters of VISCII stand in place of control characters; a control character has no other.
        return charset.encode_ascii(letter, out);
    }
    if exactly(charset, letter, out) {
        return;
    }
    let (bare, tone) = tone(letter);
    if tone.is_some() && exactly(charset, bare, out) {
        return;
    }
    let mut plain = std::iter::once(letter).nfd().map(stroke);
    match plain.next().filter(char::is_ascii) {
        Some(ascii) => charset.encode_ascii(ascii, out),
        None => out.push(b'?'),
    }
}

fn exactly(charset: Charset, letter: char, out: &mut Vec<u8>) -> bool {
    match charset {
        Charset::Tcvn3 => tables::encode_tcvn3(letter, out),
        Charset::Viscii => tables::encode_viscii(letter, out),
        Charset::Vni => vni::encode(letter, out),
        Charset::Windows1258 => windows(charset, letter, out) || toned(letter, out),
        _ => windows(charset, letter, out),
    }
}

/// What the tables of encoding_rs have as one letter.
fn windows(charset: Charset, letter: char, out: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, missing) = charset.encoding().encode(letter.encode_utf8(&mut buffer));
    if !missing {
        out.extend_from_slice(&bytes);
    }
    !missing
}

/// Compared once, letter for letter, with glibc's iconv and Python's `cp1258`. windows-1258 writes a letter with its circumflex, breve or horn as one byte and the tone after it.
fn toned(letter: char, out: &mut Vec<u8>) -> bool {
    let (bare, Some(tone)) = tone(letter) else { return false };
    let mut bytes = Vec::with_capacity(2);
    let both = if bare.is_ascii() {
        Charset::Windows1258.encode_ascii(bare, &mut bytes);
        windows(Charset::Windows1258, tone, &mut bytes)
    } else {
        windows(Charset::Windows1258, bare, &mut bytes) && windows(Charset::Windows1258, tone, &mut bytes)
    };
    if both {
        out.extend_from_slice(&bytes);
    }
    both
}

impl Charset {
    fn encode_ascii(self, letter: char, out: &mut Vec<u8>) {
        let byte = u8::try_from(letter).unwrap_or(b'?');
        // A control character that is a letter in VISCII would come back as one.
        let taken = self == Self::Viscii && tables::is_viscii_control_letter(byte);
        out.push(if taken { b' ' } else { byte });
    }
}
