//! Passwords grow old and do not come back, and accounts that nobody uses are shut.

use crate::house::{House, PASSWORD};
use benhan_domain::time::HOUR;
use benhan_server::app::error::Refusal;
use benhan_server::app::{AppError, accounts, administration};
use benhan_server::upkeep::Upkeep;

const DAY: i64 = 24 * HOUR;

on_both! {
    an_old_password_opens_nothing_but_a_new_one,
    a_password_of_before_is_refused,
    an_account_that_nobody_uses_is_shut_until_the_administrator_opens_it,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

async fn must_change(house: &House, username: &str, password: &str) -> bool {
    let opened = accounts::login(&house.app, username.into(), password.into(), None).await.expect("in");
    accounts::recognise(&house.app, &opened.token).await.expect("known").user.must_change_password
}

// Clauses: SEC-3
async fn an_old_password_opens_nothing_but_a_new_one(house: House) {
    let app = &house.app;
    house.later(40 * DAY);
    assert!(!must_change(&house, "dd", PASSWORD).await && !must_change(&house, "qt", PASSWORD).await);
    house.later(21 * DAY);
    assert!(!must_change(&house, "dd", PASSWORD).await, "61 days");
    assert!(must_change(&house, "qt", PASSWORD).await, "two months for an administrator");
    house.later(120 * DAY);
    assert!(must_change(&house, "dd", PASSWORD).await, "six months for everybody");
    let opened = accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("in");
    let caller = accounts::recognise(app, &opened.token).await.expect("known");
    let new = "Mot-cau-dai-khac-2";
    accounts::change_password(app, &caller, PASSWORD.into(), new.into()).await.expect("changed");
    assert!(!must_change(&house, "dd", new).await, "and it is young again");
}

// Clauses: SEC-3
async fn a_password_of_before_is_refused(house: House) {
    let app = &house.app;
    let opened = accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("in");
    let mut current = PASSWORD.to_owned();
    let change = async |from: &str, to: &str| {
        let caller = accounts::recognise(app, &opened.token).await.expect("known");
        accounts::change_password(app, &caller, from.into(), to.into()).await
    };
    for weak in ["Ngan-2026", "mot cau dai khong hoa", "Dd dd dd dd dd 1"] {
        assert!(refused(change(&current, weak).await).fields.contains_key("newPassword"), "{weak}");
    }
    for n in 1..=10 {
        let next = format!("Mot-cau-dai-so-{n:02}");
        change(&current, &next).await.expect("changed");
        current = next;
    }
    let no = refused(change(&current, PASSWORD).await);
    assert!(no.detail.contains("10 mật khẩu gần nhất"), "{}", no.detail);
    change(&current, "Mot-cau-dai-so-11").await.expect("changed");
    change("Mot-cau-dai-so-11", PASSWORD).await.expect("ten others were between");
}

// Clauses: SEC-1
async fn an_account_that_nobody_uses_is_shut_until_the_administrator_opens_it(house: House) {
    let (app, boss) = (&house.app, &house.administrator);
    let mut upkeep = Upkeep::new(app.clone());
    house.later(44 * DAY);
    accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("in");
    assert_eq!(upkeep.round().await.idle, 0, "44 days");
    house.later(DAY + HOUR);
    assert_eq!(upkeep.round().await.idle, 5, "all but the nurse who came");
    assert_eq!(refused(accounts::login(app, "bs".into(), PASSWORD.into(), None).await).code, "bad-credentials");
    accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("in");

    // The administrator's session was open; they give the doctor the account back.
    let doctor = house.doctor.user.id;
    assert_eq!(refused(accounts::enable(app, &house.nurse, doctor).await).code, "forbidden");
    accounts::enable(app, boss, doctor).await.expect("opened");
    assert_eq!(refused(accounts::enable(app, boss, doctor).await).code, "not-disabled");
    house.later(2 * HOUR);
    assert_eq!(upkeep.round().await.idle, 0, "its idle time counts from then");
    accounts::login(app, "bs".into(), PASSWORD.into(), None).await.expect("in again");
    let listed = administration::user(app, boss, doctor).await.expect("a row");
    assert!(!listed.disabled);
    assert_eq!((house.audited("cancel", "user").await, house.audited("restore", "user").await), (5, 1));
}
