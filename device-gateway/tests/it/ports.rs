//! Ports by their URLs: devices that call, devices that are called, and what stops a start.

use crate::plug::results;
use crate::server::FakeServer;
use crate::support::{ACK, Device, ENQ, EOT, Hospital, asks, config, port, vitals};
use benhan_device_gateway::{PortEntry, start};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_device_that_waits_to_be_called_is_called_and_called_again_after_it_hung_up() {
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("mllp-dial://{}", device.local_addr().unwrap());
    let hospital = Hospital::with(|config| config.port.push(port("bs-240", &url))).await;
    let (line, _) = device.accept().await.unwrap();
    let mut line = Device::over(line);
    assert_eq!(line.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    line.sends(b"\x0bMSH|^~\\&|half a mess").await;
    drop(line);
    let (line, _) = device.accept().await.unwrap();
    assert_eq!(Device::over(line).says(&vitals("M-2", "B01", 73)).await, "MSA|AA|M-2");
    let delivered = hospital.delivered(2).await;
    assert_eq!(delivered[1]["sender"]["channel"], "bs-240");
    assert_eq!(delivered[1]["sender"]["address"], "127.0.0.1");
    hospital.close().await;
}

#[tokio::test]
async fn an_analyzer_behind_a_terminal_server_is_called_over_raw_tcp() {
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("astm+tcp://localhost:{}", device.local_addr().unwrap().port());
    let hospital = Hospital::with(|config| config.port.push(port("nport-1", &url))).await;
    let (mut line, _) = device.accept().await.unwrap();
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut line, &results("S-7")).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    assert_eq!(hospital.delivered(1).await[0]["groups"][0]["specimens"][0], "S-7");
    hospital.close().await;
}

#[tokio::test]
async fn a_called_line_probes_a_silent_device_after_a_minute() {
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = device.local_addr().unwrap();
    let hospital = Hospital::with(|config| config.port.push(port("may", &format!("mllp+tcp://{at}")))).await;
    let (line, peer) = device.accept().await.unwrap();
    // `ss` would say timer:(keepalive,…); the kernel's table says it in its own words: timer 2.
    let row = format!(":{:04X} ", peer.port());
    let armed = async {
        loop {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
            let ours = table
                .lines()
                .find(|line| line.split_whitespace().nth(1).is_some_and(|a| format!("{a} ").ends_with(&row)));
            if ours.is_some_and(|line| line.split_whitespace().nth(5).is_some_and(|timer| timer.starts_with("02:"))) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), armed).await.expect("nobody would notice its death");
    drop(line);
    hospital.close().await;
}

#[tokio::test]
async fn further_listeners_have_peers_limits_and_a_profile_of_their_own() {
    let entry = PortEntry {
        charset: "windows-1258".to_owned(),
        time_zone: "UTC".to_owned(),
        ..port("khoa-xn", "mllp-listen://127.0.0.1:0?peer=127.0.0.0/8&max_message_bytes=2000")
    };
    let closed = port("khoa-hstc", "mllp-listen://127.0.0.1:0?peer=10.0.9.0/24");
    let hospital = Hospital::with(|config| config.port.extend([entry, closed])).await;
    let message = b"MSH|^~\\&|OLD|LAB|||20261122203000||ORU^R01|1|P|2.3.1\rPID|1||BN1||Nguy\xea\xden^\xd0a\xf2t\rOBR|1||S1\rOBX|1|NM|WBC||5.5|10^9/L|||||F\r";
    let mut device = Device::connect(hospital.at("khoa-xn")).await;
    assert_eq!(device.says(message).await, "MSA|AA|1");
    assert!(device.says(&[b'x'; 5000]).await.starts_with("MSA|AE|"));
    let delivered = hospital.delivered(1).await;
    assert_eq!(
        (&delivered[0]["sender"]["channel"], &delivered[0]["patient"]["name"]),
        (&"khoa-xn".into(), &"Nguyễn Đạt".into())
    );
    assert_eq!(delivered[0]["message_at"], 1_795_379_400_000_000_i64, "half past eight by a clock that shows UTC");
    assert!(Device::connect(hospital.at("khoa-hstc")).await.is_cut_off().await);
    hospital.close().await;
}

#[tokio::test]
async fn a_mistake_in_one_port_is_named_and_nothing_listens() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let server = FakeServer::start().await;
    for (url, says) in [
        ("mllp-listen://127.0.0.1:0?pear=10.0.9.0/24".to_owned(), "\"pear\""),
        ("mllp-listen://127.0.0.1:0?peer=10.0.9".to_owned(), "10.0.9"),
        (format!("astm+listen://{}", taken.local_addr().unwrap()), "cannot be listened on"),
        ("mllps-listen://127.0.0.1:0".to_owned(), "certificate and key"),
    ] {
        let mut config = config(&dir, &server);
        config.port.push(port("khoa-xn", &url));
        let said = start(config, CancellationToken::new()).await.unwrap_err().to_string();
        assert!(said.contains(says) && said.contains("khoa-xn"), "{said}");
    }
    assert!(!dir.path().join("gateway/spool.db").exists());
}

#[tokio::test]
async fn files_dropped_into_folders_arrive_and_are_put_away() {
    let folders = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let path = folders.path().join(name);
        std::fs::create_dir(&path).unwrap();
        path
    };
    let (hl7, astm) = (at("hl7"), at("astm"));
    let ports = [
        port("may-nuoc-tieu", &format!("hl7+file://{}?glob=*.hl7&every_s=1", hl7.display())),
        port("may-dong-mau", &format!("astm+file://{}?every_s=1", astm.display())),
    ];
    let hospital = Hospital::with(|config| config.port.extend(ports)).await;
    std::fs::write(hl7.join("kq-1.hl7"), [vitals("M-1", "B01", 72), vitals("M-2", "B02", 73)].concat()).unwrap();
    std::fs::write(hl7.join("kq-2.tmp"), b"half a mess").unwrap();
    let delivered = hospital.delivered(2).await;
    assert_eq!(delivered[1]["sender"]["channel"], "may-nuoc-tieu");
    assert_eq!(delivered[1]["location"]["bed"], "B02");
    let text = "H|\\^&|||X\nP|1\nO|1|S-7||^^^PT\nR|1|^^^PT|11.9|s|||F\nL|1\n";
    std::fs::write(astm.join("kq.txt"), text).unwrap();
    assert_eq!(hospital.delivered(3).await[2]["groups"][0]["specimens"][0], "S-7");
    hospital.close().await;
    assert!(hl7.join("kq-2.tmp").exists() && !hl7.join("kq-1.hl7").exists());
    assert_eq!(std::fs::read_dir(astm.join(".claimed")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(astm.join("archive")).unwrap().count(), 1);
}
