//! The list of what waits: who sees what, who decides, and what is taken back.

use crate::house::{House, MORNING, analyzed, group, monitored, reading, vital};
use benhan_domain::id::{EncounterId, InboxId};
use benhan_domain::time::MINUTE;
use benhan_server::app::accounts::Caller;
use benhan_server::app::matching::Which;
use benhan_server::app::{AppError, charting, ingest, matching, results};
use benhan_store::inbox::{Message, NewMessage, Page, State};
use benhan_store::{devices, jobs};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn page() -> Page {
    Page { limit: 100, ..Page::default() }
}

fn two() -> Vec<String> {
    vec!["name".into(), "code".into()]
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

async fn lost(house: &House, ward: &str, bed: &str, decimal: &str) -> Message {
    let pulse = vital("8867-4", decimal, "/min", Some(MORNING));
    house.arrives(monitored(ward, bed, MORNING, &[pulse])).await
}

async fn on_chart(house: &House, stay: EncounterId) -> usize {
    let sets = charting::chart(&house.app, &house.doctor, stay, i64::MIN, i64::MAX).await.expect("a chart");
    sets.iter().filter(|s| s.status.as_str() != "rejected").count()
}

async fn match_one(house: &House, by: &Caller, of: &Message, to: EncounterId) -> Result<(), AppError> {
    matching::match_by_hand(&house.app, by, of.id, to, None, two()).await
}

async fn of_two_people_one_matches(house: House) {
    let his = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let hers = house.admitted("26.0002", "Trần Thị Bình", house.wards[1]).await;
    for turn in 0..8 {
        let at = MORNING + turn * 20 * MINUTE;
        let pulse = vital("8867-4", "80", "/min", Some(at));
        let item = house.arrives(monitored("NOI1", "G99", at, &[pulse])).await;
        let (first, second) = tokio::join!(
            match_one(&house, &house.nurse, &item, his),
            match_one(&house, &house.other_nurse, &item, hers)
        );
        let lost = match (first, second) {
            (Ok(()), Err(error)) | (Err(error), Ok(())) => code(error),
            both => panic!("{both:?}"),
        };
        assert_eq!(lost, "already-handled");
    }
    assert_eq!(on_chart(&house, his).await + on_chart(&house, hers).await, 8, "each on one chart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_one_matches_on_sqlite() {
    of_two_people_one_matches(House::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_one_matches_on_postgres() {
    if let Some(house) = House::on_postgres().await {
        of_two_people_one_matches(house).await;
    }
}

#[tokio::test]
async fn a_laboratory_match_by_hand_is_undone_from_the_list() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let item = house.arrives(analyzed(vec![group("SMUDGED", &[reading("K", "4.1")])])).await;
    match_one(&house, &house.technician, &item, stay).await.expect("matched");
    let charted = || async { results::of_stay(&house.app, &house.doctor, stay).await.expect("a chart").len() };
    assert_eq!(charted().await, 1);
    let by_nurse = matching::undo(&house.app, &house.nurse, item.id).await;
    assert!(matches!(code(by_nurse.expect_err("not hers to undo")), "forbidden" | "not-found"));
    matching::undo(&house.app, &house.technician, item.id).await.expect("undone");
    assert_eq!(charted().await, 0);
    assert_eq!(house.message(item.id).await.state, State::Waiting);
}

// Clauses: C46-10.5
#[tokio::test]
async fn a_match_is_undone_where_it_was_made_and_the_chart_says_so() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let item = lost(&house, "NOI1", "G99", "80").await;
    match_one(&house, &house.nurse, &item, stay).await.expect("matched");
    assert_eq!(on_chart(&house, stay).await, 1);
    let elsewhere = matching::undo(&house.app, &house.other_nurse, item.id).await;
    assert!(matches!(code(elsewhere.expect_err("another ward's chart")), "forbidden" | "not-found"));
    let mut events = house.app.hub.subscribe();
    matching::undo(&house.app, &house.nurse, item.id).await.expect("undone");
    assert_eq!(on_chart(&house, stay).await, 0);
    assert_eq!(house.audited("cancel", "observation-set").await, 1, "the chart's own trail has it");
    let mut told = false;
    while let Ok(event) = events.try_recv() {
        told |=
            matches!(event, benhan_server::hub::Event::Chart { encounter, what: "vitals", .. } if encounter == stay);
    }
    assert!(told, "the terminals that show the chart are told");
}

#[tokio::test]
async fn a_nurse_sees_what_waits_for_her_ward_and_what_nobody_can_place() {
    let house = House::open().await;
    let hers = lost(&house, "NOI1", "G01", "80").await;
    let others = lost(&house, "NOI2", "G01", "81").await;
    let nowhere = lost(&house, "XYZ", "G77", "82").await;
    let tube = house.arrives(analyzed(vec![group("SMUDGED", &[reading("K", "4.1")])])).await;
    let seen = |by: Caller| {
        let app = house.app.clone();
        async move {
            let list = matching::waiting(&app, &by, Which::Open, page()).await.expect("a list");
            list.into_iter().map(|item| item.id).collect::<Vec<_>>()
        }
    };
    let ids = |of: &[&Message]| of.iter().map(|m| m.id.to_string()).collect::<Vec<_>>();
    assert_eq!(seen(house.nurse.clone()).await, ids(&[&hers, &nowhere]));
    assert_eq!(seen(house.other_nurse.clone()).await, ids(&[&others, &nowhere]));
    assert_eq!(seen(house.technician.clone()).await, ids(&[&tube]));
    assert_eq!(house.audited("view", "waiting-list").await, 3, "each look at the list is noted");
    seen(house.nurse.clone()).await;
    assert_eq!(house.audited("view", "waiting-list").await, 3, "a look that goes on is one row");
    for (by, of) in [(&house.nurse, &others), (&house.nurse, &tube), (&house.technician, &hers)] {
        let refused = matching::raw(&house.app, by, of.id).await.expect_err("not theirs");
        assert!(matches!(code(refused), "forbidden" | "not-found"));
        let refused = matching::dismiss(&house.app, by, of.id, "nhầm".into()).await.expect_err("not theirs");
        assert!(matches!(code(refused), "forbidden" | "not-found"));
    }
    matching::raw(&house.app, &house.nurse, hers.id).await.expect("her own");
    matching::dismiss(&house.app, &house.nurse, hers.id, "máy thử".into()).await.expect("her own");
    assert_eq!(house.message(others.id).await.state, State::Waiting);
}

/// A message that no rule can read, and its job with one try left.
async fn unreadable(house: &House) -> InboxId {
    let kept = house.app.db.write(|tx| {
        let device = devices::seen(tx, "mllp|ODD", "ODD", "monitor", "mllp", None)?;
        let new = NewMessage {
            id: tx.fresh(),
            device: device.id,
            kind: "vitals",
            received_at: MORNING,
            effective_at: None,
            specimen: None,
            body: "{}".into(),
            raw: zstd::encode_all(&b"MSH|"[..], 3).expect("packed"),
            raw_sha256: "00".into(),
        };
        benhan_store::inbox::receive(tx, &new)?;
        jobs::enqueue(tx, ingest::MATCH, &new.id.to_string(), None)?;
        let now = tx.now().0;
        let job = jobs::due(tx.conn(), now, 1)?.remove(0);
        for _ in 0..7 {
            jobs::fail(tx, job.id, "again", Some(now))?;
        }
        Ok::<_, AppError>(new.id)
    });
    kept.await.expect("kept")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_job_is_dead_waits_where_a_person_sees_it() {
    let house = House::open().await;
    let id = unreadable(&house).await;
    let mut events = house.app.hub.subscribe();
    let stop = CancellationToken::new();
    tokio::spawn(benhan_server::jobs::run(house.app.clone(), stop.clone()));
    let told = async { while !matches!(events.recv().await, Ok(benhan_server::hub::Event::Waiting)) {} };
    tokio::time::timeout(Duration::from_secs(30), told).await.expect("the list changed");
    stop.cancel();
    let message = house.message(id).await;
    assert_eq!((message.state, message.reason.as_str()), (State::Waiting, "unreadable"));
    let list = matching::waiting(&house.app, &house.nurse, Which::Open, page()).await.expect("a list");
    assert_eq!(list.iter().map(|item| item.id.clone()).collect::<Vec<_>>(), [id.to_string()]);
    assert_eq!(matching::raw(&house.app, &house.nurse, id).await.expect("its bytes"), b"MSH|");
    let dead = house.app.db.read::<_, AppError, _>(|conn| Ok(jobs::troubled(conn, 10)?)).await.expect("jobs");
    assert!(dead[0].dead && dead[0].job.payload == id.to_string());
}

#[tokio::test]
async fn what_one_device_repeats_is_one_line_and_nothing_is_past_the_last_page() {
    let house = House::open().await;
    for minute in 0..5 {
        let at = MORNING + minute * MINUTE;
        let pulse = vital("8867-4", "80", "/min", Some(at));
        house.arrives(monitored("NOI1", "G99", at, &[pulse])).await;
    }
    let bad_unit = vital("8480-6", "120", "cm[H2O]", Some(MORNING));
    house.arrives(monitored("NOI1", "G01", MORNING, &[bad_unit])).await;
    for n in 0..3 {
        house.arrives(analyzed(vec![group(&format!("LOST{n}"), &[reading("K", "4.1")])])).await;
    }
    let told = |by: Caller, page: Page| {
        let app = house.app.clone();
        async move {
            let list = matching::waiting(&app, &by, Which::Open, page).await.expect("a list");
            list.into_iter().map(|item| (item.seq, item.reason, item.times)).collect::<Vec<_>>()
        }
    };
    let all = told(house.nurse.clone(), page()).await;
    let short: Vec<_> = all.iter().map(|(_, reason, times)| (reason.as_str(), *times)).collect();
    assert_eq!(short, [("unknown-bed", 5), ("unit", 1)]);
    assert_eq!(told(house.technician.clone(), page()).await.len(), 3, "three tubes are three lines");
    let first = told(house.nurse.clone(), Page { limit: 1, ..page() }).await;
    let next = told(house.nurse.clone(), Page { past: Some(first[0].0), ..page() }).await;
    assert_eq!([first, next].concat(), all);
    let only = told(house.nurse.clone(), Page { reason: Some("unit".into()), ..page() }).await;
    assert_eq!(only, all[1..]);
}
