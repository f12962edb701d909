//! A whole record from one database into an empty one, SQLite or PostgreSQL either way, and the proof that both hold the
//! same.
//!
//! The tables, their columns, keys and order come from the databases' own catalogs, so a new table is carried too. Rows
//! are carried as they are stored and never understood: what is sealed or encrypted stays so. All of it is one
//! transaction of the target, which is emptier than before when anything goes wrong: not at all.

mod catalog;
pub mod handover;
mod insert;
mod row;

use crate::dialect::on_either;
use crate::{Conn, DbUrl, Engine, StoreError, backup, migrate};
use catalog::Table;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use insert::Batch;
use row::{Line, each};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write the new file")]
    File(#[from] io::Error),
    #[error("the record is in use: stop the server and every other benhan command, then begin again")]
    InUse(#[source] StoreError),
    #[error(
        "this record is of an older version ({0} steps behind): `benhan backup`, then `benhan migrate`, then again"
    )]
    Behind(usize),
    #[error("the target is not empty: it holds the table {0}. Name an empty database")]
    NotEmpty(String),
    #[error("the two databases differ in {0}: both must be of this program's version")]
    Schema(String),
    #[error(
        "it was written with the schema {theirs} and this program has {own}: take it in with the program that wrote it, then `benhan migrate`"
    )]
    OtherSchema { theirs: String, own: String },
    #[error("{table}, line {row}: {why}")]
    Handed { table: String, row: u64, why: String },
    #[error("a row of {table} cannot be kept by the target (row {row} by its key): {cause}")]
    Unfit { table: String, row: u64, cause: StoreError },
    #[error(
        "{table} is not the same in both: {here} rows with the hash {here_sha256} here, {there} with {there_sha256} there"
    )]
    Differs { table: String, here: u64, here_sha256: String, there: u64, there_sha256: String },
}

impl From<diesel::result::Error> for TransferError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a table holds: its rows in the order of their keys, hashed the same way on both databases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    pub table: String,
    pub rows: u64,
    pub sha256: String,
}

/// How far it is, for whoever waits.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub doing: Doing,
    pub table: &'a str,
    pub done: u64,
    pub of: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Copying,
    Comparing,
}

/// What the move came to.
#[derive(Clone, Debug)]
pub struct Moved {
    pub sums: Vec<Sum>,
    pub audit_rows: u64,
    /// An earlier move had copied all of it and was ended before it was said so.
    pub was_there: bool,
}

