//! A record is closed, archived under the hospital's seal, and proved from its database and its backup.

use benhan_tests::database::Kind;
use benhan_tests::{Actor, TestHospital, on_each_database, process};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::Path;

on_each_database!(
    an_archived_record_proves_itself_and_every_change_is_named,
    alone_a_kill_in_the_middle_of_archiving_leaves_the_old_state_or_the_new,
);

/// A stay that is measured, signed, ended and closed.
pub async fn closed(ha: &Actor, viet: &Actor, name: &str) -> String {
    let patient = ha.post("/patients", json!({ "name": name, "birthDate": "1961-03-12", "sex": "male" })).await.ok();
    let path = format!("/patients/{}/encounters", patient["id"].as_str().unwrap());
    let stay = ha.post(&path, json!({ "wardId": ha.ward(), "diagnosis": "Viêm phổi" })).await.ok();
    let stay = stay["id"].as_str().unwrap().to_owned();
    let values = json!([{ "code": "pulse", "value": 82.0 }]);
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": values });
    let set = ha.post(&format!("/encounters/{stay}/vitals"), body).await.ok();
    let close = format!("/encounters/{stay}/record/close");
    let open = viet.post(&close, json!({})).await;
    assert_eq!(open.status, 409, "{}", open.text());
    let told: Value = serde_json::from_slice(&open.body).unwrap();
    assert_eq!(told["code"], "record-incomplete");
    let fields: Vec<_> = told["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["in-hospital", "missing-sheet", "unsigned-set"]);
    let sign = json!({ "pin": ha.staff.pin, "setIds": [set["id"]] });
    ha.post("/vitals/unsigned/sign", sign).await.ok();
    viet.post(&format!("/encounters/{stay}/discharge"), json!({ "outcome": "home" })).await.ok();
    assert_eq!(viet.post(&close, json!({})).await.ok()["state"], "closed");
    stay
}

/// By the head of the hospital: everything that staff signed in it.
pub async fn confirmed(hospital: &TestHospital, stay: &str) {
    let dung = hospital.login("dung").await;
    let answer = dung.post("/confirmations", json!({ "encounterIds": [stay], "pin": dung.staff.pin })).await.ok();
    assert_eq!(answer["confirmed"][0]["encounterId"], *stay, "{answer}");
}

/// Exit code and report of `benhan verify FOLDER`, beside whatever runs.
async fn verified(hospital: &TestHospital, folder: &Path) -> (i32, String) {
    hospital.verify(folder, &hospital.data("trust/ca.pem")).await
}

// Clauses: C46-2, C46-6.a, KCB-69.2
async fn an_archived_record_proves_itself_and_every_change_is_named(mut hospital: TestHospital) {
    let (ha, viet, hoa) = (hospital.login("ha").await, hospital.login("viet").await, hospital.login("hoa").await);
    let stay = closed(&ha, &viet, "Nguyễn Văn Lưu").await;
    let waiting = hoa.get("/records?list=waiting").await.ok();
    assert!(waiting.as_array().unwrap().iter().any(|record| record["encounterId"] == *stay));
    let refused = hoa.post(&format!("/encounters/{stay}/record/archive"), json!(null)).await;
    assert!(refused.status == 409 && refused.text().contains("unconfirmed-signature"), "{}", refused.text());
    confirmed(&hospital, &stay).await;
    let archived = hoa.post(&format!("/encounters/{stay}/record/archive"), json!(null)).await.ok();
    assert_eq!(archived["state"], "archived");
    let (code, report) = verified(&hospital, &hospital.data("")).await;
    assert!(code == 0 && report.contains("HỢP LỆ"), "{report}");

    if hospital.database.kind() == Kind::Sqlite {
        let (data, to) = (hospital.data(""), hospital.scratch("backups"));
        let arguments = [Path::new("backup"), Path::new("--data-dir"), &data, Path::new("--to"), &to];
        let took = process::run(arguments).await;
        assert!(took.status.success(), "{}", String::from_utf8_lossy(&took.stderr));
        let folders = std::fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().path());
        let backup = folders.into_iter().find(|path| path.join("manifest.json").exists()).expect("a backup");
        let (code, report) = verified(&hospital, &backup).await;
        assert!(
            code == 1 && report.contains("CHƯA KIỂM ĐƯỢC NỘI DUNG"),
            "sealed, and secrets/ is not in it:\n{report}"
        );
        let with = [OsStr::new("verify"), backup.as_os_str(), OsStr::new("--trust")].map(OsStr::to_owned).into_iter();
        let (ca, secrets) = (hospital.data("trust/ca.pem"), hospital.data("secrets"));
        let with = with.chain([ca.into(), "--secrets".into(), secrets.into()]);
        let proved = process::run(with).await;
        let report = String::from_utf8_lossy(&proved.stdout);
        assert!(proved.status.success() && report.contains("HỢP LỆ"), "{report}");
    }

    hospital.stop().await;
    let of_stay = format!("encounter_id = '{stay}'");
    let document = hospital.database.query(&format!("SELECT id FROM document WHERE {of_stay}")).remove(0);
    let set = hospital.database.query(&format!("SELECT id FROM observation_set WHERE {of_stay}")).remove(0);
    let (longer, shorter) = match hospital.database.kind() {
        Kind::Sqlite => ("CAST(sealed || x'00' AS BLOB)", "substr(sealed, 1, length(sealed) - 1)"),
        Kind::Postgres => ("sealed || '\\x00'::bytea", "substring(sealed FROM 1 FOR length(sealed) - 1)"),
    };
    for (table, trigger, change, back, named) in [
        (
            "document_version",
            "document_version_no_update",
            format!("SET sealed = {longer} WHERE document_id = '{document}'"),
            format!("SET sealed = {shorter} WHERE document_id = '{document}'"),
            format!("document_version {document}"),
        ),
        (
            "observation_set_version",
            "observation_set_version_no_update",
            format!("SET status = 'amended' WHERE set_id = '{set}'"),
            format!("SET status = 'final' WHERE set_id = '{set}'"),
            format!("observationSets {set} v1: đã đổi hoặc mất"),
        ),
        (
            "encounter",
            "",
            format!("SET outcome = 'died' WHERE id = '{stay}'"),
            format!("SET outcome = 'home' WHERE id = '{stay}'"),
            "đợt điều trị: đã đổi".to_owned(),
        ),
        (
            "record_event",
            "record_event_no_update",
            format!("SET manifest_sha256 = 'f' || manifest_sha256 WHERE {of_stay}"),
            format!("SET manifest_sha256 = substr(manifest_sha256, 2) WHERE {of_stay}"),
            "không còn đúng mã băm".to_owned(),
        ),
    ] {
        hospital.database.unguarded(table, trigger);
        hospital.database.execute(&format!("UPDATE {table} {change}"));
        let (code, report) = verified(&hospital, &hospital.data("")).await;
        assert!(code == 1 && report.contains(&named) && report.contains(&stay), "{table}:\n{report}");
        hospital.database.execute(&format!("UPDATE {table} {back}"));
    }
    let (code, report) = verified(&hospital, &hospital.data("")).await;
    assert_eq!(code, 0, "as it was:\n{report}");
    let slipped = format!(
        "INSERT INTO service_order (id, encounter_id, kind, code, name, state, ordered_by, ordered_at) \
         SELECT 'x', id, 'lab', (SELECT min(code) FROM catalog_item), 'X', 'resulted', (SELECT min(id) FROM user_account), 1 FROM encounter WHERE id = '{stay}'"
    );
    hospital.database.execute(&slipped);
    let (code, report) = verified(&hospital, &hospital.data("")).await;
    assert!(code == 1 && report.contains("không bảng kê nào ghi"), "{report}");
    // With everything that was sealed taken away the record is still called archived, and is missed.
    hospital.database.unguarded("record_event", "record_event_no_delete");
    hospital.database.execute(&format!("DELETE FROM record_event WHERE {of_stay}"));
    let (code, report) = verified(&hospital, &hospital.data("")).await;
    assert!(code == 1 && report.contains("không còn bảng kê lúc lưu trữ") && report.contains(&stay), "{report}");
}

