//! Bytes kept under their SHA-256: signed PDFs.

use crate::schema::blob;
use crate::{Conn, StoreError, Tx};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

/// Keeps `bytes`; the same bytes twice are one row. Returns the hex SHA-256.
pub fn keep(tx: &mut Tx<'_>, media_type: &str, bytes: &[u8]) -> Result<String, StoreError> {
    let sha256 = hex::encode(Sha256::digest(bytes));
    let there: i64 = blob::table
        .filter(blob::sha256.eq(&sha256))
        .count()
        .get_result(tx.conn())
        .map_err(StoreError::db("look for a blob"))?;
    if there == 0 {
        let row = (
            blob::sha256.eq(&sha256),
            blob::media_type.eq(media_type),
            blob::size.eq(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
            blob::key_id.eq(0),
            blob::bytes.eq(bytes),
            blob::created_at.eq(tx.now().0),
        );
        diesel::insert_into(blob::table).values(row).execute(tx.conn()).map_err(StoreError::db("keep a blob"))?;
    }
    Ok(sha256)
}

pub fn read(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
    blob::table
        .filter(blob::sha256.eq(sha256))
        .select(blob::bytes)
        .first(conn)
        .optional()
        .map_err(StoreError::db("read a blob"))
}
