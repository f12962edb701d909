//! Every door of the API that writes into a stay, tried on a record that is closed and on one that is archived.

use crate::house::{House, PASSWORD, monitored, vital, waits};
use crate::record_life::{Hospital, open, signed_form};
use crate::signers::PIN;
use benhan_domain::id::EncounterId;
use benhan_server::app::life;
use benhan_server::app::notes::{self, Words};
use benhan_server::app::{charting, orders, signing};
use benhan_server::http::{Door, routes, serve};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Writes that touch no stay's record, or that are what a closed record is for.
const ELSEWHERE: &[&str] = &[
    // To a phone, and nothing into the record.
    "/filled-forms/{sheet}/patient-code",
    "/access-hours",
    "/attention/decide",
    "/attention/forget",
    "/attention/undo",
    "/auth/lock",
    "/auth/login",
    "/auth/logout",
    "/auth/password",
    "/auth/pin",
    "/auth/second-factor",
    "/auth/second-factor/offer",
    "/auth/security-keys",
    "/auth/security-keys/offer",
    "/auth/security-keys/{key}/remove",
    "/auth/unlock",
    // Reading in an emergency writes nothing into the record.
    "/emergency-access/{access}/review",
    "/encounters/{stay}/emergency-access",
    // Who reads a record is none of it.
    "/encounters/{stay}/treating",
    "/encounters/{stay}/treating/{user}/end",
    "/encounters/{stay}/restriction",
    "/encounters/{stay}/restriction/lift",
    "/encounters/{stay}/restriction/readers",
    "/encounters/{stay}/restriction/readers/{user}/dismiss",
    "/house-decisions",
    "/house-decisions/{decision}/withdraw",
    "/incidents",
    "/incidents/{incident}/annul",
    "/incidents/{incident}/end",
    "/patients",
    // Who reads on a granted request writes nothing.
    "/record-requests/{request}/reader",
    "/record-requests/{request}/reader/end",
    "/patients/search",
    // A new stay has a new record.
    "/patients/{patient}/encounters",
    "/security-incidents",
    "/security-incidents/{incident}/amend",
    "/security-incidents/{incident}/close",
    "/security-incidents/{incident}/reports",
    "/sessions/{session}/end",
    // What a token at a terminal signs is written by what asked for it.
    "/signing/answers",
    "/users",
    "/users/{user}/certificate",
    "/users/{user}/certificate/check",
    "/users/{user}/disable",
    "/users/{user}/enable",
    "/users/{user}/reset-second-factor",
    "/users/{user}/revoke-certificate",
    "/users/{user}/revoke-sessions",
    "/waiting/{item}/candidates",
    "/waiting/{item}/dismiss",
    "/waiting/{item}/undo",
    // That the ward has looked is none of the record.
    "/encounters/{stay}/results/seen",
    // Late results and images: supplements, each with its own story.
    "/results/release",
    "/studies/{study}/link",
    // What the head of the hospital confirms is in it only under a seal: its own story. By which paper is none of the record.
    "/confirmations",
    "/confirming-authorities/{authority}/withdraw",
    "/users/{user}/confirming-authorities",
    // The life of the record itself.
    "/encounters/{stay}/record/close",
    "/encounters/{stay}/record/reopen",
    "/encounters/{stay}/record/archive",
    "/encounters/{stay}/record/grounds",
    "/encounters/{stay}/record/holds",
    "/holds/{hold}/lift",
    // A scan is of no record until it is linked.
    "/paper-scans",
    "/paper-scans/{scan}/set-aside",
    "/paper-scans/{scan}/bring-back",
    // Whoever asks for a record, nothing is written into it.
    "/encounters/{stay}/record-requests",
    "/record-requests/{request}/copy",
    "/record-requests/{request}/decide",
    "/record-requests/{request}/finish",
    "/record-requests/{request}/uses",
    "/record-requests/{request}/withdraw",
    // What personal data may be used for is none of the record.
    "/patients/{patient}/consents",
    "/patients/{patient}/consents/defer",
    "/patients/{patient}/consents/withdraw",
    "/patients/{patient}/subject-requests",
    "/processing-activities/register",
    "/subject-requests/register",
    "/subject-requests/{request}/answer",
    "/subject-requests/{request}/extend",
    "/subject-requests/{request}/finish",
    "/subject-requests/{request}/take-back",
    // What wards work from without the server is no record.
    "/downtime/computers",
    "/downtime/computers/{computer}/revoke",
    "/downtime/password",
    "/department-seals/{department}/certificate",
    "/department-seals/{department}/keepers",
    "/department-seals/{department}/keepers/end",
    "/department-seals/{department}/revoke",
    "/destruction-lists",
    "/destruction-lists/{list}/approve",
    "/destruction-lists/{list}/begin",
    "/destruction-lists/{list}/cancel",
    "/wards/{ward}/duty",
    "/wards/{ward}/duty/{duty}/end",
];

