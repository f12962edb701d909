//! Backups, restores and drills that are cut off, and what a drill finds.

use benhan_tests::database::{Database, postgres_server};
use benhan_tests::{Kind, TestHospital, eventually, on_each_database, process, template};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

on_each_database!(
    alone_a_killed_backup_is_none_and_the_next_one_is_whole,
    alone_a_killed_restore_serves_nobody_and_is_begun_again,
    alone_a_killed_drill_leaves_the_hospital_as_it_was,
    a_backup_without_its_keys_or_with_others_is_not_called_whole,
    a_drill_proves_the_newest_backup_and_names_what_is_damaged,
);

/// Moments of one kill after the other: parts of the time that the whole takes, another place in each.
const KILLS: u32 = 8;
/// A drill takes longer.
const DRILLS: u32 = 4;

pub fn command(hospital: &TestHospital, arguments: &[&OsStr]) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(process::binary());
    command.args(arguments).envs(hospital.environment()).env("BENHAN_DATA_DIR", hospital.data(""));
    command.env("BENHAN_BACKUP_TARGET", target(hospital));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

fn words(arguments: &[&str]) -> Vec<std::ffi::OsString> {
    arguments.iter().map(|word| (*word).into()).collect()
}

/// Exit code and everything that it said.
pub async fn run(hospital: &TestHospital, arguments: &[&str]) -> (i32, String) {
    let owned = words(arguments);
    let output = command(hospital, &owned.iter().map(AsRef::as_ref).collect::<Vec<_>>()).output().await;
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code().expect("an exit code"), said)
}

pub async fn ok(hospital: &TestHospital, arguments: &[&str]) -> String {
    let (code, said) = run(hospital, arguments).await;
    assert_eq!(code, 0, "{arguments:?}\n{said}");
    said
}

/// Kills it this part of `whole` after it began.
async fn killed(hospital: &TestHospital, arguments: &[&str], whole: Duration, (kill, of): (u32, u32)) {
    let owned = words(arguments);
    let mut child = command(hospital, &owned.iter().map(AsRef::as_ref).collect::<Vec<_>>()).spawn().expect("it starts");
    tokio::time::sleep(whole.mul_f64((f64::from(kill) - 0.5) / f64::from(of))).await;
    child.kill().await.expect("killed, or ended before");
}

pub fn target(hospital: &TestHospital) -> PathBuf {
    hospital.scratch("target")
}

/// Names in the target that begin as those of backups, oldest first.
pub fn taken(hospital: &TestHospital) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(target(hospital)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("benhan-2"));
    let mut paths: Vec<PathBuf> = paths.filter(is).collect();
    paths.sort();
    paths
}

