//! The handle that the server holds: a pool to read from and writers to write through.

use crate::audit::{self, Entry, Noted};
use crate::reserve::{self, Reserve};
use crate::writer::{Clock, Writer, answers};
use crate::{Conn, DbUrl, Keyring, StoreError, Tx, key_store, migrate, source};
use benhan_domain::time::Instant;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Readers open at once; more callers wait their turn.
const READERS: usize = 8;
/// PostgreSQL commits in parallel, each writer with its own audit chain; SQLite has one writer by nature.
const PG_WRITERS: usize = 8;

/// Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DbUrl,
    keys: Keyring,
    clock: Clock,
    idle: Mutex<Vec<Conn>>,
    turns: Semaphore,
    writers: Vec<Writer>,
    reserve: Option<Reserve>,
    next: AtomicUsize,
}

impl Inner {
    /// A pooled connection whose server still answers, else a new one.
    fn reader(&self) -> Result<Conn, StoreError> {
        while let Some(mut conn) = self.idle.lock().ok().and_then(|mut idle| idle.pop()) {
            if answers(&mut conn) {
                return Ok(conn);
            }
        }
        Ok(Conn::with_keys(self.url.connect()?, Some(self.keys.clone())))
    }
}

impl Db {
    /// Brings the schema up to date, then starts the writers. `keys` are what payloads are sealed with, `clock` is what
    /// every row is dated by.
    pub fn open(
        url: DbUrl,
        keys: Keyring,
        clock: impl Fn() -> Instant + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let clock: Clock = Arc::new(clock);
        let mut conn = Conn::from(url.connect()?);
        migrate::up(conn.db())?;
        key_store::claim(&mut conn, &keys)?;
        let count = if matches!(url, DbUrl::Postgres(_)) { PG_WRITERS } else { 1 };
        let writers = (0..count)
            .map(|index| Writer::start(&url, &keys, Arc::clone(&clock), index))
            .collect::<Result<Vec<_>, _>>()?;
        // PostgreSQL has a disk of its own: without it there is no chart to open either.
        let reserve = match &url {
            DbUrl::Sqlite(path) => match Reserve::open(&path.with_file_name(reserve::FILE)) {
                Ok(reserve) => Some(reserve),
                Err(cause) => {
                    tracing::error!(%cause, "no room was taken for the audit trail: charts will not open on a full disk");
                    None
                }
            },
            DbUrl::Postgres(_) => None,
        };
        let inner = Inner {
            url,
            keys,
            clock,
            idle: Mutex::new(Vec::new()),
            turns: Semaphore::new(READERS),
            writers,
            reserve,
            next: AtomicUsize::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// One connection to read from, for a command beside a running server: nothing is migrated or written. It opens no
    /// payload.
    pub fn reader(url: &DbUrl) -> Result<Conn, StoreError> {
        url.connect().map(Conn::from)
    }

    /// The same for a command that reads payloads.
    pub fn reader_with(url: &DbUrl, keys: Keyring) -> Result<Conn, StoreError> {
        Ok(Conn::with_keys(url.connect()?, Some(keys)))
    }

    pub fn keys(&self) -> &Keyring {
        &self.inner.keys
    }

    pub fn now(&self) -> Instant {
        (self.inner.clock)()
    }

    pub fn url(&self) -> &DbUrl {
        &self.inner.url
    }

    /// Runs `act` on a reading connection, off the async threads.
    pub async fn read<T, E, F>(&self, act: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _turn = self.inner.turns.acquire().await.map_err(|_| StoreError::Closed)?;
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            let mut conn = inner.reader()?;
            let outcome = act(&mut conn);
            // A connection whose last read failed may be broken: the next reader opens a fresh one.
            if outcome.is_ok()
                && let Ok(mut idle) = inner.idle.lock()
            {
                idle.push(conn);
            }
            outcome
        });
        done.await.map_err(|_| StoreError::Panicked)?
    }

    /// Runs `act` in a transaction; answers after the commit is durable.
    pub async fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let source = source::current();
        let sourced = move |tx: &mut Tx<'_>| {
            tx.come_from(source);
            act(tx)
        };
        self.writer()?.write(sourced).await
    }

    /// Asks every writer for an empty transaction: `Ok` when the record takes writes now. One that has lost its
    /// connection makes a new one while this waits, so give it a few seconds.
    pub async fn writable(&self) -> Result<(), StoreError> {
        for writer in &self.inner.writers {
            writer.write(|_| Ok::<_, StoreError>(())).await?;
        }
        Ok(())
    }

    /// Runs `acts` on one writer in this order, each in a transaction of its own as in [`write`](Self::write), and
    /// answers when the last is durable. They share commits: a list of jobs must not cost an fsync a job.
    pub async fn write_in_order<T, E, F>(&self, acts: Vec<F>) -> Result<Vec<Result<T, E>>, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer()?.write_in_order(acts).await
    }

    /// The writer whose turn it is.
    fn writer(&self) -> Result<&Writer, StoreError> {
        let at = self.inner.next.fetch_add(1, Ordering::Relaxed) % self.inner.writers.len().max(1);
        self.inner.writers.get(at).ok_or(StoreError::Closed)
    }

    /// Puts a look at something on the trail; while the database takes nothing, into the reserve. Only for acts that
    /// change nothing else: what is changed is noted in the transaction that changes it.
    pub async fn note(&self, entry: Entry) -> Result<(), StoreError> {
        let waiting = Arc::new(self.inner.reserve.as_ref().map(Reserve::take).unwrap_or_default());
        let (late, now) = (Arc::clone(&waiting), Noted::new(entry.clone(), source::current()).at(self.now()));
        let written = self.write(move |tx| {
            audit::append_late(tx, &late)?;
            audit::append(tx, entry)
        });
        let written: Result<(), StoreError> = written.await;
        let Some(reserve) = &self.inner.reserve else { return written };
        match written {
            Ok(()) if waiting.is_empty() => Ok(()),
            Ok(()) => {
                tracing::info!(rows = waiting.len(), "the reserve's rows are on the audit trail");
                // Cleared or not: these are on the trail. A row twice says nothing wrong.
                if let Err(cause) = reserve.clear() {
                    tracing::warn!(%cause, "the audit reserve could not be cleared");
                }
                Ok(())
            }
            Err(error) => {
                reserve.hand_back(waiting.to_vec());
                if matches!(error, StoreError::Closed) {
                    return Err(error);
                }
                tracing::error!(%error, "the audit trail takes nothing: a look is kept in the reserve");
                let inner = Arc::clone(&self.inner);
                let kept = tokio::task::spawn_blocking(move || {
                    inner.reserve.as_ref().is_some_and(|reserve| reserve.keep(now).is_ok())
                });
                if kept.await.unwrap_or(false) { Ok(()) } else { Err(error) }
            }
        }
    }

    /// Finishes what is queued. Later calls answer [`StoreError::Closed`].
    pub fn close(&self) {
        for writer in &self.inner.writers {
            writer.close();
        }
    }
}
