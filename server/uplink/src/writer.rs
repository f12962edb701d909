//! One writer thread for a SQLite file, with group commit: callers that arrive together share one fsync.
//!
//! Each caller's closure runs in its own savepoint, so one that fails rolls back alone; when the COMMIT
//! itself fails, every caller of the group is told so. A closure does database work alone: no hashing,
//! no rendering, no waiting, since everybody else waits for it.

use crate::surroundings::{Disk, Group, Surroundings};
use diesel::connection::TransactionManager;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// At most this many closures share a commit, so that the first of them is not kept waiting for ever.
const LARGEST_GROUP: usize = 1024;
/// Callers beyond this many wait to hand in their closure.
const QUEUE: usize = 4096;

/// Why a group could not be committed. Nothing of it is on disk.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the database refused the transaction: {0}")]
pub struct StorageFailure(Arc<str>);

impl StorageFailure {
    fn new(cause: impl fmt::Display) -> Self {
        Self(cause.to_string().into())
    }
}

/// Why a write did not happen. In every case nothing of it is on disk.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The closure itself said no; it was rolled back alone.
    #[error("{0}")]
    Refused(E),
    #[error(transparent)]
    NotCommitted(StorageFailure),
    #[error("the write failed inside its transaction and was rolled back")]
    Panicked,
    #[error("the writer has stopped")]
    Stopped,
}

/// A handle to the writer thread; the thread ends when the last handle is gone.
#[derive(Clone)]
pub struct GroupWriter {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl GroupWriter {
    /// Starts the thread. `open` is called once now, and again whenever the connection had to be given up.
    ///
    /// # Errors
    /// What `open` answers the first time, or that no thread can be started.
    pub fn start<O, E>(name: &str, mut open: O) -> Result<Self, E>
    where
        O: FnMut() -> Result<SqliteConnection, E> + Send + 'static,
        E: fmt::Display + From<std::io::Error>,
    {
        let first = open()?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let reopen = move || open().map_err(StorageFailure::new);
            Desk { waiting, connection: Some(first), reopen, disk: None }.work();
        })?;
        Ok(Self { queue })
    }

    /// As [`start`](Self::start), and where everything is [in place](Surroundings::in_place) as a task of this runtime.
    pub(crate) fn start_in<O, E>(surroundings: &Surroundings, name: &str, mut open: O) -> Result<Self, E>
    where
        O: FnMut() -> Result<SqliteConnection, E> + Send + 'static,
        E: fmt::Display + From<std::io::Error>,
    {
        let Some(disk) = surroundings.disk() else {
            return Self::start(name, open);
        };
        let connection = Some(open()?);
        let (queue, waiting) = mpsc::channel(QUEUE);
        let reopen = move || open().map_err(StorageFailure::new);
        tokio::spawn(Desk { waiting, connection, reopen, disk: Some(disk) }.work_in_place());
        Ok(Self { queue })
    }

    /// Runs `work` in the next group and answers once it is durable.
    ///
    /// # Errors
    /// See [`WriteError`]; the write is on disk if and only if this returns `Ok`.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&mut SqliteConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<diesel::result::Error> + Send + 'static,
    {
        let (job, answer) = Pending::pair(work);
        self.queue.send(job).await.map_err(|_| WriteError::Stopped)?;
        answer.await.map_err(|_| WriteError::Stopped)?
    }

    /// As [`write`](Self::write), for a thread that may block (never from async code).
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_blocking<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        F: FnOnce(&mut SqliteConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<diesel::result::Error> + Send + 'static,
    {
        let (job, answer) = Pending::pair(work);
        self.queue.blocking_send(job).map_err(|_| WriteError::Stopped)?;
        answer.blocking_recv().map_err(|_| WriteError::Stopped)?
    }
}

impl fmt::Debug for GroupWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupWriter")
    }
}

/// A closure waiting for its turn, its type erased.
trait Job: Send {
    /// Runs in a savepoint. An error here means that the whole group is lost, not that the closure refused.
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StorageFailure>;
    /// Tells the caller, after the commit or its failure.
    fn settle(self: Box<Self>, committed: Result<(), StorageFailure>);
}

struct Pending<T, E, F> {
    work: Option<F>,
    done: Option<Result<T, WriteError<E>>>,
    reply: oneshot::Sender<Result<T, WriteError<E>>>,
}

type Answer<T, E> = oneshot::Receiver<Result<T, WriteError<E>>>;

impl<T, E, F> Pending<T, E, F>
where
    F: FnOnce(&mut SqliteConnection) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<diesel::result::Error> + Send + 'static,
{
    fn pair(work: F) -> (Box<dyn Job>, Answer<T, E>) {
        let (reply, answer) = oneshot::channel();
        let pending = Self { work: Some(work), done: None, reply };
        (Box::new(pending), answer)
    }
}

/// Keeps the closure's own refusal apart from a savepoint that failed around it.
enum Inside<E> {
    Refused(E),
    Panicked,
    Savepoint(diesel::result::Error),
}

