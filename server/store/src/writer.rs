//! One writer, group commit: on SQLite many callers share one fsync, each in its own savepoint.
//!
//! A closure that fails rolls back alone; a COMMIT that fails fails every caller. Closures do database
//! work only: hashing, rendering and signing happen before they are queued.

use crate::{Conn, DbUrl, StoreError, Tx, audit};
use benhan_domain::id::ChainId;
use benhan_domain::time::Instant;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

pub(crate) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// At most this many callers share a commit: bounds how long the first of them waits.
const BATCH: usize = 256;
/// Callers beyond this wait in `send`, so memory stays bounded when the disk is slow.
const QUEUE: usize = 4096;

/// A queued write: run inside its savepoint, then told how the commit went.
pub(crate) trait Work: Send {
    fn run(&mut self, conn: &mut Conn, chain: ChainId, now: Instant);
    fn settle(self: Box<Self>, commit: Result<(), String>);
}

pub(crate) struct Write<F, T, E> {
    act: Option<F>,
    outcome: Option<Result<T, E>>,
    after: Vec<Box<dyn FnOnce() + Send>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Write<F, T, E> {
    pub(crate) fn new(act: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { act: Some(act), outcome: None, after: Vec::new(), reply }
    }
}

impl<F, T, E> Work for Write<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, conn: &mut Conn, chain: ChainId, now: Instant) {
        let Some(act) = self.act.take() else { return };
        if self.reply.is_closed() {
            return; // the caller has gone: do not change the record for nobody
        }
        let mut after = Vec::new();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            conn.transaction(|conn| {
                let mut tx = Tx::new(conn, chain, now);
                let value = act(&mut tx).map_err(Undo::Caller)?;
                after = tx.into_after();
                Ok(value)
            })
        }));
        self.outcome = Some(match ran {
            Ok(Ok(value)) => {
                self.after = after;
                Ok(value)
            }
            Ok(Err(Undo::Caller(error))) => Err(error),
            Ok(Err(Undo::Diesel(error))) => Err(StoreError::from(error).into()),
            Err(_) => {
                leave_savepoints(conn);
                Err(StoreError::Panicked.into())
            }
        });
    }

    fn settle(self: Box<Self>, commit: Result<(), String>) {
        let Some(outcome) = self.outcome else { return };
        let outcome = match (outcome, commit) {
            (Ok(_), Err(why)) => Err(StoreError::Commit(why).into()),
            (outcome, _) => outcome,
        };
        if outcome.is_ok() {
            for act in self.after {
                act();
            }
        }
        // A caller that stopped waiting has its change on disk all the same; nothing to tell anybody.
        drop(self.reply.send(outcome));
    }
}

/// A panic jumps over diesel's own roll-back: what it left open is rolled back here, so that the batch goes on.
fn leave_savepoints(conn: &mut Conn) {
    while depth(conn).is_some_and(|d| d > 1) {
        if roll_back(conn).is_err() {
            return;
        }
    }
}

fn depth(conn: &mut Conn) -> Option<u32> {
    let status = match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::transaction_manager_status_mut(c),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => AnsiTransactionManager::transaction_manager_status_mut(c),
    };
    status.transaction_depth().ok().flatten().map(std::num::NonZeroU32::get)
}

pub(crate) enum Undo<E> {
    Caller(E),
    Diesel(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Undo<E> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Diesel(error)
    }
}

/// The thread that owns the writing connection.
pub(crate) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn start(url: &DbUrl, clock: Clock, chain: ChainId, index: usize) -> Result<Self, StoreError> {
        let mut conn = url.connect()?;
        audit::start_chain(&mut conn, chain, clock())?;
        let (send, mut receive) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name(format!("record-writer-{index}"))
            .spawn(move || serve(&mut conn, &mut receive, &clock, chain))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self { queue: Mutex::new(Some(send)), thread: Mutex::new(Some(thread)) })
    }

    /// A handle to queue on; the lock is held only for the clone.
    pub(crate) fn queue(&self) -> Result<mpsc::Sender<Box<dyn Work>>, StoreError> {
        let queue = self.queue.lock().map_err(|_| StoreError::Closed)?;
        queue.clone().ok_or(StoreError::Closed)
    }

    /// Lets what is queued finish, then ends the thread.
    pub(crate) fn close(&self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        let thread = self.thread.lock().ok().and_then(|mut t| t.take());
        if thread.is_some_and(|t| t.join().is_err()) {
            tracing::error!("the record writer ended by a panic");
        }
    }
}

fn serve(conn: &mut Conn, queue: &mut mpsc::Receiver<Box<dyn Work>>, clock: &Clock, chain: ChainId) {
    while let Some(first) = queue.blocking_recv() {
        let mut batch = vec![first];
        let most = most_in_a_batch(conn);
        while batch.len() < most {
            match queue.try_recv() {
                Ok(next) => batch.push(next),
                Err(_) => break,
            }
        }
        let begun = std::time::Instant::now();
        let committed = run_batch(conn, &mut batch, clock, chain);
        metrics::histogram!("benhan_commit_duration_seconds").record(begun.elapsed());
        metrics::histogram!("benhan_commit_batch_writes").record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        if let Err(why) = &committed {
            tracing::error!(batch = batch.len(), why, "commit failed: every caller is told");
        }
        for work in batch {
            work.settle(committed.clone());
        }
    }
}

/// PostgreSQL shares its fsyncs among connections by itself. A batch would hold the locks of all its callers until the
/// commit: two writers with the same rows in another order would wait for each other, and one would be thrown out.
fn most_in_a_batch(conn: &Conn) -> usize {
    match conn {
        Conn::Sqlite(_) => BATCH,
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => 1,
    }
}

fn run_batch(conn: &mut Conn, batch: &mut [Box<dyn Work>], clock: &Clock, chain: ChainId) -> Result<(), String> {
    begin(conn).map_err(|e| e.to_string())?;
    for work in batch.iter_mut() {
        work.run(conn, chain, clock());
    }
    commit(conn).map_err(|e| {
        drop(roll_back(conn));
        e.to_string()
    })
}

/// IMMEDIATE on SQLite: the write lock is taken before the first read, so facts cannot go stale under a decision.
fn begin(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

fn commit(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::commit_transaction(c),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => AnsiTransactionManager::commit_transaction(c),
    }
}

fn roll_back(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => AnsiTransactionManager::rollback_transaction(c),
    }
}
