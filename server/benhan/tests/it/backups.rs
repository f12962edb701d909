//! A backup is what can be restored: taken while the hospital works, checked, and opened again.

use crate::browser::Browser;
use crate::numbers::until;
use crate::site::{ADMIN, Ended, INITIAL, On, Running, Site, text};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// A secret key in a file, and the public one, by the tool that an IT person uses.
fn key(site: &Site, name: &str) -> (PathBuf, String) {
    let file = site.path(name);
    let made = Command::new("age-keygen").args(["-o", text(&file)]).output().expect("age is installed");
    assert!(made.status.success());
    let public = Command::new("age-keygen").args(["-y", text(&file)]).output().expect("age is installed");
    (file, String::from_utf8(public.stdout).expect("text").trim().to_owned())
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

async fn locked(on: On) {
    let Some(site) = Site::opened(on) else { return };
    image(&site);
    let ((mine, ours), (stranger, _)) = (key(&site, "backup.key"), key(&site, "stranger.key"));
    let with_key = |arguments: &[&str]| {
        let mut command = site.benhan(arguments);
        command.env("BENHAN_BACKUP_RECIPIENTS", format!("[\"{ours}\"]"));
        Ended(command.output().expect("the program runs"))
    };
    let nonsense = {
        let mut command = site.benhan(&["backup"]);
        command.env("BENHAN_BACKUP_RECIPIENTS", "[\"--decrypt\"]");
        Ended(command.output().expect("the program runs"))
    };
    assert!(nonsense.failed().contains("no public key of age"));
    let taken = with_key(&["backup", "--json"]).json();
    let folder = PathBuf::from(taken["folder"].as_str().expect("a folder"));
    let target = site.path("backup");
    for file in files(&target) {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&file).expect("a file");
        // The copy of the keys is wrapped by itself.
        if ["manifest.json", "images.tsv"].contains(&name.as_str()) || text(&file).contains("/benhan-keys/") {
            assert!(!String::from_utf8_lossy(&bytes).contains("Bệnh viện"), "{name}");
            continue;
        }
        assert!(name.ends_with(".age") && bytes.starts_with(b"age-encryption.org/v1\n"), "{}", file.display());
    }
    assert!(!site.data("backup.part").exists(), "what was staged is gone");
    let again = loop {
        let again = with_key(&["backup", "--json"]);
        if again.code() == 0 || !again.err().contains("is there already") {
            break again.json();
        }
    };
    assert_eq!(again["newImages"], 0, "an image is locked once");

    // Whoever has the key needs no program of ours.
    let record = fs::read_dir(&folder).expect("a folder").map(|e| e.expect("an entry").path());
    let record = record.into_iter().find(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("record.")));
    let opened = Command::new("age").args(["-d", "-i", text(&mine), text(&record.expect("a record"))]).output();
    let opened = opened.expect("age is installed").stdout;
    assert!(opened.starts_with(b"SQLite format 3") || opened.starts_with(b"PGDMP"), "{:?}", opened.get(..16));

    let other = site.another_database();
    let restore = |into: &str, identity: Option<&Path>| {
        let into = site.path(into);
        let mut arguments = vec!["restore", text(&folder), "--into", text(&into)];
        arguments.extend(identity.iter().flat_map(|file| ["--identity", text(file)]));
        arguments.extend(other.iter().flat_map(|url| ["--database-url", url.as_str()]));
        site.run(&arguments)
    };
    assert!(restore("without", None).failed().contains("--identity"));
    restore("stranger", Some(&stranger)).failed();
    restore("again", Some(&mine)).ok();
    assert_eq!(fs::read(site.path("again").join("pacs/blobs/ab/abcd.dcm")).expect("the image"), b"pixels");
    assert!(fs::read_to_string(site.path("again").join("benhan.toml")).expect("settings").contains("[backup]"));
    let unlocked =
        Command::new("age").args(["-d", "-i", text(&stranger), text(&folder.join("benhan.toml.age"))]).output();
    assert!(!unlocked.expect("age is installed").status.success());
    if let Some(url) = &other {
        site.forget_database(url);
    } else {
        let drill = site.run(&["drill", "--identity", text(&mine)]);
        assert!(drill.ok().contains("ĐẠT"));
        assert!(site.run(&["verify", text(&folder)]).failed().contains("locked"));
    }
}

// Clauses: CV-III.2c, SEC-6
#[tokio::test]
async fn a_locked_backup_opens_with_its_key_and_no_other_on_sqlite() {
    locked(On::Sqlite).await;
}

#[tokio::test]
async fn a_locked_backup_opens_with_its_key_and_no_other_on_postgresql() {
    locked(On::Postgres).await;
}

/// Waits until the server has taken a backup into this folder by itself.
async fn taken_in(target: &Path) {
    let whole = || files(target).iter().any(|file| file.ends_with("manifest.json") && !text(file).contains(".part/"));
    let waiting = async {
        while !whole() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await;
    waited.unwrap_or_else(|_| panic!("no backup came to {}", target.display()));
}

// Clauses: CV-III.2c
#[tokio::test]
async fn every_target_gets_a_backup_and_a_disk_that_is_away_stops_none() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let (second, away) = (site.path("second"), site.path("away"));
    fs::create_dir(&second).expect("a folder");
    let mut command = site.benhan(&["serve"]);
    command.env("BENHAN_BACKUP_ALSO", format!("[\"{}\", \"{}\"]", away.display(), second.display()));
    let running = Running::start(command, &site.data("ports.json"));
    taken_in(&site.path("backup")).await;
    taken_in(&second).await;
    assert!(!away.exists(), "nothing is written where the disk ought to be");
    assert!(running.stop());
}

// Clauses: C46-10.2c, SEC-6
#[tokio::test]
async fn the_server_drills_by_itself_when_it_is_time() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let taken = site.run(&["backup", "--json"]).json();
    let folder = PathBuf::from(taken["folder"].as_str().expect("a folder"));
    fs::rename(&folder, folder.with_file_name("benhan-20260101T010000Z")).expect("an old one");
    let running = site.serve();
    until(running.port("metrics"), "benhan_drill_last_held", |held| held == 1.0).await;
    assert!(!site.data("drill.part").exists(), "the copy is gone");
    assert!(running.stop());
    let (out, out_text) = (site.path("dossier.pdf"), site.path("dossier.pdf").display().to_string());
    site.run(&["dossier", "--out", &out_text]).ok();
    let read = Command::new("pdftotext").args(["-layout", text(&out), "-"]).output().expect("poppler-utils is there");
    let dossier = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(dossier.contains("Diễn tập phục hồi gần nhất") && dossier.contains("đạt, phục hồi trong"), "{dossier}");
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
