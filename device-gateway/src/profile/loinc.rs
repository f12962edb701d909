//! LOINC codes that this program knows, with the units that each is measured in.

use super::shipped;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

static KNOWN: LazyLock<HashMap<String, HashSet<String>>> = LazyLock::new(|| {
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    let profiles = shipped().unwrap_or_default();
    for (_, test) in profiles.iter().flat_map(|profile| profile.tests()) {
        for (ucum, loinc) in &test.loinc {
            known.entry(loinc.clone()).or_default().insert(ucum.clone());
        }
    }
    known
});

/// Is this a LOINC code that a shipped profile gives to a value in this unit? Then a device that sends the code
/// itself (OBX-3.3 = `LN`) is believed.
#[must_use]
pub fn is_known(loinc: &str, ucum: &str) -> bool {
    KNOWN.get(loinc).is_some_and(|units| units.contains(ucum))
}

/// LOINC ends with a check digit (mod 10, as in credit cards).
#[must_use]
pub fn has_check_digit(code: &str) -> bool {
    let Some((number, check)) = code.split_once('-') else { return false };
    let plain = |text: &str| !text.is_empty() && text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(number) || !plain(check) || check.len() != 1 {
        return false;
    }
    let doubled = number.chars().rev().enumerate().filter_map(|(index, digit)| {
        let product = digit.to_digit(10)? * if index % 2 == 0 { 2 } else { 1 };
        Some(product / 10 + product % 10)
    });
    check.parse() == Ok((10 - doubled.sum::<u32>() % 10) % 10)
}

/// For a code that every shipped profile which knows it takes for the same: UCUM → LOINC.
pub fn proposed(code: &str) -> HashMap<String, String> {
    let mut found: HashMap<String, Option<String>> = HashMap::new();
    let profiles = shipped().unwrap_or_default();
    for (name, test) in profiles.iter().flat_map(|profile| profile.tests()) {
        if !name.eq_ignore_ascii_case(code) {
            continue;
        }
        for (ucum, loinc) in &test.loinc {
            let slot = found.entry(ucum.clone()).or_insert_with(|| Some(loinc.clone()));
            if slot.as_ref() != Some(loinc) {
                *slot = None;
            }
        }
    }
    found.into_iter().filter_map(|(ucum, loinc)| Some((ucum, loinc?))).collect()
}
