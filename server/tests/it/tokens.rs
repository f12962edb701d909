//! Signing with a key on a token: as with one's own PIN where it works, and each way in which it does not.

use crate::house::{House, MORNING};
use crate::rounds::measures;
use crate::signers::{PIN, certify};
use crate::softhsm::{DRIVER, Drawer};
use benhan_domain::certificate::{KeyPlace, TokenKey};
use benhan_domain::id::{EncounterId, ObservationSetId};
use benhan_holders::{SecretString, Shown, Tokens};
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::certificates::{self, ToBind};
use benhan_server::app::sealing::{SealKey, Sealer};
use benhan_server::app::{AppError, administration, signing};
use benhan_server::holders::Holders;
use benhan_server::trust::Trust;
use benhan_server::view::{CertificateFound, RoundSigned};
use benhan_sign::{Authority, Certificate, KeyKind, Level, SigningKey, Subject, Trouble, cms, pades};
use benhan_store::audit::Wanted;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// One story, in a process of its own, on each database.
macro_rules! with_tokens {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            use crate::house::House;
            use crate::softhsm::alone;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                if let Some(drawer) = alone(concat!("tokens::", stringify!($story), "::on_sqlite")) {
                    super::$story(House::open().await, drawer).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(drawer) = alone(concat!("tokens::", stringify!($story), "::on_postgres"))
                    && let Some(house) = House::on_postgres().await
                {
                    super::$story(house, drawer).await;
                }
            }
        }
    )+};
}

with_tokens!(
    a_round_is_signed_by_a_token,
    a_token_is_pulled_out_in_the_middle_of_a_batch,
    a_wrong_token_pin_costs_tries_and_signs_nothing,
    two_people_with_keys_in_one_module_sign_each_under_their_own_pin,
    a_certificate_is_bound_only_with_its_own_key_and_a_trusted_authority,
    the_seal_of_the_house_may_be_in_a_module,
);

const TOKEN_PIN: &str = "the-93-Hoa";

/// The house with its CA, and a driver for tokens.
fn opened(house: &mut House) -> Authority {
    let authority = certify(house);
    let tokens = Some(Tokens::behind(DRIVER.into()));
    house.app.holders = Arc::new(Holders { tokens, ..Holders::default() });
    authority
}

fn issued(authority: &Authority, name: &str, kind: KeyKind) -> (SigningKey, Certificate) {
    let key = SigningKey::generate(kind).expect("a key");
    let certificate = authority.issue_person(&Subject::named(name), &key, MORNING, 365).expect("a certificate");
    (key, certificate)
}

fn at(key: &TokenKey, certificate: &Certificate, pin: Option<&str>) -> ToBind {
    ToBind { pem: certificate.to_pem(), key: KeyPlace::Pkcs11(key.clone()), pin: pin.map(str::to_owned) }
}

async fn bound(house: &House, who: &Caller, what: ToBind) -> CertificateFound {
    certificates::bind(&house.app, &house.administrator, who.user.id, what).await.expect("bound")
}

fn code<T: std::fmt::Debug>(answer: Result<T, AppError>) -> &'static str {
    match answer {
        Err(AppError::Refused(no)) => no.code,
        other => panic!("{other:?}"),
    }
}

async fn sign(house: &House, who: &Caller, sets: Vec<ObservationSetId>, pin: &str) -> Result<RoundSigned, AppError> {
    signing::sign_mine(&house.app, who, sets, pin.into()).await
}

async fn one_set(house: &House, number: &'static str, who: &Caller) -> (EncounterId, ObservationSetId) {
    let stay = house.admitted(number, "Nguyễn Văn An", house.wards[0]).await;
    (stay, measures(house, who, stay).await)
}

