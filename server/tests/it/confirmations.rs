//! What staff sign electronically, the head of the hospital confirms; before that, nothing is archived.

use crate::house::{House, MORNING};
use crate::record_life::{Hospital, code, open};
use crate::rounds::measures;
use crate::signers::PIN;
use benhan_domain::access::{ViewChart, system};
use benhan_domain::encounter::Outcome;
use benhan_domain::id::EncounterId;
use benhan_domain::record::Capacity;
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::confirmations::{self, Entered};
use benhan_server::app::{AppError, charting, life, signing};
use benhan_server::config::{RegulationProfile, Settings};
use benhan_server::trust::{Clock, Trust};
use benhan_server::view_record::Confirmed;
use benhan_sign::pades::verify_pdf;
use benhan_sign::{Authority, KeyKind, Severity, SigningKey};
use benhan_store::documents;
use serde_json::Value;
use std::sync::Arc;

/// Certified by the hospital's own CA, which its people sign by.
async fn own(house: House) -> Hospital {
    let mut h = open(house).await;
    let mut authority = Authority::from_json(&h.authority.to_json().expect("JSON")).expect("a CA");
    let lists = authority.crls(MORNING).expect("lists");
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_time_stamper("Bệnh viện Thử", &key, MORNING, 365).expect("a certificate");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists);
    h.house.app.trust = Arc::new(trust.with_clock(Some(Clock { key, certificate })).with_authority(Some(authority)));
    h
}

async fn appointed(h: &Hospital, capacity: Capacity, until: Option<Instant>) -> Result<(), AppError> {
    let paper = Entered { capacity, decision: "QĐ 12/QĐ-SYT ngày 05/01/2026".into(), from: None, until };
    confirmations::enter(&h.house.app, &h.house.administrator, h.director.user.id, paper).await
}

async fn confirms(h: &Hospital, stays: &[EncounterId]) -> Result<Confirmed, AppError> {
    signing::confirm(&h.house.app, &h.director, stays.to_vec(), PIN.into()).await
}

// Clauses: C46-13.2
async fn a_record_is_archived_only_after_the_head_has_confirmed_every_signature(house: House) {
    let h = own(house).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    let queue = confirmations::queue(app, &h.director).await.expect("a queue");
    assert_eq!((queue.waiting.len(), queue.waiting[0].signatures, queue.waiting[0].overdue), (1, 2, false));
    assert!(queue.may_confirm && queue.authority.is_none() && queue.own_certificate);
    assert_eq!(code(confirms(&h, &[stay]).await), "no-authority");

    for who in [&h.room, &h.auditor, &h.director] {
        let paper = Entered { capacity: Capacity::Head, decision: "QĐ của tôi".into(), from: None, until: None };
        assert_eq!(code(confirmations::enter(app, who, h.director.user.id, paper).await), "forbidden");
    }
    let paper = Entered { capacity: Capacity::Head, decision: "QĐ 12/QĐ-SYT".into(), from: None, until: None };
    assert_eq!(code(confirmations::enter(app, &h.house.administrator, h.an.user.id, paper).await), "not-director");
    appointed(&h, Capacity::Head, None).await.expect("entered");

    let closed = h.closes(stay).await.expect("complete");
    assert_eq!(
        closed.blocks.iter().map(|b| (b.what.as_str(), b.count)).collect::<Vec<_>>(),
        [("unconfirmed-signature", 2)]
    );
    assert_eq!(code(h.archives(stay).await), "record-incomplete");
    for who in [&h.an, &h.lan, &h.room, &h.auditor, &h.house.administrator] {
        assert_eq!(code(signing::confirm(app, who, vec![stay], PIN.into()).await), "forbidden", "{}", who.user.name);
    }
    assert_eq!(code(signing::confirm(app, &h.director, vec![stay], "000000".into()).await), "bad-pin");
    let done = confirms(&h, &[stay]).await.expect("an answer");
    assert_eq!((done.confirmed[0].signatures, done.confirmed[0].version, done.failed.len()), (2, 1, 0));
    let again = confirms(&h, &[stay]).await.expect("an answer");
    assert_eq!((again.confirmed.len(), again.failed[0].code.as_str()), (0, "nothing-waits"));
    assert!(confirmations::queue(app, &h.director).await.expect("a queue").waiting.is_empty());

    let archived = h.archives(stay).await.expect("archived");
    assert_eq!(archived.state, "archived");
    assert_eq!(h.findings().await, Vec::<String>::new());
}

