//! Answers kept for a day, so that a retried write is answered and not repeated.

use crate::schema::idempotency;
use crate::{StoreError, Tx};
use benhan_domain::id::UserId;
use diesel::prelude::*;

/// The stored answer of an earlier request with this key, with the hash of what it asked.
pub fn earlier(tx: &mut Tx<'_>, user: UserId, key: &str) -> Result<Option<(String, String)>, StoreError> {
    idempotency::table
        .filter(idempotency::user_id.eq(user.to_string()).and(idempotency::idempotency_key.eq(key)))
        .select((idempotency::request_hash, idempotency::response))
        .first(tx.db())
        .optional()
        .map_err(StoreError::db("look for an earlier answer"))
}

pub fn keep(tx: &mut Tx<'_>, user: UserId, key: &str, request_hash: &str, response: &str) -> Result<(), StoreError> {
    let row = (
        idempotency::user_id.eq(user.to_string()),
        idempotency::idempotency_key.eq(key),
        idempotency::request_hash.eq(request_hash),
        idempotency::response.eq(response),
        idempotency::created_at.eq(tx.now().0),
    );
    diesel::insert_into(idempotency::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep an answer"))
}

/// Forgets answers older than `before`: nobody retries a write that long.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<usize, StoreError> {
    diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before)))
        .execute(tx.db())
        .map_err(StoreError::db("forget old answers"))
}
