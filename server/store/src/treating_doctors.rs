//! Doctors who are named in a stay: as treating it, or asked to consult.

use crate::error::id;
use crate::schema::{encounter, medical_record, treating_doctor};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, NameDoctors, Permit, Scope, ViewChart};
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::record::RecordState;
use benhan_domain::treatment::Part;
use diesel::prelude::*;
use uuid::Uuid;

const TABLE: &str = "treating_doctor";
/// More than a stay has doctors, and than a doctor has stays.
const MOST: i64 = 2_000;

/// One who is.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    pub user: UserId,
    pub part: Part,
    pub by: UserId,
    pub at: i64,
}

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<String, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(stay.to_string()),
        _ => Err(StoreError::corrupt("permit", "scope", TABLE)),
    }
}

fn part_of(word: &str) -> Result<Part, StoreError> {
    Part::parse(word).ok_or_else(|| StoreError::corrupt(TABLE, "part", word))
}

/// [`StoreError::Taken`] of `treating_doctor`: they are named already.
pub fn name(tx: &mut Tx<'_>, permit: &Permit<NameDoctors>, user: UserId, part: Part) -> Result<(), StoreError> {
    let by = permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", TABLE))?;
    let row = (
        treating_doctor::id.eq(tx.fresh::<Uuid>().to_string()),
        treating_doctor::encounter_id.eq(stay_of(permit)?),
        treating_doctor::user_id.eq(user.to_string()),
        treating_doctor::part.eq(part.as_str()),
        treating_doctor::named_by.eq(by.to_string()),
        treating_doctor::named_at.eq(tx.now().0),
    );
    diesel::insert_into(treating_doctor::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("name a doctor"))
}

/// False when they are not named.
pub fn end(tx: &mut Tx<'_>, permit: &Permit<NameDoctors>, user: UserId) -> Result<bool, StoreError> {
    let by = permit.holder().ok_or_else(|| StoreError::corrupt("permit", "holder", TABLE))?;
    let now = tx.now().0;
    diesel::update(treating_doctor::table)
        .filter(treating_doctor::encounter_id.eq(stay_of(permit)?).and(treating_doctor::user_id.eq(user.to_string())))
        .filter(treating_doctor::ended_at.is_null())
        .set((treating_doctor::ended_by.eq(by.to_string()), treating_doctor::ended_at.eq(now)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("end a doctor's part"))
}

/// Of the permit's stay, in the order in which they were named. Index treating_doctor_once.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Named>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = treating_doctor::table
        .filter(treating_doctor::encounter_id.eq(stay_of(permit)?).and(treating_doctor::ended_at.is_null()))
        .order((treating_doctor::named_at, treating_doctor::id))
        .limit(MOST)
        .select((treating_doctor::user_id, treating_doctor::part, treating_doctor::named_by, treating_doctor::named_at))
        .load(conn.db())
        .map_err(StoreError::db("list who treats"))?;
    let one = |(user, part, by, at): (String, String, String, i64)| {
        let part = part_of(&part)?;
        Ok(Named { user: id(&user, TABLE, "user_id")?, part, by: id(&by, TABLE, "named_by")?, at })
    };
    rows.into_iter().map(one).collect()
}

/// Where somebody is named, as long as the record is not archived. Index treating_doctor_of_user.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(EncounterId, Part, i64)>, StoreError> {
    let worked_on = [RecordState::Active, RecordState::Closed].map(RecordState::as_str);
    let rows: Vec<(String, String, i64)> = treating_doctor::table
        .inner_join(encounter::table.on(encounter::id.eq(treating_doctor::encounter_id)))
        .left_join(medical_record::table.on(medical_record::encounter_id.eq(encounter::id)))
        .filter(treating_doctor::user_id.eq(user.to_string()).and(treating_doctor::ended_at.is_null()))
        .filter(medical_record::state.is_null().or(medical_record::state.eq_any(worked_on)))
        .order((treating_doctor::named_at.desc(), treating_doctor::id))
        .limit(MOST)
        .select((treating_doctor::encounter_id, treating_doctor::part, treating_doctor::named_at))
        .load(conn.db())
        .map_err(StoreError::db("list where a doctor treats"))?;
    let one = |(stay, part, at): (String, String, i64)| Ok((id(&stay, TABLE, "encounter_id")?, part_of(&part)?, at));
    rows.into_iter().map(one).collect()
}
