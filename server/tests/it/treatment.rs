//! A house whose doctors see their own patients alone: of their wards, of wards that they cover, and where they are named.

use crate::house::House;
use crate::record_life::code;
use benhan_domain::access::{DoctorsReach, Role};
use benhan_domain::emergency::Why;
use benhan_domain::id::{EncounterId, UserId, WardId};
use benhan_domain::restriction::Sensitivity;
use benhan_domain::time::HOUR;
use benhan_domain::treatment::Part;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::{AppError, admission, board, duty, emergency, orders, restriction, treatment};
use benhan_server::config::Access;
use benhan_store::StoreError;
use benhan_store::users::{self, NewUser};
use std::sync::Arc;

on_both! {
    a_doctor_sees_their_own_wards_and_where_they_are_named,
    whoever_covers_a_ward_works_there_for_these_hours,
    to_be_named_does_not_open_what_only_assigned_staff_read,
    in_a_house_that_trusts_every_doctor_nothing_changes,
}

/// Doctor Long of the second ward, in a house whose doctors see their own patients.
async fn long(house: &mut House, doctors: DoctorsReach) -> Caller {
    house.app.access = Arc::new(Access { doctors, ..Access::default() });
    let (hash, ward) = (house.nurse.user.password_hash.clone(), house.wards[1]);
    let added = house.app.db.write::<_, StoreError, _>(move |tx| {
        let new = NewUser {
            username: "long".into(),
            name: "Vũ Hoàng Long".into(),
            role: Role::Doctor,
            password_hash: hash,
            pin_hash: None,
            must_change_password: false,
            wards: vec![ward],
        };
        users::add(tx, &new)
    });
    accounts::acting(&house.app, added.await.expect("added")).await.expect("a doctor")
}

async fn again(house: &House, who: &Caller) -> Caller {
    accounts::acting(&house.app, who.user.id).await.expect("as a request finds them")
}

async fn opens(house: &House, who: &Caller, stay: EncounterId) -> Result<(), AppError> {
    admission::open_chart(&house.app, &again(house, who).await, stay).await.map(drop)
}

async fn name(house: &House, who: &Caller, stay: EncounterId, doctor: UserId) -> Result<(), AppError> {
    treatment::name(&house.app, &again(house, who).await, stay, (doctor, Part::Consult)).await.map(drop)
}

async fn covers(house: &House, by: &Caller, ward: WardId, who: &Caller, hours: (i64, i64)) -> Result<(), AppError> {
    let now = house.app.db.now();
    let hours = (now.plus(hours.0 * HOUR), now.plus(hours.1 * HOUR));
    duty::set(&house.app, &again(house, by).await, ward, who.user.id, hours).await.map(drop)
}

// Clauses: KCB-10.2, C46-3.2c
async fn a_doctor_sees_their_own_wards_and_where_they_are_named(mut house: House) {
    let long = long(&mut house, DoctorsReach::OwnPatients).await;
    let giang = house.admitted("26.0001", "Ngô Thị Giang", house.wards[0]).await;
    let his = house.admitted("26.0002", "Trần Văn Bình", house.wards[1]).await;
    opens(&house, &long, his).await.expect("of his ward");
    assert_eq!(code(opens(&house, &long, giang).await), "forbidden");
    let seen = board::wards(&house.app, &again(&house, &long).await).await.expect("his wards");
    assert_eq!(seen.iter().map(|ward| ward.id.clone()).collect::<Vec<_>>(), [house.wards[1].to_string()]);
    assert_eq!(code(board::board(&house.app, &again(&house, &long).await, house.wards[0]).await), "forbidden");
    assert_eq!(code(orders::of_stay(&house.app, &again(&house, &long).await, giang).await), "forbidden");
    // He cannot name himself, and a nurse of another ward names nobody.
    assert_eq!(code(name(&house, &long, giang, long.user.id).await), "forbidden");
    assert_eq!(code(name(&house, &house.other_nurse, giang, long.user.id).await), "forbidden");

    let listed = treatment::candidates(&house.app, &house.nurse, giang).await.expect("colleagues");
    assert!(listed.iter().any(|one| one.name == "Vũ Hoàng Long") && listed.iter().all(|one| one.role == Role::Doctor));
    name(&house, &house.nurse, giang, long.user.id).await.expect("asked to consult");
    assert_eq!(code(name(&house, &house.nurse, giang, long.user.id).await), "treats-already");
    assert_eq!(code(name(&house, &house.nurse, giang, house.technician.user.id).await), "invalid");
    opens(&house, &long, giang).await.expect("he is named");
    let asked = treatment::mine(&house.app, &again(&house, &long).await).await.expect("his list");
    assert_eq!(asked.len(), 1, "the patients of his ward stand on its board");
    assert_eq!((asked[0].patient_name.as_str(), asked[0].part), ("Ngô Thị Giang", Part::Consult));
    let shown = treatment::read(&house.app, &again(&house, &long).await, giang).await.expect("who treats");
    assert!(shown.may_assign, "he may ask another");
    assert_eq!(shown.doctors[0].assigned_by.id, house.nurse.user.id.to_string());
    assert_eq!(code(board::board(&house.app, &again(&house, &long).await, house.wards[0]).await), "forbidden");

    treatment::end(&house.app, &house.nurse, giang, long.user.id).await.expect("ended");
    let again_ended = treatment::end(&house.app, &house.nurse, giang, long.user.id).await;
    assert_eq!(code(again_ended), "version-conflict");
    assert_eq!(code(opens(&house, &long, giang).await), "forbidden");
    // What cannot wait is opened as a nurse of another ward opens it.
    let reason = "Gọi sang hỗ trợ ngừng tuần hoàn".to_owned();
    let caller = again(&house, &long).await;
    emergency::open(&house.app, &caller, giang, Why::CalledToHelp, reason).await.expect("opened");
    opens(&house, &long, giang).await.expect("for an hour");
    assert_eq!(house.audited("create", "treating-doctor").await, 1);
    assert_eq!(house.audited("cancel", "treating-doctor").await, 1);
}

