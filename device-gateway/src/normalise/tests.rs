//! What devices mean, and what must never be taken for it.

use super::*;
use crate::profile::Profile;
use benhan_contract::{Comparator, Reading, ReadingStatus, ReadingValue};
use proptest::prelude::*;

fn read(text: &str) -> Vec<DeviceDelivery> {
    read_capture(text.as_bytes(), &Profile::unknown_device())
}

fn one(text: &str) -> DeviceDelivery {
    let mut read = read(text);
    assert_eq!(read.len(), 1);
    read.remove(0)
}

fn readings(delivery: &DeviceDelivery) -> Vec<&Reading> {
    delivery.groups.iter().flat_map(|group| &group.readings).collect()
}

fn whys(delivery: &DeviceDelivery) -> Vec<&str> {
    delivery.set_aside.iter().map(|aside| aside.why.as_str()).collect()
}

const HEAD: &str = "MSH|^~\\&|MON^0011223344556677^EUI-64|ICU|||20261122203000+0700||ORU^R01|1|P|2.6\r";

// Clauses: C46-8.1
#[test]
fn a_monitor_names_bed_device_and_values_in_ucum() {
    let delivery = one(&format!(
        "{HEAD}PID|||BN01^^^BV^PI||Nguyễn^An^Văn||19700102|M\rPV1||I|ICU^R2^B07\r\
         OBR|1|||182777000^monitoring of patient^SCT|||20261122202900\r\
         OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|97|262688^MDC_DIM_PERCENT^MDC|||||R\r\
         OBX|2|NM|0002-4a05^NBPs^MDIL|0|120|0004-0f20^mmHg^MDIL|||||F|||20261122202500\r"
    ));
    assert_eq!(delivery.sender.equipment, "0011223344556677");
    let location = delivery.location.clone().unwrap();
    assert_eq!((location.unit.as_str(), location.room.as_str(), location.bed.as_str()), ("ICU", "R2", "B07"));
    assert_eq!(delivery.patient.clone().unwrap().name, "Nguyễn Văn An");
    assert!(delivery.groups[0].specimens.is_empty(), "a bed is no specimen");
    let [saturation, systolic] = readings(&delivery)[..] else { panic!() };
    assert_eq!(saturation.loinc.as_deref(), Some("59408-5"));
    assert_eq!(saturation.ucum.as_deref(), Some("%"));
    assert_eq!(saturation.status, ReadingStatus::Unverified);
    assert_eq!(saturation.effective_at, Some(1_795_354_140_000_000));
    assert_eq!((systolic.code.as_str(), systolic.system.as_str()), ("150021", "MDC"));
    assert!(systolic.aperiodic && !saturation.aperiodic);
    assert_eq!(systolic.effective_at, Some(1_795_353_900_000_000));
}

#[test]
fn a_device_whose_offset_is_wrong_is_read_by_its_zone() {
    let text = "MSH|^~\\&|VS|ICU|||20261122203000+0000||ORU^R01|1|P|2.6\rOBX|1|NM|1||97||||||F|||20261122203000+0000\r";
    let read_with = |extra: &str| {
        let profile = Profile::parse(&format!("id = 'x'\ntitle = 'x'\n{extra}")).unwrap();
        let delivery = read_capture(text.as_bytes(), &profile).remove(0);
        (delivery.message_at.unwrap(), delivery.groups[0].readings[0].effective_at.unwrap())
    };
    let (stated, own) = (read_with(""), read_with("ignore_offset = true"));
    let seven_hours = 7 * 3_600_000_000;
    assert_eq!((stated.0 - own.0, stated.1 - own.1), (seven_hours, seven_hours));
}

#[test]
fn a_unit_is_the_one_that_was_sent_and_none_where_that_is_not_clear() {
    let temperature = |unit: &str| {
        let delivery = one(&format!("{HEAD}OBX|1|NM|150344^MDC_TEMP^MDC||98.6|{unit}|||||F\r"));
        let read =
            delivery.groups.first().map(|group| (group.readings[0].ucum.clone(), group.readings[0].loinc.clone()));
        read.unwrap_or_else(|| (None, Some(delivery.set_aside[0].why.clone())))
    };
    let fahrenheit = (Some("[degF]".to_owned()), Some("8310-5".to_owned()));
    assert_eq!(temperature("266560^MDC_DIM_FAHR^MDC"), fahrenheit);
    assert_eq!(temperature("degF"), fahrenheit);
    assert_eq!(temperature("266560^MDC_DIM_DEGC^MDC"), (None, None), "number and name contradict each other");
    assert_eq!(temperature(""), (None, None));
    assert_eq!(temperature("268192^MDC_DIM_DEGC^MDC"), (None, Some("implausible".to_owned())));
}

