//! Security keys: registered, asked for, taken away; what comes of answers that are not theirs is in `refused`.

mod refused;

use crate::house::{House, PASSWORD};
use crate::phone::Phone;
use crate::security_key_pretended::{SecurityKey, VERIFIED};
use benhan_domain::id::SecurityKeyId;
use benhan_domain::second_factor::Missing;
use benhan_domain::time::MINUTE;
use benhan_server::app::accounts::second_factor::{self, KeyAnswer, NewKey, Shown};
use benhan_server::app::accounts::{self, Caller, Opened};
use benhan_server::app::{AppError, administration, error::Refusal};
use benhan_server::view_factor::{SecondFactorAsked, SecurityKeyAsked, SecurityKeyOffer};
use benhan_webauthn::Site;

pub const HOST: &str = "benhan.lan";
pub const ORIGIN: &str = "https://benhan.lan:8443";

on_both! {
    an_administrator_may_choose_a_key_and_is_asked_for_it,
    whoever_has_phone_and_key_shows_either,
    a_key_of_each_kind_is_taken,
    keys_are_taken_away_but_not_the_last_of_an_administrator,
    a_lost_key_is_reset_like_a_lost_phone,
    a_key_answers_at_the_name_that_it_was_made_for,
    recovery_codes_come_with_the_first_key_and_when_none_are_left,
}

pub fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

/// The browsers of this house open it by its name.
pub fn named(house: &House) {
    house.app.security_keys.opened_at(vec![site(), Site::parse("https://benhan.bvx.vn").expect("a site")]);
}

pub fn site() -> Site {
    Site::parse(ORIGIN).expect("a site")
}

/// Nothing shown, at this house's name.
pub fn nothing() -> Shown {
    Shown { site: Some(site()), ..Shown::default() }
}

pub fn by(answer: KeyAnswer) -> Shown {
    Shown { key: Some(answer), ..nothing() }
}

pub async fn enter(house: &House, name: &str, shown: impl Into<Shown>) -> Result<Opened, AppError> {
    accounts::login(&house.app, name.into(), PASSWORD.into(), shown).await
}

pub async fn caller(house: &House, opened: &Opened) -> Caller {
    accounts::recognise(&house.app, &opened.token).await.expect("known")
}

/// What a login asks for whose password was right.
pub async fn asked(house: &House, name: &str) -> SecondFactorAsked {
    let no = refused(enter(house, name, nothing()).await);
    assert_eq!(no.code, "second-factor");
    *no.asked.expect("what is asked")
}

pub async fn question(house: &House, name: &str) -> SecurityKeyAsked {
    asked(house, name).await.security_key.expect("a question to a key")
}

pub fn answer(key: &mut SecurityKey, challenge: &str) -> KeyAnswer {
    let id = key.credential_id.clone();
    let shown = key.answers(HOST, ORIGIN, challenge);
    KeyAnswer {
        credential_id: id,
        client_data: shown.client_data,
        authenticator_data: shown.authenticator_data,
        signature: shown.signature,
        user_handle: None,
    }
}

pub fn made(key: &SecurityKey, offer: &SecurityKeyOffer, name: &str) -> NewKey {
    let made = key.creates(&offer.host, ORIGIN, &offer.challenge);
    let transports = vec!["usb".into()];
    NewKey { name: name.into(), client_data: made.client_data, attestation: made.attestation, transports }
}

/// A key of somebody who has no second factor yet; their session, and the recovery codes.
pub async fn registered(house: &House, name: &str, key: &SecurityKey) -> (Caller, Vec<String>) {
    let who = caller(house, &enter(house, name, None).await.expect("in")).await;
    let offer = second_factor::offer_key(&house.app, &who, PASSWORD.into(), nothing()).await.expect("an offer");
    let codes = second_factor::add_key(&house.app, &who, made(key, &offer, "Khóa USB")).await.expect("registered");
    (who, codes)
}

async fn key_of(house: &House, who: &Caller, at: usize) -> SecurityKeyId {
    let own = second_factor::own(&house.app, who, None).await.expect("a read");
    own.keys[at].id.parse().expect("an id")
}

/// What an open session shows of a key when it is asked to prove itself.
async fn proof(house: &House, who: &Caller, key: &mut SecurityKey) -> Shown {
    let no = refused(second_factor::offer_key(&house.app, who, PASSWORD.into(), nothing()).await);
    assert_eq!((no.code, no.kind), ("second-factor", benhan_server::app::error::Kind::Forbidden));
    let asked = no.asked.expect("what is asked").security_key.expect("a question");
    by(answer(key, &asked.challenge))
}

