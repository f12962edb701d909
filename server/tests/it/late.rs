//! Within how many hours an act must be in the record, and the IT incidents that lengthen them.

use crate::house::{House, PASSWORD, monitored, vital};
use benhan_domain::access::Role;
use benhan_domain::id::{EncounterId, ItIncidentId, LateEntryId, WardId};
use benhan_domain::observation::CorrectionReason;
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_domain::vitals::VitalCode;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::charting::{self, Correction, Entry};
use benhan_server::app::incidents::{self, Declaration};
use benhan_server::app::notes::{self, Words};
use benhan_server::app::{AppError, late};
use benhan_server::config::{RegulationProfile, Settings};
use benhan_server::http::{Door, serve};
use benhan_server::view::{CareNote, VitalInput, VitalSet};
use benhan_server::view_late::{Incident, LateEntry, LateMark};
use benhan_store::StoreError;
use benhan_store::late_entries::Asked;
use benhan_store::users::{self, NewUser};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A day and a clock time of November 2026 in Vietnam: `23T02:00`.
fn clock(text: &str) -> Instant {
    Instant::parse(&format!("2026-11-{text}:00+07:00")).expect("a time")
}

/// Waits until then.
fn comes(house: &House, text: &str) {
    house.later(clock(text).since(house.app.db.now()));
}

async fn head_nurse(house: &House, username: &'static str, name: &'static str, ward: WardId) -> Caller {
    let new = NewUser {
        username: username.into(),
        name: name.into(),
        role: Role::HeadNurse,
        password_hash: "$argon2id$".into(),
        pin_hash: None,
        must_change_password: false,
        wards: vec![ward],
    };
    let added: Result<_, StoreError> = house.app.db.write(move |tx| users::add(tx, &new)).await;
    accounts::acting(&house.app, added.expect("a head nurse")).await.expect("at work")
}

async fn notes_down(house: &House, who: &Caller, stay: EncounterId, at: &str) -> CareNote {
    let words = Words { course: "Đau giảm".into(), care: "Thay băng".into() };
    notes::write(&house.app, who, stay, clock(at), words, None).await.expect("written")
}

fn pulse(value: f64) -> Vec<VitalInput> {
    vec![VitalInput {
        code: VitalCode::Pulse,
        value: Some(value),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    }]
}

async fn measured(house: &House, who: &Caller, stay: EncounterId, at: &str) -> VitalSet {
    let entry = Entry { effective_at: clock(at), values: pulse(72.0), based_on: None };
    charting::enter(&house.app, who, stay, entry, None).await.expect("entered")
}

/// Minutes, limit, late.
fn told(mark: Option<&LateMark>) -> Option<(i64, i64, bool)> {
    mark.map(|m| (m.minutes, m.limit_hours, m.late))
}

async fn report(house: &House, who: &Caller, ward: Option<WardId>) -> Vec<LateEntry> {
    let all = Asked { ward, from: Instant(i64::MIN), to: Instant(i64::MAX), after: None };
    late::report(&house.app, who, all).await.expect("a report")
}

fn night(ward: Option<WardId>) -> Declaration {
    Declaration {
        ward,
        started: clock("23T02:00"),
        ended: Some(clock("23T05:00")),
        system: "Mạng của khoa".into(),
        reason: "Đứt cáp quang".into(),
        confirmed: false,
    }
}

async fn declared(house: &House, who: &Caller, new: Declaration) -> (ItIncidentId, i64) {
    let answer = incidents::declare(&house.app, who, new).await.expect("declared");
    (answer.incident.id.parse().expect("an id"), answer.covered)
}

