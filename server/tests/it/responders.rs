//! A nurse with a certificate of a public authority: its responder is asked before she signs, and what it said is kept.

use crate::bad_certificates::refused;
use crate::house::{House, MORNING};
use crate::public_ca::{Mood, PublicCa, machine_now};
use crate::rounds::measures;
use crate::signers::{PIN, holder};
use benhan_domain::access::Role;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::time::{HOUR, MINUTE};
use benhan_server::app::accounts::Caller;
use benhan_server::app::certificates::{self, ToBind};
use benhan_server::app::{AppError, signing};
use benhan_server::config::Revocation;
use benhan_server::trust::{Outside, Responders, Trust};
use benhan_sign::{Certificate, Crl, Evidence, pades};
use benhan_store::StoreError;
use benhan_store::signatures;
use std::sync::Arc;
use std::sync::atomic::Ordering;

struct Story {
    house: House,
    ca: Arc<PublicCa>,
    hoa: Caller,
    certificate: Certificate,
}

/// A house on the machine's clock, which is openssl's, whose nurse Hoa has a certificate of the public authority.
async fn story(lists: bool) -> Story {
    let mut house = House::open().await;
    house.later(machine_now() - MORNING);
    let ca = PublicCa::open().await;
    let pair = ca.person("Hoa");
    let lists = if lists { vec![Crl::from_der(&ca.list()).expect("a list")] } else { Vec::new() };
    let set = Revocation { timeout_seconds: 1, ..Revocation::default() };
    let responders = Responders::new(Outside::new(set.patience()).expect("a client"), set);
    house.app.trust = Arc::new(Trust::new(vec![ca.root()], vec![], lists).with_responders(responders));
    let certificate = pair.1.clone();
    let hoa = holder(&house, pair, ("hoa", Role::Nurse, "Lê Thị Hoa".into()), vec![house.wards[0]]).await;
    Story { house, ca, hoa, certificate }
}

impl Story {
    /// Signs a set of a new patient; the PDF, and the evidence that was kept.
    async fn signs(&self, number: &'static str) -> (Vec<u8>, Evidence) {
        let stay = self.house.admitted(number, "Nguyễn Văn An", self.house.wards[0]).await;
        let set = measures(&self.house, &self.hoa, stay).await;
        let done = signing::sign_mine(&self.house.app, &self.hoa, vec![set], PIN.into()).await.expect("an answer");
        let (document, version) = (done.charts[0].document_id.parse().expect("an id"), done.charts[0].version);
        let pdf = signing::pdf(&self.house.app, &self.hoa, document, version).await.expect("her sheet");
        let read = self.house.app.db.read::<_, StoreError, _>(move |conn| {
            let view = benhan_domain::access::system::<benhan_domain::access::ViewChart>(stay);
            signatures::of_stay(conn, &view, "", 10)
        });
        let kept = read.await.expect("her signatures").pop().expect("one");
        (pdf, serde_json::from_str(&kept.evidence).expect("evidence"))
    }

    fn asked(&self) -> usize {
        self.ca.asked.load(Ordering::Relaxed)
    }

    fn becomes(&self, mood: Mood) {
        *self.ca.mood.lock().expect("a mood") = mood;
    }
}

// Clauses: SIG-7, SIG-10, SIG-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nurse_signs_by_the_word_of_the_responder_and_it_is_kept() {
    let s = story(false).await;
    let (pdf, evidence) = s.signs("26.0001").await;
    assert_eq!((evidence.crls.len(), evidence.ocsps.len()), (0, 1));
    let anchors = benhan_sign::Anchors::new(vec![s.ca.root()]);
    let report = pades::verify_pdf(&pdf, &anchors, machine_now() + 900 * 24 * HOUR);
    assert!(report.signatures[0].cms.trusted(), "{report:?}");
    assert_eq!(s.asked(), 1);

    s.signs("26.0002").await;
    assert_eq!(s.asked(), 1, "an answer is used again for half an hour");
    s.house.later(HOUR);
    s.signs("26.0003").await;
    assert_eq!(s.asked(), 2);
    s.becomes(Mood::Silent);
    s.house.later(HOUR);
    let (_, evidence) = s.signs("26.0004").await;
    assert_eq!((s.asked(), evidence.ocsps.len()), (3, 1), "down, and the answer before still holds");
    s.house.later(72 * HOUR);
    let told = refused(&s.house, &s.hoa, "26.0005", "certificate-refused").await;
    assert!(told.contains("máy chủ OCSP không trả lời"), "now it is over: {told}");
}

// Clauses: SIG-7, SIG-10, SIG-13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_responder_says_nothing_good_nothing_is_signed() {
    for (mood, says) in [
        (Mood::Silent, "máy chủ OCSP không trả lời"),
        (Mood::Busy, "không đọc được"),
        (Mood::Replaying, "lần hỏi khác"),
        (Mood::Impostor, "không do nơi cấp chứng thư ký"),
        (Mood::Brief, "đã quá hạn"),
    ] {
        let s = story(false).await;
        if mood == Mood::Replaying {
            s.ca.hears(&s.certificate);
        }
        if mood == Mood::Brief {
            s.house.later(10 * MINUTE);
        }
        s.becomes(mood);
        let told = refused(&s.house, &s.hoa, "26.0001", "certificate-refused").await;
        assert!(told.contains(says), "{mood:?}: {told}");
    }
    let s = story(false).await;
    s.ca.forgets();
    let told = refused(&s.house, &s.hoa, "26.0001", "certificate-refused").await;
    assert!(told.contains("không biết chứng thư này"), "{told}");
}

// Clauses: SIG-7, SIG-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_certificate_signs_nothing_though_the_list_is_clean() {
    let s = story(true).await;
    s.ca.knows('R', &s.certificate);
    let told = refused(&s.house, &s.hoa, "26.0001", "certificate-refused").await;
    assert!(told.contains("đã bị thu hồi"), "{told}");
}

// Clauses: SIG-7
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_answers_where_the_responder_does_not() {
    let s = story(true).await;
    s.becomes(Mood::Silent);
    let (_, evidence) = s.signs("26.0001").await;
    assert_eq!((evidence.crls.len(), evidence.ocsps.len()), (1, 0));
}

// Clauses: SIG-7, SIG-9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_bound_by_the_word_of_the_responder() {
    let s = story(false).await;
    let look = async || {
        let key = KeyPlace::parse("terminal", Some("2f4b8c1d:01")).expect("a key");
        let what = ToBind { pem: s.certificate.to_pem(), key, pin: None };
        certificates::look(&s.house.app, &s.house.administrator, s.hoa.user.id, what).await
    };
    let found = look().await.expect("its authority keeps no list");
    assert_eq!((found.proof.as_str(), s.asked()), ("not-yet", 1));
    s.becomes(Mood::Silent);
    s.house.later(72 * HOUR);
    let told = match look().await.expect_err("nobody answers for it") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    };
    assert_eq!(told.code, "certificate-refused");
}
