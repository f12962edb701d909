//! Analyzers that ask by ASTM, scripted byte by byte: told what to do with a tube, in their own codes, in their turn.

use crate::query::{Own, laboratory, orders, with_orders};
use crate::server::{FakeServer, Mood};
use crate::support::{ACK, ENQ, EOT, NAK, asks, astm_frame, port};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ETX: u8 = 3;

fn plain() -> Vec<Own> {
    vec![Own("astm", "hoa-sinh", "[facts]\nquery = \"astm-q\"")]
}

fn question(barcode: &str) -> String {
    format!("H|\\^&|||XL-1^7|||||LIS||P|1|20261130131400\rQ|1|^{barcode}||^^^ALL||||||||O\rL|1|N\r")
}

/// Sends a message frame by frame and gives the line back.
async fn tells(line: &mut TcpStream, message: &str) {
    assert_eq!(asks(line, &[ENQ]).await, ACK);
    assert_eq!(asks(line, &astm_frame(1, message, ETX)).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
}

async fn byte(line: &mut TcpStream) -> u8 {
    tokio::time::timeout(Duration::from_secs(30), line.read_u8()).await.expect("nothing comes").unwrap()
}

/// One frame as it came.
async fn frame(line: &mut TcpStream) -> Vec<u8> {
    let mut frame = vec![byte(line).await];
    assert_eq!(frame[0], 2, "a frame begins with STX");
    while !frame.ends_with(b"\r\n") {
        frame.push(byte(line).await);
    }
    frame
}

/// The text of a frame, whose number and sum are right.
fn text_of(frame: &[u8], number: usize) -> String {
    let end = frame.len() - 4;
    let sum = frame[1..end].iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    assert_eq!(std::str::from_utf8(&frame[end..end + 2]).unwrap(), format!("{sum:02X}"));
    assert_eq!(frame[1], b'0' + u8::try_from(number % 8).unwrap());
    String::from_utf8(frame[2..end - 1].to_vec()).unwrap()
}

/// Takes an answer whose ENQ has come, and gives its records.
async fn takes_on(line: &mut TcpStream) -> Vec<String> {
    line.write_all(&[ACK]).await.unwrap();
    let mut text = String::new();
    for number in 1.. {
        let first = byte(line).await;
        if first == EOT {
            break;
        }
        let mut one = vec![first];
        while !one.ends_with(b"\r\n") {
            one.push(byte(line).await);
        }
        text.push_str(&text_of(&one, number));
        line.write_all(&[ACK]).await.unwrap();
    }
    text.split_terminator('\r').map(str::to_owned).collect()
}

async fn takes(line: &mut TcpStream) -> Vec<String> {
    assert_eq!(byte(line).await, ENQ);
    takes_on(line).await
}

fn tests(records: &[String]) -> &str {
    records.iter().find(|record| record.starts_with("O|")).map_or("", |order| order.split('|').nth(4).unwrap())
}

#[tokio::test]
async fn an_analyzer_that_asks_by_barcode_is_told_the_tests_that_it_does_in_its_own_codes() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    let answer = takes(&mut line).await;
    assert!(answer[0].starts_with("H|\\^&|||BENHAN|||||XL-1^7||P|1|"), "{answer:?}");
    assert_eq!(
        answer[1..],
        [
            "P|1|BN0042|||Nguyễn^Văn Đạt||19700131|M",
            "O|1|XN0001||^^^717\\^^^418|R|20261130080000|20261130080500||||N||||||||||||||Q",
            "L|1|F",
        ]
    );
    // A question is nothing that waits for a person.
    assert!(hospital.server.committed().is_empty());
    hospital.close().await;
}

#[tokio::test]
async fn a_barcode_that_nobody_knows_and_one_of_tests_that_it_does_not_do_are_no_order() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    for barcode in ["XN9999", "XN0003", "XN000"] {
        tells(&mut line, &question(barcode)).await;
        let answer = takes(&mut line).await;
        assert_eq!(answer[1..], ["L|1|I"], "{barcode}");
    }
    hospital.close().await;
}

#[tokio::test]
async fn a_tube_ordered_a_moment_ago_is_known_though_the_list_is_older() {
    let server = FakeServer::start().await;
    let hospital = laboratory(server, plain(), |config| config.worklist_every_s = 3600).await;
    hospital.server.until("the list is pulled", |server| server.pulls() > 0).await;
    let mut line = hospital.analyzer().await;
    hospital.server.has_orders(orders());
    // The gateway asks again at most once a second.
    let mut answer = Vec::new();
    while tests(&answer).is_empty() {
        tells(&mut line, &question("XN0002")).await;
        answer = takes(&mut line).await;
    }
    assert_eq!(tests(&answer), "^^^717\\^^^418");
    hospital.close().await;
}

