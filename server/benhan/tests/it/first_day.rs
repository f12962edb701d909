//! From an empty folder to the first nurse with a certificate of her own.

use crate::browser::{Browser, phone};
use crate::site::{ADMIN, Ended, INITIAL, On, Running, Site, text};
use serde_json::{Value, json};
use std::net::Ipv6Addr;
use std::process::Command;

const OWN: &str = "Con mèo ngủ trên mái nhà";
const NURSE: &str = "la vang roi day san 7";

async fn the_first_day(on: On) {
    let Some(site) = Site::new(on) else { return };
    let made = site.init(&[]).json();
    assert_eq!(made["added"], json!({ "departments": 1, "wards": 1, "beds": 4 }));
    site.run(&["config", "check"]).ok();

    let running = site.serve();
    let ca = site.data("tls/ca.pem");
    let mut admin = Browser::new(running.port("https"), &ca);
    assert_eq!(admin.log_in(ADMIN, "wrong password").await.refused(401), "bad-credentials");
    let session = admin.log_in(ADMIN, INITIAL).await.ok();
    assert_eq!(session["mustChangePassword"], true);

    // The initial password opens one door: to another password.
    assert_eq!(admin.get("/api/v1/users").await.refused(403), "must-change-password");
    let change = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
    assert_eq!(admin.post("/api/v1/auth/password", change("not it", OWN)).await.refused(403), "bad-password");
    assert_eq!(admin.post("/api/v1/auth/password", change(INITIAL, INITIAL)).await.refused(422), "invalid");
    let session = admin.post("/api/v1/auth/password", change(INITIAL, OWN)).await.ok();
    assert_eq!(session["mustChangePassword"], false);
    assert_eq!(admin.log_in(ADMIN, INITIAL).await.refused(401), "bad-credentials");
    let session = admin.log_in(ADMIN, OWN).await.ok();
    assert_eq!(session["mustEnrolSecondFactor"], true);

    // Their own password opens one door more: to a second factor.
    assert_eq!(admin.get("/api/v1/users").await.refused(403), "must-enrol-second-factor");
    let offer = admin.post("/api/v1/auth/second-factor/offer", json!({ "password": OWN })).await.ok();
    let secret = offer["secret"].as_str().expect("a secret").to_owned();
    let set = admin.post("/api/v1/auth/second-factor", json!({ "code": phone(&secret, 0) })).await.ok();
    assert_eq!(set["session"]["mustEnrolSecondFactor"], false);
    let on_paper = set["recoveryCodes"][0].as_str().expect("a code").to_owned();
    admin.get("/api/v1/users").await.ok();
    let mut again = Browser::new(running.port("https"), &ca);
    assert_eq!(again.log_in(ADMIN, OWN).await.refused(401), "second-factor");
    assert_eq!(again.log_in_with(ADMIN, OWN, &phone(&secret, -300)).await.refused(401), "bad-code");
    again.log_in_with(ADMIN, OWN, &phone(&secret, 30)).await.ok();
    again.log_in_with(ADMIN, OWN, &on_paper).await.ok();
    assert_eq!(again.log_in_with(ADMIN, OWN, &on_paper).await.refused(401), "bad-code");

    let ward = admin.get("/api/v1/wards").await;
    let ward = ward.body[0]["id"].as_str().map(str::to_owned);
    let nurse = json!({
        "username": "lan", "name": "Hoàng Thị Lan", "role": "nurse", "password": INITIAL,
        "wardIds": ward.map(|w| vec![w]).unwrap_or_default(),
    });
    admin.post("/api/v1/users", nurse).await.ok();

    let mut lan = Browser::new(running.port("https"), &ca);
    lan.log_in("lan", INITIAL).await.ok();
    lan.post("/api/v1/auth/password", change(INITIAL, NURSE)).await.ok();
    assert_eq!(
        lan.post("/api/v1/auth/pin", json!({ "password": NURSE, "pin": "123456" })).await.refused(422),
        "invalid"
    );
    let session = lan.post("/api/v1/auth/pin", json!({ "password": NURSE, "pin": "582913" })).await.ok();
    assert_eq!((&session["hasPin"], &session["hasCertificate"]), (&json!(true), &json!(true)));

    // The phone of the only administrator is gone.
    site.run(&["user", "reset-second-factor", ADMIN, "--reason", "the phone fell into the river"]).ok();
    assert_eq!(admin.get("/api/v1/users").await.refused(401), "unauthenticated");
    let session = admin.log_in(ADMIN, OWN).await.ok();
    assert_eq!(session["mustEnrolSecondFactor"], true);
    let none = site.run(&["user", "reset-second-factor", ADMIN, "--reason", "again"]).failed();
    assert!(none.contains("chưa có mã xác thực"), "{none}");

    // The machine's own hand, past the screens: at once, and in the trail.
    let listed = site.run(&["user", "list", "--json"]).json();
    assert_eq!(listed[0]["username"], "lan");
    assert_eq!(listed[0]["state"], "active");
    site.run(&["user", "disable", "lan"]).ok();
    assert_eq!(lan.get("/api/v1/auth/session").await.refused(401), "unauthenticated");
    assert!(running.stop(), "it stops cleanly");

    let trail = site.run(&["audit", "export"]).ok();
    assert!(trail.contains("command line"), "the trail says what the machine's own hand did");
    std::fs::write(site.path("trail.jsonl"), trail).expect("a file");
    let trust = site.data("trust/ca.pem");
    site.run(&["verify", text(&site.path("trail.jsonl")), "--trust", text(&trust)]).ok();
    the_trail_in_every_form(&site);
}