/// One of each thing that a stay has, all of it signed or done.
struct Chart {
    stay: EncounterId,
    set: String,
    note: String,
    order: String,
    study: String,
    /// A form with its version.
    sheet: (String, i64),
    bed: String,
    waiting: String,
    scan: String,
}

async fn charted(h: &Hospital) -> Chart {
    let (house, app, ward) = (&h.house, &h.house.app, h.house.wards[0]);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    house.lies(stay, ward, "G01", app.db.now().0).await;
    let set = crate::rounds::measures(house, &h.lan, stay).await;
    let words = Words { course: "Ổn".into(), care: String::new() };
    let note = notes::write(app, &h.lan, stay, app.db.now(), words, None).await.expect("written").id;
    signing::sign_round(app, &h.lan, ward, vec![set], PIN.into()).await.expect("signed");
    signing::sign_note(app, &h.lan, note.parse().expect("an id"), PIN.into()).await.expect("signed");
    let item = crate::images::worklist_item(house, stay).await;
    crate::images::received(house, crate::images::examined(&item)).await;
    let study = benhan_server::app::studies::of_stay(app, &house.doctor, stay).await.expect("a chart").remove(0).id;
    let order = orders::of_stay(app, &house.doctor, stay).await.expect("orders").remove(0).id;
    let form = signed_form(h, stay).await;
    let sheet = (form.entry.id, form.entry.version);
    h.leaves(stay, benhan_domain::encounter::Outcome::Home).await;
    let beds = app.db.read::<_, benhan_store::StoreError, _>(move |conn| benhan_store::places::beds(conn, ward));
    let bed = beds.await.expect("beds")[0].id.to_string();
    let at = app.db.now().0;
    // Nobody lies there any more: a person decides whose it is.
    let message = house.arrives(monitored("NOI1", "G01", at, &[vital("8867-4", "80", "/min", Some(at))])).await;
    assert_eq!(waits(&message), "empty-bed");
    let scan = crate::scans::glass(&app.db.now().0.to_string());
    let scan = benhan_server::app::scans::hand_in(app, &h.an, scan, None).await.expect("kept").scan.expect("a scan").id;
    Chart { stay, set: set.to_string(), note, order, study, sheet, bed, waiting: message.id.to_string(), scan }
}

