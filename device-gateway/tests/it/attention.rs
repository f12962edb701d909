//! What the server does not take waits on the list of those who can act, and never says whose it is.

use crate::server::Mood;
use crate::support::{Hospital, vitals};
use serde_json::Value;

/// Of the patient in the message, and of nobody on the list.
const NAME: &str = "NGUYEN^CANARY";

fn named(id: &str) -> Vec<u8> {
    let text = String::from_utf8(vitals(id, "B01", 72)).unwrap();
    text.replace("PV1|", &format!("PID|||BN-77^^^^PI||{NAME}\rPV1|")).into_bytes()
}

/// The list's only item, once the gateway has told of it.
async fn waits(hospital: &Hospital) -> Value {
    hospital.server.until("it waits for a person", |server| server.open_items().len() == 1).await;
    hospital.server.open_items()[0].clone()
}

async fn nothing_waits(hospital: &Hospital) {
    hospital.server.until("it has left the list", |server| server.open_items().is_empty()).await;
}

#[tokio::test]
async fn a_refused_message_waits_and_is_delivered_after_it_was_sent_again() {
    let hospital = Hospital::open().await;
    hospital.server.is(Mood::Refuses("CANARY"));
    let mut monitor = hospital.device().await;
    assert_eq!(monitor.says(&named("M-1")).await, "MSA|AA|M-1");
    let item = waits(&hospital).await;
    assert_eq!((item["kind"].as_str(), item["sender"].as_str()), (Some("message-refused"), Some("mllp")));
    assert_eq!((item["address"].as_str(), item["reason"].as_str()), (Some("127.0.0.1"), Some("not like this")));
    let reports = serde_json::to_string(&hospital.server.attention()).unwrap();
    assert!(!reports.contains("CANARY") && !reports.contains("BN-77"), "{reports}");

    // Refused once more, it is back on the list, with the time of that.
    let key = item["key"].as_str().unwrap();
    hospital.server.chooses(1, key, "again");
    hospital.server.until("it was tried again", |server| server.choices() == 0).await;
    let back = waits(&hospital).await;
    assert_eq!(back["key"], item["key"]);
    assert!(back["since"].as_i64() > item["since"].as_i64(), "{back}");

    hospital.server.is(Mood::Up);
    hospital.server.chooses(2, key, "again");
    assert_eq!(hospital.delivered(1).await[0]["control_id"], "M-1");
    nothing_waits(&hospital).await;
    hospital.close().await;
}

#[tokio::test]
async fn what_a_person_has_seen_leaves_the_list_and_stays_in_the_spool() {
    let hospital = Hospital::open().await;
    hospital.server.is(Mood::Refuses("CANARY"));
    hospital.device().await.says(&named("M-1")).await;
    let item = waits(&hospital).await;
    hospital.server.chooses(1, item["key"].as_str().unwrap(), "seen");
    nothing_waits(&hospital).await;
    assert_eq!(hospital.running.spool.status().await.unwrap().dead, 1);
    let raw = hospital.running.spool.receipt(1).await.unwrap().unwrap().raw;
    assert_eq!(raw, named("M-1"), "with its bytes");
    hospital.close().await;
}

#[tokio::test]
async fn a_damaged_spool_is_on_the_list_until_somebody_has_seen_it() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("gateway");
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("spool.db"), "this is no database at all".repeat(100)).unwrap();
    let hospital = Hospital::in_dir(dir, |_| {}).await;
    let aside = hospital.running.spool_set_aside.clone().unwrap();
    let item = waits(&hospital).await;
    assert_eq!(item["kind"], "spool-damaged");
    assert_eq!(item["about"].as_str(), aside.file_name().unwrap().to_str());
    hospital.server.chooses(1, item["key"].as_str().unwrap(), "seen");
    nothing_waits(&hospital).await;
    assert!(aside.exists(), "the file stays");
    hospital.close().await;
}

#[tokio::test]
async fn a_device_profile_that_cannot_be_used_is_on_the_list_until_it_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let profiles = dir.path().join("profiles");
    std::fs::create_dir(&profiles).unwrap();
    let file = profiles.join("may-moi.toml");
    std::fs::write(&file, "id = \"may-moi\"\ntitle = \"Máy mới\"\ncharst = \"utf-8\"\n").unwrap();
    let own = profiles.clone();
    let hospital = Hospital::in_dir(dir, |config| config.profiles = Some(own)).await;
    let item = waits(&hospital).await;
    assert_eq!((item["kind"].as_str(), item["about"].as_str()), (Some("profile-flawed"), Some("may-moi.toml")));
    assert!(item["reason"].as_str().unwrap().contains("dòng 3"), "{item}");
    std::fs::write(&file, "id = \"may-moi\"\ntitle = \"Máy mới\"\n").unwrap();
    nothing_waits(&hospital).await;
    hospital.close().await;
}
