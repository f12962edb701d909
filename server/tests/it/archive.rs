//! What was signed stays provable for as long as it is kept: under archive stamps that are renewed before they end.

use crate::house::House;
use crate::record_life::{Hospital, open};
use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::EncounterId;
use benhan_domain::time::HOUR;
use benhan_package::{Report, verify};
use benhan_server::app::archive;
use benhan_server::app::export::{Desk, from_machine};
use benhan_server::app::sealing::SealKey;
use benhan_server::config::Timestamp;
use benhan_server::trust::{Clock, Trust};
use benhan_server::upkeep::Upkeep;
use benhan_sign::{Authority, KeyKind, Severity, SigningKey, Verdict};
use benhan_store::archive::{ArchiveStamp, LeafKind};
use benhan_store::{StoreError, archive as tree, encounters};
use std::fs::File;
use std::io::BufReader;
use std::process::Command;
use std::sync::{Arc, Mutex};

const DAY: i64 = 24 * HOUR;

on_both!(
    what_is_signed_is_under_a_stamp_within_the_hour,
    a_round_that_was_cut_off_is_taken_up_by_the_next,
    with_renewal_a_record_is_proven_years_later_and_without_it_is_not,
);

/// A hospital whose seal outlives the story, and whose CA can give the clock a new certificate each year.
async fn lasting(house: House) -> Hospital {
    let mut h = open(house).await;
    let now = h.house.app.db.now().0;
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = h.authority.issue_seal("79001", "Bệnh viện Thử", &key, now, 3000).expect("a seal");
    h.house.app.seal = Some(Arc::new(SealKey { key, certificate }));
    let mut twin = Authority::from_json(&h.authority.to_json().expect("JSON")).expect("the same authority");
    let lists = twin.crls(now).expect("lists");
    let trust = Trust::new(vec![twin.root().clone()], vec![twin.issuing().clone()], lists);
    let (clock, twin) = (a_year(&twin, now), Arc::new(Mutex::new(twin)));
    let maker = Arc::clone(&twin);
    let trust = trust.with_clock(Some(clock)).with_clockmaker(Arc::new(move |now| {
        let authority = maker.lock().map_err(|e| e.to_string())?;
        Ok(a_year(&authority, now))
    }));
    h.house.app.trust = Arc::new(trust);
    h.house.app.lists =
        Arc::new(move |now, _| twin.lock().map_err(|e| e.to_string())?.crls(now).map_err(|e| e.to_string()));
    h
}

fn a_year(authority: &Authority, now: i64) -> Clock {
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_time_stamper("Bệnh viện Thử", &key, now, 365).expect("a certificate");
    Clock { key, certificate }
}

pub async fn exported(h: &Hospital, stay: EncounterId) -> File {
    let read =
        h.house.app.db.read::<_, StoreError, _>(move |conn| encounters::read(conn, &system::<ViewChart>(stay), stay));
    let number = read.await.expect("a read").expect("a stay").number;
    let into = tempfile::tempfile().expect("a file");
    from_machine(Desk::of(&h.house.app), &number, "Sao cho tòa án", into).await.expect("a package").1
}

pub fn judged(h: &Hospital, package: &File, at: i64) -> Report {
    verify(BufReader::new(package.try_clone().expect("a file")), &h.anchors, at)
}

pub fn codes(report: &Report) -> Vec<&'static str> {
    let heavy = report.findings.iter().filter(|placed| placed.finding.severity() > Severity::Note);
    heavy.map(|placed| placed.finding.code()).collect()
}

async fn last(h: &Hospital) -> Option<ArchiveStamp> {
    h.house.app.db.read::<_, StoreError, _>(tree::last).await.expect("a read")
}

// Clauses: SIG-11, SIG-14
async fn what_is_signed_is_under_a_stamp_within_the_hour(house: House) {
    let h = lasting(house).await;
    let mut upkeep = Upkeep::new(h.house.app.clone());
    let first = h.treated("26.0001", "Nguyễn Văn An").await;
    let done = upkeep.round().await;
    assert_eq!((done.leaves, done.stamp), (2, Some(1)), "a set and its sheet");
    let done = upkeep.round().await;
    assert_eq!((done.leaves, done.stamp), (0, None));
    let second = h.treated("26.0002", "Trần Thị Bình").await;
    let done = upkeep.round().await;
    assert_eq!((done.leaves, done.stamp), (2, None), "in the tree at once, stamped with what the hour brings");
    h.house.later(HOUR);
    assert_eq!(upkeep.round().await.stamp, Some(2));

    for stay in [first, second] {
        let package = exported(&h, stay).await;
        let report = judged(&h, &package, h.house.app.db.now().0);
        assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
        assert!(report.archived_at.is_some(), "and says that it is archived");
    }
    openssl_agrees(&h, &last(&h).await.expect("a stamp"));
}

