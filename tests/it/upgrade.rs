//! A hospital that worked with an earlier release goes on with this one.
//!
//! The backups under `tests/fixtures/releases` were made by the executables of those releases.

use benhan_tests::actor::Staff;
use benhan_tests::database::{Database, postgres_server};
use benhan_tests::{Kind, TestHospital, process, template};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The archives of one database, oldest first.
fn releases(of: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/releases");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let end = format!("-{of}.tar.xz");
    let mut files: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().ends_with(&end)).collect();
    files.sort();
    assert!(!files.is_empty(), "no release made a backup on {of}");
    files
}

// Clauses: C46-10.2c, CV-III.2c
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_of_earlier_releases_are_served_and_signed_on_sqlite() {
    for archive in releases("sqlite") {
        upgraded(Kind::Sqlite, &archive).await;
    }
}

// Clauses: C46-10.2c, CV-III.2c
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_of_earlier_releases_are_served_and_signed_on_postgres() {
    if postgres_server().is_none() {
        eprintln!("skipped: BENHAN_TEST_POSTGRES names no server");
        return;
    }
    for archive in releases("postgres") {
        upgraded(Kind::Postgres, &archive).await;
    }
}

async fn said(arguments: &[&str], environment: &[(String, String)]) -> (i32, String) {
    let mut command = tokio::process::Command::new(process::binary());
    let output = command.args(arguments).envs(environment.iter().cloned()).output().await.expect("it starts");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code().expect("an exit code"), text)
}

async fn ok(arguments: &[&str], environment: &[(String, String)]) -> String {
    let (code, text) = said(arguments, environment).await;
    assert_eq!(code, 0, "{arguments:?}\n{text}");
    text
}

async fn upgraded(kind: Kind, archive: &Path) {
    let folder = tempfile::Builder::new().prefix("benhan-upgrade.").tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let unpacked = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder.path()).status().expect("tar");
    assert!(unpacked.success());
    let data = at("data");
    let database = match kind {
        Kind::Sqlite => Database::Sqlite(data.join("record.db")),
        Kind::Postgres => Database::empty(&postgres_server().expect("the caller looked")),
    };
    let backups = fs::read_dir(at("backup")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let backup = backups.into_iter().find(|path| path.join("manifest.json").exists()).expect("a backup");
    fs::create_dir(at("target")).expect("a folder");
    let mut environment = vec![("BENHAN_BACKUP_TARGET".to_owned(), at("target").display().to_string())];
    // The people of this hospital went home on the day of the release.
    for never in ["PASSWORD_DAYS", "PASSWORD_DAYS_ADMINISTRATOR", "DISABLE_AFTER_DAYS"] {
        environment.push((format!("BENHAN_SERVER_{never}"), "0".to_owned()));
    }
    let (text, backup) = (|path: &Path| path.display().to_string(), backup.display().to_string());
    let into = text(&data);
    let mut restore = vec!["restore", &backup, "--into", &into];
    let url = database.url();
    if kind == Kind::Postgres {
        restore.extend(["--database-url", &url]);
    }
    ok(&restore, &[]).await;

    let mut before = census(&database, None);
    assert!(before.len() > 30 && before["signature"].0 > 0 && before["audit"].0 > 0, "{before:?}");
    // Held every value a second time, and is no more.
    before.remove("observation");
    template::copy(&at("safe"), &data);
    let (pending, _) = said(&["migrate", "--check", "--data-dir", &into], &environment).await;
    assert_eq!(pending, 1, "an earlier release has steps to take");
    ok(&["migrate", "--data-dir", &into], &environment).await;
    let columns = before.iter().map(|(table, (_, _, columns))| (table.clone(), columns.clone())).collect();
    let after = census(&database, Some(&columns));
    let differing: Vec<_> = before.keys().filter(|table| after.get(*table) != before.get(*table)).collect();
    assert!(differing.is_empty() && after.len() == before.len(), "not as it was, to the last byte: {differing:?}");
    let trust = text(&data.join("trust/ca.pem"));
    ok(&["verify", &into, "--trust", &trust], &environment).await;

    let people: Vec<Value> = serde_json::from_slice(&fs::read(at("people.json")).expect("people")).expect("JSON");
    let staff = people.iter().map(Staff::read).collect();
    let signed = before["blob"].0;
    let mut hospital = TestHospital::over(data.clone(), folder, database, staff, environment.clone()).await;
    signs_again(&hospital).await;
    assert!(hospital.database.count("SELECT count(*) FROM blob") > usize::try_from(signed).expect("small"));
    hospital.stop().await;
    hospital.assert_sealed().await;
    ok(&["verify", &into, "--trust", &trust], &environment).await;

    // Every signature, old and new, once more from the next backup.
    if kind == Kind::Sqlite {
        ok(&["backup", "--data-dir", &into], &environment).await;
        ok(&["drill", "--data-dir", &into], &environment).await;
        ok(&["drill", "--data-dir", &into, "--from", &backup], &environment).await;
    } else {
        let scratch = Database::empty(&postgres_server().expect("looked at above"));
        ok(&["drill", "--data-dir", &into, "--from", &backup, "--to-database", &scratch.url()], &environment).await;
    }
}

/// A nurse reads what she wrote with the earlier release, writes, and signs.
async fn signs_again(hospital: &TestHospital) {
    let ha = hospital.login("thu.ha").await;
    let beds = ha.get(&format!("/wards/{}/board", ha.ward())).await.ok();
    let lies = |bed: &'_ Value| bed["occupants"][0]["encounterId"].as_str().map(str::to_owned);
    let stays: Vec<String> = beds["beds"].as_array().unwrap().iter().filter_map(lies).collect();
    assert_eq!(stays.len(), 2, "{beds}");
    for stay in stays {
        let notes = ha.get(&format!("/encounters/{stay}/notes")).await.ok();
        assert!(notes.to_string().contains("Người bệnh tỉnh, còn ho."), "{notes}");
        let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(97) });
        let set = ha.post(&format!("/encounters/{stay}/vitals"), body).await.ok();
        let sign = json!({ "pin": ha.staff.pin, "setIds": [set["id"]] });
        let answer = ha.post(&format!("/wards/{}/round/sign", ha.ward()), sign).await.ok();
        let sheet = &answer["charts"][0];
        let path = format!("/documents/{}/versions/{}/pdf", sheet["documentId"].as_str().unwrap(), sheet["version"]);
        let file = hospital.scratch("sheet.pdf");
        fs::write(&file, ha.get(&path).await.bytes()).unwrap();
        let (code, report) = hospital.verify(&file, &hospital.data("trust/ca.pem")).await;
        assert_eq!(code, 0, "{report}");
    }
}

/// Rows, a hash over them, and the columns that it is over.
type Held = (i64, String, Vec<String>);

/// What each table holds, by a judge of another make; only these columns where some are named.
fn census(database: &Database, only: Option<&BTreeMap<String, Vec<String>>>) -> BTreeMap<String, Held> {
    let mut held = BTreeMap::new();
    for (table, mut columns) in database.columns() {
        if let Some(only) = only {
            let Some(named) = only.get(&table) else { continue };
            columns.clone_from(named);
        }
        let rows = database.query(&format!("SELECT {0} FROM \"{table}\" ORDER BY {0}", columns.join(", ")));
        let count = i64::try_from(database.count(&format!("SELECT count(*) FROM \"{table}\""))).unwrap();
        let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(rows.join("\n")));
        held.insert(table, (count, hash, columns));
    }
    held
}
