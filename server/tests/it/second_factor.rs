//! The second factor: set up, asked for, lost; and every way past it.

use crate::house::{House, PASSWORD};
use crate::phone::Phone;
use benhan_domain::access::Role;
use benhan_domain::second_factor::Missing;
use benhan_domain::time::{Instant, MINUTE, SECOND};
use benhan_server::app::accounts::{self, Caller, Opened, operator, second_factor};
use benhan_server::app::administration;
use benhan_server::app::{AppError, error::Refusal};
use benhan_server::config::Access;
use benhan_store::audit::Wanted;
use benhan_store::source::asked_from;
use std::net::IpAddr;
use std::sync::Arc;

on_both! {
    an_administrator_sets_one_up_before_anything_else,
    a_code_is_good_once,
    two_who_show_one_code_at_once_are_one_login,
    wrong_codes_shut_the_account_and_a_right_password_does_not_open_it,
    a_recovery_code_is_good_once,
    a_lost_phone_is_reset_by_another_and_on_the_machine,
    from_outside_a_password_is_never_enough,
    a_phone_whose_clock_is_off_is_told_so,
    an_open_screen_is_not_enough_to_put_another_phone_in,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

async fn enter(house: &House, name: &str, code: Option<String>) -> Result<Opened, AppError> {
    accounts::login(&house.app, name.into(), PASSWORD.into(), code).await
}

async fn caller(house: &House, opened: &Opened) -> Caller {
    accounts::recognise(&house.app, &opened.token).await.expect("known")
}

/// A phone that was just set up for this person, with the recovery codes.
async fn set_up(house: &House, name: &str) -> (Phone, Vec<String>) {
    let who = caller(house, &enter(house, name, None).await.expect("in")).await;
    let offer = second_factor::offer(&house.app, &who, PASSWORD.into(), None).await.expect("an offer");
    let phone = Phone::reading(&offer.secret);
    let codes = second_factor::confirm(&house.app, &who, &phone.shows(house.app.db.now())).await.expect("set");
    // The next code is another one.
    house.later(MINUTE);
    (phone, codes)
}

/// The beginning of the next half minute, which has come.
fn half_minute(house: &House) -> Instant {
    let over = house.app.db.now().0.rem_euclid(30 * SECOND);
    house.later(30 * SECOND - over);
    house.app.db.now()
}

fn now(phone: &Phone, house: &House) -> Option<String> {
    Some(phone.shows(house.app.db.now()))
}

// Clauses: SEC-2
async fn an_administrator_sets_one_up_before_anything_else(house: House) {
    let app = &house.app;
    let elsewhere = enter(&house, "qt", None).await.expect("in, for one thing");
    let boss = caller(&house, &enter(&house, "qt", None).await.expect("in, for one thing")).await;
    assert_eq!(boss.lacks, Some(Missing::Enrol));
    let nurse = caller(&house, &enter(&house, "dd", None).await.expect("in")).await;
    assert_eq!(nurse.lacks, None, "nobody asks a nurse");

    assert_eq!(refused(second_factor::offer(app, &boss, "not it".into(), None).await).code, "bad-password");
    assert_eq!(refused(second_factor::confirm(app, &boss, "123456").await).code, "stale-offer");
    let offer = second_factor::offer(app, &boss, PASSWORD.into(), None).await.expect("an offer");
    assert_eq!(offer.secret.len(), 32);
    assert!(offer.picture_size > 20 && offer.picture_path.starts_with('M'));
    let phone = Phone::reading(&offer.secret);
    let mistyped = phone.but_one_off(app.db.now());
    assert!(refused(second_factor::confirm(app, &boss, &mistyped).await).fields.contains_key("code"));
    assert_eq!(second_factor::recovery_left(app, &boss).await.expect("a read"), None, "nothing is set yet");
    let codes = second_factor::confirm(app, &boss, &phone.shows(app.db.now())).await.expect("set");
    assert_eq!(codes.len(), 10);
    assert_eq!(second_factor::recovery_left(app, &boss).await.expect("a read"), Some(10));
    let gone = accounts::recognise(app, &elsewhere.token).await.map(drop);
    assert_eq!(refused(gone).code, "unauthenticated", "a session from before ends");

    house.later(MINUTE);
    assert_eq!(refused(enter(&house, "qt", None).await).code, "second-factor");
    assert_eq!(refused(enter(&house, "qt", Some("  ".into())).await).code, "second-factor");
    let inside = enter(&house, "qt", now(&phone, &house)).await.expect("in");
    assert_eq!(caller(&house, &inside).await.lacks, None);
    let row = administration::user(app, &boss, boss.user.id).await.expect("a row");
    assert!(row.has_second_factor && !row.locked);

    // Neither the secret nor a code is in the trail.
    assert_eq!(house.audited("create", "second-factor").await, 1);
    let trail = app.db.read::<_, AppError, _>(|conn| Ok(benhan_store::audit::latest(conn, &Wanted::default(), 500)?));
    let trail: Vec<String> = trail.await.expect("the trail").iter().map(|row| row.body.to_string()).collect();
    assert!(trail.iter().any(|body| body.contains("\"factor\":\"code\"")));
    for secret in codes.iter().map(String::as_str).chain([offer.secret.as_str()]) {
        assert!(!trail.iter().any(|body| body.contains(secret)));
    }
}

// Clauses: SEC-2
async fn a_code_is_good_once(house: House) {
    let (phone, _) = set_up(&house, "bs").await;
    let at = house.app.db.now();
    let code = phone.shows(at);
    enter(&house, "bs", Some(code.clone())).await.expect("in");
    let again = refused(enter(&house, "bs", Some(code)).await);
    assert_eq!(again.code, "used-code");
    assert!(again.detail.contains("chờ điện thoại hiện mã mới"), "{}", again.detail);
    let before = phone.shows(at.plus(-30 * SECOND));
    let no = refused(enter(&house, "bs", Some(before)).await);
    assert!(["used-code", "bad-code"].contains(&no.code), "nor the one before it: {}", no.code);
    house.later(31 * SECOND);
    enter(&house, "bs", now(&phone, &house)).await.expect("in, with the next one");
}

// Clauses: SEC-2
async fn two_who_show_one_code_at_once_are_one_login(house: House) {
    let (phone, _) = set_up(&house, "bs").await;
    let code = now(&phone, &house);
    let (one, two) = tokio::join!(enter(&house, "bs", code.clone()), enter(&house, "bs", code));
    let answers = [one.map(drop), two.map(drop)];
    assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 1, "{answers:?}");
    let [one, two] = answers;
    assert_eq!(refused(one.and(two)).code, "used-code");
}

