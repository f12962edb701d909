//! Sessions: who is let in, for how long, and what the trail says of it.

use benhan_tests::events::Events;
use benhan_tests::{Actor, Kind, TestHospital, eventually, on_each_database};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

on_each_database!(
    a_revoked_session_ends_at_once_and_takes_its_stream_along,
    a_locked_terminal_shows_nothing_until_the_pin_opens_it,
    wrong_passwords_shut_the_account_however_many_come_at_once,
    a_nurse_of_another_ward_sees_and_changes_nothing,
    a_request_without_the_sessions_own_token_is_refused,
    the_administrator_sees_every_terminal_and_ends_one,
    one_account_at_two_machines_at_once_is_reported,
);

/// The rows of the trail with this act, newest first, as the auditor sees them.
async fn trail(hospital: &TestHospital, act: &str) -> Vec<Value> {
    let auditor = hospital.login("kiemtra").await;
    let rows = auditor.get("/audit?limit=500").await.ok();
    rows.as_array().unwrap().iter().filter(|row| row["action"] == act).cloned().collect()
}

// Clauses: C46-8.2, CV-III.1.1g
async fn a_revoked_session_ends_at_once_and_takes_its_stream_along(hospital: TestHospital) {
    let (nga, other, boss) =
        (hospital.login("nga").await, hospital.login("tuan").await, hospital.login("quantri").await);
    let mut terminal = Events::open(&nga).await;
    let mut others = Events::open(&other).await;
    let user = nga.session["user"]["id"].as_str().unwrap();
    let begun = Instant::now();
    assert_eq!(nga.post(&format!("/users/{user}/revoke-sessions"), json!(null)).await.refused(403), "forbidden");
    assert_eq!(boss.post(&format!("/users/{user}/revoke-sessions"), json!(null)).await.status, 204);
    assert_eq!(terminal.ended().await, "revoked");
    assert!(begun.elapsed() < Duration::from_secs(5), "at once, not with the next heartbeat");
    assert_eq!(nga.get("/wards").await.refused(401), "unauthenticated");
    assert_eq!(nga.get("/auth/session").await.refused(401), "unauthenticated");

    // A session that she opens anew stands, and ends with her own logout.
    let again = hospital.login("nga").await;
    let mut terminal = Events::open(&again).await;
    assert_eq!(again.post("/auth/logout", json!(null)).await.status, 204);
    assert_eq!(terminal.ended().await, "revoked");
    assert_eq!(again.get("/wards").await.refused(401), "unauthenticated");
    other.post("/auth/lock", json!(null)).await;
    assert_eq!(others.ended().await, "locked");

    let ended = trail(&hospital, "cancel").await;
    assert!(ended[0]["subjectId"].as_str().unwrap().contains(user), "{ended:?}");
    assert!(ended[0]["detail"].as_str().unwrap().contains("\"sessions\":1"), "{ended:?}");
    assert_eq!(trail(&hospital, "logout").await[0]["actor"]["name"], nga.staff.name);
}

async fn a_locked_terminal_shows_nothing_until_the_pin_opens_it(hospital: TestHospital) {
    let ha = hospital.login("ha").await;
    let stay = ha.stay_in("G02").await;
    assert_eq!(ha.post("/auth/lock", json!(null)).await.status, 204);
    for path in [format!("/encounters/{stay}"), format!("/wards/{}/board", ha.ward()), "/wards".to_owned()] {
        assert_eq!(ha.get(&path).await.refused(423), "locked", "{path}");
    }
    assert_eq!(ha.get("/auth/session").await.ok()["locked"], true);
    assert_eq!(ha.post("/auth/unlock", json!({ "pin": "000000" })).await.refused(403), "bad-pin");
    assert_eq!(ha.post("/auth/unlock", json!({ "pin": ha.staff.pin })).await.ok()["locked"], false);
    ha.get(&format!("/encounters/{stay}")).await.ok();
    assert_eq!(trail(&hospital, "lock").await[0]["actor"]["name"], ha.staff.name);
    assert_eq!(trail(&hospital, "unlock").await[0]["actor"]["name"], ha.staff.name);

    // Five wrong ones in a row shut the PIN; the password opens it again.
    for left in (1..5).rev() {
        let no = ha.post("/auth/unlock", json!({ "pin": "999999" })).await;
        assert!(no.text().contains(&format!("Còn {left} lần")), "{}", no.text());
    }
    assert_eq!(ha.post("/auth/unlock", json!({ "pin": "999999" })).await.refused(403), "pin-locked");
    assert_eq!(ha.post("/auth/unlock", json!({ "pin": ha.staff.pin })).await.refused(403), "pin-locked");
    assert_eq!(trail(&hospital, "pin-failed").await.len(), 6);
    let again = hospital.login("ha").await;
    again.post("/auth/lock", json!(null)).await;
    again.post("/auth/unlock", json!({ "pin": ha.staff.pin })).await.ok();
}

const DESK: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const CORRIDOR: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

