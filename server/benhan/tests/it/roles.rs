//! Server, gateway and bridge as three processes: each alone, and a message all the way through.

use crate::browser::Browser;
use crate::numbers::{scraped, until};
use crate::site::{On, Running, Site, text};
use std::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One ORU^R01 from a bed that nobody knows; the device's acknowledgement.
pub async fn a_monitor_sends(port: u16) -> String {
    let id = uuid::Uuid::now_v7().simple().to_string().split_off(12);
    let at = jiff::Timestamp::now().strftime("%Y%m%d%H%M%S+0000");
    let message = format!(
        "MSH|^~\\&|MONITOR|X|||{at}||ORU^R01^ORU_R01|{id}|P|2.6|||AL|NE||UNICODE UTF-8\r\
         PID|||CANARY-PID||CANARY^NAME\rPV1||I|NOWHERE^1^X99\rOBR|1|||VITALS|||{at}\r\
         OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.0.0.1|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||{at}\r"
    );
    let mut device = TcpStream::connect(("127.0.0.1", port)).await.expect("the gateway listens");
    device.write_all(format!("\u{b}{message}\u{1c}\r").as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(&[0x1c, 0x0d]) {
        let mut piece = [0; 1024];
        let count = device.read(&mut piece).await.expect("an answer");
        assert!(count > 0, "the gateway hung up");
        answer.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(answer).expect("text")
}

/// A box of its own for a role: only what the IT person carries there.
fn carried(site: &Site, role: &str) -> String {
    for (from, to) in [
        ("secrets/ingest.token", "secrets/ingest.token"),
        ("secrets/pixels.token", "secrets/pixels.token"),
        ("tls/ca.pem", "tls/ca.pem"),
    ] {
        let to = site.path(role).join(to);
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(site.data(from), to).expect("carried");
    }
    text(&site.path(role)).to_owned()
}

async fn three_processes(on: On) {
    let Some(site) = Site::opened(on) else { return };
    let server = site.start(&["server"], "ports-server.json");
    let url = format!("https://localhost:{}", server.port("https"));

    let start = |role: &str| {
        let folder = carried(&site, role);
        let mut command = site.benhan(&[role, "--data-dir", &folder]);
        command.env("BENHAN_UPLINK_URL", &url);
        Running::start(command, &site.path(role).join(format!("ports-{role}.json")))
    };
    let (gateway, pacs) = (start("gateway"), start("pacs"));
    let ack = a_monitor_sends(gateway.port("mllp")).await;
    assert!(ack.contains("MSA|AA"), "{ack}");
    until(server.port("metrics"), "benhan_inbox_waiting", |n| n == 1.0).await;
    until(gateway.port("metrics"), "benhan_spool_pending", |n| n == 0.0).await;
    assert!(scraped(pacs.port("metrics")).await.contains("benhan_disk_free_bytes"));
    for role in ["gateway", "pacs"] {
        assert!(!site.path(role).join("record.db").exists(), "the {role} opens no record");
        assert!(!site.path(role).join("secrets/server.key").exists(), "the {role} has no key of the record");
    }

    // The server goes and comes: the gateway acknowledges meanwhile and delivers afterwards.
    assert!(server.stop());
    assert!(a_monitor_sends(gateway.port("mllp")).await.contains("MSA|AA"));
    until(gateway.port("metrics"), "benhan_spool_pending", |n| n == 1.0).await;
    let mut command = site.benhan(&["server"]);
    command.env("BENHAN_LISTEN_HTTPS", url.replace("https://localhost", "127.0.0.1"));
    let server = Running::start(command, &site.data("ports-server.json"));
    until(server.port("metrics"), "benhan_inbox_waiting", |n| n == 2.0).await;
    assert!(gateway.stop() && pacs.stop() && server.stop());
}

#[tokio::test]
async fn a_message_passes_through_three_processes_on_sqlite() {
    three_processes(On::Sqlite).await;
}

#[tokio::test]
async fn a_message_passes_through_three_processes_on_postgresql() {
    three_processes(On::Postgres).await;
}

#[tokio::test]
async fn three_roles_on_one_box_find_each_other() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let server = site.start(&["server"], "ports-server.json");
    let gateway = site.start(&["gateway"], "ports-gateway.json");
    let pacs = site.start(&["pacs"], "ports-pacs.json");
    a_monitor_sends(gateway.port("mllp")).await;
    until(server.port("metrics"), "benhan_inbox_waiting", |n| n == 1.0).await;
    assert_ne!(pacs.port("pixels"), 0);
    assert!(gateway.stop() && pacs.stop() && server.stop());
}

// Clauses: C46-10.3, CV-III.1.2b, PDP-10, PDP-12, SEC-5
#[tokio::test]
async fn pixels_leave_the_bridges_machine_by_tls_alone() {
    let site = Site::opened(On::Sqlite).expect("SQLite is there");
    let folder = carried(&site, "pacs");
    let pacs = || {
        let mut command = site.benhan(&["pacs", "--data-dir", &folder]);
        command.env("BENHAN_UPLINK_URL", "https://localhost:1").env("BENHAN_LISTEN_PIXELS", "0.0.0.0:0");
        command
    };
    let refused = pacs().output().expect("the program runs");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("pixels_certificate"));

    fs::copy(site.data("tls/server.pem"), site.path("pacs").join("tls/bridge.pem")).expect("carried");
    fs::copy(site.data("tls/server.key"), site.path("pacs").join("tls/bridge.key")).expect("carried");
    let mut command = pacs();
    command.env("BENHAN_PIXELS_CERTIFICATE", "tls/bridge.pem").env("BENHAN_PIXELS_KEY", "tls/bridge.key");
    let bridge = Running::start(command, &site.path("pacs").join("ports-pacs.json"));
    let browser = Browser::new(bridge.port("pixels"), &site.data("tls/ca.pem"));
    assert_eq!(browser.get("/instances/1.2.3").await.status, 401, "it speaks TLS and asks for the token");
    assert!(bridge.stop());

    let mut server = site.benhan(&["server"]);
    let refused = server.env("BENHAN_PIXELS_URL", "http://10.1.2.3:8444").output().expect("the program runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("pixels.url"));
}
