//! What was kept reaches the server once and in order, whatever happens on the way.

use crate::server::{FakeServer, Mood, TOKEN};
use benhan_contract::{DeliveryId, DeviceDelivery, Processing, Protocol, Sender};
use benhan_uplink::{
    Client, Courier, DuplicateWindow, Incoming, Kind, Parcel, Spool, Surroundings, UplinkConfig, outbox,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio_util::sync::CancellationToken;

struct Gateway {
    spool: Spool,
    _dir: tempfile::TempDir,
    shutdown: CancellationToken,
    courier: tokio::task::JoinHandle<()>,
}

fn quick(url: String) -> UplinkConfig {
    let mut config = UplinkConfig::new(url, TOKEN);
    config.retry_first_ms = 1;
    config.retry_longest_s = 1;
    config.hold_after = 3;
    config
}

impl Gateway {
    fn reaching(config: UplinkConfig) -> Self {
        Self::in_surroundings(config, Surroundings::system())
    }

    fn in_surroundings(config: UplinkConfig, surroundings: Surroundings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (spool, _) = Spool::open(&dir.path().join("spool.db"), surroundings.clone()).unwrap();
        let client = Client::new(&config).unwrap();
        let courier = Courier::new(spool.outbox().clone(), client, &config, surroundings, Spool::settle());
        let shutdown = CancellationToken::new();
        let courier = tokio::spawn(courier.run(shutdown.clone()));
        Self { spool, _dir: dir, shutdown, courier }
    }

    /// Keeps and reads a message of a device, as the gateway does.
    async fn hears(&self, device: &str, text: &str) {
        let kept = self.spool.keep(message(device, text)).await.unwrap();
        let stored = self.spool.receipt(kept.sequence).await.unwrap().unwrap();
        let delivery = delivery(kept.id, kept.sequence, device, text);
        self.spool.normalised(vec![(stored.stored_lane(), delivery)]).await.unwrap();
    }

    /// The spool lets go shortly after the server has committed.
    async fn until_nothing_waits(&self) {
        let emptied = async {
            while self.spool.status().await.unwrap().waiting() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), emptied).await.expect("something waits for ever");
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.courier.await.unwrap();
    }
}

fn message(device: &str, text: &str) -> Incoming {
    let mut dedupe_key = [0; 32];
    for (slot, byte) in dedupe_key.iter_mut().zip(format!("{text}{device}").bytes()) {
        *slot = byte;
    }
    Incoming {
        channel: "mllp".to_owned(),
        address: "10.0.9.1".to_owned(),
        lane: device.to_owned(),
        protocol: Protocol::Hl7,
        dedupe_key,
        received_at: Surroundings::system().now(),
        repeats_within: DuplicateWindow::TIMED,
        raw: text.as_bytes().to_vec(),
        complete: true,
    }
}

fn delivery(id: DeliveryId, sequence: i64, device: &str, text: &str) -> DeviceDelivery {
    DeviceDelivery {
        id,
        sequence,
        sender: Sender { application: device.to_owned(), ..Sender::default() },
        protocol: Protocol::Hl7,
        received_at: 1,
        message_at: None,
        processing: Processing::Production,
        control_id: Some(text.to_owned()),
        message_type: "ORU^R01".to_owned(),
        raw: String::new(),
        raw_sha256: String::new(),
        patient: None,
        location: None,
        groups: Vec::new(),
        set_aside: Vec::new(),
    }
}

