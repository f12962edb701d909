//! A row of any table, as it is stored.

use super::TransferError;
use crate::{Conn, Engine, StoreError};
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::prelude::*;
use diesel::row::{Field, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Double, Text};
use diesel::sqlite::{Sqlite, SqliteType};
use sha2::{Digest, Sha256};

/// SQLite keeps a boolean as 0 or 1, and so do we.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            _ => 8,
        }
    }
}

pub(super) struct Line(pub(super) Vec<Value>);

impl Line {
    /// Each value with its kind and length, so that no two rows read the same.
    pub(super) fn feed(&self, hash: &mut Sha256) {
        let mut long = |kind: u8, bytes: &[u8]| {
            hash.update([kind]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        for value in &self.0 {
            match value {
                Value::Null => long(0, &[]),
                Value::Int(number) => long(1, &number.to_be_bytes()),
                // SQLite keeps 0.0 for -0.0.
                Value::Real(number) => long(2, &(if *number == 0.0 { 0.0 } else { *number }).to_be_bytes()),
                Value::Text(text) => long(3, text.as_bytes()),
                Value::Bytes(bytes) => long(4, bytes),
            }
        }
    }
}

impl QueryableByName<Sqlite> for Line {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let value = |at: usize| -> deserialize::Result<Value> {
            let field = Row::get(row, at).ok_or("a row is too short")?;
            let Some(raw) = field.value() else { return Ok(Value::Null) };
            Ok(match raw.value_type() {
                None => Value::Null,
                Some(SqliteType::Text) => Value::Text(FromSql::<Text, Sqlite>::from_sql(raw)?),
                Some(SqliteType::Binary) => Value::Bytes(FromSql::<Binary, Sqlite>::from_sql(raw)?),
                Some(SqliteType::Float | SqliteType::Double) => Value::Real(FromSql::<Double, Sqlite>::from_sql(raw)?),
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                    Value::Int(FromSql::<BigInt, Sqlite>::from_sql(raw)?)
                }
            })
        };
        (0..row.field_count()).map(value).collect::<deserialize::Result<_>>().map(Self)
    }
}

#[cfg(feature = "postgres")]
impl QueryableByName<diesel::pg::Pg> for Line {
    fn build<'a>(row: &impl NamedRow<'a, diesel::pg::Pg>) -> deserialize::Result<Self> {
        use diesel::pg::Pg;
        use diesel::sql_types::Bool;
        let value = |at: usize| -> deserialize::Result<Value> {
            let field = Row::get(row, at).ok_or("a row is too short")?;
            let Some(raw) = field.value() else { return Ok(Value::Null) };
            // The five kinds that the schema uses, by PostgreSQL's own numbers for them.
            Ok(match raw.get_oid().get() {
                16 => Value::Int(i64::from(<bool as FromSql<Bool, Pg>>::from_sql(raw)?)),
                17 => Value::Bytes(FromSql::<Binary, Pg>::from_sql(raw)?),
                20 => Value::Int(FromSql::<BigInt, Pg>::from_sql(raw)?),
                25 => Value::Text(FromSql::<Text, Pg>::from_sql(raw)?),
                701 => Value::Real(FromSql::<Double, Pg>::from_sql(raw)?),
                other => return Err(format!("a column of a kind that the record does not use: {other}").into()),
            })
        };
        (0..row.field_count()).map(value).collect::<deserialize::Result<_>>().map(Self)
    }
}

/// Row after row, without ever holding more than one.
pub(super) fn each(
    conn: &mut Conn,
    sql: &str,
    mut act: impl FnMut(Line) -> Result<(), TransferError>,
) -> Result<(), TransferError> {
    let failed = || StoreError::db("read every row of a table");
    match conn.db() {
        Engine::Sqlite(c) => {
            let rows = diesel::sql_query(sql).load_iter::<Line, DefaultLoadingMode>(c).map_err(failed())?;
            for line in rows {
                act(line.map_err(failed())?)?;
            }
        }
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => {
            let rows = diesel::sql_query(sql).load_iter::<Line, diesel::pg::PgRowByRowLoadingMode>(c);
            for line in rows.map_err(failed())? {
                act(line.map_err(failed())?)?;
            }
        }
    }
    Ok(())
}
