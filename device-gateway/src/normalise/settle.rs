//! What the device's profile says of one reading: its unit where none was sent, LOINC, digits, flags, and whether
//! it can be true at all.

use crate::profile::{Profile, is_known_loinc};
use benhan_contract::{Reading, ReadingValue};

/// Completes a reading; or the reason why it is set aside.
pub fn settle(reading: &mut Reading, profile: &Profile) -> Result<(), &'static str> {
    let test = profile.test(&reading.code);
    if reading.unit.is_empty() && reading.ucum.is_none() {
        reading.ucum = test.and_then(|test| test.unit.clone());
    }
    let ucum = reading.ucum.clone().unwrap_or_default();
    if let Some(loinc) = profile.loinc(&reading.code, &ucum) {
        reading.loinc = Some(loinc.to_owned());
    } else if reading.system == "LN" && test.is_none() && is_known_loinc(&reading.code, &ucum) {
        reading.loinc = Some(reading.code.clone());
    }
    reading.flags = reading.flags.iter().filter_map(|flag| profile.flag(flag)).collect();
    reading.comments.retain(|comment| !profile.skips_comment(comment));
    let (Some(test), ReadingValue::Number { decimal, comparator }) = (test, &mut reading.value) else {
        return Ok(());
    };
    if comparator.is_none() && test.is_impossible(decimal, &ucum) {
        return Err("implausible");
    }
    *decimal = test.rounded(decimal);
    Ok(())
}
