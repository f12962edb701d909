//! A chart of another ward, opened in an emergency: for a short time, with a reason, and looked at afterwards.

use crate::house::House;
use crate::images::{examined, received, worklist_item};
use benhan_domain::access::Role;
use benhan_domain::audit::Act;
use benhan_domain::emergency::{Verdict, Why};
use benhan_domain::id::EncounterId;
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::error::Refusal;
use benhan_server::app::notes::Words;
use benhan_server::app::studies::qido::{self, StudySearch, Target};
use benhan_server::app::{AppError, admission, board, charting, emergency, notes, orders, results};
use benhan_store::StoreError;
use benhan_store::studies::Query;
use benhan_store::users::{self, NewUser};

on_both! {
    a_nurse_reads_one_chart_of_another_ward_for_an_hour,
    the_auditor_looks_at_each_once_and_the_administrator_sees_no_patient,
    nobody_opens_what_is_open_or_what_they_never_read,
    the_images_of_the_chart_open_with_it,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

async fn again(house: &House, who: &Caller) -> Caller {
    accounts::acting(&house.app, who.user.id).await.expect("as a request finds them")
}

async fn auditor(house: &House) -> Caller {
    let hash = house.nurse.user.password_hash.clone();
    let added = house.app.db.write::<_, StoreError, _>(move |tx| {
        let new = NewUser {
            username: "ks".into(),
            name: "Cao Minh Đức".into(),
            role: Role::Auditor,
            password_hash: hash,
            pin_hash: None,
            must_change_password: false,
            wards: vec![],
        };
        users::add(tx, &new)
    });
    accounts::acting(&house.app, added.await.expect("added")).await.expect("an auditor")
}

async fn open(house: &House, who: &Caller, stay: EncounterId) -> Result<String, AppError> {
    let reason = "Gọi sang hỗ trợ ngừng tuần hoàn".to_owned();
    emergency::open(&house.app, who, stay, Why::CalledToHelp, reason).await.map(|opened| opened.id)
}

// Clauses: PDP-BG, C46-10.2a
async fn a_nurse_reads_one_chart_of_another_ward_for_an_hour(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let hers = house.admitted("26.0001", "Ngô Thị Giang", house.wards[1]).await;
    let his = house.admitted("26.0002", "Trần Văn Bình", house.wards[1]).await;
    assert_eq!(refused(admission::open_chart(app, nurse, hers).await).code, "forbidden");
    let silent = emergency::open(app, nurse, hers, Why::LifeInDanger, " ".into()).await;
    assert!(refused(silent).fields.contains_key("reason"), "a reason in words is needed");
    open(&house, nurse, hers).await.expect("opened");

    let nurse = again(&house, nurse).await;
    let chart = admission::open_chart(app, &nurse, hers).await.expect("the chart");
    assert_eq!(chart.patient.name, "Ngô Thị Giang");
    charting::chart(app, &nurse, hers, 0, i64::MAX).await.expect("her vital signs");
    results::of_stay(app, &nurse, hers).await.expect("her results");
    orders::of_stay(app, &nurse, hers).await.expect("her orders");
    assert_eq!(refused(admission::open_chart(app, &nurse, his).await).code, "forbidden", "no other chart");
    assert_eq!(refused(board::board(app, &nurse, house.wards[1]).await).code, "forbidden", "nor the ward");
    let words = Words { course: "Tỉnh".into(), care: String::new() };
    let wrote = notes::write(app, &nurse, hers, Instant(app.db.now().0), words, None).await;
    assert_eq!(refused(wrote).code, "forbidden", "reading is all");

    house.later(59 * MINUTE);
    admission::open_chart(app, &again(&house, &nurse).await, hers).await.expect("within the hour");
    house.later(2 * MINUTE);
    assert_eq!(refused(admission::open_chart(app, &again(&house, &nurse).await, hers).await).code, "forbidden");
    assert_eq!(house.audited("create", "emergency-access").await, 1);
}

// Clauses: PDP-BG
async fn the_auditor_looks_at_each_once_and_the_administrator_sees_no_patient(house: House) {
    let (app, auditor) = (&house.app, auditor(&house).await);
    let hers = house.admitted("26.0001", "Ngô Thị Giang", house.wards[1]).await;
    assert_eq!(emergency::count(app, &auditor).await.expect("a count").open, 0);
    let opened = open(&house, &house.nurse, hers).await.expect("opened").parse().expect("an id");
    for who in [&auditor, &house.administrator] {
        assert_eq!(emergency::count(app, who).await.expect("a count").open, 1, "at once");
    }
    let seen = emergency::list(app, &house.administrator).await.expect("a list");
    assert!(seen[0].of.is_none() && seen[0].open, "who and when, and nothing of the patient");
    assert_eq!(seen[0].by.id, house.nurse.user.id.to_string());
    let told = emergency::list(app, &auditor).await.expect("a list");
    let of = told[0].of.as_ref().expect("the auditor sees whose it is");
    assert_eq!((of.patient_name.as_str(), of.reason.as_str()), ("Ngô Thị Giang", "Gọi sang hỗ trợ ngừng tuần hoàn"));
    for who in [&house.nurse, &house.doctor] {
        assert_eq!(refused(emergency::list(app, who).await).code, "forbidden");
    }

    let review = |who: Caller| async move {
        let note = "Có gọi hỗ trợ, sổ trực ghi".to_owned();
        emergency::review(app, &who, opened, Verdict::Justified, note).await
    };
    assert_eq!(refused(review(house.administrator.clone()).await).code, "forbidden");
    house.later(5 * 24 * HOUR);
    assert!(emergency::list(app, &auditor).await.expect("a list")[0].overdue, "three working days have passed");
    let done = review(auditor.clone()).await.expect("reviewed");
    assert_eq!(done.review.expect("there").verdict, Verdict::Justified);
    assert_eq!(refused(review(auditor.clone()).await).code, "reviewed-already", "what was found is said once");
    assert_eq!(emergency::count(app, &auditor).await.expect("a count").open, 0);
    assert!(!emergency::list(app, &auditor).await.expect("a list")[0].overdue);
    let shown = emergency::list(app, &house.administrator).await.expect("a list");
    assert_eq!(shown[0].review.as_ref().expect("there").note, "", "a note may speak of the patient");
    assert_eq!(house.audited("edit", "emergency-access").await, 1);
}

async fn nobody_opens_what_is_open_or_what_they_never_read(house: House) {
    let hers = house.admitted("26.0001", "Ngô Thị Giang", house.wards[0]).await;
    assert_eq!(refused(open(&house, &house.nurse, hers).await).code, "not-needed", "her own ward");
    assert_eq!(refused(open(&house, &house.doctor, hers).await).code, "not-needed", "no chart is shut to a doctor");
    for who in [&house.administrator, &house.technician] {
        assert_eq!(refused(open(&house, who, hers).await).code, "forbidden", "no right to it");
    }
    let nobody = EncounterId(uuid::Uuid::nil());
    assert_eq!(refused(open(&house, &house.nurse, nobody).await).code, "not-found");
    open(&house, &house.other_nurse, hers).await.expect("opened");
    let twice = open(&house, &again(&house, &house.other_nurse).await, hers).await;
    assert_eq!(refused(twice).code, "not-needed", "it is open");
}

// Clauses: C46-10.2a
async fn the_images_of_the_chart_open_with_it(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    // As the modality of the story sends it, and another of that name.
    let hers = house.admitted("26.0001", "Nguyễn Văn An", house.wards[1]).await;
    let his = house.admitted("26.0002", "Nguyễn Văn An", house.wards[1]).await;
    let mut taken = Vec::new();
    for stay in [hers, his] {
        let study = examined(&worklist_item(&house, stay).await);
        taken.push(study.study_uid.clone());
        received(&house, study).await;
    }
    let [of_hers, of_his] = taken.try_into().expect("two studies");
    let look = |who: Caller, study_uid: String| async move {
        qido::open(app, &who, Target { study_uid, series_uid: None, sop_uid: None }, Act::View).await
    };
    let found = |who: Caller, uid: String| async move {
        let query = Query { study_uids: vec![uid], ..Query::default() };
        let asked = StudySearch { query, ..StudySearch::default() };
        qido::studies(app, &who, asked, String::new()).await.expect("an answer").len()
    };
    assert_eq!(refused(look(nurse.clone(), of_hers.clone()).await).code, "not-found", "another ward's");
    open(&house, nurse, hers).await.expect("opened");
    let nurse = again(&house, nurse).await;
    assert_eq!(look(nurse.clone(), of_hers.clone()).await.expect("her CT").instances.len(), 3);
    assert_eq!(found(nurse.clone(), of_hers.clone()).await, 1, "as a viewer asks first");
    assert_eq!(refused(look(nurse.clone(), of_his.clone()).await).code, "not-found", "and no other chart's");
    assert_eq!(found(nurse.clone(), of_his).await, 0);
    assert_eq!(house.audited("view", "study").await, 1, "one look, on the trail of her chart");
    house.later(61 * MINUTE);
    assert_eq!(refused(look(again(&house, &nurse).await, of_hers).await).code, "not-found", "the hour is over");
}
