//! IEEE 11073-10101 nomenclature as monitors send it: decimal (`150456`) or MDIL hexadecimal (`0002-4bb8`),
//! with the UCUM unit and, where there is an undisputed one, the LOINC code.
//!
//! A code is partition × 65536 + term. The number decides, never the name: names differ by vendor.

mod table;

pub use table::METRICS;

/// A metric that monitors measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Partition 2 × 65536 + term, or as private monitors number it.
    pub code: u32,
    pub name: &'static str,
    /// The unit that the standard gives it.
    pub ucum: &'static str,
    pub loinc: Option<&'static str>,
}

/// The metric of a code, where the table knows it.
#[must_use]
pub fn metric(code: u32) -> Option<&'static Metric> {
    METRICS.binary_search_by_key(&code, |metric| metric.code).ok().and_then(|index| METRICS.get(index))
}

/// `150456`, or MDIL `0002-4bb8` (partition and term, hexadecimal).
#[must_use]
pub fn parse_code(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    if let Some((partition, term)) = text.split_once('-') {
        if partition.len() != 4 || term.len() != 4 {
            return None;
        }
        let partition = u32::from(u16::from_str_radix(partition, 16).ok()?);
        let term = u32::from(u16::from_str_radix(term, 16).ok()?);
        return Some(partition * 65_536 + term);
    }
    // `+7` is no code.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// MDIL for a code.
#[must_use]
pub fn mdil(code: u32) -> String {
    format!("{:04x}-{:04x}", code >> 16, code & 0xffff)
}

/// UCUM for a unit of partition 4 (dimensions), such as 266016 for mmHg.
#[must_use]
pub fn unit(code: u32) -> Option<&'static str> {
    table::UNITS.iter().find(|(unit, ..)| *unit == code).map(|(_, _, ucum)| *ucum)
}

/// UCUM for a unit's reference name, such as `MDC_DIM_MMHG`.
#[must_use]
pub fn unit_named(name: &str) -> Option<&'static str> {
    table::UNITS.iter().find(|(_, unit, _)| *unit == name).map(|(_, _, ucum)| *ucum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_sorted_and_names_each_code_once() {
        assert!(METRICS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn decimal_and_mdil_are_one_number() {
        assert_eq!(parse_code(b"0002-4182"), Some(147_842));
        assert_eq!(parse_code(b" 147842 "), Some(147_842));
        assert_eq!(parse_code(b"0004-0aa0").and_then(unit), Some("/min"));
        assert_eq!(metric(147_842).map(|metric| metric.loinc), Some(Some("8867-4")));
        assert_eq!(parse_code(b"+7"), None);
        assert_eq!(parse_code(b"2-4182"), None);
    }

    #[test]
    fn units_are_known_by_name_as_well() {
        assert_eq!(unit_named("MDC_DIM_MMHG"), Some("mm[Hg]"));
        assert_eq!(unit(266_016), Some("mm[Hg]"));
    }

    proptest! {
        #[test]
        fn mdil_and_back(code: u32) {
            prop_assert_eq!(parse_code(mdil(code).as_bytes()), Some(code));
        }

        #[test]
        fn any_bytes_are_a_code_or_none(bytes: Vec<u8>) {
            let _ = parse_code(&bytes);
        }
    }
}