#[tokio::test]
async fn a_roche_analyzer_sees_its_own_tube_again_and_is_told_where_there_is_nothing() {
    let own = vec![Own("astm", "cobas", "[facts]\nquery = \"roche-tsreq\"")];
    let hospital = with_orders(own, |_| {}).await;
    let mut line = hospital.analyzer().await;
    let ask = |barcode: &str| {
        format!(
            "H|\\^&|||cobas8000^1|||||host|TSREQ^REAL|P|1\rQ|1|^^{barcode:>22}^0^50001^1^^S1^SC||ALL||||||||O\rL|1|N\r"
        )
    };
    tells(&mut line, &ask("XN0001")).await;
    let answer = takes(&mut line).await;
    assert!(answer[0].contains("|TSDWN^REPLY|P|1|"), "{answer:?}");
    assert!(answer[2].starts_with("O|1|                XN0001|0^50001^1^^S1^SC|^^^717\\^^^418|R|"), "{answer:?}");
    tells(&mut line, &ask("XN7777")).await;
    let answer = takes(&mut line).await;
    assert!(answer[2].ends_with("|Y") && answer[2].contains("XN7777|0^50001^1^^S1^SC||"), "{answer:?}");
    hospital.close().await;
}

#[tokio::test]
async fn with_the_server_away_and_after_a_restart_analyzers_are_answered_within_a_second() {
    let (spool, server) = (tempfile::tempdir().unwrap(), FakeServer::start().await);
    server.has_orders(orders());
    let place = spool.path().join("gateway");
    let hospital = laboratory(server, plain(), |config| config.data_dir.clone_from(&place)).await;
    hospital.server.until("the list is pulled", |server| server.pulls() > 0).await;
    hospital.server.is(Mood::Away);
    let mut line = hospital.analyzer().await;
    let mut slowest = Duration::ZERO;
    for (barcode, ending) in [("XN0001", "L|1|F"), ("XN9999", "L|1|I"), ("XN0002", "L|1|F"), ("XN9998", "L|1|I")] {
        let asked = Instant::now();
        tells(&mut line, &question(barcode)).await;
        assert_eq!(takes(&mut line).await.last().unwrap(), ending);
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    drop(line);
    hospital.close().await;

    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let hospital = laboratory(server, plain(), |config| config.data_dir.clone_from(&place)).await;
    let mut line = hospital.analyzer().await;
    let asked = Instant::now();
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(tests(&takes(&mut line).await), "^^^717\\^^^418");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    let list = std::fs::metadata(place.join("worklist.json")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&list.permissions()) & 0o777, 0o600);
    hospital.close().await;
}

#[tokio::test]
async fn a_gateway_that_never_had_a_list_says_that_it_could_not_look() {
    let server = FakeServer::start().await;
    server.is(Mood::Away);
    let hospital = laboratory(server, plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(takes(&mut line).await[1..], ["L|1|Q"]);
    hospital.close().await;
}

#[tokio::test]
async fn two_analyzers_that_ask_at_once_are_each_told_of_their_own_tube() {
    let hospital = with_orders(plain(), |_| {}).await;
    let (mut one, mut other) = (hospital.analyzer().await, hospital.analyzer().await);
    for (line, barcode) in [(&mut one, "XN0001"), (&mut other, "XN0002")] {
        assert_eq!(asks(line, &[ENQ]).await, ACK);
        assert_eq!(asks(line, &astm_frame(1, &question(barcode), ETX)).await, ACK);
    }
    one.write_all(&[EOT]).await.unwrap();
    other.write_all(&[EOT]).await.unwrap();
    let (second, first) = (takes(&mut other).await, takes(&mut one).await);
    assert!(first[1].contains("BN0042") && first[2].starts_with("O|1|XN0001|"), "{first:?}");
    assert!(second[1].contains("BN0043") && second[2].starts_with("O|1|XN0002|"), "{second:?}");
    hospital.close().await;
}

/// LIS01-A2 6.2.7.1: who is the instrument wins, and the host waits for it.
#[tokio::test]
async fn where_both_enquire_the_analyzer_sends_first_and_then_has_its_answer() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(byte(&mut line).await, ENQ);
    // The enquiry that crossed ours is not answered; the next one is.
    line.write_all(&[ENQ]).await.unwrap();
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
    let result = "H|\\^&|||XL-1^7\rP|1\rO|1|XN0002||^^^717\rR|1|^^^717|5.1|mmol/L||N||F||||20261130131000\rL|1|N\r";
    assert_eq!(asks(&mut line, &astm_frame(1, result, ETX)).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    assert_eq!(tests(&takes(&mut line).await), "^^^717\\^^^418");
    let delivered = hospital.delivered(1).await;
    assert_eq!(delivered[0]["groups"][0]["readings"][0]["loinc"], "14749-6");
    hospital.close().await;
}

#[tokio::test]
async fn a_frame_that_is_refused_is_sent_again_as_it_was_and_the_next_one_follows() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(byte(&mut line).await, ENQ);
    line.write_all(&[ACK]).await.unwrap();
    let first = frame(&mut line).await;
    for _ in 0..6 {
        line.write_all(&[NAK]).await.unwrap();
        assert_eq!(frame(&mut line).await, first);
    }
    line.write_all(&[ACK]).await.unwrap();
    assert!(text_of(&frame(&mut line).await, 2).starts_with("P|1|BN0042|"));
    // Six repetitions are all there are; then the answer is given up, and the line is as before.
    for _ in 0..6 {
        line.write_all(&[NAK]).await.unwrap();
        frame(&mut line).await;
    }
    line.write_all(&[NAK]).await.unwrap();
    assert_eq!(byte(&mut line).await, EOT);
    tells(&mut line, &question("XN0002")).await;
    assert_eq!(tests(&takes(&mut line).await), "^^^717\\^^^418");
    hospital.close().await;
}

