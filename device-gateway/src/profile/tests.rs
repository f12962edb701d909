use super::*;
use std::collections::HashSet;

#[test]
fn every_shipped_profile_is_read_and_named_once() {
    let profiles = shipped().unwrap();
    let ids: HashSet<_> = profiles.iter().map(|profile| profile.id.clone()).collect();
    assert_eq!(ids.len(), profiles.len());
}

// Clauses: C46-8.1
/// LOINC ends with a check digit (mod 10, as in credit cards).
#[test]
fn every_loinc_code_has_its_check_digit() {
    let metrics = benhan_device_codec::ieee11073::METRICS.iter().filter_map(|metric| metric.loinc);
    let profiles = shipped().unwrap();
    let tests = profiles.iter().flat_map(|profile| profile.tests.values()).flat_map(|test| test.loinc.values());
    for code in metrics.chain(tests.map(String::as_str)) {
        assert!(loinc::has_check_digit(code), "{code}");
    }
    assert!(!loinc::has_check_digit("2345-8") && !loinc::has_check_digit("2345") && !loinc::has_check_digit("-7"));
}

#[test]
fn a_unit_that_the_test_does_not_list_leaves_it_without_loinc() {
    let profile = shipped::named("chemistry").unwrap();
    assert_eq!(profile.loinc("GLU", "mmol/L"), Some("14749-6"));
    assert_eq!(profile.loinc("GLU", "mg/dL"), Some("2345-7"));
    assert_eq!(profile.loinc("GLU", "U/L"), None);
}

#[test]
fn a_mistyped_key_is_an_error() {
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharst = 'utf-8'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\ncharset = 'klingon'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\nbased_on = 'nowhere'").is_err());
    assert!(Profile::parse("id = 'x'\ntitle = 'x'\nspecimen = ['somewhere']").is_err());
}
