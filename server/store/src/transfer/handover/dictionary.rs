//! What each table and column means (từ điển dữ liệu), for whoever reads a record without this program.

use super::sealed::Sealed;
use super::{LEFT_OUT, WITHHELD};
use crate::Conn;
use crate::transfer::TransferError;
use crate::transfer::catalog::{self, Column, Kind, Table};
use serde::Serialize;
use std::collections::BTreeMap;

type Words = BTreeMap<String, BTreeMap<String, String>>;

const WORDS: &str = include_str!("dictionary.toml");
const OF_ALL: &str = "common";
const ITSELF: &str = "_";

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableMeaning {
    pub table: String,
    /// Empty for a table that nobody has explained.
    pub meaning: String,
    /// Why it is not handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<&'static str>,
    pub key: Vec<String>,
    pub columns: Vec<ColumnMeaning>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnMeaning {
    pub column: String,
    pub kind: &'static str,
    pub meaning: String,
    /// Encrypted in the record, open in the handover.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
    /// A secret: always null in the handover.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// Every table of the record.
pub fn meanings(conn: &mut Conn) -> Result<Vec<TableMeaning>, TransferError> {
    let words = words()?;
    Ok(catalog::tables(conn)?.iter().map(|table| meaning(table, &words)).collect())
}

fn words() -> Result<Words, TransferError> {
    toml::from_str(WORDS).map_err(|error| TransferError::Schema(format!("the data dictionary: {error}")))
}

fn meaning(table: &Table, words: &Words) -> TableMeaning {
    let said = |of: &str, column: &str| words.get(of).and_then(|columns| columns.get(column)).cloned();
    let column = |column: &Column| ColumnMeaning {
        kind: kind(column),
        meaning: said(&table.name, &column.name).or_else(|| said(OF_ALL, &column.name)).unwrap_or_default(),
        sealed: Sealed::of(table).is_some_and(|sealed| sealed.column == column.name),
        withheld: WITHHELD.contains(&(table.name.as_str(), column.name.as_str())),
        column: column.name.clone(),
    };
    TableMeaning {
        meaning: said(&table.name, ITSELF).unwrap_or_default(),
        left_out: LEFT_OUT.iter().find(|(name, _)| *name == table.name).map(|(_, why)| *why),
        key: table.key().to_vec(),
        columns: table.columns.iter().map(column).collect(),
        table: table.name.clone(),
    }
}

fn kind(column: &Column) -> &'static str {
    const INSTANTS: [&str; 11] = [
        "answer_by",
        "at",
        "granted_until",
        "kept_until",
        "locked_until",
        "not_after",
        "not_before",
        "provide_by",
        "since",
        "valid_from",
        "valid_until",
    ];
    let is_instant = column.name.ends_with("_at") || INSTANTS.contains(&column.name.as_str());
    match column.kind {
        Kind::Int if is_instant => "instant",
        Kind::Bool | Kind::Int => "integer",
        Kind::Real => "real",
        Kind::Text => "text",
        Kind::Bytes => "bytes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DbUrl, migrate};

    #[test]
    fn every_table_and_column_has_its_meaning_and_no_meaning_is_of_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut conn = Conn::from(DbUrl::Sqlite(folder.path().join("record.db")).connect().expect("a database"));
        migrate::up(conn.db()).expect("the schema");
        let found = meanings(&mut conn).expect("the dictionary");
        let mute = found.iter().flat_map(|table| {
            let columns = table.columns.iter().filter(|column| column.meaning.is_empty());
            let itself = table.meaning.is_empty().then(|| table.table.clone());
            itself.into_iter().chain(columns.map(|column| format!("{}.{}", table.table, column.column)))
        });
        // What stays at home need not be explained column by column.
        let left =
            |name: &str| LEFT_OUT.iter().any(|(table, _)| name.strip_prefix(table).is_some_and(|r| r.starts_with('.')));
        let mute: Vec<String> = mute.filter(|name| !left(name)).collect();
        assert_eq!(mute, Vec::<String>::new(), "say it in dictionary.toml");
        let words = words().expect("TOML");
        let known = |table: &str, column: &str| {
            let table = found.iter().find(|of| of.table == table);
            table.is_some_and(|of| column == ITSELF || of.columns.iter().any(|c| c.column == column))
        };
        for (table, columns) in words.iter().filter(|(table, _)| *table != OF_ALL) {
            for column in columns.keys() {
                assert!(known(table, column), "{table}.{column} is explained and not there");
            }
        }
        for column in words[OF_ALL].keys() {
            assert!(found.iter().any(|table| known(&table.table, column)), "{column} is explained and nowhere");
        }
    }

    #[test]
    fn every_table_that_seals_is_known_to_the_handover() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut conn = Conn::from(DbUrl::Sqlite(folder.path().join("record.db")).connect().expect("a database"));
        migrate::up(conn.db()).expect("the schema");
        for table in catalog::tables(&mut conn).expect("the catalog") {
            let seals = table.columns.iter().any(|column| column.name == "key_id");
            // A device's message is not sealed: nobody knows yet whose it is.
            assert!(!seals || table.name == "inbox" || Sealed::of(&table).is_some(), "{}", table.name);
        }
    }
}
