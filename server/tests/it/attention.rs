//! What gateways and bridges hold for a person: who sees it, who decides, and how the decision gets there.

use crate::house::House;
use benhan_contract::{AttentionAct, AttentionChoice, AttentionItem, AttentionReport, Edge, EdgeKind, MOST_ATTENTION};
use benhan_domain::attention::Choice;
use benhan_domain::time::{MINUTE, SECOND};
use benhan_server::app::accounts::Caller;
use benhan_server::app::{AppError, attention};
use benhan_server::http::{Door, serve};
use benhan_server::view_attention::Attention;
use serde_json::json;
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const EDGE: &str = "gateway:khoa-noi";

fn item(key: &str, since: i64) -> AttentionItem {
    AttentionItem {
        key: key.into(),
        kind: "message-refused".into(),
        at: since,
        since,
        times: 1,
        sender: "mllp".into(),
        address: "10.0.9.1".into(),
        about: "17".into(),
        reason: "raw is not base64".into(),
        again: key.starts_with("message"),
    }
}

fn from(name: &str, items: Vec<AttentionItem>, done: Vec<Uuid>) -> AttentionReport {
    let edge = Edge { kind: EdgeKind::Gateway, name: name.into() };
    AttentionReport { edge, total: i64::try_from(items.len()).expect("few"), items, done }
}

/// Reports and gives back what is to be done.
async fn told(house: &House, keys: &[&str], done: Vec<Uuid>) -> Vec<AttentionAct> {
    let items = keys.iter().zip(1..).map(|(key, since)| item(key, since)).collect();
    attention::report(&house.app, from("khoa-noi", items, done)).await.expect("taken").acts
}

async fn list(house: &House, by: &Caller) -> Attention {
    attention::listed(&house.app, by).await.expect("a list")
}

async fn open(house: &House) -> i64 {
    attention::count(&house.app, &house.administrator).await.expect("a count").open
}

async fn choose(house: &House, by: &Caller, key: &str, choice: Choice) -> Result<(), AppError> {
    attention::choose(&house.app, by, EDGE.into(), key.into(), choice).await
}

