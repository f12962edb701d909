//! A hospital outgrows its database and moves to the other one by one command.

use benhan_tests::database::{Database, postgres_server, psql};
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::{Actor, Kind, TestHospital, eventually, on_each_database, process, template};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

on_each_database!(
    a_hospital_moves_to_the_other_database_and_signs_there,
    alone_a_move_that_is_killed_leaves_the_old_record_and_is_begun_again,
);

/// The other kind, with nothing in it; nothing where there is no PostgreSQL to move from or to.
fn other(hospital: &TestHospital) -> Option<Database> {
    match hospital.database.kind() {
        Kind::Sqlite => postgres_server().map(|server| Database::empty(&server)),
        Kind::Postgres => Some(Database::Sqlite(hospital.data("record.db"))),
    }
}

/// The configuration names the database, as where it was not given by a variable.
fn by_file(hospital: &mut TestHospital) {
    if hospital.database.kind() == Kind::Postgres {
        let text = format!("# our own\n[database]\n# where it is\nurl = \"{}\"\n", hospital.database.url());
        fs::write(hospital.data("benhan.toml"), text).expect("written");
        hospital.unset("BENHAN_DATABASE_URL");
    }
}

fn command(hospital: &TestHospital, to: &Database) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(process::binary());
    command.args(["move", "--json", "--data-dir"]).arg(hospital.data("")).args(["--to", &to.url()]);
    command.envs(hospital.environment()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

async fn moved(hospital: &TestHospital, to: &Database) -> Result<Value, String> {
    let output = command(hospital, to).output().await.expect("it starts");
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).expect("JSON")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Rows of each table, as the database itself counts them: in one go, as each question starts a program of its own.
fn counts(database: &Database) -> BTreeMap<String, usize> {
    let tables: Vec<_> = database.columns().into_keys().collect();
    if tables.is_empty() {
        return BTreeMap::new();
    }
    let count = |table: &String| format!("SELECT '{table} ' || count(*) FROM \"{table}\"");
    let counted = database.query(&tables.iter().map(count).collect::<Vec<_>>().join(" UNION ALL "));
    let of = |line: &String| {
        let (table, rows) = line.split_once(' ').expect("a table and its rows");
        (table.to_owned(), rows.parse().expect("a count"))
    };
    counted.iter().map(of).collect()
}

/// What must be the same to the last letter, read by judges of another make: hashes and the bytes that they are over.
fn contents(database: &Database) -> Vec<String> {
    let hex = |column: &str| match database.kind() {
        Kind::Sqlite => format!("hex({column})"),
        Kind::Postgres => format!("upper(encode({column}, 'hex'))"),
    };
    let mut all = Vec::new();
    for sql in [
        "SELECT chain_id, seq, hash, body FROM audit ORDER BY 1, 2".to_owned(),
        format!("SELECT set_id, version, {} FROM observation_set_version ORDER BY 1, 2", hex("sealed")),
        format!("SELECT document_id, version, {} FROM document_version ORDER BY 1, 2", hex("sealed")),
        format!("SELECT sha256, size, {} FROM blob ORDER BY 1", hex("bytes")),
        format!("SELECT id, {}, evidence FROM signature ORDER BY 1", hex("value")),
        "SELECT id FROM key_store".to_owned(),
        "SELECT id, name, allergies FROM patient ORDER BY 1".to_owned(),
        "SELECT id, kind, payload, state, run_at FROM job ORDER BY 1".to_owned(),
        "SELECT sop_uid, sha256 FROM instance ORDER BY 1".to_owned(),
        "SELECT name, value FROM counter ORDER BY 1".to_owned(),
    ] {
        all.extend(database.query(&sql));
    }
    all
}

/// A monitor measures, a nurse writes and signs. Messages are what the database numbers by itself.
async fn works(hospital: &TestHospital, pulse: u32) {
    let ha = hospital.login("ha").await;
    let stay = ha.stay_in("G08").await;
    let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(pulse) });
    let set = ha.post(&format!("/encounters/{stay}/vitals"), body).await.ok();
    let words = json!({ "effectiveAt": Timestamp::now().to_string(), "course": "Đỡ khó thở ≥ 2 giờ.", "care": "" });
    ha.post(&format!("/encounters/{stay}/notes"), words).await.ok();
    let sign = json!({ "pin": ha.staff.pin, "setIds": [set["id"]] });
    let signed = ha.post(&format!("/wards/{}/round/sign", ha.ward()), sign).await.ok();
    let sheet = &signed["charts"][0];
    let path = format!("/documents/{}/versions/{}/pdf", sheet["documentId"].as_str().unwrap(), sheet["version"]);
    proved(hospital, &ha, &path).await;
    let numbered = "SELECT coalesce(max(seq), 0) FROM inbox";
    let last = hospital.database.count(numbered);
    let mut monitor = Monitor::connect(hospital.ports().mllp).await.unwrap();
    let id = format!("M-{pulse}");
    let measured = Measured { pulse, ..Measured::new(&id, "NGOAI^301^N02", Timestamp::now()) };
    assert_eq!(monitor.say(&measured.message()).await, format!("MSA|AA|{id}"));
    eventually("the message has the next number", async || (hospital.database.count(numbered) > last).then_some(()))
        .await;
}

