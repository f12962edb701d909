//! Bytes kept under their SHA-256: signed PDFs, each sealed with the key of its record.

use crate::error::id;
use crate::payload::{self, SEALED};
use crate::schema::blob;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::EncounterId;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

const TABLE: &str = "blob";

/// Keeps `bytes` of a record; the same bytes twice are one row. Returns the hex SHA-256.
/// [`StoreError::Taken`] of `blob`: another record has the same bytes, and its key is not this one's.
pub fn keep(tx: &mut Tx<'_>, of: EncounterId, media_type: &str, bytes: &[u8]) -> Result<String, StoreError> {
    let sha256 = hex::encode(Sha256::digest(bytes));
    let there: Option<Option<String>> = blob::table
        .filter(blob::sha256.eq(&sha256))
        .select(blob::encounter_id)
        .first(tx.db())
        .optional()
        .map_err(StoreError::db("look for a blob"))?;
    match there {
        // One from before, in plain, is nobody's.
        Some(None) => return Ok(sha256),
        Some(Some(stay)) if stay == of.to_string() => return Ok(sha256),
        Some(Some(_)) => return Err(StoreError::Taken { table: TABLE.into() }),
        None => {}
    }
    let sealed = payload::seal_bytes(tx, of, (TABLE, &sha256, 0), bytes)?;
    let row = (
        blob::sha256.eq(&sha256),
        blob::media_type.eq(media_type),
        blob::size.eq(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
        blob::key_id.eq(SEALED),
        blob::bytes.eq(sealed),
        blob::created_at.eq(tx.now().0),
        blob::encounter_id.eq(Some(of.to_string())),
    );
    diesel::insert_into(blob::table).values(row).execute(tx.db()).map_err(StoreError::db("keep a blob"))?;
    Ok(sha256)
}

pub fn read(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(i64, Option<String>, Vec<u8>)> = blob::table
        .filter(blob::sha256.eq(sha256))
        .select((blob::key_id, blob::encounter_id, blob::bytes))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a blob"))?;
    let Some((key, of, bytes)) = row else { return Ok(None) };
    if key != SEALED {
        return Ok(Some(bytes));
    }
    let of = of.ok_or_else(|| StoreError::corrupt(TABLE, "encounter_id", sha256))?;
    payload::open_bytes(conn, id(&of, TABLE, "encounter_id")?, (TABLE, sha256, 0), &bytes).map(Some)
}
