//! TCVN3 and VISCII: one byte a letter, the upper half of each as a table.
//!
//! TCVN 5712:1993 (VN2 with the capitals of VN1 that are not among the control characters below 0x20) and RFC 1456,
//! written from the standards. Each of the 256 codes and each encoded letter was compared once with glibc's iconv
//! (`TCVN5712-1`, `VISCII`); nothing differed but the twelve letters below 0x20, which are not read here. The ABC fonts have no capital with a tone and show a small letter's
//! code as a capital, so a word that is written in capitals otherwise is one.

use super::single::{TONES, tone};

const TCVN: [char; 128] = [
    'À', 'Ả', 'Ã', 'Á', 'Ạ', 'Ặ', 'Ậ', 'È', 'Ẻ', 'Ẽ', 'É', 'Ẹ', 'Ệ', 'Ì', 'Ỉ', 'Ĩ', 'Í', 'Ị', 'Ò', 'Ỏ', 'Õ', 'Ó', 'Ọ',
    'Ộ', 'Ờ', 'Ở', 'Ỡ', 'Ớ', 'Ợ', 'Ù', 'Ủ', 'Ũ', '\u{a0}', 'Ă', 'Â', 'Ê', 'Ô', 'Ơ', 'Ư', 'Đ', 'ă', 'â', 'ê', 'ô', 'ơ',
    'ư', 'đ', 'Ằ', '\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}', 'à', 'ả', 'ã', 'á', 'ạ', 'Ẳ', 'ằ', 'ẳ', 'ẵ',
    'ắ', 'Ẵ', 'Ắ', 'Ầ', 'Ẩ', 'Ẫ', 'Ấ', 'Ề', 'ặ', 'ầ', 'ẩ', 'ẫ', 'ấ', 'ậ', 'è', 'Ể', 'ẻ', 'ẽ', 'é', 'ẹ', 'ề', 'ể', 'ễ',
    'ế', 'ệ', 'ì', 'ỉ', 'Ễ', 'Ế', 'Ồ', 'ĩ', 'í', 'ị', 'ò', 'Ổ', 'ỏ', 'õ', 'ó', 'ọ', 'ồ', 'ổ', 'ỗ', 'ố', 'ộ', 'ờ', 'ở',
    'ỡ', 'ớ', 'ợ', 'ù', 'Ỗ', 'ủ', 'ũ', 'ú', 'ụ', 'ừ', 'ử', 'ữ', 'ứ', 'ự', 'ỳ', 'ỷ', 'ỹ', 'ý', 'ỵ', 'Ố',
];

const VISCII: [char; 128] = [
    'Ạ', 'Ắ', 'Ằ', 'Ặ', 'Ấ', 'Ầ', 'Ẩ', 'Ậ', 'Ẽ', 'Ẹ', 'Ế', 'Ề', 'Ể', 'Ễ', 'Ệ', 'Ố', 'Ồ', 'Ổ', 'Ỗ', 'Ộ', 'Ợ', 'Ớ', 'Ờ',
    'Ở', 'Ị', 'Ỏ', 'Ọ', 'Ỉ', 'Ủ', 'Ũ', 'Ụ', 'Ỳ', 'Õ', 'ắ', 'ằ', 'ặ', 'ấ', 'ầ', 'ẩ', 'ậ', 'ẽ', 'ẹ', 'ế', 'ề', 'ể', 'ễ',
    'ệ', 'ố', 'ồ', 'ổ', 'ỗ', 'Ỡ', 'Ơ', 'ộ', 'ờ', 'ở', 'ị', 'Ự', 'Ứ', 'Ừ', 'Ử', 'ơ', 'ớ', 'Ư', 'À', 'Á', 'Â', 'Ã', 'Ả',
    'Ă', 'ẳ', 'ẵ', 'È', 'É', 'Ê', 'Ẻ', 'Ì', 'Í', 'Ĩ', 'ỳ', 'Đ', 'ứ', 'Ò', 'Ó', 'Ô', 'ạ', 'ỷ', 'ừ', 'ử', 'Ù', 'Ú', 'ỹ',
    'ỵ', 'Ý', 'ỡ', 'ư', 'à', 'á', 'â', 'ã', 'ả', 'ă', 'ữ', 'ẫ', 'è', 'é', 'ê', 'ẻ', 'ì', 'í', 'ĩ', 'ỉ', 'đ', 'ự', 'ò',
    'ó', 'ô', 'õ', 'ỏ', 'ọ', 'ụ', 'ù', 'ú', 'ũ', 'ủ', 'ý', 'ợ', 'Ữ',
];

/// VISCII's letters in place of control characters. Three of them are STX, ENQ and ACK of the ASTM link: a writer
/// for the line does not use them.
const VISCII_CONTROLS: [(u8, char); 6] = [(0x02, 'Ẳ'), (0x05, 'Ẵ'), (0x06, 'Ẫ'), (0x14, 'Ỷ'), (0x19, 'Ỹ'), (0x1E, 'Ỵ')];

pub(super) fn decode_viscii(bytes: &[u8]) -> String {
    let control = |byte: u8| VISCII_CONTROLS.iter().find(|(code, _)| *code == byte).map(|(_, letter)| *letter);
    bytes.iter().map(|byte| control(*byte).unwrap_or_else(|| upper_half(&VISCII, *byte))).collect()
}

pub(super) fn encode_viscii(letter: char, out: &mut Vec<u8>) -> bool {
    let control = VISCII_CONTROLS.iter().find(|(_, known)| *known == letter).map(|(code, _)| *code);
    let code = control.or_else(|| code(&VISCII, letter));
    out.extend(code);
    code.is_some()
}

pub(super) fn is_viscii_control_letter(byte: u8) -> bool {
    VISCII_CONTROLS.iter().any(|(code, _)| *code == byte)
}

pub(super) fn decode_tcvn3(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
    for word in bytes.chunk_by(|left, right| is_letter(left) == is_letter(right)) {
        let letters = word.iter().map(|byte| upper_half(&TCVN, *byte));
        let small = word.iter().any(u8::is_ascii_lowercase);
        if !small && word.iter().skip(1).any(u8::is_ascii_uppercase) {
            text.extend(letters.flat_map(char::to_uppercase));
        } else {
            text.extend(letters);
        }
    }
    text
}

/// Twelve capitals (Ú, Ừ, Ỳ and the like) have no code above the control characters: letter and tone, as VN2 has it.
pub(super) fn encode_tcvn3(letter: char, out: &mut Vec<u8>) -> bool {
    if let Some(code) = code(&TCVN, letter) {
        out.push(code);
        return true;
    }
    let (bare, Some(mark)) = tone(letter) else { return false };
    let base = u8::try_from(bare).ok().filter(u8::is_ascii).or_else(|| code(&TCVN, bare));
    match (base, TONES.contains(&mark).then(|| code(&TCVN, mark)).flatten()) {
        (Some(base), Some(mark)) => {
            out.extend_from_slice(&[base, mark]);
            true
        }
        _ => false,
    }
}

fn upper_half(table: &[char; 128], byte: u8) -> char {
    usize::from(byte).checked_sub(0x80).and_then(|at| table.get(at)).copied().unwrap_or(char::from(byte))
}

fn code(table: &[char; 128], letter: char) -> Option<u8> {
    let at = table.iter().position(|known| *known == letter)?;
    u8::try_from(at + 0x80).ok()
}