// Clauses: SEC-2, SEC-3
async fn wrong_codes_shut_the_account_and_a_right_password_does_not_open_it(house: House) {
    let (phone, codes) = set_up(&house, "bs").await;
    for _ in 0..4 {
        let wrong = phone.but_one_off(house.app.db.now());
        let no = refused(enter(&house, "bs", Some(wrong)).await);
        assert_eq!(no.code, "bad-code");
        assert!(no.detail.contains("giờ của điện thoại lệch"), "{}", no.detail);
        // A right password alone wipes out no wrong code.
        assert_eq!(refused(enter(&house, "bs", None).await).code, "second-factor");
    }
    assert_eq!(refused(enter(&house, "bs", Some("ABCDE-FGHJK".into())).await).code, "bad-code", "the fifth");
    assert_eq!(refused(enter(&house, "bs", now(&phone, &house)).await).code, "account-locked");
    assert_eq!(refused(enter(&house, "bs", None).await).code, "account-locked");
    assert_eq!(refused(enter(&house, "bs", Some(codes[0].clone())).await).code, "account-locked");
    let row = administration::user(&house.app, &house.administrator, house.doctor.user.id).await.expect("a row");
    assert!(row.locked, "and the administrator sees it");
    assert_eq!(house.audited("login-failed", "second-factor").await, 5);
    house.later(15 * MINUTE);
    enter(&house, "bs", now(&phone, &house)).await.expect("in, after the wait");
}

