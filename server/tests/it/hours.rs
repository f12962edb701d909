//! When people may use the program, on a clock that the story holds. The house opens on Sunday 2026-11-22 at 08:00.

use crate::house::{House, PASSWORD};
use benhan_domain::access::Role;
use benhan_domain::access_hours::{Hours, Window};
use benhan_domain::time::{HOUR, MINUTE};
use benhan_server::app::error::Refusal;
use benhan_server::app::{AppError, accounts, hours};
use benhan_store::access_hours::Subject;

on_both! {
    outside_their_hours_nobody_comes_in_and_who_is_in_goes,
    one_account_may_have_hours_of_its_own,
    only_the_administrator_sets_hours_and_never_against_themselves,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

/// Every day from one full hour to another.
fn daily(from: u16, to: u16) -> Hours {
    let windows = (1..=7).map(|weekday| Window { weekday, from: from * 60, to: to * 60 }).collect();
    Hours { windows, grace_minutes: 15 }
}

async fn set(house: &House, subject: Subject, hours: Option<Hours>) {
    hours::set(&house.app, &house.administrator, subject, hours).await.expect("set");
}

// Clauses: C46-10.2a, CV-III.1.1g
async fn outside_their_hours_nobody_comes_in_and_who_is_in_goes(house: House) {
    let app = &house.app;
    let first = accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("no hours are set: always").token;
    set(&house, Subject::Role(Role::Nurse), Some(daily(7, 17))).await;
    accounts::recognise(app, &first).await.expect("08:00 is within");

    house.later(9 * HOUR + 5 * MINUTE);
    accounts::recognise(app, &first).await.expect("17:05: who is in finishes");
    let late = refused(accounts::login(app, "dd".into(), PASSWORD.into(), None).await);
    assert_eq!(late.code, "outside-hours", "but nobody comes in");
    house.later(15 * MINUTE);
    let gone = refused(accounts::recognise(app, &first).await);
    assert_eq!(gone.code, "outside-hours");
    assert!(gone.detail.contains("07:00 thứ Hai 23/11/2026"), "{}", gone.detail);
    assert_eq!(refused(accounts::recognise(app, &first).await).code, "unauthenticated", "the session is over");
    accounts::login(app, "bs".into(), PASSWORD.into(), None).await.expect("doctors have no hours");
    assert_eq!(refused(accounts::login(app, "dd".into(), "wrong".into(), None).await).code, "bad-credentials");

    house.later(14 * HOUR);
    accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("07:20 on Monday");
    assert_eq!((house.audited("denied", "user").await, house.audited("denied", "session").await), (1, 1));
}

// Clauses: C46-10.2a
async fn one_account_may_have_hours_of_its_own(house: House) {
    let app = &house.app;
    set(&house, Subject::Role(Role::Nurse), Some(daily(19, 7))).await;
    set(&house, Subject::User(house.nurse.user.id), Some(daily(7, 19))).await;
    let day = accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("the day shift").token;
    assert_eq!(refused(accounts::login(app, "dd2".into(), PASSWORD.into(), None).await).code, "outside-hours");
    // The shifts change.
    house.later(11 * HOUR + 20 * MINUTE);
    let night = accounts::login(app, "dd2".into(), PASSWORD.into(), None).await.expect("the night shift").token;
    assert_eq!(refused(accounts::recognise(app, &day).await).code, "outside-hours");
    house.later(6 * HOUR);
    accounts::recognise(app, &night).await.expect("01:20 of the next day");
    // What is taken away no longer holds: she has her role's hours, which is the night.
    set(&house, Subject::User(house.nurse.user.id), None).await;
    accounts::login(app, "dd".into(), PASSWORD.into(), None).await.expect("at night too");
    let listed = hours::list(app, &house.administrator).await.expect("what is set");
    assert_eq!(listed.users.len(), 0);
    assert_eq!(listed.roles.iter().filter(|r| r.hours.is_some()).count(), 1);
    assert_eq!((house.audited("edit", "role-hours").await, house.audited("edit", "user-hours").await), (1, 2));
}

async fn only_the_administrator_sets_hours_and_never_against_themselves(house: House) {
    let (app, boss) = (&house.app, &house.administrator);
    let nurses = Subject::Role(Role::Nurse);
    assert_eq!(refused(hours::set(app, &house.nurse, nurses, Some(daily(7, 17))).await).code, "forbidden");
    assert_eq!(refused(hours::list(app, &house.doctor).await).code, "forbidden");
    let none = Hours { windows: vec![], grace_minutes: 0 };
    assert_eq!(refused(hours::set(app, boss, nurses, Some(none)).await).code, "invalid");
    let nobody = Subject::User(benhan_domain::id::UserId(uuid::Uuid::nil()));
    assert_eq!(refused(hours::set(app, boss, nobody, Some(daily(7, 17))).await).code, "not-found");
    for mine in [Subject::Role(Role::Administrator), Subject::User(boss.user.id)] {
        let no = refused(hours::set(app, boss, mine, Some(daily(20, 22))).await);
        assert!(no.fields.contains_key("hours"), "{}", no.detail);
    }
    let kept = hours::list(app, boss).await.expect("what is set");
    assert!(kept.users.is_empty() && kept.roles.iter().all(|r| r.hours.is_none()), "nothing was kept of it");
}