fn code<T: std::fmt::Debug>(answer: Result<T, AppError>) -> &'static str {
    match answer.expect_err("a refusal") {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

// Clauses: C46-5.b
async fn twelve_hours_after_the_act_an_entry_is_late_for_ever(house: House) {
    let (nurse, ward) = (&house.nurse, house.wards[0]);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    comes(&house, "22T19:59");
    let prompt = notes_down(&house, nurse, stay, "22T08:00").await;
    assert_eq!(told(prompt.late.as_ref()), None);
    assert_eq!(told(measured(&house, nurse, stay, "22T08:00").await.late.as_ref()), None);
    assert_eq!(report(&house, nurse, None).await.len(), 0);
    let trail_before = house.audited("create", "note").await;

    comes(&house, "22T20:01");
    let note = notes_down(&house, nurse, stay, "22T08:00").await;
    assert_eq!(told(note.late.as_ref()), Some((721, 12, true)));
    let set = measured(&house, nurse, stay, "22T08:00").await;
    assert_eq!(told(set.late.as_ref()), Some((721, 12, true)));
    assert_eq!(house.audited("create", "note").await, trail_before + 1);

    // Corrected a day later: what was late stays so, what was on time does too.
    comes(&house, "23T20:00");
    let words = || Words { course: "Đau tăng".into(), care: String::new() };
    for (of, mark) in [(&note, Some((721, 12, true))), (&prompt, None)] {
        let why = (CorrectionReason::Typo, "gõ nhầm".into());
        let corrected = notes::correct(&house.app, nurse, of.id.parse().expect("an id"), 1, why, words()).await;
        assert_eq!(told(corrected.expect("corrected").late.as_ref()), mark);
    }
    let with =
        Correction {
            version: 1, reason_code: CorrectionReason::Typo, reason: "gõ nhầm".into(), values: pulse(82.0)
        };
    let corrected = charting::correct(&house.app, nurse, set.id.parse().expect("an id"), with).await;
    assert_eq!(told(corrected.expect("corrected").late.as_ref()), Some((721, 12, true)));
    let chart = charting::chart(&house.app, nurse, stay, 0, i64::MAX).await.expect("a chart");
    assert_eq!(chart.iter().filter(|s| s.late.is_some()).count(), 1);
    let listed = notes::list(&house.app, nurse, stay).await.expect("notes");
    assert_eq!(listed.iter().filter(|n| n.late.is_some()).count(), 1);

    let lines = report(&house, nurse, Some(ward)).await;
    let shown: Vec<_> = lines.iter().map(|l| (l.kind.as_str(), l.minutes, l.limit_hours, l.late)).collect();
    assert_eq!(shown, [("vitals", 721, 12, true), ("note", 721, 12, true)], "what was recorded last first");
    let of_note = &lines[1];
    assert_eq!((of_note.patient_code.as_str(), of_note.patient_name.as_str()), ("26.0001", "Nguyễn Văn An"));
    assert_eq!((of_note.by.name.as_str(), of_note.ward.as_str()), ("Người dd", "Nội 1"));
    assert_eq!((&of_note.happened_at, &of_note.recorded_at), (&note.effective_at, &note.recorded_at));
}

// Clauses: C46-5.c
async fn an_incident_gives_its_ward_a_day_and_no_other_ward(house: House) {
    let [here, there] = house.wards;
    let hers = house.admitted("26.0001", "Nguyễn Văn An", here).await;
    let his = house.admitted("26.0002", "Trần Thị Bình", there).await;
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", here).await;
    comes(&house, "23T05:30");
    let (incident, covered) = declared(&house, &mai, night(Some(here))).await;
    assert_eq!(covered, 0);
    comes(&house, "24T00:30");
    let note = notes_down(&house, &house.nurse, hers, "23T01:00").await;
    assert_eq!(told(note.late.as_ref()), Some((1_410, 24, false)));
    let other = notes_down(&house, &house.other_nurse, his, "23T01:00").await;
    assert_eq!(told(other.late.as_ref()), Some((1_410, 12, true)));
    comes(&house, "24T01:01");
    let slow = notes_down(&house, &house.nurse, hers, "23T01:00").await;
    assert_eq!(told(slow.late.as_ref()), Some((1_441, 24, true)), "a day and no more");

    let lines = report(&house, &house.doctor, None).await;
    let shown: Vec<_> = lines.iter().map(|l| (l.ward.as_str(), l.late, l.late_then)).collect();
    assert_eq!(shown, [("Nội 1", true, true), ("Nội 2", true, true), ("Nội 1", false, false)]);
    let cause = lines[2].incident.as_ref().expect("its incident");
    assert_eq!((cause.id.clone(), cause.system.as_str()), (incident.to_string(), "Mạng của khoa"));
    assert_eq!(house.audited("create", "it-incident").await, 1);
}

// Clauses: C46-5.b, C46-5.c
async fn an_incident_declared_afterwards_lifts_what_it_reaches_and_says_so(house: House) {
    let (app, [here, there]) = (&house.app, house.wards);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", here).await;
    let his = house.admitted("26.0002", "Trần Thị Bình", there).await;
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", here).await;
    comes(&house, "23T20:00");
    for at in ["22T10:00", "23T01:00", "23T04:00", "23T07:00"] {
        assert!(notes_down(&house, &house.nurse, stay, at).await.late.expect("a mark").late, "{at}");
    }
    assert!(measured(&house, &house.other_nurse, his, "23T01:00").await.late.expect("a mark").late);
    let (incident, covered) = declared(&house, &mai, night(Some(here))).await;
    assert_eq!(covered, 2, "what was done within twelve hours before it or during it");

    let lines = report(&house, &mai, None).await;
    let shown: Vec<_> = lines.iter().rev().map(|l| (l.late, l.late_then, l.incident.is_some())).collect();
    let (late, lifted) = ((true, true, false), (false, true, true));
    assert_eq!(shown, [late, lifted, lifted, late], "the mark stays, and what lifts it is beside it");
    let marks = notes::list(app, &house.nurse, stay).await.expect("notes");
    let marks: Vec<_> = marks.iter().map(|n| n.late.as_ref().expect("a mark").late).collect();
    assert_eq!(marks, [true, false, false, true]);

    // It never was: the entries are late again, unless the house's incident reaches them.
    let wide = Declaration { ended: Some(clock("23T03:00")), ..night(None) };
    declared(&house, &house.administrator, wide).await;
    let annulled = incidents::annul(app, &mai, incident, "Nhầm khoa".into()).await.expect("annulled");
    assert_eq!(annulled.annulled.expect("it is").reason, "Nhầm khoa");
    let lines = report(&house, &mai, None).await;
    let late: Vec<_> = lines.iter().rev().map(|l| l.late).collect();
    assert_eq!(late, [true, false, true, true]);
    assert_eq!(code(incidents::annul(app, &mai, incident, "Nhầm khoa".into()).await), "already-handled");
    let listed = incidents::list(app, &mai).await.expect("a list");
    assert_eq!(listed.iter().filter(|i| i.annulled.is_some()).count(), 1, "it stays on the list");
    assert_eq!(house.audited("cancel", "it-incident").await, 1);
    assert_eq!(house.audited("view", "late-entries").await, 1, "who reads the report leaves a row");
}

// Clauses: C46-5.c
async fn an_incident_that_goes_on_reaches_as_far_as_it_turns_out_to(house: House) {
    let (app, ward) = (&house.app, house.wards[0]);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", ward).await;
    comes(&house, "23T03:00");
    let (incident, _) = declared(&house, &mai, Declaration { ended: None, ..night(Some(ward)) }).await;
    comes(&house, "23T20:00");
    for at in ["23T04:00", "23T06:00"] {
        assert_eq!(told(notes_down(&house, &house.nurse, stay, at).await.late.as_ref()).map(|t| t.2), Some(false));
    }
    let end = |at: &str| incidents::end(app, &mai, incident, clock(at));
    assert_eq!(code(end("23T23:00").await), "invalid", "not before it is over");
    assert_eq!(code(end("23T01:00").await), "invalid", "not before it began");
    let ended: Incident = end("23T05:00").await.expect("ended");
    assert_eq!(ended.ended_by.expect("by somebody").name, "Phạm Tuyết Mai");
    assert_eq!(code(end("23T05:00").await), "already-handled");
    let lines = report(&house, &mai, None).await;
    let shown: Vec<_> = lines.iter().rev().map(|l| (l.late, l.late_then)).collect();
    assert_eq!(shown, [(false, false), (true, false)], "the act of six o'clock was after it");
    assert_eq!(house.audited("edit", "it-incident").await, 1);
}

// Clauses: C46-5.c
async fn what_counts_is_the_ward_where_it_was_done(house: House) {
    let [here, there] = house.wards;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", here).await;
    house.lies(stay, here, "G01", clock("22T08:30").0).await;
    house.lies(stay, there, "G01", clock("23T09:00").0).await;
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", here).await;
    comes(&house, "23T23:00");
    declared(&house, &mai, night(Some(here))).await;
    for (at, late) in [("23T04:00", false), ("23T10:00", true)] {
        let note = notes_down(&house, &house.other_nurse, stay, at).await;
        assert_eq!(told(note.late.as_ref()).map(|t| t.2), Some(late), "{at}");
    }
    let lines = report(&house, &house.doctor, None).await;
    assert_eq!(lines.iter().map(|l| l.ward.as_str()).collect::<Vec<_>>(), ["Nội 2", "Nội 1"]);
}

/// However declaring and writing fall together, the one sees the other.
async fn an_entry_and_the_incident_that_reaches_it_do_not_miss_each_other(house: House) {
    let (app, ward) = (&house.app, house.wards[0]);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", ward).await;
    comes(&house, "23T20:00");
    for turn in 0..8 {
        let ((incident, _), _) =
            tokio::join!(declared(&house, &mai, night(Some(ward))), notes_down(&house, &house.nurse, stay, "23T04:00"));
        let lines = report(&house, &mai, None).await;
        assert_eq!((lines.len(), lines.iter().filter(|l| l.late).count()), (turn + 1, 0));
        incidents::annul(app, &mai, incident, "Lần thử".into()).await.expect("annulled");
    }
}

on_both!(
    twelve_hours_after_the_act_an_entry_is_late_for_ever,
    an_incident_gives_its_ward_a_day_and_no_other_ward,
    an_incident_declared_afterwards_lifts_what_it_reaches_and_says_so,
    an_incident_that_goes_on_reaches_as_far_as_it_turns_out_to,
    what_counts_is_the_ward_where_it_was_done,
    an_entry_and_the_incident_that_reaches_it_do_not_miss_each_other,
);

#[tokio::test]
async fn a_monitors_value_is_on_time_however_late_it_is_accepted() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    house.lies(stay, house.wards[0], "G01", clock("22T08:10").0).await;
    comes(&house, "22T23:00");
    let at = clock("22T09:00").0;
    house.arrives(monitored("NOI1", "G01", at, &[vital("8867-4", "80", "/min", Some(at))])).await;
    let set = charting::chart(&house.app, &house.nurse, stay, 0, i64::MAX).await.expect("a chart").remove(0);
    let accepted = charting::accept(&house.app, &house.nurse, set.id.parse().expect("an id"), set.version).await;
    let accepted = accepted.expect("accepted");
    assert_eq!((told(accepted.late.as_ref()), accepted.effective_at), (None, Instant(at).rfc3339()));
    assert_eq!(report(&house, &house.nurse, None).await.len(), 0);
}

