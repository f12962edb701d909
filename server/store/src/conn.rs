//! One connection type over both databases, and how a connection is prepared.

use crate::StoreError;
use crate::keys::{KeyError, Keyring, Place};
use benhan_domain::id::EncounterId;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use std::path::PathBuf;
use std::str::FromStr;

/// SQLite or PostgreSQL behind one type; queries are written once (see `dialect` for the exceptions).
#[cfg(feature = "postgres")]
#[derive(diesel::MultiConnection)]
pub enum Engine {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// Built without PostgreSQL.
#[cfg(not(feature = "postgres"))]
#[derive(diesel::MultiConnection)]
pub enum Engine {
    Sqlite(SqliteConnection),
}

/// A connection that knows the records' keys: what a store function hands out is open, what it keeps is sealed.
pub struct Conn {
    engine: Engine,
    keys: Option<Keyring>,
}

/// Without keys: for what reads no payload.
impl From<Engine> for Conn {
    fn from(engine: Engine) -> Self {
        Self { engine, keys: None }
    }
}

impl Conn {
    pub(crate) fn with_keys(engine: Engine, keys: Option<Keyring>) -> Self {
        Self { engine, keys }
    }

    /// What queries run on.
    pub fn db(&mut self) -> &mut Engine {
        &mut self.engine
    }

    fn keys(&self) -> Result<&Keyring, KeyError> {
        self.keys.as_ref().ok_or(KeyError::NotGiven)
    }

    /// Encrypts `plain` with the record's key, for this place alone.
    pub(crate) fn seal(&self, of: EncounterId, at: i64, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.keys()?.to_seal(of, at)?.seal(&place.of(of), plain)?)
    }

    /// The bytes that were sealed here. [`StoreError::Corrupt`] when they were changed, or sealed for another place.
    pub(crate) fn unseal(&self, of: EncounterId, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let opened = self.keys()?.to_open(of)?.open(&place.of(of), sealed);
        opened.ok_or_else(|| StoreError::corrupt(place.table, "sealed", place.row))
    }

    /// As diesel's own, which hands its closure the engine's connection without the keys.
    pub(crate) fn transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        act: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        Manager::begin_transaction(&mut self.engine)?;
        match act(self) {
            Ok(value) => {
                Manager::commit_transaction(&mut self.engine)?;
                Ok(value)
            }
            Err(error) => match Manager::rollback_transaction(&mut self.engine) {
                Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(error),
                Err(rollback) => Err(rollback.into()),
            },
        }
    }
}

type Manager = <Engine as Connection>::TransactionManager;

/// Where the record is kept. A mistyped URL is refused instead of becoming an empty SQLite file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DbUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl FromStr for DbUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(StoreError::BadUrl)
    }
}

impl DbUrl {
    /// What diesel's `establish` takes. The enum connection tries its backends in order, so a SQLite path
    /// must not look like a PostgreSQL URL: it is always absolute or relative, never a URL.
    pub(crate) fn connect(&self) -> Result<Engine, StoreError> {
        match self {
            Self::Sqlite(path) => {
                let path = path.to_str().ok_or(StoreError::BadUrl)?;
                let mut conn = SqliteConnection::establish(path).map_err(StoreError::connect)?;
                prepare_sqlite(&mut conn).map_err(StoreError::db("prepare a SQLite connection"))?;
                Ok(Engine::Sqlite(conn))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => {
                let mut conn = PgConnection::establish(url).map_err(StoreError::connect)?;
                conn.batch_execute(
                    "SET synchronous_commit = on; SET TIME ZONE 'UTC'; SET client_min_messages = warning",
                )
                .map_err(StoreError::db("prepare a PostgreSQL connection"))?;
                Ok(Engine::Pg(conn))
            }
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(_) => Err(StoreError::BuiltWithoutPostgres),
        }
    }
}

/// `synchronous = FULL`: in WAL mode anything less may lose the last commits with the power.
/// `wal_autocheckpoint`: 16 MiB of log, so that a page that changes with every commit is copied back once for many.
/// `secure_delete`: what is deleted is overwritten, so that a destroyed record is not left in free pages.
/// `recursive_triggers`: without it REPLACE deletes an append-only row past its trigger.
fn prepare_sqlite(conn: &mut SqliteConnection) -> QueryResult<()> {
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384; PRAGMA mmap_size = 268435456;
         PRAGMA wal_autocheckpoint = 4096; PRAGMA secure_delete = ON;",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_url_makes_no_empty_database() {
        assert!(matches!("postgre://host/db".parse::<DbUrl>(), Err(StoreError::BadUrl)));
        assert!(matches!("record.db".parse::<DbUrl>(), Err(StoreError::BadUrl)));
        assert_eq!("sqlite:/d/record.db".parse::<DbUrl>().expect("valid"), DbUrl::Sqlite("/d/record.db".into()));
    }
}
