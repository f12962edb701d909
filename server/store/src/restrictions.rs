//! Records that only assigned staff read, and who is assigned. Kind and reason are sealed with the key of the record.

use crate::error::id;
use crate::payload::{self, SEALED};
use crate::schema::{record_reader, record_restriction};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, AssignsReaders, Permit, RestrictRecord, Scope};
use benhan_domain::id::{EncounterId, RecordRestrictionId, UserId};
use benhan_domain::restriction::Sensitivity;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const TABLE: &str = "record_restriction";
/// More than a record has readers, and than a person reads restricted records.
const MOST: i64 = 2_000;

/// What is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    kind: Sensitivity,
    reason: String,
    /// Why it was lifted.
    lifted: Option<String>,
}

/// One that stands.
#[derive(Clone, Debug)]
pub struct Restriction {
    pub id: RecordRestrictionId,
    pub kind: Sensitivity,
    pub reason: String,
    pub by: UserId,
    pub at: i64,
}

/// Somebody who is assigned.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub user: UserId,
    pub by: UserId,
    pub at: i64,
}

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<EncounterId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(*stay),
        _ => Err(StoreError::corrupt("permit", "scope", TABLE)),
    }
}

fn holder_of<A: Action>(permit: &Permit<A>) -> Result<UserId, StoreError> {
    permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", TABLE))
}

/// From now on only assigned staff read the permit's record. [`StoreError::Taken`] of `record_restriction`: so it is
/// already.
pub fn restrict(
    tx: &mut Tx<'_>,
    permit: &Permit<RestrictRecord>,
    kind: Sensitivity,
    reason: &str,
) -> Result<RecordRestrictionId, StoreError> {
    let (given, stay): (RecordRestrictionId, _) = (tx.fresh(), stay_of(permit)?);
    let said = Said { kind, reason: reason.to_owned(), lifted: None };
    let row = (
        record_restriction::id.eq(given.to_string()),
        record_restriction::encounter_id.eq(stay.to_string()),
        record_restriction::key_id.eq(SEALED),
        record_restriction::sealed.eq(payload::seal(tx, stay, (TABLE, &given.to_string(), 0), &said)?),
        record_restriction::restricted_by.eq(holder_of(permit)?.to_string()),
        record_restriction::restricted_at.eq(tx.now().0),
    );
    diesel::insert_into(record_restriction::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("restrict a record"))?;
    Ok(given)
}

/// Everybody who may read charts reads this one again, and nobody is assigned any more. False when somebody was first.
pub fn lift(
    tx: &mut Tx<'_>,
    permit: &Permit<RestrictRecord>,
    standing: &Restriction,
    why: &str,
) -> Result<bool, StoreError> {
    let (stay, by, of) = (stay_of(permit)?, holder_of(permit)?.to_string(), standing.id.to_string());
    let said = Said { kind: standing.kind, reason: standing.reason.clone(), lifted: Some(why.to_owned()) };
    let sealed = payload::seal(tx, stay, (TABLE, &of, 0), &said)?;
    let now = tx.now().0;
    let lifted = diesel::update(record_restriction::table)
        .filter(record_restriction::id.eq(&of).and(record_restriction::encounter_id.eq(stay.to_string())))
        .filter(record_restriction::lifted_at.is_null())
        .set((
            record_restriction::sealed.eq(sealed),
            record_restriction::lifted_by.eq(&by),
            record_restriction::lifted_at.eq(now),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("lift a restriction"))?;
    let left = record_reader::restriction_id.eq(&of).and(record_reader::dismissed_at.is_null());
    diesel::update(record_reader::table.filter(left))
        .set((record_reader::dismissed_by.eq(&by), record_reader::dismissed_at.eq(now)))
        .execute(tx.db())
        .map_err(StoreError::db("dismiss the readers of a record"))?;
    Ok(lifted == 1)
}

/// [`StoreError::Taken`] of `record_reader`: they read it already.
pub fn assign<A: AssignsReaders>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: RecordRestrictionId,
    reader: UserId,
) -> Result<(), StoreError> {
    let row = (
        record_reader::id.eq(tx.fresh::<Uuid>().to_string()),
        record_reader::restriction_id.eq(of.to_string()),
        record_reader::encounter_id.eq(stay_of(permit)?.to_string()),
        record_reader::user_id.eq(reader.to_string()),
        record_reader::assigned_by.eq(holder_of(permit)?.to_string()),
        record_reader::assigned_at.eq(tx.now().0),
    );
    diesel::insert_into(record_reader::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("assign a reader"))
}