#[tokio::test]
async fn who_declares_and_what() {
    let house = House::open().await;
    let (app, [here, there]) = (&house.app, house.wards);
    let mai = head_nurse(&house, "mai", "Phạm Tuyết Mai", here).await;
    let thu = head_nurse(&house, "thu", "Đặng Minh Thư", there).await;
    comes(&house, "23T06:00");
    let tries = async |who: &Caller, new: Declaration| incidents::declare(app, who, new).await;
    for stranger in [&thu, &house.nurse, &house.other_nurse, &house.doctor, &house.technician] {
        assert_eq!(code(tries(stranger, night(Some(here))).await), "forbidden");
    }
    assert_eq!(code(tries(&mai, night(None)).await), "forbidden", "the house is not hers");
    let now = house.app.db.now();
    for wrong in [
        Declaration { started: now.plus(MINUTE), ended: None, ..night(Some(here)) },
        Declaration { ended: Some(now.plus(HOUR)), ..night(Some(here)) },
        Declaration { ended: Some(clock("23T01:59")), ..night(Some(here)) },
        Declaration { system: " ".into(), ..night(Some(here)) },
        Declaration { reason: String::new(), ..night(Some(here)) },
    ] {
        assert_eq!(code(tries(&mai, wrong).await), "invalid");
    }
    let long = |confirmed| Declaration { started: now.plus(-31 * 24 * HOUR), confirmed, ..night(Some(there)) };
    assert_eq!(code(tries(&thu, long(false)).await), "incident-long");
    tries(&thu, long(true)).await.expect("she is sure");

    let (incident, _) = declared(&house, &mai, night(Some(here))).await;
    let again = Declaration { started: clock("23T04:00"), ended: None, ..night(Some(here)) };
    assert_eq!(code(tries(&mai, again).await), "incident-overlaps");
    tries(&house.administrator, night(None)).await.expect("the house is another place");
    for stranger in [&thu, &house.nurse] {
        assert_eq!(code(incidents::annul(app, stranger, incident, "Nhầm".into()).await), "forbidden");
        assert_eq!(code(incidents::end(app, stranger, incident, clock("23T03:00")).await), "forbidden");
    }
    for (who, sees) in [(&mai, 2), (&thu, 2), (&house.nurse, 2), (&house.doctor, 3), (&house.administrator, 3)] {
        assert_eq!(incidents::list(app, who).await.expect("a list").len(), sees, "{}", who.user.name);
    }
    assert_eq!(code(incidents::list(app, &house.technician).await), "forbidden");
    assert_eq!(house.audited("create", "it-incident").await, 3, "what was refused left nothing");
}

