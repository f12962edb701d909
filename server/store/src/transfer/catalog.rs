//! What a database says of its own tables: columns, keys, and who points at whom.

use super::TransferError;
use crate::dialect::on_either;
use crate::{Conn, Engine, StoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int,
    Real,
    Text,
    Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    /// In the order of their names: the same on both.
    pub(super) columns: Vec<Column>,
    key: Vec<String>,
}

impl Table {
    pub(super) fn listed(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }

    pub(super) fn key(&self) -> &[String] {
        &self.key
    }

    pub(super) fn select(&self) -> String {
        self.select_with(None)
    }

    /// With one more value behind the columns, of a row of `t`. Text sorts by bytes on both (`COLLATE "C"`), so both come
    /// in one order.
    pub(super) fn select_with(&self, more: Option<&str>) -> String {
        let key: Vec<String> = self.key.iter().map(|name| format!("t.\"{name}\"")).collect();
        let more = more.map(|more| format!(", {more} AS more")).unwrap_or_default();
        format!("SELECT {}{more} FROM \"{}\" t ORDER BY {}", self.listed(), self.name, key.join(", "))
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    /// Its place in the key; 0 outside.
    #[diesel(sql_type = BigInt)]
    key: i64,
}

#[derive(QueryableByName)]
struct Points {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    n: Option<i64>,
}

/// Every table there is, also those that are nobody's of ours.
pub(super) fn names(conn: &mut Conn) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Named> = match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        )
        .load(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query(
            "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
             AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1",
        )
        .load(c),
    }
    .map_err(StoreError::db("list the tables"))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// The record's own tables, each after those that it points at.
pub(super) fn tables(conn: &mut Conn) -> Result<Vec<Table>, TransferError> {
    let mut tables: BTreeMap<String, (Vec<Column>, BTreeMap<i64, String>)> = BTreeMap::new();
    for found in columns(conn)? {
        let (columns, key) = tables.entry(found.of.clone()).or_default();
        let kind = match found.kind.as_str() {
            "TEXT" | "text" => Kind::Text,
            "INTEGER" | "bigint" => Kind::Int,
            "boolean" => Kind::Bool,
            "REAL" | "double precision" => Kind::Real,
            "BLOB" | "bytea" => Kind::Bytes,
            other => return Err(TransferError::Schema(format!("{}.{} ({other})", found.of, found.name))),
        };
        if found.key > 0 {
            key.insert(found.key, found.name.clone());
        }
        columns.push(Column { name: found.name, kind });
    }
    let tables = tables.into_iter().map(|(name, (mut columns, key))| {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        Table { name, columns, key: key.into_values().collect() }
    });
    in_order(tables.collect(), &pointers(conn)?)
}

fn columns(conn: &mut Conn) -> Result<Vec<Found>, StoreError> {
    match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query(
            "SELECT m.name AS of, p.name AS name, p.type AS kind, p.pk AS key \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        )
        .load(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query(
            "SELECT c.relname::text AS of, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS kind, \
             coalesce(k.place, 0)::bigint AS key FROM pg_class c \
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
             LEFT JOIN LATERAL (SELECT place FROM unnest(i.indkey) WITH ORDINALITY AS u (num, place) \
                                WHERE num = a.attnum) k ON true \
             WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE '\\_\\_%'",
        )
        .load(c),
    }
    .map_err(StoreError::db("read the catalog"))
}

fn pointers(conn: &mut Conn) -> Result<Vec<Points>, StoreError> {
    match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query(
            "SELECT m.name AS child, f.\"table\" AS parent FROM sqlite_master m \
             JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
        )
        .load(c),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => diesel::sql_query(
            "SELECT a.relname::text AS child, b.relname::text AS parent FROM pg_constraint r \
             JOIN pg_class a ON a.oid = r.conrelid JOIN pg_class b ON b.oid = r.confrelid WHERE r.contype = 'f'",
        )
        .load(c),
    }
    .map_err(StoreError::db("read who points at whom"))
}