impl<E> From<diesel::result::Error> for Inside<E> {
    fn from(cause: diesel::result::Error) -> Self {
        Self::Savepoint(cause)
    }
}

impl<T, E, F> Job for Pending<T, E, F>
where
    F: FnOnce(&mut SqliteConnection) -> Result<T, E> + Send,
    T: Send,
    E: From<diesel::result::Error> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), StorageFailure> {
        let Some(work) = self.work.take() else {
            return Ok(());
        };
        let outcome = connection.transaction(|connection| match catch_unwind(AssertUnwindSafe(|| work(connection))) {
            Ok(result) => result.map_err(Inside::Refused),
            Err(_) => Err(Inside::Panicked),
        });
        self.done = Some(match outcome {
            Ok(value) => Ok(value),
            Err(Inside::Refused(refusal)) => Err(WriteError::Refused(refusal)),
            Err(Inside::Panicked) => Err(WriteError::Panicked),
            Err(Inside::Savepoint(cause)) => return Err(StorageFailure::new(cause)),
        });
        depth_is_one(connection)
    }

    fn settle(self: Box<Self>, committed: Result<(), StorageFailure>) {
        let answer = match (committed, self.done) {
            (Ok(()), Some(done)) => done,
            (Ok(()), None) => Err(WriteError::Stopped),
            // A refusal too: it may rest on what another closure of the lost group had written.
            (Err(failure), _) => Err(WriteError::NotCommitted(failure)),
        };
        // A caller that has gone away needs no answer.
        let _ = self.reply.send(answer);
    }
}

/// A closure that panicked in a transaction of its own, or a disk error that made SQLite roll back by
/// itself, leaves the nesting wrong: then nobody can say what a COMMIT would commit.
fn depth_is_one(connection: &mut SqliteConnection) -> Result<(), StorageFailure> {
    type Manager = <SqliteConnection as Connection>::TransactionManager;
    match Manager::transaction_manager_status_mut(connection).transaction_depth() {
        Ok(Some(depth)) if depth.get() == 1 => Ok(()),
        _ => Err(StorageFailure::new("the transaction was left in an unknown state")),
    }
}

struct Desk<O> {
    waiting: mpsc::Receiver<Box<dyn Job>>,
    connection: Option<SqliteConnection>,
    reopen: O,
    disk: Option<Arc<Disk>>,
}

impl<O: FnMut() -> Result<SqliteConnection, StorageFailure>> Desk<O> {
    fn work(mut self) {
        let mut group = VecDeque::new();
        loop {
            if group.is_empty() {
                match self.waiting.blocking_recv() {
                    Some(job) => group.push_back(job),
                    None => return,
                }
            }
            self.turn(&mut group);
        }
    }

    async fn work_in_place(mut self) {
        let mut group = VecDeque::new();
        loop {
            if group.is_empty() {
                match self.waiting.recv().await {
                    Some(job) => group.push_back(job),
                    None => return,
                }
            }
            self.turn(&mut group);
        }
    }

    /// Whoever came meanwhile shares the commit.
    fn turn(&mut self, group: &mut VecDeque<Box<dyn Job>>) {
        while group.len() < LARGEST_GROUP {
            match self.waiting.try_recv() {
                Ok(job) => group.push_back(job),
                Err(_) => break,
            }
        }
        self.commit(group);
    }

    /// Settles every job that ran; those that did not get their turn stay in `group`.
    fn commit(&mut self, group: &mut VecDeque<Box<dyn Job>>) {
        let connection = match self.connection.as_mut() {
            Some(connection) => connection,
            None => match (self.reopen)() {
                Ok(fresh) => self.connection.insert(fresh),
                Err(failure) => {
                    tracing::error!(%failure, "the database cannot be opened again");
                    settle(group.drain(..), &Err(failure));
                    return;
                }
            },
        };
        let mut ran = 0;
        let disk = self.disk.as_deref();
        let outcome = connection.immediate_transaction(|connection| {
            disk.map_or(Ok(()), |disk| disk(Group::Begins, connection))?;
            for job in group.iter_mut() {
                ran += 1;
                job.run(connection).map_err(Lost)?;
            }
            disk.map_or(Ok(()), |disk| disk(Group::Commits, connection))?;
            Ok::<(), Lost>(())
        });
        let committed = outcome.map_err(|Lost(failure)| failure);
        if let Err(failure) = &committed {
            tracing::error!(%failure, jobs = ran, "a group of writes was not committed");
            self.connection = None;
            // BEGIN itself failed: everybody waits for the same database.
            ran = if ran == 0 { group.len() } else { ran };
        }
        settle(group.drain(..ran), &committed);
    }
}

struct Lost(StorageFailure);

impl From<diesel::result::Error> for Lost {
    fn from(cause: diesel::result::Error) -> Self {
        Self(StorageFailure::new(cause))
    }
}

fn settle(jobs: impl Iterator<Item = Box<dyn Job>>, committed: &Result<(), StorageFailure>) {
    for job in jobs {
        job.settle(committed.clone());
    }
}