// Clauses: SIG-8, SIG-16, C46-13.1
async fn a_round_is_signed_by_a_token(mut house: House, drawer: Drawer) {
    let authority = opened(&mut house);
    let hoa = house.nurse.clone();
    // The driver shows what is there when it is loaded.
    let drawn = [(KeyKind::Rsa2048, "the-rsa", "26.0001"), (KeyKind::P256, "the-p256", "26.0002")].map(
        |(kind, label, number)| {
            let (key, certificate) = issued(&authority, "Lê Thị Hoa", kind);
            (drawer.token(label, TOKEN_PIN, &key), certificate, number)
        },
    );
    for (token, certificate, number) in drawn {
        let look = certificates::look(&house.app, &house.administrator, hoa.user.id, at(&token, &certificate, None));
        assert_eq!(look.await.expect("seen").proof, "shown");
        let found = bound(&house, &hoa, at(&token, &certificate, Some(TOKEN_PIN))).await;
        assert_eq!((found.name.as_str(), found.proof.as_str()), ("Lê Thị Hoa", "signed"));
        assert_eq!(found.path.len(), 3, "her own, the issuing and the root: {:?}", found.path);
        let (stay, set) = one_set(&house, number, &hoa).await;
        let done = sign(&house, &hoa, vec![set], TOKEN_PIN).await.expect("an answer");
        assert_eq!((done.signed.len(), done.failed.len()), (1, 0), "{:?}", done.failed);
        let (document, version) = (done.charts[0].document_id.parse().expect("an id"), done.charts[0].version);
        let pdf = signing::pdf(&house.app, &hoa, document, version).await.expect("her sheet");
        let report = pades::verify_pdf(&pdf, &authority.anchors(), house.app.db.now().0);
        assert_eq!(report.signatures[0].cms.level, Some(Level::LongTerm), "{report:?}");
        assert!(report.signatures[0].cms.trusted(), "{report:?}");
        assert_eq!(signing::sheets(&house.app, &hoa, stay).await.expect("sheets").len(), 1);
    }
    let rows = administration::users(&house.app, &house.administrator).await.expect("the staff");
    let hers = rows.into_iter().find(|row| row.username == "dd").and_then(|row| row.certificate).expect("bound");
    assert_eq!(
        (hers.key_holder.as_str(), hers.key_reference.as_deref().map(|r| r.ends_with(":01"))),
        ("pkcs11", Some(true))
    );
    // A PIN of her own opens the screen, and takes the token from nobody.
    let keys = accounts::set_pin(&house.app, &house.nurse, crate::house::PASSWORD.into(), PIN.into());
    keys.await.expect("set");
    let hoa = accounts::acting(&house.app, house.nurse.user.id).await.expect("at work");
    let (_, set) = one_set(&house, "26.0003", &hoa).await;
    assert_eq!(code(sign(&house, &hoa, vec![set], PIN).await), "key-bad-pin", "the token has a PIN of its own");
    assert_eq!(sign(&house, &hoa, vec![set], TOKEN_PIN).await.expect("an answer").signed.len(), 1);
}

// Clauses: C46-13.1
async fn a_token_is_pulled_out_in_the_middle_of_a_batch(mut house: House, drawer: Drawer) {
    const PATIENTS: usize = 24;
    let authority = opened(&mut house);
    let (key, certificate) = issued(&authority, "Lê Thị Hoa", KeyKind::P256);
    let token = drawer.token("the", TOKEN_PIN, &key);
    let hoa = house.nurse.clone();
    bound(&house, &hoa, at(&token, &certificate, None)).await;
    let mut sets = Vec::new();
    for n in 0..PATIENTS {
        let number: &'static str = Box::leak(format!("26.{n:04}").into_boxed_str());
        sets.push(one_set(&house, number, &hoa).await.1);
    }
    let (batch, who, all) = (house.app.clone(), hoa.clone(), sets.clone());
    let batch = tokio::spawn(async move { signing::sign_mine(&batch, &who, all, TOKEN_PIN.into()).await });
    while house.audited("sign", "signature").await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drawer.pull_out();
    let done = batch.await.expect("no panic").expect("what was signed is told");
    let codes: Vec<&str> = done.failed.iter().map(|no| no.code.as_str()).collect();
    assert!(!done.signed.is_empty() && !codes.is_empty(), "{} signed, {codes:?}", done.signed.len());
    assert_eq!(done.signed.len() + codes.len(), PATIENTS);
    assert!(codes.iter().all(|code| *code == "key-unreachable"), "{codes:?}");
    assert!(done.failed[0].detail.contains("cắm lại thẻ"), "{}", done.failed[0].detail);
    // Nothing is half-signed: a set has its sheet, or neither is there.
    assert_eq!(house.audited("sign", "signature").await, done.signed.len() * 2);
    assert_eq!(done.charts.len(), done.signed.len());
    let owed = benhan_server::app::charting::unsigned(&house.app, &hoa).await.expect("a list");
    assert_eq!(owed.len(), codes.len(), "the rest is still hers to sign");
}