#[test]
fn a_power_of_ten_in_a_unit_is_no_component() {
    let delivery = one(&format!("{HEAD}OBX|1|NM|WBC||5.1|10^9/L|||||F\rOBX|2|NM|RBC||4.1|x10^12/L|||||F\r"));
    let units: Vec<_> = readings(&delivery).iter().map(|reading| reading.ucum.clone().unwrap()).collect();
    assert_eq!(units, ["10*9/L", "10*12/L"]);
}

#[test]
fn a_bed_in_the_third_component_is_found() {
    let delivery = one(&format!("{HEAD}PV1||I|^^ICU&Bed5&3232241659&0&0\rOBX|1|NM|101^HR||60||||||F\r"));
    let location = delivery.location.unwrap();
    assert_eq!((location.unit.as_str(), location.bed.as_str()), ("ICU", "Bed5"));
}

#[test]
fn what_is_no_value_is_set_aside_with_its_reason() {
    let delivery = one(&format!(
        "{HEAD}OBR|1||S1\rOBX|1|NM|A||-999|||||||F\rOBX|2|NM|B||||||||F\rOBX|3|NM|C||50|||DEMO|||F\r\
         OBX|4|ED|D||^Image^BMP^Base64^Qk0=||||||F\rOBX|5|NM|E||7||||||X\rOBX|6|NM|F||7||||||D\r\
         OBX|7|TX|5^HardInop^MDIL-ALERT||no pulse||||||F\rOBX|8|NM|150344^MDC_TEMP^MDC||384.5|268192^MDC_DIM_DEGC^MDC|||||F\r\
         OBX|9|NA|W||1^2^3||||||F\rOBX|10|NM|G||5.5|mmol/L|||||F\r"
    ));
    assert_eq!(
        whys(&delivery),
        ["sentinel", "empty", "demo", "attachment", "not-final", "deleted", "alert", "implausible", "waveform"]
    );
    assert_eq!(readings(&delivery).len(), 1);
}

#[test]
fn nothing_of_a_test_or_control_message_is_a_reading() {
    for (processing, why) in [("T", "demo"), ("D", "demo"), ("Q", "quality-control")] {
        let delivery =
            one(&format!("MSH|^~\\&|A|B|||1||ORU^R01|1|{processing}|2.3\rOBR|1||S\rOBX|1|NM|WBC||5|||||||F\r"));
        assert_eq!(whys(&delivery), [why]);
        assert!(delivery.groups.is_empty());
    }
}

#[test]
fn two_patients_in_one_message_are_two_deliveries() {
    let deliveries = read(&format!(
        "{HEAD}PID|1||ONE\rOBR|1||S1\rOBX|1|NM|K||4.1|mmol/L|||||F\rPID|2||TWO\rOBR|1||S2\rOBX|1|NM|K||5.2|mmol/L|||||F\r"
    ));
    let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.patient.as_ref().unwrap().ids[0].as_str()).collect();
    assert_eq!(ids, ["ONE", "TWO"]);
    assert_ne!(deliveries[0].id, deliveries[1].id);
    assert_eq!(deliveries[1].groups[0].specimens, ["S2"]);
    assert_eq!(
        deliveries,
        read(&format!(
            "{HEAD}PID|1||ONE\rOBR|1||S1\rOBX|1|NM|K||4.1|mmol/L|||||F\rPID|2||TWO\rOBR|1||S2\rOBX|1|NM|K||5.2|mmol/L|||||F\r"
        )),
        "a second reading gives the same"
    );
}

#[test]
fn an_analyzer_that_puts_the_specimen_first_is_understood() {
    let delivery = one(
        "MSH|^~\\&|cobas|x|||20261122203000||OUL^R22^OUL_R22|9|P|2.5.1\rSPM|1|022&BARCODE||SER\rSAC|||022^BARCODE\r\
         OBR|1|\"\"||20490^^99ROC\rOBX|1|NM|20490^^99ROC|1|32.2|mg/L^^99ROC||N^^HL70078|||F\rSPM|2|023&BARCODE\rOBR|1|\"\"||7^^99ROC\rOBX|1|NM|7^^99ROC||1|||||||F\r",
    );
    let specimens: Vec<_> = delivery.groups.iter().map(|group| group.specimens.clone()).collect();
    assert_eq!(specimens, [["022"], ["023"]]);
}