/// Every write into the stay: route, path, body, and the username of somebody who may.
fn writes(c: &Chart, now: &str) -> Vec<(&'static str, String, Value, &'static str)> {
    let stay = |rest: &str| format!("/encounters/{}/{rest}", c.stay);
    let vital = json!([{ "code": "pulse", "value": 72.0 }]);
    vec![
        ("/encounters/{stay}/discharge", stay("discharge"), json!({ "outcome": "home" }), "bs"),
        ("/encounters/{stay}/move", stay("move"), json!({ "bedId": c.bed }), "bs"),
        ("/encounters/{stay}/vitals", stay("vitals"), json!({ "effectiveAt": now, "values": vital }), "lan"),
        (
            "/encounters/{stay}/vitals/reject-proposals",
            stay("vitals/reject-proposals"),
            json!({ "reason": "Cũ" }),
            "bs",
        ),
        ("/vitals/{set}/accept", format!("/vitals/{}/accept", c.set), json!({ "version": 1 }), "lan"),
        ("/vitals/{set}/reject", format!("/vitals/{}/reject", c.set), json!({ "version": 1, "reason": "Cũ" }), "lan"),
        (
            "/vitals/{set}/correct",
            format!("/vitals/{}/correct", c.set),
            json!({ "version": 1, "reasonCode": "typo", "reason": "Gõ nhầm", "values": vital }),
            "lan",
        ),
        (
            "/vitals/{set}/restore",
            format!("/vitals/{}/restore", c.set),
            json!({ "version": 1, "reason": "Nhầm" }),
            "lan",
        ),
        ("/vitals/unsigned/sign", "/vitals/unsigned/sign".into(), json!({ "pin": PIN, "setIds": [c.set] }), "lan"),
        ("/encounters/{stay}/notes", stay("notes"), json!({ "effectiveAt": now, "course": "Ổn", "care": "" }), "lan"),
        (
            "/notes/{note}/correct",
            format!("/notes/{}/correct", c.note),
            json!({ "version": 1, "reasonCode": "typo", "reason": "Gõ nhầm", "course": "Ổn", "care": "" }),
            "lan",
        ),
        (
            "/notes/{note}/withdraw",
            format!("/notes/{}/withdraw", c.note),
            json!({ "version": 1, "reason": "Nhầm" }),
            "lan",
        ),
        (
            "/notes/{note}/restore",
            format!("/notes/{}/restore", c.note),
            json!({ "version": 1, "reason": "Nhầm" }),
            "lan",
        ),
        ("/notes/{note}/sign", format!("/notes/{}/sign", c.note), json!({ "pin": PIN }), "lan"),
        ("/encounters/{stay}/forms", stay("forms"), json!({ "formCode": "phieu-kham", "effectiveAt": now }), "an"),
        (
            "/filled-forms/{sheet}/save",
            format!("/filled-forms/{}/save", c.sheet.0),
            json!({ "version": c.sheet.1, "values": {} }),
            "an",
        ),
        (
            "/filled-forms/{sheet}/sign",
            format!("/filled-forms/{}/sign", c.sheet.0),
            json!({ "version": c.sheet.1, "slot": "head", "pin": PIN }),
            "an",
        ),
        (
            "/filled-forms/{sheet}/patient-signature",
            format!("/filled-forms/{}/patient-signature", c.sheet.0),
            json!({
                "version": c.sheet.1, "slot": "patient", "shownAt": now, "agreedAt": now, "pin": PIN,
                "drawing": { "width": 900, "height": 300, "strokes": [(0..20).map(|n| [n * 40, 100 + n % 3, n * 9, 500]).collect::<Vec<_>>()] },
            }),
            "an",
        ),
        (
            "/filled-forms/{sheet}/paper",
            format!("/filled-forms/{}/paper", c.sheet.0),
            json!({ "version": c.sheet.1, "slot": "patient" }),
            "an",
        ),
        (
            "/filled-forms/{sheet}/paper-signature",
            format!("/filled-forms/{}/paper-signature", c.sheet.0),
            json!({
                "version": c.sheet.1, "slot": "patient", "scan": "/9j/4AAQ", "code": "ABCD-EFGH", "keptAt": "Kho A", "pin": PIN,
            }),
            "an",
        ),
        ("/vitals/{set}/paper", format!("/vitals/{}/paper", c.set), json!({ "scan": "/9j/4AAQ" }), "lan"),
        ("/notes/{note}/paper", format!("/notes/{}/paper", c.note), json!({ "scan": "/9j/4AAQ" }), "lan"),
        (
            "/paper-scans/{scan}/link",
            format!("/paper-scans/{}/link", c.scan),
            json!({
                "documentId": c.sheet.0, "version": c.sheet.1, "slot": "patient", "keptAt": "Kho A", "pin": PIN,
            }),
            "an",
        ),
        (
            "/filled-forms/sign",
            "/filled-forms/sign".into(),
            json!({ "sheets": [{ "id": c.sheet.0, "version": c.sheet.1, "slot": "head" }], "pin": PIN }),
            "an",
        ),
        (
            "/filled-forms/{sheet}/withdraw",
            format!("/filled-forms/{}/withdraw", c.sheet.0),
            json!({ "version": c.sheet.1, "reason": "Nhầm" }),
            "an",
        ),
        ("/encounters/{stay}/orders", stay("orders"), json!({ "items": ["GLU"] }), "bs"),
        ("/orders/{order}/collect", format!("/orders/{}/collect", c.order), json!({}), "lan"),
        ("/orders/{order}/cancel", format!("/orders/{}/cancel", c.order), json!({ "reason": "Thôi" }), "bs"),
        ("/studies/{study}/unlink", format!("/studies/{}/unlink", c.study), json!({ "reason": "Nhầm" }), "bs"),
        (
            "/waiting/{item}/match",
            format!("/waiting/{}/match", c.waiting),
            json!({ "encounterId": c.stay, "confirmed": ["name", "code"] }),
            "lan",
        ),
    ]
}

