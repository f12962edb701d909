//! Studies as the bridge told of them, and the stay that each was linked to. The datasets stay in the bridge.
//!
//! What a modality sent about the patient is kept beside the link and never rewritten by it.

use crate::error::{id, maybe_id};
use crate::schema::{instance, series, study, study_delivery};
use crate::{Conn, StoreError, Tx, dialect, image_removals};
use benhan_contract::{InstanceSummary, SeriesSummary, StudyDelivery};
use benhan_domain::access::{LinkStudy, Permit, Scope, UnlinkStudy, ViewChart};
use benhan_domain::id::{EncounterId, OrderId, StudyId};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

mod contents;
mod search;
pub use contents::{instance_of, instances_of, series_of};
pub use search::{Found, KnownPatient, Query, Sight, search};

/// Uids asked for in one statement.
const CHUNK: usize = 500;

/// How a study came to its stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedBy {
    StudyUid,
    Accession,
    Person,
}

impl LinkedBy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StudyUid => "study-uid",
            Self::Accession => "accession",
            Self::Person => "person",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::StudyUid, Self::Accession, Self::Person].into_iter().find(|l| l.as_str() == text)
    }
}

/// The patient in the modality's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub patient_id: String,
    pub patient_name: String,
    /// DICOM DA.
    pub birth_date: String,
    pub sex: String,
}

#[derive(Clone, Debug)]
pub struct Study {
    pub id: StudyId,
    pub study_uid: String,
    pub encounter: Option<EncounterId>,
    pub order: Option<OrderId>,
    pub linked_by: Option<LinkedBy>,
    pub accession: String,
    pub sent: Sent,
    /// DICOM DA and TM as sent, in the hospital's zone.
    pub study_date: String,
    pub study_time: String,
    pub description: String,
    pub station_ae: String,
    pub received_at: i64,
}

#[derive(Clone, Debug)]
pub struct Series {
    pub study: StudyId,
    pub series_uid: String,
    pub modality: String,
    pub number: Option<i64>,
    pub description: String,
    pub body_part: String,
    pub instances: i64,
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = instance)]
pub struct Instance {
    pub sop_uid: String,
    pub series_uid: String,
    pub sop_class: String,
    pub transfer_syntax: String,
    pub number: Option<i64>,
    pub image_rows: Option<i64>,
    pub image_columns: Option<i64>,
    pub frames: i64,
    /// Of the file as it was received.
    pub sha256: String,
    pub size: i64,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    Kept(StudyId),
    /// This delivery was applied before.
    Duplicate,
    /// It says of a known study, series or instance what cannot be true beside what is known.
    Contradicts(&'static str),
}

/// Adds what a delivery tells to what is known of its study: nothing known is taken back or rewritten.
pub fn receive(tx: &mut Tx<'_>, new: &StudyDelivery) -> Result<Received, StoreError> {
    let applied: i64 = study_delivery::table
        .filter(study_delivery::id.eq(new.id.0.hyphenated().to_string()))
        .count()
        .get_result(tx.db())
        .map_err(StoreError::db("look for a study delivery"))?;
    if applied > 0 {
        return Ok(Received::Duplicate);
    }
    dialect::hold(tx.conn(), &format!("study {}", new.study_uid))?;
    if image_removals::is_asked(tx.conn(), &new.study_uid)? {
        return Ok(Received::Contradicts("the study was destroyed with its record"));
    }
    let known = by_uid(tx.conn(), &new.study_uid)?;
    if let Some(why) = contradiction(tx.conn(), known.as_ref(), new)? {
        return Ok(Received::Contradicts(why));
    }
    let of = match known {
        Some(known) => {
            complete(tx, &known, new)?;
            known.id
        }
        None => open(tx, new)?,
    };
    add_series(tx, of, &new.series)?;
    let row = (
        study_delivery::id.eq(new.id.0.hyphenated().to_string()),
        study_delivery::study_id.eq(of.to_string()),
        study_delivery::recorded_at.eq(tx.now().0),
    );
    diesel::insert_into(study_delivery::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("note a study delivery"))?;
    Ok(Received::Kept(of))
}

fn contradiction(
    conn: &mut Conn,
    known: Option<&Study>,
    new: &StudyDelivery,
) -> Result<Option<&'static str>, StoreError> {
    if known.is_some_and(|k| k.sent.patient_id != new.patient_id) {
        return Ok(Some("the study is known with another patient id"));
    }
    let uids: Vec<&String> = new.series.iter().map(|s| &s.series_uid).collect();
    for chunk in uids.chunks(CHUNK) {
        let homes: Vec<String> = series::table
            .filter(series::series_uid.eq_any(chunk.iter().map(|u| (*u).clone()).collect::<Vec<_>>()))
            .select(series::study_id)
            .distinct()
            .load(conn.db())
            .map_err(StoreError::db("look for series"))?;
        if homes.iter().any(|home| known.is_none_or(|k| k.id.to_string() != *home)) {
            return Ok(Some("a series belongs to another study"));
        }
    }
    let homes = homes_of(conn, &new.series)?;
    for told in &new.series {
        let strayed = |i: &InstanceSummary| homes.get(&i.sop_uid).is_some_and(|home| *home != told.series_uid);
        if told.instances.iter().any(strayed) {
            return Ok(Some("an instance belongs to another series"));
        }
    }
    Ok(None)
}

