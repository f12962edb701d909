//! A copy of a running SQLite record, and the check that makes it a backup.

use crate::{Conn, DbUrl, StoreError, audit};
use diesel::prelude::*;
use sha2::{Digest, Sha256};
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

/// The pages of a SQLite copy, and every link of every audit chain.
pub fn check(file: &Path) -> Result<Checked, StoreError> {
    let mut conn = DbUrl::Sqlite(file.to_owned()).connect()?;
    sound(&mut conn, file)?;
    check_chains(&mut conn)
}

/// The pages of any SQLite file.
pub fn sound(conn: &mut Conn, file: &Path) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(c) => {
            let lines: Vec<Line> =
                diesel::sql_query("PRAGMA integrity_check").load(c).map_err(StoreError::db("check the copy"))?;
            let sound = lines.first().is_some_and(|l| l.integrity_check == "ok");
            sound.then_some(()).ok_or_else(|| StoreError::corrupt("sqlite", "page", &file.display().to_string()))
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Err(StoreError::BadUrl),
    }
}

/// Every link of every audit chain, as `conn` sees them.
pub fn check_chains(conn: &mut Conn) -> Result<Checked, StoreError> {
    let mut rows = 0;
    for head in audit::heads(conn, i64::MAX)? {
        let (mut after, mut prev) = (0, "0".repeat(64));
        loop {
            let page = audit::rows_after(conn, &head.chain, after, 1_000)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for row in &page {
                let linked = Sha256::new()
                    .chain_update([0])
                    .chain_update(hex::decode(&prev).unwrap_or_default())
                    .chain_update(&row.body);
                if row.prev_hash != prev || row.hash != hex::encode(linked.finalize()) {
                    return Err(StoreError::corrupt("audit", "hash", &format!("{}/{}", row.chain_id, row.seq)));
                }
                prev.clone_from(&row.hash);
                rows += 1;
            }
        }
    }
    Ok(Checked { audit_rows: rows })
}
