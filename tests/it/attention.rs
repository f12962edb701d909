//! What the gateway and the bridge hold for a person is on a list where somebody can act on it.

use crate::scripted_server::{FakeServer, Mood, TOKEN};
use benhan_keys::opened_with;
use benhan_pacs_bridge::write_plain;
use benhan_tests::gateway::Gateway;
use benhan_tests::image::Image;
use benhan_tests::modality::{Association, Said};
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{Actor, TestHospital, eventually, on_each_database};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

on_each_database!(
    another_content_under_a_known_uid_is_on_the_list_until_it_was_seen_and_its_bytes_stay,
    a_message_that_a_server_refused_is_delivered_when_the_administrator_sends_it_again,
    a_study_under_another_patients_uid_is_on_the_list_and_names_nobody,
);

/// Kept apart, with a warning to the sender.
const KEPT_APART: Said = Said::Status(0xB000);

/// The first item that fits, as this person sees it.
async fn listed(person: &Actor, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let list = person.get("/attention").await.ok();
    list["items"].as_array().unwrap().iter().find(|item| fits(item)).cloned()
}

async fn decide(person: &Actor, item: &Value, choice: &str) {
    let decision = json!({ "edge": item["edge"], "key": item["key"], "choice": choice });
    person.post("/attention/decide", decision).await.ok();
}

async fn store(hospital: &TestHospital, image: &Image) -> Said {
    let mut modality = Association::open(hospital.ports().dicom).await.unwrap();
    let said = modality.store(&image.sop, &image.dataset()).await.unwrap();
    modality.release().await.unwrap();
    said
}

async fn another_content_under_a_known_uid_is_on_the_list_until_it_was_seen_and_its_bytes_stay(hospital: TestHospital) {
    let (admin, son) = (hospital.login("quantri").await, hospital.login("son").await);
    let image = Image::new("", "BN-9", "Nguyễn^Canary");
    assert_eq!(store(&hospital, &image).await, Said::Status(0));
    let other = Image { number: 2, ..image.clone() };
    assert_eq!(store(&hospital, &other).await, KEPT_APART);

    let fits = |item: &Value| item["about"] == image.sop.as_str();
    let item = eventually("it is on the list", async || listed(&admin, fits).await).await;
    assert_eq!((&item["kind"], &item["sender"]), (&json!("content-differs"), &json!("CT_DEMO")));
    assert!(admin.get("/attention/count").await.ok()["open"].as_i64().unwrap() >= 1);
    assert!(listed(&son, fits).await.is_some(), "the radiologist sees it");
    let decision = json!({ "edge": item["edge"], "key": item["key"], "choice": "seen" });
    assert_eq!(son.post("/attention/decide", decision).await.refused(403), "forbidden");
    let nurse = hospital.login("ha").await;
    assert_eq!(nurse.get("/attention").await.refused(403), "forbidden");
    assert!(!admin.get("/attention").await.text().contains("Canary"));

    decide(&admin, &item, "seen").await;
    eventually("it leaves the list", async || listed(&admin, fits).await.is_none().then_some(())).await;
    let sha256 = item["key"].as_str().unwrap().trim_start_matches("instance:").to_owned();
    let blob = hospital.data(&format!("pacs/blobs/{}/{sha256}.dcm", sha256.split_at(2).0));
    let keys = opened_with(&hospital.data("keys/records.db"), &hospital.data("secrets/records.key")).unwrap();
    let mut kept = Vec::new();
    write_plain(&blob, &keys, &mut kept).unwrap();
    assert!(kept.ends_with(&other.dataset()), "its bytes stay");
    hospital.assert_intact().await;
}

