//! Rows into a table, many by one statement.

use super::catalog::{Kind, Table};
use super::row::{Line, Value};
use crate::{Conn, Engine, StoreError};
use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text};
use std::fmt::Write;
use std::mem;

/// SQLite takes 32,766 values in a statement, PostgreSQL twice as many.
const VALUES: usize = 30_000;
const ROWS: usize = 500;
/// PDFs are large: what is held is bounded by bytes too.
const BYTES: usize = 4 << 20;

pub(super) struct Batch {
    lines: Vec<Line>,
    bytes: usize,
    most: usize,
}

impl Batch {
    pub(super) fn new(table: &Table) -> Self {
        let most = VALUES.checked_div(table.columns.len()).unwrap_or(1).clamp(1, ROWS);
        Self { lines: Vec::with_capacity(most), bytes: 0, most }
    }

    /// The rows that are to be inserted now, when there are enough of them.
    pub(super) fn add(&mut self, line: Line) -> Option<Full> {
        self.bytes = line.0.iter().fold(self.bytes, |sum, value| sum.saturating_add(value.size()));
        self.lines.push(line);
        (self.lines.len() >= self.most || self.bytes >= BYTES).then(|| {
            self.bytes = 0;
            Full(mem::replace(&mut self.lines, Vec::with_capacity(self.most)))
        })
    }

    pub(super) fn rest(self) -> Full {
        Full(self.lines)
    }
}

pub(super) struct Full(Vec<Line>);

impl Full {
    pub(super) fn insert(self, to: &mut Conn, table: &Table) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        match to.db() {
            Engine::Sqlite(c) => {
                let mut query = diesel::sql_query(statement(table, self.0.len(), |_| "?".to_owned())).into_boxed();
                for (kind, value) in self.values(table) {
                    query = match kind {
                        Kind::Bool => bind::<Nullable<BigInt>, _, _, _>(query, value, int)?,
                        Kind::Int => bind::<Nullable<BigInt>, _, _, _>(query, value, int)?,
                        Kind::Real => bind::<Nullable<Double>, _, _, _>(query, value, real)?,
                        Kind::Text => bind::<Nullable<Text>, _, _, _>(query, value, text)?,
                        Kind::Bytes => bind::<Nullable<Binary>, _, _, _>(query, value, bytes)?,
                    };
                }
                query.execute(c).map(drop).map_err(StoreError::db("insert copied rows"))
            }
            #[cfg(feature = "postgres")]
            Engine::Pg(c) => {
                let mut query = diesel::sql_query(statement(table, self.0.len(), |n| format!("${n}"))).into_boxed();
                for (kind, value) in self.values(table) {
                    query = match kind {
                        Kind::Bool => bind::<Nullable<Bool>, _, _, _>(query, value, truth)?,
                        Kind::Int => bind::<Nullable<BigInt>, _, _, _>(query, value, int)?,
                        Kind::Real => bind::<Nullable<Double>, _, _, _>(query, value, real)?,
                        Kind::Text => bind::<Nullable<Text>, _, _, _>(query, value, text)?,
                        Kind::Bytes => bind::<Nullable<Binary>, _, _, _>(query, value, bytes)?,
                    };
                }
                query.execute(c).map(drop).map_err(StoreError::db("insert copied rows"))
            }
        }
    }

    fn values(self, table: &Table) -> impl Iterator<Item = (Kind, Value)> + '_ {
        self.0.into_iter().flat_map(|line| table.columns.iter().map(|column| column.kind).zip(line.0))
    }
}

/// `INSERT INTO t (a, b) VALUES (?, ?), (?, ?)`. Names come from the catalog of our own schema.
fn statement(table: &Table, rows: usize, place: impl Fn(usize) -> String) -> String {
    let mut sql = format!("INSERT INTO \"{}\" ({}) VALUES ", table.name, table.listed());
    let mut n = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..table.columns.len() {
            n += 1;
            let _ = write!(sql, "{}{}", if column == 0 { "" } else { ", " }, place(n));
        }
        sql.push(')');
    }
    sql
}

fn bind<'f, Kind, T, DB, Inner>(
    query: BoxedSqlQuery<'f, DB, Inner>,
    value: Value,
    read: impl Fn(Value) -> Option<T>,
) -> Result<BoxedSqlQuery<'f, DB, Inner>, StoreError>
where
    DB: diesel::backend::Backend + diesel::sql_types::HasSqlType<Kind>,
    Option<T>: diesel::serialize::ToSql<Kind, DB> + Send + 'f,
    Kind: diesel::sql_types::SqlType + Send + 'f,
{
    if value == Value::Null {
        return Ok(query.bind::<Kind, _>(None::<T>));
    }
    let read =
        read(value).ok_or_else(|| StoreError::corrupt("a copied row", "value", "of another kind than its column"))?;
    Ok(query.bind::<Kind, _>(Some(read)))
}

fn int(value: Value) -> Option<i64> {
    if let Value::Int(number) = value { Some(number) } else { None }
}

#[cfg(feature = "postgres")]
fn truth(value: Value) -> Option<bool> {
    match value {
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        _ => None,
    }
}

fn real(value: Value) -> Option<f64> {
    if let Value::Real(number) = value { Some(number) } else { None }
}

fn text(value: Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
}
