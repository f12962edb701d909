//! Stays in hospital and the beds they were spent in.

use crate::error::{id, maybe_id};
use crate::keys::KeyError;
use crate::patients::{self, Patient};
use crate::payload::{self, SEALED};
use crate::schema::{bed, bed_assignment, encounter, medical_record, patient, record_restriction};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Admit, Permit, Place, Scope, SearchPatients, ViewChart, ViewWard};
use benhan_domain::encounter::{EncounterState, Outcome};
use benhan_domain::id::{BedId, EncounterId, PatientId, WardId};
use benhan_domain::record::RecordState;
use benhan_domain::time::Instant;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = encounter)]
struct Row {
    id: String,
    patient_id: String,
    number: String,
    state: String,
    ward_id: String,
    admitted_at: i64,
    discharged_at: Option<i64>,
    outcome: Option<String>,
    diagnosis: String,
    icd10: Option<String>,
    pregnant: bool,
    key_id: i64,
    sealed: Option<Vec<u8>>,
}

/// What a stay is for: sealed with the key of its record.
#[derive(Serialize, Deserialize)]
pub(crate) struct Diagnosis {
    pub text: String,
    pub icd10: Option<String>,
}

impl Diagnosis {
    pub(crate) fn of(conn: &Conn, stay: EncounterId, sealed: Option<&[u8]>, plain: Self) -> Result<Self, StoreError> {
        match payload::open(conn, stay, ("encounter", &stay.to_string(), 0), sealed, plain) {
            // A list still names the stay; what it was for is gone.
            Err(StoreError::Keys(KeyError::Shredded(_))) => Ok(Self { text: String::new(), icd10: None }),
            read => read,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Encounter {
    pub id: EncounterId,
    pub patient: Patient,
    pub number: String,
    pub state: EncounterState,
    pub record: RecordState,
    /// Only assigned staff read it.
    pub restricted: bool,
    pub ward: WardId,
    pub admitted_at: i64,
    pub discharged_at: Option<i64>,
    /// How it ended, a word of [`Outcome`].
    pub outcome: Option<String>,
    pub diagnosis: String,
    pub icd10: Option<String>,
    pub pregnant: bool,
    pub bed: Option<OccupiedBed>,
}

#[derive(Clone, Debug)]
pub struct OccupiedBed {
    pub id: BedId,
    pub label: String,
    pub room: String,
    pub slot: i64,
}

#[derive(Clone, Debug)]
pub struct Admission {
    pub patient: PatientId,
    pub number: String,
    pub ward: WardId,
    pub admitted_at: Instant,
    pub diagnosis: String,
    pub icd10: Option<String>,
    pub pregnant: bool,
}

/// Opens a stay. [`StoreError::Taken`] of `encounter`: the patient is in hospital already.
pub fn admit(tx: &mut Tx<'_>, _permit: &Permit<Admit>, new: &Admission) -> Result<EncounterId, StoreError> {
    let given: EncounterId = tx.fresh();
    let said = Diagnosis { text: new.diagnosis.clone(), icd10: new.icd10.clone() };
    let sealed = payload::seal(tx, given, ("encounter", &given.to_string(), 0), &said)?;
    let row = Row {
        id: given.to_string(),
        patient_id: new.patient.to_string(),
        number: new.number.clone(),
        state: EncounterState::Active.as_str().to_owned(),
        ward_id: new.ward.to_string(),
        admitted_at: new.admitted_at.0,
        discharged_at: None,
        outcome: None,
        diagnosis: String::new(),
        icd10: None,
        pregnant: new.pregnant,
        key_id: SEALED,
        sealed: Some(sealed),
    };
    diesel::insert_into(encounter::table).values(&row).execute(tx.db()).map_err(StoreError::db("admit a patient"))?;
    Ok(given)
}

/// Puts a stay into a bed from `at`, leaving the bed it had. Slot 1 is the bed; slot 2 shares it on purpose.
/// False when the patient has left meanwhile. [`StoreError::Taken`] of `bed_assignment`: somebody lies there.
pub fn move_to(
    tx: &mut Tx<'_>,
    _permit: &Permit<Admit>,
    stay: EncounterId,
    into: BedId,
    slot: i64,
    at: Instant,
) -> Result<bool, StoreError> {
    let ward: String = bed::table
        .filter(bed::id.eq(into.to_string()))
        .select(bed::ward_id)
        .first(tx.db())
        .map_err(StoreError::db("read a bed's ward"))?;
    // The stay's row comes first: it is what a move and a discharge at the same moment wait on.
    let moved =
        diesel::update(encounter::table.filter(encounter::id.eq(stay.to_string()).and(encounter::state.eq("active"))))
            .set(encounter::ward_id.eq(ward))
            .execute(tx.db())
            .map_err(StoreError::db("move a stay"))?;
    if moved == 0 {
        return Ok(false);
    }
    leave_bed(tx, stay, at)?;
    let row = (
        bed_assignment::id.eq(Uuid::now_v7().to_string()),
        bed_assignment::encounter_id.eq(stay.to_string()),
        bed_assignment::bed_id.eq(into.to_string()),
        bed_assignment::slot.eq(slot),
        bed_assignment::from_at.eq(at.0),
    );
    diesel::insert_into(bed_assignment::table).values(row).execute(tx.db()).map_err(StoreError::db("give a bed"))?;
    Ok(true)
}

fn leave_bed(tx: &mut Tx<'_>, stay: EncounterId, at: Instant) -> Result<(), StoreError> {
    let open = bed_assignment::encounter_id.eq(stay.to_string()).and(bed_assignment::to_at.is_null());
    diesel::update(bed_assignment::table.filter(open))
        .set(bed_assignment::to_at.eq(at.0))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("leave a bed"))
}

/// False when the patient has left already: the first outcome stands.
pub fn discharge(
    tx: &mut Tx<'_>,
    _permit: &Permit<Admit>,
    stay: EncounterId,
    outcome: Outcome,
    at: Instant,
) -> Result<bool, StoreError> {
    let left =
        diesel::update(encounter::table.filter(encounter::id.eq(stay.to_string()).and(encounter::state.eq("active"))))
            .set((
                encounter::state.eq(EncounterState::Discharged.as_str()),
                encounter::discharged_at.eq(at.0),
                encounter::outcome.eq(outcome.as_str()),
            ))
            .execute(tx.db())
            .map_err(StoreError::db("discharge a patient"))?;
    if left == 0 {
        return Ok(false);
    }
    leave_bed(tx, stay, at)?;
    Ok(true)
}

/// The stay of this number. By the unique number.
pub fn by_number(conn: &mut Conn, number: &str) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = encounter::table
        .filter(encounter::number.eq(number))
        .select(encounter::id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a stay by its number"))?;
    stay.map(|s| id(&s, "encounter", "id")).transpose()
}

/// Stays with the state of their records, and the restriction that stands. Index record_restriction_standing.
macro_rules! with_record {
    () => {
        encounter::table.left_join(medical_record::table.on(medical_record::encounter_id.eq(encounter::id))).left_join(
            record_restriction::table
                .on(record_restriction::encounter_id.eq(encounter::id).and(record_restriction::lifted_at.is_null())),
        )
    };
}

/// State of the record, restriction.
type OfRecord = (Option<String>, Option<String>);

macro_rules! of_record {
    () => {
        (medical_record::state.nullable(), record_restriction::id.nullable())
    };
}

/// A record without a row has not been closed.
pub(crate) fn record_state(word: Option<&str>, stay: &str) -> Result<RecordState, StoreError> {
    let Some(word) = word else { return Ok(RecordState::Active) };
    RecordState::parse(word).ok_or_else(|| StoreError::corrupt("medical_record", "state", stay))
}

/// Where a stay is, and whether its record takes entries, for the policy; `None` when there is no such stay.
pub fn place(conn: &mut Conn, stay: EncounterId) -> Result<Option<Place>, StoreError> {
    let found: Option<(String, OfRecord)> = with_record!()
        .filter(encounter::id.eq(stay.to_string()))
        .select((encounter::ward_id, of_record!()))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a stay"))?;
    found
        .map(|(ward, (record, restriction))| {
            let record = record_state(record.as_deref(), &stay.to_string())?;
            let (encounter, ward) = (stay, id(&ward, "encounter", "ward_id")?);
            Ok(match restriction {
                Some(_) => Place::Restricted { encounter, ward, record },
                None => Place::Encounter { encounter, ward, record },
            })
        })
        .transpose()
}

/// The ward that a stay lay on at an instant; `None` where it had no bed then. The beds of one stay are few.
pub fn ward_at<A: Action>(conn: &mut Conn, permit: &Permit<A>, at: Instant) -> Result<Option<WardId>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(None) };
    let ward: Option<String> = bed_assignment::table
        .inner_join(bed::table.on(bed::id.eq(bed_assignment::bed_id)))
        .filter(bed_assignment::encounter_id.eq(stay.to_string()).and(bed_assignment::from_at.le(at.0)))
        .filter(bed_assignment::to_at.is_null().or(bed_assignment::to_at.gt(at.0)))
        .order((bed_assignment::from_at.desc(), bed_assignment::id.desc()))
        .select(bed::ward_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find the ward of a moment"))?;
    ward.map(|w| id(&w, "bed", "ward_id")).transpose()
}

/// Whose stay it is, for the audit row of a look; nothing else is told.
pub fn owner(conn: &mut Conn, stay: EncounterId) -> Result<Option<PatientId>, StoreError> {
    let owner: Option<String> = encounter::table
        .filter(encounter::id.eq(stay.to_string()))
        .select(encounter::patient_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a stay's patient"))?;
    owner.map(|p| id(&p, "encounter", "patient_id")).transpose()
}

pub fn read(conn: &mut Conn, permit: &Permit<ViewChart>, stay: EncounterId) -> Result<Option<Encounter>, StoreError> {
    let found = load_one(conn, &stay.to_string())?;
    Ok(found.filter(|e| permit.covers(e.id, e.ward)))
}

/// Who lies on a ward now. Index encounter_of_ward.
pub fn on_ward(conn: &mut Conn, _permit: &Permit<ViewWard>, ward: WardId) -> Result<Vec<Encounter>, StoreError> {
    let ids: Vec<String> = encounter::table
        .filter(encounter::ward_id.eq(ward.to_string()).and(encounter::state.eq("active")))
        .limit(500)
        .select(encounter::id)
        .load(conn.db())
        .map_err(StoreError::db("list a ward's patients"))?;
    load(conn, &ids)
}

/// Every stay of a patient, newest first. Index encounter_of_patient.
pub fn of_patient(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    of: PatientId,
) -> Result<Vec<Encounter>, StoreError> {
    let ids: Vec<String> = encounter::table
        .filter(encounter::patient_id.eq(of.to_string()))
        .order(encounter::admitted_at.desc())
        .limit(200)
        .select(encounter::id)
        .load(conn.db())
        .map_err(StoreError::db("list a patient's stays"))?;
    let mut stays = load(conn, &ids)?;
    stays.sort_by_key(|e| std::cmp::Reverse(e.admitted_at));
    Ok(stays)
}

/// The running stay of each of these patients.
pub fn active_of(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    patients: &[PatientId],
) -> Result<Vec<Encounter>, StoreError> {
    let wanted: Vec<String> = patients.iter().map(|p| p.to_string()).collect();
    let ids: Vec<String> = encounter::table
        .filter(encounter::patient_id.eq_any(&wanted).and(encounter::state.eq("active")))
        .limit(500)
        .select(encounter::id)
        .load(conn.db())
        .map_err(StoreError::db("find running stays"))?;
    load(conn, &ids)
}

/// The stays that held `bed` at every one of `instants`: one is an answer, none or two is a question for a person.
/// Index bed_assignment_interval.
pub fn in_bed_at(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    bed: BedId,
    instants: &[Instant],
) -> Result<Vec<EncounterId>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> = bed_assignment::table
        .filter(bed_assignment::bed_id.eq(bed.to_string()))
        .order(bed_assignment::from_at.desc())
        .limit(50)
        .select((bed_assignment::encounter_id, bed_assignment::from_at, bed_assignment::to_at))
        .load(conn.db())
        .map_err(StoreError::db("find who lay in a bed"))?;
    // Anyone who was there at any of the instants is a candidate; the caller asks for exactly one at all of them.
    let mut held: HashMap<String, usize> = HashMap::new();
    for (stay, from, to) in &rows {
        let covered = instants.iter().filter(|at| *from <= at.0 && to.is_none_or(|to| at.0 < to)).count();
        *held.entry(stay.clone()).or_default() += covered;
    }
    let touched: Vec<_> = held.into_iter().filter(|(_, covered)| *covered > 0).collect();
    let all = touched.iter().all(|(_, covered)| *covered == instants.len());
    if !all && touched.len() == 1 {
        return Ok(Vec::new());
    }
    touched.iter().map(|(stay, _)| id(stay, "bed_assignment", "encounter_id")).collect()
}

/// Folded names that more than one patient in hospital has now. Index encounter_of_ward, patient_same_name.
pub fn same_names(conn: &mut Conn, keys: &[String]) -> Result<HashMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = encounter::table
        .inner_join(patient::table.on(patient::id.eq(encounter::patient_id)))
        .filter(encounter::state.eq("active").and(patient::name_key.eq_any(keys)))
        .group_by(patient::name_key)
        .select((patient::name_key, diesel::dsl::count_star()))
        .load(conn.db())
        .map_err(StoreError::db("look for equal names"))?;
    Ok(rows.into_iter().collect())
}

