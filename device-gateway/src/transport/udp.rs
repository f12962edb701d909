//! Datagrams of one peer as a line: each read is one datagram, each write sends one.
//!
//! The socket is connected, so the kernel takes nothing from anybody else. A monitor that is switched off answers
//! nothing, or through its network that nobody is there; both are the same silence, and the driver calls again.

use crate::port::Host;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{UdpSocket, lookup_host};

pub struct Datagrams(UdpSocket);

/// The peer's datagrams, and its address.
///
/// # Errors
/// A name that nobody knows, or what the network said.
pub async fn open(host: &Host) -> io::Result<(Datagrams, String)> {
    let peer = lookup_host((host.name.trim_matches(['[', ']']), host.port)).await?.next();
    let peer = peer.ok_or(io::ErrorKind::NotFound)?;
    let own = match peer {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(own).await?;
    socket.connect(peer).await?;
    Ok((Datagrams(socket), peer.ip().to_canonical().to_string()))
}

fn nobody_there(cause: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    matches!(cause.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable)
}

impl AsyncRead for Datagrams {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let before = into.filled().len();
            match ready!(self.0.poll_recv(context, into)) {
                // An empty datagram is no end of anything.
                Ok(()) if into.filled().len() == before => {}
                Err(cause) if nobody_there(&cause) => {}
                other => return Poll::Ready(other),
            }
        }
    }
}

impl AsyncWrite for Datagrams {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match ready!(self.0.poll_send(context, bytes)) {
            Err(cause) if nobody_there(&cause) => Poll::Ready(Ok(bytes.len())),
            other => Poll::Ready(other),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