/// The series of those instances that are known.
fn homes_of(conn: &mut Conn, told: &[SeriesSummary]) -> Result<HashMap<String, String>, StoreError> {
    let uids: Vec<String> = told.iter().flat_map(|s| &s.instances).map(|i| i.sop_uid.clone()).collect();
    let mut homes = HashMap::new();
    for chunk in uids.chunks(CHUNK) {
        let rows: Vec<(String, String)> = instance::table
            .filter(instance::sop_uid.eq_any(chunk.to_vec()))
            .select((instance::sop_uid, instance::series_uid))
            .load(conn.db())
            .map_err(StoreError::db("look for instances"))?;
        homes.extend(rows);
    }
    Ok(homes)
}

fn open(tx: &mut Tx<'_>, new: &StudyDelivery) -> Result<StudyId, StoreError> {
    let given: StudyId = tx.fresh();
    let row = (
        study::id.eq(given.to_string()),
        study::study_uid.eq(&new.study_uid),
        study::accession.eq(&new.accession),
        study::sent_patient_id.eq(&new.patient_id),
        study::sent_patient_name.eq(&new.patient_name),
        study::sent_birth_date.eq(&new.birth_date),
        study::sent_sex.eq(&new.sex),
        study::study_date.eq(&new.study_date),
        study::study_time.eq(&new.study_time),
        study::description.eq(&new.description),
        study::station_ae.eq(&new.station_ae),
        study::received_at.eq(new.received_at),
        study::recorded_at.eq(tx.now().0),
    );
    diesel::insert_into(study::table).values(row).execute(tx.db()).map_err(StoreError::db("keep a study"))?;
    Ok(given)
}

/// Fills what an earlier delivery left empty.
fn complete(tx: &mut Tx<'_>, known: &Study, new: &StudyDelivery) -> Result<(), StoreError> {
    let or = |known: &String, new: &String| if known.is_empty() { new.clone() } else { known.clone() };
    diesel::update(study::table.filter(study::id.eq(known.id.to_string())))
        .set((
            study::accession.eq(or(&known.accession, &new.accession)),
            study::sent_patient_name.eq(or(&known.sent.patient_name, &new.patient_name)),
            study::sent_birth_date.eq(or(&known.sent.birth_date, &new.birth_date)),
            study::sent_sex.eq(or(&known.sent.sex, &new.sex)),
            study::study_date.eq(or(&known.study_date, &new.study_date)),
            study::study_time.eq(or(&known.study_time, &new.study_time)),
            study::description.eq(or(&known.description, &new.description)),
            study::station_ae.eq(or(&known.station_ae, &new.station_ae)),
        ))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("complete a study"))
}