fn heard(server: &FakeServer, device: &str) -> Vec<String> {
    let of_device = |value: &&serde_json::Value| value["sender"]["application"] == device;
    let committed = server.committed();
    committed.iter().filter(of_device).map(|value| value["control_id"].as_str().unwrap().to_owned()).collect()
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn an_outage_costs_nothing_and_changes_no_order() {
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let gateway = Gateway::reaching(quick(server.url()));
    for number in 0..40 {
        gateway.hears(["left", "right"][number % 2], &number.to_string()).await;
    }
    server.until("the courier tries", |server| server.requests() >= 3).await;
    server.is(Mood::LosesAnswers);
    server.until("the answers get lost", |server| !server.committed().is_empty()).await;
    server.is(Mood::Up);
    server.until("all arrive", |server| server.committed().len() == 40).await;
    gateway.until_nothing_waits().await;
    let even: Vec<String> = (0..40).step_by(2).map(|number: u32| number.to_string()).collect();
    assert_eq!(heard(&server, "left"), even);
    assert_eq!(heard(&server, "right").len(), 20);
    assert!(server.duplicates() > 0, "what was sent twice was taken once");
    assert_eq!(gateway.spool.status().await.unwrap().delivered, 40);
    gateway.stop().await;
}

#[tokio::test]
async fn a_delivery_that_is_refused_is_dead_with_its_reason_and_stops_nobody() {
    let server = FakeServer::start().await;
    server.is(Mood::Refuses("poison"));
    let gateway = Gateway::reaching(quick(server.url()));
    for text in ["1", "poison", "2"] {
        gateway.hears("one", text).await;
    }
    server.until("the others arrive", |server| server.committed().len() == 2).await;
    gateway.until_nothing_waits().await;
    assert_eq!(heard(&server, "one"), ["1", "2"]);
    assert_eq!(gateway.spool.status().await.unwrap().dead, 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_request_that_the_server_cannot_take_is_halved_until_the_culprit_is_alone() {
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let gateway = Gateway::reaching(quick(server.url()));
    for number in 0..20 {
        let text = if number == 13 { "poison".to_owned() } else { number.to_string() };
        gateway.hears("one", &text).await;
    }
    server.is(Mood::ChokesOn("poison", 422));
    server.until("the others arrive", |server| server.committed().len() == 19).await;
    gateway.until_nothing_waits().await;
    assert_eq!(gateway.spool.status().await.unwrap().dead, 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_delivery_on_which_the_server_fails_holds_up_its_own_device_alone_and_then_is_held() {
    let server = FakeServer::start().await;
    server.is(Mood::ChokesOn("poison", 500));
    let gateway = Gateway::reaching(quick(server.url()));
    gateway.hears("other", "0").await;
    server.until("the server takes something", |server| server.committed().len() == 1).await;
    gateway.hears("sick", "poison").await;
    gateway.hears("sick", "after").await;
    for number in 1..30 {
        gateway.hears("other", &number.to_string()).await;
        server.until("the others pass", |server| heard(server, "other").len() > number).await;
        if gateway.spool.status().await.unwrap().held == 1 {
            break;
        }
    }
    server.until("the next of the device passes", |server| heard(server, "sick") == ["after"]).await;
    gateway.until_nothing_waits().await;
    assert_eq!(gateway.spool.status().await.unwrap().held, 1);

    server.is(Mood::Up);
    let sequence = 2;
    assert!(gateway.spool.replay(sequence).await.unwrap(), "a person asks for it again");
    let stored = gateway.spool.unread(10).await.unwrap().remove(0);
    let again = delivery(stored.id, stored.sequence, "sick", "poison");
    gateway.spool.normalised(vec![(stored.stored_lane(), again)]).await.unwrap();
    server.until("it arrives after all", |server| heard(server, "sick") == ["after", "poison"]).await;
    gateway.stop().await;
}

/// Nothing else is ever sent: the parcel behind it is the only witness.
#[tokio::test]
async fn the_only_device_is_not_stopped_for_ever_by_a_delivery_on_which_the_server_fails() {
    let server = FakeServer::start().await;
    server.is(Mood::ChokesOn("poison", 500));
    let gateway = Gateway::reaching(quick(server.url()));
    gateway.hears("only", "poison").await;
    gateway.hears("only", "after").await;
    gateway.hears("only", "later").await;
    server.until("the next ones pass", |server| heard(server, "only") == ["after", "later"]).await;
    gateway.until_nothing_waits().await;
    assert_eq!(gateway.spool.status().await.unwrap().held, 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_server_that_fails_on_everything_holds_nothing() {
    let server = FakeServer::start().await;
    server.is(Mood::Answers(500));
    let gateway = Gateway::reaching(quick(server.url()));
    for text in ["1", "2", "3"] {
        gateway.hears("one", text).await;
    }
    server.until("the courier has tried often", |server| server.requests() > 12).await;
    assert_eq!(gateway.spool.status().await.unwrap().held, 0);
    server.is(Mood::Up);
    server.until("all arrive", |server| heard(server, "one") == ["1", "2", "3"]).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nothing_from_being_tried_again() {
    let server = FakeServer::start().await;
    server.is(Mood::Answers(500));
    let set_back = Arc::new(AtomicI64::new(0));
    let off = Arc::clone(&set_back);
    let clock = move || Surroundings::system().now() - off.load(Ordering::SeqCst);
    let gateway =
        Gateway::in_surroundings(quick(server.url()), Surroundings::new(clock, || Surroundings::system().random()));
    gateway.hears("one", "1").await;
    server.until("the courier has tried", |server| server.requests() > 3).await;
    set_back.store(86_400_000_000, Ordering::SeqCst);
    server.is(Mood::Up);
    server.until("it arrives", |server| heard(server, "one") == ["1"]).await;
    gateway.until_nothing_waits().await;
    gateway.stop().await;
}

#[tokio::test]
async fn after_an_outage_a_slow_link_drains_by_smaller_requests() {
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let mut config = quick(server.url());
    config.request_timeout_s = 1;
    let gateway = Gateway::reaching(config);
    for number in 0..40 {
        gateway.hears("one", &number.to_string()).await;
    }
    server.is(Mood::IsSlowBeyond(3_000));
    server.until("all arrive", |server| server.committed().len() == 40).await;
    assert_eq!(heard(&server, "one"), numbers(0..40));
    assert!(server.largest_batch() > 1, "not one by one: {}", server.largest_batch());
    gateway.until_nothing_waits().await;
    gateway.stop().await;
}

#[tokio::test]
async fn at_whichever_try_the_server_comes_back_the_first_goes_first() {
    for tries in 1..=12 {
        let server = FakeServer::start().await;
        server.is(Mood::AwayFor(tries));
        let mut config = quick(server.url());
        config.batch = 1;
        let gateway = Gateway::reaching(config);
        for text in ["0", "1", "2", "3"] {
            gateway.hears("one", text).await;
        }
        server.until("all arrive", |server| server.committed().len() == 4).await;
        assert_eq!(heard(&server, "one"), numbers(0..4), "away for {tries} requests");
        gateway.stop().await;
    }
}

#[tokio::test]
async fn a_wrong_token_kills_no_message() {
    let server = FakeServer::start().await;
    server.is(Mood::Answers(401));
    let gateway = Gateway::reaching(quick(server.url()));
    gateway.hears("one", "1").await;
    server.until("the courier tries again", |server| server.requests() >= 3).await;
    server.is(Mood::Up);
    server.until("it arrives", |server| server.committed().len() == 1).await;
    gateway.stop().await;
}

#[tokio::test]
async fn many_deliveries_travel_together_and_never_more_than_the_limit() {
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let mut config = quick(server.url());
    config.batch = 30;
    let gateway = Gateway::reaching(config);
    for number in 0..100 {
        gateway.hears("one", &number.to_string()).await;
    }
    server.is(Mood::Up);
    server.until("all arrive", |server| server.committed().len() == 100).await;
    assert_eq!(heard(&server, "one"), numbers(0..100));
    assert!((20..=30).contains(&server.largest_batch()), "{}", server.largest_batch());
    gateway.stop().await;
}

#[tokio::test]
async fn a_study_travels_the_same_way() {
    let server = FakeServer::start().await;
    let gateway = Gateway::reaching(quick(server.url()));
    let id = Surroundings::system().delivery_id();
    let study = serde_json::json!({"id": id, "study_uid": "1.2.3"});
    let parcel = Parcel::pack(id, Kind::Study, "study", "7", &study).unwrap();
    let outbox = gateway.spool.outbox().clone();
    // Another database would settle it by its own rows; here nothing listens for subject 7.
    outbox.writer().write(move |connection| outbox::put(connection, &parcel, 1)).await.unwrap();
    gateway.hears("one", "1").await;
    server
        .until("the study arrives", |server| server.committed().iter().any(|told| told["study_uid"] == "1.2.3"))
        .await;
    gateway.stop().await;
}

#[tokio::test]
async fn only_the_pinned_authority_is_believed() {
    let dir = tempfile::tempdir().unwrap();
    let authority = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        (certificate.pem(), rcgen::Issuer::new(parameters, key))
    };
    let (ours, issuer) = authority("ours");
    let (theirs, _) = authority("theirs");
    let key = rcgen::KeyPair::generate().unwrap();
    let leaf = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let tls = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    let server = FakeServer::start_tls(Arc::new(tls)).await;
    let config = |name: &str, pem: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, pem).unwrap();
        let mut config = quick(format!("https://localhost:{}", server.address.port()));
        config.ca_file = Some(path);
        config
    };
    let deceived = Gateway::reaching(config("theirs.pem", &theirs));
    deceived.hears("one", "1").await;
    server.until("the courier tries", |server| server.requests() >= 2).await;
    assert!(server.committed().is_empty());
    deceived.stop().await;

    let gateway = Gateway::reaching(config("ours.pem", &ours));
    gateway.hears("one", "1").await;
    server.until("it arrives", |server| server.committed().len() == 1).await;
    gateway.stop().await;

    let plain = UplinkConfig::new("http://emr.hospital.lan", TOKEN);
    assert!(Client::new(&plain).is_err(), "plain http leaves the machine");
    assert!(Client::new(&UplinkConfig::new("https://emr.hospital.lan", TOKEN)).is_err(), "no authority is named");
}
