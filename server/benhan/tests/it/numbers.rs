//! What a monitor of machines reads: numbers without names, health that is true.

use crate::browser::Browser;
use crate::site::{ADMIN, INITIAL, On, Site};
use std::time::Duration;

/// The text of /metrics.
pub async fn scraped(port: u16) -> String {
    let asked = plain().get(format!("http://127.0.0.1:{port}/metrics")).send().await;
    asked.expect("an answer").text().await.expect("a body")
}

fn plain() -> reqwest::Client {
    let tls =
        rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().expect("a client")
}

/// The sum of a metric over its labels.
fn value(text: &str, name: &str) -> Option<f64> {
    let of = |line: &str| {
        let rest = line.strip_prefix(name)?;
        let number = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('{')?.split_once("} ").map(|(_, n)| n))?;
        number.parse::<f64>().ok()
    };
    let found: Vec<f64> = text.lines().filter_map(of).collect();
    (!found.is_empty()).then(|| found.iter().sum())
}

/// Waits until a number is as it should be.
pub async fn until(port: u16, name: &str, right: impl Fn(f64) -> bool) {
    let waiting = async {
        while !value(&scraped(port).await, name).is_some_and(&right) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("{name} never came right"));
}

// Clauses: C46-3.2c, CV-III.2c, CV-III.6, SEC-8
#[tokio::test]
async fn a_watcher_reads_numbers_and_no_names() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let running = site.serve();
    let mut admin = Browser::new(running.port("https"), &site.data("tls/ca.pem"));
    admin.log_in(ADMIN, INITIAL).await.ok();
    admin.get("/api/v1/patients/0198c0de-0000-7000-8000-00000000c0de").await;
    crate::roles::a_monitor_sends(running.port("mllp")).await;
    let metrics = running.port("metrics");
    until(metrics, "benhan_inbox_waiting", |n| n >= 1.0).await;
    until(metrics, "benhan_spool_pending", |n| n == 0.0).await;
    until(metrics, "benhan_backup_last_success_timestamp_seconds", |n| n > 0.0).await;
    let text = scraped(metrics).await;
    for name in [
        "benhan_http_requests_total",
        "benhan_http_request_duration_seconds_count",
        "benhan_commit_duration_seconds_count",
        "benhan_commit_batch_writes_count",
        "benhan_jobs",
        "benhan_disk_free_bytes",
        "benhan_build_info",
        "benhan_spool_oldest_age_seconds",
        "benhan_ingest_deliveries_total",
    ] {
        assert!(value(&text, name).is_some(), "{name} in\n{text}");
    }
    assert!(text.contains("route=\"/api/v1/auth/login\""), "requests stand under their templates\n{text}");
    for canary in ["c0de", ADMIN, "CANARY"] {
        assert!(!text.contains(canary), "{canary} in\n{text}");
    }
    assert!(running.stop());
}

// Clauses: C46-6.c, C13-2.1
#[tokio::test]
async fn a_server_without_room_is_alive_but_not_ready() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let ca = site.data("tls/ca.pem");
    let running = site.serve();
    let browser = Browser::new(running.port("https"), &ca);
    assert_eq!(browser.get("/readyz").await.ok()["ready"], true);
    assert!(running.stop());

    let mut command = site.benhan(&["serve"]);
    command.env("BENHAN_SERVER_MIN_FREE_MIB", "1000000000000");
    let running = crate::site::Running::start(command, &site.data("ports.json"));
    let browser = Browser::new(running.port("https"), &ca);
    assert_eq!(browser.get("/healthz").await.ok(), "ok");
    let said = browser.get("/readyz").await;
    assert_eq!((said.status.as_u16(), &said.body["room"]), (503, &serde_json::json!(false)));
    assert!(running.stop());
}