async fn alone_a_kill_in_the_middle_of_archiving_leaves_the_old_state_or_the_new(mut hospital: TestHospital) {
    for kill in 0..4_u64 {
        let (ha, viet, hoa) = (hospital.login("ha").await, hospital.login("viet").await, hospital.login("hoa").await);
        let stay = closed(&ha, &viet, &format!("Trần Thị Lưu {kill}")).await;
        confirmed(&hospital, &stay).await;
        let path = format!("/encounters/{stay}/record/archive");
        let asked =
            tokio::spawn(async move { hoa.try_post(&path, &json!(null), None).await.map(|answer| answer.status) });
        // As long as it takes to be told of somebody else, none to three times: another moment each.
        for _ in 0..kill {
            ha.get("/me/forms-to-sign").await.ok();
        }
        hospital.kill().await;
        let told = asked.await.unwrap();
        hospital.restart().await;
        let hoa = hospital.login("hoa").await;
        let life = hoa.get(&format!("/encounters/{stay}/record")).await.ok();
        let sealed = life["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "archived").count();
        match life["state"].as_str().unwrap() {
            "closed" => assert!(sealed == 0 && !told.is_ok_and(|status| status == 200), "it was told to be safe"),
            "archived" => assert_eq!((sealed, life["archiveNumber"].is_string()), (1, true)),
            other => panic!("{other}"),
        }
        let (code, report) = verified(&hospital, &hospital.data("")).await;
        assert_eq!(code, 0, "{report}");
    }
}