fn code(answer: Result<(), AppError>) -> &'static str {
    match answer.expect_err("a refusal") {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

async fn a_decision_is_kept_with_its_audit_row_and_goes_out_with_the_next_answer(house: House) {
    assert_eq!(told(&house, &["message:1", "message:2"], vec![]).await, []);
    assert_eq!(open(&house).await, 2);
    let shown = list(&house, &house.administrator).await;
    let keys: Vec<&str> = shown.items.iter().map(|item| item.key.as_str()).collect();
    assert_eq!(keys, ["message:2", "message:1"], "the newest first");

    for _ in 0..2 {
        choose(&house, &house.administrator, "message:1", Choice::Again).await.expect("decided");
    }
    assert_eq!(house.audited("send-again", "attention").await, 1, "twice the same is once");
    assert_eq!(code(choose(&house, &house.administrator, "message:1", Choice::Seen).await), "already-handled");
    let shown = list(&house, &house.administrator).await;
    let doing = shown.items[1].doing.as_ref().expect("under way");
    assert_eq!((doing.choice.as_str(), doing.by.name.as_str(), &doing.undo_until), ("again", "Người qt", &None));
    assert_eq!(open(&house).await, 1, "what somebody has decided on waits for nobody");

    let acts = told(&house, &["message:1", "message:2"], vec![]).await;
    assert_eq!((acts[0].key.as_str(), acts[0].choice, acts.len()), ("message:1", AttentionChoice::Again, 1));
    assert_eq!(told(&house, &["message:1", "message:2"], vec![]).await, acts, "as long as nobody says it is done");
    assert_eq!(told(&house, &["message:2"], vec![acts[0].id]).await, []);
    assert_eq!(list(&house, &house.administrator).await.items.len(), 1);

    // Refused once more, it waits once more, and somebody may decide once more.
    told(&house, &["message:1"], vec![]).await;
    choose(&house, &house.administrator, "message:1", Choice::Again).await.expect("decided");
    assert_eq!(house.audited("send-again", "attention").await, 2);
}

async fn seen_may_be_taken_back_for_ten_seconds_and_no_program_hears_of_it_before(house: House) {
    told(&house, &["instance:1"], vec![]).await;
    let undo = || attention::undo(&house.app, &house.administrator, EDGE.into(), "instance:1".into());
    assert_eq!(code(choose(&house, &house.administrator, "instance:1", Choice::Again).await), "not-sendable");
    assert_eq!(code(undo().await), "too-late", "nothing was decided");
    choose(&house, &house.administrator, "instance:1", Choice::Seen).await.expect("decided");
    assert_eq!(told(&house, &["instance:1"], vec![]).await, []);
    undo().await.expect("taken back");
    assert!(list(&house, &house.administrator).await.items[0].doing.is_none());

    choose(&house, &house.administrator, "instance:1", Choice::Seen).await.expect("decided");
    house.later(11 * SECOND);
    assert_eq!(code(undo().await), "too-late");
    assert_eq!(told(&house, &["instance:1"], vec![]).await[0].choice, AttentionChoice::Seen);
    assert_eq!(house.audited("dismiss", "attention").await, 2);
    assert_eq!(house.audited("restore", "attention").await, 1);
}

async fn of_two_administrators_one_decides(house: House) {
    for turn in 0..8 {
        let key = format!("message:{turn}");
        told(&house, &[&key], vec![]).await;
        let (again, seen) = tokio::join!(
            choose(&house, &house.administrator, &key, Choice::Again),
            choose(&house, &house.administrator, &key, Choice::Seen)
        );
        assert_eq!(code(if again.is_ok() { seen } else { again }), "already-handled");
    }
    let audited = house.audited("send-again", "attention").await + house.audited("dismiss", "attention").await;
    assert_eq!(audited, 8, "and only that one is on the trail");
}

async fn a_program_that_says_nothing_is_itself_shown_until_it_is_taken_off(house: House) {
    told(&house, &["message:1"], vec![]).await;
    let forget = || attention::forget(&house.app, &house.administrator, EDGE.into());
    assert_eq!(code(forget().await), "still-reports");
    assert!(!list(&house, &house.administrator).await.edges[0].silent);
    house.later(4 * MINUTE);
    let shown = list(&house, &house.administrator).await;
    assert!(shown.edges[0].silent);
    assert_eq!((shown.items.len(), open(&house).await), (1, 2), "what it said last stays, and its silence counts");
    choose(&house, &house.administrator, "message:1", Choice::Again).await.expect("decided");
    forget().await.expect("taken off");
    assert_eq!(code(forget().await), "not-found");
    assert_eq!((list(&house, &house.administrator).await.edges.len(), open(&house).await), (0, 0));
    assert_eq!(house.audited("dismiss", "attention-edge").await, 1);
    assert_eq!(told(&house, &["message:1"], vec![]).await, [], "one that comes back begins anew");
}

on_both!(
    a_decision_is_kept_with_its_audit_row_and_goes_out_with_the_next_answer,
    seen_may_be_taken_back_for_ten_seconds_and_no_program_hears_of_it_before,
    of_two_administrators_one_decides,
    a_program_that_says_nothing_is_itself_shown_until_it_is_taken_off,
);

#[tokio::test]
async fn laboratory_and_radiology_see_the_list_and_only_the_administrator_decides() {
    let house = House::open().await;
    told(&house, &["message:1"], vec![]).await;
    for reader in [&house.technician, &house.radiologist] {
        assert_eq!(list(&house, reader).await.items.len(), 1);
        assert_eq!(code(choose(&house, reader, "message:1", Choice::Seen).await), "forbidden");
    }
    for stranger in [&house.nurse, &house.doctor] {
        assert_eq!(code(attention::listed(&house.app, stranger).await.map(drop)), "forbidden");
        assert_eq!(code(attention::count(&house.app, stranger).await.map(drop)), "forbidden");
    }
    assert_eq!(code(choose(&house, &house.administrator, "message:9", Choice::Again).await), "not-found");
}

#[tokio::test]
async fn a_report_out_of_bounds_is_refused_whole() {
    let house = House::open().await;
    let taken = async |change: fn(&mut AttentionReport)| {
        let mut report = from("khoa-noi", vec![item("message:1", 1)], vec![]);
        change(&mut report);
        attention::report(&house.app, report).await.map(drop)
    };
    for change in [
        |r: &mut AttentionReport| r.edge.name = String::new(),
        |r: &mut AttentionReport| r.edge.name = "a\nb".into(),
        |r: &mut AttentionReport| r.edge.name = "x".repeat(65),
        |r: &mut AttentionReport| r.total = 0,
        |r: &mut AttentionReport| r.items[0].key = "two words".into(),
        |r: &mut AttentionReport| r.items[0].kind = "x".repeat(65),
        |r: &mut AttentionReport| r.items[0].reason = "x".repeat(301),
        |r: &mut AttentionReport| r.items[0].sender = "mllp\u{0}".into(),
        |r: &mut AttentionReport| r.items[0].times = 0,
        |r: &mut AttentionReport| r.done = vec![Uuid::nil(); MOST_ATTENTION + 1],
        |r: &mut AttentionReport| {
            r.items = vec![item("message:1", 1); MOST_ATTENTION + 1];
            r.total = 1_000;
        },
    ] {
        assert_eq!(code(taken(change).await), "invalid");
    }
    taken(|r| r.items[0].kind = "of-a-later-version".into())
        .await
        .expect("a kind that we do not know is shown all the same");
    for number in 1..64 {
        attention::report(&house.app, from(&format!("nr-{number}"), vec![], vec![])).await.expect("taken");
    }
    assert_eq!(code(attention::report(&house.app, from("one-more", vec![], vec![])).await.map(drop)), "invalid");
    told(&house, &["message:2"], vec![]).await;
}

#[tokio::test]
async fn only_a_program_with_the_token_reports_and_no_page_that_asks_by_itself_keeps_a_session_open() {
    let mut house = House::open().await;
    house.by_password_alone();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    tokio::spawn(serve(house.app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let client = reqwest::Client::new();
    let report = |token: &str, body: String| {
        let request = client.post(format!("{base}/ingest/attention")).bearer_auth(token);
        let request = request.header("Content-Type", "application/json").body(body);
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    let honest = json!(from("khoa-noi", vec![item("message:1", 1)], vec![])).to_string();
    assert_eq!(report("guess", honest.clone()).await, 401);
    assert_eq!(report("ingest", honest.clone()).await, 200);
    assert_eq!(report("ingest", honest.replace("\"total\":1", "\"total\":\"1\"")).await, 400);
    assert_eq!(report("ingest", honest + &" ".repeat(2 << 20)).await, 413);

    let login = json!({ "username": "qt", "password": crate::house::PASSWORD });
    let entered = client.post(format!("{base}/api/v1/auth/login")).json(&login).send().await.expect("an answer");
    let cookie =
        entered.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a cookie").to_owned();
    let asks = |path: &str| {
        let request = client.get(format!("{base}/api/v1{path}")).header("Cookie", &cookie);
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    // The clock moves a second with each look: the badge asks all the time, and still the terminal locks.
    let lock_after = house.app.settings.lock_after_seconds;
    for _ in 0..4 {
        house.later((lock_after / 3) * SECOND);
        if asks("/attention/count").await == 423 {
            assert_eq!(asks("/attention").await, 423);
            stop.cancel();
            return;
        }
    }
    panic!("the badge kept the session open");
}
