//! What people agreed to and asked for stays as it was said, whoever has the database.

use crate::house::{House, admitted, hospital, permit, sql};
use benhan_domain::access::{
    Actor, AnswerSubject, AskConsent, Place, Role, ServeSubject, ViewConsents, ViewSubjectRequests,
};
use benhan_domain::personal_data::{Answer, Channel, WishKind, WishState};
use benhan_domain::time::Instant;
use benhan_store::consents::{self, Given};
use benhan_store::subject_requests::{self, Asked, End, NewWish};
use benhan_store::{Engine, StoreError, encounters};

stories! { what_was_agreed_to_and_asked_for_stays }

// Clauses: PDP-3, PDP-4/5
async fn what_was_agreed_to_and_asked_for_stays(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Ngô Thị Giang", hospital.wards[0]).await;
    let room = Actor { role: Role::RecordRoom, wards: vec![], ..hospital.doctor.clone() };
    let director = Actor { role: Role::Director, wards: vec![], ..hospital.nurse.clone() };
    let kept = db.write::<_, StoreError, _>(move |tx| {
        let patient = encounters::owner(tx.conn(), stay)?.expect("a patient");
        let asks = permit::<AskConsent>(&room, Place::Facility);
        let given = Given {
            id: tx.fresh(),
            patient,
            purpose: "giang-day".into(),
            version: 2,
            text_sha256: "aa".into(),
            answer: Answer::Agreed,
            given_by: "patient".into(),
            channel: Channel::Paper,
            answered_at: tx.now(),
            taken_by: room.user,
            request: None,
            body: "{}".into(),
            sha256: "bb".into(),
            seal: Some(vec![1, 2]),
        };
        consents::keep(tx, &asks, given)?;
        let serves = permit::<ServeSubject>(&room, Place::Facility);
        let asked = Asked {
            patient,
            kind: WishKind::Delete,
            details: "Xóa số điện thoại".into(),
            purpose: None,
            encounter: Some(stay),
            given_by: "{}".into(),
            paper: "Đơn ngày 20/11/2026".into(),
        };
        let number = "26-CT000001".to_owned();
        let new = NewWish { number, asked, by: room.user, answer_by: Instant(20), act_by: Instant(30) };
        let of = subject_requests::receive(tx, &serves, new)?;
        let answers = permit::<AnswerSubject>(&director, Place::Facility);
        assert!(subject_requests::extend(tx, &answers, of, (Instant(60), director.user, "Phải hỏi nhà mạng"))?);
        assert!(!subject_requests::extend(tx, &answers, of, (Instant(90), director.user, "Nữa"))?, "once");
        assert!(subject_requests::answer(tx, &answers, of, (WishState::Accepted, director.user, "Được"))?);
        assert!(!subject_requests::answer(tx, &answers, of, (WishState::Refused, director.user, "Không"))?);
        let view = permit::<ViewConsents>(&director, Place::Facility);
        let found = consents::of_patient(tx.conn(), &view, patient)?;
        Ok((of, found, room))
    });
    let (of, found, room) = kept.await.expect("kept");
    assert_eq!((found.len(), found[0].version, found[0].answer), (1, 2, Answer::Agreed));
    assert_eq!(found[0].seal.as_deref(), Some([1, 2].as_slice()));

    let mut client = house.client();
    for statement in [
        "UPDATE consent_answer SET answer = 'refused'",
        "UPDATE consent_answer SET body = '{ }'",
        "DELETE FROM consent_answer",
        "UPDATE subject_request SET details = 'khác'",
        "UPDATE subject_request SET act_by = 99",
        "UPDATE subject_request SET extended_to = 99",
        "UPDATE subject_request SET decision = 'khác'",
        "DELETE FROM subject_request",
    ] {
        let error = sql(&mut client, statement).expect_err(statement).to_string();
        assert!(error.contains("append-only: "), "{statement}: {error}");
    }
    if let Engine::Pg(_) = client.db() {
        for table in ["consent_answer", "subject_request"] {
            sql(&mut client, &format!("TRUNCATE {table} CASCADE")).expect_err("kept");
        }
    }
    let ended = db.write::<_, StoreError, _>(move |tx| {
        let serves = permit::<ServeSubject>(&room, Place::Facility);
        let (from, to) = (WishState::Accepted, WishState::Done);
        let end = End { from, to, by: room.user, words: "Đã xóa", record_request: Some("26-YC000001") };
        assert!(subject_requests::end(tx, &serves, of, &end)?);
        let view = permit::<ViewSubjectRequests>(&room, Place::Facility);
        subject_requests::read(tx.conn(), &view, of)
    });
    let wish = ended.await.expect("ended").expect("a request");
    assert_eq!((wish.state, wish.extended.map(|(to, _)| to)), (WishState::Done, Some(Instant(60))));
    sql(&mut client, "UPDATE subject_request SET state = 'accepted'").expect_err("for good");
}
