//! A nurse's certificate is taken back: from that moment on she signs nothing with it, and what she signed before stays good.

use benhan_sign::Crl;
use benhan_tests::{Actor, TestHospital, on_each_database, process};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs;
use tokio::process::Command;

on_each_database!(
    a_lost_certificate_is_taken_back_and_signs_no_more,
    a_certificate_is_taken_back_from_the_machine_while_the_server_runs,
);

async fn entered(nurse: &Actor, stay: &str) -> Value {
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(88) });
    nurse.post(&format!("/encounters/{stay}/vitals"), body).await.ok()
}

async fn sign(nurse: &Actor, pin: &str, set: &Value) -> benhan_tests::Answer {
    nurse.post(&format!("/wards/{}/round/sign", nurse.ward()), json!({ "pin": pin, "setIds": [set["id"]] })).await
}

async fn account(boss: &Actor, username: &str) -> Value {
    let listed = boss.get("/users").await.ok();
    listed.as_array().unwrap().iter().find(|user| user["username"] == username).cloned().expect("an account")
}

/// How many serials are on the hospital's lists, and that openssl reads them.
async fn listed(hospital: &TestHospital) -> usize {
    let pem = fs::read(hospital.data("trust/revoked.pem")).unwrap();
    assert_eq!(Crl::list_from_pem(&pem).unwrap().len(), 2, "of the issuing CA and of the root");
    let mut command = Command::new("openssl");
    let path = hospital.data("trust/revoked.pem");
    let output = command.args(["crl", "-noout", "-text", "-in"]).arg(path).output().await.expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).matches("Serial Number:").count()
}

// Clauses: SIG-7, SIG-10, SIG-13
async fn a_lost_certificate_is_taken_back_and_signs_no_more(hospital: TestHospital) {
    let (ha, lan, boss) = (hospital.login("ha").await, hospital.login("lan").await, hospital.login("quantri").await);
    let stay = ha.stay_in("G08").await;
    let first = sign(&ha, &ha.staff.pin, &entered(&ha, &stay).await).await.ok();
    let sheet = &first["charts"][0];
    let pdf = format!("/documents/{}/versions/{}/pdf", sheet["documentId"].as_str().unwrap(), sheet["version"]);
    let pdf = ha.get(&pdf).await.bytes();

    let her = account(&boss, "ha").await;
    assert_eq!(her["certificate"]["revokedAt"], Value::Null);
    let path = format!("/users/{}/revoke-certificate", her["id"].as_str().unwrap());
    let lost = json!({ "reason": "lost", "note": "Để quên mã PIN trên giấy ở phòng trực" });
    assert_eq!(lan.post(&path, lost.clone()).await.refused(403), "forbidden", "an administrator's right");
    assert_eq!(boss.post(&path, json!({ "reason": "bored", "note": "" })).await.status, 400);
    assert_eq!(boss.post(&path, json!({ "reason": "lost", "note": "x".repeat(301) })).await.refused(422), "invalid");
    let nobody = "/users/01980000-0000-7000-8000-000000000000/revoke-certificate";
    assert_eq!(boss.post(nobody, lost.clone()).await.refused(404), "not-found");
    assert_eq!(listed(&hospital).await, 0);
    let after = boss.post(&path, lost.clone()).await.ok();
    assert_ne!(after["certificate"]["revokedAt"], Value::Null);
    assert_eq!(listed(&hospital).await, 1, "the hospital's own CA lists it at once");
    assert_eq!(boss.post(&path, lost).await.refused(409), "already-revoked");
    let new = json!({ "username": "moi", "name": "Vũ Thị Mới", "role": "nurse", "wardIds": [ha.ward()], "password": "Phonoi-2026-MOI" });
    let new = boss.post("/users", new).await.ok();
    let path = format!("/users/{}/revoke-certificate", new["id"].as_str().unwrap());
    assert_eq!(boss.post(&path, json!({ "reason": "left", "note": "" })).await.refused(409), "no-certificate");

    let owed = entered(&ha, &stay).await;
    let no = sign(&ha, &ha.staff.pin, &owed).await;
    assert_eq!(no.refused(403), "certificate-revoked");
    assert!(no.text().contains("đã bị thu hồi") && no.text().contains("mất mã PIN"), "{}", no.text());
    let now = ha.chart(&stay).await.into_iter().find(|set| set["id"] == owed["id"]).unwrap();
    assert_eq!(now["signature"], Value::Null, "nothing is half-signed");

    // What she signed before: by the time stamp, and by what was checked then.
    let (file, ca) = (hospital.scratch("sheet.pdf"), hospital.data("trust/ca.pem"));
    fs::write(&file, &pdf).unwrap();
    let (code, report) = hospital.verify(&file, &ca).await;
    assert_eq!(code, 0, "{report}");

    // A PIN of her own again, and a certificate with it.
    let keys = json!({ "password": ha.staff.password, "pin": "528374" });
    assert!(ha.post("/auth/pin", keys).await.status < 300);
    assert_eq!(sign(&ha, "528374", &owed).await.ok()["failed"], json!([]));
    assert_eq!(account(&boss, "ha").await["certificate"]["revokedAt"], Value::Null, "the new one");
    let trail = boss.get("/audit?limit=100").await.ok();
    let row = trail.as_array().unwrap().iter().find(|row| row["detail"].as_str().unwrap().contains("\"revoked\""));
    let row = row.expect("it is on the trail");
    assert_eq!((&row["action"], &row["actor"]["name"]), (&json!("cancel"), &json!(boss.staff.name)));
    hospital.assert_intact().await;
}

// Clauses: SIG-10
async fn a_certificate_is_taken_back_from_the_machine_while_the_server_runs(hospital: TestHospital) {
    let lan = hospital.login("lan").await;
    let stay = lan.stay_in("G10").await;
    sign(&lan, &lan.staff.pin, &entered(&lan, &stay).await).await.ok();
    let command = async |reason: &str| {
        let mut command = Command::new(process::binary());
        command.args(["user", "revoke-certificate", "lan", "--reason", reason, "--data-dir"]);
        command.arg(hospital.data("")).envs(hospital.environment());
        command.output().await.expect("the executable starts")
    };
    let wrong = command("bored").await;
    assert!(
        !wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("suspected"),
        "it says what it knows"
    );
    let done = command("suspected").await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(listed(&hospital).await, 1);
    let owed = entered(&lan, &stay).await;
    assert_eq!(sign(&lan, &lan.staff.pin, &owed).await.refused(403), "certificate-revoked", "without a restart");
    assert!(!command("suspected").await.status.success(), "it was taken back before");
}
