//! Signing with a remote service: one authorisation a batch, and each way in which the service does not sign.

use crate::csc::{CLIENT, Csc, Mood};
use crate::house::{House, MORNING};
use crate::rounds::measures;
use crate::signers::certify;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::ObservationSetId;
use benhan_holders::{SecretString, Service, ServiceConfig};
use benhan_server::app::certificates::{self, ToBind};
use benhan_server::app::{AppError, signing};
use benhan_server::holders::Holders;
use benhan_server::view::{CertificateFound, RoundSigned};
use benhan_sign::{Authority, Certificate, KeyKind, Level, SigningKey, Subject, pades};
use std::sync::Arc;
use std::time::Duration;

on_both!(
    a_round_is_authorised_once_and_signed_remotely,
    an_authorisation_that_covers_less_is_asked_for_again,
    a_one_time_code_signs_what_it_covers_and_the_rest_waits,
    a_wrong_code_and_a_locked_credential_sign_nothing,
    a_service_that_fails_in_mid_batch_leaves_nothing_half_signed,
    what_the_service_does_not_hold_is_not_bound,
);

const PIN: &str = "12345678";

fn service(url: &str, secret: &str) -> Service {
    let config = ServiceConfig {
        url: url.into(),
        token_url: String::new(),
        client_id: CLIENT.0.into(),
        client_secret: SecretString::from(secret),
        authorities: Vec::new(),
        patience: Duration::from_secs(2),
    };
    Service::new(config).expect("loopback")
}

struct Story {
    house: House,
    csc: Csc,
    authority: Authority,
    certificate: Certificate,
}

impl Story {
    /// The house's first nurse, with a key at the service.
    async fn of(mut house: House, kind: KeyKind) -> Self {
        let authority = certify(&mut house);
        let csc = Csc::open().await;
        let service = Some(service(&csc.url, CLIENT.1));
        house.app.holders = Arc::new(Holders { service, ..Holders::default() });
        let key = SigningKey::generate(kind).expect("a key");
        let certificate =
            authority.issue_person(&Subject::named("Lê Thị Hoa"), &key, MORNING, 365).expect("a certificate");
        csc.keep("hoa-2026", (&key, &certificate), kind == KeyKind::P256);
        Self { house, csc, authority, certificate }
    }

    fn brought(&self, credential: &str, pin: Option<&str>) -> ToBind {
        let key = KeyPlace::Remote(credential.into());
        ToBind { pem: self.certificate.to_pem(), key, pin: pin.map(str::to_owned) }
    }

    async fn bind(&self, what: ToBind) -> Result<CertificateFound, AppError> {
        certificates::bind(&self.house.app, &self.house.administrator, self.house.nurse.user.id, what).await
    }

    async fn bound(self) -> Self {
        assert_eq!(self.bind(self.brought("hoa-2026", None)).await.expect("bound").proof, "shown");
        self
    }

    async fn sets(&self, patients: usize) -> Vec<ObservationSetId> {
        let mut sets = Vec::new();
        for n in 0..patients {
            let number: &'static str = Box::leak(format!("26.{n:04}").into_boxed_str());
            let stay = self.house.admitted(number, "Nguyễn Văn An", self.house.wards[0]).await;
            sets.push(measures(&self.house, &self.house.nurse, stay).await);
        }
        sets
    }

    async fn sign(&self, sets: Vec<ObservationSetId>, pin: &str) -> Result<RoundSigned, AppError> {
        signing::sign_mine(&self.house.app, &self.house.nurse, sets, pin.into()).await
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, AppError>) -> &'static str {
    match answer {
        Err(AppError::Refused(no)) => no.code,
        other => panic!("{other:?}"),
    }
}

fn codes(done: &RoundSigned) -> Vec<&str> {
    done.failed.iter().map(|no| no.code.as_str()).collect()
}

// Clauses: SIG-8, SIG-19
async fn a_round_is_authorised_once_and_signed_remotely(house: House) {
    let story = Story::of(house, KeyKind::Rsa2048).await;
    let proven = story.bind(story.brought("hoa-2026", Some(PIN))).await.expect("bound");
    assert_eq!(proven.proof, "signed");
    let sets = story.sets(3).await;
    let done = story.sign(sets, PIN).await.expect("an answer");
    assert_eq!((done.signed.len(), codes(&done)), (3, vec![]));
    assert_eq!(story.csc.state.lock().expect("whole").authorised, [1, 6], "the proof; then once for the round");
    let (document, version) = (done.charts[0].document_id.parse().expect("an id"), done.charts[0].version);
    let pdf = signing::pdf(&story.house.app, &story.house.nurse, document, version).await.expect("a sheet");
    let report = pades::verify_pdf(&pdf, &story.authority.anchors(), story.house.app.db.now().0);
    assert_eq!(report.signatures[0].cms.level, Some(Level::LongTerm), "{report:?}");
    assert!(report.signatures[0].cms.trusted());
}

