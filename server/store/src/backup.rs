//! A copy of a running SQLite record, and the check that makes it a backup.

use crate::{Conn, DbUrl, StoreError, chains};
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
    match conn {
        Conn::Sqlite(c) => diesel::sql_query("VACUUM INTO ?")
            .bind::<diesel::sql_types::Text, _>(to)
            .execute(c)
            .map(drop)
            .map_err(StoreError::db("copy the record")),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Err(StoreError::BadUrl),
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// The pages, and the whole audit trail.
pub fn check(file: &Path) -> Result<Checked, StoreError> {
    let mut conn = DbUrl::Sqlite(file.to_owned()).connect()?;
    if let Conn::Sqlite(c) = &mut conn {
        let lines: Vec<Line> =
            diesel::sql_query("PRAGMA integrity_check").load(c).map_err(StoreError::db("check the copy"))?;
        if lines.first().is_none_or(|l| l.integrity_check != "ok") {
            return Err(StoreError::corrupt("sqlite", "page", &file.display().to_string()));
        }
    }
    Ok(Checked { audit_rows: chains::check(&mut conn)? })
}
