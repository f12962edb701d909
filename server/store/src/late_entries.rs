//! The mark that an entry came late into the record: kept with the entry, for ever. Only what extends its limit moves.

use crate::error::{id, maybe_id};
use crate::schema::{encounter, it_incident, late_entry, patient};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, DeclareIncident, Permit, Scope, ViewLateEntries};
use benhan_domain::id::{EncounterId, ItIncidentId, LateEntryId, UserId, WardId};
use benhan_domain::it_incident::Outage;
use benhan_domain::time::Instant;
use benhan_domain::update_limit::{self, EntryKind};
use diesel::prelude::*;
use std::collections::HashMap;

#[derive(Clone, Debug)]
pub struct NewLateEntry {
    pub kind: EntryKind,
    pub entry: String,
    pub encounter: EncounterId,
    /// Where the patient lay when it happened.
    pub ward: WardId,
    pub happened: Instant,
    pub by: UserId,
    pub limit_hours: i64,
    pub incident: Option<ItIncidentId>,
}

/// A line of the report.
#[derive(Clone, Debug)]
pub struct LateEntry {
    pub id: LateEntryId,
    pub kind: EntryKind,
    pub entry: String,
    pub encounter: EncounterId,
    pub patient_name: String,
    pub patient_code: String,
    pub ward: WardId,
    pub happened: Instant,
    pub recorded: Instant,
    pub by: UserId,
    /// As it held when the entry was recorded.
    pub limit_hours: i64,
    /// What extends the limit as far as is known now.
    pub incident: Option<Cause>,
}

/// The incident of a line.
#[derive(Clone, Debug)]
pub struct Cause {
    pub id: ItIncidentId,
    pub system: String,
    pub started: Instant,
    pub ended: Option<Instant>,
}

/// What stands beside an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub happened: Instant,
    pub recorded: Instant,
    pub incident: Option<ItIncidentId>,
}

/// Recorded now, in the transaction of the entry itself.
pub fn keep<A: Action>(tx: &mut Tx<'_>, permit: &Permit<A>, new: &NewLateEntry) -> Result<(), StoreError> {
    if *permit.scope() != Scope::Encounter(new.encounter) {
        return Err(StoreError::corrupt("permit", "scope", &new.encounter.to_string()));
    }
    let given: LateEntryId = tx.fresh();
    let row = (
        late_entry::id.eq(given.to_string()),
        late_entry::entry_kind.eq(new.kind.as_str()),
        late_entry::entry_id.eq(&new.entry),
        late_entry::encounter_id.eq(new.encounter.to_string()),
        late_entry::ward_id.eq(new.ward.to_string()),
        late_entry::happened_at.eq(new.happened.0),
        late_entry::recorded_at.eq(tx.now().0),
        late_entry::recorded_by.eq(new.by.to_string()),
        late_entry::limit_hours.eq(new.limit_hours),
        late_entry::incident_id.eq(new.incident.map(|i| i.to_string())),
    );
    diesel::insert_into(late_entry::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("mark an entry as late"))
}

/// Gives an incident to the entries that it reaches and that have none; how many. Index late_entry_by_act.
pub fn cover(tx: &mut Tx<'_>, _permit: &Permit<DeclareIncident>, by: &Outage) -> Result<usize, StoreError> {
    let (from, until) = update_limit::reach(by);
    let until = until.map_or(i64::MAX, |at| at.0);
    let reached = late_entry::incident_id
        .is_null()
        .and(late_entry::happened_at.ge(from.0))
        .and(late_entry::happened_at.le(until));
    let set = late_entry::incident_id.eq(by.id.to_string());
    let done = match by.affected.ward() {
        None => diesel::update(late_entry::table.filter(reached)).set(set).execute(tx.db()),
        Some(ward) => {
            let here = reached.and(late_entry::ward_id.eq(ward.to_string()));
            diesel::update(late_entry::table.filter(here)).set(set).execute(tx.db())
        }
    };
    done.map_err(StoreError::db("lift late marks"))
}

/// Takes an incident back from entries that it does not reach: those that happened after `until`, or all. Index
/// late_entry_of_incident.
pub fn uncover(
    tx: &mut Tx<'_>,
    _permit: &Permit<DeclareIncident>,
    of: ItIncidentId,
    until: Option<Instant>,
) -> Result<usize, StoreError> {
    let after = until.map_or(i64::MIN, |at| at.0);
    let beyond = late_entry::incident_id.eq(of.to_string()).and(late_entry::happened_at.gt(after));
    diesel::update(late_entry::table.filter(beyond))
        .set(late_entry::incident_id.eq(None::<String>))
        .execute(tx.db())
        .map_err(StoreError::db("put late marks back"))
}

