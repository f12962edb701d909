//! What falls due by the clock, on a clock that the story holds.

use crate::house::{House, PASSWORD};
use benhan_domain::time::HOUR;
use benhan_server::app::AppError;
use benhan_server::app::accounts;
use benhan_server::app::heads_out::Place;
use benhan_server::app::sealing::SealKey;
use benhan_server::idempotent::Key;
use benhan_server::trust::Trust;
use benhan_server::upkeep::Upkeep;
use benhan_sign::audit_export::{HeadBody, hash_from};
use benhan_sign::merkle::Frontier;
use benhan_sign::{Authority, KeyKind, SigningKey};
use benhan_store::{StoreError, audit, sessions, users};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const DAY: i64 = 24 * HOUR;

struct Sealed {
    house: House,
    upkeep: Upkeep,
    /// How often the lists were asked for.
    asked: Arc<AtomicUsize>,
}

/// A hospital with a CA and a seal of its own.
async fn sealed() -> Sealed {
    let mut house = House::open().await;
    let now = house.app.db.now().0;
    let mut authority = Authority::create("Bệnh viện Thử", KeyKind::P256, now).expect("a CA");
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_seal("79001", "Bệnh viện Thử", &key, now, 365).expect("a seal");
    let lists = authority.crls(now).expect("lists");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists);
    house.app.trust = Arc::new(trust);
    let (authority, asked) = (Mutex::new(authority), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    house.app.lists = Arc::new(move |now, revoked| {
        counted.fetch_add(1, Ordering::Relaxed);
        let mut authority = authority.lock().map_err(|e| e.to_string())?;
        authority.revoke_all(revoked);
        authority.crls(now).map_err(|e| e.to_string())
    });
    house.app.seal = Some(Arc::new(SealKey { key, certificate }));
    let upkeep = Upkeep::new(house.app.clone());
    Sealed { house, upkeep, asked }
}

async fn heads(house: &House) -> usize {
    let read = house.app.db.read::<_, StoreError, _>(audit::signed_heads);
    read.await.expect("a read").len()
}

#[tokio::test]
async fn heads_are_signed_each_hour_in_which_something_happened() {
    let mut s = sealed().await;
    assert_eq!(s.upkeep.round().await.heads, Some(1));
    s.house.later(HOUR / 2);
    assert_eq!(s.upkeep.round().await.heads, None, "half an hour is none");
    s.house.later(HOUR);
    assert_eq!(s.upkeep.round().await.heads, Some(0), "nothing happened: the head is signed already");
    s.house.admitted("26.0001", "Nguyễn Văn An", s.house.wards[0]).await;
    accounts::login(&s.house.app, "dd".into(), PASSWORD.into(), None).await.expect("a login");
    s.house.later(HOUR);
    assert_eq!(s.upkeep.round().await.heads, Some(1));
    assert_eq!(heads(&s.house).await, 2);
}

// Clauses: C46-10.5, CV-III.1.3c
#[tokio::test]
async fn a_head_carries_the_tree_and_the_next_one_goes_on_from_it() {
    let mut s = sealed().await;
    for _ in 0..3 {
        accounts::login(&s.house.app, "dd".into(), PASSWORD.into(), None).await.expect("a login");
        s.house.later(2 * HOUR);
        assert_eq!(s.upkeep.round().await.heads, Some(1));
    }
    let read = s.house.app.db.read::<_, StoreError, _>(|conn| {
        let heads = audit::signed_heads(conn)?;
        let chain = heads[0].0.clone();
        let hashes = audit::hashes_after(conn, &chain, 0, i64::MAX, 1_000)?;
        let over = audit::head_over(conn, &chain, heads[0].1 + 1)?;
        Ok((heads, hashes, audit::last_signed(conn, &chain)?, over))
    });
    let (heads, hashes, last, over) = read.await.expect("a read");
    assert_eq!(heads.len(), 3);
    for (_, seq, body, _) in &heads {
        let mut tree = Frontier::default();
        for (_, hash) in hashes.iter().take(usize::try_from(*seq).expect("small")) {
            tree.push(hash_from(hash).expect("a hash"));
        }
        let body: HeadBody = serde_json::from_str(body).expect("a head");
        assert_eq!(body.tree(), Some((tree.size(), tree.root())), "as from the first row");
    }
    assert_eq!(over.map(|head| head.1), Some(heads[1].1), "the first that covers a row");
    let (body, edge) = last.expect("signed");
    let (size, root) = serde_json::from_str::<HeadBody>(&body).expect("a head").tree().expect("a tree");
    assert!(Frontier::resume(size, &edge.expect("an edge"), &root).is_some());
}

