//! The journal's connections: one writer with group commit, a few readers.

use benhan_uplink::sqlite::{self, OpenError};
use benhan_uplink::{GroupWriter, Outbox, WriteError, outbox};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/library");
const READERS: usize = 4;

/// A journal that cannot be opened, read or written. Never "not found".
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the journal cannot start its writer")]
    Thread(#[from] std::io::Error),
    #[error("the journal did not take the write: {0}")]
    Write(String),
    #[error("the journal cannot be read: {0}")]
    Read(#[from] diesel::result::Error),
    #[error("the journal's reader was stopped")]
    Stopped,
}

impl From<WriteError<diesel::result::Error>> for JournalError {
    fn from(cause: WriteError<diesel::result::Error>) -> Self {
        Self::Write(cause.to_string())
    }
}

/// The open journal.
#[derive(Clone)]
pub(crate) struct Journal {
    writer: GroupWriter,
    outbox: Outbox,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
    turns: Arc<Semaphore>,
}

impl Journal {
    /// Opens the file, brings it to its schema and starts the writer.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let mut first = sqlite::open(path)?;
        let migration = |cause: String| OpenError::Migration { path: path.to_owned(), cause };
        first.run_pending_migrations(MIGRATIONS).map_err(|cause| migration(cause.to_string()))?;
        outbox::migrate(&mut first).map_err(migration)?;
        drop(first);
        let owned: PathBuf = path.to_owned();
        let writer = GroupWriter::start("journal", move || sqlite::open(&owned).map_err(JournalError::from))?;
        let outbox = Outbox::new(writer.clone(), sqlite::open(path)?);
        let mut idle = Vec::with_capacity(READERS);
        for _ in 0..READERS {
            let mut connection = sqlite::open(path)?;
            connection.batch_execute("PRAGMA query_only = ON;")?;
            idle.push(connection);
        }
        Ok(Self { writer, outbox, idle: Arc::new(Mutex::new(idle)), turns: Arc::new(Semaphore::new(READERS)) })
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// One durable write, sharing its fsync with whoever writes at the same time.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        Ok(self.writer.write(work).await?)
    }

    /// Reads on one of the read connections, off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let _turn = self.turns.acquire().await.map_err(|_| JournalError::Stopped)?;
        let idle = Arc::clone(&self.idle);
        let reading = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = taken.ok_or(JournalError::Stopped)?;
            let answer = work(&mut connection);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer.map_err(JournalError::from)
        });
        reading.await.map_err(|_| JournalError::Stopped)?
    }
}
