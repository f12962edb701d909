//! What the hospital has decided about its electronic record. What was entered stays; it is withdrawn once, with a reason.

use crate::error::{id, maybe_id};
use crate::schema::house_decision;
use crate::{Conn, StoreError, Tx};
use benhan_domain::house_decision::{DecisionKind, Standing};
use benhan_domain::id::{HouseDecisionId, UserId};
use benhan_domain::time::Instant;
use diesel::prelude::*;
use std::collections::HashMap;

const TABLE: &str = "house_decision";
/// More than any hospital decides.
const MOST: i64 = 1_000;

#[derive(Clone, Debug)]
pub struct Decision {
    pub id: HouseDecisionId,
    pub kind: DecisionKind,
    /// Its number and date.
    pub decision: String,
    pub standing: Standing,
    pub entered_by: UserId,
    pub entered_at: i64,
    /// By whom and why.
    pub withdrawn: Option<(UserId, String)>,
}

/// One that holds: what a signature names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    pub id: HouseDecisionId,
    /// Its number and date.
    pub decision: String,
    pub from: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = house_decision)]
struct Row {
    id: String,
    kind: String,
    decision: String,
    valid_from: i64,
    entered_by: String,
    entered_at: i64,
    withdrawn_by: Option<String>,
    withdrawn_at: Option<i64>,
    withdrawal: Option<String>,
}

impl TryFrom<Row> for Decision {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = DecisionKind::parse(&row.kind).ok_or_else(|| StoreError::corrupt(TABLE, "kind", &row.id))?;
        let withdrawer: Option<UserId> = maybe_id(row.withdrawn_by.as_deref(), TABLE, "withdrawn_by")?;
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            kind,
            decision: row.decision,
            standing: Standing { from: Instant(row.valid_from), withdrawn: row.withdrawn_at.map(Instant) },
            entered_by: id(&row.entered_by, TABLE, "entered_by")?,
            entered_at: row.entered_at,
            withdrawn: withdrawer.zip(row.withdrawal),
        })
    }
}

pub fn enter(
    tx: &mut Tx<'_>,
    by: UserId,
    (kind, decision, from): (DecisionKind, &str, Instant),
) -> Result<HouseDecisionId, StoreError> {
    let given: HouseDecisionId = tx.fresh();
    let row = (
        house_decision::id.eq(given.to_string()),
        house_decision::kind.eq(kind.as_str()),
        house_decision::decision.eq(decision),
        house_decision::valid_from.eq(from.0),
        house_decision::entered_by.eq(by.to_string()),
        house_decision::entered_at.eq(tx.now().0),
    );
    diesel::insert_into(house_decision::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("enter a decision of the hospital"))?;
    Ok(given)
}

/// False when it was withdrawn before.
pub fn withdraw(tx: &mut Tx<'_>, of: HouseDecisionId, by: UserId, reason: &str) -> Result<bool, StoreError> {
    let standing = house_decision::id.eq(of.to_string()).and(house_decision::withdrawn_at.is_null());
    let changed = diesel::update(house_decision::table.filter(standing))
        .set((
            house_decision::withdrawn_by.eq(Some(by.to_string())),
            house_decision::withdrawn_at.eq(Some(tx.now().0)),
            house_decision::withdrawal.eq(Some(reason)),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("withdraw a decision of the hospital"))?;
    Ok(changed == 1)
}

/// All of them, the one that was entered last first.
pub fn all(conn: &mut Conn) -> Result<Vec<Decision>, StoreError> {
    let rows: Vec<Row> = house_decision::table
        .order((house_decision::entered_at.desc(), house_decision::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read the decisions of the hospital"))?;
    rows.into_iter().map(Decision::try_from).collect()
}

/// Since when and until when something was decided; says nothing of any patient. Index house_decision_by_kind.
pub fn standings(conn: &mut Conn, kind: DecisionKind) -> Result<Vec<Standing>, StoreError> {
    let rows: Vec<(i64, Option<i64>)> = house_decision::table
        .filter(house_decision::kind.eq(kind.as_str()))
        .order(house_decision::valid_from)
        .limit(MOST)
        .select((house_decision::valid_from, house_decision::withdrawn_at))
        .load(conn.db())
        .map_err(StoreError::db("read since when something is decided"))?;
    Ok(rows.into_iter().map(|(from, end)| Standing { from: Instant(from), withdrawn: end.map(Instant) }).collect())
}

/// The one of this kind that holds at `now`: of several the one that took effect last. Index house_decision_by_kind.
pub fn in_force(conn: &mut Conn, kind: DecisionKind, now: Instant) -> Result<Option<InForce>, StoreError> {
    let stands = house_decision::withdrawn_at.is_null().or(house_decision::withdrawn_at.gt(now.0));
    let row: Option<(String, String, i64)> = house_decision::table
        .filter(house_decision::kind.eq(kind.as_str()).and(house_decision::valid_from.le(now.0)).and(stands))
        .order((house_decision::valid_from.desc(), house_decision::entered_at.desc(), house_decision::id.desc()))
        .select((house_decision::id, house_decision::decision, house_decision::valid_from))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the decision in force"))?;
    row.map(|(of, decision, from)| Ok(InForce { id: id(&of, TABLE, "id")?, decision, from: Instant(from) })).transpose()
}

/// Number and date of these, by id.
pub fn named(conn: &mut Conn, ids: &[String]) -> Result<HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = house_decision::table
        .filter(house_decision::id.eq_any(ids))
        .select((house_decision::id, house_decision::decision))
        .load(conn.db())
        .map_err(StoreError::db("read decisions by id"))?;
    Ok(rows.into_iter().collect())
}
