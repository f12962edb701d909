//! Who may, over the wire: hours, a chart opened in an emergency, what is withdrawn and restored, and the table of rights.

use benhan_tests::{Actor, TestHospital, on_each_database, process};
use serde_json::{Value, json};
use std::path::Path;

on_each_database!(
    a_nurse_outside_her_hours_is_told_when_to_come_again,
    an_emergency_opens_one_chart_and_the_auditor_reviews_it,
    a_set_withdrawn_by_mistake_is_restored_with_all_its_history,
    the_table_of_rights_is_what_the_server_decides_by,
);

/// A window on a weekday that is not today, in Vietnam.
fn another_day() -> Value {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7)));
    let weekday = (now.weekday().to_monday_zero_offset() + 3) % 7 + 1;
    json!({ "windows": [{ "weekday": weekday, "from": 420, "to": 1020 }], "graceMinutes": 0 })
}

// Clauses: C46-10.2a, CV-III.1.1g
async fn a_nurse_outside_her_hours_is_told_when_to_come_again(hospital: TestHospital) {
    let (boss, nga) = (hospital.login("quantri").await, hospital.login("nga").await);
    let set = |body: Value| {
        let boss = boss.clone();
        async move { boss.post("/access-hours", body).await }
    };
    nga.get("/wards").await.ok();
    let refused = nga.post("/access-hours", json!({ "role": "nurse", "hours": another_day() })).await;
    assert_eq!(refused.refused(403), "forbidden");
    for body in [
        json!({ "hours": another_day() }),
        json!({ "role": "nurse", "userId": nga.session["user"]["id"], "hours": another_day() }),
        json!({ "role": "nurse", "hours": { "windows": [{ "weekday": 8, "from": 0, "to": 60 }], "graceMinutes": 0 } }),
        json!({ "role": "nurse", "hours": { "windows": [], "graceMinutes": 0 } }),
        json!({ "role": "administrator", "hours": another_day() }),
    ] {
        assert_eq!(set(body).await.refused(422), "invalid");
    }
    assert_eq!(set(json!({ "role": "king", "hours": null })).await.refused(400), "bad-body");

    set(json!({ "role": "nurse", "hours": another_day() })).await.ok();
    let told = nga.get("/wards").await;
    assert!(told.text().contains("07:00"), "{}", told.text());
    assert_eq!(told.refused(403), "outside-hours");
    assert_eq!(nga.get("/wards").await.refused(401), "unauthenticated", "the session is over");
    let (http, base) = (hospital.browser(), hospital.base());
    let again = Actor::try_login(&http, &base, "nga", &nga.staff.password).await.unwrap().1;
    assert_eq!(again.refused(403), "outside-hours");
    let wrong = Actor::try_login(&http, &base, "nga", "not hers").await.unwrap().1;
    assert_eq!(wrong.refused(401), "bad-credentials", "hours say nothing to a stranger");

    // One account may have hours of its own; and what is taken away binds nobody.
    let all: Vec<Value> = (1..=7).map(|day| json!({ "weekday": day, "from": 0, "to": 1440 })).collect();
    let own = json!({ "userId": nga.session["user"]["id"], "hours": { "windows": all, "graceMinutes": 0 } });
    set(own).await.ok();
    hospital.login("nga").await.get("/wards").await.ok();
    assert_eq!(Actor::try_login(&http, &base, "ha", &hospital.staff("ha").password).await.unwrap().1.status, 403);
    set(json!({ "role": "nurse", "hours": null })).await.ok();
    hospital.login("ha").await.get("/wards").await.ok();
    let denied = hospital.login("kiemtra").await.get("/audit?limit=500").await.ok();
    let denied = denied.as_array().unwrap().iter().filter(|row| row["action"] == "denied").count();
    assert_eq!(denied, 3, "each is on the trail");
}

