//! A backup is what can be restored: taken while the hospital works, checked, and opened again.

use crate::browser::Browser;
use crate::site::{ADMIN, INITIAL, On, Running, Site, text};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// An image as the bridge keeps one, for the copy alone.
fn image(site: &Site) -> PathBuf {
    let at = site.data("pacs/blobs/ab");
    fs::create_dir_all(&at).expect("a folder");
    let at = at.join("abcd.dcm");
    fs::write(&at, b"pixels").expect("a file");
    at
}

async fn there_and_back(on: On) {
    let Some(site) = Site::opened(on) else { return };
    image(&site);
    let running = site.serve();
    let mut admin = Browser::new(running.port("https"), &site.data("tls/ca.pem"));
    admin.log_in(ADMIN, INITIAL).await.ok();
    let (first, second) = (site.path("b1"), site.path("b1"));
    let taken = site.run(&["backup", "--to", text(&first), "--json"]).json();
    assert_eq!((&taken["images"], &taken["newImages"]), (&json!(1), &json!(1)));
    assert!(running.stop());
    let mut taken = site.run(&["backup", "--to", text(&second), "--json"]);
    while taken.code() == 1 && taken.err().contains("is there already") {
        taken = site.run(&["backup", "--to", text(&second), "--json"]); // the same second
    }
    let taken = taken.json();
    assert_eq!(taken["newImages"], json!(0), "an image is copied once");
    let folder = taken["folder"].as_str().expect("a folder").to_owned();
    for secret in ["secrets", "tls/server.key", "tls/ca.key"] {
        assert!(!PathBuf::from(&folder).join(secret).exists(), "{secret} stays at home");
    }

    let other = site.another_database();
    let into = site.path("again");
    let mut arguments = vec!["restore", &folder, "--into", text(&into), "--json"];
    if let Some(url) = &other {
        arguments.extend(["--database-url", url]);
    }
    let restored = site.run(&arguments).json();
    assert_eq!((&restored["auditRows"], &restored["images"]), (&taken["auditRows"], &json!(1)));
    assert_eq!(fs::read(into.join("pacs/blobs/ab/abcd.dcm")).expect("the image"), b"pixels");

    // With the secrets back beside it, it is the hospital again.
    for inner in fs::read_dir(site.data("secrets")).expect("a folder") {
        let inner = inner.expect("a file").path();
        fs::create_dir_all(into.join("secrets")).expect("a folder");
        fs::copy(&inner, into.join("secrets").join(inner.file_name().expect("a name"))).expect("carried");
    }
    fs::copy(site.data("tls/server.key"), into.join("tls/server.key")).expect("carried");
    let mut command = site.benhan(&["serve", "--data-dir", text(&into)]);
    if let Some(url) = &other {
        command.env("BENHAN_DATABASE_URL", url);
    }
    let running = Running::start(command, &into.join("ports.json"));
    let mut admin = Browser::new(running.port("https"), &into.join("tls/ca.pem"));
    admin.log_in(ADMIN, INITIAL).await.ok();
    assert!(running.stop());
    if let Some(url) = &other {
        site.forget_database(url);
    }
}

// Clauses: C46-6.a, C46-10.2c, C13-2.4, CV-III.1.2a, CV-III.2c, SEC-6
#[tokio::test]
async fn a_hospital_comes_back_from_its_backup_on_sqlite() {
    there_and_back(On::Sqlite).await;
}

#[tokio::test]
async fn a_hospital_comes_back_from_its_backup_on_postgresql() {
    there_and_back(On::Postgres).await;
}

// Clauses: C46-10.2c, C13-2.4, SEC-6
#[test]
fn a_backup_that_was_touched_is_not_restored() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    image(&site);
    let taken = site.run(&["backup", "--json"]).json();
    let folder = PathBuf::from(taken["folder"].as_str().expect("a folder"));
    let pool = site.path("backup").join("benhan-images/ab/abcd.dcm");
    fs::write(&pool, b"pixelz").expect("touched");
    let restore = |into: &str| site.run(&["restore", text(&folder), "--into", text(&site.path(into))]);
    assert!(restore("one").failed().contains("not as it was backed up"));
    fs::write(&pool, b"pixels").expect("as it was");
    restore("two").ok();
    let record = folder.join("record.db");
    let mut bytes = fs::read(&record).expect("the record");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&record, bytes).expect("touched");
    assert!(restore("three").failed().contains("record.db"));
    assert!(restore("two").code() == 1, "and nothing is restored over something");
}
