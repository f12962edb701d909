//! What is kept at rest says nothing without its record's key, and opens only where it was put.

use crate::house::{House, admitted, count, hospital, permit, sql};
use benhan_domain::access::{ChartVitals, Place, RestrictRecord, ViewChart, WriteNote};
use benhan_domain::id::{DocumentId, EncounterId, ObservationSetId};
use benhan_domain::observation::Status;
use benhan_domain::record::RecordState;
use benhan_domain::restriction::Sensitivity;
use benhan_store::documents::{self, NewDocument, NewVersion};
use benhan_store::keys::{Key, KeyError};
use benhan_store::observations::{self, NewSet};
use benhan_store::{Db, DbUrl, Engine, Keyring, StoreError, blobs, encounters, payloads, restrictions};
use std::fs;

stories! {
    what_is_written_is_not_in_the_database_as_it_was_written,
    a_ciphertext_that_was_moved_or_changed_is_named,
    what_was_kept_before_there_were_keys_is_read_as_before,
    a_key_that_is_missing_says_what_to_put_back,
    another_hospitals_keys_are_refused,
    nobody_approves_their_own_list,
}

const WORDS: &str = "Ho ra mau luong it";

struct Written {
    stay: EncounterId,
    note: DocumentId,
    pdf: String,
    place: Place,
}

async fn written(db: &Db, code: &'static str) -> Written {
    let hospital = match code {
        "26.0001" => hospital(db).await,
        _ => panic!("one patient a story"),
    };
    let stay = admitted(db, &hospital, code, "Ngô Thị Giang", hospital.wards[0]).await;
    let place = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
    let write = db.write(move |tx| {
        let (chart, may) = (permit::<ChartVitals>(&hospital.nurse, place), permit::<WriteNote>(&hospital.nurse, place));
        let set: ObservationSetId = tx.fresh();
        let head = NewSet { set, encounter: stay, device: None, inbox: None, slot_key: None };
        let first = observations::NewVersion {
            status: Status::Final,
            effective_at: tx.now().0,
            author: Some(hospital.nurse.user),
            reason_code: None,
            reason: Some(format!("{WORDS} nen do lai")),
            body: format!("{{\"pulse\":\"{WORDS}\"}}"),
        };
        observations::open(tx, &chart, &head, &first)?;
        let pdf = blobs::keep(tx, stay, "application/pdf", format!("%PDF {WORDS}").as_bytes())?;
        let note: DocumentId = tx.fresh();
        let form_code = "phieu-cham-soc".to_owned();
        let head = NewDocument { document: note, encounter: stay, form_code, form_version: 1, title: "Phiếu".into() };
        let version = |pdf_sha256| NewVersion {
            status: "final".into(),
            effective_at: 1,
            author: hospital.nurse.user,
            reason_code: None,
            reason: Some(WORDS.into()),
            body: format!("{{\"course\":\"{WORDS}\"}}"),
            pdf_sha256,
        };
        documents::open(tx, &may, &head, &version(Some(pdf.clone())))?;
        let view = permit::<ViewChart>(&hospital.nurse, place);
        let of = documents::history(tx.conn(), &view, note)?.remove(0);
        assert!(documents::amend(tx, &may, &of, &version(None))?);
        let may_restrict = permit::<RestrictRecord>(&hospital.doctor, place);
        restrictions::restrict(tx, &may_restrict, Sensitivity::Psychiatric, WORDS)?;
        let standing = restrictions::standing(tx.conn(), &may_restrict)?.expect("it stands");
        assert_eq!((standing.kind, standing.reason.as_str()), (Sensitivity::Psychiatric, WORDS));
        assert!(restrictions::lift(tx, &may_restrict, &standing, WORDS)?);
        assert!(!restrictions::lift(tx, &may_restrict, &standing, WORDS)?, "once");
        Ok::<_, StoreError>(Written { stay, note, pdf, place })
    });
    write.await.expect("written")
}

async fn read(db: &Db, of: &Written) -> Result<Vec<String>, StoreError> {
    let note = of.note;
    let view = benhan_domain::access::system::<ViewChart>(of.stay);
    db.read(move |conn| Ok(documents::history(conn, &view, note)?.into_iter().map(|v| v.body).collect())).await
}

// Clauses: C46-10.4, CV-III.1.2a, SEC-5, PDP-12
async fn what_is_written_is_not_in_the_database_as_it_was_written(house: House) {
    let db = house.open();
    let of = written(&db, "26.0001").await;
    assert_eq!(read(&db, &of).await.expect("read"), vec![format!("{{\"course\":\"{WORDS}\"}}"); 2]);
    let name = of.pdf.clone();
    let pdf: Result<_, StoreError> = db.read(move |conn| blobs::read(conn, &name)).await;
    assert_eq!(pdf.expect("read").expect("there"), format!("%PDF {WORDS}").into_bytes());
    let (view, stay) = (benhan_domain::access::system::<ViewChart>(of.stay), of.stay);
    let read: Result<_, StoreError> = db.read(move |conn| encounters::read(conn, &view, stay)).await;
    assert_eq!(read.expect("read").expect("there").diagnosis, "Theo dõi");
    let found: Result<_, StoreError> = db.read(payloads::check).await;
    let found = found.expect("a check");
    assert_eq!(
        (found.opened, found.plain, found.broken),
        (6, 0, vec![]),
        "stay, set, two versions, sheet, restriction"
    );
    let mut conn = house.client();
    for (table, column) in [
        ("observation_set_version", "body"),
        ("observation_set_version", "sha256"),
        ("document_version", "body"),
        ("document_version", "sha256"),
        ("encounter", "diagnosis"),
    ] {
        let plain = count(&mut conn, &format!("SELECT count(*) AS n FROM {table} WHERE {column} <> ''"));
        assert_eq!(plain, 0, "{table}.{column}");
    }
    for table in ["observation_set_version", "document_version"] {
        assert_eq!(count(&mut conn, &format!("SELECT count(*) AS n FROM {table} WHERE reason IS NOT NULL")), 0);
    }
    db.close();
    if let DbUrl::Sqlite(path) = &house.url {
        sql(&mut conn, "PRAGMA wal_checkpoint(TRUNCATE)").ok();
        for file in [path.clone(), path.with_extension("db-wal")] {
            let bytes = fs::read(&file).unwrap_or_default();
            let there = bytes.windows(WORDS.len()).any(|at| at == WORDS.as_bytes());
            assert!(!there, "{} says it in plain", file.display());
        }
    }
}

