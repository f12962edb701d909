//! The one configuration file: what is mistyped is named, what is secret is not shown, what is missing stops the start.

use crate::site::{On, Site, text};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn with_line(site: &Site, from: &str, to: &str) {
    let file = site.data("benhan.toml");
    let written = std::fs::read_to_string(&file).expect("the configuration");
    assert!(written.contains(from), "{from} stands in it");
    std::fs::write(&file, written.replacen(from, to, 1)).expect("a file");
}

#[test]
fn a_mistyped_key_is_named_and_nothing_starts() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_line(&site, "#max_body = 1048576", "max_boddy = 1048576");
    for command in [["config", "check"].as_slice(), &["serve"], &["gateway"]] {
        assert!(site.run(command).failed().contains("max_boddy"), "{command:?}");
    }
    let mut typed = site.benhan(&["config", "print"]);
    with_line(&site, "max_boddy", "max_body");
    let ended = typed.env("BENHAN_LISTEN_HTTP", "127.0.0.1:1").output().expect("the program runs");
    assert!(String::from_utf8_lossy(&ended.stderr).to_lowercase().contains("http"), "the environment too");
    assert!(!ended.status.success());
}

#[test]
fn what_is_printed_holds_no_password_and_every_key_has_its_meaning() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_line(&site, "#url = \"\"", "url = \"postgres://benhan:canary@db.lan/benhan\"");
    let shown = site.run(&["config", "print"]).ok();
    assert!(shown.contains("postgres://benhan@db.lan/benhan") && !shown.contains("canary"), "{shown}");
    let reference = site.run(&["config", "print", "--reference"]).ok();
    for key in ["#https = ", "#every_hours = ", "#token_file = ", "#ae_title = "] {
        assert!(reference.contains(key), "{key}");
    }
}

#[test]
fn a_port_of_devices_that_cannot_stand_is_named_and_nothing_is_served() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let port =
        "#astm_peers = []\n[[gateway.port]]\nname = \"khoa-xn\"\nurl = \"mllp+listen://0.0.0.0:2577?pear=10.0.9.7\"";
    with_line(&site, "#astm_peers = []", port);
    for command in [["serve"].as_slice(), &["gateway"]] {
        let said = site.run(command).failed();
        assert!(said.contains("khoa-xn") && said.contains("pear"), "{command:?}: {said}");
    }
    let checked = || {
        let output = site.benhan(&["config", "check", "--json"]).output().expect("it runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(checked().contains("khoa-xn"), "{}", checked());
    with_line(&site, "?pear=", "?peer=");
    assert!(!checked().contains("khoa-xn"), "{}", checked());
}

// Clauses: C13-2.1, CV-III.2c, SEC-6
#[test]
fn a_hospital_without_a_place_for_backups_is_not_served() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    std::fs::remove_dir(site.path("backup")).expect("the folder goes");
    assert!(site.run(&["serve"]).failed().contains("backup.target"));
    std::fs::create_dir(site.data("backup")).expect("a folder");
    let inside = format!(
        "target = \"{}\"",
        site.path("backup").canonicalize().unwrap_or_else(|_| site.path("backup")).display()
    );
    with_line(&site, &inside, &format!("target = \"{}\"", site.data("backup").display()));
    assert!(site.run(&["serve"]).failed().contains("inside the data folder"));
    assert_eq!(site.run(&["config", "check", "--json"]).code(), 1);
}

// Clauses: SEC-6
#[test]
fn a_hospital_whose_backups_would_lie_open_with_somebody_else_is_not_served() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    with_line(&site, "#also = []", "also = [\"s3://kho/noi-1\"]");
    assert!(site.run(&["serve"]).failed().contains("set s3.endpoint"));
    with_line(&site, "#endpoint = \"\"", "endpoint = \"https://kho.example\"");
    with_line(&site, "#access_key = \"\"", "access_key = \"AK\"");
    assert!(site.run(&["serve"]).failed().contains("s3.secret_key_file"), "and no key");
    std::fs::write(site.data("secrets/s3.secret"), "canary\n").expect("a file");
    let refused = site.run(&["serve"]).failed();
    assert!(refused.contains("only locked backups") && !refused.contains("canary"), "{refused}");
    let command = ["config", "check", "--json"];
    let said = String::from_utf8(site.benhan(&command).output().expect("it runs").stdout).expect("text");
    assert!(said.contains("only locked backups"), "{said}");
    // A store of the hospital's own is another matter; whether it answers is asked by the check alone.
    with_line(&site, "#own = false", "own = true");
    with_line(&site, "https://kho.example", "https://127.0.0.1:9");
    let said = String::from_utf8(site.benhan(&command).output().expect("it runs").stdout).expect("text");
    assert!(said.contains("does not answer") && !said.contains("only locked"), "{said}");
    assert!(site.serve().stop());
}

