//! Analyzers over ASTM, by TCP and by a serial line: every `<ACK>` stands for something on disk.

use crate::server::{FakeServer, Mood};
use crate::support::{self, ACK, ENQ, EOT, Hospital, NAK, asks, astm_frame};
use benhan_device_gateway::simulate::{Analyzer, AnalyzerKind, Monitor, analyze, run_monitor};
use benhan_uplink::{Spool, Surroundings};
use diesel::RunQueryDsl;
use diesel::result::Error;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

const ETX: u8 = 3;
const ETB: u8 = 0x17;
const HEAD: &str = "H|\\^&|||BENHAN-HAEMA^1||||||||LIS2-A2|20261122203000\rP|1\r";

fn order(specimen: &str) -> String {
    format!("O|1|{specimen}||^^^ALL|R\r")
}

#[tokio::test]
async fn results_split_over_frames_arrive_whole() {
    let hospital = Hospital::open().await;
    let mut line = hospital.analyzer().await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut line, &astm_frame(1, &format!("{HEAD}{}R|1|^^^WBC|8.", order("S-7")), ETB)).await, ACK);
    assert_eq!(asks(&mut line, &astm_frame(2, "13|10*9/L|4-10|N||F||||20261122202500\rL|1|N\r", ETX)).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    let delivered = hospital.delivered(1).await;
    let group = &delivered[0]["groups"][0];
    assert_eq!(delivered[0]["protocol"], "astm");
    assert_eq!(group["specimens"], serde_json::json!(["S-7"]));
    assert_eq!(group["readings"][0]["value"]["decimal"], "8.13");
    assert_eq!(group["readings"][0]["loinc"], "6690-2");
    hospital.close().await;
}

#[tokio::test]
async fn a_damaged_frame_is_refused_and_its_repetition_taken() {
    let hospital = Hospital::open().await;
    let mut line = hospital.analyzer().await;
    let good = astm_frame(1, &format!("{HEAD}{}R|1|^^^WBC|8.13|10*9/L|||F\rL|1\r", order("S-7")), ETX);
    let mut bad = good.clone();
    let at = bad.windows(4).position(|part| part == b"8.13").unwrap();
    bad[at] = b'9';
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut line, &bad).await, NAK);
    assert_eq!(asks(&mut line, &good).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    let delivered = hospital.delivered(1).await;
    assert_eq!(delivered[0]["groups"][0]["readings"][0]["value"]["decimal"], "8.13");
    hospital.close().await;
}

#[tokio::test]
async fn a_message_given_up_in_the_middle_is_kept_and_never_read_as_a_result() {
    let hospital = Hospital::open().await;
    let mut line = hospital.analyzer().await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    let begun = astm_frame(1, &format!("{HEAD}{}R|1|^^^WBC|1", order("S-7")), ETB);
    assert_eq!(asks(&mut line, &begun).await, ACK);
    drop(line);
    let delivered = hospital.delivered(1).await;
    assert_eq!(delivered[0]["groups"], serde_json::json!([]));
    assert_eq!(delivered[0]["message_type"], "incomplete");
    hospital.close().await;
}

#[tokio::test]
async fn a_line_kept_busy_without_bringing_anything_is_given_up() {
    use tokio::io::AsyncReadExt;
    let hospital = Hospital::with(|config| config.astm.message_timeout_s = 1).await;
    let mut line = hospital.analyzer().await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    line.write_all(b"\x021H|").await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), line.read(&mut [0; 16])).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    hospital.close().await;
}

