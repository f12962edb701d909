//! The connection that one writer writes through, and a new one when it breaks.
//!
//! A database that was restarted, or a transaction whose end nobody knows, costs the callers of one batch at most: the
//! next batch begins on a fresh connection and under an audit chain of its own, so that whatever the old connection
//! may still do, it can never meet the new one in a chain.

use super::Clock;
use crate::{Conn, DbUrl, Engine, Keyring, StoreError, audit};
use benhan_domain::id::ChainId;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus};
use diesel::prelude::*;
use std::time::Duration;
use uuid::Uuid;

/// A database that comes back within about three seconds is waited for; after that the callers are told.
const TRIES: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(100);

pub(super) struct Seat {
    url: DbUrl,
    keys: Keyring,
    pub(super) clock: Clock,
    held: Option<(Conn, ChainId)>,
}

impl Seat {
    pub(super) fn open(url: &DbUrl, keys: &Keyring, clock: Clock) -> Result<Self, StoreError> {
        let mut seat = Self { url: url.clone(), keys: keys.clone(), clock, held: None };
        seat.connect()?;
        Ok(seat)
    }

    fn connect(&mut self) -> Result<(), StoreError> {
        let conn = Conn::with_keys(self.url.connect()?, Some(self.keys.clone()));
        let (mut conn, chain) = (conn, ChainId(Uuid::now_v7()));
        begin(&mut conn)?;
        audit::start_chain(&mut conn, chain, (self.clock)())?;
        commit(&mut conn)?;
        self.held = Some((conn, chain));
        Ok(())
    }

    /// The connection and its chain; `None` only after a `begin` that failed.
    pub(super) fn held(&mut self) -> Option<(&mut Conn, ChainId)> {
        self.held.as_mut().map(|(conn, chain)| (conn, *chain))
    }

    /// Opens a transaction, on a new connection where the old one is broken.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        if let Some((conn, _)) = &mut self.held {
            let Err(error) = begin(conn) else { return Ok(()) };
            if usable(conn) {
                return Err(StoreError::from(error)); // busy, not broken
            }
            tracing::warn!("the record writer lost its connection and makes a new one");
            self.held = None;
        }
        let mut wait = FIRST_WAIT;
        for left in (0..TRIES).rev() {
            let failed = match self.connect() {
                Ok(()) => break,
                Err(error) => error,
            };
            if left == 0 {
                return Err(failed);
            }
            std::thread::sleep(wait);
            wait = wait.saturating_mul(2);
        }
        let Some((conn, _)) = &mut self.held else { return Err(StoreError::Closed) };
        begin(conn).map_err(StoreError::from)
    }

    /// Makes the batch durable. After a failure nothing of it counts as kept.
    pub(super) fn commit(&mut self) -> Result<(), String> {
        let Some((conn, _)) = &mut self.held else { return Err("no connection".into()) };
        let Err(error) = commit(conn) else { return Ok(()) };
        if depth(conn).is_some_and(|d| d > 0) {
            drop(roll_back(conn));
        }
        if !usable(conn) {
            self.held = None;
        }
        Err(error.to_string())
    }

    /// After a caller that failed: is its batch's transaction still open? SQLite ends it by itself when the disk is
    /// full or cannot be read, and a statement after that would be its own transaction. A batch that was ended is
    /// given up with its connection.
    pub(super) fn still_open(&mut self) -> bool {
        let Some((conn, _)) = &mut self.held else { return false };
        let open = depth(conn) == Some(1)
            && match conn.db() {
                // Refused inside a transaction, and the one way to ask that every SQLite answers.
                Engine::Sqlite(c) => c.batch_execute("BEGIN").is_err(),
                #[cfg(feature = "postgres")]
                Engine::Pg(_) => true, // a broken one fails its COMMIT, and all are told
            };
        if !open {
            self.held = None;
        }
        open
    }
}

/// Between transactions, and the server answers.
fn usable(conn: &mut Conn) -> bool {
    matches!(status(conn).transaction_depth(), Ok(None)) && answers(conn)
}

/// SQLite has no server that could have gone.
pub(crate) fn answers(conn: &mut Conn) -> bool {
    match conn.db() {
        Engine::Sqlite(_) => true,
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => c.batch_execute("SELECT 1").is_ok(),
    }
}

fn status(conn: &mut Conn) -> &mut TransactionManagerStatus {
    match conn.db() {
        Engine::Sqlite(c) => AnsiTransactionManager::transaction_manager_status_mut(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => AnsiTransactionManager::transaction_manager_status_mut(c),
    }
}

pub(super) fn depth(conn: &mut Conn) -> Option<u32> {
    status(conn).transaction_depth().ok().flatten().map(std::num::NonZeroU32::get)
}

/// IMMEDIATE on SQLite: the write lock is taken before the first read, so facts cannot go stale under a decision.
fn begin(conn: &mut Conn) -> QueryResult<()> {
    match conn.db() {
        Engine::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

fn commit(conn: &mut Conn) -> QueryResult<()> {
    match conn.db() {
        Engine::Sqlite(c) => AnsiTransactionManager::commit_transaction(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => AnsiTransactionManager::commit_transaction(c),
    }
}

pub(super) fn roll_back(conn: &mut Conn) -> QueryResult<()> {
    match conn.db() {
        Engine::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => AnsiTransactionManager::rollback_transaction(c),
    }
}
