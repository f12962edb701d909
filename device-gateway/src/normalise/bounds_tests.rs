//! What a message made on purpose may cost.

use super::*;
use crate::profile::Profile;

const HEAD: &str = "MSH|^~\\&|MON|ICU|||20261122203000+0700||ORU^R01|1|P|2.6\r";

fn read(text: &str) -> Vec<DeviceDelivery> {
    read_capture(text.as_bytes(), &Profile::unknown_device())
}

/// Bytes that leave for the server.
fn cost(deliveries: &[DeviceDelivery]) -> usize {
    deliveries.iter().map(|delivery| serde_json::to_vec(delivery).unwrap().len()).sum()
}

#[test]
fn as_many_patients_as_an_honest_message_has_are_read_and_more_wait_unread() {
    let hl7 = |patients: usize| {
        let body: String = (0..patients).map(|n| format!("PID|1||P{n}\rOBX|1|NM|K||{n}|||||||F\r")).collect();
        read(&format!("{HEAD}{body}"))
    };
    let astm = |patients: usize| {
        let body: String = (0..patients).map(|n| format!("P|1||P{n}\rO|1|S{n}\rR|1|^^^K|{n}\r")).collect();
        read(&format!("H|\\^&|||X\r{body}L|1\r"))
    };
    let readers: [&dyn Fn(usize) -> Vec<DeviceDelivery>; 2] = [&hl7, &astm];
    for read in readers {
        assert_eq!(read(MOST_PATIENTS).len(), MOST_PATIENTS);
        let crowd = read(MOST_PATIENTS + 1);
        assert_eq!(crowd.len(), 1);
        assert!(crowd[0].groups.is_empty(), "it waits for a person");
    }
}

#[test]
fn patients_without_any_value_are_no_deliveries() {
    let empty = "P|1||A\rO|1|S1\r".repeat(1000);
    assert_eq!(read(&format!("H|\\^&|||X\r{empty}L|1\r")).len(), 1);
    let headers = "H|\\^&|||X\rL|1\r".repeat(1000);
    assert_eq!(read(&headers).len(), 1);
    let unnamed = "PID|1\r".repeat(1000);
    assert_eq!(read(&format!("{HEAD}{unnamed}")).len(), 1);
}

#[test]
fn no_text_of_a_message_is_carried_again_by_each_of_its_values() {
    let endless = "9".repeat(200_000);
    let orders = "OBR|1\rOBX|1|NM|150456^^MDC||97|262688^MDC_DIM_PERCENT^MDC|||||F\r".repeat(1000);
    let texts = [
        format!("{HEAD}SPM|1|{endless}\r{}", orders.replace("150456^^MDC", "K")),
        format!("{HEAD}PID|||{endless}\rPV1||I|{endless}\r{orders}"),
        format!("{}PID|||A\r{orders}", HEAD.replace("|MON|", &format!("|{endless}|"))),
    ];
    for text in texts {
        let deliveries = read(&text);
        assert!(cost(&deliveries) < 5 * text.len(), "{} of {}", cost(&deliveries), text.len());
        let board = crate::live::samples(&deliveries[0]);
        assert!(serde_json::to_vec(&board).unwrap().len() < 4 << 20);
    }
}

#[test]
fn a_large_message_of_several_patients_costs_no_multiple_of_itself() {
    let comment = format!("NTE|1||{}\r", "x".repeat(1 << 20));
    let body: String = (0..40).map(|n| format!("PID|1||P{n}\rOBX|1|NM|K||{n}|||||||F\r")).collect();
    let text = format!("{HEAD}{body}{comment}");
    assert!(cost(&read(&text)) < 2 * text.len());
}
