//! Wires spool, listeners, lines, reader and courier together, and takes them down again.

use crate::answer::Answering;
use crate::attention::Held;
use crate::config::GatewayConfig;
use crate::driver::Desk;
use crate::driver::asked::only_asks;
use crate::driver::astm::ends_with_terminator;
use crate::driver::ends::Ends;
use crate::driver::memory::Pool;
use crate::identity::incoming;
use crate::normalise::{Readers, UnknownProfile};
use crate::port::{self, PortError};
use crate::profile::{self, Folder};
use crate::reader;
use crate::transport::Ready;
use crate::worklist::Worklist;
use benhan_contract::{EdgeKind, Protocol};
use benhan_uplink::sqlite::OpenError;
use benhan_uplink::{Client, ConnectError, Courier, LiveChannel, LiveFeed, Reporter, Spool, Surroundings};
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why the gateway cannot start. Nothing listens then.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Spool(#[from] OpenError),
    #[error("the spool cannot be read: {0}")]
    Orphans(String),
    #[error(transparent)]
    Uplink(#[from] ConnectError),
    #[error(transparent)]
    Profile(#[from] UnknownProfile),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("gateway, port {channel}: not an address or network: {peer}")]
    Peer { channel: String, peer: String },
    #[error("gateway, port {channel}: {address} cannot be listened on: {cause}")]
    Listen { channel: String, address: SocketAddr, cause: std::io::Error },
    #[error("gateway, port {channel}: {cause}")]
    Certificate { channel: String, cause: String },
}

/// A gateway at work.
#[derive(Debug)]
pub struct Running {
    /// Where MLLP is taken; nothing when it is not enabled.
    pub mllp_addr: Option<SocketAddr>,
    /// Where ASTM over TCP is taken.
    pub astm_addr: Option<SocketAddr>,
    /// Where every listening port is, by its channel.
    pub listening: Vec<(String, SocketAddr)>,
    /// Where a damaged spool was put, for the operator.
    pub spool_set_aside: Option<PathBuf>,
    /// What is stored and waits: for status pages and replay.
    pub spool: Spool,
    tasks: TaskTracker,
}

impl Running {
    /// Returns when everything has ended after the shutdown token was cancelled.
    pub async fn join(self) {
        self.tasks.wait().await;
    }
}

/// Starts with the machine's clock and randomness. Needs a tokio runtime.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: GatewayConfig, shutdown: CancellationToken) -> Result<Running, StartError> {
    start_with(config, Surroundings::system(), shutdown).await
}

/// As [`start`], with a clock and dice handed in.
///
/// # Errors
/// See [`StartError`].
pub async fn start_with(
    mut config: GatewayConfig,
    surroundings: Surroundings,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    config.device.extend(port::devices(&config.port));
    let own = config.profiles.clone().map(|dir| {
        let mut folder = Folder::new(dir);
        folder.look(surroundings.now());
        folder
    });
    let readers = Arc::new(Readers::new(&config, own.as_ref())?);
    let client = Client::new(&config.uplink)?;
    let mut ready = Vec::new();
    for port in port::all(&config)? {
        ready.push(Ready::make(port).await?);
    }
    let file = config.data_dir.join("spool.db");
    let (spool, spool_set_aside) = Spool::open(&file, surroundings.clone())?;
    let asked = (config.worklist_every_s > 0).then(|| client.clone());
    let worklist = Worklist::open(config.data_dir.join("worklist.json"), asked, surroundings.clone());
    take_up(&spool, &worklist).await.map_err(StartError::Orphans)?;

    let tasks = TaskTracker::new();
    let listening: Vec<(String, SocketAddr)> =
        ready.iter().filter_map(|ready| Some((ready.port().channel.clone(), ready.address()?))).collect();
    let zone = TimeZone::get(&config.time_zone).unwrap_or(TimeZone::UTC);
    let answering = Answering { worklist: worklist.clone(), zone: zone.clone() };
    for ready in ready {
        let port = ready.port();
        let desk = Desk {
            spool: spool.clone(),
            readers: Arc::clone(&readers),
            surroundings: surroundings.clone(),
            zone: zone.clone(),
            channel: port.channel.as_str().into(),
            limit: port.limit,
            message_timeout: port.message_timeout,
            pool: Pool::default(),
            ends: Ends::default(),
            answering: answering.clone(),
            framing: port.framing,
        };
        ready.hold(desk, &tasks, shutdown.clone());
    }
    let at = |channel: &str| listening.iter().find(|(name, _)| name == channel).map(|(_, address)| *address);
    let (mllp_addr, astm_addr) = (at("mllp"), at("astm"));

    if let Some(folder) = own {
        tasks.spawn(profile::watch(
            folder,
            Arc::clone(&readers),
            profile::EVERY,
            surroundings.clone(),
            shutdown.clone(),
        ));
    }
    tasks.spawn(worklist.pull(Duration::from_secs(config.worklist_every_s.max(1)), shutdown.clone()));
    let live = LiveChannel::default();
    tasks.spawn(reader::run(spool.clone(), Arc::clone(&readers), live.clone(), shutdown.clone()));
    let held = Held { spool: spool.clone(), file, readers, seen: Mutex::default() };
    let reporter = Reporter::new(held, client.clone(), EdgeKind::Gateway, &config.uplink, surroundings.clone());
    tasks.spawn(reporter.run(shutdown.clone()));
    let courier = Courier::new(spool.outbox().clone(), client.clone(), &config.uplink, surroundings, Spool::settle());
    tasks.spawn(courier.run(shutdown.clone()));
    tasks.spawn(LiveFeed::new(live, client).run(shutdown.clone()));
    tasks.spawn(spool.clone().keep_pruned(config.uplink.clone(), shutdown));
    tasks.close();
    Ok(Running { mllp_addr, astm_addr, listening, spool_set_aside, spool, tasks })
}

/// Takes up what an earlier run left in the middle of a message: whole if its last record says so. A question is
/// forgotten: its device has asked again, or gone on.
pub(crate) async fn take_up(spool: &Spool, worklist: &Worklist) -> Result<(), String> {
    for orphan in spool.orphans().await.map_err(|cause| cause.to_string())? {
        if worklist.is_kept() && only_asks(&orphan.raw) {
            spool.forget(orphan.id).await.map_err(|cause| cause.to_string())?;
            continue;
        }
        let complete = ends_with_terminator(&orphan.raw);
        tracing::warn!(channel = orphan.channel, complete, "a message was cut off by the end of the program");
        let message =
            incoming(Protocol::Astm, &orphan.channel, &orphan.address, orphan.started_at, complete, orphan.raw);
        spool.keep_assembled(orphan.id, message).await.map_err(|cause| cause.to_string())?;
    }
    Ok(())
}
