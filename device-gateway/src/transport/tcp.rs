//! TCP listeners for devices: listed peers, a bounded number of connections, keep-alive for those that stay
//! silent for days.

use crate::admission::Admission;
use crate::driver::{self, Desk};
use socket2::{SockRef, TcpKeepalive};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Which conversation a listener holds.
#[derive(Clone, Copy, Debug)]
pub enum Speaks {
    Mllp,
    Astm,
}

/// After `accept` failed (no file descriptors left, say).
const AFTER_FAILURE: Duration = Duration::from_millis(200);

pub async fn listen(
    listener: TcpListener,
    speaks: Speaks,
    desk: Desk,
    admission: Admission,
    tasks: TaskTracker,
    shutdown: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
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
        if !admission.is_listed(address) {
            tracing::warn!(channel = %desk.channel, peer = %address, "a connection was refused: the peer is not listed");
            continue;
        }
        let Some(seat) = admission.seat(address) else {
            tracing::error!(channel = %desk.channel, peer = %address, "a connection was refused: too many at one time");
            continue;
        };
        if let Err(cause) = keep_alive(&stream) {
            tracing::debug!(channel = %desk.channel, %cause, "no keep-alive on this connection");
        }
        let (desk, shutdown) = (desk.clone(), shutdown.clone());
        tasks.spawn(async move {
            let _seat = seat;
            hold(stream, speaks, &desk, &address.to_string(), &shutdown).await;
        });
    }
}

async fn hold(stream: TcpStream, speaks: Speaks, desk: &Desk, address: &str, shutdown: &CancellationToken) {
    tracing::debug!(channel = %desk.channel, peer = address, "a device connected");
    let ended = match speaks {
        Speaks::Mllp => driver::mllp::converse(stream, desk, address, shutdown).await,
        Speaks::Astm => driver::astm::converse(stream, desk, address, shutdown).await,
    };
    match ended {
        Ok(()) => tracing::debug!(channel = %desk.channel, peer = address, "a device disconnected"),
        Err(cause) => tracing::warn!(channel = %desk.channel, peer = address, %cause, "a device's connection broke"),
    }
}

/// A monitor may be silent, but a dead one must be noticed: after 60 s, by 3 probes 10 s apart.
fn keep_alive(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let probes =
        TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(10)).with_retries(3);
    SockRef::from(stream).set_tcp_keepalive(&probes)
}
