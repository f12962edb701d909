//! A text to be met: `*` stands for anything, `#` for one digit, case does not count.

/// Longer texts are no names; they are compared by their beginning.
const LONGEST: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    letters: Vec<char>,
    /// A sender's name: only letters and digits count, so that `BC-5380`, `BC 5380` and `bc5380` are one.
    is_name: bool,
}

impl Pattern {
    #[must_use]
    pub fn of_name(text: &str) -> Self {
        Self {
            letters: folded(text).filter(|letter| counts(*letter) || matches!(letter, '*' | '#')).collect(),
            is_name: true,
        }
    }

    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self { letters: folded(text.trim()).collect(), is_name: false }
    }

    /// How much it asks for: letters that must be there.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.letters.iter().filter(|letter| **letter != '*').count()
    }

    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        let text = folded(text.trim()).take(LONGEST);
        let text: Vec<char> =
            if self.is_name { text.filter(|letter| counts(*letter)).collect() } else { text.collect() };
        glob(&self.letters, &text)
    }
}

fn counts(letter: char) -> bool {
    letter.is_alphanumeric()
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// One step back at a time, to the last star: never more than the product of the two lengths.
fn glob(mut pattern: &[char], mut text: &[char]) -> bool {
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        match (pattern, text) {
            (['*', rest @ ..], _) => {
                star = Some((rest, text));
                pattern = rest;
            }
            ([wanted, next @ ..], [letter, rest @ ..]) if meets(*wanted, *letter) => (pattern, text) = (next, rest),
            ([], []) => return true,
            _ => {
                let Some((after, [_, rest @ ..])) = star else { return false };
                star = Some((after, rest));
                (pattern, text) = (after, rest);
            }
        }
    }
}

fn meets(wanted: char, letter: char) -> bool {
    if wanted == '#' { letter.is_ascii_digit() } else { wanted == letter }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_known_however_it_is_spelled() {
        let pattern = Pattern::of_name("BC-5380*");
        for name in ["BC-5380", "bc5380", "BC 5380 CRP", "BC_5380"] {
            assert!(pattern.fits(name), "{name}");
        }
        assert!(!pattern.fits("BC-538"));
        assert!(Pattern::of_name("XN-#*").fits("XN-550") && !Pattern::of_name("XN-#*").fits("XNA gateway"));
        assert!(Pattern::of_name("cobas pro").fits("cobas® pro"));
        assert!(Pattern::of_name("*GeneXpert*").fits("The GeneXpert PC"));
    }

    #[test]
    fn a_text_is_met_letter_by_letter() {
        assert!(Pattern::of_text("QC*").fits("qc-7") && !Pattern::of_text("QC*").fits("q c-7"));
        assert!(Pattern::of_text("Q").fits(" Q ") && !Pattern::of_text("Q").fits("QQ"));
        assert!(Pattern::of_text("a*b*c").fits("a__b_b_c") && !Pattern::of_text("a*b*c").fits("a__b_b_"));
    }

    proptest! {
        #[test]
        fn a_text_meets_itself_and_its_beginning(text in "[a-z]{0,12}", rest in "[a-z]{0,12}") {
            prop_assert!(Pattern::of_text(&text).fits(&text));
            let begun = format!("{text}*");
            let whole = format!("{text}{rest}");
            prop_assert!(Pattern::of_text(&begun).fits(&whole));
        }

        #[test]
        fn any_pattern_and_text_come_to_an_end(pattern in "[*#a\u{1ea1}]{0,60}", text in "[a0\u{1ea1}]{0,300}") {
            let _ = (Pattern::of_text(&pattern).fits(&text), Pattern::of_name(&pattern).fits(&text));
        }
    }
}
