//! What staff signed and the head of the hospital has yet to confirm; what was confirmed names the document that did.

use crate::error::id;
use crate::schema::signature_confirmation;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, ConfirmSignatures, Permit, Scope, SignRecord, ViewConfirmations};
use benhan_domain::id::{DocumentId, EncounterId, SignatureId};
use diesel::dsl::{count, count_star, min};
use diesel::prelude::*;

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<EncounterId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(*stay),
        _ => Err(StoreError::corrupt("permit", "scope", "signature_confirmation")),
    }
}

/// A signature that was just given waits from now on.
pub fn await_one(tx: &mut Tx<'_>, permit: &Permit<SignRecord>, of: SignatureId) -> Result<(), StoreError> {
    let row = (
        signature_confirmation::signature_id.eq(of.to_string()),
        signature_confirmation::encounter_id.eq(stay_of(permit)?.to_string()),
        signature_confirmation::signed_at.eq(tx.now().0),
    );
    diesel::insert_into(signature_confirmation::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("let a signature wait for its confirmation"))
}

/// How much of one record waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub encounter: EncounterId,
    pub count: i64,
    pub oldest: i64,
}

/// Records with something to confirm, the one that has waited longest first. Index signature_confirmation_waiting.
pub fn waiting(conn: &mut Conn, _permit: &Permit<ViewConfirmations>, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    let oldest = min(signature_confirmation::signed_at);
    let rows: Vec<(String, i64, Option<i64>)> = signature_confirmation::table
        .filter(signature_confirmation::document_id.is_null())
        .group_by(signature_confirmation::encounter_id)
        .select((signature_confirmation::encounter_id, count_star(), oldest))
        .order((oldest, signature_confirmation::encounter_id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list what waits to be confirmed"))?;
    let one = |(stay, count, oldest): (String, i64, Option<i64>)| {
        let encounter = id(&stay, "signature_confirmation", "encounter_id")?;
        Ok(Waiting { encounter, count, oldest: oldest.unwrap_or_default() })
    };
    rows.into_iter().map(one).collect()
}

/// How many records have something to confirm.
pub fn records_waiting(conn: &mut Conn, _permit: &Permit<ViewConfirmations>) -> Result<i64, StoreError> {
    signature_confirmation::table
        .filter(signature_confirmation::document_id.is_null())
        .select(count(signature_confirmation::encounter_id).aggregate_distinct())
        .first(conn.db())
        .map_err(StoreError::db("count what waits to be confirmed"))
}

/// Of the permit's record. Index signature_confirmation_waiting.
pub fn waiting_in<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Vec<SignatureId>, StoreError> {
    let rows: Vec<String> = signature_confirmation::table
        .filter(signature_confirmation::encounter_id.eq(stay_of(permit)?.to_string()))
        .filter(signature_confirmation::document_id.is_null())
        .order((signature_confirmation::signed_at, signature_confirmation::signature_id))
        .select(signature_confirmation::signature_id)
        .load(conn.db())
        .map_err(StoreError::db("list what of a record waits to be confirmed"))?;
    rows.iter().map(|row| id(row, "signature_confirmation", "signature_id")).collect()
}

/// This version of the document confirms them. False when one did not wait any more: nothing may be kept then.
pub fn confirm(
    tx: &mut Tx<'_>,
    permit: &Permit<ConfirmSignatures>,
    given: &[SignatureId],
    (by, version): (DocumentId, i64),
) -> Result<bool, StoreError> {
    let stay = stay_of(permit)?.to_string();
    let mut confirmed = 0;
    // As many bound values as both databases take at once.
    for some in given.chunks(500) {
        let ids: Vec<String> = some.iter().map(ToString::to_string).collect();
        confirmed += diesel::update(signature_confirmation::table)
            .filter(signature_confirmation::encounter_id.eq(&stay))
            .filter(signature_confirmation::signature_id.eq_any(ids))
            .filter(signature_confirmation::document_id.is_null())
            .set((
                signature_confirmation::document_id.eq(Some(by.to_string())),
                signature_confirmation::version.eq(Some(version)),
            ))
            .execute(tx.db())
            .map_err(StoreError::db("confirm signatures"))?;
    }
    Ok(confirmed == given.len())
}
