//! A medium with backups is lost: destruction need not wait for its copy of the keys, and the trail says why.

use crate::site::{On, Site, text};
use serde_json::{Value, json};
use std::fs;

fn known(site: &Site) -> Vec<(String, bool)> {
    let listed: Value = site.run(&["forget-target", "--json"]).json();
    let line = |one: &Value| (one["folder"].as_str().expect("a folder").to_owned(), one["there"] == json!(true));
    listed.as_array().expect("a list").iter().map(line).collect()
}

fn a_lost_place_is_forgotten_with_its_reason_and_no_other(on: On) {
    let Some(site) = Site::opened(on) else { return };
    assert!(site.run(&["forget-target"]).ok().contains("no target has a copy"));
    let (kept, lost) = (site.path("kept"), site.path("lost"));
    for target in [&kept, &lost] {
        site.run(&["backup", "--to", text(target), "--json"]).json();
    }
    let (kept, gone) = (kept.canonicalize().expect("there"), lost.canonicalize().expect("there"));
    let (kept, gone) = (text(&kept), text(&gone));
    assert_eq!(known(&site), [(kept.to_owned(), true), (gone.to_owned(), true)]);
    let forget = |folder: &str, reason: &str| site.run(&["forget-target", folder, "--reason", reason]);
    assert!(forget(gone, "Ổ hỏng").failed().contains("còn nối"), "its copy is there");

    fs::rename(&lost, site.path("crushed")).expect("taken away");
    assert_eq!(known(&site), [(kept.to_owned(), true), (gone.to_owned(), false)]);
    assert!(site.run(&["forget-target"]).ok().contains("away: destruction waits for it"));
    assert_eq!(site.run(&["forget-target", gone]).code(), 2, "without a reason");
    assert!(forget(gone, " ").failed().contains("lý do"));
    assert!(forget("/mnt/la", "Ổ hỏng").failed().contains("nơi sao lưu"), "nobody knows it");
    assert_eq!(known(&site).len(), 2, "nothing is forgotten yet");

    assert!(forget(gone, "Ổ hỏng, đã nghiền").ok().contains("no longer waits"));
    assert_eq!(known(&site), [(kept.to_owned(), true)]);
    assert!(forget(gone, "Ổ hỏng, đã nghiền").failed().contains("nơi sao lưu"), "once");
    let trail = site.run(&["audit", "export"]).ok();
    let told: Vec<&str> = trail.lines().filter(|line| line.contains("backup-target")).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("Ổ hỏng, đã nghiền") && told[0].contains(gone), "{}", told[0]);
}

// Clauses: RET-x, SEC-11
#[test]
fn a_lost_place_is_forgotten_with_its_reason_on_sqlite() {
    a_lost_place_is_forgotten_with_its_reason_and_no_other(On::Sqlite);
}

#[test]
fn a_lost_place_is_forgotten_with_its_reason_on_postgresql() {
    a_lost_place_is_forgotten_with_its_reason_and_no_other(On::Postgres);
}