fn add_series(tx: &mut Tx<'_>, of: StudyId, told: &[SeriesSummary]) -> Result<(), StoreError> {
    let known: Vec<String> = series::table
        .filter(series::study_id.eq(of.to_string()))
        .select(series::series_uid)
        .load(tx.db())
        .map_err(StoreError::db("list a study's series"))?;
    let mut known: HashSet<String> = known.into_iter().collect();
    let mut there: HashSet<String> = homes_of(tx.conn(), told)?.into_keys().collect();
    for new in told {
        if known.insert(new.series_uid.clone()) {
            let row = (
                series::series_uid.eq(&new.series_uid),
                series::study_id.eq(of.to_string()),
                series::modality.eq(&new.modality),
                series::number.eq(new.number),
                series::description.eq(&new.description),
                series::body_part.eq(&new.body_part),
            );
            diesel::insert_into(series::table).values(row).execute(tx.db()).map_err(StoreError::db("keep a series"))?;
        }
        for image in &new.instances {
            if there.insert(image.sop_uid.clone()) {
                add_instance(tx, &new.series_uid, image)?;
            }
        }
    }
    Ok(())
}

fn add_instance(tx: &mut Tx<'_>, of: &str, new: &InstanceSummary) -> Result<(), StoreError> {
    let row = (
        instance::sop_uid.eq(&new.sop_uid),
        instance::series_uid.eq(of),
        instance::sop_class.eq(&new.sop_class),
        instance::transfer_syntax.eq(&new.transfer_syntax),
        instance::number.eq(new.number),
        instance::image_rows.eq(new.rows),
        instance::image_columns.eq(new.columns),
        instance::frames.eq(new.frames),
        instance::sha256.eq(&new.sha256),
        instance::size.eq(new.size),
    );
    diesel::insert_into(instance::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep an instance"))
}

/// Links a study to the permit's stay; false when it is linked already.
pub fn link(
    tx: &mut Tx<'_>,
    permit: &Permit<LinkStudy>,
    of: StudyId,
    order: Option<OrderId>,
    by: LinkedBy,
) -> Result<bool, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else {
        return Err(StoreError::corrupt("permit", "scope", &of.to_string()));
    };
    let (stay, now) = (stay.to_string(), tx.now().0);
    let free = study::id.eq(of.to_string()).and(study::encounter_id.is_null());
    diesel::update(study::table.filter(free))
        .set((
            study::encounter_id.eq(stay),
            study::order_id.eq(order.map(|o| o.to_string())),
            study::linked_by.eq(by.as_str()),
            study::linked_at.eq(now),
        ))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("link a study"))
}

/// Takes a study off the permit's stay; false when it is not there.
pub fn unlink(tx: &mut Tx<'_>, permit: &Permit<UnlinkStudy>, of: StudyId) -> Result<bool, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else {
        return Err(StoreError::corrupt("permit", "scope", &of.to_string()));
    };
    let linked = study::id.eq(of.to_string()).and(study::encounter_id.eq(stay.to_string()));
    diesel::update(study::table.filter(linked))
        .set((
            study::encounter_id.eq(None::<String>),
            study::order_id.eq(None::<String>),
            study::linked_by.eq(None::<String>),
            study::linked_at.eq(None::<i64>),
        ))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("unlink a study"))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = study)]
struct Row {
    id: String,
    study_uid: String,
    encounter_id: Option<String>,
    order_id: Option<String>,
    linked_by: Option<String>,
    accession: String,
    sent_patient_id: String,
    sent_patient_name: String,
    sent_birth_date: String,
    sent_sex: String,
    study_date: String,
    study_time: String,
    description: String,
    station_ae: String,
    received_at: i64,
}

