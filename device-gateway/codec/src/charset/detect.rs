//! Which charset makes Vietnamese of the bytes, when what was said does not.
//!
//! Each word with a byte beyond ASCII speaks for a charset in which it is a Vietnamese syllable and against one in
//! which it is not, with twice as much weight as it has such bytes, and one more where it is in many names. Units
//! (`µmol`, `m²`, `°C`) are words too and may be syllables in a wrong charset, so one byte alone never decides.

use super::Charset;
use super::syllable::{is_in_many_names, is_vietnamese};

/// A message of megabytes is judged by its first words.
const MOST_WORDS: usize = 64;
const MOST_LOOKED_AT: usize = 4096;
const LONGEST_WORD: usize = 24;

/// How far another charset must be ahead of what the profile says, and of what the header says or nobody.
const CLEARLY: i32 = 8;
const LIKELY: i32 = 4;

/// Bytes that are valid UTF-8 by chance.
pub(super) fn is_that_and_not_utf8(message: &[u8], profile: Charset) -> bool {
    let words = words(message);
    let own = score(profile, &words);
    profile.divisible() && own >= LIKELY && own - score(Charset::Utf8, &words) >= CLEARLY
}

pub(super) fn weigh(message: &[u8], by_profile: bool, said: Option<Charset>) -> Charset {
    let words = words(message);
    let first = said.unwrap_or(Charset::Windows1258);
    // What was said and makes Vietnamese of every word is not doubted.
    if said.is_some() && words.iter().all(|word| vote(first, word) > 0) {
        return first;
    }
    let own = score(first, &words);
    let ahead = if by_profile { CLEARLY } else { LIKELY };
    let mut others: Vec<(i32, Charset)> = Charset::ALL
        .into_iter()
        .filter(|charset| charset.divisible() && *charset != first)
        .map(|charset| (score(charset, &words), charset))
        .collect();
    others.sort_by_key(|(score, _)| -score);
    match others.as_slice() {
        // Two that are equally good are no clear answer.
        [(best, _), (next, _), ..] if best == next => first,
        [(best, charset), ..] if *best >= LIKELY && best - own >= ahead => *charset,
        _ => first,
    }
}

/// Words that hold a byte beyond ASCII, each once.
fn words(message: &[u8]) -> Vec<&[u8]> {
    let mut words: Vec<&[u8]> = Vec::new();
    let split = message.split(|byte| byte.is_ascii() && !byte.is_ascii_alphabetic());
    let strange = split.filter(|word| word.len() <= LONGEST_WORD && !word.is_ascii() && !is_unit(word));
    for word in strange.take(MOST_LOOKED_AT) {
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() == MOST_WORDS {
            break;
        }
    }
    words
}

/// `µ` before a letter, or a sign that stands alone.
fn is_unit(word: &[u8]) -> bool {
    matches!(word, [0xB5, _, ..] | [_])
}

fn score(charset: Charset, words: &[&[u8]]) -> i32 {
    words.iter().map(|word| vote(charset, word)).sum()
}

fn vote(charset: Charset, word: &[u8]) -> i32 {
    let weight = 2 * i32::try_from(word.iter().filter(|byte| !byte.is_ascii()).count()).unwrap_or(0);
    match charset {
        // Two bytes a letter; a Chinese word does not hold Latin letters.
        Charset::Gb18030 => {
            let text = charset.decode(word);
            if text.chars().all(|letter| !letter.is_ascii() && letter != char::REPLACEMENT_CHARACTER) {
                weight
            } else {
                -weight
            }
        }
        _ => {
            let text = charset.decode(word);
            match (is_vietnamese(&text), is_in_many_names(&text)) {
                (true, true) => weight + 1,
                (true, false) => weight,
                _ => -weight,
            }
        }
    }
}
