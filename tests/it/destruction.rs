//! A destruction that the power interrupts goes on by itself: a record is whole, or it is gone.

use benhan_tests::database::Kind;
use benhan_tests::{Actor, TestHospital, on_each_database, process, within};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

on_each_database!(alone_a_kill_in_the_middle_of_a_destruction_leaves_a_record_whole_or_gone);

const KILLS: u64 = 4;

/// Treated, closed and archived.
pub(super) async fn archived(hospital: &TestHospital, name: &str) -> String {
    let (ha, viet, hoa) = (hospital.login("ha").await, hospital.login("viet").await, hospital.login("hoa").await);
    let patient = ha.post("/patients", json!({ "name": name, "birthDate": "1961-03-12", "sex": "male" })).await.ok();
    let path = format!("/patients/{}/encounters", patient["id"].as_str().unwrap());
    let stay = ha.post(&path, json!({ "wardId": ha.ward(), "diagnosis": "Viêm phổi" })).await.ok();
    let stay = stay["id"].as_str().unwrap().to_owned();
    let values = json!([{ "code": "pulse", "value": 82.0 }]);
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": values });
    let set = ha.post(&format!("/encounters/{stay}/vitals"), body).await.ok();
    let sign = json!({ "pin": ha.staff.pin, "setIds": [set["id"]] });
    ha.post("/vitals/unsigned/sign", sign).await.ok();
    viet.post(&format!("/encounters/{stay}/discharge"), json!({ "outcome": "home" })).await.ok();
    viet.post(&format!("/encounters/{stay}/record/close"), json!({})).await.ok();
    super::archive::confirmed(hospital, &stay).await;
    hoa.post(&format!("/encounters/{stay}/record/archive"), json!(null)).await.ok();
    stay
}

/// Years go by: the term of every archived record is over.
pub(super) fn years_later(hospital: &TestHospital) {
    hospital.database.execute("UPDATE medical_record SET kept_until = 2020 WHERE state = 'archived'");
}

/// A bridge that keeps nothing for a person reports once a minute, and is asked to erase when it reports: whoever was not
/// asked by the first report after a start is asked by the next.
pub(super) async fn done(hoa: &Actor, list: &str) -> Value {
    within(Duration::from_secs(150), "the destruction is done", async || {
        let now = hoa.get(&format!("/destruction-lists/{list}")).await.ok();
        (now["state"] == "done").then_some(now)
    })
    .await
}

// Clauses: RET-x, SEC-11
async fn alone_a_kill_in_the_middle_of_a_destruction_leaves_a_record_whole_or_gone(mut hospital: TestHospital) {
    hospital.database.unguarded("medical_record", "medical_record_archived_stays");
    let (data, to) = (hospital.data(""), hospital.scratch("backups"));
    for kill in 0..KILLS {
        let stay = archived(&hospital, &format!("Phạm Thị Hết {kill}")).await;
        years_later(&hospital);
        if hospital.database.kind() == Kind::Sqlite {
            let arguments = [Path::new("backup"), Path::new("--data-dir"), &data, Path::new("--to"), &to];
            assert!(process::run(arguments).await.status.success(), "a backup from before");
        }
        let (dung, hoa) = (hospital.login("dung").await, hospital.login("hoa").await);
        let body = json!({ "records": [stay], "decision": "QĐ 15/QĐ-BV", "reason": "Hết thời hạn lưu trữ" });
        let list = hoa.post("/destruction-lists", body).await.ok();
        let list = list["id"].as_str().unwrap().to_owned();
        dung.post(&format!("/destruction-lists/{list}/approve"), json!(null)).await.ok();
        hoa.post(&format!("/destruction-lists/{list}/begin"), json!(null)).await.ok();
        // As long as it takes to be told of somebody else, none to three times: another moment each.
        for _ in 0..kill {
            dung.get("/confirmations/count").await.ok();
        }
        hospital.kill().await;
        hospital.restart().await;
        let hoa = hospital.login("hoa").await;
        let list = done(&hoa, &list).await;
        assert_eq!(list["records"][0]["state"], "destroyed", "{list}");
        let gone = hoa.get(&format!("/encounters/{stay}/record")).await;
        assert_eq!(gone.status, 410, "{}", gone.text());
        let told: Value = serde_json::from_slice(&gone.body).unwrap();
        assert!(told["detail"].as_str().unwrap().contains("tiêu hủy"), "{told}");
        let left = format!(
            "SELECT (SELECT count(*) FROM document WHERE encounter_id = '{stay}') \
             + (SELECT count(*) FROM observation_set WHERE encounter_id = '{stay}') \
             + (SELECT count(*) FROM signature WHERE encounter_id = '{stay}') \
             + (SELECT count(*) FROM blob WHERE encounter_id = '{stay}')"
        );
        assert_eq!(hospital.database.count(&left), 0);
        hospital.database.assert_sound();
        let (code, report) = hospital.verify(&hospital.data(""), &hospital.data("trust/ca.pem")).await;
        assert!(code == 0 && report.contains("Hồ sơ đã tiêu hủy"), "{report}");
    }
    if hospital.database.kind() == Kind::Sqlite {
        let folders = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
        let oldest = folders.filter(|path| path.join("manifest.json").exists()).min().expect("a backup");
        let with = [Path::new("verify"), &oldest, Path::new("--trust"), &hospital.data("trust/ca.pem")];
        let with = with.into_iter().chain([Path::new("--secrets")]).map(Path::to_owned);
        let proved = process::run(with.chain([hospital.data("secrets")])).await;
        let report = String::from_utf8_lossy(&proved.stdout);
        assert!(
            proved.status.success() && report.contains("Đã tiêu hủy: 1 hồ sơ"),
            "the old backup opens no more:\n{report}"
        );
    }
}