// Clauses: PDP-BG, C46-10.2a
async fn an_emergency_opens_one_chart_and_the_auditor_reviews_it(hospital: TestHospital) {
    let (ha, nga) = (hospital.login("ha").await, hospital.login("nga").await);
    let (auditor, boss) = (hospital.login("kiemtra").await, hospital.login("quantri").await);
    let (stay, other) = (ha.stay_in("G01").await, ha.stay_in("G02").await);
    let chart = format!("/encounters/{stay}");
    let open = format!("/encounters/{stay}/emergency-access");
    assert_eq!(nga.get(&chart).await.refused(403), "forbidden");
    assert_eq!(nga.post(&open, json!({ "why": "curiosity", "reason": "x" })).await.refused(400), "bad-body");
    assert_eq!(nga.post(&open, json!({ "why": "other", "reason": "" })).await.refused(422), "invalid");
    let body = json!({ "why": "called-to-help", "reason": "Khoa Nội gọi hỗ trợ ngừng tuần hoàn" });
    assert_eq!(boss.post(&open, body.clone()).await.refused(403), "forbidden");
    assert_eq!(nga.post("/encounters/nobody/emergency-access", body.clone()).await.refused(404), "not-found");
    let opened = nga.post(&open, body.clone()).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    assert_eq!(nga.post(&open, body).await.refused(409), "not-needed", "it is open");

    let seen = nga.get(&chart).await.ok();
    for part in ["vitals", "notes", "results", "orders", "studies", "documents", "timeline"] {
        nga.get(&format!("{chart}/{part}")).await.ok();
    }
    assert_eq!(nga.get(&format!("/encounters/{other}")).await.refused(403), "forbidden", "one chart alone");
    let entry = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "values": super::trips::by_hand(80) });
    assert_eq!(nga.post(&format!("{chart}/vitals"), entry).await.refused(403), "forbidden", "to read, not to write");

    assert_eq!(boss.get("/emergency-access/count").await.ok()["open"], 1);
    let without = boss.get("/emergency-access").await;
    assert!(!without.text().contains(seen["patient"]["name"].as_str().unwrap()), "no patient to the administrator");
    assert!(!without.text().contains("ngừng tuần hoàn"), "nor words that may name one");
    let told = auditor.get("/emergency-access").await.ok();
    assert_eq!(told[0]["of"]["patientName"], seen["patient"]["name"]);
    assert_eq!((&told[0]["by"]["name"], &told[0]["open"]), (&json!(nga.staff.name), &json!(true)));
    assert_eq!(told[0]["openedFrom"], "127.0.0.1");
    let review = format!("/emergency-access/{}/review", told[0]["id"].as_str().unwrap());
    let verdict = json!({ "verdict": "justified", "note": "Đối chiếu sổ trực, có gọi hỗ trợ" });
    assert_eq!(boss.post(&review, verdict.clone()).await.refused(403), "forbidden");
    assert_eq!(auditor.post(&review, json!({ "verdict": "fine", "note": "x" })).await.refused(400), "bad-body");
    assert_eq!(auditor.post(&review, verdict.clone()).await.ok()["review"]["verdict"], "justified");
    assert_eq!(auditor.post(&review, verdict).await.refused(409), "reviewed-already");
    assert_eq!(boss.get("/emergency-access/count").await.ok()["open"], 0);
}

// Clauses: C46-10.5
async fn a_set_withdrawn_by_mistake_is_restored_with_all_its_history(hospital: TestHospital) {
    let (ha, nga) = (hospital.login("ha").await, hospital.login("nga").await);
    let stay = ha.stay_in("G02").await;
    let entry = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "values": super::trips::by_hand(80) });
    let set = ha.post(&format!("/encounters/{stay}/vitals"), entry).await.ok();
    let path = |what: &str| format!("/vitals/{}/{what}", set["id"].as_str().unwrap());
    let gone = json!({ "version": 1, "reasonCode": "wrong-patient", "reason": "Nhầm giường", "values": [] });
    assert_eq!(ha.post(&path("correct"), gone).await.ok()["status"], "entered-in-error");
    let back = json!({ "version": 2, "reason": "Đúng người bệnh" });
    assert!(matches!(nga.post(&path("restore"), back.clone()).await.status, 403 | 404));
    assert_eq!(ha.post(&path("restore"), json!({ "version": 2 })).await.refused(400), "bad-body");
    assert_eq!(ha.post("/vitals/nothing/restore", back.clone()).await.refused(404), "not-found");
    let restored = ha.post(&path("restore"), back.clone()).await.ok();
    assert_eq!((&restored["status"], &restored["values"]), (&json!("amended"), &set["values"]));
    assert_eq!(ha.post(&path("restore"), back).await.refused(409), "version-conflict", "once");
    assert_eq!(ha.get(&path("versions")).await.ok().as_array().unwrap().len(), 3);
}

// Clauses: CV-III.1.1c, C46-10.2a
async fn the_table_of_rights_is_what_the_server_decides_by(hospital: TestHospital) {
    let boss = hospital.login("quantri").await;
    let table = boss.get("/policy").await.ok();
    let table = table.as_array().unwrap();
    let reach = |subject: &str, verb: &str, role: &str| {
        let line = table.iter().find(|l| l["subject"] == subject && l["verb"] == verb).expect("a line");
        let cell = line["reach"].as_array().unwrap().iter().find(|r| r["role"] == role).expect("a cell");
        cell["reach"].as_str().unwrap().to_owned()
    };
    for verb in ["create", "edit", "cancel", "restore"] {
        assert_eq!(reach("vitals", verb, "nurse"), "ward", "{verb}");
        assert_eq!(reach("note", verb, "doctor"), "facility", "{verb}");
        assert_eq!(reach("note", verb, "auditor"), "none", "{verb}");
    }
    assert_eq!(reach("chart", "view", "administrator"), "none");
    // What the table says, the server does.
    let hoa = hospital.login("hoa").await;
    let ha = hospital.login("ha").await;
    let stay = ha.stay_in("G02").await;
    assert_eq!(
        (reach("chart", "view", "record-room"), reach("note", "create", "record-room")),
        ("facility".into(), "none".into())
    );
    hoa.get(&format!("/encounters/{stay}")).await.ok();
    let note = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "course": "Tỉnh", "care": "" });
    assert_eq!(hoa.post(&format!("/encounters/{stay}/notes"), note).await.refused(403), "forbidden");
    hospital.login("kiemtra").await.get("/policy").await.ok();
    assert_eq!(ha.get("/policy").await.refused(403), "forbidden");

    let printed = process::run([Path::new("policy"), Path::new("--csv")]).await;
    let printed = String::from_utf8(printed.stdout).expect("text");
    assert_eq!(printed.lines().count(), table.len() + 1, "the same table, with a head");
    assert!(printed.contains("\"Chức năng sống\",\"khôi phục\",\"khoa\",\"khoa\",\"viện\""), "{printed}");
}
