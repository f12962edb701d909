//! Whom the hospital trusts: found, added, taken away, each with its row; and what a package says of it years later.

use crate::archive::{codes, exported, judged};
use crate::bad_certificates::refused;
use crate::house::House;
use crate::public_ca::{Mood, PublicCa, machine_now};
use crate::record_life::open;
use benhan_domain::certificate::{TrustChange, TrustKind};
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::trusting;
use benhan_server::trust::{Fetched, Outside};
use benhan_server::upkeep::Upkeep;
use benhan_sign::{Authority, KeyKind, Verdict};
use benhan_store::audit::{self, Wanted};
use benhan_store::trust_changes::{self, Change};
use benhan_store::{Db, StoreError};
use std::collections::BTreeSet;
use std::time::Duration;

on_both!(an_authority_that_is_taken_away_certifies_nobody_and_its_rows_stay);

async fn changes(db: &Db) -> Vec<Change> {
    db.read::<_, StoreError, _>(trust_changes::all).await.expect("a read")
}

// Clauses: SIG-9, SIG-12
async fn an_authority_that_is_taken_away_certifies_nobody_and_its_rows_stay(house: House) {
    let h = open(house).await;
    let (app, mut upkeep) = (&h.house.app, Upkeep::new(h.house.app.clone()));
    let lists = h.authority.to_json().expect("JSON");
    let mut twin = Authority::from_json(&lists).expect("the same authority");
    trusting::take_up(&app.db, &app.trust).await.expect("taken up");
    trusting::take_up(&app.db, &app.trust).await.expect("once more");
    let found = changes(&app.db).await;
    assert_eq!(
        found.iter().map(|c| (c.change, c.kind)).collect::<Vec<_>>(),
        [(TrustChange::Found, TrustKind::Anchor), (TrustChange::Found, TrustKind::Issuing)]
    );
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;

    let other = Authority::create("CA khác", KeyKind::P256, app.db.now().0).expect("another CA");
    let tsa = Authority::create("CA dấu thời gian", KeyKind::P256, app.db.now().0).expect("another CA");
    trusting::add(&app.db, other.root().clone(), TrustKind::Anchor, "QĐ 12/QĐ-BV").await.expect("added");
    trusting::add(&app.db, tsa.root().clone(), TrustKind::TimeStamps, "Hợp đồng 3/2026").await.expect("added");
    let twice = trusting::add(&app.db, other.root().clone(), TrustKind::Anchor, "QĐ 12/QĐ-BV").await;
    assert!(twice.is_err() && trusting::add(&app.db, other.root().clone(), TrustKind::Anchor, "").await.is_err());
    upkeep.round().await;
    let known = app.trust.authorities();
    assert_eq!((known.anchors.len(), known.issuing.len(), known.time_stamps.len()), (2, 1, 1));

    assert!(trusting::remove(&app.db, "zz", "Không còn dùng").await.is_err(), "no certificate begins so");
    let own = hex::encode(h.authority.root().fingerprint());
    trusting::remove(&app.db, own.get(..20).expect("a name"), "CA bị lộ khóa").await.expect("taken away");
    upkeep.round().await;
    trusting::take_up(&app.db, &app.trust).await.expect("a start");
    assert_eq!(app.trust.authorities().anchors, [other.root().clone()], "and the files do not bring it back");
    app.trust.renew(twin.crls(app.db.now().0).expect("lists"));
    let told = refused(&h.house, &h.lan, "26.0002", "certificate-refused").await;
    assert!(told.contains("không dẫn tới tổ chức chứng thực nào được tin cậy"), "{told}");

    let seen = trusting::list(app, &h.auditor).await.expect("the auditor reads");
    let trusted = |of: &str| seen.iter().filter(|a| a.trusted && a.fingerprint == of).count();
    assert_eq!((seen.len(), trusted(&own), seen[0].change.as_str()), (5, 0, "removed"));
    assert_eq!(trusted(&hex::encode(other.root().fingerprint())), 1);
    assert!(trusting::list(app, &h.lan).await.is_err(), "a nurse's work is elsewhere");

    let rows = app.db.read::<_, StoreError, _>(|conn| audit::latest(conn, &Wanted::default(), 200)).await;
    let rows = rows.expect("the trail").into_iter().filter(|row| row.subject_kind == "trusted-authority").count();
    assert_eq!((rows, changes(&app.db).await.len()), (5, 5));

    // What was signed while it was trusted is proven as before; the package knows that it was trusted then.
    trusting::add(&app.db, h.authority.root().clone(), TrustKind::Anchor, "Khôi phục để kết xuất")
        .await
        .expect("added");
    upkeep.round().await;
    let package = exported(&h, stay).await;
    let report = judged(&h, &package, app.db.now().0);
    assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
}

// Clauses: SIG-9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_names_a_signature_under_an_authority_that_was_not_trusted_then() {
    let h = open(House::open().await).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    trusting::add(&app.db, h.authority.root().clone(), TrustKind::Anchor, "Chỉ từ bây giờ").await.expect("added");
    let package = exported(&h, stay).await;
    let report = judged(&h, &package, app.db.now().0);
    assert!(codes(&report).iter().all(|code| *code == "not-trusted-then"), "{}", report.to_text());
    assert_eq!(report.verdict, Verdict::IntactNotTrusted);
}

// Clauses: SIG-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_other_authorities_are_fetched_kept_and_called_stale_in_time() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let (ca, folder) = (PublicCa::open().await, tempfile::tempdir().expect("a folder"));
    let open = || {
        let outside = Outside::new(Duration::from_secs(1)).expect("a client");
        Fetched::open(outside, folder.path().join("fetched"))
    };
    let (fetched, now) = (open(), machine_now());
    let addresses = BTreeSet::from([format!("{}/list.crl", ca.url)]);
    let stranger = Authority::create("CA khác", KeyKind::P256, now).expect("another CA");
    let done = fetched.fetch(&addresses, &[stranger.root().clone()], now).await;
    assert_eq!((done.fetched, done.failed), (0, 1), "not by anybody who is trusted");
    let done = fetched.fetch(&addresses, &[ca.root()], now - 24 * HOUR).await;
    assert_eq!((done.fetched, done.failed), (0, 1), "a clock that was set back");
    let done = fetched.fetch(&addresses, &[ca.root()], now + HOUR).await;
    assert_eq!((done.fetched, done.failed, done.stale), (1, 0, 0));

    let again = open();
    *ca.mood.lock().expect("a mood") = Mood::Silent;
    assert_eq!(again.fetch(&addresses, &[ca.root()], now + 2 * HOUR).await.failed, 0, "kept, and not due yet");
    let done = again.fetch(&addresses, &[ca.root()], now + 8 * 24 * HOUR).await;
    assert_eq!((done.failed, done.stale), (1, 1), "{}", Instant(now).rfc3339());
    let whole = std::fs::read_dir(folder.path().join("fetched")).expect("a folder").flatten();
    assert!(whole.into_iter().all(|file| file.file_name().to_string_lossy().ends_with(".crl")), "no half of a file");
}
