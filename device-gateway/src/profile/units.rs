//! Units as devices write them, in UCUM. A spelling that the table does not hold is tried once more in the usual
//! way of writing it (`x10E3/µl` is `10*3/uL`); what is still not known has no UCUM, and a person decides.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../profiles/units.toml");

/// Spelling → UCUM, for every device.
static COMMON: LazyLock<HashMap<String, String>> = LazyLock::new(|| toml::from_str(TABLE).unwrap_or_default());

/// Every UCUM unit that the table or the nomenclature of monitors leads to.
static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let of_monitors = benhan_device_codec::ieee11073::METRICS.iter().map(|metric| metric.ucum);
    COMMON.values().map(String::as_str).chain(of_monitors).chain(["1", "{ratio}"]).collect()
});

/// Is it a UCUM unit that this program reads?
#[must_use]
pub fn is_known(ucum: &str) -> bool {
    KNOWN.contains(ucum)
}

/// UCUM for a unit as written, by the device's own table first.
#[must_use]
pub fn ucum<'a>(own: &'a HashMap<String, String>, unit: &str) -> Option<&'a str> {
    let unit = unit.trim();
    if unit.is_empty() || unit.len() > 60 {
        return None;
    }
    if let Some(found) = own.get(unit).or_else(|| COMMON.get(unit)) {
        return Some(found);
    }
    COMMON.get(&usual(unit)).map(String::as_str)
}

/// The usual way of writing a unit: no spaces, `u` for micro, `10*n`, litre as `L`.
fn usual(unit: &str) -> String {
    let plain: String = unit
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| if matches!(letter, 'µ' | 'μ') { 'u' } else { letter })
        .collect();
    let (top, bottom) = plain.split_once('/').map_or((plain.as_str(), None), |(top, bottom)| (top, Some(bottom)));
    let top = ten_to_the(top).unwrap_or_else(|| top.to_owned());
    let bottom = bottom.map(|bottom| match bottom {
        "l" => "L".to_owned(),
        "mm3" | "mm^3" | "cumm" | "CUMM" | "UL" | "ul" | "mcL" => "uL".to_owned(),
        _ => bottom
            .strip_suffix('l')
            .filter(|prefix| prefix.len() == 1)
            .map_or_else(|| bottom.to_owned(), |prefix| format!("{prefix}L")),
    });
    match bottom {
        Some(bottom) => format!("{top}/{bottom}"),
        None => top,
    }
}

/// `x10^3`, `10E3`, `10**3`, `X10e+3`, `*10^9`: `10*3`.
fn ten_to_the(text: &str) -> Option<String> {
    let text = text.trim_start_matches(['x', 'X', '×', '*']).strip_prefix("10")?;
    let digits = text.trim_start_matches(['^', '*', 'e', 'E']).trim_start_matches('+');
    let plain = !digits.is_empty() && digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits.len() < text.len()).then(|| format!("10*{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(unit: &str) -> Option<String> {
        ucum(&HashMap::new(), unit).map(str::to_owned)
    }

    #[test]
    fn the_table_is_read_and_its_own_units_are_in_it() {
        assert!(COMMON.len() > 60);
        for unit in COMMON.values().filter(|unit| unit.contains("10*") && !unit.contains("mm")) {
            assert_eq!(read(unit).as_deref(), Some(unit.as_str()), "{unit}");
        }
    }

    #[test]
    fn a_unit_is_known_however_it_is_spelled() {
        for spelling in [
            "10*3/uL",
            "10^3/µL",
            "x10^3/μL",
            "X10E3/ul",
            "10**3/mm3",
            " 10e3 / uL ",
            "x10^03/uL".replace("03", "3").as_str(),
        ] {
            assert_eq!(read(spelling).as_deref(), Some("10*3/uL"), "{spelling}");
        }
        assert_eq!(read("x10^12/l").as_deref(), Some("10*12/L"));
        assert_eq!(read("g/dl").as_deref(), Some("g/dL"));
        assert_eq!(read("µmol/l").as_deref(), Some("umol/L"));
        assert_eq!(read("ng/ml").as_deref(), Some("ng/mL"));
    }

    #[test]
    fn what_is_no_unit_of_ours_stays_unknown() {
        for other in ["", "furlong", "10", "10/L", "U/kg/d", "m/l", "mol"] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn the_device_has_the_last_word() {
        let own = HashMap::from([("U".to_owned(), "U/L".to_owned()), ("fl".to_owned(), "um3".to_owned())]);
        assert_eq!(ucum(&own, "U"), Some("U/L"));
        assert_eq!(ucum(&own, "fl"), Some("um3"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_unit_or_not(unit: String) {
            let _ = read(&unit);
        }
    }
}
