//! The schema can be made, unmade and made again, and both databases have what the program believes.

use crate::house::{House, count};
use benhan_store::{Conn, Engine, migrate};
use diesel::prelude::*;
use std::collections::BTreeMap;

stories! { up_down_and_up_again, both_databases_have_the_tables_that_the_program_names }

async fn up_down_and_up_again(house: House) {
    let mut conn = house.client();
    migrate::up(conn.db()).expect("up");
    let there = tables(&mut conn);
    assert!(there.len() > 30, "{}", there.len());
    migrate::down(conn.db()).expect("down");
    assert_eq!(tables(&mut conn), BTreeMap::new(), "nothing is left behind");
    if let Engine::Pg(_) = conn.db() {
        let left = "SELECT count(*) AS n FROM pg_proc WHERE proname = 'append_only'";
        assert_eq!(count(&mut conn, left), 0, "nor a function");
    }
    migrate::up(conn.db()).expect("up again");
    assert_eq!(tables(&mut conn), there);
}

/// Column, kind of value, whether it may be empty.
type Table = BTreeMap<String, (&'static str, bool)>;

async fn both_databases_have_the_tables_that_the_program_names(house: House) {
    let mut conn = house.client();
    migrate::up(conn.db()).expect("up");
    let (named, there) = (named(), tables(&mut conn));
    assert_eq!(named.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
    for (table, columns) in &named {
        for (column, kind) in columns {
            let got = there[table].get(column).unwrap_or_else(|| panic!("{table}.{column} is missing"));
            assert!(fits(kind.0, got.0, conn.db()), "{table}.{column}: {} in the database", got.0);
            assert_eq!(kind.1, got.1, "{table}.{column}: may it be empty?");
        }
        assert_eq!(columns.len(), there[table].len(), "{table} has columns that the program does not name");
    }
    if let Engine::Pg(_) = conn.db() {
        let unsorted = "SELECT count(*) AS n FROM information_schema.columns WHERE table_schema = 'public' \
                        AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name NOT LIKE '\\_\\_%'";
        assert_eq!(count(&mut conn, unsorted), 0, "text sorts by bytes everywhere");
    }
}

/// SQLite has no booleans: an integer holds one.
fn fits(named: &str, there: &str, conn: &Engine) -> bool {
    named == there || (matches!(conn, Engine::Sqlite(_)) && named == "Bool" && there == "BigInt")
}

/// What `schema.rs` says, read as text: the macro leaves nothing to ask at run time.
fn named() -> BTreeMap<String, Table> {
    let text = include_str!("../../src/schema.rs");
    let mut tables = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let (head, rest) = block.split_once('{').expect("a table");
        let (columns, _) = rest.split_once('}').expect("its end");
        let name = head.split('(').next().expect("a name").trim().to_owned();
        let columns = columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let columns = columns.map(|(column, kind)| {
            let empty = kind.starts_with("Nullable<");
            let kind = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let kind = ["Text", "BigInt", "Bool", "Double", "Binary"].into_iter().find(|k| *k == kind);
            (column.to_owned(), (kind.unwrap_or_else(|| panic!("{name}.{column}: only shared types")), empty))
        });
        let columns: Table = columns.collect();
        tables.insert(name, columns);
    }
    tables
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    of: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    filled: i64,
}

fn tables(conn: &mut Conn) -> BTreeMap<String, Table> {
    let columns: Vec<Column> = match conn.db() {
        // A primary key of a STRICT table is not "NOT NULL" to SQLite, but the schema treats it so.
        Engine::Sqlite(c) => diesel::sql_query(
            "SELECT m.name AS of, p.name AS name, p.type AS kind, (p.\"notnull\" OR p.pk > 0) AS filled \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
        )
        .load(c),
        Engine::Pg(c) => diesel::sql_query(
            "SELECT table_name::text AS of, column_name::text AS name, data_type::text AS kind, \
             (CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END)::bigint AS filled FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
        )
        .load(c),
    }
    .expect("the catalog of the database");
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for c in columns {
        let kind = match c.kind.as_str() {
            "TEXT" | "text" => "Text",
            "INTEGER" | "bigint" => "BigInt",
            "boolean" => "Bool",
            "REAL" | "double precision" => "Double",
            "BLOB" | "bytea" => "Binary",
            other => panic!("{}.{}: {other}", c.of, c.name),
        };
        tables.entry(c.of).or_default().insert(c.name, (kind, c.filled == 0));
    }
    tables
}