async fn a_message_that_a_server_refused_is_delivered_when_the_administrator_sends_it_again(hospital: TestHospital) {
    // Another server, of another version: it takes nothing of this monitor.
    let old = FakeServer::start().await;
    old.is(Mood::Refuses("REFUSED-1"));
    let ward = Gateway::told(&hospital, &format!("name = 'khoa Ngoại'\nurl = '{}'", old.url()), TOKEN).await;
    let mut monitor = Monitor::connect(ward.mllp).await.unwrap();
    let message = Measured::new("REFUSED-1", "NGOAI^301^N02", Timestamp::now()).message();
    assert_eq!(monitor.say(&message).await, "MSA|AA|REFUSED-1");
    let dead = || ward.spool().count("SELECT count(*) FROM receipt WHERE state = 'dead'") == 1;
    eventually("the message is refused", async || dead().then_some(())).await;
    drop(monitor);
    ward.stop().await;

    // The server is replaced by ours. What was refused once is not tried by itself.
    let token = std::fs::read_to_string(hospital.data("secrets/ingest.token")).unwrap();
    let ward = Gateway::told(&hospital, &format!("name = 'khoa Ngoại'\nurl = '{}'", hospital.base()), &token).await;
    let admin = hospital.login("quantri").await;
    let fits = |item: &Value| item["edge"] == "gateway:khoa Ngoại";
    let item = eventually("it is on the list", async || listed(&admin, fits).await).await;
    assert_eq!((&item["kind"], &item["reason"]), (&json!("message-refused"), &json!("not like this")));
    let arrived = || hospital.database.count("SELECT count(*) FROM inbox WHERE body LIKE '%REFUSED-1%'");
    assert_eq!(arrived(), 0);

    decide(&admin, &item, "again").await;
    decide(&admin, &item, "again").await;
    eventually("it arrives", async || (arrived() == 1).then_some(())).await;
    eventually("and leaves the list", async || listed(&admin, fits).await.is_none().then_some(())).await;
    assert_eq!(arrived(), 1, "once");
    let chosen = "SELECT count(*) FROM audit WHERE act = 'send-again' AND subject_kind = 'attention'";
    assert_eq!(hospital.database.count(chosen), 1, "with one row on the trail");
    ward.stop().await;
    hospital.assert_intact().await;
}

/// Another bridge, elsewhere in the house, has told the server of a study first.
async fn told_by_another_bridge(hospital: &TestHospital, image: &Image) {
    let token = std::fs::read_to_string(hospital.data("secrets/ingest.token")).unwrap();
    let study = json!({
        "id": uuid::Uuid::new_v4().to_string(), "study_uid": image.study, "accession": "", "patient_id": "BN-1", "issuer": "",
        "patient_name": "Trần^Canary", "birth_date": "", "sex": "F", "study_date": "", "study_time": "",
        "description": "", "station_ae": "CT9", "received_at": 0, "series": [],
    });
    let request = hospital.browser().request(Method::POST, format!("{}/ingest/studies", hospital.base()));
    let answer = request.bearer_auth(token.trim()).json(&study).send().await.unwrap();
    assert_eq!(answer.status(), 202);
}

async fn a_study_under_another_patients_uid_is_on_the_list_and_names_nobody(hospital: TestHospital) {
    let image = Image::new("", "BN-2", "Nguyễn^Canary");
    told_by_another_bridge(&hospital, &image).await;
    assert_eq!(store(&hospital, &image).await, Said::Status(0), "the bridge cannot know better");
    let admin = hospital.login("quantri").await;
    let fits = |item: &Value| item["about"] == image.study.as_str();
    let item = eventually("the study is on the list", async || listed(&admin, fits).await).await;
    assert_eq!(
        (&item["kind"], &item["sender"], &item["again"]),
        (&json!("study-refused"), &json!("CT_DEMO"), &json!(true))
    );
    assert!(!item.to_string().contains("Canary") && !item.to_string().contains("BN-2"), "{item}");

    // Nothing has changed at the server: sent again, it is refused again, and comes back with the time of that.
    decide(&admin, &item, "again").await;
    let back =
        async || listed(&admin, |now| fits(now) && now["doing"].is_null() && now["since"] != item["since"]).await;
    let back = eventually("it is back", back).await;
    decide(&admin, &back, "seen").await;
    eventually("it leaves the list", async || listed(&admin, fits).await.is_none().then_some(())).await;
    assert!(!hospital.log().contains("Canary"));
}