#[tokio::test]
async fn lists_are_renewed_daily_so_a_seal_still_holds_after_a_month() {
    let mut s = sealed().await;
    for _ in 0..30 {
        s.house.later(DAY);
        let done = s.upkeep.round().await;
        assert_eq!(done.lists, Some(2));
        assert!(done.heads.is_some(), "a list that is over would refuse the seal");
    }
    assert_eq!(s.asked.load(Ordering::Relaxed), 30);
    s.house.later(HOUR);
    assert_eq!(s.upkeep.round().await.lists, None);
}

#[tokio::test]
async fn what_is_over_is_forgotten_in_its_time_and_not_before() {
    let mut s = sealed().await;
    let app = s.house.app.clone();
    let opened = accounts::login(&app, "dd".into(), PASSWORD.into(), None).await.expect("a login");
    let user = s.house.nurse.user.id;
    let kept = app.db.write::<_, AppError, _>(move |tx| {
        let key = Key::new(Some("k1"), b"asked")?.ok_or_else(|| AppError::Internal("a key".into()))?;
        key.keep(tx, user, "{}")
    });
    kept.await.expect("kept");
    s.house.later(23 * HOUR);
    let done = s.upkeep.round().await;
    assert_eq!((done.answers, done.sessions), (0, 0));
    s.house.later(2 * HOUR);
    assert_eq!(s.upkeep.round().await.answers, 1, "a retry comes within a day");
    s.house.later(31 * DAY);
    assert_eq!(s.upkeep.round().await.sessions, 1, "a month after it was over");
    assert!(accounts::recognise(&app, &opened.token).await.is_err());
}

#[tokio::test]
async fn a_new_password_ends_the_other_terminals() {
    let s = sealed().await;
    let app = s.house.app.clone();
    let mut terminals = Vec::new();
    for _ in 0..2 {
        terminals.push(accounts::login(&app, "dd".into(), PASSWORD.into(), None).await.expect("a login").token);
    }
    let here = accounts::recognise(&app, &terminals[0]).await.expect("a session");
    accounts::change_password(&app, &here, PASSWORD.into(), "mot cau dai de nho 9".into()).await.expect("changed");
    assert!(accounts::recognise(&app, &terminals[0]).await.is_ok());
    assert!(accounts::recognise(&app, &terminals[1]).await.is_err());
    let user = here.user.id;
    let open = app.db.read::<_, StoreError, _>(move |conn| sessions::open_of(conn, user, 0)).await;
    assert_eq!(open.expect("a count"), 1);
    let read = app.db.read::<_, StoreError, _>(move |conn| users::by_id(conn, user)).await.expect("a read");
    assert!(!read.expect("a user").must_change_password);
}

// Clauses: C46-10.5, SEC-4
#[tokio::test(flavor = "multi_thread")]
async fn signed_heads_leave_the_machine_and_are_never_written_over() {
    let mut s = sealed().await;
    let outside = tempfile::tempdir().expect("a disk");
    let (away, log) = (outside.path().join("worm"), outside.path().join("log"));
    let socket = std::os::unix::net::UnixDatagram::bind(&log).expect("the system's log");
    s.upkeep = s.upkeep.sending_heads(vec![Place::Folder(away.clone()), Place::Syslog(log)]);
    assert_eq!(s.upkeep.round().await.heads_sent, 1, "the folder is not there yet, the log is");
    let mut line = [0; 60_000];
    let said = socket.recv(&mut line).expect("a line");
    let said = String::from_utf8_lossy(&line[..said]).into_owned();
    assert!(said.starts_with("<109>1 ") && said.contains(" audit-head - @cee:{\"head\":{"), "{said}");

    std::fs::create_dir(&away).expect("plugged in");
    accounts::login(&s.house.app, "dd".into(), PASSWORD.into(), None).await.expect("a login");
    s.house.later(2 * HOUR);
    assert_eq!(s.upkeep.round().await.heads_sent, 3, "the folder has caught up");
    let signed = s.house.app.db.read::<_, StoreError, _>(audit::signed_heads).await.expect("heads");
    for (chain, seq, body, cms) in &signed {
        let name = away.join(format!("{chain}-{seq:012}"));
        assert_eq!(std::fs::read(name.with_extension("json")).expect("kept"), body.as_bytes());
        assert_eq!(&std::fs::read(name.with_extension("p7s")).expect("kept"), cms);
    }
    // Another start goes through them all, and one that says something else stays as it is.
    let (chain, seq, _, _) = &signed[0];
    let first = away.join(format!("{chain}-{seq:012}.json"));
    std::fs::write(&first, "{}").expect("changed there");
    s.upkeep = s.upkeep.sending_heads(vec![Place::Folder(away.clone())]);
    accounts::login(&s.house.app, "dd".into(), PASSWORD.into(), None).await.expect("a login");
    s.house.later(2 * HOUR);
    assert_eq!(s.upkeep.round().await.heads_sent, 0);
    assert_eq!(std::fs::read(&first).expect("there"), b"{}");
}