/// One stay, by queries of fixed text: every write reads its stay, and SQLite keeps those prepared.
fn load_one(conn: &mut Conn, stay: &str) -> Result<Option<Encounter>, StoreError> {
    let found: Option<(Row, OfRecord)> = with_record!()
        .filter(encounter::id.eq(stay))
        .select((Row::as_select(), of_record!()))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a stay"))?;
    let Some((row, record)) = found else { return Ok(None) };
    let patient = patients::by_id(conn, &row.patient_id)?;
    let patient = patient.ok_or_else(|| StoreError::corrupt("encounter", "patient_id", &row.id))?;
    let bed: Option<OccupiedRow> = bed_assignment::table
        .inner_join(bed::table.on(bed::id.eq(bed_assignment::bed_id)))
        .filter(bed_assignment::encounter_id.eq(stay).and(bed_assignment::to_at.is_null()))
        .select((bed_assignment::encounter_id, bed::id, bed_assignment::slot, bed::label, bed::room))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an occupied bed"))?;
    of_row(conn, row, record, patient, bed).map(Some)
}

/// Stay, bed, slot, label, room.
type OccupiedRow = (String, String, i64, String, String);

fn load(conn: &mut Conn, ids: &[String]) -> Result<Vec<Encounter>, StoreError> {
    let rows: Vec<(Row, OfRecord)> = with_record!()
        .filter(encounter::id.eq_any(ids))
        .select((Row::as_select(), of_record!()))
        .load(conn.db())
        .map_err(StoreError::db("read stays"))?;
    let owners: Vec<String> = rows.iter().map(|(r, _)| r.patient_id.clone()).collect();
    let owners: HashMap<String, Patient> =
        patients::by_ids(conn, &owners)?.into_iter().map(|p| (p.id.to_string(), p)).collect();
    let beds: Vec<OccupiedRow> = bed_assignment::table
        .inner_join(bed::table.on(bed::id.eq(bed_assignment::bed_id)))
        .filter(bed_assignment::encounter_id.eq_any(ids).and(bed_assignment::to_at.is_null()))
        .select((bed_assignment::encounter_id, bed::id, bed_assignment::slot, bed::label, bed::room))
        .load(conn.db())
        .map_err(StoreError::db("read occupied beds"))?;
    let mut beds: HashMap<String, OccupiedRow> = beds.into_iter().map(|bed| (bed.0.clone(), bed)).collect();
    rows.into_iter()
        .map(|(row, record)| {
            let patient = owners.get(&row.patient_id).cloned();
            let patient = patient.ok_or_else(|| StoreError::corrupt("encounter", "patient_id", &row.id))?;
            let bed = beds.remove(&row.id);
            of_row(conn, row, record, patient, bed)
        })
        .collect()
}