// Clauses: C46-13.1
async fn a_wrong_token_pin_costs_tries_and_signs_nothing(mut house: House, drawer: Drawer) {
    let authority = opened(&mut house);
    let (key, certificate) = issued(&authority, "Lê Thị Hoa", KeyKind::P256);
    let token = drawer.token("the", TOKEN_PIN, &key);
    let hoa = house.nurse.clone();
    bound(&house, &hoa, at(&token, &certificate, None)).await;
    let (stay, set) = one_set(&house, "26.0001", &hoa).await;
    assert_eq!(code(sign(&house, &hoa, vec![set], "").await), "invalid");
    for _ in 0..2 {
        assert_eq!(code(sign(&house, &hoa, vec![set], "0000").await), "key-bad-pin");
    }
    // A right one begins the count anew.
    assert_eq!(sign(&house, &hoa, vec![set], TOKEN_PIN).await.expect("an answer").signed.len(), 1);
    let set = measures(&house, &hoa, stay).await;
    for left in (0..5).rev() {
        let told = code(sign(&house, &hoa, vec![set], "0000").await);
        assert_eq!(told, if left == 0 { "pin-locked" } else { "key-bad-pin" });
    }
    assert_eq!(code(sign(&house, &hoa, vec![set], TOKEN_PIN).await), "pin-locked", "the token is asked no more");
    let trail = administration::audit(&house.app, &house.administrator, Wanted::default(), 200).await.expect("rows");
    assert_eq!(trail.iter().filter(|row| row.action == "pin-failed").count(), 7);
    assert_eq!(trail.iter().filter(|row| row.action == "sign").count(), 2, "the one set and its sheet");
}

async fn two_people_with_keys_in_one_module_sign_each_under_their_own_pin(mut house: House, drawer: Drawer) {
    let authority = opened(&mut house);
    let (hers, his) = (issued(&authority, "Hoa", KeyKind::P256), issued(&authority, "Bình", KeyKind::Rsa2048));
    let (her_key, his_key) = (drawer.token("hoa", "1111-hoa", &hers.0), drawer.token("binh", "2222-binh", &his.0));
    let tokens = Tokens::behind(DRIVER.into());
    let pin = |text: &str| SecretString::from(text);
    let digest = [7; 32];

    let one = tokens.open(&her_key, &hers.1, pin("1111-hoa")).expect("hers");
    let again = tokens.open(&her_key, &hers.1, pin("1111-hoa")).expect("hers twice");
    let other = tokens.open(&his_key, &his.1, pin("2222-binh")).expect("his");
    let wrong = tokens.open(&her_key, &hers.1, pin("2222-binh")).err();
    assert_eq!(wrong, Some(Trouble::WrongPin { last: false }), "although she is logged in");
    for _ in 0..3 {
        for holder in [&one, &again, &other] {
            assert!(holder.sign(&digest).is_ok(), "each logs in again with its own PIN");
        }
    }
    drop(one);
    assert!(again.sign(&digest).is_ok());
    assert_eq!(tokens.shown(&her_key, &hers.1), Ok(Shown::Same));
    assert_eq!(tokens.shown(&her_key, &his.1), Ok(Shown::Other));
    let absent = TokenKey::new(her_key.serial(), &[9]).expect("a key");
    assert_eq!(tokens.shown(&absent, &hers.1), Ok(Shown::Nothing));
    assert_eq!(tokens.open(&absent, &hers.1, pin("1111-hoa")).err(), Some(Trouble::NoSuchKey));
    let gone = TokenKey::new("no such token", &[1]).expect("a key");
    assert_eq!(tokens.open(&gone, &hers.1, pin("1111-hoa")).err(), Some(Trouble::Unreachable));
    assert_eq!(Tokens::behind("/nowhere/driver.so".into()).seen().err(), Some(Trouble::Unreachable));

    // More than there are seats.
    let crowd: Vec<_> = (0..60).map(|_| tokens.open(&her_key, &hers.1, pin("1111-hoa"))).collect();
    assert!(crowd.iter().any(|one| matches!(one, Err(Trouble::Busy))), "somebody is asked to wait");
    assert!(crowd.iter().flatten().count() >= 40);
}