// Clauses: SIG-19
async fn an_authorisation_that_covers_less_is_asked_for_again(house: House) {
    let story = Story::of(house, KeyKind::P256).await.bound().await;
    story.csc.kept("hoa-2026", |kept| kept.multisign = 4);
    let sets = story.sets(4).await;
    let done = story.sign(sets, PIN).await.expect("an answer");
    assert_eq!((done.signed.len(), codes(&done)), (4, vec![]));
    assert_eq!(story.csc.state.lock().expect("whole").authorised, [4, 4], "eight signatures, four at once");
    // The service counts and times otherwise than it said.
    story.csc.change(|state| state.mood = Mood::Forgets);
    let stay = story.house.admitted("26.0100", "Trần Thị Bé", story.house.wards[0]).await;
    let set = measures(&story.house, &story.house.nurse, stay).await;
    let done = story.sign(vec![set], PIN).await.expect("an answer");
    assert_eq!((done.signed.len(), codes(&done)), (1, vec![]));
}

// Clauses: SIG-19
async fn a_one_time_code_signs_what_it_covers_and_the_rest_waits(house: House) {
    let story = Story::of(house, KeyKind::P256).await.bound().await;
    story.csc.kept("hoa-2026", |kept| {
        kept.otp = Some("654321");
        kept.multisign = 4;
    });
    let sets = story.sets(3).await;
    assert_eq!(code(story.sign(sets.clone(), PIN).await), "key-bad-pin", "the one-time code is missing");
    let done = story.sign(sets, &format!("{PIN} 654321")).await.expect("an answer");
    assert_eq!((done.signed.len(), codes(&done)), (2, vec!["key-spent"]));
    assert!(done.failed[0].detail.contains("xác nhận để ký tiếp"), "{}", done.failed[0].detail);
}

// Clauses: SIG-19
async fn a_wrong_code_and_a_locked_credential_sign_nothing(house: House) {
    let story = Story::of(house, KeyKind::P256).await.bound().await;
    let sets = story.sets(1).await;
    for _ in 0..3 {
        assert_eq!(code(story.sign(sets.clone(), "00000000").await), "key-bad-pin");
    }
    assert_eq!(code(story.sign(sets.clone(), PIN).await), "key-pin-locked", "the provider has locked it");
    assert_eq!(story.csc.state.lock().expect("whole").signed, 0);
    assert_eq!(story.house.audited("sign", "signature").await, 0);
    assert_eq!(story.house.audited("denied", "user").await, 4, "each try is on the trail");
}

// Clauses: SIG-19
async fn a_service_that_fails_in_mid_batch_leaves_nothing_half_signed(house: House) {
    let story = Story::of(house, KeyKind::P256).await.bound().await;
    for (mood, expected) in [
        (Mood::HangsUp, "key-unreachable"),
        (Mood::Silent, "key-timed-out"),
        (Mood::Lies, "key-bad-signature"),
        (Mood::Babbles, "key-refused"),
    ] {
        let before = story.csc.state.lock().expect("whole").signed;
        let rows = story.house.audited("sign", "signature").await;
        // The third signature is a set's of the second patient.
        story.csc.change(|state| (state.mood, state.good_for) = (mood, before + 3));
        let mut sets = Vec::new();
        for n in 0..4 {
            let number: &'static str = Box::leak(format!("27.{mood:?}-{n}").into_boxed_str());
            let stay = story.house.admitted(number, "Nguyễn Văn An", story.house.wards[0]).await;
            sets.push(measures(&story.house, &story.house.nurse, stay).await);
        }
        let done = story.sign(sets, PIN).await.expect("what was signed is told");
        assert_eq!((done.signed.len(), codes(&done)), (1, vec![expected; 3]), "{mood:?}");
        assert_eq!(story.house.audited("sign", "signature").await, rows + 2, "one set and its sheet");
    }
}

// Clauses: SIG-19, SIG-9
async fn what_the_service_does_not_hold_is_not_bound(house: House) {
    let mut story = Story::of(house, KeyKind::P256).await;
    assert_eq!(code(story.bind(story.brought("nobody", None)).await), "key-not-there");
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let other = story.authority.issue_person(&Subject::named("Bình"), &key, MORNING, 365).expect("a certificate");
    let what = ToBind { pem: other.to_pem(), ..story.brought("hoa-2026", None) };
    assert_eq!(code(story.bind(what).await), "other-key");
    story.csc.kept("hoa-2026", |kept| kept.scal = "2");
    assert_eq!(code(story.bind(story.brought("hoa-2026", None)).await), "credential-unfit");
    story.csc.kept("hoa-2026", |kept| kept.scal = "1");
    let wrong = Some(service(&story.csc.url, "another secret"));
    story.house.app.holders = Arc::new(Holders { service: wrong, ..Holders::default() });
    assert_eq!(code(story.bind(story.brought("hoa-2026", None)).await), "key-refused", "the client is not known");
    let away = Some(service("http://127.0.0.1:9/csc/v2", CLIENT.1));
    story.house.app.holders = Arc::new(Holders { service: away, ..Holders::default() });
    assert_eq!(code(story.bind(story.brought("hoa-2026", None)).await), "key-unreachable");
}