// Clauses: SEC-2
async fn a_recovery_code_is_good_once(house: House) {
    let (_, codes) = set_up(&house, "bs").await;
    let read_out = codes[3].to_lowercase().replace('-', " ");
    let who = caller(&house, &enter(&house, "bs", Some(read_out)).await.expect("in without the phone")).await;
    assert_eq!(second_factor::recovery_left(&house.app, &who).await.expect("a read"), Some(9));
    assert_eq!(refused(enter(&house, "bs", Some(codes[3].clone())).await).code, "bad-code");
    let (one, two) =
        tokio::join!(enter(&house, "bs", Some(codes[4].clone())), enter(&house, "bs", Some(codes[4].clone())));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1, "nor for two at once");
    // With one in place of the phone that is gone, a new phone; the old codes go with the old phone.
    let offer =
        second_factor::offer(&house.app, &who, PASSWORD.into(), Some(codes[5].clone())).await.expect("an offer");
    let phone = Phone::reading(&offer.secret);
    second_factor::confirm(&house.app, &who, &phone.shows(house.app.db.now())).await.expect("renewed");
    assert_eq!(refused(enter(&house, "bs", Some(codes[6].clone())).await).code, "bad-code");
    house.later(MINUTE);
    enter(&house, "bs", now(&phone, &house)).await.expect("in, with the new phone");
}

// Clauses: SEC-2
async fn a_lost_phone_is_reset_by_another_and_on_the_machine(house: House) {
    let app = &house.app;
    let (phone, _) = set_up(&house, "qt").await;
    let opened = enter(&house, "qt", now(&phone, &house)).await.expect("in");
    let boss = caller(&house, &opened).await;
    let own = refused(second_factor::reset(app, &boss, boss.user.id, "mất điện thoại").await);
    assert_eq!(own.code, "own-second-factor");
    assert!(own.detail.contains("benhan user reset-second-factor"), "{}", own.detail);

    let doctor = house.doctor.user.id;
    assert_eq!(refused(second_factor::reset(app, &boss, doctor, "mất điện thoại").await).code, "no-second-factor");
    let (phone, _) = set_up(&house, "bs").await;
    let at_work = enter(&house, "bs", now(&phone, &house)).await.expect("in");
    assert!(refused(second_factor::reset(app, &boss, doctor, " ").await).fields.contains_key("reason"));
    assert_eq!(refused(second_factor::reset(app, &house.nurse, doctor, "thử").await).code, "forbidden");
    second_factor::reset(app, &boss, doctor, "mất điện thoại").await.expect("reset");
    assert_eq!(refused(accounts::recognise(app, &at_work.token).await).code, "unauthenticated");
    enter(&house, "bs", None).await.expect("in, with the password alone until there is a new phone");

    // The only administrator lost theirs: the machine helps.
    operator::reset_second_factor(&app.db, "qt", "quản trị duy nhất mất điện thoại").await.expect("reset");
    assert_eq!(refused(accounts::recognise(app, &opened.token).await).code, "unauthenticated");
    let again = caller(&house, &enter(&house, "qt", None).await.expect("in, for one thing")).await;
    assert_eq!(again.lacks, Some(Missing::Enrol));
    assert_eq!(house.audited("cancel", "second-factor").await, 2);
}

