//! Which key store belongs to this record: keys of another would open nothing, and what they seal would be lost with them.

use crate::dialect::{self, on_either};
use crate::keys::KeyError;
use crate::schema::key_store;
use crate::{Conn, Keyring, StoreError};
use diesel::prelude::*;

/// The first key store that opens the record is its own for ever.
pub(crate) fn claim(conn: &mut Conn, keys: &Keyring) -> Result<(), StoreError> {
    if known(conn)?.is_none() {
        let row = key_store::id.eq(keys.id());
        on_either!(conn.db(), c => diesel::insert_into(key_store::table).values(row).execute(c))
            .map_err(StoreError::db("note the key store"))?;
    }
    belongs(conn, keys)
}

/// Refused where the record has another one.
pub fn belongs(conn: &mut Conn, keys: &Keyring) -> Result<(), StoreError> {
    let own = known(conn)?.is_none_or(|id| id == keys.id());
    if own { Ok(()) } else { Err(KeyError::OtherRecord(keys.file().to_owned()).into()) }
}

/// Whether anything in it may be sealed.
pub fn is_known(conn: &mut Conn) -> Result<bool, StoreError> {
    // A record from before there were keys has no such table.
    if !dialect::has_table(conn, "key_store")? {
        return Ok(false);
    }
    known(conn).map(|id| id.is_some())
}

fn known(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    key_store::table
        .order(key_store::id)
        .select(key_store::id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read which key store it is"))
}