// Clauses: SEC-4, SEC-5
async fn a_ciphertext_that_was_moved_or_changed_is_named(house: House) {
    let db = house.open();
    let of = written(&db, "26.0001").await;
    let mut owner = house.client();
    match owner.db() {
        Engine::Sqlite(_) => drop(sql(&mut owner, "DROP TRIGGER document_version_no_update").expect("he may")),
        Engine::Pg(_) => drop(sql(&mut owner, "ALTER TABLE document_version DISABLE TRIGGER USER").expect("he may")),
    }
    let first = "(SELECT sealed FROM document_version WHERE version = 1)";
    sql(&mut owner, &format!("UPDATE document_version SET sealed = {first} WHERE version = 2")).expect("moved");
    let no = read(&db, &of).await.expect_err("another version's words");
    let named = matches!(&no, StoreError::Corrupt { table: "document_version", id, .. } if *id == of.note.to_string());
    assert!(named, "{no}");
    let found: Result<_, StoreError> = db.read(payloads::check).await;
    let broken = found.expect("a check").broken;
    assert!(broken.len() == 1 && broken[0].contains(&of.note.to_string()), "{broken:?}");
}

async fn what_was_kept_before_there_were_keys_is_read_as_before(house: House) {
    let db = house.open();
    let of = written(&db, "26.0001").await;
    let mut owner = house.client();
    match owner.db() {
        Engine::Sqlite(_) => drop(sql(&mut owner, "DROP TRIGGER document_version_no_update").expect("he may")),
        Engine::Pg(_) => drop(sql(&mut owner, "ALTER TABLE document_version DISABLE TRIGGER USER").expect("he may")),
    }
    let plain = "UPDATE document_version SET key_id = 0, sealed = NULL, body = '{}', sha256 = 'x', reason = 'y'";
    sql(&mut owner, plain).expect("as an older program kept it");
    assert_eq!(read(&db, &of).await.expect("read"), ["{}", "{}"]);
    let found: Result<_, StoreError> = db.read(payloads::check).await;
    assert_eq!(found.expect("a check").plain, 2);
}

// Clauses: SEC-5
async fn a_key_that_is_missing_says_what_to_put_back(house: House) {
    let db = house.open();
    let of = written(&db, "26.0001").await;
    // The key store of the first day, put back over the one of today.
    let folder = tempfile::tempdir().expect("a folder");
    let empty = Keyring::open_or_make(&folder.path().join("records.db"), master()).expect("keys");
    let mut conn = Db::reader_with(&house.url, empty).expect("a connection");
    let view = benhan_domain::access::system::<ViewChart>(of.stay);
    let no = documents::history(&mut conn, &view, of.note).expect_err("nothing opens");
    assert!(matches!(no, StoreError::Keys(KeyError::Missing(whose)) if whose == of.stay.into()), "{no}");
    assert!(no.to_string().contains("benhan-keys/records.db"), "{no}");
    let mut conn = Db::reader(&house.url).expect("a connection without keys");
    let no = documents::history(&mut conn, &view, of.note).expect_err("nothing opens");
    assert!(matches!(no, StoreError::Keys(KeyError::NotGiven)), "{no}");
    assert!(of.place != Place::Facility);
}

fn master() -> Key {
    Key::from_hex(&"07".repeat(32)).expect("a key")
}

async fn another_hospitals_keys_are_refused(house: House) {
    house.open().close();
    let folder = tempfile::tempdir().expect("a folder");
    let other = Keyring::open_or_make(&folder.path().join("records.db"), master()).expect("keys");
    let opened = Db::open(house.url.clone(), other, || benhan_domain::time::Instant(1));
    let no = opened.err().expect("refused").to_string();
    assert!(no.contains("put back the keys/records.db and the secrets/ of this one"), "{no}");
}

// Clauses: RET-x
async fn nobody_approves_their_own_list(house: House) {
    let db = house.open();
    hospital(&db).await;
    let mut client = house.client();
    let me = "(SELECT min(id) FROM user_account)";
    let list = format!(
        "INSERT INTO destruction_list (id, number, state, decision, reason, proposed_by, proposed_at) \
         VALUES ('x', '37-TH1', 'proposed', 'QĐ 1', 'Hết hạn', {me}, 1)"
    );
    sql(&mut client, &list).expect("proposed");
    let approve =
        |by: &str| format!("UPDATE destruction_list SET state = 'approved', approved_at = 2, approved_by = {by}");
    sql(&mut client, &approve(me)).expect_err("not by the same account, whatever the program says");
    sql(&mut client, "UPDATE destruction_list SET state = 'begun'").expect_err("nor without anybody");
    sql(&mut client, &approve("(SELECT max(id) FROM user_account)")).expect("by another");
    for statement in ["DELETE FROM destruction_list", "UPDATE destruction_list SET decision = 'QĐ 2'"] {
        let error = sql(&mut client, statement).expect_err(statement).to_string();
        assert!(error.contains("append-only: destruction_list"), "{error}");
    }
}
