//! One test of a device: what its value means, and what it cannot be.

use std::collections::HashMap;

#[derive(Clone, Debug, Default)]
pub struct Test {
    /// UCUM → LOINC.
    pub loinc: HashMap<String, String>,
    /// The code in the hospital's or the ministry's list of services. No result is read by it; orders are written by it.
    pub national: String,
    /// The unit that is meant when none is sent.
    pub unit: Option<String>,
    /// Digits after the point that the laboratory reports.
    pub decimals: Option<u32>,
    /// UCUM → least and most that a living patient's sample can give.
    pub range: HashMap<String, [f64; 2]>,
}

impl Test {
    /// Is it further away than any living patient's value? Unknown units and texts never are.
    #[must_use]
    pub fn is_impossible(&self, decimal: &str, ucum: &str) -> bool {
        let Some([least, most]) = self.range.get(ucum) else { return false };
        decimal.parse::<f64>().is_ok_and(|number| !(*least..=*most).contains(&number))
    }

    /// The decimal with no more digits than are reported; half goes away from zero. Digits are never added.
    #[must_use]
    pub fn rounded(&self, decimal: &str) -> String {
        let most = self.decimals.and_then(|decimals| usize::try_from(decimals).ok());
        most.and_then(|most| round(decimal, most)).unwrap_or_else(|| decimal.to_owned())
    }
}

fn round(decimal: &str, most: usize) -> Option<String> {
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.')?;
    let kept = fraction.get(..most).filter(|kept| kept.len() < fraction.len())?;
    let is_up = fraction.as_bytes().get(most).is_some_and(|digit| *digit >= b'5');
    let whole = if whole.is_empty() { "0" } else { whole };
    let mut all: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    if !all.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if is_up {
        carry(&mut all);
    }
    let point = all.len().checked_sub(most)?;
    let text = String::from_utf8(all).ok()?;
    let (whole, fraction) = text.split_at_checked(point)?;
    let sign = if text.bytes().all(|digit| digit == b'0') { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn carry(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
    digits.insert(0, b'1');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(decimal: &str, decimals: u32) -> String {
        Test { decimals: Some(decimals), ..Test::default() }.rounded(decimal)
    }

    #[test]
    fn more_digits_than_are_reported_are_rounded_and_none_are_added() {
        assert_eq!(read("5.000000", 2), "5.00");
        assert_eq!(read("5.1", 2), "5.1");
        assert_eq!(read("5", 2), "5");
        assert_eq!(read("9.995", 2), "10.00");
        assert_eq!(read("-0.004", 2), "0.00");
        assert_eq!(read("-0.005", 2), "-0.01");
        assert_eq!(read("99.5", 0), "100");
        assert_eq!(read(".55", 1), "0.6");
        assert_eq!(Test::default().rounded("5.000000"), "5.000000");
    }

    proptest! {
        #[test]
        fn rounding_moves_a_value_by_no_more_than_half_its_last_digit(value in -1e6f64..1e6, decimals in 0u32..4) {
            let text = format!("{value:.6}");
            let moved = (read(&text, decimals).parse::<f64>().unwrap() - text.parse::<f64>().unwrap()).abs();
            prop_assert!(moved <= 0.5 / 10f64.powi(i32::try_from(decimals).unwrap()) + 1e-6);
        }

        #[test]
        fn any_text_comes_back(text: String, decimals in 0u32..5) {
            let _ = read(&text, decimals);
        }
    }
}