/// Moves a record: copies it, and calls `switch` once the copy is durable and while nobody can write into the old one.
/// A move that is ended before that leaves the old record as it was; begun again, it goes on from what it finds.
pub fn run<E: From<TransferError>>(
    from: &DbUrl,
    to: &DbUrl,
    told: &mut dyn FnMut(Progress<'_>),
    switch: impl FnOnce(&Moved) -> Result<(), E>,
) -> Result<Moved, E> {
    let mut source = Conn::from(from.connect().map_err(TransferError::from)?);
    alone(&mut source, |source| {
        let moved = match to {
            DbUrl::Postgres(_) => copy(source, &mut to.connect().map_err(TransferError::from)?.into(), told)?,
            DbUrl::Sqlite(file) => into_file(source, file, told)?,
        };
        switch(&moved)?;
        Ok(moved)
    })
}

/// A SQLite file is whole before it has its name.
fn into_file(source: &mut Conn, file: &Path, told: &mut dyn FnMut(Progress<'_>)) -> Result<Moved, TransferError> {
    if file.exists() {
        return copy(source, &mut DbUrl::Sqlite(file.to_owned()).connect()?.into(), told);
    }
    let beside = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let part = beside(".part");
    for left in [part.clone(), beside(".part-wal"), beside(".part-shm")] {
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    let moved = copy(source, &mut DbUrl::Sqlite(part.clone()).connect()?.into(), told)?;
    fs::rename(&part, file)?;
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(moved)
}

/// Runs `act` while nobody else has the record open: not a server, not a command.
fn alone<T, E: From<TransferError>>(conn: &mut Conn, act: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
    let in_use = |source| TransferError::InUse(StoreError::named("have the record alone", source));
    match conn.db() {
        // In this mode a writer wants every other connection gone, also one that waits for work.
        Engine::Sqlite(c) => c
            .batch_execute("PRAGMA locking_mode = EXCLUSIVE")
            .and_then(|()| AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))
            .map_err(in_use)?,
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            let others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                          AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
            let others = diesel::sql_query(others).execute(c).map_err(in_use)?;
            if others > 0 {
                return Err(in_use(diesel::result::Error::AlreadyInTransaction).into());
            }
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ")
                .map_err(in_use)?;
        }
    }
    let outcome = act(conn);
    on_either!(conn.db(), c => AnsiTransactionManager::rollback_transaction(c))
        .map_err(StoreError::db("let the record go"))
        .map_err(TransferError::from)?;
    outcome
}

/// Copies everything that `from` holds into the empty `to`, compares both and checks the audit chains of the copy.
/// Nothing is kept in `to` unless all of it holds. A target that holds something of ours is compared, never written to.
fn copy(from: &mut Conn, to: &mut Conn, told: &mut dyn FnMut(Progress<'_>)) -> Result<Moved, TransferError> {
    let behind = migrate::pending(from.db())?.len();
    if behind > 0 {
        return Err(TransferError::Behind(behind));
    }
    let was_there = holds_ours(to)?;
    let moved = to.transaction(|to| {
        migrate::up(to.db())?;
        let tables = catalog::shared(from, to)?;
        let mut sums = Vec::with_capacity(tables.len());
        for table in &tables {
            let here = if was_there { sum(from, table, told)? } else { carry(from, to, table, told)? };
            let there = sum(to, table, told)?;
            if here != there {
                return Err(differs(here, there));
            }
            sums.push(here);
        }
        catalog::continue_counting(to, &tables)?;
        let audit_rows = backup::check_chains(to)?.audit_rows;
        Ok(Moved { sums, audit_rows, was_there })
    })?;
    // Without its statistics PostgreSQL plans for empty tables until it finds the time to look.
    on_either!(to.db(), c => c.batch_execute("ANALYZE"))
        .map_err(StoreError::db("gather the statistics of the copy"))?;
    Ok(moved)
}

fn differs(here: Sum, there: Sum) -> TransferError {
    TransferError::Differs {
        table: here.table,
        here: here.rows,
        here_sha256: here.sha256,
        there: there.rows,
        there_sha256: there.sha256,
    }
}

/// What a database holds, table by table: for a comparison of two.
pub fn sums(conn: &mut Conn) -> Result<Vec<Sum>, TransferError> {
    let tables = catalog::tables(conn)?;
    tables.iter().map(|table| sum(conn, table, &mut |_| ())).collect()
}

/// A table that is there, whoever made it; none in an empty database.
pub fn first_table(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    Ok(catalog::names(conn)?.into_iter().next())
}

/// False for an empty target, also one that has our tables and no row; true for one that holds rows of our tables.
fn holds_ours(to: &mut Conn) -> Result<bool, TransferError> {
    let there = catalog::names(to)?;
    let Some(first) = there.first() else { return Ok(false) };
    if !there.iter().any(|name| name == migrate::LEDGER) || !migrate::pending(to.db())?.is_empty() {
        return Err(TransferError::NotEmpty(first.clone()));
    }
    for table in catalog::tables(to)? {
        if catalog::count(to, &table)? > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One table into the target, in the order of its key, and its sum.
fn carry(
    from: &mut Conn,
    to: &mut Conn,
    table: &Table,
    told: &mut dyn FnMut(Progress<'_>),
) -> Result<Sum, TransferError> {
    let of = catalog::count(from, table)?;
    let (mut summing, mut batch) = (Summing::default(), Batch::new(table));
    let mut report = |done| told(Progress { doing: Doing::Copying, table: &table.name, done, of });
    report(0);
    each(from, &table.select(), |line| {
        summing.take(&line);
        if let Some(full) = batch.add(line) {
            full.insert(to, table).map_err(|cause| unfit(table, summing.rows, cause))?;
            report(summing.rows);
        }
        Ok(())
    })?;
    batch.rest().insert(to, table).map_err(|cause| unfit(table, summing.rows, cause))?;
    report(summing.rows);
    Ok(summing.of(table))
}

fn unfit(table: &Table, row: u64, cause: StoreError) -> TransferError {
    if cause.is_unavailable() {
        return cause.into();
    }
    TransferError::Unfit { table: table.name.clone(), row, cause }
}

fn sum(conn: &mut Conn, table: &Table, told: &mut dyn FnMut(Progress<'_>)) -> Result<Sum, TransferError> {
    const EVERY: u64 = 50_000;
    let of = catalog::count(conn, table)?;
    let mut summing = Summing::default();
    each(conn, &table.select(), |line| {
        summing.take(&line);
        if summing.rows.is_multiple_of(EVERY) {
            told(Progress { doing: Doing::Comparing, table: &table.name, done: summing.rows, of });
        }
        Ok(())
    })?;
    Ok(summing.of(table))
}

#[derive(Default)]
struct Summing {
    rows: u64,
    hash: Sha256,
}

impl Summing {
    fn take(&mut self, line: &Line) {
        self.rows = self.rows.saturating_add(1);
        line.feed(&mut self.hash);
    }

    fn of(self, table: &Table) -> Sum {
        Sum { table: table.name.clone(), rows: self.rows, sha256: hex::encode(self.hash.finalize()) }
    }
}
