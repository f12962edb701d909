//! Times in which the record could not be written, as people declared them. What was declared stays; it gets an end, or a
//! reason why it was annulled. No patient in here.

use crate::error::{id, maybe_id};
use crate::schema::it_incident;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{DeclareIncident, Permit, Scope, ViewIncidents};
use benhan_domain::id::{ItIncidentId, UserId, WardId};
use benhan_domain::it_incident::{Affected, Outage};
use benhan_domain::time::Instant;
use diesel::prelude::*;

/// The name under which declaring, and recording something late, wait for one another: see [`crate::dialect::hold`].
pub const ONE_AT_A_TIME: &str = "it-incident";

/// More stand at one time in no hospital; of the others the newest matter.
const MOST: i64 = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    pub outage: Outage,
    pub system: String,
    pub reason: String,
    pub declared_by: UserId,
    pub declared_at: i64,
    pub ended_by: Option<UserId>,
    /// When, by whom and why, where it was declared by mistake.
    pub annulled: Option<(i64, UserId, String)>,
}

#[derive(Clone, Debug)]
pub struct NewIncident {
    pub outage: Outage,
    pub system: String,
    pub reason: String,
    pub by: UserId,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = it_incident)]
struct Row {
    id: String,
    ward_id: Option<String>,
    started_at: i64,
    system: String,
    reason: String,
    declared_by: String,
    declared_at: i64,
    ended_at: Option<i64>,
    ended_by: Option<String>,
    annulled_at: Option<i64>,
    annulled_by: Option<String>,
    annul_reason: Option<String>,
}

impl TryFrom<Row> for Incident {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "it_incident";
        let ward: Option<WardId> = maybe_id(row.ward_id.as_deref(), table, "ward_id")?;
        let annuller: Option<UserId> = maybe_id(row.annulled_by.as_deref(), table, "annulled_by")?;
        let annulled = row.annulled_at.zip(annuller).zip(row.annul_reason);
        Ok(Self {
            outage: Outage {
                id: id(&row.id, table, "id")?,
                affected: Affected::of(ward),
                started: Instant(row.started_at),
                ended: row.ended_at.map(Instant),
            },
            system: row.system,
            reason: row.reason,
            declared_by: id(&row.declared_by, table, "declared_by")?,
            declared_at: row.declared_at,
            ended_by: maybe_id(row.ended_by.as_deref(), table, "ended_by")?,
            annulled: annulled.map(|((at, by), why)| (at, by, why)),
        })
    }
}

pub fn declare(tx: &mut Tx<'_>, permit: &Permit<DeclareIncident>, new: NewIncident) -> Result<(), StoreError> {
    let Outage { id, affected, started, ended } = new.outage;
    check_scope(permit, affected)?;
    let row = Row {
        id: id.to_string(),
        ward_id: affected.ward().map(|ward| ward.to_string()),
        started_at: started.0,
        system: new.system,
        reason: new.reason,
        declared_by: new.by.to_string(),
        declared_at: tx.now().0,
        ended_at: ended.map(|at| at.0),
        ended_by: ended.map(|_| new.by.to_string()),
        annulled_at: None,
        annulled_by: None,
        annul_reason: None,
    };
    diesel::insert_into(it_incident::table)
        .values(&row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("declare an incident"))
}

/// False when it has an end already, or was annulled: the first stands.
pub fn end(
    tx: &mut Tx<'_>,
    permit: &Permit<DeclareIncident>,
    of: &Outage,
    at: Instant,
    by: UserId,
) -> Result<bool, StoreError> {
    check_scope(permit, of.affected)?;
    let open = it_incident::id
        .eq(of.id.to_string())
        .and(it_incident::ended_at.is_null())
        .and(it_incident::annulled_at.is_null());
    let ended = diesel::update(it_incident::table.filter(open))
        .set((it_incident::ended_at.eq(at.0), it_incident::ended_by.eq(by.to_string())))
        .execute(tx.db())
        .map_err(StoreError::db("end an incident"))?;
    Ok(ended == 1)
}

/// False when it was annulled already.
pub fn annul(
    tx: &mut Tx<'_>,
    permit: &Permit<DeclareIncident>,
    of: &Outage,
    by: UserId,
    reason: &str,
) -> Result<bool, StoreError> {
    check_scope(permit, of.affected)?;
    let now = tx.now().0;
    let standing = it_incident::id.eq(of.id.to_string()).and(it_incident::annulled_at.is_null());
    let annulled = diesel::update(it_incident::table.filter(standing))
        .set((
            it_incident::annulled_at.eq(now),
            it_incident::annulled_by.eq(by.to_string()),
            it_incident::annul_reason.eq(reason),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("annul an incident"))?;
    Ok(annulled == 1)
}

/// A permit for one ward is none for another, nor for the house.
fn check_scope(permit: &Permit<DeclareIncident>, affected: Affected) -> Result<(), StoreError> {
    let within = match (permit.scope(), affected) {
        (Scope::Facility, _) => true,
        (Scope::Ward(held), Affected::Ward(ward)) => *held == ward,
        _ => false,
    };
    if within { Ok(()) } else { Err(StoreError::corrupt("permit", "scope", "it_incident")) }
}

/// By primary key, for whoever may act on it; they are asked for their permit once its ward is known.
pub fn read(conn: &mut Conn, wanted: ItIncidentId) -> Result<Option<Incident>, StoreError> {
    let row: Option<Row> = it_incident::table
        .filter(it_incident::id.eq(wanted.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an incident"))?;
    row.map(Incident::try_from).transpose()
}

/// The house's and those of the permit's wards, annulled ones too, the one that began last first.
pub fn list(conn: &mut Conn, permit: &Permit<ViewIncidents>) -> Result<Vec<Incident>, StoreError> {
    let mut query = it_incident::table.into_boxed();
    query = match permit.scope() {
        Scope::Facility => query,
        Scope::Ward(ward) => query.filter(it_incident::ward_id.is_null().or(it_incident::ward_id.eq(ward.to_string()))),
        Scope::Wards(wards) => {
            let wards: Vec<String> = wards.iter().map(ToString::to_string).collect();
            query.filter(it_incident::ward_id.is_null().or(it_incident::ward_id.eq_any(wards)))
        }
        Scope::Encounter(_) => return Ok(Vec::new()),
    };
    let rows: Vec<Row> = query
        .order((it_incident::started_at.desc(), it_incident::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list incidents"))?;
    rows.into_iter().map(Incident::try_from).collect()
}

/// What stands and was under way at some moment from `from` to `until`, of every ward, the one that began first first:
/// for rules, which judge by place themselves.
pub fn standing(conn: &mut Conn, from: Instant, until: Instant) -> Result<Vec<Outage>, StoreError> {
    let rows: Vec<Row> = it_incident::table
        .filter(it_incident::annulled_at.is_null().and(it_incident::started_at.le(until.0)))
        .filter(it_incident::ended_at.is_null().or(it_incident::ended_at.ge(from.0)))
        .order((it_incident::started_at, it_incident::id))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("find incidents that stand"))?;
    rows.into_iter().map(|row| Incident::try_from(row).map(|found| found.outage)).collect()
}
