//! One device's line: it sends a message and waits for the answer that names it before it sends the next.

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const VT: u8 = 0x0b;
const END: [u8; 2] = [0x1c, b'\r'];
/// An acknowledgement has some hundred bytes.
const LONGEST_ANSWER: usize = 64 << 10;

#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    out: Vec<u8>,
    answer: Vec<u8>,
}

impl Line {
    /// # Errors
    /// When nobody listens there.
    pub async fn open(to: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(to).await.with_context(|| format!("cannot connect to {to}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, out: Vec::new(), answer: Vec::new() })
    }

    /// Sends a message; returns when it was answered with AA for this control id.
    ///
    /// # Errors
    /// Any other answer, or none.
    pub async fn send(&mut self, message: &str, control: &str) -> anyhow::Result<()> {
        self.out.clear();
        self.out.push(VT);
        self.out.extend_from_slice(message.as_bytes());
        self.out.extend_from_slice(&END);
        self.stream.write_all(&self.out).await?;
        self.answer.clear();
        while !self.answer.windows(END.len()).any(|two| two == END) {
            if self.answer.len() > LONGEST_ANSWER || self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the line ended before {control} was answered");
            }
        }
        let wanted = format!("MSA|AA|{control}");
        if !self.answer.windows(wanted.len()).any(|part| part == wanted.as_bytes()) {
            bail!("{control} was answered {}", String::from_utf8_lossy(&self.answer).replace('\r', " "));
        }
        Ok(())
    }
}