/// The marks of these entries, by entry. The unique index leads with kind and id.
pub fn marks<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    kind: EntryKind,
    entries: &[String],
) -> Result<HashMap<String, Mark>, StoreError> {
    let rows: Vec<(String, i64, i64, Option<String>)> = late_entry::table
        .filter(late_entry::entry_kind.eq(kind.as_str()).and(late_entry::entry_id.eq_any(entries)))
        .select((late_entry::entry_id, late_entry::happened_at, late_entry::recorded_at, late_entry::incident_id))
        .load(conn.db())
        .map_err(StoreError::db("read late marks"))?;
    rows.into_iter()
        .map(|(entry, happened, recorded, incident)| {
            let incident = maybe_id(incident.as_deref(), "late_entry", "incident_id")?;
            Ok((entry, Mark { happened: Instant(happened), recorded: Instant(recorded), incident }))
        })
        .collect()
}

/// Which part of the report.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub ward: Option<WardId>,
    /// Recorded from, and before.
    pub from: Instant,
    pub to: Instant,
    /// The last line of the page before.
    pub after: Option<LateEntryId>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = late_entry)]
struct Row {
    id: String,
    entry_kind: String,
    entry_id: String,
    encounter_id: String,
    ward_id: String,
    happened_at: i64,
    recorded_at: i64,
    recorded_by: String,
    limit_hours: i64,
    incident_id: Option<String>,
}

/// The entry, whose it is, and its incident.
type Joined = (Row, (String, String), (Option<String>, Option<i64>, Option<i64>));

/// Of the permit's wards, what was recorded last first. Index late_entry_of_ward, late_entry_by_time.
pub fn report(
    conn: &mut Conn,
    permit: &Permit<ViewLateEntries>,
    asked: Asked,
    limit: i64,
) -> Result<Vec<LateEntry>, StoreError> {
    let mut query = late_entry::table
        .inner_join(encounter::table.on(encounter::id.eq(late_entry::encounter_id)))
        .inner_join(patient::table.on(patient::id.eq(encounter::patient_id)))
        .left_join(it_incident::table.on(it_incident::id.nullable().eq(late_entry::incident_id)))
        .filter(late_entry::recorded_at.ge(asked.from.0).and(late_entry::recorded_at.lt(asked.to.0)))
        .into_boxed();
    query = match permit.scope() {
        Scope::Facility => query,
        Scope::Ward(ward) => query.filter(late_entry::ward_id.eq(ward.to_string())),
        Scope::Wards(wards) => {
            query.filter(late_entry::ward_id.eq_any(wards.iter().map(ToString::to_string).collect::<Vec<_>>()))
        }
        Scope::Encounter(stay) => query.filter(late_entry::encounter_id.eq(stay.to_string())),
    };
    if let Some(ward) = asked.ward {
        query = query.filter(late_entry::ward_id.eq(ward.to_string()));
    }
    if let Some(last) = asked.after {
        let last = last.to_string();
        let Some(at) = recorded_at(conn, &last)? else { return Ok(Vec::new()) };
        let same_instant = late_entry::recorded_at.eq(at).and(late_entry::id.lt(last));
        query = query.filter(late_entry::recorded_at.lt(at).or(same_instant));
    }
    let rows: Vec<Joined> = query
        .order((late_entry::recorded_at.desc(), late_entry::id.desc()))
        .limit(limit)
        .select((
            Row::as_select(),
            (patient::name, patient::code),
            (it_incident::system.nullable(), it_incident::started_at.nullable(), it_incident::ended_at.nullable()),
        ))
        .load(conn.db())
        .map_err(StoreError::db("report late entries"))?;
    rows.into_iter().map(line).collect()
}

fn recorded_at(conn: &mut Conn, of: &str) -> Result<Option<i64>, StoreError> {
    late_entry::table
        .filter(late_entry::id.eq(of))
        .select(late_entry::recorded_at)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a late entry"))
}

fn line((row, (patient_name, patient_code), (system, started, ended)): Joined) -> Result<LateEntry, StoreError> {
    let table = "late_entry";
    let incident: Option<ItIncidentId> = maybe_id(row.incident_id.as_deref(), table, "incident_id")?;
    let incident = incident.zip(system).zip(started).map(|((id, system), started)| Cause {
        id,
        system,
        started: Instant(started),
        ended: ended.map(Instant),
    });
    Ok(LateEntry {
        id: id(&row.id, table, "id")?,
        kind: EntryKind::parse(&row.entry_kind).ok_or_else(|| StoreError::corrupt(table, "entry_kind", &row.id))?,
        entry: row.entry_id,
        encounter: id(&row.encounter_id, table, "encounter_id")?,
        patient_name,
        patient_code,
        ward: id(&row.ward_id, table, "ward_id")?,
        happened: Instant(row.happened_at),
        recorded: Instant(row.recorded_at),
        by: id(&row.recorded_by, table, "recorded_by")?,
        limit_hours: row.limit_hours,
        incident,
    })
}