/// The stamp as others read it.
fn openssl_agrees(h: &Hospital, stamp: &ArchiveStamp) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a file");
    write("body.json", stamp.body.as_bytes());
    write("token.der", &stamp.token);
    write("ca.pem", h.authority.root().to_pem().as_bytes());
    write("issuing.pem", h.authority.issuing().to_pem().as_bytes());
    let at = (stamp.at / 1_000_000).to_string();
    let verify = |data: &str| {
        let arguments = ["ts", "-verify", "-data", data, "-in", "token.der", "-token_in", "-CAfile", "ca.pem"];
        let more = ["-untrusted", "issuing.pem", "-attime", &at];
        let run = Command::new("openssl").args(arguments).args(more).current_dir(folder.path()).output();
        run.expect("openssl is installed").status.success()
    };
    assert!(verify("body.json"), "openssl ts accepts it");
    write("other.json", stamp.body.replace("79001", "79002").as_bytes());
    assert!(!verify("other.json"), "and over nothing else");
}

async fn a_round_that_was_cut_off_is_taken_up_by_the_next(house: House) {
    let h = lasting(house).await;
    h.treated("26.0001", "Nguyễn Văn An").await;
    // Killed after the leaves were kept and before they were stamped.
    assert_eq!(archive::gather(&h.house.app.db).await.expect("leaves"), 2);
    assert_eq!(archive::gather(&h.house.app.db).await.expect("leaves"), 0, "none twice");
    let set = Timestamp::default();
    // Two servers on one database come to it together.
    let rounds =
        futures_util::future::join(archive::round(&h.house.app, &set), archive::round(&h.house.app, &set)).await;
    let made = [rounds.0.expect("a round"), rounds.1.expect("a round")];
    assert!(made.iter().any(|round| round.stamp == Some(1)));
    assert_eq!(last(&h).await.map(|stamp| (stamp.seq, stamp.size)), Some((1, 2)));
    let size = h.house.app.db.read::<_, StoreError, _>(tree::size).await.expect("a read");
    assert_eq!(size, 3, "the stamp itself is a leaf, once");
    let of = vec!["000000000001".to_owned()];
    let found = h.house.app.db.read::<_, StoreError, _>(move |conn| tree::places(conn, LeafKind::Stamp, &of)).await;
    assert_eq!(found.expect("a read").into_values().collect::<Vec<_>>(), [2]);
}

// Clauses: SIG-11, SIG-14, SIG-15
async fn with_renewal_a_record_is_proven_years_later_and_without_it_is_not(house: House) {
    let h = lasting(house).await;
    let mut upkeep = Upkeep::new(h.house.app.clone());
    let stay = h.treated("26.0001", "Nguyễn Văn An").await;
    assert_eq!(upkeep.round().await.stamp, Some(1));
    let early = exported(&h, stay).await;
    let begun = h.house.app.db.now().0;
    assert_eq!(judged(&h, &early, begun + 300 * DAY).verdict, Verdict::Holds);
    let alone = judged(&h, &early, begun + 700 * DAY);
    assert_eq!(codes(&alone), ["archive-stamp-ended"], "{}", alone.to_text());
    assert_eq!(alone.verdict, Verdict::IntactNotTrusted);

    for expected in 2..=3 {
        h.house.later(200 * DAY);
        assert_eq!(upkeep.round().await.stamp, Some(expected), "renewed half a year before it ends");
        assert_eq!(upkeep.round().await.stamp, None, "and once");
    }
    h.house.later(300 * DAY);
    upkeep.round().await;
    let now = h.house.app.db.now().0;
    assert!(now > begun + 690 * DAY);
    let late = exported(&h, stay).await;
    let report = judged(&h, &late, now);
    assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
    // The same record, had nobody renewed in time.
    let ended = judged(&h, &late, now + 1500 * DAY);
    assert_eq!(ended.verdict, Verdict::IntactNotTrusted);
}
