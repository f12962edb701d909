//! Programs that post what their devices measured: one message a request, answered after the commit.

use crate::server::Mood;
use crate::support::{Hospital, port, vitals};
use diesel::RunQueryDsl;
use diesel::result::Error;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn asks(at: SocketAddr, head: &str, body: &[u8]) -> String {
    let mut line = TcpStream::connect(at).await.unwrap();
    let head = format!("{head} HTTP/1.1\r\nhost: gateway\r\ncontent-length: {}\r\n\r\n", body.len());
    line.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
    let mut answer = Vec::new();
    // Who is told early that it is too much may find the line closed.
    let _ = line.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_posted_message_is_answered_after_the_commit_and_delivered() {
    let ports = [port("trung-gian", "hl7+http://127.0.0.1:0"), port("trung-gian-2", "astm+http://127.0.0.1:0")];
    let hospital = Hospital::with(|config| config.port.extend(ports)).await;
    hospital.server.is(Mood::Away);
    let answer = asks(hospital.at("trung-gian"), "POST /", &vitals("M-1", "B01", 72)).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\rMSA|AA|M-1"), "{answer}");
    let text = b"H|\\^&|||X\rP|1\rO|1|S-7||^^^PT\rR|1|^^^PT|11.9|s|||F\rL|1\r";
    assert!(asks(hospital.at("trung-gian-2"), "POST /", text).await.starts_with("HTTP/1.1 200 "));
    hospital.server.is(Mood::Up);
    let mut channels: Vec<_> = hospital.delivered(2).await.iter().map(|one| one["sender"]["channel"].clone()).collect();
    channels.sort_by_key(ToString::to_string);
    assert_eq!(channels, ["trung-gian", "trung-gian-2"]);
    hospital.close().await;
}

#[tokio::test]
async fn what_is_not_kept_is_not_answered_with_200() {
    let urls = ["hl7+http://127.0.0.1:0?max_message_bytes=2000&message_timeout_s=1", "hl7+http://127.0.0.1:0"];
    let hospital = Hospital::with(|config| config.port.extend([port("small", urls[0]), port("large", urls[1])])).await;
    let small = hospital.at("small");
    assert!(asks(small, "POST /", &[b'x'; 5000]).await.starts_with("HTTP/1.1 413 "));
    assert!(asks(small, "POST /", b"").await.starts_with("HTTP/1.1 400 "));
    assert!(asks(small, "GET /", b"").await.starts_with("HTTP/1.1 405 "));
    assert!(asks(small, "POST /other", b"x").await.starts_with("HTTP/1.1 404 "));
    let page = asks(small, "POST / HTTP/1.1\r\norigin: https://trang-la.example\r\nx: ", b"MSH|^~\\&|X\r").await;
    assert!(page.starts_with("HTTP/1.1 403 "), "{page}");
    let mut half = TcpStream::connect(small).await.unwrap();
    half.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nMSH|").await.unwrap();
    let mut answer = String::new();
    let _ = half.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let chunked = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nfff\r\n";
    let mut stream = TcpStream::connect(small).await.unwrap();
    stream.write_all(&[chunked.as_slice(), &[b'x'; 0xfff]].concat()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413", "a length that nobody stated is measured");

    let full = |most: u32| {
        let set = move |connection: &mut diesel::SqliteConnection| {
            diesel::sql_query(format!("PRAGMA max_page_count = {most}")).execute(connection).map(drop)
        };
        hospital.running.spool.writer().write::<(), Error, _>(set)
    };
    full(1).await.unwrap();
    let noise: String = (0..400_000u32)
        .map(|n| char::from(b'a' + u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap() % 26))
        .collect();
    let large = [vitals("M-1", "B01", 72), format!("NTE|1||{noise}").into_bytes()].concat();
    let answer = asks(hospital.at("large"), "POST /", &large).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("MSA|AE|M-1"), "{answer}");
    full(1_000_000).await.unwrap();
    assert!(asks(hospital.at("large"), "POST /", &large).await.starts_with("HTTP/1.1 200 "));
    hospital.delivered(1).await;
    hospital.close().await;
}
