//! One writer, group commit: on SQLite many callers share one fsync, each in its own savepoint.
//!
//! A closure that fails rolls back alone; a COMMIT that fails fails every caller of its batch. Closures do database
//! work only: hashing, rendering and signing happen before they are queued. The connection is [`seat`]'s.

use crate::{Conn, DbUrl, Keyring, StoreError, Tx};
use benhan_domain::id::ChainId;
use benhan_domain::time::Instant;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

mod seat;
pub(crate) use seat::answers;
use seat::{Seat, depth, roll_back};

pub(crate) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// At most this many callers share a commit: bounds how long the first of them waits.
const SQLITE_BATCH: usize = 256;
/// PostgreSQL writes side by side and groups fsyncs itself. A caller's row locks last until the commit, so callers
/// that shared one would hold each other's rows, and two batches could wait for one another.
const PG_BATCH: usize = 1;
/// Callers beyond this wait in `send`, so memory stays bounded when the disk is slow.
const QUEUE: usize = 4096;

/// A queued write: run inside its savepoint, then told how the commit went.
trait Work: Send {
    /// False when the caller failed, so that what it left behind is looked at.
    fn run(&mut self, conn: &mut Conn, chain: ChainId, now: Instant) -> bool;
    fn settle(self: Box<Self>, commit: Result<(), String>);
    /// The database could not even begin.
    fn refuse(self: Box<Self>, why: String);
}

struct Write<F, T, E> {
    act: Option<F>,
    outcome: Option<Result<T, E>>,
    after: Vec<Box<dyn FnOnce() + Send>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Write<F, T, E> {
    fn new(act: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { act: Some(act), outcome: None, after: Vec::new(), reply }
    }
}

impl<F, T, E> Work for Write<F, T, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, conn: &mut Conn, chain: ChainId, now: Instant) -> bool {
        let Some(act) = self.act.take() else { return true };
        if self.reply.is_closed() {
            return true; // the caller has gone: do not change the record for nobody
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
        self.outcome.as_ref().is_some_and(Result::is_ok)
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

    fn refuse(self: Box<Self>, why: String) {
        drop(self.reply.send(Err(StoreError::Commit(why).into())));
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
    pub(crate) fn start(url: &DbUrl, keys: &Keyring, clock: Clock, index: usize) -> Result<Self, StoreError> {
        let mut seat = Seat::open(url, keys, clock)?;
        let most = if matches!(url, DbUrl::Sqlite(_)) { SQLITE_BATCH } else { PG_BATCH };
        let (send, mut receive) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name(format!("record-writer-{index}"))
            .spawn(move || serve(&mut seat, &mut receive, most))
            .map_err(|_| StoreError::Closed)?;
        Ok(Self { queue: Mutex::new(Some(send)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues `act` and waits until it is durable.
    pub(crate) async fn write<T, E, F>(&self, act: F) -> Result<T, E>
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

    /// Queues `acts` in this order and waits until the last is durable.
    pub(crate) async fn write_in_order<T, E, F>(&self, acts: Vec<F>) -> Result<Vec<Result<T, E>>, StoreError>
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

    /// A handle to queue on; the lock is held only for the clone.
    fn queue(&self) -> Result<mpsc::Sender<Box<dyn Work>>, StoreError> {
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

fn serve(seat: &mut Seat, queue: &mut mpsc::Receiver<Box<dyn Work>>, most: usize) {
    while let Some(first) = queue.blocking_recv() {
        let mut waiting = VecDeque::from([first]);
        while waiting.len() < most {
            match queue.try_recv() {
                Ok(next) => waiting.push_back(next),
                Err(_) => break,
            }
        }
        while !waiting.is_empty() {
            run_batch(seat, &mut waiting);
        }
    }
}

/// Runs callers in one transaction until all have had their turn or the transaction is over, and tells those their
/// truth; who had no turn stays in `waiting`, for a transaction of their own.
fn run_batch(seat: &mut Seat, waiting: &mut VecDeque<Box<dyn Work>>) {
    let begun = std::time::Instant::now();
    if let Err(error) = seat.begin() {
        let why = told(&error);
        tracing::error!(batch = waiting.len(), why, "no transaction could be begun: every caller is told");
        waiting.drain(..).for_each(|work| work.refuse(why.clone()));
        return;
    }
    let (mut ran, mut over) = (Vec::with_capacity(waiting.len()), false);
    while let Some(mut work) = waiting.pop_front() {
        let now = (seat.clock)();
        let fine = seat.held().is_some_and(|(conn, chain)| work.run(conn, chain, now));
        ran.push(work);
        if !fine && !seat.still_open() {
            over = true;
            break;
        }
    }
    let committed = if over { Err("the database ended the transaction by itself".into()) } else { seat.commit() };
    metrics::histogram!("benhan_commit_duration_seconds").record(begun.elapsed());
    metrics::histogram!("benhan_commit_batch_writes").record(u32::try_from(ran.len()).unwrap_or(u32::MAX));
    if let Err(why) = &committed {
        tracing::error!(batch = ran.len(), why, "commit failed: every caller is told");
    }
    for work in ran {
        work.settle(committed.clone());
    }
}

/// With its cause: the operator asks why.
fn told(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
