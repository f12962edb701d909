//! The few statements that the two databases spell differently.

use crate::{Conn, Engine, StoreError};
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use std::time::Duration;

/// Runs the same expression on whichever connection it is: for what diesel's enum connection does not offer.
macro_rules! on_either {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::Engine::Sqlite($c) => $query,
            #[cfg(feature = "postgres")]
            $crate::Engine::Pg($c) => $query,
        }
    };
}
pub(crate) use on_either;

/// Makes other writers of `name` wait until this transaction ends. SQLite's one writer already does.
pub fn hold(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    lock(conn, name, "SELECT pg_advisory_xact_lock(hashtext($1))")
}

/// Makes this transaction and one that [`hold`]s `name` wait for each other; others share it.
pub fn share(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    lock(conn, name, "SELECT pg_advisory_xact_lock_shared(hashtext($1))")
}

fn lock(conn: &mut Conn, name: &str, statement: &'static str) -> Result<(), StoreError> {
    match conn.db() {
        Engine::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query(statement)
            .bind::<diesel::sql_types::Text, _>(name)
            .execute(c)
            .map(drop)
            .map_err(StoreError::db("take a named lock")),
    }
}

/// Runs reads that must agree with each other: one snapshot, whatever is committed meanwhile.
pub fn snapshot<T, E: From<StoreError>>(
    conn: &mut Conn,
    reads: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let begun = match conn.db() {
        Engine::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        }
    };
    begun.map_err(StoreError::db("begin a snapshot"))?;
    let outcome = reads(conn);
    on_either!(conn.db(), c => AnsiTransactionManager::rollback_transaction(c))
        .map_err(StoreError::db("end a snapshot"))?;
    outcome
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// Also in a record of an older version, and where nothing may be written.
pub(crate) fn has_table(conn: &mut Conn, name: &str) -> Result<bool, StoreError> {
    let found: QueryResult<Counted> = match conn.db() {
        Engine::Sqlite(c) => {
            diesel::sql_query("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = ?")
                .bind::<diesel::sql_types::Text, _>(name)
                .get_result(c)
        }
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query("SELECT count(to_regclass($1)) AS n")
            .bind::<diesel::sql_types::Text, _>(name)
            .get_result(c),
    };
    found.map(|row| row.n > 0).map_err(StoreError::db("look for a table"))
}

#[cfg(feature = "postgres")]
#[derive(QueryableByName)]
struct Exported {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pg_export_snapshot: String,
}

/// A name by which `pg_dump` reads exactly what this snapshot sees. Nothing on SQLite.
pub fn share_snapshot(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    match conn.db() {
        Engine::Sqlite(_) => Ok(None),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query("SELECT pg_export_snapshot()")
            .get_result::<Exported>(c)
            .map(|row| Some(row.pg_export_snapshot))
            .map_err(StoreError::db("share a snapshot")),
    }
}

/// Ends what other sessions under this name still do in the same database, and waits until they are gone: what they had
/// not committed is undone. False when one does not go in time. Nothing on SQLite, which knows no such sessions.
#[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite knows no such sessions"))]
pub fn end_others(conn: &mut Conn, name: &str, patience: Duration) -> Result<bool, StoreError> {
    match conn.db() {
        Engine::Sqlite(_) => Ok(true),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            const END: &str = "SELECT count(pg_terminate_backend(pid)) AS n FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()";
            let until = std::time::Instant::now().checked_add(patience);
            loop {
                let there: Counted = diesel::sql_query(END)
                    .bind::<diesel::sql_types::Text, _>(name)
                    .get_result(c)
                    .map_err(StoreError::db("end what a killed command began"))?;
                if there.n == 0 {
                    return Ok(true);
                }
                if until.is_none_or(|until| std::time::Instant::now() > until) {
                    return Ok(false);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}
