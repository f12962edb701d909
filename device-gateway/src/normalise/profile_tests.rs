//! Each key of a profile does what it says, for HL7 and for ASTM.

use super::*;
use crate::profile::Profile;
use benhan_contract::{Reading, ReadingValue};

fn read_with(profile: &str, text: &str) -> DeviceDelivery {
    let profile = Profile::parse(&format!("id = \"x\"\ntitle = \"X\"\n{profile}")).unwrap();
    read_capture(text.as_bytes(), &profile).remove(0)
}

fn hl7(rest: &str) -> String {
    format!("MSH|^~\\&|DEV|LAB|||20261122203000||ORU^R01|1|P|2.3.1\r{rest}")
}

fn astm(rest: &str) -> String {
    format!("H|\\^&|||DEV|||||||P||20261122203000\r{rest}L|1\r")
}

fn only(delivery: &DeviceDelivery) -> &Reading {
    let mut readings = delivery.groups.iter().flat_map(|group| &group.readings);
    let reading = readings.next().unwrap_or_else(|| panic!("{:?}", delivery.set_aside));
    assert!(readings.next().is_none());
    reading
}

fn whys(delivery: &DeviceDelivery) -> Vec<(&str, &str)> {
    delivery.set_aside.iter().map(|aside| (aside.code.as_str(), aside.why.as_str())).collect()
}

#[test]
fn specimen_patient_and_code_are_taken_from_where_the_profile_says() {
    let delivery = read_with(
        "specimen = [\"OBR-2.2\"]\npatient = [\"PID-18.1\", \"PID-2.1\"]\ncode = [\"OBX-4\", \"OBX-3.2\"]\n[[test]]\ncode = [\"GLU\"]\nloinc = { \"mmol/L\" = \"14749-6\" }",
        &hl7("PID|1|B|C|||||||||||||||A\rOBR|1|x^T-9|n\rOBX|1|NM|7^Glucose|GLU|5.1|mmol/L|||||F\r"),
    );
    assert_eq!(delivery.patient.clone().unwrap().ids, ["A", "B"]);
    assert_eq!(delivery.groups[0].specimens, ["T-9"]);
    let reading = only(&delivery);
    assert_eq!((reading.code.as_str(), reading.loinc.as_deref()), ("GLU", Some("14749-6")));
    let delivery = read_with(
        "specimen = [\"O-4.2\"]\npatient = [\"P-4\"]\ncode = [\"R-3.5\"]",
        &astm("P|1|A|B\rO|1|s|r^T-9\rR|1|^^^16^TSH^UNDILUTED|1.2|mIU/L|||||F\r"),
    );
    assert_eq!(delivery.patient.clone().unwrap().ids, ["B"]);
    assert_eq!(delivery.groups[0].specimens, ["T-9"]);
    assert_eq!(only(&delivery).code, "TSH");
}

#[test]
fn the_time_is_taken_from_where_the_profile_says_and_nowhere_else() {
    let text = hl7("OBR|1||S||||20261122100000|||||||20261122090000\rOBX|1|NM|K||4.1|mmol/L|||||F|||20261122110000\r");
    let at = |profile: &str| only(&read_with(profile, &text)).effective_at.unwrap();
    let hour = 3_600_000_000;
    assert_eq!(at("") - at("time = [\"OBR-14\"]"), 2 * hour);
    assert_eq!(at("time = [\"OBX-19\", \"OBX-14\"]"), at(""));
    assert_eq!(at("") - at("time = [\"OBX-19\"]"), hour, "the order's time is left");
    let text = astm("P|1\rO|1|S|||||20261122090000\rR|1|^^^K|4.1|mmol/L||||F||||20261122110000\r");
    let at = |profile: &str| only(&read_with(profile, &text)).effective_at;
    assert_eq!(at("").unwrap() - at("time = [\"O-8\"]").unwrap(), 2 * hour);
    assert_eq!(at("time = [\"O-7\"]"), None);
}

#[test]
fn what_the_rules_name_is_set_aside_with_their_reason() {
    let rules = "[[aside]]\nwhy = \"quality-control\"\n\"OBR-3\" = [\"QC*\"]\n\"OBR-4.1\" = [\"CBC\"]\n\
        [[aside]]\nwhy = \"supplemental\"\n\"OBX-3.2\" = [\"*raw*\"]\n[[aside]]\nwhy = \"demo\"\n\"OBX-8\" = [\"SIM\"]";
    let rows = "OBX|1|NM|WBC||5||||||F\rOBX|2|NM|W1^the Raw count||5||||||F\rOBX|3|NM|RBC||5|||H~SIM|||F\r";
    let both = read_with(rules, &hl7(&format!("OBR|1||qc-1|CBC\r{rows}")));
    assert_eq!(whys(&both), [("WBC", "quality-control"), ("W1", "quality-control"), ("RBC", "quality-control")]);
    let one = read_with(rules, &hl7(&format!("OBR|1||qc-1|CHEM\r{rows}")));
    assert_eq!(whys(&one), [("W1", "supplemental"), ("RBC", "demo")], "each place of a rule must fit");
    assert_eq!(one.processing, Processing::Production, "a patient's value is in it");
    let rules = "[[aside]]\nwhy = \"calibration\"\n\"O-4.5\" = [\"CAL\"]\n[[aside]]\nwhy = \"attachment\"\n\"R-3.5\" = [\"SCAT_*\"]";
    let delivery = read_with(
        rules,
        &astm("P|1\rO|1|S|1^^^^SAMPLE\rR|1|^^^^WBC|5\rR|2|^^^^SCAT_A|PNG\rO|2|C|1^^^^cal\rR|1|^^^^WBC|6\r"),
    );
    assert_eq!(only(&delivery).code, "WBC");
    assert_eq!(whys(&delivery), [("SCAT_A", "attachment"), ("WBC", "calibration")]);
}