/// False when they do not read it.
pub fn dismiss<A: AssignsReaders>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: RecordRestrictionId,
    reader: UserId,
) -> Result<bool, StoreError> {
    let stay = stay_of(permit)?.to_string();
    let now = tx.now().0;
    diesel::update(record_reader::table)
        .filter(record_reader::restriction_id.eq(of.to_string()).and(record_reader::encounter_id.eq(stay)))
        .filter(record_reader::user_id.eq(reader.to_string()).and(record_reader::dismissed_at.is_null()))
        .set((record_reader::dismissed_by.eq(holder_of(permit)?.to_string()), record_reader::dismissed_at.eq(now)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("dismiss a reader"))
}

/// Of the permit's record. Index record_restriction_standing.
pub fn standing<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Option<Restriction>, StoreError> {
    let stay = stay_of(permit)?;
    let found: Option<(String, Vec<u8>, String, i64)> = record_restriction::table
        .filter(record_restriction::encounter_id.eq(stay.to_string()).and(record_restriction::lifted_at.is_null()))
        .select((
            record_restriction::id,
            record_restriction::sealed,
            record_restriction::restricted_by,
            record_restriction::restricted_at,
        ))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a restriction"))?;
    let Some((row, sealed, by, at)) = found else { return Ok(None) };
    let opened = payload::open_bytes(conn, stay, (TABLE, &row, 0), &sealed)?;
    let said: Said = serde_json::from_slice(&opened).map_err(|_| StoreError::corrupt(TABLE, "sealed", &row))?;
    Ok(Some(Restriction {
        id: id(&row, TABLE, "id")?,
        kind: said.kind,
        reason: said.reason,
        by: id(&by, TABLE, "restricted_by")?,
        at,
    }))
}

/// Who reads the permit's record, in the order in which they were assigned. Index record_reader_once.
pub fn readers<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    of: RecordRestrictionId,
) -> Result<Vec<Reader>, StoreError> {
    let rows: Vec<(String, String, i64)> = record_reader::table
        .filter(record_reader::restriction_id.eq(of.to_string()).and(record_reader::dismissed_at.is_null()))
        .filter(record_reader::encounter_id.eq(stay_of(permit)?.to_string()))
        .order((record_reader::assigned_at, record_reader::id))
        .limit(MOST)
        .select((record_reader::user_id, record_reader::assigned_by, record_reader::assigned_at))
        .load(conn.db())
        .map_err(StoreError::db("list who reads a record"))?;
    let one = |(user, by, at): (String, String, i64)| {
        Ok(Reader { user: id(&user, "record_reader", "user_id")?, by: id(&by, "record_reader", "assigned_by")?, at })
    };
    rows.into_iter().map(one).collect()
}

/// The restricted records that somebody is assigned to. Index record_reader_of_user.
pub fn assigned_to(conn: &mut Conn, user: UserId) -> Result<Vec<EncounterId>, StoreError> {
    let rows: Vec<String> = record_reader::table
        .filter(record_reader::user_id.eq(user.to_string()).and(record_reader::dismissed_at.is_null()))
        .limit(MOST)
        .select(record_reader::encounter_id)
        .load(conn.db())
        .map_err(StoreError::db("list the records of a reader"))?;
    rows.iter().map(|stay| id(stay, "record_reader", "encounter_id")).collect()
}
