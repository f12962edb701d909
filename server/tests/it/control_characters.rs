//! A character that PostgreSQL cannot keep holds nobody up: not a device, not a login, not a search.

use crate::house::{House, MORNING, PASSWORD, analyzed, group, monitored, reading, vital};
use benhan_contract::{Deliveries, Outcome};
use benhan_domain::id::InboxId;
use benhan_server::app::ingest;
use benhan_server::http::{Door, serve};
use serde_json::json;
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;

async fn one_broken_message_holds_nobody_up(house: House) {
    let mut odd = analyzed(vec![group("26\u{0}01", &[reading("K\u{0}", "4.1")])]);
    odd.sender.application = "XN\u{0}\u{1b}".into();
    odd.patient = Some(benhan_contract::SenderPatient { name: "NGUYEN\u{0}".into(), ..Default::default() });
    let mut long = analyzed(vec![group("26002", &[reading("K", "4.1")])]);
    long.sender.application =
        (0..30_000_u32).map(|n| char::from_u32(0x4e00 + n * 7 % 20_000).expect("a sign")).collect();
    let sound = monitored("NOI1", "G01", MORNING, &[vital("8867-4", "80", "/min", Some(MORNING))]);
    let (id, kept) = (odd.id, InboxId(odd.id.0));
    let batch = Deliveries { deliveries: vec![odd, long, sound] };
    let receipts = ingest::deliveries(&house.app, batch.clone()).await.expect("an answer").receipts;
    assert_eq!(receipts[0].id, id);
    assert!(receipts.iter().all(|r| r.outcome == Outcome::Accepted), "{receipts:?}");
    let message = house.message(kept).await;
    assert_eq!(message.specimen.as_deref(), Some("2601"));
    let again = ingest::deliveries(&house.app, batch).await.expect("an answer").receipts;
    assert!(again.iter().all(|r| r.outcome == Outcome::Duplicate), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_broken_message_holds_nobody_up_on_sqlite() {
    one_broken_message_holds_nobody_up(House::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_broken_message_holds_nobody_up_on_postgres() {
    if let Some(house) = House::on_postgres().await {
        one_broken_message_holds_nobody_up(house).await;
    }
}

async fn what_a_person_or_a_viewer_sends_is_refused_as_theirs(house: House) {
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    tokio::spawn(serve(house.app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let client = reqwest::Client::new();
    let login = |name: &str| {
        let body = json!({ "username": name, "password": PASSWORD });
        client.post(format!("{base}/api/v1/auth/login")).json(&body).send()
    };
    assert_eq!(login("bs\u{0}").await.expect("an answer").status(), 422);
    let opened = login("bs").await.expect("an answer");
    let cookie = opened.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("a value").to_owned();
    let session: serde_json::Value = serde_json::from_slice(&opened.bytes().await.expect("a body")).expect("JSON");
    let csrf = session["csrf"].as_str().expect("a token").to_owned();
    let order = client
        .post(format!("{base}/api/v1/encounters/{stay}/orders"))
        .header("Cookie", &cookie)
        .header("X-CSRF-Token", &csrf)
        .json(&json!({ "items": ["GLU\u{0}"] }));
    assert_eq!(order.send().await.expect("an answer").status(), 422);
    let search = client
        .post(format!("{base}/api/v1/patients/search"))
        .header("Cookie", &cookie)
        .header("X-CSRF-Token", csrf)
        .json(&json!({ "q": "a\u{0}" }));
    assert_eq!(search.send().await.expect("an answer").status(), 200, "it finds as if it were not there");
    for path in ["/dicom-web/studies?PatientID=26%00", "/dicom-web/studies?AccessionNumber=A%00"] {
        let asked = client.get(format!("{base}{path}")).header("Cookie", &cookie).send().await.expect("an answer");
        assert!([400, 404, 422].contains(&asked.status().as_u16()), "{path}: {}", asked.status());
    }
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_or_a_viewer_sends_is_refused_as_theirs_on_sqlite() {
    what_a_person_or_a_viewer_sends_is_refused_as_theirs(House::open().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_or_a_viewer_sends_is_refused_as_theirs_on_postgres() {
    if let Some(house) = House::on_postgres().await {
        what_a_person_or_a_viewer_sends_is_refused_as_theirs(house).await;
    }
}
