//! Signed heads of the audit chains, taken to where nobody on this machine can take them back: a folder on another
//! machine or on a medium that is written once, an S3 store, and the log of the system.
//!
//! Whoever rules this machine could write the trail anew and sign it anew. A head that left before says what it was.

mod stored;

use super::AppError;
use crate::kits::write_whole;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benhan_bucket::{Bucket, Trouble};
use benhan_domain::time::{HOUR, Instant};
use benhan_store::audit::{self, SignedHead};
use benhan_store::{Db, StoreError};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A dead share may hang a write for hours: nothing else that is due waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
/// A log may drop a line; what is older than this at the start is not said again.
const SAID_AGAIN: i64 = 24 * HOUR;
/// Facility 13 (log audit), severity 5 (notice) of RFC 5424.
const PRIORITY: u8 = 13 * 8 + 5;

#[derive(Clone, Debug)]
pub enum Place {
    Folder(PathBuf),
    /// In an S3 store.
    Bucket(Arc<Bucket>),
    /// The datagram socket of the system's log, `/dev/log`; it sends on what the machine is set to.
    Syslog(PathBuf),
}

impl Place {
    pub fn name(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Bucket(bucket) => bucket.place().to_string(),
            Self::Syslog(socket) => format!("syslog:{}", socket.display()),
        }
    }

    /// From when on it is asked again. Another server may keep a head a little later than it signed it; a folder and a
    /// store take none twice, a log would.
    fn next(&self, newest: Instant) -> Instant {
        match self {
            Self::Folder(_) | Self::Bucket(_) => newest.plus(-HOUR),
            Self::Syslog(_) => newest.plus(1),
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum NotThere {
    #[error("it is not there, or cannot be written: {0}")]
    Io(#[from] io::Error),
    #[error("it does not answer")]
    Silent,
    #[error("{0}")]
    Store(#[from] Trouble),
    /// Somebody changed it there, or rewrote the trail here.
    #[error("another head of this chain lies there under the name {0}")]
    Another(String),
}

type Taking = JoinHandle<Result<usize, NotThere>>;

/// Where heads go.
#[derive(Debug, Default)]
pub struct HeadsOut {
    ways: Vec<Way>,
}

/// How far one place has got.
#[derive(Debug)]
struct Way {
    place: Place,
    since: Instant,
    /// A write that a dead share holds up.
    held_up: Option<Taking>,
}

impl HeadsOut {
    /// A folder or store is gone through from its beginning at each start.
    pub fn new(places: Vec<Place>, now: Instant) -> Self {
        let from = |place: Place| match place {
            Place::Folder(_) | Place::Bucket(_) => Way { place, since: Instant(0), held_up: None },
            Place::Syslog(_) => Way { place, since: now.plus(-SAID_AGAIN), held_up: None },
        };
        Self { ways: places.into_iter().map(from).collect() }
    }

    /// Takes out what is not there yet. A place that cannot be reached waits for the next time and keeps none of the others.
    pub async fn send(&mut self, db: &Db, facility: &str) -> Result<usize, AppError> {
        let mut sent = 0;
        for way in &mut self.ways {
            let behind = metrics::gauge!("benhan_audit_heads_behind", "place" => way.place.name());
            match way.send(db, facility).await? {
                Ok(new) => {
                    sent += new;
                    behind.set(0.0);
                }
                Err(error) => {
                    tracing::error!(%error, place = way.place.name(), "the signed audit heads did not leave");
                    behind.set(1.0);
                }
            }
        }
        Ok(sent)
    }
}

impl Way {
    async fn send(&mut self, db: &Db, facility: &str) -> Result<Result<usize, NotThere>, AppError> {
        if self.held_up.as_ref().is_some_and(|taking| !taking.is_finished()) {
            return Ok(Err(NotThere::Silent));
        }
        let from = self.since;
        let heads = db.read::<_, StoreError, _>(move |conn| audit::signed_since(conn, from.0)).await?;
        let (to, facility, newest) = (self.place.clone(), facility.to_owned(), heads.iter().map(|(at, _)| *at).max());
        let mut taking = tokio::task::spawn_blocking(move || take(&to, &facility, &heads));
        let Ok(taken) = timeout(PATIENCE, &mut taking).await else {
            self.held_up = Some(taking);
            return Ok(Err(NotThere::Silent));
        };
        let taken = taken.map_err(|_| AppError::Internal("taking heads out was cut off".into()))?;
        if taken.is_ok() {
            self.since = newest.map_or(from, |at| self.place.next(Instant(at)));
        }
        Ok(taken)
    }
}

fn take(to: &Place, facility: &str, heads: &[(i64, SignedHead)]) -> Result<usize, NotThere> {
    match to {
        Place::Folder(folder) => kept(heads, |name, bytes| Ok(written(folder, name, bytes)?)),
        Place::Bucket(bucket) => {
            let shelf = stored::Shelf::look(bucket, heads.len())?;
            kept(heads, |name, bytes| shelf.put(name, bytes))
        }
        Place::Syslog(socket) => {
            let mut new = 0;
            let log = UnixDatagram::unbound()?;
            for (at, (_, _, body, cms)) in heads {
                let (at, cms) = (Instant(*at).rfc3339(), STANDARD.encode(cms));
                let host = if facility.is_empty() { "-" } else { facility };
                let line = format!(
                    "<{PRIORITY}>1 {at} {host} benhan - audit-head - @cee:{{\"head\":{body},\"cms\":\"{cms}\"}}"
                );
                log.send_to(line.as_bytes(), socket)?;
                new += 1;
            }
            Ok(new)
        }
    }
}

/// Two files a head that nobody writes twice: what was signed, and its CMS, as `openssl cms -verify` takes them. `put` says
/// whether one is new; nothing where something else lies there. That is told, and keeps none of the others from leaving.
fn kept(
    heads: &[(i64, SignedHead)],
    mut put: impl FnMut(&str, &[u8]) -> Result<Option<bool>, NotThere>,
) -> Result<usize, NotThere> {
    let (mut new, mut another) = (0, None);
    for (_, (chain, seq, body, cms)) in heads {
        let name = format!("{chain}-{seq:012}");
        let seal = put(&format!("{name}.p7s"), cms)?;
        let said = put(&format!("{name}.json"), body.as_bytes())?;
        match (said, seal) {
            (Some(fresh), Some(_)) => new += usize::from(fresh),
            _ => another = Some(NotThere::Another(name)),
        }
    }
    another.map_or(Ok(new), Err)
}

/// Whether it is new; nothing where something else lies there.
fn written(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<Option<bool>> {
    match fs::read(folder.join(name)) {
        Ok(there) => Ok((there == bytes).then_some(false)),
        Err(error) if error.kind() == ErrorKind::NotFound => write_whole(folder, name, bytes).map(|()| Some(true)),
        Err(error) => Err(error),
    }
}