async fn proved(hospital: &TestHospital, nurse: &Actor, path: &str) {
    let file = hospital.scratch("sheet.pdf");
    fs::write(&file, nurse.get(path).await.bytes()).unwrap();
    let (code, report) = hospital.verify(&file, &hospital.data("trust/ca.pem")).await;
    assert_eq!(code, 0, "{report}");
}

/// As many as `schema.rs` names: a table that is added is carried too.
fn tables() -> usize {
    include_str!("../../server/store/src/schema.rs").matches("diesel::table! {").count()
}

async fn a_hospital_moves_to_the_other_database_and_signs_there(mut hospital: TestHospital) {
    let Some(to) = other(&hospital) else { return };
    let ha = hospital.login("ha").await;
    let viet = hospital.login("viet").await;
    let hoa = hospital.login("hoa").await;
    let stay = super::archive::closed(&ha, &viet, "Nguyễn Văn Chuyển").await;
    super::archive::confirmed(&hospital, &stay).await;
    hoa.post(&format!("/encounters/{stay}/record/archive"), json!(null)).await.ok();
    works(&hospital, 101).await;

    // Under way it moves nowhere, and the other database is as empty as it was.
    by_file(&mut hospital);
    let refused = moved(&hospital, &to).await.expect_err("somebody writes");
    assert!(refused.contains("the record is in use: stop the server"), "{refused}");
    hospital.stop().await;

    if let Database::Postgres { server, name } = &to {
        // A database of somebody else's is left alone.
        psql(&to.url(), "CREATE TABLE wages (id int)").expect("a table");
        let refused = moved(&hospital, &to).await.expect_err("not empty");
        assert!(refused.contains("it holds the table wages"), "{refused}");
        psql(&to.url(), "DROP TABLE wages").expect("dropped");
        let nowhere = Database::Postgres { server: server.clone(), name: format!("{name}_nowhere") };
        assert!(moved(&hospital, &nowhere).await.expect_err("not there").contains("cannot reach the database"));
    }

    let (before, was) = (counts(&hospital.database), contents(&hospital.database));
    assert_eq!(before.len(), tables());
    for table in ["patient", "inbox", "document", "blob", "signature", "record_event", "audit", "audit_head"] {
        assert!(before[table] > 0, "the demo has no {table}");
    }
    let told = moved(&hospital, &to).await.expect("moved");
    let after: BTreeMap<String, usize> = told["tables"].as_array().unwrap().iter().map(counted).collect();
    assert_eq!(after, before, "as it says itself");
    let ours = counts(&to);
    assert_eq!(differing(&ours, &before), Vec::<String>::new());
    assert!(ours["audit"] > before["audit"], "the move is on the trail of the new one, and nothing else is new");
    let is = contents(&to);
    assert!(was.iter().all(|line| is.binary_search(line).is_ok() || is.contains(line)), "to the last letter");

    // The old one is kept as it was, under a name that nobody serves.
    if hospital.database.kind() == Kind::Sqlite {
        let kept = PathBuf::from(told["kept"].as_str().unwrap());
        assert!(kept.exists() && !hospital.data("record.db").exists());
        assert_eq!(counts(&Database::Sqlite(kept)), before);
    } else {
        assert_eq!(counts(&hospital.database), before);
        let text = fs::read_to_string(hospital.data("benhan.toml")).unwrap();
        assert!(
            text.contains("# our own") && text.contains("# where it is") && !text.contains("postgres://"),
            "{text}"
        );
    }
    hospital.database = to;

    let folder = hospital.data("");
    let (code, report) = hospital.verify(&folder, &hospital.data("trust/ca.pem")).await;
    assert!(code == 0 && report.contains("HỢP LỆ"), "{report}");
    hospital.restart().await;
    works(&hospital, 99).await;
    let viet = hospital.login("viet").await;
    let life = viet.get(&format!("/encounters/{stay}/record")).await.ok();
    assert_eq!(life["state"], "archived");
    hospital.stop().await;
    hospital.assert_sealed().await;
}

