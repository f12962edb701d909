//! What was said of a request for a record stays, whoever has the database.

use crate::house::{House, admitted, hospital, permit, sql};
use benhan_domain::access::{Actor, DecideRequest, Place, Role, ServeRequest, ViewRequests};
use benhan_domain::record::{Extent, Grant, RecordState, RequestState, Requester, Use};
use benhan_domain::time::Instant;
use benhan_store::request_readers;
use benhan_store::requests::{self, Asked};
use benhan_store::{Engine, StoreError};

stories! { what_was_said_of_a_request_stays }

// Clauses: C46-7.1
async fn what_was_said_of_a_request_stays(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let at = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
    let room = Actor { role: Role::RecordRoom, wards: vec![], ..hospital.doctor.clone() };
    let director = Actor { role: Role::Director, wards: vec![], ..hospital.nurse.clone() };
    let asked = Asked {
        requester: Requester::Patient,
        name: "Ngô Thị Giang".into(),
        organisation: String::new(),
        identity: "Căn cước 079180001234".into(),
        paper: "Đơn ngày 20/11/2026".into(),
        ground: "Điều 69".into(),
        purpose: "Khám ở nơi khác".into(),
        extent: Extent::Record,
        copy: true,
    };
    let (said, by) = (asked.clone(), room.user);
    let may = permit::<ServeRequest>(&room, at);
    let of = db.write(move |tx| requests::receive(tx, &may, "26-YC000001".into(), said, by)).await.expect("taken in");
    let grant = Grant { extent: Extent::Summary, copy: false, until: Instant(i64::MAX) };
    let by = director.user;
    let decided = db.write::<_, StoreError, _>(move |tx| {
        let may = permit::<DecideRequest>(&director, Place::Facility);
        assert!(requests::decide(tx, &may, of, by, "Đồng ý", (Some(grant), None))?);
        assert!(!requests::decide(tx, &may, of, by, "Đồng ý", (None, None))?, "the first stands");
        Ok(())
    });
    decided.await.expect("decided");
    let (user, reader, second) = (room.user, hospital.nurse.user, room.clone());
    let given = db.write::<_, StoreError, _>(move |tx| {
        let may = permit::<ServeRequest>(&room, Place::Facility);
        requests::give(tx, &may, of, user, (Use::Summary, "Giao tận tay", Some("ab")))?;
        request_readers::give(tx, &may, of, reader, user)?;
        assert_eq!(request_readers::granted_to(tx.conn(), reader, 1)?, [stay]);
        let view = permit::<ViewRequests>(&room, Place::Facility);
        Ok((requests::read(tx.conn(), &view, of)?, requests::uses(tx.conn(), &view, of)?))
    });
    let (found, uses) = given.await.expect("given");
    let twice = db.write::<_, StoreError, _>(move |tx| {
        request_readers::give(tx, &permit::<ServeRequest>(&second, Place::Facility), of, user, user)
    });
    assert!(twice.await.expect_err("one reads on a request").is_taken("request_reader"));
    let found = found.expect("a request");
    assert_eq!((found.asked, found.state), (asked, RequestState::Granted));
    assert_eq!(found.decision.and_then(|decision| decision.grant), Some(grant));
    assert_eq!((uses.len(), uses[0].sha256.as_deref()), (1, Some("ab")));

    let mut client = house.client();
    for statement in [
        "UPDATE record_request SET purpose = 'khác'",
        "UPDATE record_request SET granted_extent = 'record'",
        "UPDATE record_request SET decided_at = NULL",
        "UPDATE record_request SET patient_paper = 'khác'",
        "DELETE FROM record_request",
        "UPDATE record_use SET note = ''",
        "DELETE FROM record_use",
        "UPDATE request_reader SET user_id = given_by",
        "DELETE FROM request_reader",
    ] {
        let error = sql(&mut client, statement).expect_err(statement).to_string();
        assert!(error.contains("append-only: re"), "{statement}: {error}");
    }
    sql(&mut client, "UPDATE request_reader SET last_read_at = 2").expect("each look");
    sql(&mut client, "UPDATE request_reader SET ended_at = 3, ended_by = given_by").expect("ended once");
    sql(&mut client, "UPDATE request_reader SET last_read_at = 4").expect_err("and for good");
    sql(&mut client, "UPDATE record_request SET state = 'done', ended_at = 9").expect("ended once");
    sql(&mut client, "UPDATE record_request SET state = 'granted'").expect_err("and for good");
    if let Engine::Pg(_) = client.db() {
        for table in ["record_request", "record_use", "request_reader"] {
            sql(&mut client, &format!("TRUNCATE {table} CASCADE")).expect_err("kept");
        }
    }
}
