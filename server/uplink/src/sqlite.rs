//! Open a SQLite file the way a medical spool needs it; set a damaged one aside instead of dying on it.

use benhan_contract::Micros;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Durable at commit; waits for a reader's lock; trusts nothing in the schema; copies 16 MiB of log back at a time.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA wal_autocheckpoint = 4096;";

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot prepare {path}")]
    File {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    #[error("cannot start the writer thread")]
    Thread(#[from] std::io::Error),
    #[error("cannot open the database {path}: {cause}")]
    Database { path: PathBuf, cause: String },
    #[error("cannot bring the database {path} to its schema: {cause}")]
    Migration { path: PathBuf, cause: String },
}

/// Opens (or creates, readable by its owner alone) a database with WAL and synchronous=FULL.
///
/// # Errors
/// When the file cannot be made or is not a database that SQLite can use.
pub fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    create_private(path)?;
    let database = |cause: String| OpenError::Database { path: path.to_owned(), cause };
    let url = path.to_str().ok_or_else(|| database("the path is not UTF-8".to_owned()))?;
    let mut connection = SqliteConnection::establish(url).map_err(|cause| database(cause.to_string()))?;
    connection.batch_execute(PRAGMAS).map_err(|cause| database(cause.to_string()))?;
    Ok(connection)
}

/// Opens a database; a damaged one is renamed, with its log, and a new one begun.
///
/// Returns where the damaged file went, for the operator.
///
/// # Errors
/// As [`open`]; a full disk or a missing right is an error and never a reason to set a file aside.
pub fn open_or_set_aside(path: &Path, now: Micros) -> Result<(SqliteConnection, Option<PathBuf>), OpenError> {
    match open(path).and_then(|connection| checked(path, connection)) {
        Ok(connection) => Ok((connection, None)),
        Err(OpenError::Database { cause, .. }) if is_damage(&cause) => {
            let aside = set_aside(path, now)?;
            tracing::error!(set_aside = %aside.display(), cause, "the spool was damaged; a new one is begun");
            Ok((open(path)?, Some(aside)))
        }
        Err(other) => Err(other),
    }
}

#[derive(QueryableByName)]
struct Check {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

fn checked(path: &Path, mut connection: SqliteConnection) -> Result<SqliteConnection, OpenError> {
    let rows: Vec<Check> = diesel::sql_query("PRAGMA quick_check(1)")
        .load(&mut connection)
        .map_err(|cause| OpenError::Database { path: path.to_owned(), cause: cause.to_string() })?;
    match rows.first() {
        Some(row) if row.quick_check == "ok" => Ok(connection),
        _ => Err(OpenError::Database {
            path: path.to_owned(),
            cause: "database disk image is malformed (quick_check)".to_owned(),
        }),
    }
}

fn is_damage(cause: &str) -> bool {
    cause.contains("malformed") || cause.contains("not a database")
}

fn set_aside(path: &Path, now: Micros) -> Result<PathBuf, OpenError> {
    let aside = beside(path, &format!(".damaged-{now}"));
    for suffix in ["", "-wal", "-shm"] {
        let from = beside(path, suffix);
        if from.exists() {
            fs::rename(&from, beside(&aside, suffix)).map_err(|cause| OpenError::File { path: from, cause })?;
        }
    }
    Ok(aside)
}

pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn create_private(path: &Path) -> Result<(), OpenError> {
    let failed = |cause| OpenError::File { path: path.to_owned(), cause };
    if let Some(parent) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(failed)?;
    }
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(failed)?;
    Ok(())
}