fn counted(table: &Value) -> (String, usize) {
    let rows = table["rows"].as_u64().and_then(|rows| usize::try_from(rows).ok()).unwrap();
    assert_eq!(table["sha256"].as_str().unwrap().len(), 64);
    (table["table"].as_str().unwrap().to_owned(), rows)
}

async fn alone_a_move_that_is_killed_leaves_the_old_record_and_is_begun_again(mut hospital: TestHospital) {
    let Some(to) = other(&hospital) else { return };
    by_file(&mut hospital);
    hospital.stop().await;
    let before = counts(&hospital.database);
    let whole = measured(&hospital).await;
    const KILLS: u32 = 8;
    for kill in 1..=KILLS {
        let mut child = command(&hospital, &to).spawn().expect("it starts");
        tokio::time::sleep(whole.mul_f64(f64::from(kill) / f64::from(KILLS))).await;
        child.kill().await.expect("killed, or ended before");
        if switched(&hospital, &to) {
            assert_eq!(differing(&counts(&to), &before), Vec::<String>::new(), "kill {kill}: all of it is there");
            break;
        }
        assert_eq!(counts(&hospital.database), before, "kill {kill}: the old record is as it was");
        if to.kind() == Kind::Postgres && !to.columns().is_empty() {
            assert_eq!(counts(&to), before, "kill {kill}: nothing or all of it");
        }
    }
    if !switched(&hospital, &to) {
        moved(&hospital, &to).await.expect("begun again it comes to its end");
    }
    hospital.database = to;
    hospital.restart().await;
    works(&hospital, 97).await;
    hospital.stop().await;
    hospital.assert_sealed().await;
}

/// The configuration names the new database.
fn switched(hospital: &TestHospital, to: &Database) -> bool {
    let text = fs::read_to_string(hospital.data("benhan.toml")).unwrap_or_default();
    match to.kind() {
        Kind::Postgres => text.contains(&to.url()),
        Kind::Sqlite => !text.contains("postgres://"),
    }
}

/// Tables that differ, but for the trail: the move itself is on it.
fn differing(ours: &BTreeMap<String, usize>, theirs: &BTreeMap<String, usize>) -> Vec<String> {
    let tables = theirs.iter().filter(|(table, count)| ours.get(*table) != Some(count) && *table != "audit");
    tables.map(|(table, _)| table.clone()).collect()
}

/// How long it takes here, from a copy to somewhere else. By the variable, which a person must change then.
async fn measured(hospital: &TestHospital) -> Duration {
    let copy = hospital.scratch("copy");
    template::copy(&hospital.data(""), &copy);
    let (from, to) = match hospital.database.kind() {
        Kind::Sqlite => {
            let to = Database::empty(&postgres_server().expect("looked at by the caller"));
            (format!("sqlite:{}", copy.join("record.db").display()), to)
        }
        Kind::Postgres => (hospital.database.url(), Database::Sqlite(hospital.scratch("elsewhere.db"))),
    };
    let begun = Instant::now();
    let mut command = tokio::process::Command::new(process::binary());
    command.args(["move", "--data-dir"]).arg(&copy).args(["--to", &to.url()]).env("BENHAN_DATABASE_URL", from);
    let output = command.output().await.expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("BENHAN_DATABASE_URL goes before the configuration"), "{text}");
    begun.elapsed()
}