/// Images as the bridge keeps them, for the copy alone.
pub fn images(hospital: &TestHospital) {
    for n in 0..40_u8 {
        let bytes = vec![n; 200_000];
        let name = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
        let folder = hospital.data("pacs/blobs").join(name.get(..2).expect("hex"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("{name}.dcm")), bytes).expect("an image");
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

// Clauses: C46-10.2c, C13-2.4
async fn alone_a_killed_backup_is_none_and_the_next_one_is_whole(hospital: TestHospital) {
    images(&hospital);
    let begun = Instant::now();
    ok(&hospital, &["backup"]).await;
    let whole = begun.elapsed();
    fs::remove_dir_all(target(&hospital)).expect("as at first");
    let mut finished = 0;
    for kill in 1..=KILLS {
        killed(&hospital, &["backup"], whole, (kill, KILLS)).await;
        let (parts, done): (Vec<_>, Vec<_>) =
            taken(&hospital).into_iter().partition(|path| path.extension().is_some_and(|end| end == "part"));
        assert!(parts.len() <= 1, "what the one before left is gone: {parts:?}");
        assert!(done.iter().all(|path| path.join("manifest.json").exists()));
        finished = done.len();
    }
    // Each has the second of its own for its name.
    eventually("the last backup is whole", async || {
        let (code, said) = run(&hospital, &["backup"]).await;
        assert!(code == 0 || said.contains("is there already"), "{said}");
        (code == 0).then_some(())
    })
    .await;
    let all = taken(&hospital);
    assert_eq!(all.len(), finished + 1);
    assert!(all.iter().all(|path| path.join("manifest.json").exists()), "and nothing else is there: {all:?}");
    let newest = text(all.last().expect("one")).to_owned();
    let (into, scratch) = (hospital.scratch("again"), empty(&hospital));
    let mut arguments = vec!["restore", &newest, "--into", text(&into)];
    let url = scratch.as_ref().map(Database::url);
    arguments.extend(url.iter().flat_map(|url| ["--database-url", url]));
    ok(&hospital, &arguments).await;
}

/// For a record on PostgreSQL, a database of nobody.
pub fn empty(hospital: &TestHospital) -> Option<Database> {
    let postgres = hospital.database.kind() == Kind::Postgres;
    postgres.then(|| Database::empty(&postgres_server().expect("a server")))
}

async fn alone_a_killed_restore_serves_nobody_and_is_begun_again(hospital: TestHospital) {
    images(&hospital);
    ok(&hospital, &["backup"]).await;
    let backup = text(&taken(&hospital)[0]).to_owned();
    let measured = hospital.scratch("measured");
    let first = empty(&hospital);
    let url = first.as_ref().map(Database::url);
    let arguments = |into: &Path, url: &Option<String>| -> Vec<String> {
        let mut all = vec!["restore".to_owned(), backup.clone(), "--into".to_owned(), text(into).to_owned()];
        all.extend(url.iter().flat_map(|url| ["--database-url".to_owned(), url.clone()]));
        all
    };
    let begun = Instant::now();
    let all = arguments(&measured, &url);
    ok(&hospital, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let whole = begun.elapsed();
    let into = hospital.scratch("again");
    let (mut half, mut second) = (0, empty(&hospital));
    for kill in 1..=KILLS {
        let url = second.as_ref().map(Database::url);
        let all = arguments(&into, &url);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        killed(&hospital, &all, whole, (kill, KILLS)).await;
        if !into.exists() {
            continue;
        }
        if into.join("restore.unfinished").exists() {
            half += 1;
            let (code, said) = run(&hospital, &["serve", "--data-dir", text(&into)]).await;
            assert!(code == 1 && said.contains("Begin `benhan restore` again"), "kill {kill}: {said}");
        } else {
            fs::remove_dir_all(&into).expect("the whole, once more");
        }
        if second.as_ref().is_some_and(|database| !database.columns().is_empty()) {
            second = empty(&hospital); // the dump was in, and its check was not
        }
    }
    assert!(half > 0, "no kill came in the middle");
    let url = second.as_ref().map(Database::url);
    let mut all = arguments(&into, &url);
    all.extend(["--secrets".to_owned(), text(&hospital.data("secrets")).to_owned()]);
    let said = ok(&hospital, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(said.contains("payloads opened, 0 of destroyed records"), "{said}");
    assert!(!into.join("restore.unfinished").exists());
    template::copy(&hospital.data("secrets"), &into.join("secrets"));
    let (code, report) = hospital.verify(&into, &hospital.data("trust/ca.pem")).await;
    assert_eq!(code, 0, "{report}");
}

async fn alone_a_killed_drill_leaves_the_hospital_as_it_was(hospital: TestHospital) {
    images(&hospital);
    ok(&hospital, &["backup"]).await;
    let scratch = empty(&hospital);
    let url = scratch.as_ref().map(Database::url);
    let mut arguments = vec!["drill", "--json"];
    arguments.extend(url.iter().flat_map(|url| ["--to-database", url]));
    let begun = Instant::now();
    ok(&hospital, &arguments).await;
    let whole = begun.elapsed();
    for kill in 1..=DRILLS {
        killed(&hospital, &arguments, whole, (kill, DRILLS)).await;
    }
    let told: Value = serde_json::from_str(&ok(&hospital, &arguments).await).expect("JSON");
    assert_eq!(told["held"], true);
    assert!(!hospital.data("drill.part").exists() && !hospital.data("drill.database").exists());
    assert!(scratch.is_none_or(|database| database.columns().is_empty()), "as empty as before");
    // The ward has noticed nothing.
    let ha = hospital.login("ha").await;
    ha.get(&format!("/wards/{}/board", ha.ward())).await.ok();
    hospital.assert_intact().await;
}

// Clauses: C46-10.2c, SEC-6
async fn a_backup_without_its_keys_or_with_others_is_not_called_whole(hospital: TestHospital) {
    ok(&hospital, &["backup"]).await;
    let scratch = empty(&hospital);
    let url = scratch.as_ref().map(Database::url);
    let mut drill = vec!["drill", "--json"];
    drill.extend(url.iter().flat_map(|url| ["--to-database", url]));
    let other = hospital.scratch("other");
    template::copy(&hospital.data("secrets"), &other);
    fs::write(other.join("records.key"), "07".repeat(32)).unwrap();
    let mut with_others = drill.clone();
    with_others.extend(["--secrets", text(&other)]);
    let (code, said) = run(&hospital, &with_others).await;
    assert!(code == 1 && said.contains("does not open"), "{said}");
    fs::rename(target(&hospital).join("benhan-keys"), hospital.scratch("lost")).unwrap();
    let (code, said) = run(&hospital, &drill).await;
    assert!(code == 1 && said.contains("benhan-keys/records.db"), "{said}");
    let (backup, into) = (text(&taken(&hospital)[0]).to_owned(), hospital.scratch("again"));
    let mut restore = vec!["restore", &backup, "--into", text(&into)];
    restore.extend(url.iter().flat_map(|url| ["--database-url", url]));
    let (code, said) = run(&hospital, &restore).await;
    assert!(code == 1 && said.contains("lies beside the backups"), "{said}");
    assert!(into.join("restore.unfinished").exists(), "nobody serves it");
}

// Clauses: C46-10.2c, C13-2.4, CV-III.2c, SEC-6
async fn a_drill_proves_the_newest_backup_and_names_what_is_damaged(hospital: TestHospital) {
    images(&hospital);
    let (none, said) = run(&hospital, &["drill"]).await;
    assert!(none == 1 && said.contains("target"), "{said}");
    ok(&hospital, &["backup"]).await;
    let scratch = empty(&hospital);
    let url = scratch.as_ref().map(Database::url);
    let mut arguments = vec!["drill", "--json"];
    arguments.extend(url.iter().flat_map(|url| ["--to-database", url]));
    let told: Value = serde_json::from_str(&ok(&hospital, &arguments).await).expect("JSON");
    let count = |sql: &str| json!(hospital.database.count(sql));
    assert_eq!((&told["held"], &told["findings"]["count"]), (&json!(true), &json!(0)));
    assert_eq!(told["images"], 40);
    assert_eq!(told["signatures"], count("SELECT count(*) FROM signature"));
    assert_eq!(told["sheets"], count("SELECT count(*) FROM blob"));
    assert!(told["auditRows"].as_u64() > Some(0) && told["bodies"].as_u64() > Some(0));
    assert!(told["rpoSeconds"].as_i64().is_some_and(|seconds| (0..86_400).contains(&seconds)), "{told}");
    assert!(told["rtoSeconds"].as_f64() > Some(0.0));

    // Filed for the hospital, on the trail, and in the numbers.
    let filed: Vec<PathBuf> = fs::read_dir(hospital.data("drills")).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(filed.len(), 2, "{filed:?}");
    let pdf = filed.iter().find(|path| path.extension().is_some_and(|end| end == "pdf")).expect("minutes");
    let read = std::process::Command::new("pdftotext").args(["-layout", text(pdf), "-"]).output().expect("poppler");
    let minutes = String::from_utf8_lossy(&read.stdout).into_owned();
    assert!(minutes.contains("BIÊN BẢN DIỄN TẬP PHỤC HỒI") && minutes.contains("ĐẠT"), "{minutes}");
    let noted = "SELECT count(*) FROM audit WHERE act = 'restore' AND subject_kind = 'backup'";
    assert_eq!(hospital.database.count(noted), 1);
    assert_eq!(hospital.counted("benhan_drill_last_held").await, 1);

    // An image that was changed in the pool; a drill from a backup with a record that somebody rewrote.
    let pool = target(&hospital).join("benhan-images");
    let shelf = fs::read_dir(&pool).unwrap().next().unwrap().unwrap().path();
    let image = fs::read_dir(shelf).unwrap().next().unwrap().unwrap().path();
    let kept = fs::read(&image).unwrap();
    fs::write(&image, vec![9; kept.len()]).unwrap();
    let (code, said) = run(&hospital, &arguments).await;
    assert!(code == 1 && said.contains("is not as it was backed up"), "{said}");
    assert_eq!(hospital.counted("benhan_drill_last_held").await, 0);
    fs::write(&image, kept).unwrap();
    if hospital.database.kind() == Kind::Sqlite {
        forged(&hospital);
        let (code, said) = run(&hospital, &arguments).await;
        assert_eq!(code, 1);
        for named in ["observation_set_version", "signature", "blob", "document_version"] {
            assert!(said.contains(&format!("{named} ")), "{named} in {said}");
        }
        assert!(said.contains("đã bị sửa, hoặc bị chuyển từ chỗ khác sang"), "{said}");
    }
}

/// Bytes of a body, a signature and a sheet changed in the copy, and one body in the place of another; the hash of the
/// whole written anew beside it.
fn forged(hospital: &TestHospital) {
    let backup = taken(hospital).pop().expect("a backup");
    let record = Database::Sqlite(backup.join("record.db"));
    let one = |table: &str, of: &str, way: &str| format!("(SELECT {of} FROM {table} ORDER BY {of} {way} LIMIT 1)");
    for (table, column, id) in
        [("observation_set_version", "sealed", "set_id"), ("signature", "value", "id"), ("blob", "bytes", "sha256")]
    {
        record.execute(&format!("DROP TRIGGER IF EXISTS {table}_no_update"));
        let changed = format!("{column} = CAST(substr({column}, 1, length({column}) - 1) || x'00' AS BLOB)");
        record.execute(&format!("UPDATE {table} SET {changed} WHERE {id} = {}", one(table, id, "ASC")));
    }
    let other = format!(
        "(SELECT sealed FROM document_version WHERE document_id = {})",
        one("document_version", "document_id", "DESC")
    );
    record.execute("DROP TRIGGER IF EXISTS document_version_no_update");
    record.execute(&format!(
        "UPDATE document_version SET sealed = {other} WHERE document_id = {}",
        one("document_version", "document_id", "ASC")
    ));
    let hash = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(fs::read(backup.join("record.db")).unwrap()));
    let manifest = backup.join("manifest.json");
    let mut said: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    said["recordSha256"] = json!(hash);
    fs::write(&manifest, said.to_string()).unwrap();
}