#[test]
fn astm_results_carry_specimen_code_unit_and_comment() {
    let delivery = one("H|\\^&|||XN-550^00-24||||||||E1394-97|20261122203000\rP|1|||37|^An||19870626|M\r\
        O|1||^^          S-27^M|^^^^WBC\\^^^^PLT|||||||N\rR|1|^^^^WBC^1|8.13|10*3/uL|4-10|N||F||||20261122135407\rC|1|I|checked|I\rR|2|^^^^PLT^1|----|10*3/uL||A||F\rL|1|N\r");
    assert_eq!(delivery.sender.application, "XN-550");
    let group = &delivery.groups[0];
    assert_eq!(group.specimens, ["S-27"]);
    let reading = &group.readings[0];
    assert_eq!((reading.code.as_str(), reading.channel.as_str()), ("WBC", "1"));
    assert_eq!(reading.ucum.as_deref(), Some("10*3/uL"));
    assert_eq!(reading.comments, ["checked"]);
    assert_eq!(whys(&delivery), ["sentinel"]);
}

#[test]
fn a_number_that_stands_only_in_the_range_is_not_lost() {
    let delivery = one(
        "H|@^\\|X||GeneXpert PC^GeneXpert|||||GX||P|1394-97\rO|1|S9\rR|1|^^^HIVVL^Assay^3^^|DETECTED^|copies/mL|40.00 to 10000000.00|>||F\r",
    );
    assert_eq!(
        readings(&delivery)[0].value,
        ReadingValue::Number { decimal: "10000000.00".to_owned(), comparator: Some(Comparator::Greater) }
    );
}

#[test]
fn astm_controls_are_set_aside() {
    let delivery = one("H|\\^&|||AU\rP|1\rO|1|QC1||^^^GLU|||||||Q\rR|1|^^^GLU|5.4|mmol/L|||F\rL|1\r");
    assert_eq!(whys(&delivery), ["quality-control"]);
}

#[test]
fn what_cannot_be_read_is_delivered_without_groups() {
    let unread = read_capture(b"\x0bhello\x1c\r", &Profile::unknown_device());
    assert_eq!(unread.len(), 1);
    assert!(unread[0].groups.is_empty());
    assert_eq!(unread[0].raw, "aGVsbG8=");
    let endless = [HEAD.as_bytes(), &b"OBX|1|NM|1||1\r".repeat(MOST_LINES + 1)].concat();
    assert!(read_capture(&endless, &Profile::unknown_device())[0].groups.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_not_and_never_a_panic(
        head in prop_oneof![Just("MSH|^~\\&|A|B\r"), Just("H|\\^&|||X\r"), Just("")],
        lines in proptest::collection::vec((prop_oneof![Just("PID|"), Just("OBX|1|NM|"), Just("OBX|1|CE|"), Just("OBR|"), Just("SPM|"), Just("NTE|"), Just("P|"), Just("O|"), Just("R|1|"), Just("C|"), Just("")], ".{0,40}"), 0..20)
    ) {
        let body: String = lines.iter().map(|(id, rest)| format!("{id}{rest}\r")).collect();
        let _ = read(&format!("{head}{body}"));
    }

    #[test]
    fn any_binary_is_read_or_not(bytes: Vec<u8>) {
        let _ = read_capture(&bytes, &Profile::unknown_device());
    }
}

#[test]
fn padding_with_control_characters_is_no_text() {
    let monitor = one(&format!(
        "{HEAD}PID|||BN\u{0}01\u{0}\u{0}^^^BV\rPV1||I|ICU^^B07\u{0}\u{0}\rOBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97\u{0}\u{0}|262688^MDC_DIM_PERCENT^MDC\u{0}|||||F\u{0}\r\
         OBX|2|TX|NOTE\u{0}||one\\.br\\two\u{1}||||||F\rOBX|3|NM|X||\u{0}\u{0}\u{0}||||||F\r"
    ));
    assert_eq!(monitor.patient.clone().unwrap().ids, ["BN01"]);
    assert_eq!(monitor.location.clone().unwrap().text, "ICU^^B07");
    let [saturation, note] = readings(&monitor)[..] else { panic!("{monitor:?}") };
    assert_eq!(saturation.value, ReadingValue::Number { decimal: "97".to_owned(), comparator: None });
    assert_eq!((saturation.ucum.as_deref(), saturation.status), (Some("%"), ReadingStatus::Final));
    assert_eq!((note.code.as_str(), note.value.clone()), ("NOTE", ReadingValue::Text { text: "one\ntwo".to_owned() }));
    assert_eq!(whys(&monitor), ["empty"]);

    let analyzer = one(
        "H|\\^&|||XN-550\u{0}\rP|1\rO|1|S-27\u{0}\u{0}||^^^WBC\u{0}\rR|1|^^^WBC|8.1\u{0}|10*3/uL\u{0}|||||F\rL|1\r",
    );
    assert_eq!(analyzer.sender.application, "XN-550");
    assert_eq!(analyzer.groups[0].specimens, ["S-27"]);
    assert_eq!(analyzer.groups[0].service, "^^^WBC");
    assert_eq!(
        analyzer.groups[0].readings[0].value,
        ReadingValue::Number { decimal: "8.1".to_owned(), comparator: None }
    );
}