// Clauses: SIG-9, SIG-16
async fn a_certificate_is_bound_only_with_its_own_key_and_a_trusted_authority(mut house: House, drawer: Drawer) {
    let authority = opened(&mut house);
    let (key, certificate) = issued(&authority, "Lê Thị Hoa", KeyKind::P256);
    let token = drawer.token("the", TOKEN_PIN, &key);
    let (hoa, boss) = (house.nurse.user.id, house.administrator.clone());
    let bind = |who, what| certificates::bind(&house.app, &boss, who, what);

    let stranger = Authority::create("CA lạ", KeyKind::P256, MORNING).expect("a CA");
    let foreign = stranger.issue_person(&Subject::named("Hoa"), &key, MORNING, 365).expect("a certificate");
    assert_eq!(code(bind(hoa, at(&token, &foreign, None)).await), "certificate-refused");
    let (_, another) = issued(&authority, "Lê Thị Hoa", KeyKind::P256);
    assert_eq!(code(bind(hoa, at(&token, &another, None)).await), "other-key");
    assert_eq!(code(bind(hoa, at(&token, &certificate, Some("0000"))).await), "key-bad-pin");
    let nothing = ToBind { pem: "khong phai PEM".into(), ..at(&token, &certificate, None) };
    assert_eq!(code(bind(hoa, nothing).await), "invalid");
    let large = ToBind { pem: "x".repeat(1 << 20), ..at(&token, &certificate, None) };
    assert_eq!(code(bind(hoa, large).await), "invalid");
    let software = ToBind { key: KeyPlace::Software, ..at(&token, &certificate, None) };
    assert_eq!(code(bind(hoa, software).await), "invalid");
    let remote = ToBind { key: KeyPlace::Remote("hoa".into()), ..at(&token, &certificate, None) };
    assert_eq!(code(bind(hoa, remote).await), "key-not-configured");
    assert_eq!(code(bind(boss.user.id, at(&token, &certificate, None)).await), "signs-nothing");
    assert_eq!(
        code(certificates::bind(&house.app, &house.nurse, hoa, at(&token, &certificate, None)).await),
        "forbidden"
    );
    let unchanged = administration::user(&house.app, &boss, hoa).await.expect("a row");
    assert!(unchanged.certificate.is_none(), "nothing was bound");

    let found = bind(hoa, at(&token, &certificate, None)).await.expect("bound");
    assert_eq!(found.proof, "shown");
    let taken = bind(house.other_nurse.user.id, at(&token, &certificate, None)).await;
    assert_eq!(code(taken), "certificate-taken");
    // A renewed one takes its place; the earlier is retired and stays.
    let renewed = authority.issue_person(&Subject::named("Hoa"), &key, MORNING, 700).expect("a certificate");
    bind(hoa, at(&token, &renewed, None)).await.expect("bound");
    let trail = administration::audit(&house.app, &boss, Wanted::default(), 50).await.expect("rows");
    let row = trail.iter().find(|row| row.action == "edit").expect("a row");
    assert!(row.detail.contains(&renewed.serial()) && row.detail.contains(&certificate.serial()), "{}", row.detail);

    weak_keys_are_refused(&mut house, &drawer, &boss).await;
}