// Clauses: SEC-2
async fn an_administrator_may_choose_a_key_and_is_asked_for_it(house: House) {
    named(&house);
    let app = &house.app;
    let elsewhere = enter(&house, "qt", None).await.expect("in, for one thing");
    let boss = caller(&house, &enter(&house, "qt", None).await.expect("in, for one thing")).await;
    assert_eq!(boss.lacks, Some(Missing::Enrol));
    let own = second_factor::own(app, &boss, Some(&site())).await.expect("a read");
    assert_eq!((own.phone, own.keys.len(), own.here.as_deref()), (false, 0, Some(HOST)));
    assert_eq!(refused(second_factor::offer_key(app, &boss, "not it".into(), nothing()).await).code, "bad-password");

    let mut key = SecurityKey::p256();
    let offer = second_factor::offer_key(app, &boss, PASSWORD.into(), nothing()).await.expect("an offer");
    assert_eq!((offer.host.as_str(), offer.algorithms.as_slice(), offer.known.len()), (HOST, &[-7, -8, -257][..], 0));
    let unnamed = second_factor::add_key(app, &boss, made(&key, &offer, "  ")).await;
    assert!(refused(unnamed).fields.contains_key("name"));
    let codes = second_factor::add_key(app, &boss, made(&key, &offer, "Khóa USB xanh")).await.expect("registered");
    assert_eq!(codes.len(), 10);
    assert_eq!(refused(accounts::recognise(app, &elsewhere.token).await).code, "unauthenticated", "from before");
    assert_eq!(caller_lacks(&house, &boss).await, None);

    let asked = asked(&house, "qt").await;
    assert!(!asked.code && asked.elsewhere.is_empty());
    let question = asked.security_key.expect("a question");
    assert_eq!((question.host.as_str(), question.keys.len(), question.stands_seconds), (HOST, 1, 300));
    assert_eq!(question.keys[0].transports, ["usb"]);
    key.flags |= VERIFIED;
    let opened = enter(&house, "qt", by(answer(&mut key, &question.challenge))).await.expect("in");
    let inside = caller(&house, &opened).await;
    assert_eq!(inside.lacks, None);
    let own = second_factor::own(app, &inside, Some(&site())).await.expect("a read");
    assert_eq!((own.phone, own.recovery_codes_left), (false, Some(10)));
    assert_eq!(own.keys[0].name, "Khóa USB xanh");
    assert!(own.keys[0].last_used_at.is_some());
    assert!(administration::user(app, &inside, inside.user.id).await.expect("a row").has_second_factor);
    assert_eq!(house.audited("create", "second-factor").await, 1);
    let trail = app.db.read::<_, AppError, _>(|conn| {
        Ok(benhan_store::audit::latest(conn, &benhan_store::audit::Wanted::default(), 500)?)
    });
    let trail: Vec<String> = trail.await.expect("the trail").iter().map(|row| row.body.to_string()).collect();
    assert!(
        trail.iter().any(|body| body.contains("\"factor\":\"security-key\"") && body.contains("\"verified\":true"))
    );
    assert!(!trail.iter().any(|body| codes.iter().any(|code| body.contains(code.as_str()))));

    enter(&house, "qt", Some(codes[0].clone())).await.expect("in, with a code on paper");
    assert_eq!(refused(enter(&house, "qt", Some("123456".into())).await).code, "bad-code", "there is no phone");
}

async fn caller_lacks(house: &House, who: &Caller) -> Option<Missing> {
    let (app, user) = (house.app.clone(), who.user.id);
    let stands = app.db.read::<_, AppError, _>(move |conn| Ok(benhan_store::second_factors::stands(conn, user)?));
    (!stands.await.expect("a read")).then_some(Missing::Enrol)
}

