//! TCP listeners for devices: listed peers, a bounded number of connections, keep-alive for those that stay
//! silent for days.

use super::link::Link;
use crate::admission::Admission;
use crate::config::ListenConfig;
use crate::driver::{self, Desk};
use crate::gateway::StartError;
use crate::port::Speaks;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// After `accept` failed (no file descriptors left, say).
const AFTER_FAILURE: Duration = Duration::from_millis(200);
/// A device that has not agreed on TLS by then gives its seat back.
const GREETING: Duration = Duration::from_secs(10);

/// A bound listener.
pub struct Door {
    pub address: SocketAddr,
    listener: TcpListener,
    admission: Admission,
    acceptor: Option<TlsAcceptor>,
}

impl Door {
    /// # Errors
    /// An address that is taken, a peer that is none.
    pub async fn open(channel: &str, config: &ListenConfig, acceptor: Option<TlsAcceptor>) -> Result<Self, StartError> {
        let admission = Admission::new(&config.peers, config.max_connections, config.max_connections_per_address)
            .map_err(|peer| StartError::Peer { channel: channel.to_owned(), peer })?;
        let failed = |cause| StartError::Listen { channel: channel.to_owned(), address: config.address, cause };
        let listener = TcpListener::bind(config.address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { address, listener, admission, acceptor })
    }

    pub async fn keep(self, speaks: Speaks, desk: Desk, tasks: TaskTracker, shutdown: CancellationToken) {
        tracing::info!(channel = %desk.channel, address = %self.address, "the gateway listens");
        Link::none(&desk.channel);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = shutdown.cancelled() => return,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(cause) => {
                    tracing::error!(channel = %desk.channel, %cause, "a connection could not be taken");
                    tokio::time::sleep(AFTER_FAILURE).await;
                    continue;
                }
            };
            let address = peer.ip().to_canonical();
            if !self.admission.is_listed(address) {
                tracing::warn!(channel = %desk.channel, peer = %address, "a connection was refused: the peer is not listed");
                continue;
            }
            let Some(seat) = self.admission.seat(address) else {
                tracing::error!(channel = %desk.channel, peer = %address, "a connection was refused: too many at one time");
                continue;
            };
            if let Err(cause) = keep_alive(&stream) {
                tracing::debug!(channel = %desk.channel, %cause, "no keep-alive on this connection");
            }
            let (desk, acceptor, shutdown) = (desk.clone(), self.acceptor.clone(), shutdown.clone());
            tasks.spawn(async move {
                let _seat = seat;
                hold(stream, acceptor, speaks, &desk, &address.to_string(), &shutdown).await;
            });
        }
    }
}

async fn hold(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    speaks: Speaks,
    desk: &Desk,
    address: &str,
    shutdown: &CancellationToken,
) {
    tracing::debug!(channel = %desk.channel, peer = address, "a device connected");
    let ended = match acceptor {
        None => {
            let _link = Link::up(&desk.channel);
            driver::converse(speaks, stream, desk, address, shutdown).await
        }
        Some(acceptor) => encrypted(stream, &acceptor, speaks, desk, address, shutdown).await,
    };
    match ended {
        Ok(()) => tracing::debug!(channel = %desk.channel, peer = address, "a device disconnected"),
        Err(cause) => tracing::warn!(channel = %desk.channel, peer = address, %cause, "a device's connection broke"),
    }
}

async fn encrypted(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    speaks: Speaks,
    desk: &Desk,
    address: &str,
    shutdown: &CancellationToken,
) -> io::Result<()> {
    let greeted = tokio::select! {
        greeted = timeout(GREETING, acceptor.accept(stream)) => greeted??,
        () = shutdown.cancelled() => return Ok(()),
    };
    let _link = Link::up(&desk.channel);
    driver::converse(speaks, greeted, desk, address, shutdown).await
}

/// A monitor may be silent, but a dead one must be noticed: after 60 s, by 3 probes 10 s apart.
pub fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let probes =
        TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(10)).with_retries(3);
    SockRef::from(stream).set_tcp_keepalive(&probes)
}
