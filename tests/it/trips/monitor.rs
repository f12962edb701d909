//! Trip 1, monitor → chart.

use super::cell;
use benhan_tests::events::Events;
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{TestHospital, eventually, on_each_database};
use jiff::Timestamp;
use serde_json::json;

on_each_database!(
    what_a_monitor_measured_is_live_at_once_and_on_the_chart_when_the_nurse_accepts_it,
    a_monitor_in_a_bed_that_nobody_knows_waits_until_a_nurse_says_whose_it_is,
);

// Clauses: C46-5.a, C46-14, CV-III.1.1b
async fn what_a_monitor_measured_is_live_at_once_and_on_the_chart_when_the_nurse_accepts_it(hospital: TestHospital) {
    let nga = hospital.login("nga").await;
    let stay = nga.stay_in("N02").await;
    let (mut terminal, mut curve) = (Events::open(&nga).await, Events::open(&nga).await);
    let mut monitor = Monitor::connect(hospital.ports().mllp).await.unwrap();
    let measured = Measured { cuff: Some((137, 82)), ..Measured::new("M-1", "NGOAI^301^N02", Timestamp::now()) };
    assert_eq!(monitor.say(&measured.message()).await, "MSA|AA|M-1");

    curve.next("live", |live| live["values"].to_string().contains(&stay)).await;
    let card = terminal.next("occupant", |card| card["encounterId"] == stay.as_str()).await;
    assert_eq!(card["proposed"], 1);
    assert_ne!(card["lastVitals"]["sbp"], 137.0, "the board's values come from accepted sets alone");

    let proposed = nga.chart(&stay).await.pop().unwrap();
    assert_eq!((&proposed["status"], &proposed["source"]), (&json!("preliminary"), &json!("device")));
    assert_eq!((&cell(&proposed, "pulse")["value"], &cell(&proposed, "sbp")["value"]), (&json!(84.0), &json!(137.0)));
    assert_eq!(proposed["author"], json!(null));

    let path = format!("/vitals/{}/accept", proposed["id"].as_str().unwrap());
    let accepted = nga.post(&path, json!({ "version": 1 })).await.ok();
    assert_eq!((&accepted["status"], &accepted["version"]), (&json!("final"), &json!(2)));
    assert_eq!(accepted["author"]["name"], nga.staff.name);
    assert_eq!(cell(&accepted, "sbp")["provenance"], "device");
    let card = terminal.next("occupant", |card| card["proposed"] == 0).await;
    assert_eq!(card["lastVitals"]["sbp"], 137.0);
    let again = nga.post(&path, json!({ "version": 1 })).await;
    assert_eq!(again.refused(409), "version-conflict");
}

async fn a_monitor_in_a_bed_that_nobody_knows_waits_until_a_nurse_says_whose_it_is(hospital: TestHospital) {
    let tuan = hospital.login("tuan").await;
    let his = tuan.occupant("N04").await;
    let mut terminal = Events::open(&tuan).await;
    let mut monitor = Monitor::connect(hospital.ports().mllp).await.unwrap();
    let code = his["patientCode"].as_str().unwrap().to_owned();
    let lost = Measured { patient_id: code, pulse: 103, ..Measured::new("M-9", "NGOAI^309^N99", Timestamp::now()) };
    assert_eq!(monitor.say(&lost.message()).await, "MSA|AA|M-9", "it is stored, so it is acknowledged");

    terminal.next("waiting", |counts| counts["inbox"] == 1).await;
    let waiting = tuan.get("/waiting").await.ok();
    let item = &waiting[0];
    assert_eq!(item["reason"], "unknown-bed");
    assert_eq!(item["proposals"][0]["encounterId"], his["encounterId"], "the id that the monitor sent says whose");
    let raw = tuan.get(&format!("/waiting/{}/raw", item["id"].as_str().unwrap())).await;
    assert!(raw.text().contains("NGOAI^309^N99"));

    let path = format!("/waiting/{}/match", item["id"].as_str().unwrap());
    let one = json!({ "encounterId": his["encounterId"], "confirmed": ["name"] });
    assert_eq!(tuan.post(&path, one).await.refused(422), "invalid");
    let two = json!({ "encounterId": his["encounterId"], "confirmed": ["name", "code"] });
    assert_eq!(tuan.post(&path, two.clone()).await.status, 204);
    assert_eq!(tuan.post(&path, two).await.refused(409), "already-handled");
    let stay = his["encounterId"].as_str().unwrap();
    let proposed = eventually("the set is proposed", async || {
        tuan.chart(stay).await.pop().filter(|set| set["status"] == "preliminary")
    })
    .await;
    assert_eq!(cell(&proposed, "pulse")["value"], 103.0);
    assert_eq!(tuan.get("/waiting").await.ok(), json!([]));
}
