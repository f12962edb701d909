//! The handle that the server holds: a pool to read from and writers to write through.

use crate::writer::{Clock, Work, Write, Writer};
use crate::{Conn, DbUrl, StoreError, Tx, migrate};
use benhan_domain::id::ChainId;
use benhan_domain::time::Instant;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, mpsc, oneshot};
use uuid::Uuid;

/// Readers open at once; more callers wait their turn.
const READERS: usize = 8;
/// PostgreSQL commits in parallel, each writer with its own audit chain; SQLite has one writer by nature.
const PG_WRITERS: usize = 4;

/// Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    url: DbUrl,
    clock: Clock,
    idle: Mutex<Vec<Conn>>,
    turns: Semaphore,
    writers: Vec<Writer>,
    next: AtomicUsize,
}

impl Db {
    /// Brings the schema up to date, then starts the writers. `clock` is what every row is dated by.
    pub fn open(url: DbUrl, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Result<Self, StoreError> {
        let clock: Clock = Arc::new(clock);
        migrate::up(&mut url.connect()?)?;
        let count = if matches!(url, DbUrl::Postgres(_)) { PG_WRITERS } else { 1 };
        let writers = (0..count)
            .map(|index| Writer::start(&url, Arc::clone(&clock), ChainId(Uuid::now_v7()), index))
            .collect::<Result<Vec<_>, _>>()?;
        let inner = Inner {
            url,
            clock,
            idle: Mutex::new(Vec::new()),
            turns: Semaphore::new(READERS),
            writers,
            next: AtomicUsize::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// One connection to read from, for a command beside a running server: nothing is migrated or written.
    pub fn reader(url: &DbUrl) -> Result<Conn, StoreError> {
        url.connect()
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
            let pooled = inner.idle.lock().ok().and_then(|mut idle| idle.pop());
            let mut conn = match pooled {
                Some(conn) => conn,
                None => inner.url.connect()?,
            };
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
        let (reply, answer) = oneshot::channel();
        let work: Box<dyn Work> = Box::new(Write::new(act, reply));
        self.queue()?.send(work).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `acts` on one writer in this order, each in a transaction of its own as in [`write`](Self::write), and
    /// answers when the last is durable. They share commits: a list of jobs must not cost an fsync a job.
    pub async fn write_in_order<T, E, F>(&self, acts: Vec<F>) -> Result<Vec<Result<T, E>>, StoreError>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queue = self.queue()?;
        let mut answers = Vec::with_capacity(acts.len());
        for act in acts {
            let (reply, answer) = oneshot::channel();
            let work: Box<dyn Work> = Box::new(Write::new(act, reply));
            queue.send(work).await.map_err(|_| StoreError::Closed)?;
            answers.push(answer);
        }
        let mut outcomes = Vec::with_capacity(answers.len());
        for answer in answers {
            outcomes.push(answer.await.map_err(|_| StoreError::Closed)?);
        }
        Ok(outcomes)
    }

    /// The writer whose turn it is.
    fn queue(&self) -> Result<mpsc::Sender<Box<dyn Work>>, StoreError> {
        let at = self.inner.next.fetch_add(1, Ordering::Relaxed) % self.inner.writers.len().max(1);
        self.inner.writers.get(at).ok_or(StoreError::Closed)?.queue()
    }

    /// Finishes what is queued. Later calls answer [`StoreError::Closed`].
    pub fn close(&self) {
        for writer in &self.inner.writers {
            writer.close();
        }
    }
}