// Clauses: C46-13.2, SIG-20
async fn the_confirmation_names_each_hash_and_by_which_paper(house: House) {
    let h = own(house).await;
    let app = &h.house.app;
    let month = app.db.now().plus(30 * 24 * HOUR);
    assert_eq!(code(appointed(&h, Capacity::Delegate, None).await), "invalid", "a delegation ends");
    appointed(&h, Capacity::Delegate, Some(month)).await.expect("entered");
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    let done = confirms(&h, &[stay]).await.expect("an answer");
    let read =
        app.db.read(move |conn| documents::of_stay(conn, &system::<ViewChart>(stay), Some("xac-nhan-cua-co-so")));
    let sheet = read.await.expect("read").pop().expect("a sheet");
    assert_eq!((sheet.document.to_string(), sheet.version), (done.confirmed[0].document_id.clone(), 1));
    let said: Value = serde_json::from_str(&sheet.body).expect("JSON");
    assert_eq!((&said["capacity"], &said["decision"]), (&"delegate".into(), &"QĐ 12/QĐ-SYT ngày 05/01/2026".into()));
    assert_eq!(said["signatures"].as_array().expect("lines").len(), 2);
    let set = measures(&h.house, &h.lan, stay).await;
    let version = charting::chart(app, &h.lan, stay, 0, i64::MAX).await.expect("a chart");
    let hashes: Vec<&str> =
        said["signatures"].as_array().expect("lines").iter().filter_map(|l| l["sha256"].as_str()).collect();
    assert!(hashes.iter().all(|hash| hash.len() == 64) && !version.is_empty());

    let pdf = signing::pdf(app, &h.director, sheet.document, 1).await.expect("a PDF");
    let report = verify_pdf(&pdf, &h.anchors, app.db.now().0);
    assert_eq!(report.signatures.len(), 1);
    assert!(report.signatures[0].cms.trusted() && report.severity() == Severity::Note, "{report:?}");
    assert!(report.attachments.iter().any(|file| file.name.ends_with("-v1.json")), "the statement is inside");

    // What is signed afterwards is confirmed by the next version, and by nobody once the delegation is over.
    signing::sign_mine(app, &h.lan, vec![set], PIN.into()).await.expect("signed");
    let next = confirms(&h, &[stay]).await.expect("an answer");
    assert_eq!((next.confirmed[0].version, next.confirmed[0].signatures), (2, 2));
    h.house.later(31 * 24 * HOUR);
    assert_eq!(code(confirms(&h, &[stay]).await), "no-authority");
}

// Clauses: C46-13.2
async fn a_delegation_that_is_withdrawn_confirms_nothing_more(house: House) {
    let h = own(house).await;
    let app = &h.house.app;
    appointed(&h, Capacity::Head, None).await.expect("entered");
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    let held = confirmations::queue(app, &h.director).await.expect("a queue").authority.expect("an authority");
    let of = held.id.parse().expect("an id");
    assert_eq!(code(confirmations::withdraw(app, &h.director, of, "Nghỉ hưu".into()).await), "forbidden");
    confirmations::withdraw(app, &h.house.administrator, of, "Nghỉ hưu".into()).await.expect("withdrawn");
    let twice = confirmations::withdraw(app, &h.house.administrator, of, "Nghỉ hưu".into()).await;
    assert_eq!(code(twice), "already-withdrawn");
    assert_eq!(code(confirms(&h, &[stay]).await), "no-authority");
}

// Clauses: C46-13.2
async fn what_waits_too_long_is_late_and_the_tt13_profile_asks_for_none(house: House) {
    let mut h = own(house).await;
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    h.house.later(25 * HOUR);
    let queue = confirmations::queue(&h.house.app, &h.room).await.expect("a queue");
    assert!(queue.waiting[0].overdue && !queue.may_confirm);
    assert_eq!(confirmations::count(&h.house.app, &h.director).await.expect("a count").confirmations, 1);
    h.house.app.settings = Arc::new(Settings { regulation_profile: RegulationProfile::Tt13, ..Settings::default() });
    h.closes(stay).await.expect("complete");
    assert_eq!(life::archive(&h.house.app, &h.room, stay).await.expect("archived").state, "archived");
    let other = h.house.admitted("26.0002", "Trần Thị Bình", h.house.wards[0]).await;
    let set = measures(&h.house, &h.lan, other).await;
    signing::sign_mine(&h.house.app, &h.lan, vec![set], PIN.into()).await.expect("signed");
    h.leaves(other, Outcome::Home).await;
    assert_eq!(confirmations::queue(&h.house.app, &h.room).await.expect("a queue").waiting.len(), 1, "the first alone");
}

on_both!(
    a_record_is_archived_only_after_the_head_has_confirmed_every_signature,
    the_confirmation_names_each_hash_and_by_which_paper,
    a_delegation_that_is_withdrawn_confirms_nothing_more,
    what_waits_too_long_is_late_and_the_tt13_profile_asks_for_none,
);
