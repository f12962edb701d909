//! Calls a device that waits to be called, over TCP or TLS.

use super::tcp::keep_alive;
use super::tls;
use crate::port::Host;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

/// A device that does not take the call within this time is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// The connection, and the address that answered.
///
/// # Errors
/// What the network said; `TimedOut` when nobody answered.
pub async fn plain(host: &Host) -> io::Result<(TcpStream, String)> {
    let stream = timeout(PATIENCE, TcpStream::connect((host.name.trim_matches(['[', ']']), host.port))).await??;
    keep_alive(&stream)?;
    let address = stream.peer_addr()?.ip().to_canonical().to_string();
    Ok((stream, address))
}

/// # Errors
/// As [`plain`], and when the device's certificate does not hold.
pub async fn encrypted(host: &Host, caller: &tls::Caller) -> io::Result<(TlsStream<TcpStream>, String)> {
    let (stream, address) = plain(host).await?;
    let stream = timeout(PATIENCE, caller.greet(stream)).await??;
    Ok((stream, address))
}