#[tokio::test]
async fn the_report_is_of_ones_own_wards_and_goes_on_where_it_ended() {
    let house = House::open().await;
    let (app, [here, there]) = (&house.app, house.wards);
    let hers = house.admitted("26.0001", "Nguyễn Văn An", here).await;
    let his = house.admitted("26.0002", "Trần Thị Bình", there).await;
    comes(&house, "23T08:00");
    notes_down(&house, &house.nurse, hers, "22T09:00").await;
    notes_down(&house, &house.other_nurse, his, "22T09:00").await;
    comes(&house, "24T08:00");
    notes_down(&house, &house.nurse, hers, "22T10:00").await;
    assert_eq!(report(&house, &house.nurse, None).await.len(), 2);
    assert_eq!(report(&house, &house.other_nurse, None).await.len(), 1);
    assert_eq!(report(&house, &house.doctor, Some(there)).await.len(), 1);
    let all = report(&house, &house.doctor, None).await;
    assert_eq!(all.len(), 3);
    let last: LateEntryId = all[0].id.parse().expect("an id");
    let asked = Asked { ward: None, from: clock("23T00:00"), to: clock("24T00:00"), after: None };
    let of_a_day = late::report(app, &house.doctor, asked).await.expect("a report");
    assert_eq!(of_a_day.iter().map(|l| &l.id).collect::<Vec<_>>(), [&all[1].id, &all[2].id]);
    let rest = Asked { from: Instant(i64::MIN), to: Instant(i64::MAX), after: Some(last), ..asked };
    let rest = late::report(app, &house.doctor, rest).await.expect("the next page");
    assert_eq!(rest.iter().map(|l| &l.id).collect::<Vec<_>>(), [&all[1].id, &all[2].id]);
    let of = |ward| Asked { ward, from: Instant(i64::MIN), to: Instant(i64::MAX), after: None };
    assert_eq!(code(late::report(app, &house.nurse, of(Some(there))).await), "forbidden");
    for stranger in [&house.administrator, &house.technician] {
        assert_eq!(code(late::report(app, stranger, of(None)).await), "forbidden", "an administrator sees no patient");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_web_what_is_malformed_is_refused_and_the_session_says_whose_the_limit_is() {
    let mut house = House::open().await;
    house.app.settings = Arc::new(Settings { regulation_profile: RegulationProfile::Tt13, ..Settings::default() });
    house.by_password_alone();
    comes(&house, "23T06:00");
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    tokio::spawn(serve(house.app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let client = reqwest::Client::new();
    let login = json!({ "username": "qt", "password": PASSWORD });
    let opened = client.post(format!("{base}/auth/login")).json(&login).send().await.expect("an answer");
    let cookie = opened.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a value").to_owned();
    let session: Value = opened.json().await.expect("JSON");
    assert_eq!(session["regulationProfile"], "tt13");
    let csrf = session["csrf"].as_str().expect("a token").to_owned();
    let post = async |path: &str, body: Value| {
        let request = client.post(format!("{base}{path}")).header("Cookie", &cookie).header("X-CSRF-Token", &csrf);
        let answer = request.json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let sound = json!({
        "wardId": null, "startedAt": "2026-11-23T02:00:00+07:00", "endedAt": null,
        "system": "Máy chủ", "reason": "Mất điện",
    });
    for (field, wrong, status) in [
        ("startedAt", json!("hai giờ sáng"), 422),
        ("startedAt", json!("2026-11-23T07:00:00+07:00"), 422),
        ("system", json!("x".repeat(121)), 422),
        ("wardId", json!("0193e7a0-0000-7000-8000-000000000000"), 404),
        ("wardId", json!("khoa Nội"), 404),
        ("surplus", json!(1), 400),
    ] {
        let mut body = sound.clone();
        body[field] = wrong;
        let (answered, problem) = post("/incidents", body).await;
        assert_eq!(answered, status, "{field}: {problem}");
    }
    let (status, declared) = post("/incidents", sound.clone()).await;
    assert_eq!((status, &declared["covered"], &declared["incident"]["ward"]), (201, &json!(0), &Value::Null));
    assert_eq!(post("/incidents", sound).await.1["code"], "incident-overlaps");
    let of = declared["incident"]["id"].as_str().expect("an id").to_owned();
    let (status, ended) =
        post(&format!("/incidents/{of}/end"), json!({ "endedAt": "2026-11-23T05:00:00+07:00" })).await;
    assert_eq!((status, &ended["endedAt"]), (200, &json!("2026-11-22T22:00:00Z")));
    assert_eq!(post(&format!("/incidents/{of}/annul"), json!({ "reason": " " })).await.0, 422);
    let (status, annulled) = post(&format!("/incidents/{of}/annul"), json!({ "reason": "Nhầm" })).await;
    assert_eq!((status, &annulled["annulled"]["reason"]), (200, &json!("Nhầm")));
    let asked = client.get(format!("{base}/late-entries")).header("Cookie", &cookie).send().await.expect("an answer");
    assert_eq!(asked.status(), 403, "an administrator sees no patient");
    stop.cancel();
}