fn of_row(
    conn: &Conn,
    row: Row,
    (record, restriction): OfRecord,
    patient: Patient,
    bed: Option<OccupiedRow>,
) -> Result<Encounter, StoreError> {
    let stay = id(&row.id, "encounter", "id")?;
    let plain = Diagnosis { text: row.diagnosis, icd10: row.icd10 };
    let diagnosis = Diagnosis::of(conn, stay, row.sealed.as_deref(), plain)?;
    let state = EncounterState::parse(&row.state);
    let bed_id = maybe_id(bed.as_ref().map(|(_, b, ..)| b.as_str()), "bed", "id")?;
    Ok(Encounter {
        id: stay,
        patient,
        state: state.ok_or_else(|| StoreError::corrupt("encounter", "state", &row.id))?,
        record: record_state(record.as_deref(), &row.id)?,
        restricted: restriction.is_some(),
        number: row.number,
        ward: id(&row.ward_id, "encounter", "ward_id")?,
        admitted_at: row.admitted_at,
        discharged_at: row.discharged_at,
        outcome: row.outcome,
        diagnosis: diagnosis.text,
        icd10: diagnosis.icd10,
        pregnant: row.pregnant,
        bed: bed_id.zip(bed).map(|(id, (_, _, slot, label, room))| OccupiedBed { id, label, room, slot }),
    })
}

/// These stays, as far as the permit reaches.
pub fn of_ids<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    stays: &[EncounterId],
) -> Result<Vec<Encounter>, StoreError> {
    let mut ids: Vec<String> = stays.iter().map(|s| s.to_string()).collect();
    ids.sort();
    ids.dedup();
    let mut found = load(conn, &ids)?;
    found.retain(|e| permit.covers(e.id, e.ward));
    Ok(found)
}
