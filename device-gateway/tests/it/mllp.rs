//! Monitors and analyzers over HL7: what is acknowledged is stored, and what is stored arrives.

use crate::server::Mood;
use crate::support::{Hospital, framed, vitals};
use benhan_device_gateway::DeviceEntry;
use diesel::RunQueryDsl;
use diesel::result::Error;

#[tokio::test]
async fn a_monitors_values_arrive_read_and_its_message_is_acknowledged_by_its_own_id() {
    let hospital = Hospital::open().await;
    let mut monitor = hospital.device().await;
    assert_eq!(monitor.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    let delivered = hospital.delivered(1).await;
    let delivery = &delivered[0];
    assert_eq!(delivery["sender"]["channel"], "mllp");
    assert_eq!(delivery["sender"]["address"], "127.0.0.1");
    assert_eq!(delivery["location"]["bed"], "B01");
    let reading = &delivery["groups"][0]["readings"][0];
    assert_eq!(reading["code"], "147842");
    assert_eq!(reading["loinc"], "8867-4");
    assert_eq!(reading["value"]["decimal"], "72");
    hospital.server.until("the board sees it", |server| !server.live().is_empty()).await;
    assert_eq!(hospital.server.live()[0]["samples"][0]["value"], 72.0);
    hospital.close().await;
}

#[tokio::test]
async fn bytes_may_come_one_by_one_and_messages_many_at_once() {
    let hospital = Hospital::open().await;
    let mut slow = hospital.device().await;
    for byte in framed(&vitals("S-1", "B01", 60)) {
        slow.sends(&[byte]).await;
    }
    assert_eq!(slow.hears().await, "MSA|AA|S-1");
    let burst: Vec<u8> =
        (0..20).flat_map(|number| framed(&vitals(&format!("B-{number}"), "B02", 60 + number))).collect();
    let mut eager = hospital.device().await;
    eager.sends(&burst).await;
    for number in 0..20 {
        assert_eq!(eager.hears().await, format!("MSA|AA|B-{number}"));
    }
    hospital.delivered(21).await;
    hospital.close().await;
}

#[tokio::test]
async fn while_the_server_is_away_devices_are_answered_and_nothing_is_lost_doubled_or_reordered() {
    let hospital = Hospital::open().await;
    hospital.server.is(Mood::Away);
    let beds = ["B01", "B02", "B03"];
    let mut monitors = Vec::new();
    for _ in beds {
        monitors.push(hospital.device().await);
    }
    for number in 0..30u32 {
        for (bed, monitor) in beds.iter().zip(&mut monitors) {
            let id = format!("{bed}-{number}");
            assert_eq!(monitor.says(&vitals(&id, bed, 60 + number)).await, format!("MSA|AA|{id}"));
        }
    }
    hospital.server.is(Mood::LosesAnswers);
    hospital.server.until("an answer gets lost", |server| !server.committed().is_empty()).await;
    hospital.server.is(Mood::Up);
    let delivered = hospital.delivered(90).await;
    for bed in beds {
        let pulses: Vec<u32> = delivered
            .iter()
            .filter(|delivery| delivery["location"]["bed"] == bed)
            .map(|delivery| delivery["groups"][0]["readings"][0]["value"]["decimal"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(pulses, (60..90).collect::<Vec<_>>(), "{bed}");
    }
    assert_eq!(hospital.running.spool.status().await.unwrap().dead, 0);
    hospital.close().await;
}

#[tokio::test]
async fn a_repeated_message_is_acknowledged_again_and_delivered_once() {
    let hospital = Hospital::open().await;
    let mut monitor = hospital.device().await;
    assert_eq!(monitor.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    let again = String::from_utf8(vitals("M-1", "B01", 72)).unwrap().replacen("20261122203000", "20261122203100", 1);
    assert_eq!(monitor.says(again.as_bytes()).await, "MSA|AA|M-1");
    assert_eq!(monitor.says(&vitals("M-2", "B01", 73)).await, "MSA|AA|M-2");
    hospital.delivered(2).await;
    hospital.close().await;
}

#[tokio::test]
async fn what_is_no_hl7_is_rejected_and_waits_for_a_person() {
    let hospital = Hospital::open().await;
    let mut device = hospital.device().await;
    assert!(device.says(b"GET / HTTP/1.1").await.starts_with("MSA|AR|"));
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    let delivered = hospital.delivered(2).await;
    assert_eq!(delivered[0]["groups"], serde_json::json!([]));
    assert_eq!(delivered[0]["raw"], "R0VUIC8gSFRUUC8xLjE=");
    hospital.close().await;
}

#[tokio::test]
async fn a_full_disk_is_answered_with_ae_and_the_resent_message_is_taken() {
    let hospital = Hospital::open().await;
    let mut monitor = hospital.device().await;
    let large = || [vitals("M-1", "B01", 72), noise(400_000)].concat();
    pages(&hospital, 1).await;
    assert!(monitor.says(&large()).await.starts_with("MSA|AE|M-1|"));
    pages(&hospital, 1_000_000).await;
    assert_eq!(monitor.says(&large()).await, "MSA|AA|M-1");
    hospital.delivered(1).await;
    hospital.close().await;
}

/// A comment that does not compress.
fn noise(bytes: u32) -> Vec<u8> {
    let mut state = 1u32;
    let mut text = b"NTE|1||".to_vec();
    text.extend((0..bytes).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + u8::try_from(state >> 24).unwrap() % 26
    }));
    text
}

async fn pages(hospital: &Hospital, most: u32) {
    let set = move |connection: &mut diesel::SqliteConnection| {
        diesel::sql_query(format!("PRAGMA max_page_count = {most}")).execute(connection).map(drop)
    };
    hospital.running.spool.writer().write::<(), Error, _>(set).await.unwrap();
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_refused_and_the_connection_goes_on() {
    let hospital = Hospital::with(|config| config.mllp.max_message_bytes = 2000).await;
    let mut device = hospital.device().await;
    assert!(device.says(&[b'x'; 10_000]).await.starts_with("MSA|AE|"));
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    hospital.close().await;
}

#[tokio::test]
async fn a_message_that_never_ends_ends_the_connection() {
    let hospital = Hospital::with(|config| config.mllp.message_timeout_s = 1).await;
    let mut device = hospital.device().await;
    device.sends(b"\x0bMSH|^~\\&|half").await;
    assert!(device.is_cut_off().await);
    hospital.close().await;
}

#[tokio::test]
async fn a_message_begun_anew_for_ever_ends_the_connection_too() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let hospital = Hospital::with(|config| config.mllp.message_timeout_s = 1).await;
    let device = tokio::net::TcpStream::connect(hospital.running.mllp_addr.unwrap()).await.unwrap();
    let (mut hears, mut says) = device.into_split();
    let restarts = tokio::spawn(async move {
        while says.write_all(b"\x0bMSH|half").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let ended = tokio::time::timeout(std::time::Duration::from_secs(20), hears.read(&mut [0; 16])).await;
    restarts.abort();
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    hospital.close().await;
}

#[tokio::test]
async fn one_address_never_takes_every_seat() {
    let hospital = Hospital::with(|config| config.mllp.max_connections_per_address = 1).await;
    let mut first = hospital.device().await;
    assert_eq!(first.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    assert!(hospital.device().await.is_cut_off().await);
    hospital.close().await;
}

#[tokio::test]
async fn only_listed_peers_and_only_so_many_are_let_in() {
    let hospital = Hospital::with(|config| config.mllp.peers = vec!["10.0.9.0/24".to_owned()]).await;
    assert!(hospital.device().await.is_cut_off().await);
    hospital.close().await;

    let hospital = Hospital::with(|config| config.mllp.max_connections = 1).await;
    let mut first = hospital.device().await;
    assert_eq!(first.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    assert!(hospital.device().await.is_cut_off().await);
    hospital.close().await;
}

#[tokio::test]
async fn an_old_device_speaks_windows_1258() {
    let entry =
        DeviceEntry { application: "OLD".to_owned(), charset: "windows-1258".to_owned(), ..DeviceEntry::default() };
    let hospital = Hospital::with(|config| config.device.push(entry)).await;
    let message = b"MSH|^~\\&|OLD|LAB|||20261122203000||ORU^R01|1|P|2.3.1\rPID|1||BN1||Nguy\xea\xden^\xd0a\xf2t\rOBR|1||S1\rOBX|1|NM|WBC||5.5|10^9/L|||||F\r";
    assert_eq!(hospital.device().await.says(message).await, "MSA|AA|1");
    let delivered = hospital.delivered(1).await;
    assert_eq!(delivered[0]["patient"]["name"], "Nguyễn Đạt");
    hospital.close().await;
}

#[tokio::test]
async fn a_batch_in_one_frame_is_one_message_after_another() {
    let hospital = Hospital::open().await;
    let batch =
        [b"FHS|^~\\&|X\r".to_vec(), vitals("M-1", "B01", 72), vitals("M-2", "B02", 73), b"FTS|1\r".to_vec()].concat();
    assert_eq!(hospital.device().await.says(&batch).await, "MSA|AA|M-1");
    let delivered = hospital.delivered(2).await;
    let beds: Vec<_> = delivered.iter().map(|delivery| delivery["location"]["bed"].as_str().unwrap()).collect();
    assert_eq!(beds, ["B01", "B02"]);
    hospital.close().await;
}