async fn at(hospital: &TestHospital, machine: IpAddr, username: &str) -> Actor {
    Actor::login(hospital.browser_at(machine), hospital.base(), hospital.staff(username)).await
}

// Clauses: C46-8.2, CV-III.1.1g, CV-III.1.1đ, SEC-4
async fn the_administrator_sees_every_terminal_and_ends_one(hospital: TestHospital) {
    let boss = hospital.login("quantri").await;
    let (desk, corridor) = (at(&hospital, DESK, "nga").await, at(&hospital, CORRIDOR, "nga").await);
    let tuan = hospital.login("tuan").await;
    let listed = boss.get("/sessions").await.ok();
    let nga: Vec<&Value> = listed.as_array().unwrap().iter().filter(|s| s["user"]["name"] == desk.staff.name).collect();
    let from = |address: &str| *nga.iter().find(|s| s["seenFrom"] == address).unwrap();
    assert_eq!(nga.len(), 2, "{listed}");
    assert_eq!(from("127.0.0.2")["openedFrom"], "127.0.0.2");
    assert_eq!(from("127.0.0.2")["locked"], false);
    assert_eq!(desk.get("/sessions").await.refused(403), "forbidden", "a nurse does not see who else is here");

    // Her own she sees, and another's is none of hers to end.
    let mine = desk.get("/sessions/mine").await.ok();
    assert_eq!(mine.as_array().unwrap().len(), 2, "{mine}");
    assert_eq!(mine.as_array().unwrap().iter().filter(|s| s["here"] == true).count(), 1);
    let end = |id: &Value| format!("/sessions/{}/end", id.as_str().unwrap());
    let other = from("127.0.0.3")["id"].clone();
    assert_eq!(tuan.post(&end(&other), json!(null)).await.refused(404), "not-found");
    assert_eq!(tuan.post("/sessions/not-an-id/end", json!(null)).await.refused(404), "not-found");

    // One ends, at once; the other goes on.
    let mut terminal = Events::open(&corridor).await;
    assert_eq!(boss.post(&end(&other), json!(null)).await.status, 204);
    assert_eq!(terminal.ended().await, "revoked");
    assert_eq!(corridor.get("/wards").await.refused(401), "unauthenticated");
    desk.get("/wards").await.ok();
    assert_eq!(boss.post(&end(&other), json!(null)).await.refused(404), "not-found", "it is over already");
    let own = desk.get("/sessions/mine").await.ok()[0]["id"].clone();
    assert_eq!(desk.post(&end(&own), json!(null)).await.status, 204);
    assert_eq!(desk.get("/wards").await.refused(401), "unauthenticated");

    let ended = trail(&hospital, "cancel").await;
    assert_eq!(ended[0]["source"], "127.0.0.2", "by herself, at her desk");
    assert_eq!(ended[1]["source"], "127.0.0.1");
    assert_eq!(trail(&hospital, "login").await.iter().filter(|r| r["source"] == "127.0.0.3").count(), 1);
}

// Clauses: C46-8.2a
async fn one_account_at_two_machines_at_once_is_reported(hospital: TestHospital) {
    let boss = hospital.login("quantri").await;
    let (desk, tuan) = (at(&hospital, DESK, "nga").await, at(&hospital, DESK, "tuan").await);
    assert_eq!(boss.get("/sessions/shared").await.ok(), json!([]));
    assert_eq!(desk.get("/sessions/shared").await.refused(403), "forbidden");
    // The same session carried to another machine counts as well as a second login; what a client says of itself does
    // not.
    let carried = desk.at(hospital.browser_at(CORRIDOR), hospital.base());
    carried.get("/wards").await.ok();
    let said = tuan.request(Method::GET, "/wards").header("X-Forwarded-For", "10.0.0.9");
    Actor::send(said).await.unwrap().ok();
    let back = desk.get("/wards").await;
    back.ok();
    let told = boss.get("/sessions/shared").await.ok();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told[0]["user"]["name"], desk.staff.name);
    assert_eq!((&told[0]["one"]["address"], &told[0]["other"]["address"]), (&json!("127.0.0.2"), &json!("127.0.0.3")));
    assert!(told[0]["from"].is_string() && told[0]["until"].is_string(), "{told}");
}

// Clauses: C46-10.2a, CV-III.1.1g, SEC-3
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_nobody_touches_locks_itself() {
    let hospital = TestHospital::with(Kind::Sqlite, &[("BENHAN_SERVER_LOCK_AFTER_SECONDS", "3")]).await.unwrap();
    let nga = hospital.login("nga").await;
    // Whoever works stays in: for twice the time, a request every tenth of it.
    let begun = Instant::now();
    eventually("six seconds of work", async || {
        nga.get("/wards").await.ok();
        (begun.elapsed() > Duration::from_secs(6)).then_some(())
    })
    .await;
    let mut terminal = Events::open(&nga).await;
    assert_eq!(terminal.ended().await, "locked", "an open stream alone is nobody at work");
    assert_eq!(nga.get("/wards").await.refused(423), "locked");
    nga.post("/auth/unlock", json!({ "pin": nga.staff.pin })).await.ok();
    nga.get("/wards").await.ok();
}

