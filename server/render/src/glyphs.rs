//! Which characters the embedded fonts can print. PDF/A refuses a document with a missing glyph, so text is asked
//! about before it is typeset, and whoever typed it is told which characters to change.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::fonts::FONTS;

/// The characters of each family: a letter and its marks must come from the same face. Typst keeps coverage as runs
/// to be walked, too slow to ask for every character of a long note.
static FAMILIES: LazyLock<Vec<HashSet<u32>>> = LazyLock::new(|| {
    let mut order = Vec::new();
    let mut families = BTreeMap::<&str, HashSet<u32>>::new();
    for info in FONTS.faces.iter().map(|face| face.info()) {
        if !families.contains_key(info.family.as_str()) {
            order.push(info.family.as_str());
            families.insert(info.family.as_str(), info.coverage.iter().collect());
        }
    }
    order.into_iter().filter_map(|family| families.remove(family)).collect()
});

/// The characters of `text` that no sheet can print, each once, in order of code point.
/// Text is judged as it will be set: composed (NFC), invisible spacers dropped. Line ends and tabs are fine.
pub fn uncovered(text: &str) -> Vec<char> {
    let mut missing = BTreeSet::new();
    let mut base = None;
    for character in text.nfc().filter(|c| !is_spacer(*c)) {
        if matches!(character, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') {
            base = None;
        } else if is_combining_mark(character) {
            if !prints_on(character, base) {
                missing.insert(character);
            }
        } else {
            if !prints(character) {
                missing.insert(character);
            }
            base = Some(character);
        }
    }
    missing.into_iter().collect()
}

/// Marks that only steer line breaking or emoji style, and arrive by pasting: they print as nothing.
pub(crate) fn is_spacer(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FE0E}' | '\u{FE0F}' | '\u{FEFF}')
}

pub(crate) fn prints(c: char) -> bool {
    !is_refused(c) && FAMILIES.iter().any(|family| family.contains(&u32::from(c)))
}

/// A mark prints only where one face holds it together with the letter under it.
pub(crate) fn prints_on(mark: char, base: Option<char>) -> bool {
    let Some(base) = base else { return false };
    !is_refused(mark)
        && FAMILIES.iter().find(|f| f.contains(&u32::from(base))).is_some_and(|f| f.contains(&u32::from(mark)))
}

/// Refused though a font may draw them: controls, marks that reorder or join text unseen, and private meanings.
fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{34F}' | '\u{200C}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2061}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFC}' | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [char; 0] = [];

    #[test]
    fn every_vietnamese_letter_prints_composed_and_decomposed() {
        let plain = "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXYfjwzFJWZ";
        let mut every = plain.to_owned();
        for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".chars() {
            for tone in ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'] {
                every.extend([vowel, tone]);
            }
        }
        assert_eq!(uncovered(&every), NONE);
        assert_eq!(uncovered(&every.nfc().collect::<String>()), NONE);
        assert_eq!(uncovered(&every.nfd().collect::<String>()), NONE);
    }

    #[test]
    fn clinical_signs_print() {
        assert_eq!(
            uncovered(
                "→ ← ↑ ↓ ≤ ≥ ≠ ≈ ± × ÷ ☐ ☑ ☒ ✓ ✗ ✕ ● ○ ° ‰ % α β γ δ µ μ Ω ½ ¼ ² ³ ₂ ₃ … – — “ ” ‘ ’ « » • № ♀ ♂ 36,5 °C"
            ),
            NONE
        );
    }

    #[test]
    fn what_cannot_be_printed_is_named_once() {
        assert_eq!(uncovered("đỡ đau 😀 và 😀 高"), ['高', '😀']);
        assert_eq!(uncovered("שלום"), ['ו', 'ל', 'ם', 'ש']);
    }

    #[test]
    fn controls_and_reordering_marks_are_refused_though_a_font_draws_them() {
        assert_eq!(uncovered("a\u{0}b\u{1b}c\u{7f}d\u{85}"), ['\u{0}', '\u{1b}', '\u{7f}', '\u{85}']);
        assert_eq!(
            uncovered("10\u{202E}gm\u{202C} \u{200F}\u{2066}"),
            ['\u{200F}', '\u{202C}', '\u{202E}', '\u{2066}']
        );
        assert_eq!(uncovered("\u{E000}\u{10FFFF}\u{E0041}"), ['\u{E000}', '\u{E0041}', '\u{10FFFF}']);
    }

    #[test]
    fn a_mark_needs_a_letter_of_its_own_font_under_it() {
        assert_eq!(uncovered("x\u{301}"), NONE);
        assert_eq!(uncovered("☐\u{301}"), ['\u{301}']);
        assert_eq!(uncovered("\u{301}"), ['\u{301}']);
        assert_eq!(uncovered("a\n\u{301}"), ['\u{301}']);
    }

    #[test]
    fn pasted_spacers_are_not_held_against_the_writer() {
        assert_eq!(uncovered("\u{FEFF}ho\u{200B} nhiều\u{AD}\tvề\r\nđêm ✓\u{FE0E}"), NONE);
    }
}