fn of_row(row: Row) -> Result<Study, StoreError> {
    let linked_by = row.linked_by.as_deref();
    let linked_by =
        linked_by.map(|l| LinkedBy::parse(l).ok_or_else(|| StoreError::corrupt("study", "linked_by", &row.id)));
    Ok(Study {
        id: id(&row.id, "study", "id")?,
        study_uid: row.study_uid,
        encounter: maybe_id(row.encounter_id.as_deref(), "study", "encounter_id")?,
        order: maybe_id(row.order_id.as_deref(), "study", "order_id")?,
        linked_by: linked_by.transpose()?,
        accession: row.accession,
        sent: Sent {
            patient_id: row.sent_patient_id,
            patient_name: row.sent_patient_name,
            birth_date: row.sent_birth_date,
            sex: row.sent_sex,
        },
        study_date: row.study_date,
        study_time: row.study_time,
        description: row.description,
        station_ae: row.station_ae,
        received_at: row.received_at,
    })
}

fn by_uid(conn: &mut Conn, uid: &str) -> Result<Option<Study>, StoreError> {
    let row: Option<Row> = study::table
        .filter(study::study_uid.eq(uid))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a study"))?;
    row.map(of_row).transpose()
}

/// Where a study stands, for the policy; its content needs a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    pub study: StudyId,
    /// `None` while it waits for a person.
    pub encounter: Option<EncounterId>,
}

/// By the unique study_uid.
pub fn whereabouts_of_uid(conn: &mut Conn, uid: &str) -> Result<Option<Whereabouts>, StoreError> {
    Ok(by_uid(conn, uid)?.map(|s| Whereabouts { study: s.id, encounter: s.encounter }))
}

pub fn whereabouts(conn: &mut Conn, of: StudyId) -> Result<Option<Whereabouts>, StoreError> {
    Ok(by_id(conn, of)?.map(|s| Whereabouts { study: s.id, encounter: s.encounter }))
}

fn by_id(conn: &mut Conn, of: StudyId) -> Result<Option<Study>, StoreError> {
    let row: Option<Row> = study::table
        .filter(study::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a study"))?;
    row.map(of_row).transpose()
}

/// A study of the permit's stay.
pub fn linked(conn: &mut Conn, permit: &Permit<ViewChart>, of: StudyId) -> Result<Option<Study>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(None) };
    Ok(by_id(conn, of)?.filter(|s| s.encounter == Some(*stay)))
}

/// A study that is on nobody's chart.
pub fn unmatched_one(conn: &mut Conn, _permit: &Permit<LinkStudy>, of: StudyId) -> Result<Option<Study>, StoreError> {
    Ok(by_id(conn, of)?.filter(|s| s.encounter.is_none()))
}

/// Studies of the permit's stay that came since `since`, newest first. Index study_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>, since: i64) -> Result<Vec<Study>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Row> = study::table
        .filter(study::encounter_id.eq(stay.to_string()).and(study::received_at.ge(since)))
        .order((study::received_at.desc(), study::id))
        .limit(500)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list a stay's studies"))?;
    rows.into_iter().map(of_row).collect()
}

/// Studies that wait for a person, oldest first, after the one that a page before ended with. Index study_of_encounter.
pub fn unmatched(
    conn: &mut Conn,
    _permit: &Permit<LinkStudy>,
    past: Option<StudyId>,
    limit: i64,
) -> Result<Vec<Study>, StoreError> {
    // The last one may have been linked meanwhile; its place in the order stays.
    let past = past.map(|id| by_id(conn, id)).transpose()?.flatten();
    let (at, id) = past.map_or((i64::MIN, String::new()), |s| (s.received_at, s.id.to_string()));
    let rows: Vec<Row> = study::table
        .filter(study::encounter_id.is_null())
        .filter(study::received_at.gt(at).or(study::received_at.eq(at).and(study::id.gt(id))))
        .order((study::received_at, study::id))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list unmatched studies"))?;
    rows.into_iter().map(of_row).collect()
}

/// How many wait. Index study_of_encounter.
pub fn unmatched_count(conn: &mut Conn) -> Result<i64, StoreError> {
    study::table
        .filter(study::encounter_id.is_null())
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count unmatched studies"))
}
