//! A laboratory analyzer: for each specimen handed in it connects, asks for the line, sends its results in
//! ASTM frames and repeats what is refused.

use super::physiology::Dice;
use benhan_uplink::Surroundings;
use jiff::tz::TimeZone;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const ENQ: u8 = 0x05;
const EOT: u8 = 0x04;
const ACK: u8 = 0x06;
/// Text in one frame, as in the first edition of the standard.
const FRAME_TEXT: usize = 240;
const REPLY_WITHIN: Duration = Duration::from_secs(15);
const TRIES: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalyzerKind {
    Haematology,
    Chemistry,
}

/// Who the analyzer is and how it behaves.
#[derive(Clone, Debug)]
pub struct Analyzer {
    pub kind: AnalyzerKind,
    /// H-5.1; `BENHAN-HAEMA…` and `BENHAN-CHEM…` fit the embedded profiles.
    pub name: String,
    pub serial_number: String,
    pub seed: u64,
    /// Between a specimen's arrival and its results.
    pub interval: Duration,
}

/// Runs until `shutdown` or until the last sender of barcodes is gone. A specimen whose results do not get
/// through is tried again, before the next.
pub async fn analyze(
    to: SocketAddr,
    analyzer: Analyzer,
    mut specimens: mpsc::Receiver<String>,
    surroundings: Surroundings,
    shutdown: CancellationToken,
) {
    loop {
        let barcode = tokio::select! {
            barcode = specimens.recv() => match barcode {
                Some(barcode) => barcode,
                None => return,
            },
            () = shutdown.cancelled() => return,
        };
        if pause(analyzer.interval, &shutdown).await {
            return;
        }
        let text = compose(&analyzer, &barcode, surroundings.now());
        while send(to, &text).await.is_err() {
            if pause(Duration::from_secs(2), &shutdown).await {
                return;
            }
        }
    }
}

/// True when the end came first.
async fn pause(time: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = sleep(time) => false,
        () = shutdown.cancelled() => true,
    }
}

async fn send(to: SocketAddr, text: &[u8]) -> io::Result<()> {
    let mut stream = TcpStream::connect(to).await?;
    stream.write_all(&[ENQ]).await?;
    if reply(&mut stream).await? != ACK {
        return Err(io::Error::other("the line was refused"));
    }
    let pieces: Vec<&[u8]> = text.chunks(FRAME_TEXT).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let frame = frame(index, piece, index + 1 == pieces.len());
        let mut accepted = false;
        for _ in 0..TRIES {
            stream.write_all(&frame).await?;
            accepted = reply(&mut stream).await? == ACK;
            if accepted {
                break;
            }
        }
        if !accepted {
            stream.write_all(&[EOT]).await?;
            return Err(io::Error::other("a frame was refused"));
        }
    }
    stream.write_all(&[EOT]).await?;
    stream.shutdown().await
}

async fn reply(stream: &mut TcpStream) -> io::Result<u8> {
    timeout(REPLY_WITHIN, stream.read_u8()).await?
}

/// `STX number text ETX|ETB checksum CR LF`
fn frame(index: usize, text: &[u8], last: bool) -> Vec<u8> {
    let mut frame = vec![0x02];
    frame.extend_from_slice(((index + 1) % 8).to_string().as_bytes());
    frame.extend_from_slice(text);
    frame.push(if last { 0x03 } else { 0x17 });
    let sum: u32 = frame.iter().skip(1).map(|byte| u32::from(*byte)).sum();
    frame.extend_from_slice(format!("{:02X}\r\n", sum % 256).as_bytes());
    frame
}

/// Test, unit, decimals, least and most of what is drawn, and the reference range.
type Test = (&'static str, &'static str, usize, f64, f64, f64, f64);

const HAEMATOLOGY: &[Test] = &[
    ("WBC", "10*9/L", 2, 3.2, 14.0, 4.0, 10.0),
    ("RBC", "10*12/L", 2, 3.4, 5.6, 3.9, 5.4),
    ("HGB", "g/L", 0, 92.0, 168.0, 120.0, 160.0),
    ("HCT", "%", 1, 28.0, 49.0, 36.0, 48.0),
    ("MCV", "fL", 1, 74.0, 101.0, 80.0, 100.0),
    ("MCH", "pg", 1, 24.0, 34.0, 27.0, 34.0),
    ("MCHC", "g/L", 0, 305.0, 352.0, 320.0, 360.0),
    ("PLT", "10*9/L", 0, 110.0, 420.0, 150.0, 400.0),
    ("NEUT%", "%", 1, 40.0, 82.0, 45.0, 75.0),
    ("LYMPH%", "%", 1, 12.0, 45.0, 20.0, 45.0),
];

const CHEMISTRY: &[Test] = &[
    ("GLU", "mmol/L", 2, 3.4, 11.5, 3.9, 6.4),
    ("UREA", "mmol/L", 1, 2.1, 12.0, 2.5, 7.5),
    ("CREA", "umol/L", 0, 45.0, 168.0, 53.0, 106.0),
    ("ALT", "U/L", 0, 9.0, 92.0, 0.0, 41.0),
    ("AST", "U/L", 0, 11.0, 88.0, 0.0, 37.0),
    ("NA", "mmol/L", 0, 129.0, 148.0, 135.0, 145.0),
    ("K", "mmol/L", 2, 2.9, 5.6, 3.5, 5.0),
    ("CL", "mmol/L", 0, 92.0, 110.0, 98.0, 106.0),
    ("CRP", "mg/L", 1, 0.4, 64.0, 0.0, 5.0),
];

fn compose(analyzer: &Analyzer, barcode: &str, now: i64) -> Vec<u8> {
    let time = stamp(now);
    let tests = match analyzer.kind {
        AnalyzerKind::Haematology => HAEMATOLOGY,
        AnalyzerKind::Chemistry => CHEMISTRY,
    };
    let folded = barcode.bytes().fold(analyzer.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut dice = Dice::new(folded);
    let mut text = format!(
        "H|\\^&|||{}^{}||||||||LIS2-A2|{time}\rP|1\rO|1|{barcode}||^^^ALL|R||||||N||||||||||||||F\r",
        analyzer.name, analyzer.serial_number
    );
    for (index, (code, unit, decimals, least, most, low, high)) in tests.iter().enumerate() {
        let value = dice.between(*least, *most);
        let flag = if value < *low {
            "L"
        } else if value > *high {
            "H"
        } else {
            "N"
        };
        let line = format!("R|{}|^^^{code}|{value:.decimals$}|{unit}|{low}-{high}|{flag}||F||||{time}\r", index + 1);
        text.push_str(&line);
    }
    text.push_str("L|1|N\r");
    text.into_bytes()
}

fn stamp(now: i64) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(7));
    jiff::Timestamp::from_microsecond(now)
        .map(|at| at.to_zoned(zone).strftime("%Y%m%d%H%M%S").to_string())
        .unwrap_or_default()
}