// Clauses: SEC-2
async fn whoever_has_phone_and_key_shows_either(house: House) {
    named(&house);
    let app = &house.app;
    let mut key = SecurityKey::ed25519();
    let (who, _) = registered(&house, "bs", &key).await;
    // The phone comes beside it, and an open screen is not enough for that.
    assert_eq!(refused(second_factor::offer(app, &who, PASSWORD.into(), None).await).code, "second-factor");
    let shown = proof(&house, &who, &mut key).await;
    let offer = second_factor::offer(app, &who, PASSWORD.into(), shown).await.expect("an offer");
    let phone = Phone::reading(&offer.secret);
    let codes = second_factor::confirm(app, &who, &phone.shows(app.db.now())).await.expect("set");
    house.later(MINUTE);

    let asked = asked(&house, "bs").await;
    assert!(asked.code);
    let question = asked.security_key.expect("a question");
    enter(&house, "bs", Some(phone.shows(app.db.now()))).await.expect("in, with the phone");
    enter(&house, "bs", by(answer(&mut key, &question.challenge))).await.expect("in, with the key");
    enter(&house, "bs", Some(codes[2].clone())).await.expect("in, with a code on paper");

    // A second key: by the phone's code. The codes on paper stay.
    house.later(MINUTE);
    let spare = SecurityKey::p256();
    let code = Shown { code: Some(phone.shows(app.db.now())), ..nothing() };
    let who = caller(
        &house,
        &enter(&house, "bs", by(answer(&mut key, &self::question(&house, "bs").await.challenge))).await.expect("in"),
    )
    .await;
    let offer = second_factor::offer_key(app, &who, PASSWORD.into(), code).await.expect("an offer");
    assert_eq!(offer.known.len(), 1, "not to be made on the same key again");
    let fresh = second_factor::add_key(app, &who, made(&spare, &offer, "Khóa dự phòng")).await.expect("registered");
    assert!(fresh.is_empty());
    assert_eq!(self::question(&house, "bs").await.keys.len(), 2);
    enter(&house, "bs", Some(codes[3].clone())).await.expect("in, with a code on paper from before");
}

async fn a_key_of_each_kind_is_taken(house: House) {
    named(&house);
    for (name, mut key) in [("bs", SecurityKey::p256()), ("dd", SecurityKey::ed25519()), ("dd2", SecurityKey::rsa())] {
        registered(&house, name, &key).await;
        for _ in 0..2 {
            let question = question(&house, name).await;
            enter(&house, name, by(answer(&mut key, &question.challenge))).await.expect("in");
        }
    }
    let mut uncounted = SecurityKey::p256();
    uncounted.counter = 0;
    registered(&house, "ktv", &uncounted).await;
    for _ in 0..2 {
        let question = question(&house, "ktv").await;
        enter(&house, "ktv", by(answer(&mut uncounted, &question.challenge)))
            .await
            .expect("in, with one that never counts");
    }
}

// Clauses: SEC-2
async fn keys_are_taken_away_but_not_the_last_of_an_administrator(house: House) {
    named(&house);
    let app = &house.app;
    let mut key = SecurityKey::p256();
    let (boss, _) = registered(&house, "qt", &key).await;
    let shown = proof(&house, &boss, &mut key).await;
    let spare = SecurityKey::p256();
    let offer = second_factor::offer_key(app, &boss, PASSWORD.into(), shown).await.expect("an offer");
    second_factor::add_key(app, &boss, made(&spare, &offer, "Khóa hai")).await.expect("registered");
    let at_home = enter(&house, "qt", by(answer(&mut key, &question(&house, "qt").await.challenge))).await.expect("in");

    let spare_id = key_of(&house, &boss, 1).await;
    let take = async |id, reason: &str, shown: Shown| {
        second_factor::remove_key(app, &boss, id, reason, (PASSWORD.into(), shown)).await
    };
    assert!(refused(take(spare_id, " ", nothing()).await).fields.contains_key("reason"));
    assert_eq!(refused(take(spare_id, "mất", nothing()).await).code, "second-factor");
    let shown = proof(&house, &boss, &mut key).await;
    take(spare_id, "mất ở nhà xe", shown).await.expect("taken away");
    assert_eq!(refused(accounts::recognise(app, &at_home.token).await).code, "unauthenticated");
    assert_eq!(question(&house, "qt").await.keys.len(), 1);
    let shown = proof(&house, &boss, &mut key).await;
    assert_eq!(refused(take(spare_id, "mất", shown).await).code, "not-found");
    let shown = proof(&house, &boss, &mut key).await;
    let last = refused(take(key_of(&house, &boss, 0).await, "thôi dùng", shown).await);
    assert_eq!(last.code, "last-second-factor");
    assert!(last.detail.contains("thêm khóa khác"), "{}", last.detail);

    // Whoever need not have one may do without again, and nothing of it is left.
    let mut hers = SecurityKey::p256();
    let (nurse, _) = registered(&house, "dd", &hers).await;
    let id = key_of(&house, &nurse, 0).await;
    let shown = proof(&house, &nurse, &mut hers).await;
    let gone = second_factor::remove_key(app, &nurse, id, "thôi dùng", (PASSWORD.into(), shown)).await;
    gone.expect("taken away");
    enter(&house, "dd", None).await.expect("in, by the password alone");
    assert_eq!(second_factor::recovery_left(app, &nurse).await.expect("a read"), None);
    assert_eq!(house.audited("cancel", "second-factor").await, 2);
}

