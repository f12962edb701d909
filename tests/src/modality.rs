//! A modality on the wire: DICOM's upper layer and C-STORE (PS3.7, PS3.8), written here byte by byte.

use crate::image::{CT_IMAGE, EXPLICIT};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Of one P-DATA-TF.
const PIECE: usize = 16_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// How the other side spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The status of a response.
    Status(u16),
    Accepted,
    /// Result, source, reason.
    Rejected(u8, u8, u8),
    Aborted,
}

pub struct Association {
    pub stream: TcpStream,
}

fn item(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("a length").to_be_bytes();
    [&[kind, 0], length.as_slice(), value].concat()
}

fn pdu(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a length").to_be_bytes();
    [&[kind, 0], length.as_slice(), value].concat()
}

/// A-ASSOCIATE-RQ for CT images in explicit little endian.
pub fn request(calling: &str, called: &str) -> Vec<u8> {
    let context = [vec![1, 0, 0, 0], item(0x30, CT_IMAGE.as_bytes()), item(0x40, EXPLICIT.as_bytes())].concat();
    let user = [item(0x51, &16_384_u32.to_be_bytes()), item(0x52, b"2.25.71"), item(0x55, b"SCRIPT")].concat();
    let body = [
        vec![0, 1, 0, 0],
        format!("{called:<16}{calling:<16}").into_bytes(),
        vec![0; 32],
        item(0x10, b"1.2.840.10008.3.1.1.1"),
        item(0x20, &context),
        item(0x50, &user),
    ]
    .concat();
    pdu(1, &body)
}

/// P-DATA-TFs with the fragments of one command or dataset.
fn fragments(command: bool, bytes: &[u8]) -> Vec<u8> {
    let pieces: Vec<&[u8]> = bytes.chunks(PIECE).collect();
    let mut wire = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let last = index + 1 == pieces.len();
        let length = u32::try_from(piece.len() + 2).expect("a length").to_be_bytes();
        let control = u8::from(command) | (u8::from(last) << 1);
        wire.extend(pdu(4, &[&length, [1, control].as_slice(), piece].concat()));
    }
    wire
}

/// One element of a command set: implicit little endian.
fn argument(number: u16, value: &[u8]) -> Vec<u8> {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(0);
    }
    let length = u32::try_from(value.len()).expect("a length").to_le_bytes();
    [[0, 0].as_slice(), &number.to_le_bytes(), &length, &value].concat()
}

/// C-STORE-RQ and its dataset.
pub fn store(sop: &str, dataset: &[u8]) -> Vec<u8> {
    let rest = [
        argument(0x0002, CT_IMAGE.as_bytes()),
        argument(0x0100, &1_u16.to_le_bytes()),
        argument(0x0110, &1_u16.to_le_bytes()),
        argument(0x0700, &0_u16.to_le_bytes()),
        argument(0x0800, &1_u16.to_le_bytes()),
        argument(0x1000, sop.as_bytes()),
    ]
    .concat();
    let length = u32::try_from(rest.len()).expect("a length").to_le_bytes();
    let command = [argument(0x0000, &length), rest].concat();
    [fragments(true, &command), fragments(false, dataset)].concat()
}

impl Association {
    /// Connects and asks for an association.
    pub async fn ask(to: SocketAddr, calling: &str, called: &str) -> io::Result<(Self, Said)> {
        let mut association = Self { stream: TcpStream::connect(to).await? };
        association.stream.set_nodelay(true)?;
        association.stream.write_all(&request(calling, called)).await?;
        let said = association.hear().await?;
        Ok((association, said))
    }

    /// As the demo's own CT.
    pub async fn open(to: SocketAddr) -> io::Result<Self> {
        match Self::ask(to, "CT_DEMO", "BENHAN").await? {
            (association, Said::Accepted) => Ok(association),
            (_, other) => Err(io::Error::other(format!("{other:?}"))),
        }
    }

    pub async fn store(&mut self, sop: &str, dataset: &[u8]) -> io::Result<Said> {
        self.stream.write_all(&store(sop, dataset)).await?;
        self.hear().await
    }

    /// The next thing that is said.
    pub async fn hear(&mut self) -> io::Result<Said> {
        let mut head = [0; 6];
        timeout(PATIENCE, self.stream.read_exact(&mut head)).await??;
        let length = u32::from_be_bytes([head[2], head[3], head[4], head[5]]);
        let mut body = vec![0; usize::try_from(length.min(1 << 20)).expect("a length")];
        timeout(PATIENCE, self.stream.read_exact(&mut body)).await??;
        match head[0] {
            2 => Ok(Said::Accepted),
            3 => Ok(Said::Rejected(body[1], body[2], body[3])),
            4 => Ok(Said::Status(status(&body))),
            7 => Ok(Said::Aborted),
            other => Err(io::Error::other(format!("a PDU of type {other}"))),
        }
    }

    pub async fn release(mut self) -> io::Result<()> {
        self.stream.write_all(&pdu(5, &[0; 4])).await?;
        let mut answer = [0; 10];
        timeout(PATIENCE, self.stream.read_exact(&mut answer)).await?.map(drop)
    }
}

/// (0000,0900) of a response that came in one fragment.
fn status(body: &[u8]) -> u16 {
    let tag = [0, 0, 0, 9, 2, 0, 0, 0];
    let at = body.windows(tag.len()).position(|window| window == tag).expect("a status");
    u16::from_le_bytes([body[at + 8], body[at + 9]])
}
