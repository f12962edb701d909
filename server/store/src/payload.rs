//! What a row says of a patient, as it is kept: sealed with the key of its record, bound to its table, row and version.
//!
//! A row from before has no sealed part (`key_id` 0) and says it in its plain columns. The hash of what is sealed is not
//! kept beside it: of few possible values it would tell which.

use crate::keys::Place;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::EncounterId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// `key_id` of what is sealed with the key of its record; 0 is plain.
pub(crate) const SEALED: i64 = 1;

/// Table, row, version.
pub(crate) type At<'a> = (&'static str, &'a str, i64);

/// A version's own words: what a signature covers, and why it was written.
#[derive(Serialize, Deserialize)]
pub(crate) struct Text {
    pub body: String,
    pub reason: Option<String>,
}

fn place((table, row, version): At<'_>) -> Place<'_> {
    Place { table, row, version }
}

pub(crate) fn seal_bytes(tx: &mut Tx<'_>, of: EncounterId, at: At<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let now = tx.now().0;
    tx.conn().seal(of, now, place(at), plain)
}

pub(crate) fn open_bytes(conn: &Conn, of: EncounterId, at: At<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    conn.unseal(of, place(at), sealed)
}

pub(crate) fn seal(tx: &mut Tx<'_>, of: EncounterId, at: At<'_>, said: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let plain = serde_json::to_vec(said).map_err(|_| StoreError::corrupt(at.0, "sealed", at.1))?;
    seal_bytes(tx, of, at, &plain)
}

/// What a row says: from its sealed part, or as its plain columns have it.
pub(crate) fn open<T: DeserializeOwned>(
    conn: &Conn,
    of: EncounterId,
    at: At<'_>,
    sealed: Option<&[u8]>,
    plain: T,
) -> Result<T, StoreError> {
    let Some(sealed) = sealed else { return Ok(plain) };
    let opened = open_bytes(conn, of, at, sealed)?;
    serde_json::from_slice(&opened).map_err(|_| StoreError::corrupt(at.0, "sealed", at.1))
}
