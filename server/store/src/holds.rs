//! Records that must be kept whatever their term. A hold is placed and lifted, each with a reason, and stays readable.

use crate::error::{id, maybe_id};
use crate::schema::legal_hold;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, KeepRecords, Permit, Scope, ViewArchive};
use benhan_domain::id::{EncounterId, LegalHoldId, UserId};
use benhan_domain::record::HoldGround;
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Clone, Debug)]
pub struct Hold {
    pub id: LegalHoldId,
    pub encounter: EncounterId,
    pub ground: HoldGround,
    pub reason: String,
    pub placed_by: UserId,
    pub placed_at: i64,
    /// When, by whom and why.
    pub lifted: Option<(i64, UserId, String)>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = legal_hold)]
struct Row {
    id: String,
    encounter_id: String,
    ground: String,
    reason: String,
    placed_by: String,
    placed_at: i64,
    lifted_by: Option<String>,
    lifted_at: Option<i64>,
    lift_reason: Option<String>,
}

impl TryFrom<Row> for Hold {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "legal_hold";
        let lifter: Option<UserId> = maybe_id(row.lifted_by.as_deref(), table, "lifted_by")?;
        let lifted = row.lifted_at.zip(lifter).zip(row.lift_reason);
        Ok(Self {
            id: id(&row.id, table, "id")?,
            encounter: id(&row.encounter_id, table, "encounter_id")?,
            ground: HoldGround::parse(&row.ground).ok_or_else(|| StoreError::corrupt(table, "ground", &row.id))?,
            reason: row.reason,
            placed_by: id(&row.placed_by, table, "placed_by")?,
            placed_at: row.placed_at,
            lifted: lifted.map(|((at, by), why)| (at, by, why)),
        })
    }
}

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<String, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(stay.to_string()),
        _ => Err(StoreError::corrupt("permit", "scope", "legal_hold")),
    }
}

pub fn place(
    tx: &mut Tx<'_>,
    permit: &Permit<KeepRecords>,
    ground: HoldGround,
    by: UserId,
    reason: &str,
) -> Result<LegalHoldId, StoreError> {
    let given: LegalHoldId = tx.fresh();
    let row = Row {
        id: given.to_string(),
        encounter_id: stay_of(permit)?,
        ground: ground.as_str().to_owned(),
        reason: reason.to_owned(),
        placed_by: by.to_string(),
        placed_at: tx.now().0,
        lifted_by: None,
        lifted_at: None,
        lift_reason: None,
    };
    diesel::insert_into(legal_hold::table).values(&row).execute(tx.db()).map_err(StoreError::db("hold a record"))?;
    Ok(given)
}

/// False when it was lifted already: the first stands.
pub fn lift(
    tx: &mut Tx<'_>,
    permit: &Permit<KeepRecords>,
    of: LegalHoldId,
    by: UserId,
    reason: &str,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let open = legal_hold::id
        .eq(of.to_string())
        .and(legal_hold::encounter_id.eq(stay_of(permit)?))
        .and(legal_hold::lifted_at.is_null());
    diesel::update(legal_hold::table.filter(open))
        .set((
            legal_hold::lifted_by.eq(by.to_string()),
            legal_hold::lifted_at.eq(now),
            legal_hold::lift_reason.eq(reason),
        ))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("lift a hold"))
}

/// Whose record a hold is on, for the policy.
pub fn record_of(conn: &mut Conn, of: LegalHoldId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = legal_hold::table
        .filter(legal_hold::id.eq(of.to_string()))
        .select(legal_hold::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a hold"))?;
    stay.map(|s| id(&s, "legal_hold", "encounter_id")).transpose()
}

/// On the permit's record, lifted ones too, oldest first. Index legal_hold_of_encounter.
pub fn of_stay<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Vec<Hold>, StoreError> {
    let rows: Vec<Row> = legal_hold::table
        .filter(legal_hold::encounter_id.eq(stay_of(permit)?))
        .order((legal_hold::placed_at, legal_hold::id))
        .limit(500)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list a record's holds"))?;
    rows.into_iter().map(Hold::try_from).collect()
}

/// How many holds stand on each of these records. Index legal_hold_of_encounter.
pub fn standing(
    conn: &mut Conn,
    _permit: &Permit<ViewArchive>,
    stays: &[EncounterId],
) -> Result<HashMap<EncounterId, i64>, StoreError> {
    let stays: Vec<String> = stays.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, i64)> = legal_hold::table
        .filter(legal_hold::encounter_id.eq_any(stays).and(legal_hold::lifted_at.is_null()))
        .group_by(legal_hold::encounter_id)
        .select((legal_hold::encounter_id, diesel::dsl::count_star()))
        .load(conn.db())
        .map_err(StoreError::db("count holds"))?;
    rows.into_iter().map(|(stay, n)| Ok((id(&stay, "legal_hold", "encounter_id")?, n))).collect()
}
