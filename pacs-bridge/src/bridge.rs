//! Putting the bridge together, and letting it run until it is told to stop.

use crate::admission::{Admission, BadTitle};
use crate::attention::Held;
use crate::config::BridgeConfig;
use crate::disk::Disk;
use crate::library::{ImageKeys, Journal, JournalError, Library, WorklistRow, prepare, seal_older};
use crate::pixels::{self, Pixels};
use crate::scp;
use crate::study::{Settler, deliver_settled};
use crate::worklist::{WorklistCache, pull};
use benhan_contract::EdgeKind;
use benhan_keys::KeyError;
use benhan_uplink::{Client, ConnectError, Courier, Reporter, Settle, Settlement, Surroundings, outbox};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every part of the bridge reaches.
pub(crate) struct Bridge {
    pub(crate) config: BridgeConfig,
    pub(crate) admission: Admission,
    pub(crate) associations: Semaphore,
    pub(crate) library: Arc<Library>,
    pub(crate) disk: Disk,
    pub(crate) journal: Journal,
    pub(crate) settler: Settler,
    pub(crate) worklist: WorklistCache,
    pub(crate) surroundings: Surroundings,
    association: AtomicU64,
}

impl Bridge {
    pub(crate) fn next_association(&self) -> u64 {
        self.association.fetch_add(1, Ordering::Relaxed)
    }
}

/// Why the bridge cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Title(#[from] BadTitle),
    #[error("pacs.pixels_token must be set: the pixel service serves images to whoever knows it")]
    NoToken,
    #[error("pacs.pixels_certificate and pacs.pixels_key must be set: images leave this machine by TLS alone")]
    PlainPixels,
    #[error("the certificate or key of the pixel service cannot be used: {0}")]
    Certificate(String),
    #[error("pacs.max_pdu must be 16,384 to 1,048,576 bytes")]
    MaxPdu,
    #[error("the library folder cannot be prepared")]
    Folder(#[source] io::Error),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        cause: io::Error,
    },
    #[error(transparent)]
    Uplink(#[from] ConnectError),
}

/// A running bridge. It stops when its token is cancelled; [`Running::stopped`] waits for that.
#[derive(Debug)]
pub struct Running {
    /// Where modalities connect, with the port chosen.
    pub dicom_addr: SocketAddr,
    /// Where the server fetches pixels, with the port chosen.
    pub pixels_addr: SocketAddr,
    tasks: TaskTracker,
}

impl Running {
    /// Waits until every association and request has ended after the token was cancelled.
    pub async fn stopped(self) {
        self.tasks.wait().await;
    }
}

/// Starts the bridge with the machine's clock and randomness.
///
/// # Errors
/// See [`StartError`]; nothing runs then.
pub async fn start(config: BridgeConfig, shutdown: CancellationToken) -> Result<Running, StartError> {
    start_in(config, Surroundings::system(), shutdown).await
}

/// As [`start`], with clock and randomness handed in.
///
/// # Errors
/// As [`start`].
pub async fn start_in(
    config: BridgeConfig,
    surroundings: Surroundings,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    if config.pixels_token.is_empty() {
        return Err(StartError::NoToken);
    }
    if !(16 * 1024..=1024 * 1024).contains(&config.max_pdu) {
        return Err(StartError::MaxPdu);
    }
    let tls = pixels::acceptor(&config)?;
    if tls.is_none() && !config.pixels_listen.ip().is_loopback() {
        return Err(StartError::PlainPixels);
    }
    let admission = Admission::new(&config)?;
    let places = prepare(&config.data_dir).map_err(StartError::Folder)?;
    let keys = ImageKeys::new(benhan_keys::made_once(&config.key_store, &config.master_key)?);
    let journal = Journal::open(&places.journal)?;
    let client = config.uplink.as_ref().map(Client::new).transpose()?;
    let kept = journal.read(WorklistRow::load).await?;
    let (dicom, dicom_addr) = bind(config.listen).await?;
    let (listener, pixels_addr) = bind(config.pixels_listen).await?;
    let bridge = Arc::new(Bridge {
        admission,
        associations: Semaphore::new(config.max_associations),
        disk: Disk::new(config.data_dir.clone(), config.min_free_percent),
        settler: Settler::new(config.settle()),
        worklist: WorklistCache::new(kept.items, client.clone()),
        association: AtomicU64::new(1),
        config,
        library: Arc::new(Library { places, keys }),
        journal,
        surroundings,
    });

    let tasks = TaskTracker::new();
    let (library, at) = (Arc::clone(&bridge.library), bridge.surroundings.now());
    tasks.spawn(seal_older(library, bridge.journal.clone(), at, shutdown.clone()));
    tasks.spawn(scp::listen(dicom, Arc::clone(&bridge), shutdown.clone()));
    tasks.spawn(deliver_settled(Arc::clone(&bridge), shutdown.clone()));
    tasks.spawn(Pixels::new(Arc::clone(&bridge)).serve(listener, tls, shutdown.clone()));
    if let (Some(client), Some(uplink)) = (client, &bridge.config.uplink) {
        // A study that was refused stays in the outbox for a person, until the server has taken it whole after all.
        let settle: Settle = Arc::new(|connection, news| match news.settlement {
            Settlement::Delivered => outbox::take_back(connection, &news.subject).map(drop),
            _ => Ok(()),
        });
        let (kept, clock) = (Held(Arc::clone(&bridge)), bridge.surroundings.clone());
        tasks.spawn(Reporter::new(kept, client.clone(), EdgeKind::Pacs, uplink, clock).run(shutdown.clone()));
        let courier =
            Courier::new(bridge.journal.outbox().clone(), client, uplink, bridge.surroundings.clone(), settle);
        tasks.spawn(courier.run(shutdown.clone()));
        let every = Duration::from_secs(bridge.config.worklist_seconds.max(1));
        tasks.spawn(pull(Arc::clone(&bridge), every, shutdown));
    }
    tasks.close();
    tracing::info!(%dicom_addr, %pixels_addr, peers = bridge.config.peers.len(), "the PACS bridge is running");
    Ok(Running { dicom_addr, pixels_addr, tasks })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |cause| StartError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let chosen = listener.local_addr().map_err(failed)?;
    Ok((listener, chosen))
}