#[test]
fn the_role_of_a_specimen_is_read_for_every_device() {
    for (role, why) in [("Q", "quality-control"), ("C", "calibration"), ("V", "calibration")] {
        let delivery = read_with("", &hl7(&format!("SPM|1|S&BARCODE|||||||||{role}\rOBR|1\rOBX|1|NM|K||4.1||||||F\r")));
        assert_eq!(whys(&delivery), [("K", why)]);
        assert_eq!(delivery.processing, Processing::QualityControl, "nobody need look whose it is");
    }
    let delivery = read_with("", &hl7("SPM|1|S&BARCODE|||||||||P\rOBR|1\rOBX|1|NM|K||4.1||||||F\r"));
    assert_eq!(delivery.groups[0].specimens, ["S"]);
}

#[test]
fn a_test_has_its_unit_digits_and_bounds() {
    let profile = "[units]\n\"tests\" = \"mmol/L\"\n[flags]\n\"+\" = \"H\"\n\"n\" = \"\"\n[[test]]\ncode = [\"K\"]\nunit = \"mmol/L\"\ndecimals = 1\n\
        loinc = { \"mmol/L\" = \"2823-3\" }\nrange = { \"mmol/L\" = [0.5, 20] }";
    let value = |text: &str| {
        let delivery = read_with(profile, text);
        let reading = delivery.groups.first().map(|group| group.readings[0].clone());
        reading.ok_or_else(|| delivery.set_aside[0].why.clone())
    };
    for row in ["OBR|1\rOBX|1|NM|K||4.1499||||||F\r", "OBR|1\rOBX|1|NM|K||4.1499|tests|||||F\r"] {
        let reading = value(&hl7(row)).unwrap();
        assert_eq!((reading.ucum.as_deref(), reading.loinc.as_deref()), (Some("mmol/L"), Some("2823-3")));
        assert_eq!(reading.value, ReadingValue::Number { decimal: "4.1".to_owned(), comparator: None });
    }
    assert_eq!(
        value(&hl7("OBX|1|NM|K||4.1|furlong|||||F\r")).unwrap().ucum,
        None,
        "a unit that was sent is not replaced"
    );
    assert_eq!(value(&hl7("OBX|1|NM|K||41||||||F\r")).unwrap_err(), "implausible");
    assert!(value(&hl7("OBX|1|NM|K||>20||||||F\r")).is_ok() && value(&hl7("OBX|1|ST|K||high|mmol/L|||||F\r")).is_ok());
    assert_eq!(value(&hl7("OBX|1|NM|K||4.1|||+~n~A|||F\r")).unwrap().flags, ["H", "A"]);
    assert_eq!(value(&astm("O|1|S\rR|1|^^^K|41|mmol/L\r")).unwrap_err(), "implausible");
    assert_eq!(value(&astm("O|1|S\rR|1|^^^K|4.15|||+\\n\r")).unwrap().flags, ["H"]);
}

#[test]
fn comments_that_say_nothing_are_left_out() {
    let profile = "skip_comments = [\"0\", \"0^*\", \"Result ok*\"]";
    let delivery = read_with(profile, &astm("O|1|S\rR|1|^^^K|4.1\rC|1|I|0|I\rC|2|I|26^High alarm|I\r"));
    assert_eq!(only(&delivery).comments, ["26 High alarm"]);
    let delivery = read_with(profile, &hl7("OBX|1|NM|K||4.1||||||F\rNTE|1||result OK, checked\rNTE|2||haemolysed\r"));
    assert_eq!(only(&delivery).comments, ["haemolysed"]);
}

#[test]
fn a_loinc_code_that_the_device_sends_itself_holds_in_a_unit_that_it_is_measured_in() {
    let loinc = |row: &str| only(&read_with("", &hl7(row))).loinc.clone();
    assert_eq!(loinc("OBX|1|NM|6690-2^WBC^LN||5|10*9/L|||||F\r").as_deref(), Some("6690-2"));
    assert_eq!(loinc("OBX|1|NM|6690-2^WBC^LN||5|g/L|||||F\r"), None);
    assert_eq!(loinc("OBX|1|NM|6690-2^WBC^99X||5|10*9/L|||||F\r"), None);
}
