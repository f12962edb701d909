//! A value as written to a value as meant: decimals keep their zeros, comparators stand apart.

use benhan_contract::{Comparator, ReadingValue};

/// A decimal number, with an optional comparator before it (`<5`, `>= 1000`). Nothing else is a number.
pub fn number(text: &str, decimal_comma: bool) -> Option<ReadingValue> {
    let text = text.trim();
    let (comparator, rest) = comparator(text);
    let rest = rest.trim();
    let decimal = if decimal_comma && !rest.contains('.') { rest.replacen(',', ".", 1) } else { rest.to_owned() };
    is_decimal(&decimal)
        .then(|| ReadingValue::Number { decimal: decimal.strip_prefix('+').unwrap_or(&decimal).to_owned(), comparator })
}

/// HL7 SN: comparator, number, separator, number. One number is a number; a ratio or range is text.
pub fn structured(parts: [&str; 4], decimal_comma: bool) -> Option<ReadingValue> {
    let [sign, first, separator, second] = parts.map(str::trim);
    if separator.is_empty() && second.is_empty() {
        return number(&format!("{sign}{first}"), decimal_comma);
    }
    let text = format!("{sign}{first}{separator}{second}");
    (!text.is_empty()).then_some(ReadingValue::Text { text })
}

pub fn comparator(text: &str) -> (Option<Comparator>, &str) {
    let signs = [
        ("<=", Comparator::LessOrEqual),
        (">=", Comparator::GreaterOrEqual),
        ("≤", Comparator::LessOrEqual),
        ("≥", Comparator::GreaterOrEqual),
        ("<", Comparator::Less),
        (">", Comparator::Greater),
    ];
    signs
        .into_iter()
        .find_map(|(sign, meaning)| Some((Some(meaning), text.strip_prefix(sign)?)))
        .unwrap_or((None, text))
}

pub fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    // `.5` is a number as well as `0.5`; `5.` is one that lost its zero.
    digits.len() <= 40
        && (all(whole) || (whole.is_empty() && all(fraction)))
        && (fraction.is_empty() || all(fraction))
        && !digits.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<(String, Option<Comparator>)> {
        match number(text, false)? {
            ReadingValue::Number { decimal, comparator } => Some((decimal, comparator)),
            _ => None,
        }
    }

    #[test]
    fn decimals_keep_their_zeros() {
        assert_eq!(read(" 36.80 "), Some(("36.80".to_owned(), None)));
        assert_eq!(read("<5"), Some(("5".to_owned(), Some(Comparator::Less))));
        assert_eq!(read(">= 1000"), Some(("1000".to_owned(), Some(Comparator::GreaterOrEqual))));
        assert_eq!(read("-0.5"), Some(("-0.5".to_owned(), None)));
    }

    #[test]
    fn what_is_no_decimal_stays_text() {
        for text in ["", "1e9", "7,41", "1:128", "++", "3+", "--5", "NaN", "5 6", "."] {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(number("7,41", true).is_some());
        assert!(number("1,234.5", true).is_none());
    }

    #[test]
    fn structured_numbers_are_taken_apart() {
        assert_eq!(structured(["", "182", "", ""], false), number("182", false));
        assert_eq!(structured([">", "100", "", ""], false), number(">100", false));
        assert_eq!(structured(["", "1", ":", "128"], false), Some(ReadingValue::Text { text: "1:128".to_owned() }));
    }

    proptest! {
        #[test]
        fn a_number_reads_as_the_float_it_is(value in -1e6f64..1e6) {
            let text = format!("{value:.3}");
            let (decimal, _) = read(&text).unwrap();
            prop_assert_eq!(decimal.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
        }

        #[test]
        fn any_text_is_a_number_or_not(text: String) {
            let _ = number(&text, true);
        }
    }
}
