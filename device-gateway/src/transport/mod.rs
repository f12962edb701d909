//! How bytes come in. A port is made ready first, so that a mistake in one stops the start, and then held until
//! `shutdown`.

mod dial;
mod folder;
mod link;
mod rfc2217;
mod serial;
mod tcp;
mod tls;
mod udp;

use crate::driver::Desk;
use crate::gateway::StartError;
use crate::port::{Host, LineSettings, Port, Via};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A port that can be held: listeners are bound, certificates read.
pub struct Ready {
    port: Port,
    way: Way,
}

enum Way {
    Door(tcp::Door),
    Dial(Host, Option<tls::Caller>),
    Serial(PathBuf, LineSettings),
    Rfc2217(Host, LineSettings),
    Udp(Host),
    Folder(folder::Shelf, Duration),
}

impl Ready {
    /// # Errors
    /// An address that is taken, a file that cannot be used.
    pub async fn make(port: Port) -> Result<Self, StartError> {
        let broken = |cause| StartError::Certificate { channel: port.channel.clone(), cause };
        let way = match &port.via {
            Via::Listen(listen) => {
                let acceptor = port.tls.as_ref().map(tls::acceptor).transpose().map_err(broken)?;
                Way::Door(tcp::Door::open(&port.channel, listen, acceptor).await?)
            }
            Via::Dial(host) => {
                let caller = port.tls.as_ref().map(|files| tls::Caller::new(files, host)).transpose();
                Way::Dial(host.clone(), caller.map_err(broken)?)
            }
            Via::Serial { path, line } => Way::Serial(path.clone(), *line),
            Via::Rfc2217 { host, line } => Way::Rfc2217(host.clone(), *line),
            Via::Udp(host) => Way::Udp(host.clone()),
            Via::Folder { path, pattern, every } => {
                Way::Folder(folder::Shelf::new(path.clone(), pattern.clone()), *every)
            }
        };
        Ok(Self { port, way })
    }

    pub fn port(&self) -> &Port {
        &self.port
    }

    /// Where it listens, if it does.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.way {
            Way::Door(door) => Some(door.address),
            _ => None,
        }
    }

    /// Holds it; connections become tasks of their own.
    pub fn hold(self, desk: Desk, tasks: &TaskTracker, shutdown: CancellationToken) {
        let speaks = self.port.speaks;
        match self.way {
            Way::Door(door) => drop(tasks.spawn(door.keep(speaks, desk, tasks.clone(), shutdown))),
            Way::Dial(host, None) => {
                drop(tasks.spawn(async move { link::keep(speaks, desk, shutdown, || dial::plain(&host)).await }));
            }
            Way::Dial(host, Some(caller)) => drop(tasks.spawn(async move {
                link::keep(speaks, desk, shutdown, || dial::encrypted(&host, &caller)).await;
            })),
            Way::Serial(path, line) => drop(tasks.spawn(async move {
                let open = || std::future::ready(serial::open(&path, line).map(|port| (port, String::new())));
                link::keep(speaks, desk, shutdown, open).await;
            })),
            Way::Rfc2217(host, line) => drop(tasks.spawn(async move {
                link::keep(speaks, desk, shutdown, || rfc2217::open(&host, line)).await;
            })),
            Way::Udp(host) => drop(tasks.spawn(async move {
                link::keep(speaks, desk, shutdown, || udp::open(&host)).await;
            })),
            Way::Folder(shelf, every) => {
                drop(tasks.spawn(folder::watch(shelf, speaks.protocol(), every, desk, shutdown)));
            }
        }
    }
}
