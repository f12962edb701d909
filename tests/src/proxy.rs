//! A cable between two programs that can be cut, go dead, or lose answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the cable does to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cable {
    Whole,
    /// Every byte waits so long.
    Slow(Duration),
    /// A connection breaks after it has carried so many bytes up: in the middle of a request.
    CutAfter(u64),
    /// Connections are taken and nothing passes, either way.
    Dead,
    /// Requests arrive; after so many bytes up, the first answer breaks the connection instead of arriving.
    LosesAnswers(u64),
}

pub struct Proxy {
    pub address: SocketAddr,
    cable: watch::Sender<Cable>,
    broken: Arc<AtomicU64>,
    taken: Arc<AtomicU64>,
    listening: JoinHandle<()>,
}

#[derive(Clone)]
struct Link {
    cable: watch::Receiver<Cable>,
    /// Bytes that this connection has carried up.
    up: Arc<AtomicU64>,
    broken: Arc<AtomicU64>,
}

impl Proxy {
    /// A cable to `to`, whole at first.
    pub async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (cable, seen) = watch::channel(Cable::Whole);
        let broken = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&broken);
        let taken = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&taken);
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                counting.fetch_add(1, Ordering::Relaxed);
                let link = Link { cable: seen.clone(), up: Arc::default(), broken: Arc::clone(&counted) };
                tokio::spawn(join(near, to, link));
            }
        });
        Self { address, cable, broken, taken, listening }
    }

    /// From now on, for connections that stand as for new ones.
    pub fn set(&self, cable: Cable) {
        self.cable.send_replace(cable);
    }

    /// Connections that the cable has broken so far.
    pub fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }

    /// Connections that it has taken so far.
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn join(near: TcpStream, to: SocketAddr, mut link: Link) {
    if *link.cable.borrow() == Cable::Dead {
        // Taken and never answered; with the next state of the cable this connection is history.
        drop(link.cable.changed().await);
        return;
    }
    let Ok(far) = TcpStream::connect(to).await else { return };
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    // Either direction's end is the end of both: what is not forwarded yet is lost, as with a real cable.
    tokio::select! {
        () = carry(near_read, far_write, true, link.clone()) => {}
        () = carry(far_read, near_write, false, link) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, upwards: bool, mut link: Link) {
    let mut buffer = vec![0; 1_024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        let cable = *link.cable.borrow_and_update();
        let carried = link.up.load(Ordering::Relaxed);
        match cable {
            Cable::Whole => {}
            Cable::Slow(wait) => tokio::time::sleep(wait).await,
            Cable::Dead => {
                link.broken.fetch_add(1, Ordering::Relaxed);
                drop(link.cable.changed().await);
                return;
            }
            Cable::CutAfter(most) if upwards && carried >= most => {
                link.broken.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Cable::LosesAnswers(most) if !upwards && carried >= most => {
                link.broken.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Cable::CutAfter(_) | Cable::LosesAnswers(_) => {}
        }
        if upwards {
            link.up.fetch_add(u64::try_from(read).expect("a length"), Ordering::Relaxed);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
