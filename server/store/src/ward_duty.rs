//! Who covers a ward that is not theirs, and for which hours.

use crate::error::id;
use crate::schema::ward_duty;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, SetDuty, ViewDuty};
use benhan_domain::id::{UserId, WardDutyId, WardId};
use benhan_domain::treatment::Hours;
use diesel::prelude::*;

const TABLE: &str = "ward_duty";
/// Ahead of one ward, and wards that one person covers.
const MOST: i64 = 500;

#[derive(Clone, Copy, Debug)]
pub struct Duty {
    pub id: WardDutyId,
    pub user: UserId,
    pub starts: i64,
    pub ends: i64,
    pub by: UserId,
}

fn ward_of<A: Action>(permit: &Permit<A>) -> Result<String, StoreError> {
    match permit.scope() {
        Scope::Ward(ward) => Ok(ward.to_string()),
        _ => Err(StoreError::corrupt("permit", "scope", TABLE)),
    }
}

pub fn set(tx: &mut Tx<'_>, permit: &Permit<SetDuty>, user: UserId, hours: Hours) -> Result<WardDutyId, StoreError> {
    let by = permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", TABLE))?;
    let given: WardDutyId = tx.fresh();
    let row = (
        ward_duty::id.eq(given.to_string()),
        ward_duty::ward_id.eq(ward_of(permit)?),
        ward_duty::user_id.eq(user.to_string()),
        ward_duty::starts_at.eq(hours.starts().0),
        ward_duty::ends_at.eq(hours.ends().0),
        ward_duty::set_by.eq(by.to_string()),
        ward_duty::set_at.eq(tx.now().0),
    );
    diesel::insert_into(ward_duty::table)
        .values(row)
        .execute(tx.db())
        .map(|_| given)
        .map_err(StoreError::db("set a duty"))
}

/// Before its time. False when it is over or ended already.
pub fn end(tx: &mut Tx<'_>, permit: &Permit<SetDuty>, of: WardDutyId) -> Result<bool, StoreError> {
    let by = permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", TABLE))?;
    let now = tx.now().0;
    diesel::update(ward_duty::table)
        .filter(ward_duty::id.eq(of.to_string()).and(ward_duty::ward_id.eq(ward_of(permit)?)))
        .filter(ward_duty::ended_at.is_null().and(ward_duty::ends_at.gt(now)))
        .set((ward_duty::ended_by.eq(by.to_string()), ward_duty::ended_at.eq(now)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("end a duty"))
}

/// Of the permit's ward, running and to come, soonest first. Index ward_duty_of_ward.
pub fn ahead(conn: &mut Conn, permit: &Permit<ViewDuty>, now: i64) -> Result<Vec<Duty>, StoreError> {
    type Row = (String, String, i64, i64, String);
    let rows: Vec<Row> = ward_duty::table
        .filter(ward_duty::ward_id.eq(ward_of(permit)?).and(ward_duty::ended_at.is_null()))
        .filter(ward_duty::ends_at.gt(now))
        .order((ward_duty::starts_at, ward_duty::id))
        .limit(MOST)
        .select((ward_duty::id, ward_duty::user_id, ward_duty::starts_at, ward_duty::ends_at, ward_duty::set_by))
        .load(conn.db())
        .map_err(StoreError::db("list who covers a ward"))?;
    let one = |(row, user, starts, ends, by): Row| {
        let (user, by) = (id(&user, TABLE, "user_id")?, id(&by, TABLE, "set_by")?);
        Ok(Duty { id: id(&row, TABLE, "id")?, user, starts, ends, by })
    };
    rows.into_iter().map(one).collect()
}

/// Wards that somebody covers now. Index ward_duty_of_user.
pub(crate) fn covered_by(conn: &mut Conn, user: UserId, now: i64) -> Result<Vec<WardId>, StoreError> {
    let rows: Vec<String> = ward_duty::table
        .filter(ward_duty::user_id.eq(user.to_string()).and(ward_duty::ended_at.is_null()))
        .filter(ward_duty::starts_at.le(now).and(ward_duty::ends_at.gt(now)))
        .order((ward_duty::starts_at, ward_duty::id))
        .limit(MOST)
        .select(ward_duty::ward_id)
        .load(conn.db())
        .map_err(StoreError::db("list the wards that somebody covers"))?;
    rows.iter().map(|ward| id(ward, TABLE, "ward_id")).collect()
}