#[tokio::test]
async fn a_full_disk_refuses_the_frame() {
    let hospital = Hospital::open().await;
    let mut line = hospital.analyzer().await;
    let noise: String = (0..60_000u32)
        .map(|n| char::from(b'a' + u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap() % 26))
        .collect();
    let frame = astm_frame(1, &format!("{HEAD}C|1|I|{noise}\rL|1\r"), ETX);
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    pages(&hospital, 1).await;
    assert_eq!(asks(&mut line, &frame).await, NAK);
    pages(&hospital, 1_000_000).await;
    assert_eq!(asks(&mut line, &frame).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    hospital.delivered(1).await;
    hospital.close().await;
}

async fn pages(hospital: &Hospital, most: u32) {
    let set = move |connection: &mut diesel::SqliteConnection| {
        diesel::sql_query(format!("PRAGMA max_page_count = {most}")).execute(connection).map(drop)
    };
    hospital.running.spool.writer().write::<(), Error, _>(set).await.unwrap();
}

/// The analyzer has its last `<ACK>` and believes that all is well; the program dies before EOT.
#[tokio::test]
async fn frames_acknowledged_before_a_crash_are_delivered_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let whole = astm_frame(1, &format!("{HEAD}{}R|1|^^^WBC|8.13|10*9/L|||F\rL|1\r", order("S-7")), ETX);
    let (spool, _) = Spool::open(&dir.path().join("gateway/spool.db"), Surroundings::system()).unwrap();
    spool.keep_frame(None, "astm", "127.0.0.1", 0, whole.clone()).await.unwrap();
    drop(spool);
    let hospital = Hospital::in_dir(dir, |_| {}).await;
    assert_eq!(hospital.delivered(1).await[0]["groups"][0]["readings"][0]["value"]["decimal"], "8.13");
    // The analyzer, not having seen the answer to its last frame, sends all again.
    let mut line = hospital.analyzer().await;
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut line, &whole).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    drop(line);
    let mut marker = hospital.device().await;
    marker.says(&support::vitals("M-1", "B01", 70)).await;
    hospital.delivered(2).await;
    hospital.close().await;
}

#[tokio::test]
async fn simulated_devices_are_heard_through_an_outage() {
    let hospital = Hospital::open().await;
    hospital.server.is(Mood::Away);
    let ended = CancellationToken::new();
    let monitor = Monitor {
        name: "BENHAN-MONITOR".to_owned(),
        eui64: "00AA00BB00CC0001".to_owned(),
        unit: "HSTC".to_owned(),
        room: "P1".to_owned(),
        bed: "G01".to_owned(),
        patient_id: Some("BN0001".to_owned()),
        seed: 7,
        interval: Duration::from_millis(1),
        cuff_every: Duration::ZERO,
    };
    let analyzer = Analyzer {
        kind: AnalyzerKind::Chemistry,
        name: "BENHAN-CHEM".to_owned(),
        serial_number: "1".to_owned(),
        seed: 7,
        interval: Duration::ZERO,
    };
    let (barcodes, specimens) = tokio::sync::mpsc::channel(4);
    let surroundings = Surroundings::system();
    let mllp = hospital.running.mllp_addr.unwrap();
    let astm = hospital.running.astm_addr.unwrap();
    let monitoring = tokio::spawn(run_monitor(mllp, monitor, surroundings.clone(), ended.clone()));
    let analysing = tokio::spawn(analyze(astm, analyzer, specimens, surroundings, ended.clone()));
    for barcode in ["XN0001", "XN0002"] {
        barcodes.send(barcode.to_owned()).await.unwrap();
    }
    drop(barcodes);
    analysing.await.unwrap();
    hospital.server.until("the courier tries", |server| server.requests() > 2).await;
    hospital.server.is(Mood::Up);
    let of = |protocol: &'static str| {
        move |server: &FakeServer| {
            server.committed().into_iter().filter(|delivery| delivery["protocol"] == protocol).collect::<Vec<_>>()
        }
    };
    hospital
        .server
        .until("both are heard", |server| of("astm")(server).len() == 2 && of("hl7")(server).len() >= 3)
        .await;
    ended.cancel();
    monitoring.await.unwrap();
    let chemistry = &of("astm")(&hospital.server)[0]["groups"][0];
    assert_eq!(chemistry["specimens"][0], "XN0001");
    let readings = chemistry["readings"].as_array().unwrap();
    assert!(readings.iter().all(|reading| reading["loinc"].is_string() && reading["effective_at"].is_i64()));
    let bedside = &of("hl7")(&hospital.server)[0];
    assert_eq!(bedside["sender"]["equipment"], "00AA00BB00CC0001");
    assert_eq!(bedside["location"]["bed"], "G01");
    let readings = bedside["groups"][0]["readings"].as_array().unwrap();
    assert_eq!(readings.len(), 8);
    assert_eq!(readings.iter().filter(|reading| reading["aperiodic"] == true).count(), 3);
    assert!(readings.iter().all(|reading| reading["ucum"].is_string() && reading["loinc"].is_string()));
    hospital.close().await;
}
