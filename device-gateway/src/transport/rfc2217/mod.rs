//! A serial line behind a terminal server (Moxa, ser2net) that is set from here, over telnet (RFC 2217).

mod session;
mod stream;
mod telnet;

pub use stream::Telnet;

use super::dial;
use crate::port::{Flow, Host, LineSettings, Parity};
use session::Setting;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A terminal server that has not set the line by then is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// # Errors
/// What the network said, or what the terminal server will not do.
pub async fn open(host: &Host, line: LineSettings) -> io::Result<(Telnet<TcpStream>, String)> {
    let (stream, address) = dial::plain(host).await?;
    Ok((greet(stream, line).await?, address))
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: S, line: LineSettings) -> io::Result<Telnet<S>> {
    let mut telnet = Telnet::begin(stream, settings(line));
    timeout(PATIENCE, telnet.agree()).await??;
    Ok(telnet)
}

/// Baud rate, data size, parity, stop size and flow control, by their numbers in RFC 2217.
fn settings(line: LineSettings) -> Vec<Setting> {
    let one = |name, command, value: u8| Setting { name, command, value: vec![value] };
    let parity = match line.parity {
        Parity::None => 1,
        Parity::Odd => 2,
        Parity::Even => 3,
    };
    let flow = match line.flow {
        Flow::None => 1,
        Flow::XonXoff => 2,
        Flow::RtsCts => 3,
    };
    vec![
        Setting { name: "the speed", command: 1, value: line.baud.to_be_bytes().to_vec() },
        one("the data bits", 2, if line.seven_bits { 7 } else { 8 }),
        one("the parity", 3, parity),
        one("the stop bits", 4, if line.two_stop_bits { 2 } else { 1 }),
        one("the flow control", 5, flow),
    ]
}

#[cfg(test)]
mod tests;
