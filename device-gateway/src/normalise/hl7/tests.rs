//! Whose a value is, and of which specimen: nothing of one patient, bed or tube reaches another.

use crate::normalise::read_capture;
use crate::profile::Profile;
use benhan_contract::DeviceDelivery;

const HEAD: &str = "MSH|^~\\&|CENTRAL|ICU|||20261122203000+0700||ORU^R01|1|P|2.3.1\r";
const OUL: &str = "MSH|^~\\&|LAB|X|||20261122203000+0700||OUL^R2X|1|P|2.5.1\r";

fn read(head: &str, segments: &[&str]) -> Vec<DeviceDelivery> {
    read_capture(format!("{head}{}\r", segments.join("\r")).as_bytes(), &Profile::unknown_device())
}

fn pulse(value: u32) -> String {
    format!("OBX|1|NM|101^HR||{value}||||||F")
}

/// Patient, bed and values of each delivery.
fn told(deliveries: &[DeviceDelivery]) -> Vec<(String, String, Vec<String>)> {
    let of = |delivery: &DeviceDelivery| {
        let patient = delivery.patient.as_ref().map(|patient| patient.ids.join(",")).unwrap_or_default();
        let bed = delivery.location.as_ref().map(|location| location.bed.clone()).unwrap_or_default();
        let readings = delivery.groups.iter().flat_map(|group| &group.readings);
        (patient, bed, readings.map(|reading| super::plain(&reading.value)).collect())
    };
    deliveries.iter().map(of).collect()
}

fn row(patient: &str, bed: &str, values: &[&str]) -> (String, String, Vec<String>) {
    (patient.to_owned(), bed.to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn the_values_of_two_beds_without_patient_ids_never_share_a_delivery() {
    let (one, two) = (pulse(61), pulse(72));
    let beds = [row("", "G01", &["61"]), row("", "G02", &["72"])];
    let after = read(HEAD, &["PID|1", "PV1||I|ICU^^G01", &one, "PID|2", "PV1||I|ICU^^G02", &two]);
    assert_eq!(told(&after), beds, "PV1 after its PID");
    let before = read(HEAD, &["PV1||I|ICU^^G01", "PID|1", &one, "PV1||I|ICU^^G02", "PID|2", &two]);
    assert_eq!(told(&before), beds, "PV1 before its PID");
    let alone = read(HEAD, &["PV1||I|ICU^^G01", &one, "PV1||I|ICU^^G02", &two]);
    assert_eq!(told(&alone), beds, "no PID at all");
}

#[test]
fn a_visit_belongs_to_the_patient_beside_it_and_to_no_later_one() {
    let (one, two) = (pulse(61), pulse(72));
    let named = read(HEAD, &["PV1||I|ICU^^G01", "PID|1||A", &one, "PV1||I|ICU^^G02", "PID|2||B", &two]);
    assert_eq!(told(&named), [row("A", "G01", &["61"]), row("B", "G02", &["72"])]);
    let without = read(HEAD, &["PID|1||A", "PV1||I|ICU^^G01", &one, "PID|2||B", &two]);
    assert_eq!(told(&without), [row("A", "G01", &["61"]), row("B", "", &["72"])]);
    let silent = read(HEAD, &["PID|1||A", "PV1||I|ICU^^G01", "PID|2||B", &two]);
    assert_eq!(told(&silent), [row("B", "", &["72"])], "a patient without values leaves no bed behind");
    let unplaced = read(HEAD, &["PID|1||A", "PV1||I|ICU^^G01", &one, "PID|2", "PV1||I|", &two]);
    assert_eq!(told(&unplaced), [row("A", "G01", &["61"]), row("", "", &["72"])]);
}

#[test]
fn a_patient_who_is_named_again_or_moves_stays_the_one_to_be_checked() {
    let (one, two) = (pulse(61), pulse(72));
    let moved = read(HEAD, &["PID|1||A", "PV1||I|ICU^^G01", &one, "PV1||I|ICU^^G02", &two]);
    assert_eq!(told(&moved), [row("A", "G01", &["61"]), row("A", "G02", &["72"])]);
    let same = read(HEAD, &["PID|1||A", "PV1||I|ICU^^G01", &one, "PV1||I|ICU^^G01", &two]);
    assert_eq!(told(&same), [row("A", "G01", &["61", "72"])]);
}

#[test]
fn a_value_set_aside_is_a_value_too() {
    let two = pulse(72);
    let read =
        read(HEAD, &["PID|1", "PV1||I|ICU^^G01", "OBX|1|NM|101^HR||-999||||||F", "PID|2", "PV1||I|ICU^^G02", &two]);
    assert_eq!(told(&read), [row("", "G01", &[]), row("", "G02", &["72"])]);
    assert_eq!((read[0].set_aside.len(), read[1].set_aside.len()), (1, 0));
}

fn result(code: &str) -> String {
    format!("OBX|1|NM|{code}||1|||||||F")
}

/// Specimens and codes of each group.
fn filed(segments: &[&str]) -> Vec<(String, String)> {
    let deliveries = read(OUL, segments);
    let groups = deliveries.iter().flat_map(|delivery| &delivery.groups);
    groups
        .map(|group| {
            let codes: Vec<&str> = group.readings.iter().map(|reading| reading.code.as_str()).collect();
            (group.specimens.join(","), codes.join(","))
        })
        .collect()
}

fn tubes(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(specimen, codes)| ((*specimen).to_owned(), (*codes).to_owned())).collect()
}

#[test]
fn a_specimen_after_its_order_names_that_order_and_not_the_next() {
    let (k, na) = (result("K"), result("NA"));
    let r24 = ["PID|1||A", "OBR|1", &k, "SPM|1|T1", "OBR|2", &na, "SPM|2|T2", "SAC|||T2"];
    assert_eq!(filed(&r24), tubes(&[("T1", "K"), ("T2", "NA")]));
}

#[test]
fn a_specimen_before_its_orders_names_all_of_them_up_to_the_next_specimen() {
    let (k, na, cl) = (result("K"), result("NA"), result("CL"));
    let r21 = ["PID|1||A", "SAC|||T1", "OBR|1", &k, "SAC|||T2", "OBR|2", &na, "OBR|3", &cl];
    assert_eq!(filed(&r21), tubes(&[("T1", "K"), ("T2", "NA"), ("T2", "CL")]));
    let r22 = ["SPM|1|T1", "SAC|||C1", "OBR|1", &k, "SPM|2|T2", "OBR|2", &na];
    assert_eq!(filed(&r22), tubes(&[("T1", "K"), ("T2", "NA")]));
    let r23 = ["SAC|||C1", "SPM|1|T1", "OBR|1", &k, "SAC|||C2", "OBR|2", &na];
    assert_eq!(filed(&r23), tubes(&[("T1", "K"), ("C2", "NA")]));
    let without_order = ["SAC|||T1", &k, "SAC|||T2", &na];
    assert_eq!(filed(&without_order), tubes(&[("T1", "K"), ("T2", "NA")]));
}