/// Where it lies, and as a collector of logs takes it.
fn the_trail_in_every_form(site: &Site) {
    let checked = site.run(&["audit", "verify", "--json"]).json();
    let rows = usize::try_from(checked["rows"].as_u64().expect("a number")).expect("few");
    let events = site.run(&["audit", "export", "--format", "fhir"]).ok();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let lines = site.run(&["audit", "export", "--format", "syslog"]).ok();
    assert_eq!((events.len(), lines.lines().count()), (rows, rows), "one for each row");
    // What FHIR R4 demands of every AuditEvent.
    for event in &events {
        assert_eq!(event["resourceType"], "AuditEvent");
        assert!(event["type"]["code"].is_string() && event["recorded"].is_string(), "{event}");
        assert!(event["agent"][0]["requestor"].is_boolean() && event["source"]["observer"].is_object(), "{event}");
    }
    let login = events.iter().find(|e| e["subtype"][0]["code"] == "login").expect("somebody logged in");
    assert_eq!((&login["type"]["code"], &login["outcome"]), (&json!("110114"), &json!("0")));
    assert_eq!(login["agent"][0]["network"]["address"], "127.0.0.1");
    for line in lines.lines() {
        assert!(line.starts_with("<110>1 2") && line.contains(" benhan - ") && line.contains(" - @cee:{"), "{line}");
    }
}

// Clauses: C46-8.2, CV-III.2a, SEC-1, SEC-2, SEC-3
#[tokio::test]
async fn an_administrator_opens_the_hospital_and_a_nurse_gets_her_certificate_on_sqlite() {
    the_first_day(On::Sqlite).await;
}

#[tokio::test]
async fn an_administrator_opens_the_hospital_and_a_nurse_gets_her_certificate_on_postgresql() {
    the_first_day(On::Postgres).await;
}

#[tokio::test]
async fn an_administrator_who_forgot_the_password_is_let_in_from_the_machine() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let running = site.serve();
    let mut admin = Browser::new(running.port("https"), &site.data("tls/ca.pem"));
    std::fs::write(site.path("again"), "mot mat khau khac 2").expect("a file");
    site.run(&["user", "passwd", ADMIN, "--password-file", text(&site.path("again"))]).ok();
    assert_eq!(admin.log_in(ADMIN, INITIAL).await.refused(401), "bad-credentials");
    let session = admin.log_in(ADMIN, "mot mat khau khac 2").await.ok();
    assert_eq!(session["mustChangePassword"], true);
}

// Clauses: SEC-2
#[test]
fn a_real_hospital_is_not_served_with_administrators_who_need_no_second_factor() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    for given in ["[]", "[\"director\"]"] {
        let served = site.benhan(&["serve"]).env("BENHAN_ACCESS_SECOND_FACTOR", given).output();
        let why = Ended(served.expect("the program runs")).failed();
        assert!(why.contains("access.second_factor: it must name administrator"), "{why}");
    }
    let mistyped = site.benhan(&["config", "check"]).env("BENHAN_ACCESS_INSIDE", "[\"10.0.0.0/88\"]").output();
    let why = Ended(mistyped.expect("the program runs")).failed();
    assert!(why.contains("10.0.0.0/88 is no address or network"), "{why}");
}

#[test]
fn init_leaves_what_is_there_alone() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let before = std::fs::read(site.data("record.db")).expect("the record");
    assert!(site.init(&[]).failed().contains("is not empty"));
    assert_eq!(std::fs::read(site.data("record.db")).expect("the record"), before);
}

#[test]
fn an_init_that_fails_leaves_nothing_behind() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    std::fs::write(site.path("initial"), "quantri").expect("a file");
    assert!(site.init(&[]).failed().contains("Mật khẩu"), "a password that everybody would try");
    assert!(!site.data("benhan.toml").exists());
    std::fs::write(site.path("initial"), INITIAL).expect("a file");
    site.init(&[]).ok();
}

