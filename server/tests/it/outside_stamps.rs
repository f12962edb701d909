//! A time-stamp service outside the house: asked while somebody signs, never waited for long, and heard later all the same.

use crate::archive::{exported, judged};
use crate::house::{House, MORNING};
use crate::public_ca::{Mood, PublicCa, machine_now};
use crate::record_life::{Hospital, open};
use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::EncounterId;
use benhan_domain::time::{HOUR, MINUTE};
use benhan_server::config::Timestamp;
use benhan_server::trust::{Authorities, Clock, OutsideClock, Trust};
use benhan_server::upkeep::Upkeep;
use benhan_sign::{Anchors, Authority, Crl, KeyKind, SigningKey, Verdict, pades};
use benhan_store::{StoreError, archive, blobs, signatures};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

struct Story {
    h: Hospital,
    ca: Arc<PublicCa>,
    set: Timestamp,
}

async fn story() -> Story {
    let mut h = open(House::open().await).await;
    let ca = PublicCa::open().await;
    h.house.later(machine_now() - MORNING);
    let mut authority = Authority::from_json(&h.authority.to_json().expect("JSON")).expect("the same authority");
    let now = h.house.app.db.now().0;
    let mut lists = authority.crls(now).expect("lists");
    lists.push(Crl::from_der(&ca.list()).expect("a list"));
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_time_stamper("Bệnh viện Thử", &key, now, 365).expect("a certificate");
    let set = Timestamp { url: format!("{}/tsa", ca.url), timeout_seconds: 1, ..Timestamp::default() };
    let outside = OutsideClock::new(set.clone()).expect("a client");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists.clone());
    let trust = trust.with_clock(Some(Clock { key, certificate })).with_outside_clock(outside);
    let known = trust.authorities();
    trust.know(Authorities { time_stamps: vec![ca.root()], ..known });
    h.house.app.trust = Arc::new(trust);
    h.house.app.lists = Arc::new(move |_, _| Ok(lists.clone()));
    h.anchors = Anchors::new(vec![authority.root().clone(), ca.root()]);
    Story { h, ca, set }
}

impl Story {
    fn becomes(&self, mood: Mood) {
        *self.ca.mood.lock().expect("a mood") = mood;
    }

    /// Who stamped the sheet of this stay.
    async fn stamped_by(&self, stay: EncounterId) -> String {
        let read = self.h.house.app.db.read::<_, StoreError, _>(move |conn| {
            let kept = signatures::of_stay(conn, &system::<ViewChart>(stay), "", 10)?;
            let sheet = kept.into_iter().find(|one| one.format == "pades").expect("a sheet");
            Ok(blobs::read(conn, &sheet.sha256)?.expect("its bytes"))
        });
        let pdf = read.await.expect("a read");
        let report = pades::verify_pdf(&pdf, &self.h.anchors, self.h.house.app.db.now().0);
        let stamp = &report.signatures[0].cms.time_stamps[0];
        assert!(stamp.trusted, "{report:?}");
        stamp.authority.as_ref().expect("an authority").subject.clone()
    }

    async fn last(&self) -> archive::ArchiveStamp {
        self.h.house.app.db.read::<_, StoreError, _>(archive::last).await.expect("a read").expect("a stamp")
    }
}

// Clauses: SIG-14
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_is_stamped_by_the_service_and_by_the_own_clock_where_it_is_silent() {
    let s = story().await;
    let first = s.h.treated("26.0001", "Nguyễn Văn An").await;
    assert!(s.stamped_by(first).await.contains("tsa"));

    s.becomes(Mood::Silent);
    let begun = Instant::now();
    let second = s.h.treated("26.0002", "Trần Thị Bình").await;
    let third = s.h.treated("26.0003", "Lê Văn Cường").await;
    assert!(begun.elapsed().as_secs() < 20, "nobody waits long");
    for stay in [second, third] {
        assert!(s.stamped_by(stay).await.contains("Bệnh viện Thử"));
    }
    assert_eq!(s.ca.stamped.load(Ordering::Relaxed), 2, "left alone for a while after it did not answer");

    // What it would have said comes with the next archive stamp, and nothing that was stored is touched for that.
    s.becomes(Mood::Honest);
    s.h.house.later(10 * MINUTE);
    let mut upkeep = Upkeep::new(s.h.house.app.clone()).stamping(s.set.clone());
    let done = upkeep.round().await;
    assert_eq!((done.leaves, done.stamp), (6, Some(1)));
    assert_eq!(s.last().await.source, "outside");
    let package = exported(&s.h, second).await;
    let report = judged(&s.h, &package, s.h.house.app.db.now().0);
    assert_eq!(report.verdict, Verdict::Holds, "{}", report.to_text());
    assert!(report.archived_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_stamp_waits_a_day_for_the_service_and_then_for_nobody() {
    let s = story().await;
    let mut upkeep = Upkeep::new(s.h.house.app.clone()).stamping(s.set.clone());
    s.h.treated("26.0001", "Nguyễn Văn An").await;
    assert_eq!(upkeep.round().await.stamp, Some(1));
    s.becomes(Mood::Silent);
    s.h.treated("26.0002", "Trần Thị Bình").await;
    s.h.house.later(2 * HOUR);
    assert_eq!(upkeep.round().await.stamp, None, "it may answer yet");
    s.h.house.later(24 * HOUR);
    assert_eq!(upkeep.round().await.stamp, Some(2));
    assert_eq!(s.last().await.source, "house");
    s.becomes(Mood::Busy);
    s.h.treated("26.0003", "Lê Văn Cường").await;
    s.h.house.later(25 * HOUR);
    assert_eq!(upkeep.round().await.stamp, Some(3), "nonsense is no stamp");
    assert_eq!(s.last().await.source, "house");
}
