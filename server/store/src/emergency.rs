//! Charts that were opened in an emergency: by whom, until when, and what was found of it.

use crate::error::{id, maybe_id};
use crate::schema::emergency_access;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{OpenInEmergency, Permit, ReviewEmergency, Scope, ViewEmergencies};
use benhan_domain::emergency::{Verdict, Why};
use benhan_domain::id::{EmergencyAccessId, EncounterId, UserId, WardId};
use benhan_domain::time::Instant;
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct NewAccess {
    pub encounter: EncounterId,
    /// Where the patient lies.
    pub ward: WardId,
    pub why: Why,
    pub reason: String,
    pub until: Instant,
}

#[derive(Clone, Debug)]
pub struct Access {
    pub id: EmergencyAccessId,
    pub user: UserId,
    pub encounter: EncounterId,
    pub ward: WardId,
    pub why: Why,
    pub reason: String,
    pub opened: Instant,
    pub until: Instant,
    pub opened_from: Option<String>,
    pub review: Option<Review>,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub verdict: Verdict,
    pub note: String,
    pub by: UserId,
    pub at: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = emergency_access)]
struct Row {
    id: String,
    user_id: String,
    encounter_id: String,
    ward_id: String,
    why: String,
    reason: String,
    opened_at: i64,
    ends_at: i64,
    opened_from: Option<String>,
    verdict: Option<String>,
    review_note: Option<String>,
    reviewed_by: Option<String>,
    reviewed_at: Option<i64>,
}

impl TryFrom<Row> for Access {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "emergency_access";
        let broken = |column| StoreError::corrupt(table, column, &row.id);
        let by = maybe_id(row.reviewed_by.as_deref(), table, "reviewed_by")?;
        let review = match (row.verdict.as_deref(), by, row.reviewed_at) {
            (Some(verdict), Some(by), Some(at)) => Some(Review {
                verdict: Verdict::parse(verdict).ok_or_else(|| broken("verdict"))?,
                note: row.review_note.unwrap_or_default(),
                by,
                at: Instant(at),
            }),
            _ => None,
        };
        Ok(Self {
            id: id(&row.id, table, "id")?,
            user: id(&row.user_id, table, "user_id")?,
            encounter: id(&row.encounter_id, table, "encounter_id")?,
            ward: id(&row.ward_id, table, "ward_id")?,
            why: Why::parse(&row.why).ok_or_else(|| StoreError::corrupt(table, "why", &row.id))?,
            reason: row.reason,
            opened: Instant(row.opened_at),
            until: Instant(row.ends_at),
            opened_from: row.opened_from,
            review,
        })
    }
}

/// In the name of the permit's holder.
pub fn open(
    tx: &mut Tx<'_>,
    permit: &Permit<OpenInEmergency>,
    new: &NewAccess,
) -> Result<EmergencyAccessId, StoreError> {
    let given: EmergencyAccessId = tx.fresh();
    let broken = |what| StoreError::corrupt("permit", what, &new.encounter.to_string());
    let holder = permit.holder().ok_or_else(|| broken("holder"))?;
    if *permit.scope() != Scope::Encounter(new.encounter) {
        return Err(broken("scope"));
    }
    let row = (
        emergency_access::id.eq(given.to_string()),
        emergency_access::user_id.eq(holder.to_string()),
        emergency_access::encounter_id.eq(new.encounter.to_string()),
        emergency_access::ward_id.eq(new.ward.to_string()),
        emergency_access::why.eq(new.why.as_str()),
        emergency_access::reason.eq(&new.reason),
        emergency_access::opened_at.eq(tx.now().0),
        emergency_access::ends_at.eq(new.until.0),
        emergency_access::opened_from.eq(tx.source().map(|a| a.to_string())),
    );
    diesel::insert_into(emergency_access::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("open a chart in an emergency"))?;
    Ok(given)
}

/// Stays that this person may see now although they are on no ward of theirs. Index emergency_access_of_user.
pub fn open_of(conn: &mut Conn, user: UserId, now: i64) -> Result<Vec<EncounterId>, StoreError> {
    let rows: Vec<String> = emergency_access::table
        .filter(emergency_access::user_id.eq(user.to_string()).and(emergency_access::ends_at.gt(now)))
        .limit(500)
        .select(emergency_access::encounter_id)
        .load(conn.db())
        .map_err(StoreError::db("read what is open in an emergency"))?;
    rows.iter().map(|stay| id(stay, "emergency_access", "encounter_id")).collect()
}

/// Not yet looked at first, then the newest. Index emergency_access_unreviewed, emergency_access_by_time.
pub fn list(conn: &mut Conn, _permit: &Permit<ViewEmergencies>, limit: i64) -> Result<Vec<Access>, StoreError> {
    let newest = || emergency_access::table.order((emergency_access::opened_at.desc(), emergency_access::id.desc()));
    let mut rows: Vec<Row> = newest()
        .filter(emergency_access::reviewed_at.is_null())
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list charts that await a review"))?;
    let left = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(limit));
    let reviewed: Vec<Row> = newest()
        .filter(emergency_access::reviewed_at.is_not_null())
        .limit(left)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list charts opened in an emergency"))?;
    rows.extend(reviewed);
    rows.into_iter().map(Access::try_from).collect()
}

pub fn read(
    conn: &mut Conn,
    _permit: &Permit<ViewEmergencies>,
    of: EmergencyAccessId,
) -> Result<Option<Access>, StoreError> {
    let row: Option<Row> = emergency_access::table
        .filter(emergency_access::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a chart opened in an emergency"))?;
    row.map(Access::try_from).transpose()
}

/// How many nobody has looked at. Index emergency_access_unreviewed.
pub fn unreviewed(conn: &mut Conn, _permit: &Permit<ViewEmergencies>) -> Result<i64, StoreError> {
    emergency_access::table
        .filter(emergency_access::reviewed_at.is_null())
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count charts opened in an emergency"))
}

/// Says once what was found; false when somebody was first.
pub fn review(
    tx: &mut Tx<'_>,
    permit: &Permit<ReviewEmergency>,
    of: EmergencyAccessId,
    verdict: Verdict,
    note: &str,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let waiting = emergency_access::id.eq(of.to_string()).and(emergency_access::reviewed_at.is_null());
    diesel::update(emergency_access::table.filter(waiting))
        .set((
            emergency_access::verdict.eq(verdict.as_str()),
            emergency_access::review_note.eq(note),
            emergency_access::reviewed_by.eq(permit.holder().map(|u| u.to_string())),
            emergency_access::reviewed_at.eq(now),
        ))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("review a chart opened in an emergency"))
}
