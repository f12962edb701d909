//! What must never reach a chart although it stands where a value stands.

use super::value::is_decimal;
use benhan_contract::{ReadingValue, SetAside};

/// Numbers that devices send for *no value*.
const SENTINELS: &[f64] = &[-999.0, -100.0, -1000.0, -10_000.0, -99.9, -32_767.0];
/// Words for the same.
const NO_VALUE: &[&str] = &["NO RESULT", "INVALID", "ERROR", "\"\"", "N/A", "NAN", "NULL"];

/// Is this text no value at all: a run of dashes or stars, a word for it, a number reserved for it?
pub fn is_sentinel(text: &str, of_this_device: &[String]) -> bool {
    let text = text.trim();
    let filler = text.chars().all(|letter| matches!(letter, '*' | '-' | '.' | '_')) && !text.is_empty();
    let word = NO_VALUE.iter().any(|word| text.eq_ignore_ascii_case(word));
    let reserved = is_decimal(text)
        && text.parse().is_ok_and(|number: f64| SENTINELS.iter().any(|sentinel| (sentinel - number).abs() < 1e-9));
    let own = |own: &String| own == text || (is_decimal(own) && is_decimal(text) && own.parse::<f64>() == text.parse());
    filler || word || reserved || of_this_device.iter().any(own)
}

/// Bounds of what a living patient's monitor can show, by unit. Wider than any clinical range: they only
/// catch a lost decimal point or a broken sensor.
pub fn is_impossible(value: &ReadingValue, ucum: Option<&str>) -> bool {
    let ReadingValue::Number { decimal, .. } = value else {
        return false;
    };
    let Ok(number) = decimal.parse::<f64>() else {
        return false;
    };
    let (least, most) = match ucum {
        Some("Cel") => (0.0, 60.0),
        Some("%") => (-1.0, 200.0),
        Some("/min") => (0.0, 600.0),
        Some("mm[Hg]") => (-100.0, 500.0),
        _ => return false,
    };
    !(least..=most).contains(&number)
}

pub fn aside(code: &str, value: &str, why: &str) -> SetAside {
    SetAside {
        code: code.to_owned(),
        // An attachment's megabytes are in the raw message already.
        value: value.chars().take(200).collect(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_words_and_reserved_numbers_are_no_values() {
        for text in ["-----", "***.**", "-999", "-99.9", "-999.00", "NO RESULT", "error", "\"\"", "INVALID"] {
            assert!(is_sentinel(text, &[]), "{text}");
        }
        for text in ["+++++", "-5", "99.9", "NOT DETECTED", "0", "-99"] {
            assert!(!is_sentinel(text, &[]), "{text}");
        }
        assert!(is_sentinel("----?", &["----?".to_owned()]));
        assert!(is_sentinel("-1.00", &["-1".to_owned()]) && !is_sentinel("1", &["-1".to_owned()]));
    }

    #[test]
    fn a_temperature_with_a_lost_point_is_impossible() {
        let value = |text: &str| ReadingValue::Number { decimal: text.to_owned(), comparator: None };
        assert!(is_impossible(&value("384.5"), Some("Cel")));
        assert!(!is_impossible(&value("38.45"), Some("Cel")));
        assert!(!is_impossible(&value("384.5"), None));
    }
}
