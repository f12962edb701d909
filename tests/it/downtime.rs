//! The downtime kit over the wire: it lies in the ward's folder and on the ward's computer before the server goes, and
//! opens there.

use benhan_tests::{TestHospital, on_each_database, process, within};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const PASSWORD: &str = "khoa noi 2026!";
/// A kit of a ward is many pages, and the machine may be busy.
const LIMIT: Duration = Duration::from_secs(240);

on_each_database!(a_ward_goes_on_with_its_kit_when_the_server_is_gone);

/// By poppler, which shares no code with what locked it.
fn text(file: &Path, password: &str) -> Option<String> {
    let read = Command::new("pdftotext").args(["-raw", "-upw", password]).arg(file).arg("-").output();
    let read = read.expect("pdftotext of poppler-utils");
    read.status.success().then(|| String::from_utf8_lossy(&read.stdout).replace('\u{200b}', ""))
}

/// `benhan downtime fetch` as the ward's computer runs it: its exit code and what it said.
async fn fetch(hospital: &TestHospital, base: &str, ward: &str) -> (bool, String) {
    let (ca, token, to) = (hospital.data("tls/ca.pem"), hospital.scratch("kit.token"), hospital.scratch("pc"));
    let mut asked =
        vec!["downtime".into(), "fetch".into(), "--server".into(), base.to_owned(), "--ward".into(), ward.into()];
    for (option, path) in [("--ca-file", ca), ("--token-file", token), ("--to", to)] {
        asked.extend([option.to_owned(), path.to_string_lossy().into_owned()]);
    }
    let ended = process::run(asked).await;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    (ended.status.success(), said)
}

// Clauses: C46-5.c
async fn a_ward_goes_on_with_its_kit_when_the_server_is_gone(mut hospital: TestHospital) {
    let (folder, away, pc) = (hospital.scratch("noi"), hospital.scratch("away"), hospital.scratch("pc"));
    for made in [&folder, &pc] {
        fs::create_dir(made).unwrap();
    }
    hospital.set("BENHAN_DOWNTIME_FORMS", "[\"to-dieu-tri\"]");
    hospital.set("BENHAN_DOWNTIME_TO", &json!([&away, &folder]).to_string());
    hospital.stop().await;
    hospital.restart().await;
    let (boss, nga) = (hospital.login("quantri").await, hospital.login("nga").await);
    let ward = nga.ward().to_owned();
    let path = format!("/downtime/wards/{ward}/kit");
    assert_eq!(nga.get(&path).await.refused(404), "no-kit");
    let lock = json!({ "wardId": ward, "password": PASSWORD });
    assert_eq!(nga.post("/downtime/password", lock.clone()).await.refused(403), "forbidden");
    let seen = boss.post("/downtime/password", lock).await.ok();
    let mine =
        |seen: &Value| seen["wards"].as_array().unwrap().iter().find(|w| w["ward"]["id"] == ward.as_str()).cloned();
    let code = mine(&seen).unwrap()["ward"]["code"].as_str().unwrap().to_owned();
    let copied = within(LIMIT, "a kit in the ward's folder", async || {
        let kit = mine(&boss.get("/downtime").await.ok()).unwrap();
        kit["copies"][1]["madeAt"].is_string().then_some(kit)
    });
    let kit = copied.await;
    assert!(kit["copies"][0]["trouble"]["reason"].as_str().unwrap().contains("is not there"), "{kit}");
    let name = format!("du-phong-{code}.pdf");
    let lying =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    assert_eq!(lying, [name.as_str()], "the ward that has a password, and nothing half");

    // Who lies there is told, and nobody who lies elsewhere.
    let board = nga.get(&format!("/wards/{ward}/board")).await.ok();
    let said = text(&folder.join(&name), PASSWORD).expect("opened");
    let mut codes = 0;
    for bed in board["beds"].as_array().unwrap() {
        for one in bed["occupants"].as_array().unwrap() {
            let code = one["patientCode"].as_str().unwrap();
            assert!(said.contains(code), "{code}");
            codes += 1;
        }
    }
    assert!(codes > 0);
    assert_eq!(text(&folder.join(&name), "khoa noi 2027!"), None);
    assert_eq!(nga.get(&path).await.bytes(), fs::read(folder.join(&name)).unwrap(), "the browser gets the same");
    boss.get(&path).await.refused(403);

    // A computer of the ward fetches it with a token of its own.
    let issued = boss.post("/downtime/computers", json!({ "wardId": ward, "label": "Máy trực" })).await.ok();
    fs::write(hospital.scratch("kit.token"), issued["token"].as_str().unwrap()).unwrap();
    let base = hospital.base();
    let (fetched, said) = fetch(&hospital, &base, &code).await;
    assert!(fetched, "{said}");
    let kit = fs::read(pc.join(&name)).unwrap();
    assert!(text(&pc.join(&name), PASSWORD).is_some());
    let (again, said) = fetch(&hospital, &base, &code).await;
    assert!(again && said.contains("newest"), "{said}");
    let (other, said) = fetch(&hospital, &base, "KHAC").await;
    assert!(!other && said.contains("another ward"), "{said}");
    let log = hospital.log();
    assert!(!log.contains(PASSWORD) && !log.contains(issued["token"].as_str().unwrap()));

    // It is on the metrics, and the trail tells who took it.
    assert!(hospital.counted(&format!("benhan_downtime_kit_timestamp_seconds{{ward=\"{code}\"}}")).await > 0);
    assert_eq!(hospital.counted("benhan_downtime_copies_failed{folder=\"0\"}").await, 1);
    assert_eq!(hospital.counted("benhan_downtime_copies_failed{folder=\"1\"}").await, 0);
    let trail = boss.get("/audit?act=export").await.ok();
    let rows = trail.as_array().unwrap().iter().filter(|row| row["subjectKind"] == "downtime-kit").count();
    assert_eq!(rows, 3, "the nurse, the computer, the folder: {trail}");

    let computer = issued["computer"]["id"].as_str().unwrap();
    boss.post(&format!("/downtime/computers/{computer}/revoke"), json!({})).await.ok();
    let (refused, said) = fetch(&hospital, &base, &code).await;
    assert!(!refused && said.contains("taken back") && said.contains("stays"), "{said}");
    hospital.stop().await;
    let (reached, said) = fetch(&hospital, &base, &code).await;
    assert!(!reached && said.contains("stays"), "{said}");
    assert_eq!(fs::read(pc.join(&name)).unwrap(), kit, "the kit that it has is still there");
    assert!(text(&folder.join(&name), PASSWORD).is_some());
}