#[test]
fn the_password_is_taken_from_no_argument() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    assert_eq!(site.init(&["--password", "x"]).code(), 2, "no such option");
    let without = site.run(&[
        "init",
        "--code",
        "33001",
        "--name",
        "B",
        "--authority",
        "S",
        "--ward",
        "NOI=Nội:1",
        "--admin-name",
        "T",
        "--backup-target",
        text(&site.path("backup")),
    ]);
    assert!(without.failed().contains("BENHAN_INITIAL_PASSWORD"));
}

#[test]
fn a_ward_of_a_file_has_its_rooms_and_another_is_added_later() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    let one = "[[department]]\ncode = 'NOI'\nname = 'Khoa Nội'\n[[department.ward]]\ncode = 'NOI'\nname = 'Khoa Nội'\n\
               rooms = { 301 = ['G01', 'G02'], 302 = ['G03'] }\n";
    std::fs::write(site.path("wards.toml"), one).expect("a file");
    let (backup, initial, wards) = (site.path("backup"), site.path("initial"), site.path("wards.toml"));
    let made = site.run(&[
        "init",
        "--code",
        "33001",
        "--name",
        "B",
        "--authority",
        "S",
        "--house",
        text(&wards),
        "--admin-name",
        "Tê",
        "--backup-target",
        text(&backup),
        "--password-file",
        text(&initial),
        "--json",
    ]);
    assert_eq!(made.json()["added"]["beds"], 3);
    std::fs::write(
        &wards,
        format!("{one}[[department.ward]]\ncode = 'NOI2'\nname = 'Nội 2'\nrooms = {{ 401 = ['A1'] }}\n"),
    )
    .expect("a file");
    let added = site.run(&["house", "add", text(&wards), "--json"]).json();
    assert_eq!(added, json!({ "departments": 0, "wards": 1, "beds": 1 }));
    std::fs::write(&wards, one.replace("'G02'", "'G01'")).expect("a file");
    assert!(site.run(&["house", "add", text(&wards)]).failed().contains("stands twice"));
}

// Clauses: C13-6.3b
#[test]
fn the_rules_say_who_writes_and_signs_what_as_the_program_is_set() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let out = site.path("quy-che.pdf").display().to_string();
    let mut rules = site.benhan(&["rules", "--out", &out]);
    assert!(rules.env("BENHAN_SERVER_LOCK_AFTER_SECONDS", "240").status().expect("the program runs").success());
    let read = Command::new("pdftotext").args(["-layout", &out, "-"]).output().expect("poppler-utils is there");
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    for words in [
        "PHỤ LỤC QUY CHẾ HỒ SƠ BỆNH ÁN ĐIỆN TỬ",
        "12 giờ từ lúc thực hiện",
        "01/BV1",
        "Bác sĩ làm bệnh án",
        "trước khi kết thúc",
        "Hồ sơ chỉ người được giao mới xem",
        "sau 240 giây không thao tác",
        "Tử vong 30 năm",
        "Danh mục chữ viết tắt",
    ] {
        assert!(text.contains(words), "{words} stands in it:\n{text}");
    }
    assert!(site.run(&["rules", "--out", &out]).failed().contains("another --out"), "what is there stays");
}

// Clauses: C46-R3
#[test]
fn the_dossier_says_what_the_law_demands_and_what_this_hospital_has() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let file = site.path("ho-so.pdf");
    let out = file.display().to_string();
    site.run(&["dossier", "--out", &out]).ok();
    let read = Command::new("pdftotext").args(["-layout", &out, "-"]).output().expect("poppler-utils is there");
    let text = String::from_utf8_lossy(&read.stdout).into_owned();
    for words in [
        "HỒ SƠ TỰ ĐÁNH GIÁ BỆNH ÁN ĐIỆN TỬ",
        "4 giường",
        "C46-10.5",
        "C13-3",
        "SIG-9",
        "SEC-13",
        "chuỗi băm nguyên vẹn",
    ] {
        assert!(text.contains(words), "{words} stands in it:\n{text}");
    }
    assert!(site.run(&["dossier", "--out", &out]).failed().contains("another --out"), "what is there stays");
}

// Clauses: CV-III.5
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hospital_whose_network_is_ipv6_alone_is_served() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let mut command = site.benhan(&["serve"]);
    for listener in ["HTTPS", "MLLP", "ASTM", "DICOM", "METRICS"] {
        command.env(format!("BENHAN_LISTEN_{listener}"), "[::1]:0");
    }
    let running = Running::start(command, &site.data("ports.json"));
    let address = (Ipv6Addr::LOCALHOST, running.port("https")).into();
    Browser::at(address, &site.data("tls/ca.pem")).log_in(ADMIN, INITIAL).await.ok();
    std::net::TcpStream::connect((Ipv6Addr::LOCALHOST, running.port("mllp"))).expect("monitors too");
    assert!(running.stop(), "it stops in peace");
}
