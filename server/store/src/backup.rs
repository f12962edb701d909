//! A copy of a running SQLite record, and the check that makes it a backup.

use crate::{Conn, DbUrl, Engine, StoreError, chains};
use diesel::prelude::*;
use std::path::Path;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    pub audit_rows: u64,
}

/// One consistent snapshot; writers go on meanwhile.
pub fn copy(conn: &mut Conn, to: &Path) -> Result<(), StoreError> {
    let to = to.to_str().ok_or(StoreError::BadUrl)?;
    match conn.db() {
        Engine::Sqlite(c) => diesel::sql_query("VACUUM INTO ?")
            .bind::<diesel::sql_types::Text, _>(to)
            .execute(c)
            .map(drop)
            .map_err(StoreError::db("copy the record")),
        #[cfg(feature = "postgres")]
        Engine::Pg(_) => Err(StoreError::BadUrl),
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// The pages of a SQLite copy, and the whole audit trail.
pub fn check(file: &Path) -> Result<Checked, StoreError> {
    let mut conn = Conn::from(DbUrl::Sqlite(file.to_owned()).connect()?);
    sound(&mut conn, file)?;
    check_chains(&mut conn)
}

/// The pages of any SQLite file.
pub fn sound(conn: &mut Conn, file: &Path) -> Result<(), StoreError> {
    match conn.db() {
        Engine::Sqlite(c) => {
            let lines: Vec<Line> =
                diesel::sql_query("PRAGMA integrity_check").load(c).map_err(StoreError::db("check the copy"))?;
            let sound = lines.first().is_some_and(|l| l.integrity_check == "ok");
            sound.then_some(()).ok_or_else(|| StoreError::corrupt("sqlite", "page", &file.display().to_string()))
        }
        #[cfg(feature = "postgres")]
        Engine::Pg(_) => Err(StoreError::BadUrl),
    }
}

/// The whole audit trail, as `conn` sees it.
pub fn check_chains(conn: &mut Conn) -> Result<Checked, StoreError> {
    Ok(Checked { audit_rows: chains::check(conn)? })
}