#[tokio::test]
async fn an_analyzer_that_asks_on_and_on_is_answered_the_newest_and_fills_nothing() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(byte(&mut line).await, ENQ);
    line.write_all(&[ENQ]).await.unwrap();
    for _ in 0..20 {
        assert_eq!(asks(&mut line, &[ENQ]).await, ACK);
        assert_eq!(asks(&mut line, &astm_frame(1, &question("XN0002"), ETX)).await, ACK);
        line.write_all(&[EOT]).await.unwrap();
        // It enquires for the first of its answers, and gives way once more.
        assert_eq!(byte(&mut line).await, ENQ);
        line.write_all(&[ENQ]).await.unwrap();
    }
    line.write_all(&[ENQ]).await.unwrap();
    assert_eq!(byte(&mut line).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    let mut tubes = Vec::new();
    for _ in 0..9 {
        tubes.push(takes(&mut line).await[2].split('|').nth(2).unwrap().to_owned());
    }
    assert_eq!((tubes[0].as_str(), tubes[8].as_str()), ("XN0001", "XN0002"));
    // No tenth: the next that comes is the answer to its next question.
    tells(&mut line, &question("XN9999")).await;
    assert_eq!(takes(&mut line).await[1..], ["L|1|I"]);
    assert!(hospital.server.committed().is_empty());
    hospital.close().await;
}

#[tokio::test]
async fn results_that_come_with_a_question_are_kept_and_the_question_answered() {
    let hospital = with_orders(plain(), |_| {}).await;
    let mut line = hospital.analyzer().await;
    let both = "H|\\^&|||XL-1^7\rP|1\rO|1|XN0002||^^^717\rR|1|^^^717|5.1|mmol/L||N||F||||20261130131000\rQ|1|^XN0001||ALL\rL|1|N\r";
    tells(&mut line, both).await;
    assert_eq!(tests(&takes(&mut line).await), "^^^717\\^^^418");
    assert_eq!(hospital.delivered(1).await[0]["groups"][0]["specimens"][0], "XN0002");
    hospital.close().await;
}

#[tokio::test]
async fn a_device_is_let_depart_from_the_standard_where_its_profile_says_so_and_not_elsewhere() {
    let keys = "[line]\nforgive = [\"no-checksum\", \"no-enquiry\"]\nlong_frames = true\nrecord_a_frame = false";
    let own = vec![Own("cu", "may-cu", keys), Own("astm", "hoa-sinh", "")];
    let hospital = with_orders(own, |config| config.port.push(port("cu", "astm+listen://127.0.0.1:0"))).await;
    let bare = [b"\x021", question("XN0001").as_bytes(), b"\x03\r\n"].concat();
    let mut strict = hospital.analyzer().await;
    assert_eq!(asks(&mut strict, &[ENQ]).await, ACK);
    assert_eq!(asks(&mut strict, &bare).await, NAK);
    let mut line = TcpStream::connect(hospital.at("cu")).await.unwrap();
    assert_eq!(asks(&mut line, &bare).await, ACK);
    line.write_all(&[EOT]).await.unwrap();
    assert_eq!(byte(&mut line).await, ENQ);
    line.write_all(&[ACK]).await.unwrap();
    let whole = text_of(&frame(&mut line).await, 1);
    assert!(whole.starts_with("H|") && whole.ends_with("L|1|F\r"), "all records in one frame: {whole}");
    drop(strict);
    hospital.close().await;
}

#[tokio::test]
async fn where_host_query_is_switched_off_nobody_is_answered_and_no_list_is_kept() {
    let (spool, server) = (tempfile::tempdir().unwrap(), FakeServer::start().await);
    server.has_orders(orders());
    let place = spool.path().join("gateway");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("worklist.json"), "of before").unwrap();
    let hospital = laboratory(server, plain(), |config| {
        config.worklist_every_s = 0;
        config.data_dir.clone_from(&place);
    })
    .await;
    let mut line = hospital.analyzer().await;
    tells(&mut line, &question("XN0001")).await;
    assert_eq!(hospital.delivered(1).await[0]["groups"], serde_json::json!([]));
    assert_eq!(asks(&mut line, &[ENQ]).await, ACK, "the line is the device's");
    assert_eq!(hospital.server.pulls(), 0);
    assert!(!place.join("worklist.json").exists());
    drop(line);
    hospital.close().await;
}