// Clauses: KCB-10.2
async fn whoever_covers_a_ward_works_there_for_these_hours(mut house: House) {
    let long = long(&mut house, DoctorsReach::OwnPatients).await;
    let giang = house.admitted("26.0001", "Ngô Thị Giang", house.wards[0]).await;
    let first = house.wards[0];
    assert_eq!(code(covers(&house, &long, first, &long, (0, 8)).await), "forbidden", "not by himself");
    assert_eq!(code(covers(&house, &house.nurse, first, &long, (0, 8)).await), "forbidden", "a head nurse's to say");
    assert_eq!(code(covers(&house, &house.administrator, first, &house.technician, (0, 8)).await), "invalid");
    assert_eq!(code(covers(&house, &house.administrator, first, &long, (8, 8)).await), "invalid");
    assert_eq!(code(covers(&house, &house.administrator, first, &long, (0, 40)).await), "invalid");
    covers(&house, &house.administrator, first, &long, (2, 10)).await.expect("the night");
    assert_eq!(code(opens(&house, &long, giang).await), "forbidden", "not yet");
    house.later(2 * HOUR);
    opens(&house, &long, giang).await.expect("he is on duty");
    board::board(&house.app, &again(&house, &long).await, first).await.expect("the ward's board");
    let shown = duty::read(&house.app, &again(&house, &long).await, first).await.expect("who covers");
    assert!(shown.may_assign && shown.covers.len() == 1, "he may hand it on");
    house.later(8 * HOUR);
    assert_eq!(code(opens(&house, &long, giang).await), "forbidden", "his duty is over");

    // A nurse who helps out, sent back before the time.
    covers(&house, &house.administrator, first, &house.other_nurse, (0, 12)).await.expect("she helps out");
    opens(&house, &house.other_nurse, giang).await.expect("for the day");
    let given = duty::read(&house.app, &house.administrator, first).await.expect("a list").covers.remove(0);
    let end = async || {
        let of = given.id.parse().expect("an id");
        duty::end(&house.app, &house.administrator, first, of).await
    };
    end().await.expect("sent back");
    assert_eq!(code(end().await), "version-conflict");
    assert_eq!(code(opens(&house, &house.other_nurse, giang).await), "forbidden");
    assert_eq!(house.audited("create", "ward-duty").await, 2);
    assert_eq!(house.audited("cancel", "ward-duty").await, 1);
}

// Clauses: PDP-HIV
async fn to_be_named_does_not_open_what_only_assigned_staff_read(mut house: House) {
    let long = long(&mut house, DoctorsReach::OwnPatients).await;
    let binh = house.admitted("26.0002", "Trần Văn Bình", house.wards[1]).await;
    let doctor = again(&house, &house.doctor).await;
    name(&house, &house.other_nurse, binh, doctor.user.id).await.expect("named");
    opens(&house, &doctor, binh).await.expect("he is named");
    let said = (Sensitivity::Hiv, "Kết quả khẳng định HIV".to_owned());
    restriction::restrict(&house.app, &again(&house, &long).await, binh, said, vec![]).await.expect("restricted");
    assert_eq!(code(opens(&house, &doctor, binh).await), "restricted");
}

async fn in_a_house_that_trusts_every_doctor_nothing_changes(mut house: House) {
    let long = long(&mut house, DoctorsReach::WholeHouse).await;
    let giang = house.admitted("26.0001", "Ngô Thị Giang", house.wards[0]).await;
    opens(&house, &long, giang).await.expect("the whole house");
    name(&house, &house.nurse, giang, long.user.id).await.expect("it is noted all the same");
    let shown = treatment::read(&house.app, &house.doctor, giang).await.expect("who treats");
    assert_eq!(shown.doctors.len(), 1);
}
