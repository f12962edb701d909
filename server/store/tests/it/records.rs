//! Where a record stands moves on; what happened to it, and what was sealed, stays.

use crate::house::{House, admitted, hospital, permit, sql};
use benhan_domain::access::{Actor, CloseRecord, KeepRecords, Place, Role, ViewArchive, ViewChart};
use benhan_domain::id::EncounterId;
use benhan_domain::record::{HoldGround, KeptUntil, LifeEvent, RecordState, RetentionClass};
use benhan_store::records::{self, NewEvent, Sealed, Standing, Which};
use benhan_store::{Db, Engine, StoreError, encounters, holds};

stories! { a_record_moves_from_state_to_state_once, what_is_archived_or_lifted_stays, the_lists_go_on_where_they_ended }

fn place(stay: EncounterId, ward: benhan_domain::id::WardId) -> Place {
    Place::Encounter { encounter: stay, ward, record: RecordState::Active }
}

fn closed(at: i64, year: i16) -> Standing {
    Standing {
        state: RecordState::Closed,
        class: RetentionClass::Ordinary,
        closed_at: Some(at),
        archived_at: None,
        archive_number: None,
        kept_until: Some(KeptUntil::EndOf(year)),
    }
}

fn archived(at: i64, year: i16, number: &str) -> Standing {
    Standing {
        state: RecordState::Archived,
        archived_at: Some(at),
        archive_number: Some(number.into()),
        ..closed(at, year)
    }
}

async fn moved(db: &Db, may: Actor, at: Place, from: RecordState, to: Standing) -> Result<bool, StoreError> {
    db.write(move |tx| records::move_on(tx, &permit::<CloseRecord>(&may, at), from, &to)).await
}

async fn a_record_moves_from_state_to_state_once(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let (doctor, at) = (hospital.doctor.clone(), place(stay, hospital.wards[0]));
    let found = db.read(move |conn| encounters::place(conn, stay)).await.expect("a place");
    assert_eq!(found, Some(at), "a record without a row is written into");
    let close = || moved(&db, doctor.clone(), at, RecordState::Active, closed(7, 2036));
    assert!(close().await.expect("moved"));
    assert!(!close().await.expect("an answer"), "the first stands");
    let found = db.read(move |conn| encounters::place(conn, stay)).await.expect("a place");
    assert_eq!(found, Some(Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Closed }));

    let may = hospital.doctor.clone();
    let kept = db.write(move |tx| {
        let permit = permit::<CloseRecord>(&may, at);
        let sealed = Sealed { manifest: "{}".into(), sha256: "00".into(), seal: vec![1] };
        let event =
            |kind, sealed| NewEvent { kind, by: Some(may.user), reason: Some("vì".into()), class: None, sealed };
        records::note(tx, &permit, event(LifeEvent::Closed, None))?;
        records::note(tx, &permit, event(LifeEvent::Archived, Some(sealed)))?;
        let view = benhan_domain::access::system::<ViewChart>(stay);
        Ok::<_, StoreError>((
            records::events(tx.conn(), &permit)?,
            records::manifests(tx.conn(), &view)?,
            records::sealed_after(tx.conn(), "", 10)?,
        ))
    });
    let (events, manifests, sealed) = kept.await.expect("kept");
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), [LifeEvent::Closed, LifeEvent::Archived]);
    assert_eq!((manifests.len(), manifests[0].sealed.seal.as_slice()), (1, [1].as_slice()));
    assert_eq!(sealed, [stay]);
}