// Clauses: SEC-2
async fn from_outside_a_password_is_never_enough(mut house: House) {
    let inside = vec!["10.0.0.0/8".parse().expect("a network")];
    house.app.access =
        Arc::new(Access { inside, second_factor: vec![Role::Administrator, Role::Director], ..Access::default() });
    let (ward, home) = (IpAddr::from([10, 1, 2, 3]), IpAddr::from([203, 0, 113, 9]));

    let no = refused(asked_from(Some(home), enter(&house, "dd", None)).await);
    assert_eq!(no.code, "second-factor-outside");
    assert!(no.detail.contains("trong bệnh viện"), "{}", no.detail);
    assert_eq!(house.audited("denied", "second-factor").await, 1);
    let opened = asked_from(Some(ward), enter(&house, "dd", None)).await.expect("in, from the ward");
    let there = asked_from(Some(ward), caller(&house, &opened)).await;
    assert_eq!(there.lacks, None);
    let carried_out = asked_from(Some(home), caller(&house, &opened)).await;
    assert_eq!(carried_out.lacks, Some(Missing::Outside), "the session that was carried home opens nothing there");
    let here = asked_from(Some(IpAddr::from([127, 0, 0, 1])), enter(&house, "dd", None)).await;
    here.expect("the machine itself is inside");

    let (phone, _) = asked_from(Some(ward), set_up(&house, "dd")).await;
    assert_eq!(refused(asked_from(Some(home), enter(&house, "dd", None)).await).code, "second-factor");
    let code = now(&phone, &house);
    let opened = asked_from(Some(home), enter(&house, "dd", code)).await.expect("in, from home");
    assert_eq!(asked_from(Some(home), caller(&house, &opened)).await.lacks, None);
}

// Clauses: SEC-2
async fn a_phone_whose_clock_is_off_is_told_so(house: House) {
    let app = &house.app;
    let doctor = caller(&house, &enter(&house, "bs", None).await.expect("in")).await;
    let offer = second_factor::offer(app, &doctor, PASSWORD.into(), None).await.expect("an offer");
    let phone = Phone::reading(&offer.secret);
    for (off, said) in [(-5, "chậm 5 phút"), (12, "nhanh 12 phút")] {
        let code = phone.shows(app.db.now().plus(off * MINUTE));
        let no = refused(second_factor::confirm(app, &doctor, &code).await);
        assert!(no.fields["code"].contains(said), "{}", no.fields["code"]);
    }
    // The code before and the next one are no matter.
    let behind = phone.shows(half_minute(&house).plus(-20 * SECOND));
    second_factor::confirm(app, &doctor, &behind).await.expect("set");
    let ahead = phone.shows(half_minute(&house).plus(40 * SECOND));
    enter(&house, "bs", Some(ahead)).await.expect("in");
    house.later(5 * MINUTE);
    let late = phone.shows(app.db.now().plus(-2 * MINUTE));
    assert_eq!(refused(enter(&house, "bs", Some(late)).await).code, "bad-code", "two minutes are");

    let offer = second_factor::offer(app, &doctor, PASSWORD.into(), now(&phone, &house)).await.expect("an offer");
    house.later(16 * MINUTE);
    let code = Phone::reading(&offer.secret).shows(app.db.now());
    assert_eq!(refused(second_factor::confirm(app, &doctor, &code).await).code, "stale-offer");
}

// Clauses: SEC-2
async fn an_open_screen_is_not_enough_to_put_another_phone_in(house: House) {
    let app = &house.app;
    let (phone, _) = set_up(&house, "bs").await;
    let who = caller(&house, &enter(&house, "bs", now(&phone, &house)).await.expect("in")).await;
    let no = refused(second_factor::offer(app, &who, PASSWORD.into(), None).await);
    assert_eq!((no.code, no.kind), ("second-factor", benhan_server::app::error::Kind::Forbidden));
    let wrong = phone.but_one_off(app.db.now());
    assert_eq!(refused(second_factor::offer(app, &who, PASSWORD.into(), Some(wrong)).await).code, "bad-code");
    house.later(MINUTE);
    let first = second_factor::offer(app, &who, PASSWORD.into(), now(&phone, &house)).await.expect("an offer");
    enter(&house, "bs", now(&phone, &house)).await.map(drop).expect_err("that code is used");
    house.later(MINUTE);
    enter(&house, "bs", now(&phone, &house)).await.expect("an offer alone changes nothing");
    // A second window made another picture: the first one's phone is not set up.
    house.later(MINUTE);
    second_factor::offer(app, &who, PASSWORD.into(), now(&phone, &house)).await.expect("another offer");
    let code = Phone::reading(&first.secret).shows(app.db.now());
    assert!(refused(second_factor::confirm(app, &who, &code).await).fields.contains_key("code"));
}