// Clauses: C46-10.2b, CV-III.4, SEC-3
async fn wrong_passwords_shut_the_account_however_many_come_at_once(hospital: TestHospital) {
    let (http, base) = (hospital.browser(), hospital.base());
    let guess = |password: String| {
        let (http, base) = (http.clone(), base.clone());
        async move { Actor::try_login(&http, &base, "lan", &password).await.unwrap().1 }
    };
    let guesses: Vec<_> = (0..5).map(|n| tokio::spawn(guess(format!("phonoi-lam{n}")))).collect();
    for guessed in guesses {
        let answer = guessed.await.unwrap();
        assert!(matches!(answer.status, 401 | 429), "{}", answer.text());
    }
    let right = hospital.staff("lan").password.clone();
    assert_eq!(guess(right).await.refused(429), "account-locked", "the right password does not help now");
    hospital.login("ha").await;
    let unknown = Actor::try_login(&http, &base, "nobody", "phonoi-nobody").await.unwrap().1;
    assert_eq!(unknown.refused(401), "bad-credentials", "nor does the answer say who works here");
    let failed = trail(&hospital, "login-failed").await;
    assert!(failed.iter().any(|row| row["detail"].as_str().unwrap().contains("\"locked\":true")), "{failed:?}");
}

// Clauses: C46-3.2c, C46-8.2a, C46-8.2b, C46-10.1, C13-1.4, CV-III.1.1c, CV-III.6, KCB-10.2, KCB-69.3a, PDP-1
async fn a_nurse_of_another_ward_sees_and_changes_nothing(hospital: TestHospital) {
    let (ha, nga) = (hospital.login("ha").await, hospital.login("nga").await);
    let stay = ha.stay_in("G01").await;
    let documents = ha.get(&format!("/encounters/{stay}/documents")).await.ok();
    let pdf = documents[0]["pdfUrl"].as_str().expect("the demo has signed sheets").replacen("/api/v1", "", 1);
    assert_eq!(ha.get(&pdf).await.status, 200);
    let set = ha.chart(&stay).await.pop().unwrap();
    let vitals = format!("/encounters/{stay}/vitals");
    let looks = [
        format!("/encounters/{stay}"),
        vitals.clone(),
        format!("/encounters/{stay}/results"),
        format!("/encounters/{stay}/notes"),
        format!("/encounters/{stay}/documents"),
        format!("/encounters/{stay}/studies"),
        format!("/vitals/{}/versions", set["id"].as_str().unwrap()),
        format!("/wards/{}/board", ha.ward()),
        format!("/wards/{}/round", ha.ward()),
        format!("/events?ward={}", ha.ward()),
        pdf,
    ];
    for path in looks {
        let answer = nga.get(&path).await;
        assert!(matches!(answer.status, 403 | 404), "{path}: {}", answer.status);
        answer.refused(answer.status);
    }
    let entry = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "values": super::trips::by_hand(80) });
    let sign = json!({ "pin": nga.staff.pin, "setIds": [set["id"]] });
    for (path, body) in [
        (vitals, entry),
        (format!("/vitals/{}/accept", set["id"].as_str().unwrap()), json!({ "version": 1 })),
        (format!("/encounters/{stay}/discharge"), json!({ "outcome": "home" })),
        (format!("/wards/{}/round/sign", ha.ward()), sign),
    ] {
        let answer = nga.post(&path, body).await;
        let none_signed = answer.status == 200 && answer.ok()["signed"] == json!([]);
        assert!(matches!(answer.status, 403 | 404 | 422) || none_signed, "{path}: {} {}", answer.status, answer.text());
    }
    assert_eq!(ha.chart(&stay).await.pop().unwrap(), set);
}

// Clauses: C46-10.2b
async fn a_request_without_the_sessions_own_token_is_refused(hospital: TestHospital) {
    let (ha, lan) = (hospital.login("ha").await, hospital.login("lan").await);
    let stay = ha.stay_in("G02").await;
    let before = ha.chart(&stay).await.len();
    let path = format!("/encounters/{stay}/vitals");
    let body = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "values": super::trips::by_hand(80) });
    let bare = || ha.request(Method::POST, &path).json(&body);
    for request in [bare(), bare().header("X-CSRF-Token", ""), bare().header("X-CSRF-Token", lan.csrf())] {
        assert_eq!(Actor::send(request).await.unwrap().refused(403), "csrf");
    }
    let stranger = hospital.browser().post(format!("{}/api/v1{path}", hospital.base())).json(&body);
    assert_eq!(Actor::send(stranger).await.unwrap().refused(401), "unauthenticated");
    assert_eq!(ha.chart(&stay).await.len(), before);
    ha.post(&path, body).await.ok();
    assert_eq!(ha.chart(&stay).await.len(), before + 1);
}