// Clauses: KCB-7.10, KCB-69.2
async fn what_is_archived_or_lifted_stays(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let at = place(stay, hospital.wards[0]);
    let to = |from, to| moved(&db, hospital.doctor.clone(), at, from, to);
    assert!(to(RecordState::Active, closed(7, 2036)).await.expect("moved"));
    assert!(to(RecordState::Closed, archived(8, 2036, "26-LT000001")).await.expect("moved"));
    let longer = Standing { class: RetentionClass::Death, ..archived(8, 2056, "26-LT000001") };
    assert!(to(RecordState::Archived, longer).await.expect("a longer term"));
    let room = Actor { role: Role::RecordRoom, wards: vec![], ..hospital.doctor.clone() };
    db.write(move |tx| {
        let may = permit::<KeepRecords>(&room, at);
        let hold = holds::place(tx, &may, HoldGround::Court, room.user, "QĐ 12")?;
        assert!(holds::lift(tx, &may, hold, room.user, "xong")?);
        assert!(!holds::lift(tx, &may, hold, room.user, "lần nữa")?, "the first stands");
        let event = NewEvent { kind: LifeEvent::Closed, by: None, reason: None, class: None, sealed: None };
        records::note(tx, &may, event).map(drop)
    })
    .await
    .expect("kept");

    let mut conn = house.client();
    if let Engine::Sqlite(_) = conn.db() {
        sql(&mut conn, "PRAGMA recursive_triggers = ON").expect("a pragma");
    }
    for statement in [
        "UPDATE medical_record SET state = 'active'",
        "UPDATE medical_record SET state = 'closed'",
        "UPDATE medical_record SET kept_until = 2055",
        "UPDATE medical_record SET kept_until = NULL",
        "UPDATE medical_record SET archive_number = '26-LT000002'",
        "UPDATE medical_record SET closed_at = 1",
        "DELETE FROM medical_record",
        "UPDATE record_event SET reason = reason",
        "DELETE FROM record_event",
        "UPDATE legal_hold SET reason = reason",
        "UPDATE legal_hold SET lifted_at = NULL",
        "DELETE FROM legal_hold",
    ] {
        let error = sql(&mut conn, statement).expect_err(statement).to_string();
        assert!(error.contains("append-only: "), "{statement}: {error}");
    }
    if let Engine::Pg(_) = conn.db() {
        for table in ["medical_record", "record_event", "legal_hold"] {
            sql(&mut conn, &format!("TRUNCATE {table}")).expect_err("kept");
        }
    }
}

async fn the_lists_go_on_where_they_ended(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let mut stays = Vec::new();
    for code in ["26.0001", "26.0002", "26.0003"] {
        stays.push(admitted(&db, &hospital, code, "Ngô Thị Giang", hospital.wards[0]).await);
    }
    for (n, stay) in (1_i64..).zip(&stays) {
        let at = place(*stay, hospital.wards[0]);
        moved(&db, hospital.doctor.clone(), at, RecordState::Active, closed(n, 2036)).await.expect("closed");
    }
    let room = Actor { role: Role::RecordRoom, wards: vec![], ..hospital.doctor.clone() };
    let list = |which, past| {
        let room = room.clone();
        db.read(move |conn| {
            let may = permit::<ViewArchive>(&room, Place::Facility);
            let found = records::list(conn, &may, which, past, 2)?;
            Ok::<_, StoreError>(found.into_iter().map(|kept| kept.encounter).collect::<Vec<_>>())
        })
    };
    let first = list(Which::Waiting, None).await.expect("a page");
    assert_eq!(first, stays[..2], "the one that waits longest first");
    assert_eq!(list(Which::Waiting, Some(stays[1])).await.expect("a page"), stays[2..]);
    for (n, (stay, year)) in (1_i64..).zip(stays.iter().zip([2036, 2040, 2035])) {
        let (at, to) = (place(*stay, hospital.wards[0]), archived(10 + n, year, &format!("26-LT{n}")));
        let kept = Standing { closed_at: Some(n), ..to };
        assert!(moved(&db, hospital.doctor.clone(), at, RecordState::Closed, kept).await.expect("archived"));
    }
    assert_eq!(list(Which::Archived, None).await.expect("a page"), [stays[2], stays[1]], "the last first");
    assert_eq!(list(Which::Archived, Some(stays[1])).await.expect("a page"), [stays[0]]);
    let due = |year| Which::Due { year };
    assert_eq!(list(due(2036), None).await.expect("a page"), [stays[2], stays[0]], "the earliest term first");
    assert_eq!(list(due(2036), Some(stays[2])).await.expect("a page"), [stays[0]]);
    assert_eq!(list(due(2034), None).await.expect("a page"), []);
}
