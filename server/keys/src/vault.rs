//! The file of wrapped keys: SQLite, apart from the record, so that no copy of the record carries a key.

use super::KeyError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const STEPS: EmbeddedMigrations = embed_migrations!("../../migrations/keys");

diesel::table! {
    record_key (record) {
        record -> Text,
        wrapped -> Nullable<Binary>,
        made_at -> BigInt,
        shredded_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    master_check (id) {
        id -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    copy_target (folder) {
        folder -> Text,
        copied_at -> BigInt,
    }
}

/// What the file says of one record's key.
pub(crate) enum Row {
    None,
    Wrapped(Vec<u8>),
    Shredded,
}

pub(crate) struct Vault {
    conn: SqliteConnection,
}

impl Vault {
    /// Only its owner reads the file, which is made where it is not there.
    pub(crate) fn open(file: &Path) -> Result<Self, KeyError> {
        let no = |cause: String| KeyError::Store { file: file.to_owned(), cause };
        OpenOptions::new().create(true).append(true).mode(0o600).open(file).map_err(|e| no(e.to_string()))?;
        let name = file.to_str().ok_or_else(|| no("a path is not UTF-8".into()))?;
        let mut conn = SqliteConnection::establish(name).map_err(|e| no(e.to_string()))?;
        // EXTRA: the journal's end is on disk too, or the power could take back a key that a committed row needs.
        // secure_delete: a shredded key is overwritten where it stood.
        conn.batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;
             PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
        )
        .map_err(|e| no(e.to_string()))?;
        conn.run_pending_migrations(STEPS).map_err(|e| no(e.to_string()))?;
        Ok(Self { conn })
    }

    pub(crate) fn check(&mut self) -> QueryResult<Option<Vec<u8>>> {
        master_check::table.select(master_check::sealed).first(&mut self.conn).optional()
    }

    /// The first one stands.
    pub(crate) fn set_check(&mut self, sealed: &[u8]) -> QueryResult<()> {
        let row = (master_check::id.eq(1), master_check::sealed.eq(sealed));
        diesel::insert_or_ignore_into(master_check::table).values(row).execute(&mut self.conn).map(drop)
    }

    pub(crate) fn key(&mut self, record: &str) -> QueryResult<Row> {
        let found: Option<Option<Vec<u8>>> = record_key::table
            .filter(record_key::record.eq(record))
            .select(record_key::wrapped)
            .first(&mut self.conn)
            .optional()?;
        Ok(match found {
            None => Row::None,
            Some(None) => Row::Shredded,
            Some(Some(wrapped)) => Row::Wrapped(wrapped),
        })
    }

    /// On disk when this returns. The first one stands: another process may have come before.
    pub(crate) fn add(&mut self, record: &str, wrapped: &[u8], at: i64) -> QueryResult<()> {
        let row = (
            record_key::record.eq(record),
            record_key::wrapped.eq(Some(wrapped)),
            record_key::made_at.eq(at),
            record_key::shredded_at.eq(None::<i64>),
        );
        diesel::insert_or_ignore_into(record_key::table).values(row).execute(&mut self.conn).map(drop)
    }

    /// Nothing is left of the key but that there was one. A record that had none gets none from now on.
    pub(crate) fn shred(&mut self, record: &str, at: i64) -> QueryResult<()> {
        let none = None::<Vec<u8>>;
        let row = (
            record_key::record.eq(record),
            record_key::wrapped.eq(&none),
            record_key::made_at.eq(at),
            record_key::shredded_at.eq(Some(at)),
        );
        diesel::insert_or_ignore_into(record_key::table).values(row).execute(&mut self.conn)?;
        diesel::update(record_key::table.filter(record_key::record.eq(record).and(record_key::wrapped.is_not_null())))
            .set((record_key::wrapped.eq(none), record_key::shredded_at.eq(Some(at))))
            .execute(&mut self.conn)
            .map(drop)
    }

    pub(crate) fn shredded(&mut self) -> QueryResult<Vec<(String, Option<i64>)>> {
        record_key::table
            .filter(record_key::wrapped.is_null())
            .order(record_key::record)
            .select((record_key::record, record_key::shredded_at))
            .load(&mut self.conn)
    }

    pub(crate) fn copy(&mut self, to: &str) -> QueryResult<()> {
        diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(to).execute(&mut self.conn).map(drop)
    }

    pub(crate) fn note_target(&mut self, folder: &str, at: i64) -> QueryResult<()> {
        diesel::replace_into(copy_target::table)
            .values((copy_target::folder.eq(folder), copy_target::copied_at.eq(at)))
            .execute(&mut self.conn)
            .map(drop)
    }

    pub(crate) fn forget_target(&mut self, folder: &str) -> QueryResult<bool> {
        diesel::delete(copy_target::table.filter(copy_target::folder.eq(folder)))
            .execute(&mut self.conn)
            .map(|rows| rows > 0)
    }

    /// Each with when it was copied to last.
    pub(crate) fn targets(&mut self) -> QueryResult<Vec<(String, i64)>> {
        let columns = (copy_target::folder, copy_target::copied_at);
        copy_target::table.order(copy_target::folder).select(columns).load(&mut self.conn)
    }
}
