//! Conversations with devices. A driver holds only the state of its conversation; what it heard goes into
//! the spool, and what the spool says decides the answer.

pub mod asked;
pub mod astm;
pub mod bedside;
pub mod ends;
mod forgiven;
mod hl7;
pub mod memory;
pub mod mllp;
pub mod post;
mod turn;

use crate::answer::Answering;
use crate::identity::incoming;
use crate::normalise::Readers;
use crate::port::Speaks;
use crate::profile::Framing;
use benhan_contract::Protocol;
use benhan_uplink::{KeepError, Kept, PartialId, Spool, Surroundings};
use jiff::tz::TimeZone;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A device that does not take its answer within this time has gone away.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Holds one line until it closes or `shutdown` ends it.
///
/// # Errors
/// What the line answered.
pub async fn converse<S>(
    speaks: Speaks,
    stream: S,
    desk: &Desk,
    address: &str,
    shutdown: &CancellationToken,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match speaks {
        Speaks::Hl7 => mllp::converse(stream, desk, address, shutdown).await,
        Speaks::Astm => astm::converse(stream, desk, address, shutdown).await,
        Speaks::Bedside(device) => bedside::converse(stream, device, desk, address, shutdown).await,
        Speaks::Post(protocol) => post::converse(stream, protocol, desk, address, shutdown).await,
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// What every conversation of one channel shares.
#[derive(Clone)]
pub struct Desk {
    pub spool: Spool,
    pub readers: Arc<Readers>,
    pub surroundings: Surroundings,
    pub zone: TimeZone,
    /// `mllp`, `astm`, `serial:<name>` or the name of a port.
    pub channel: Arc<str>,
    pub limit: usize,
    pub message_timeout: Duration,
    pub pool: memory::Pool,
    pub ends: ends::Ends,
    pub answering: Answering,
    /// As the port says; nothing: as the profile of the line does.
    pub framing: Option<Framing>,
}

impl Desk {
    async fn keep(&self, protocol: Protocol, address: &str, raw: Vec<u8>) -> Result<Kept, KeepError> {
        self.keep_as_of(self.surroundings.now(), protocol, address, raw).await
    }

    /// What came earlier and is kept only now.
    pub async fn keep_as_of(
        &self,
        received_at: i64,
        protocol: Protocol,
        address: &str,
        raw: Vec<u8>,
    ) -> Result<Kept, KeepError> {
        let message = incoming(protocol, &self.channel, address, received_at, true, raw);
        self.spool.keep(message).await
    }

    async fn keep_assembled(
        &self,
        of: PartialId,
        address: &str,
        complete: bool,
        raw: Vec<u8>,
    ) -> Result<Kept, KeepError> {
        let received_at = self.surroundings.now();
        let message = incoming(Protocol::Astm, &self.channel, address, received_at, complete, raw);
        self.spool.keep_assembled(of, message).await
    }
}

#[cfg(test)]
impl Desk {
    /// With a spool in `dir` and nothing known about devices.
    pub(crate) fn in_dir(dir: &std::path::Path, channel: &str) -> Self {
        let surroundings = Surroundings::system();
        let (spool, _) = Spool::open(&dir.join("spool.db"), surroundings.clone()).unwrap();
        Self {
            spool,
            readers: Arc::new(Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap()),
            surroundings,
            zone: TimeZone::UTC,
            channel: channel.into(),
            limit: 1 << 20,
            message_timeout: Duration::from_secs(60),
            pool: memory::Pool::default(),
            ends: ends::Ends::default(),
            answering: Answering::without_list(dir),
            framing: None,
        }
    }
}
