//! Matching of query keys (PS3.4 §C.2.2.2): single value, list, wildcard, range, universal.

use super::name::folded;

/// An empty key, or `*`, matches everything.
fn universal(key: &str) -> bool {
    key.is_empty() || key.bytes().all(|byte| byte == b'*')
}

/// Text with `*` and `?`, and `\` between alternatives.
pub(crate) fn text(key: &str, value: &str) -> bool {
    universal(key) || key.split('\\').any(|alternative| wildcard(alternative.trim(), value.trim()))
}

/// A person's name: without regard to case, accents and how it is divided into components.
pub(crate) fn name(key: &str, value: &str) -> bool {
    universal(key) || wildcard(&folded(key), &folded(value))
}

/// A date or a range of dates, all `YYYYMMDD`.
pub(crate) fn date(key: &str, value: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    range(key, &digits(value), digits)
}

/// A time or a range of times; a shorter time stands for its first moment, as the upper end for its last.
pub(crate) fn time(key: &str, value: &str) -> bool {
    if universal(key) {
        return true;
    }
    let value = padded(value, '0');
    match key.split_once('-') {
        Some((from, to)) => {
            (from.trim().is_empty() || padded(from, '0') <= value) && (to.trim().is_empty() || value <= padded(to, '9'))
        }
        None => padded(key, '0') <= value && value <= padded(key, '9'),
    }
}

fn range(key: &str, value: &str, normal: impl Fn(&str) -> String) -> bool {
    if universal(key) {
        return true;
    }
    match key.split_once('-') {
        Some((from, to)) => {
            let (from, to) = (normal(from), normal(to));
            (from.is_empty() || from.as_str() <= value) && (to.is_empty() || value <= to.as_str())
        }
        None => normal(key) == value,
    }
}

fn padded(time: &str, with: char) -> String {
    let digits = time.split('.').next().unwrap_or_default().chars().filter(char::is_ascii_digit);
    digits.chain(std::iter::repeat(with)).take(6).collect()
}

/// Iterative matching with one point of return, so that no pattern takes more than |pattern| × |text| steps.
fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&letter) = text.get(place) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at = at.saturating_add(1);
            }
            Some(&expected) if expected == '?' || expected == letter => {
                at = at.saturating_add(1);
                place = place.saturating_add(1);
            }
            _ => match star {
                Some((after, from)) => {
                    at = after.saturating_add(1);
                    place = from.saturating_add(1);
                    star = Some((after, place));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_match_as_the_standard_says() {
        assert!(text("", "CT") && text("*", "CT") && text("CT", "CT") && text("MR\\CT", "CT") && text("C?", "CT"));
        assert!(!text("MR", "CT") && !text("C", "CT"));
        assert!(name("NGUYEN*", "Nguyễn^Văn An") && name("nguyễn^văn*", "Nguyễn^Văn An"));
        assert!(!name("TRAN*", "Nguyễn^Văn An"));
        assert!(date("20261122", "20261122") && date("20261101-20261130", "20261122"));
        assert!(date("-20261122", "20261122") && date("20261122-", "20261122") && !date("20261123-", "20261122"));
        assert!(time("0800-0859", "085930") && !time("0800-0859", "090000") && time("08", "0815"));
    }

    proptest! {
        #[test]
        fn a_pattern_with_a_star_for_any_part_matches(text_value in "[a-z]{0,20}", cut in 0usize..20) {
            let cut = cut.min(text_value.len());
            let pattern = format!("{}*", text_value.get(..cut).unwrap_or_default());
            prop_assert!(wildcard(&pattern, &text_value));
            prop_assert!(wildcard(&text_value, &text_value));
        }
    }
}
