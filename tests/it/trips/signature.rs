//! Trip 2, a nurse's entry → a signed record → proof without the server.

use super::{by_hand, cell};
use benhan_tests::{Actor, TestHospital, on_each_database};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs;

on_each_database!(a_round_is_entered_corrected_signed_with_one_pin_and_proved_elsewhere, the_audit_trail_proves_itself);

async fn entered(nurse: &Actor, stay: &str, pulse: u32) -> Value {
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": by_hand(pulse) });
    nurse.post(&format!("/encounters/{stay}/vitals"), body).await.ok()
}

// Clauses: C46-2, C46-3.2b, C46-13.1, C13-1.1, C13-3, CV-V, KCB-7.10, SIG-14, SIG-15
async fn a_round_is_entered_corrected_signed_with_one_pin_and_proved_elsewhere(hospital: TestHospital) {
    let (ha, lan) = (hospital.login("ha").await, hospital.login("lan").await);
    let (first, second) = (ha.stay_in("G08").await, ha.stay_in("G10").await);
    let set = entered(&ha, &first, 101).await;
    assert_eq!(set["news2"]["total"], 5);
    let other = entered(&ha, &second, 99).await;
    let colleagues = entered(&lan, &second, 96).await;

    let path = format!("/vitals/{}/correct", set["id"].as_str().unwrap());
    let mut correction = json!({ "version": 1, "reasonCode": "typo", "reason": "", "values": by_hand(111) });
    assert_eq!(ha.post(&path, correction.clone()).await.refused(422), "invalid", "a correction has a reason");
    correction["reason"] = json!("Gõ nhầm mạch");
    let amended = ha.post(&path, correction.clone()).await.ok();
    assert_eq!(
        (&amended["version"], &amended["status"], &amended["news2"]["total"]),
        (&json!(2), &json!("amended"), &json!(6))
    );
    assert_eq!(ha.post(&path, correction).await.refused(409), "version-conflict");
    let history = ha.get(&format!("/vitals/{}/versions", set["id"].as_str().unwrap())).await.ok();
    assert_eq!(cell(&history[0], "pulse")["value"], 101.0, "the old value stays readable");

    let round = format!("/wards/{}/round/sign", ha.ward());
    let ids = json!([set["id"], other["id"], colleagues["id"]]);
    let wrong = ha.post(&round, json!({ "pin": "000000", "setIds": ids })).await;
    assert_eq!(wrong.refused(403), "bad-pin");
    let signed = ha.post(&round, json!({ "pin": ha.staff.pin, "setIds": ids })).await.ok();
    let versions: Vec<_> = signed["signed"].as_array().unwrap().iter().map(|s| (&s["setId"], &s["version"])).collect();
    assert!(versions.contains(&(&set["id"], &json!(2))) && versions.contains(&(&other["id"], &json!(1))), "{signed}");
    assert_eq!((&signed["failed"][0]["setId"], &signed["failed"][0]["code"]), (&colleagues["id"], &json!("not-yours")));
    assert_eq!(signed["charts"].as_array().unwrap().len(), 2);

    let sheet = &signed["charts"][0];
    let (document, version) = (sheet["documentId"].as_str().unwrap(), &sheet["version"]);
    let pdf = ha.get(&format!("/documents/{document}/versions/{version}/pdf")).await.bytes();
    assert_eq!(&pdf[..5], b"%PDF-");
    proved(&hospital, "sheet.pdf", &pdf).await;
}

/// Holds as it is; not with one byte changed, and not for somebody else's authority.
async fn proved(hospital: &TestHospital, name: &str, bytes: &[u8]) {
    let (file, ca) = (hospital.scratch(name), hospital.data("trust/ca.pem"));
    fs::write(&file, bytes).unwrap();
    let (code, report) = hospital.verify(&file, &ca).await;
    assert_eq!(code, 0, "{report}");
    let (code, report) = hospital.verify(&file, &hospital.data("tls/ca.pem")).await;
    assert_eq!(code, 1, "an intact file of an unknown authority is not trusted:\n{report}");
    for at in [bytes.len() / 3, bytes.len() / 2] {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        fs::write(&file, changed).unwrap();
        let (code, report) = hospital.verify(&file, &ca).await;
        assert_eq!(code, 1, "byte {at} of {}:\n{report}", bytes.len());
    }
}

// Clauses: C46-8.2b, CV-III.1.1đ, CV-III.1.2b, SEC-4
async fn the_audit_trail_proves_itself(mut hospital: TestHospital) {
    let ha = hospital.login("ha").await;
    entered(&ha, &ha.stay_in("G16").await, 88).await;
    hospital.assert_intact().await;
    // Told to stop, the server signs the heads of its chains.
    hospital.stop().await;
    let export = hospital.audit_export("trail.jsonl").await;
    let (text, ca) = (fs::read_to_string(&export).unwrap(), hospital.data("trust/ca.pem"));
    let (code, report) = hospital.verify(&export, &ca).await;
    assert_eq!(code, 0, "{report}");
    assert_eq!(hospital.verify(&export, &hospital.data("tls/ca.pem")).await.0, 1, "somebody else's authority");

    let lines: Vec<&str> = text.lines().collect();
    let entry = lines.iter().rposition(|line| line.contains("observation-set")).expect("the entry is on the trail");
    let changed = lines[entry].replacen("create", "cancel", 1);
    assert_ne!(changed, lines[entry]);
    let tampered = |with: Option<&str>| {
        let kept = lines.iter().enumerate().filter_map(|(at, line)| if at == entry { with } else { Some(*line) });
        kept.collect::<Vec<_>>().join("\n") + "\n"
    };
    for (what, text) in [("changed", tampered(Some(&changed))), ("taken out", tampered(None))] {
        fs::write(&export, text).unwrap();
        let (code, report) = hospital.verify(&export, &ca).await;
        assert_eq!(code, 1, "a row was {what}:\n{report}");
    }
}