/// Parents before children. A table may point at itself: its rows come by their ids, which grow with time.
fn in_order(mut left: Vec<Table>, pointers: &[Points]) -> Result<Vec<Table>, TransferError> {
    let mut ordered = Vec::with_capacity(left.len());
    let mut done: BTreeSet<String> = BTreeSet::new();
    while !left.is_empty() {
        let ready = |table: &Table| {
            let mut parents = pointers.iter().filter(|p| p.child == table.name && p.parent != table.name);
            parents.all(|p| done.contains(&p.parent))
        };
        let (now, later): (Vec<Table>, Vec<Table>) = left.into_iter().partition(ready);
        if now.is_empty() {
            let names: Vec<String> = later.into_iter().map(|table| table.name).collect();
            return Err(TransferError::Schema(format!("tables that point at one another: {}", names.join(", "))));
        }
        done.extend(now.iter().map(|table| table.name.clone()));
        ordered.extend(now);
        left = later;
    }
    Ok(ordered)
}

/// The tables of both, which must be the same; booleans are known from the side that has them.
pub(super) fn shared(from: &mut Conn, to: &mut Conn) -> Result<Vec<Table>, TransferError> {
    let (here, mut there) = (tables(from)?, tables(to)?);
    let names = |tables: &[Table]| tables.iter().map(|table| table.name.clone()).collect::<BTreeSet<_>>();
    if let Some(odd) = names(&here).symmetric_difference(&names(&there)).next() {
        return Err(TransferError::Schema(format!("the table {odd}")));
    }
    for table in &mut there {
        let same = here.iter().find(|other| other.name == table.name);
        let same = same.ok_or_else(|| TransferError::Schema(format!("the table {}", table.name)))?;
        let differs = || TransferError::Schema(format!("the columns of {}", table.name));
        if same.columns.len() != table.columns.len() || same.key != table.key || table.key.is_empty() {
            return Err(differs());
        }
        for (column, other) in table.columns.iter().zip(&same.columns) {
            let alike = column.kind == other.kind
                || matches!((column.kind, other.kind), (Kind::Bool, Kind::Int) | (Kind::Int, Kind::Bool));
            if column.name != other.name || !alike {
                return Err(differs());
            }
        }
    }
    Ok(there)
}

pub(super) fn count(conn: &mut Conn, table: &Table) -> Result<u64, StoreError> {
    let sql = format!("SELECT count(*) AS n FROM \"{}\"", table.name);
    let row: Number =
        on_either!(conn.db(), c => diesel::sql_query(sql).get_result(c)).map_err(StoreError::db("count rows"))?;
    Ok(row.n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default())
}

/// Rows that the database numbers by itself go on behind those that are there.
pub(super) fn continue_counting(to: &mut Conn, tables: &[Table]) -> Result<(), StoreError> {
    let failed = || StoreError::db("go on counting");
    for table in tables {
        // SQLite keeps its own count as rows come in.
        #[cfg(feature = "postgres")]
        for column in &table.key {
            let last = last(to, table, column)?;
            let (Some(last), Engine::Pg(c)) = (last, to.db()) else { continue };
            let (name, of) = (format!("\"{}\"", table.name), column.clone());
            let counted: Named = diesel::sql_query("SELECT coalesce(pg_get_serial_sequence($1, $2), '') AS name")
                .bind::<Text, _>(name)
                .bind::<Text, _>(of)
                .get_result(c)
                .map_err(failed())?;
            if counted.name.is_empty() {
                continue;
            }
            diesel::sql_query("SELECT setval($1::regclass, $2)")
                .bind::<Text, _>(counted.name)
                .bind::<BigInt, _>(last)
                .execute(c)
                .map_err(failed())?;
        }
        #[cfg(not(feature = "postgres"))]
        let _ = (&table, &mut *to, failed());
    }
    Ok(())
}

/// The highest number of a counted column; nothing for an empty table.
#[cfg(feature = "postgres")]
fn last(conn: &mut Conn, table: &Table, column: &str) -> Result<Option<i64>, StoreError> {
    let counted = table.columns.iter().any(|c| c.name == column && c.kind == Kind::Int);
    if !counted {
        return Ok(None);
    }
    let sql = format!("SELECT max(\"{column}\") AS n FROM \"{}\"", table.name);
    let row: Number = on_either!(conn.db(), c => diesel::sql_query(sql).get_result(c))
        .map_err(StoreError::db("read the last number"))?;
    Ok(row.n)
}