struct Terminal {
    client: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Terminal {
    async fn login(base: &str, username: &str) -> Self {
        let client = reqwest::Client::new();
        let login = json!({ "username": username, "password": PASSWORD });
        let opened = client.post(format!("{base}/auth/login")).json(&login).send().await.expect("an answer");
        let cookie = opened.headers()["set-cookie"].to_str().expect("text");
        let cookie = cookie.split(';').next().expect("a value").to_owned();
        let session: Value = opened.json().await.expect("JSON");
        let csrf = session["csrf"].as_str().expect("a token").to_owned();
        Self { client, base: base.to_owned(), cookie, csrf }
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request.header("Cookie", &self.cookie).header("X-CSRF-Token", &self.csrf).json(body);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

// Clauses: C46-2, KCB-69.2
async fn nothing_is_written_into_a_record_that_is_closed(house: House) {
    let h = open(house).await;
    let chart = charted(&h).await;
    let app = &h.house.app;
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    tokio::spawn(serve(app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let (doctor, nurse) = (Terminal::login(&base, "bs").await, Terminal::login(&base, "lan").await);
    let an = Terminal::login(&base, "an").await;

    let writes = writes(&chart, &app.db.now().rfc3339());
    let known: BTreeSet<&str> = writes.iter().map(|(route, ..)| *route).chain(ELSEWHERE.iter().copied()).collect();
    let document = serde_json::to_value(routes::openapi()).expect("JSON");
    for (path, operations) in document["paths"].as_object().expect("paths") {
        let route = path.strip_prefix("/api/v1").expect("an API path");
        let changes = operations.as_object().expect("operations").keys().any(|verb| verb != "get");
        // The round is signed as one's own sets are; the ward's path names no stay.
        assert!(!changes || route == "/wards/{ward}/round/sign" || known.contains(route), "{route}: does it write?");
    }

    h.closes(chart.stay).await.expect("closed");
    let state = async |code: &str| {
        let before = charting::chart(app, &h.house.doctor, chart.stay, 0, i64::MAX).await.expect("a chart").len();
        for (route, path, body, who) in &writes {
            let terminal = match *who {
                "bs" => &doctor,
                "an" => &an,
                _ => &nurse,
            };
            let (status, answer) = terminal.post(path, body).await;
            // Signing many answers one by one.
            let many = ["/vitals/unsigned/sign", "/filled-forms/sign"].contains(route);
            let problem = if many { answer["failed"][0].clone() } else { answer };
            assert_eq!(problem["code"], code, "{route}: {status} {problem}");
            let told = problem["detail"].as_str().expect("a sentence");
            assert!(told.contains("Hồ sơ đã"), "{route}: {told}");
        }
        let after = charting::chart(app, &h.house.doctor, chart.stay, 0, i64::MAX).await.expect("a chart").len();
        assert_eq!(before, after);
    };
    state("record-closed").await;
    life::archive(app, &h.room, chart.stay).await.expect("archived");
    state("record-archived").await;
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_web_what_is_malformed_is_refused_and_nothing_moves() {
    let h = open(House::open().await).await;
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    let (app, stop) = (&h.house.app, CancellationToken::new());
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    tokio::spawn(serve(app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let (doctor, room) = (Terminal::login(&base, "bs").await, Terminal::login(&base, "plt").await);
    let head = Terminal::login(&base, "gd").await;
    let of = |rest: &str| format!("/encounters/{stay}/record/{rest}");
    let lists = |rest: &str| format!("/destruction-lists{rest}");
    let listed = |records: &[&str]| json!({ "records": records, "decision": "QĐ 1", "reason": "Hết hạn" });
    for (who, path, body, status) in [
        (&doctor, of("close"), json!({ "grounds": ["ma-quy"] }), 422),
        (&doctor, of("close"), json!({ "surplus": 1 }), 400),
        (&doctor, "/encounters/khoa-noi/record/close".into(), json!({}), 404),
        (&room, of("close"), json!({}), 403),
        (&room, of("grounds"), json!({ "class": "ordinaire", "reason": "?" }), 422),
        (&room, of("grounds"), json!({ "class": "death", "reason": " " }), 422),
        (&room, of("holds"), json!({ "ground": "toà", "reason": "?" }), 422),
        (&room, of("holds"), json!({ "ground": "court", "reason": "x".repeat(501) }), 422),
        (&room, "/holds/0193e7a0-0000-7000-8000-000000000000/lift".into(), json!({ "reason": "Xong" }), 404),
        (&room, of("archive"), json!({}), 409),
        (&room, of("reopen"), json!({ "reason": "Sớm" }), 409),
        (&doctor, of("holds"), json!({ "ground": "court", "reason": "QĐ 12" }), 403),
        (&room, lists(""), listed(&[]), 422),
        (&room, lists(""), listed(&["khoa-noi"]), 404),
        (&room, lists(""), json!({ "records": [], "decision": "QĐ 1", "reason": "Hết hạn", "surplus": 1 }), 400),
        (&room, lists(""), listed(&[&stay.to_string()]), 409),
        (&doctor, lists(""), listed(&[&stay.to_string()]), 403),
        (&room, lists("/khoa-noi/approve"), json!(null), 404),
        (&room, lists("/0193e7a0-0000-7000-8000-000000000000/approve"), json!(null), 403),
        (&doctor, lists("/0193e7a0-0000-7000-8000-000000000000/approve"), json!(null), 403),
        (&head, lists("/0193e7a0-0000-7000-8000-000000000000/approve"), json!(null), 404),
        (&head, "/confirmations".into(), json!({ "encounterIds": [], "pin": PIN }), 422),
        (&head, "/confirmations".into(), json!({ "encounterIds": ["khoa-noi"], "pin": PIN }), 404),
        (&head, "/confirmations".into(), json!({ "encounterIds": [stay], "pin": PIN }), 403),
        (&room, "/confirmations".into(), json!({ "encounterIds": [stay], "pin": PIN }), 403),
        (&room, lists("/0193e7a0-0000-7000-8000-000000000000/begin"), json!(null), 404),
        (&doctor, lists("/0193e7a0-0000-7000-8000-000000000000/begin"), json!(null), 403),
        (&head, lists("/0193e7a0-0000-7000-8000-000000000000/cancel"), json!({ "reason": " " }), 422),
    ] {
        let (answered, problem) = who.post(&path, &body).await;
        assert_eq!(answered, status, "{path} {body}: {problem}");
    }
    let asked = async |who: &Terminal, path: &str| {
        let asked = who.client.get(format!("{base}{path}")).header("Cookie", &who.cookie).send().await;
        asked.expect("an answer").status().as_u16()
    };
    for (list, status) in [("waiting", 200), ("everything", 422), ("due&after=x", 404)] {
        assert_eq!(asked(&room, &format!("/records?list={list}")).await, status, "{list}");
    }
    let nowhere = "/destruction-lists/0193e7a0-0000-7000-8000-000000000000/minutes";
    let nurse = Terminal::login(&base, "lan").await;
    for (who, path, status) in
        [(&room, "/destruction-lists/khoa-noi/minutes", 404), (&room, nowhere, 404), (&nurse, nowhere, 403)]
    {
        assert_eq!(asked(who, path).await, status, "{path}");
    }
    let life = life::read(app, &h.room, stay).await.expect("a life");
    assert_eq!((life.state.as_str(), life.events.len(), life.holds.len()), ("active", 0, 0));
    stop.cancel();
}

on_both!(nothing_is_written_into_a_record_that_is_closed);
