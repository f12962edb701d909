//! Connections that say much or nothing: HTTP/2 frames by the ten thousand, headers that never end.

use super::{CONNECTION_KIB, Target};
use rustls_pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

/// An HTTP/2 frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// GET /healthz, in literals without indexing (RFC 7541 §6.2.2).
fn request() -> Vec<u8> {
    let literal = |name: &str, value: &str| {
        let length = |text: &str| u8::try_from(text.len()).unwrap();
        [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
    };
    [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/healthz")]
        .iter()
        .flat_map(|(name, value)| literal(name, value))
        .collect()
}

async fn connect(target: &Target, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut tls = target.hospital.tls();
    tls.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(target.hospital.ports().https).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(tls)).connect(name, stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
    stream
}

/// Writes until the server has had enough; reads whatever it says meanwhile.
async fn flood(stream: TlsStream<TcpStream>, bytes: &[u8]) {
    let (mut read, mut write) = tokio::io::split(stream);
    let listen = async {
        let mut buffer = vec![0; 16 << 10];
        while !matches!(read.read(&mut buffer).await, Ok(0) | Err(_)) {}
    };
    let speak = async {
        for piece in bytes.chunks(16 << 10) {
            if write.write_all(piece).await.is_err() {
                return;
            }
        }
        drop(write.shutdown().await);
    };
    // A server that neither reads nor hangs up has at least stopped paying attention: its memory is measured below.
    drop(timeout(Duration::from_secs(15), async { tokio::join!(listen, speak) }).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_http2_frames_stay_in_bounds() {
    let target = Target::open().await;
    let begin = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    let many = |each: &dyn Fn(u32) -> Vec<u8>| -> Vec<u8> {
        begin.iter().copied().chain((0..20_000).flat_map(each)).collect()
    };
    let odd = |number: u32| number * 2 + 1;
    let floods = [
        (
            "rapid reset",
            many(&|n| {
                [
                    frame(HEADERS, END_HEADERS | END_STREAM, odd(n), &request()),
                    frame(RST_STREAM, 0, odd(n), &[0, 0, 0, 8]),
                ]
                .concat()
            }),
        ),
        ("settings", many(&|_| frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]))),
        ("pings", many(&|_| frame(PING, 0, 0, &[7; 8]))),
        (
            "endless headers",
            [
                begin.clone(),
                frame(HEADERS, 0, 1, &request()),
                (0..4_000)
                    .flat_map(|_| {
                        frame(CONTINUATION, 0, 1, &[&[0, 100], [b'x'; 100].as_slice(), &[100], &[b'y'; 100]].concat())
                    })
                    .collect(),
            ]
            .concat(),
        ),
        ("streams that stay open", many(&|n| frame(HEADERS, END_HEADERS, odd(n), &request()))),
    ];
    let most = CONNECTION_KIB * u64::try_from(floods.len()).unwrap();
    for (name, bytes) in floods {
        let stream = connect(&target, b"h2").await;
        flood(stream, &bytes).await;
        target.still_works(&name.replace(' ', "-")).await;
    }
    target.endures_within(most, "h2", &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_never_finishes_a_request_is_let_go() {
    let target = Target::open().await;
    let mut slow = Vec::new();
    for _ in 0..60 {
        let mut stream = connect(&target, b"http/1.1").await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    // And some that stop before TLS has begun.
    let mut silent = Vec::new();
    for _ in 0..60 {
        silent.push(TcpStream::connect(target.hospital.ports().https).await.unwrap());
    }
    target.still_works("meanwhile").await;
    for stream in &mut slow {
        let mut answer = Vec::new();
        let ended = timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "a request without an end holds its connection");
        let text = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    }
    let mut huge = connect(&target, b"http/1.1").await;
    let header =
        [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Huge: ".as_slice(), &[b'x'; 4 << 20], b"\r\n\r\n"].concat();
    drop(huge.write_all(&header).await);
    let mut answer = Vec::new();
    drop(timeout(Duration::from_secs(30), huge.read_to_end(&mut answer)).await.expect("an end"));
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "a header of 4 MiB is taken");
    drop(silent);
    target.endures("http1", &[]).await;
}
