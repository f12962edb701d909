//! Somebody who owns the database changes a row of it: what leaves the house, or the trail itself, says which.
//!
//! What nobody has signed and no sheet holds yet, a preliminary result for one, is proven by nothing but the database.

use super::{Dice, treated};
use benhan_domain::time::Instant;
use benhan_package::verify;
use benhan_server::app::export::{Desk, from_machine};
use benhan_server::app::sealing::{SealKey, Sealer};
use benhan_server::trust::Trust;
use benhan_sign::{Anchors, Certificate, Crl, SigningKey, Verdict};
use benhan_store::{Db, DbUrl, StoreError, chains, places};
use benhan_tests::{Kind, TestHospital};
use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const CHANGES: usize = 36;
const SEED: u64 = 46_2018;

/// With nothing of ours: drops the triggers, changes one character or bit of one row, prints the row's key.
const OWNER: &str = r#"
import sqlite3, sys
path, table, column, key, where, turn = sys.argv[1:7]
turn = int(turn)
db = sqlite3.connect(path, isolation_level=None)
for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    db.execute(f"DROP TRIGGER {name}")
rows = db.execute(f"SELECT {key}, {column} FROM {table} WHERE {where} ORDER BY {key}").fetchall()
of, value = rows[turn % len(rows)]
place = (turn * 7919) % len(value)
if isinstance(value, bytes):
    changed = value[:place] + bytes([value[place] ^ (1 << turn % 8)]) + value[place + 1:]
else:
    other = next(c for c in '0123456789' if c != value[place])
    changed = value[:place] + other + value[place + 1:]
db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, of))
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
print(of)
"#;

fn spoilt(database: &Path, (table, column, key, filter): (&str, &str, &str, &str), turn: usize) -> String {
    let arguments = [table, column, key, filter, &turn.to_string()];
    let output = Command::new("python3").args(["-c", OWNER]).arg(database).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// With what the database keeps beside it.
fn remove(copy: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{suffix}", copy.display())));
    }
}

/// Exports from a database and judges it; the report's text where it does not hold.
async fn judged(hospital: &TestHospital, database: &Path, number: &str) -> Result<(), String> {
    let read = |name: &str| fs::read(hospital.data(name)).unwrap();
    let list = |name: &str| Certificate::list_from_pem(&read(name)).unwrap();
    let lists = Crl::list_from_pem(&read("trust/revoked.pem")).unwrap();
    let trust = Trust::new(list("trust/ca.pem"), list("trust/issuing.pem"), lists);
    let key = SealKey {
        key: SigningKey::from_pkcs8(&read("secrets/seal.pk8")).unwrap(),
        certificate: Certificate::from_pem(&read("trust/seal.pem")).unwrap(),
    };
    let url = DbUrl::Sqlite(database.to_owned());
    let db = Db::open(url, crate::record::keys(hospital), || Instant::from(jiff::Timestamp::now())).unwrap();
    let facility = db.read::<_, StoreError, _>(places::facility).await.unwrap().unwrap();
    let sealer = Sealer { key: Arc::new(key), trust: Arc::new(trust), facility: facility.code.clone() };
    let desk = Desk { db: db.clone(), facility, sealer: Some(sealer) };
    let made = from_machine(desk, number, "kiểm tra", tempfile::tempfile().unwrap()).await;
    db.close();
    let file = match made {
        Ok((_, file)) => file,
        // What cannot be read any more is named as well.
        Err(error) => return Err(error.to_string()),
    };
    let anchors = Anchors::from_pem(&read("trust/ca.pem")).unwrap();
    let report = verify(BufReader::new(file), &anchors, jiff::Timestamp::now().as_microsecond());
    if report.verdict == Verdict::Holds { Ok(()) } else { Err(report.to_text()) }
}

// Clauses: SEC-4, SIG-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_row_that_the_databases_owner_changes_is_named_by_what_is_exported() {
    let mut hospital = TestHospital::open(Kind::Sqlite).await.expect("SQLite is always there");
    let patient = treated(&hospital, "G10").await;
    hospital.stop().await;
    let (stay, whole) = (&patient.stay, hospital.data("record.db"));
    judged(&hospital, &whole, &patient.number).await.expect("as it was");
    let signed = format!("set_id IN (SELECT subject_id FROM signature WHERE encounter_id = '{stay}')");
    let documents = format!("document_id IN (SELECT id FROM document WHERE encounter_id = '{stay}')");
    let sheets = format!("sha256 IN (SELECT pdf_sha256 FROM document_version WHERE {documents})");
    let signatures = format!("encounter_id = '{stay}' AND format = 'cms'");
    let targets = [
        ("observation_set_version", "sealed", "set_id", signed.as_str()),
        ("document_version", "sealed", "document_id", documents.as_str()),
        ("blob", "bytes", "sha256", sheets.as_str()),
        ("signature", "value", "id", signatures.as_str()),
        ("signature", "evidence", "id", signatures.as_str()),
    ];
    for turn in 0..CHANGES {
        let target = targets[turn % targets.len()];
        let mut dice = Dice(SEED.wrapping_add(u64::try_from(turn).unwrap()));
        let copy = hospital.scratch(&format!("copy-{turn}.db"));
        fs::copy(&whole, &copy).unwrap();
        let key = spoilt(&copy, target, dice.roll(1_000_000));
        let found = judged(&hospital, &copy, &patient.number).await;
        let report = found.expect_err(&format!("turn {turn}: {}.{} of {key} was missed", target.0, target.1));
        remove(&copy);
        assert!(report.contains(&key), "turn {turn}: {}.{} of {key} is not named:\n{report}", target.0, target.1);
    }
}

// Clauses: C46-10.5, SEC-4
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_row_that_the_databases_owner_changes_is_named_by_the_trail() {
    let mut hospital = TestHospital::open(Kind::Sqlite).await.expect("SQLite is always there");
    treated(&hospital, "G10").await;
    hospital.stop().await;
    let whole = hospital.data("record.db");
    let columns =
        ["body", "hash", "prev_hash", "act", "subject_kind", "subject_id", "actor_id", "patient_id", "encounter_id"];
    for turn in 0..CHANGES {
        let mut dice = Dice(SEED.wrapping_add(u64::try_from(turn).unwrap()));
        let copy = hospital.scratch(&format!("copy-{turn}.db"));
        fs::copy(&whole, &copy).unwrap();
        let column = columns[turn % columns.len()];
        let filter = format!("{column} IS NOT NULL");
        let row = spoilt(&copy, ("audit", column, "rowid", &filter), dice.roll(1_000_000));
        let mut conn = Db::reader(&DbUrl::Sqlite(copy.clone())).unwrap();
        let found =
            chains::check(&mut conn).expect_err(&format!("turn {turn}: audit.{column} of row {row} was missed"));
        let sql = format!("SELECT chain_id || '/' || seq FROM audit WHERE rowid = {row}");
        let key = benhan_tests::database::Database::Sqlite(copy).query(&sql).remove(0);
        remove(&hospital.scratch(&format!("copy-{turn}.db")));
        let StoreError::Corrupt { table, id, .. } = found else { panic!("turn {turn}: {found}") };
        // A changed hash is first noticed by the row that names it, which may be the next one.
        let (chain, seq) = key.rsplit_once('/').unwrap();
        let next = format!("{chain}/{}", seq.parse::<u64>().unwrap() + 1);
        assert!(
            table == "audit" && (id == key || id == next),
            "turn {turn}: {column} of {key}, but {table} {id} is named"
        );
    }
}