#[test]
fn a_hospital_without_its_certificate_is_not_served() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    std::fs::remove_file(site.data("tls/server.pem")).expect("the certificate goes");
    assert!(site.run(&["serve"]).failed().contains("tls/server.pem"));
    assert!(site.run(&["server"]).failed().contains("tls/server.pem"));
}

// Clauses: C46-1
#[test]
fn a_hospital_without_its_code_is_neither_made_nor_served() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    assert!(site.run(&["serve"]).failed().contains("benhan init"));
    let nameless = ["init", "--code", "330", "--name", "Bệnh viện Thử", "--authority", "Sở Y tế Thử"];
    let ended = site.benhan(&nameless).args(["--ward", "NOI=Khoa Nội:4", "--admin-name", "Bình"]).output();
    assert!(!ended.expect("the program runs").status.success());
    assert!(!site.data("record.db").exists(), "nothing was written");
}

#[test]
fn a_demo_is_never_served_as_a_hospital() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    std::fs::write(site.data("demo.json"), "{}").expect("a file");
    assert!(site.run(&["serve"]).failed().contains("demo"));
}

#[test]
fn a_demo_that_was_killed_while_it_was_furnished_is_not_shown_half_empty() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    let mut first = site.benhan(&["serve", "--demo"]).stdout(Stdio::piped()).spawn().expect("the program starts");
    let said = BufReader::new(first.stdout.take().expect("its words")).lines();
    let furnishing = said.map_while(Result::ok).any(|line| line.contains("73 người bệnh"));
    first.kill().expect("killed");
    first.wait().expect("it ends");
    assert!(furnishing, "it was furnishing");
    assert!(site.run(&["serve", "--demo"]).failed().contains("remove this folder"));
}

// Clauses: SEC-1
#[test]
fn a_password_from_the_manual_keeps_the_hospital_shut() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    std::fs::write(site.path("known"), "Phonoi-2026-lan").expect("a file");
    let known = site.path("known");
    site.run(&[
        "user",
        "add",
        "lan",
        "--name",
        "Lan",
        "--role",
        "nurse",
        "--ward",
        "NOI",
        "--password-file",
        text(&known),
    ])
    .ok();
    assert!(site.run(&["serve"]).failed().contains("lan"));
    site.run(&["user", "passwd", "lan", "--password-file", text(&site.path("initial"))]).ok();
    assert!(site.serve().stop());
}

#[test]
fn a_hospital_is_brought_up_to_date_by_hand_or_by_the_start() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let said = site.run(&["migrate", "--check", "--json"]).json();
    assert_eq!(said["steps"].as_array().map(Vec::len), Some(0));
    site.run(&["migrate"]).ok();
    let elsewhere = site.path("nowhere");
    assert!(site.run(&["migrate", "--data-dir", text(&elsewhere)]).failed().contains("not there"));
    assert!(!elsewhere.exists(), "a mistyped folder makes no hospital");
}

#[test]
fn every_command_shows_an_example() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    for command in [
        "serve", "server", "gateway", "pacs", "init", "house", "user", "migrate", "config", "verify", "audit",
        "backup", "restore", "openapi", "simulate",
    ] {
        assert!(site.run(&[command, "--help"]).ok().contains("Example: benhan"), "{command}");
    }
    for command in [["user", "add"], ["user", "passwd"], ["user", "disable"], ["user", "list"], ["config", "check"]] {
        assert!(site.run(&[command[0], command[1], "--help"]).ok().contains("Example: benhan"), "{command:?}");
    }
    assert_eq!(site.run(&["serf"]).code(), 2, "used wrongly");
}

#[test]
fn a_gateway_without_its_token_says_where_to_get_it() {
    let site = Site::new(On::Sqlite).expect("SQLite is there");
    assert!(site.run(&["gateway"]).failed().contains("uplink.token_file"));
    assert!(!site.data("record.db").exists(), "it makes no record");
    assert!(!site.data("secrets/ingest.token").exists(), "and invents no token");
}