/// RSA-1024 under an authority that is trusted: no tool of ours makes such a key.
async fn weak_keys_are_refused(house: &mut House, drawer: &Drawer, boss: &Caller) {
    let path = |name: &str| drawer.file(name).to_str().expect("a plain path").to_owned();
    let openssl = |args: &str| {
        let args: Vec<String> = args.split(' ').map(|arg| arg.strip_prefix('@').map_or(arg.to_owned(), path)).collect();
        let done = Command::new("openssl").args(&args).output().expect("openssl");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    std::fs::write(path("leaf.cnf"), "keyUsage=critical,digitalSignature,nonRepudiation\n").expect("written");
    openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout @ca.key -out @ca.pem -days 30 -subj /CN=CA -addext keyUsage=critical,keyCertSign,cRLSign",
    );
    openssl("req -new -newkey rsa:1024 -nodes -keyout @weak.key -out @weak.csr -subj /CN=Hoa");
    openssl("x509 -req -in @weak.csr -CA @ca.pem -CAkey @ca.key -days 20 -extfile @leaf.cnf -out @weak.pem");
    let read = |name| Certificate::from_pem(&std::fs::read(path(name)).expect("a file")).expect("a certificate");
    let (ca, weak) = (read("ca.pem"), read("weak.pem"));
    house.app.trust = Arc::new(Trust::new(vec![ca], vec![], vec![]));
    // Made today, by openssl's clock.
    let today = weak.valid_from() + 60_000_000;
    house.later(today - house.app.db.now().0);
    let token = TokenKey::new("whatever", &[1]).expect("a key");
    let no = certificates::bind(&house.app, boss, house.nurse.user.id, at(&token, &weak, None)).await;
    let Err(AppError::Refused(no)) = no else { panic!("{no:?}") };
    assert_eq!(no.code, "certificate-refused");
    assert!(no.detail.contains("RSA 2048"), "{}", no.detail);
}

// Clauses: SIG-8
async fn the_seal_of_the_house_may_be_in_a_module(mut house: House, drawer: Drawer) {
    let authority = opened(&mut house);
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_seal("79001", "Bệnh viện Thử", &key, MORNING, 365).expect("a seal");
    let token = drawer.token("con-dau", "seal-pin", &key);
    let by_label = TokenKey::new("con-dau", token.id()).expect("a key");
    let tokens = Tokens::behind(DRIVER.into());
    let sealer = |pin: &str| {
        let holder = tokens.standing(by_label.clone(), certificate.clone(), SecretString::from(pin));
        let key = SigningKey::held(&certificate, holder).expect("RSA or P-256");
        let key = Arc::new(SealKey { key, certificate: certificate.clone() });
        Sealer { key, trust: Arc::clone(&house.app.trust), facility: "79001".into() }
    };
    let now = house.app.db.now();
    let good = sealer("seal-pin");
    let seal = good.seal(b"hash of the trail", now).expect("sealed");
    let report = cms::verify_detached(b"hash of the trail", &seal, &authority.anchors(), now.0);
    assert!(report.trusted(), "{report:?}");
    // A PIN that was changed behind our back is given once, not each hour until the module locks.
    let bad = sealer("another");
    for _ in 0..20 {
        assert!(bad.seal(b"x", now).is_err());
    }
    assert!(good.seal(b"y", now).is_ok(), "the module is open");
    drawer.pull_out();
    assert!(good.seal(b"z", now).is_err());
}
