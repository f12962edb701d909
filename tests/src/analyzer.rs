//! A laboratory analyzer: ASTM LIS1 frames and LIS2 records over TCP, made here byte by byte.

use crate::monitor::stamp;
use jiff::Timestamp;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub const ENQ: u8 = 0x05;
pub const EOT: u8 = 0x04;
pub const ACK: u8 = 0x06;
pub const NAK: u8 = 0x15;
const ETB: u8 = 0x17;
const ETX: u8 = 0x03;
/// Text of one frame, at most.
const TEXT: usize = 240;

/// `STX number text ETB|ETX checksum CR LF`
pub fn frame(number: usize, text: &str, last: bool) -> Vec<u8> {
    let mut frame = vec![0x02];
    frame.extend_from_slice((number % 8).to_string().as_bytes());
    frame.extend_from_slice(text.as_bytes());
    frame.push(if last { ETX } else { ETB });
    let sum = frame[1..].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
    frame
}

/// Results of one tube: test, value, unit.
pub fn report(barcode: &str, results: &[(&str, &str, &str)]) -> String {
    let now = stamp(Timestamp::now());
    let now = now.get(..14).expect("a time");
    let mut text = format!("H|\\^&|||BENHAN-CHEM^SH-9||||||||LIS2-A2|{now}\rP|1\rO|1|{barcode}||^^^ALL|R||||||N\r");
    for (index, (test, value, unit)) in results.iter().enumerate() {
        text.push_str(&format!("R|{}|^^^{test}|{value}|{unit}|||||F||||{now}\r", index + 1));
    }
    text + "L|1|N\r"
}

pub struct Line {
    pub stream: TcpStream,
}

impl Line {
    pub async fn connect(to: SocketAddr) -> io::Result<Self> {
        Ok(Self { stream: TcpStream::connect(to).await? })
    }

    /// Sends bytes; the one byte that answers them.
    pub async fn ask(&mut self, bytes: &[u8]) -> io::Result<u8> {
        self.stream.write_all(bytes).await?;
        timeout(Duration::from_secs(30), self.stream.read_u8()).await?
    }

    /// A whole transfer. An error means that not every frame was acknowledged: it is to be sent again.
    pub async fn transfer(&mut self, text: &str) -> io::Result<()> {
        let expect = |answer| if answer == ACK { Ok(()) } else { Err(io::Error::other("refused")) };
        expect(self.ask(&[ENQ]).await?)?;
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(TEXT).collect();
        for (index, piece) in pieces.iter().enumerate() {
            let piece = std::str::from_utf8(piece).map_err(io::Error::other)?;
            expect(self.ask(&frame(index + 1, piece, index + 1 == pieces.len())).await?)?;
        }
        self.stream.write_all(&[EOT]).await
    }
}