// Clauses: SEC-2
async fn a_lost_key_is_reset_like_a_lost_phone(house: House) {
    named(&house);
    let app = &house.app;
    let (boss_key, key) = (SecurityKey::p256(), SecurityKey::p256());
    let (boss, _) = registered(&house, "qt", &boss_key).await;
    let (doctor, codes) = registered(&house, "bs", &key).await;
    assert_eq!(refused(second_factor::reset(app, &boss, boss.user.id, "mất khóa").await).code, "own-second-factor");
    second_factor::reset(app, &boss, doctor.user.id, "mất khóa").await.expect("reset");
    enter(&house, "bs", None).await.expect("in, by the password alone");
    let no = refused(second_factor::reset(app, &boss, doctor.user.id, "mất khóa").await);
    assert_eq!(no.code, "no-second-factor");
    // The same key may come again, and the old codes are worth nothing.
    let (_, fresh) = registered(&house, "bs", &key).await;
    assert_eq!(refused(enter(&house, "bs", Some(codes[0].clone())).await).code, "bad-code");
    enter(&house, "bs", Some(fresh[0].clone())).await.expect("in");
    accounts::operator::reset_second_factor(&app.db, "qt", "quản trị duy nhất mất khóa").await.expect("reset");
    let again = caller(&house, &enter(&house, "qt", None).await.expect("in, for one thing")).await;
    assert_eq!(again.lacks, Some(Missing::Enrol));
}

async fn a_key_answers_at_the_name_that_it_was_made_for(house: House) {
    let app = &house.app;
    let doctor = caller(&house, &enter(&house, "bs", None).await.expect("in")).await;
    let at_address = Shown::default;
    let no = refused(second_factor::offer_key(app, &doctor, PASSWORD.into(), at_address()).await);
    assert_eq!(no.code, "no-key-here");
    assert!(no.detail.contains("tls.hosts"), "{}", no.detail);
    named(&house);
    let no = refused(second_factor::offer_key(app, &doctor, PASSWORD.into(), at_address()).await);
    assert!(no.detail.contains(ORIGIN), "{}", no.detail);

    let mut key = SecurityKey::p256();
    let (_, codes) = registered(&house, "bs", &key).await;
    let away = Shown { site: Site::parse("https://benhan.bvx.vn"), ..Shown::default() };
    for elsewhere in [at_address(), away] {
        let no = refused(enter(&house, "bs", elsewhere).await);
        assert_eq!(no.code, "second-factor");
        assert!(no.detail.contains(HOST) && no.detail.contains("mã dự phòng"), "{}", no.detail);
        let asked = no.asked.expect("what is asked");
        assert_eq!((asked.security_key, asked.elsewhere), (None, vec![HOST.into()]));
    }
    enter(&house, "bs", Some(codes[0].clone())).await.expect("in, with a code on paper");
    let question = question(&house, "bs").await;
    enter(&house, "bs", by(answer(&mut key, &question.challenge))).await.expect("in, where it was made");
}

async fn recovery_codes_come_with_the_first_key_and_when_none_are_left(house: House) {
    named(&house);
    let app = &house.app;
    let mut key = SecurityKey::p256();
    let (_, codes) = registered(&house, "bs", &key).await;
    let mut who = None;
    for code in &codes {
        who = Some(enter(&house, "bs", Some(code.clone())).await.expect("in"));
    }
    let who = caller(&house, &who.expect("the last")).await;
    assert_eq!(second_factor::recovery_left(app, &who).await.expect("a read"), Some(0));
    let shown = proof(&house, &who, &mut key).await;
    let offer = second_factor::offer_key(app, &who, PASSWORD.into(), shown).await.expect("an offer");
    let fresh = second_factor::add_key(app, &who, made(&SecurityKey::p256(), &offer, "Khóa hai")).await;
    assert_eq!(fresh.expect("registered").len(), 10);
}
