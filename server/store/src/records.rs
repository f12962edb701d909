//! Where records stand in their lives, and what happened to them. Events and what was sealed with them never change.

use crate::dialect::{self, on_either};
use crate::error::{id, maybe_id};
use crate::payload::{self, SEALED, Text};
use crate::schema::{medical_record, record_event};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, ViewChart};
use benhan_domain::id::{EncounterId, RecordEventId, UserId};
use benhan_domain::record::{KeptUntil, LifeEvent, RecordState, RetentionClass};
use diesel::prelude::*;
use std::collections::BTreeSet;

mod contents;
mod facts;
mod lists;
pub use contents::{Contents, Part, contents, patient_sha256};
pub use facts::facts;
pub use lists::{Kept, Which, list};

/// A year that no record reaches.
const FOREVER: i64 = 9_999;

/// Nobody writes into this record until the transaction ends. Taken before anything else: see [`written_into`].
pub fn held_alone(conn: &mut Conn, stay: EncounterId) -> Result<(), StoreError> {
    dialect::hold(conn, &format!("record {stay}"))
}

/// This transaction writes into the record: nobody closes or archives it meanwhile.
pub fn written_into(conn: &mut Conn, stay: EncounterId) -> Result<(), StoreError> {
    dialect::share(conn, &format!("record {stay}"))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: RecordState,
    /// The ground with the longest term.
    pub class: RetentionClass,
    pub closed_at: Option<i64>,
    pub archived_at: Option<i64>,
    pub archive_number: Option<String>,
    /// Once it is closed.
    pub kept_until: Option<KeptUntil>,
}

impl Standing {
    const NEW: Self = Self {
        state: RecordState::Active,
        class: RetentionClass::Ordinary,
        closed_at: None,
        archived_at: None,
        archive_number: None,
        kept_until: None,
    };
}

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = medical_record)]
struct Row {
    encounter_id: String,
    state: String,
    class: String,
    closed_at: Option<i64>,
    archived_at: Option<i64>,
    archive_number: Option<String>,
    kept_until: Option<i64>,
}

impl TryFrom<Row> for Standing {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("medical_record", column, &row.encounter_id);
        let kept_until = row.kept_until.map(|year| match year {
            FOREVER => Ok(KeptUntil::Forever),
            year => i16::try_from(year).map(KeptUntil::EndOf).map_err(|_| corrupt("kept_until")),
        });
        Ok(Self {
            state: RecordState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
            class: RetentionClass::parse(&row.class).ok_or_else(|| corrupt("class"))?,
            kept_until: kept_until.transpose()?,
            closed_at: row.closed_at,
            archived_at: row.archived_at,
            archive_number: row.archive_number,
        })
    }
}

fn year(kept: KeptUntil) -> i64 {
    match kept {
        KeptUntil::EndOf(year) => i64::from(year),
        KeptUntil::Forever => FOREVER,
    }
}

fn stay_of<A: Action>(permit: &Permit<A>) -> Result<EncounterId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(*stay),
        _ => Err(StoreError::corrupt("permit", "scope", "medical_record")),
    }
}

/// The permit's record, as it stands.
pub fn standing<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Standing, StoreError> {
    let row: Option<Row> = medical_record::table
        .filter(medical_record::encounter_id.eq(stay_of(permit)?.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read where a record stands"))?;
    row.map_or(Ok(Standing::NEW), Standing::try_from)
}

/// Moves the permit's record on; false when it is no longer in the state `from`.
pub fn move_on<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    from: RecordState,
    to: &Standing,
) -> Result<bool, StoreError> {
    let stay = stay_of(permit)?.to_string();
    let failed = StoreError::db("begin a record");
    let first = (
        medical_record::encounter_id.eq(&stay),
        medical_record::state.eq(RecordState::Active.as_str()),
        medical_record::class.eq(RetentionClass::Ordinary.as_str()),
    );
    on_either!(tx.db(), c => diesel::insert_into(medical_record::table)
        .values(first)
        .on_conflict_do_nothing()
        .execute(c))
    .map_err(failed)?;
    let mine = medical_record::encounter_id.eq(&stay).and(medical_record::state.eq(from.as_str()));
    diesel::update(medical_record::table.filter(mine))
        .set((
            medical_record::state.eq(to.state.as_str()),
            medical_record::class.eq(to.class.as_str()),
            medical_record::closed_at.eq(to.closed_at),
            medical_record::archived_at.eq(to.archived_at),
            medical_record::archive_number.eq(to.archive_number.clone()),
            medical_record::kept_until.eq(to.kept_until.map(year)),
        ))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("move a record on"))
}

/// What was sealed: canonical JSON, its hash, the hospital's CMS over it.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub manifest: String,
    pub sha256: String,
    pub seal: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: LifeEvent,
    /// None: a rule.
    pub by: Option<UserId>,
    pub reason: Option<String>,
    pub class: Option<RetentionClass>,
    pub sealed: Option<Sealed>,
}

/// Something that happened to a record; what was sealed is read by [`manifests`].
#[derive(Clone, Debug)]
pub struct Event {
    pub id: RecordEventId,
    pub kind: LifeEvent,
    pub at: i64,
    pub by: Option<UserId>,
    pub reason: Option<String>,
    pub class: Option<RetentionClass>,
    pub manifest_sha256: Option<String>,
}

pub fn note<A: Action>(tx: &mut Tx<'_>, permit: &Permit<A>, new: NewEvent) -> Result<RecordEventId, StoreError> {
    let (given, stay): (RecordEventId, _) = (tx.fresh(), stay_of(permit)?);
    let key = given.to_string();
    let (sha256, manifest, seal) = match new.sealed {
        Some(sealed) => (Some(sealed.sha256), Some(sealed.manifest), Some(sealed.seal)),
        None => (None, None, None),
    };
    // It names what was found, and the hashes of few possible values.
    let sealed =
        manifest.map(|body| payload::seal(tx, stay, (EVENT, &key, 0), &Text { body, reason: None })).transpose()?;
    let row = (
        record_event::id.eq(&key),
        record_event::encounter_id.eq(stay.to_string()),
        record_event::kind.eq(new.kind.as_str()),
        record_event::at.eq(tx.now().0),
        record_event::by_id.eq(new.by.map(|u| u.to_string())),
        record_event::reason.eq(new.reason),
        record_event::class.eq(new.class.map(RetentionClass::as_str)),
        record_event::manifest_sha256.eq(sha256),
        record_event::manifest.eq(None::<String>),
        record_event::seal.eq(seal),
        record_event::key_id.eq(if sealed.is_some() { SEALED } else { 0 }),
        record_event::sealed.eq(sealed),
    );
    diesel::insert_into(record_event::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("note what happened to a record"))?;
    Ok(given)
}

type EventRow = (String, String, i64, Option<String>, Option<String>, Option<String>, Option<String>);

/// What happened to the permit's record, oldest first. Index record_event_of_encounter.
pub fn events<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<EventRow> = record_event::table
        .filter(record_event::encounter_id.eq(stay_of(permit)?.to_string()))
        .order((record_event::at, record_event::id))
        .limit(1_000)
        .select((
            record_event::id,
            record_event::kind,
            record_event::at,
            record_event::by_id,
            record_event::reason,
            record_event::class,
            record_event::manifest_sha256,
        ))
        .load(conn.db())
        .map_err(StoreError::db("read a record's life"))?;
    rows.into_iter().map(of_event).collect()
}

fn of_event((given, kind, at, by, reason, class, manifest_sha256): EventRow) -> Result<Event, StoreError> {
    let table = "record_event";
    let class = class.map(|c| RetentionClass::parse(&c).ok_or_else(|| StoreError::corrupt(table, "class", &given)));
    Ok(Event {
        id: id(&given, table, "id")?,
        kind: LifeEvent::parse(&kind).ok_or_else(|| StoreError::corrupt(table, "kind", &given))?,
        at,
        by: maybe_id(by.as_deref(), table, "by_id")?,
        reason,
        class: class.transpose()?,
        manifest_sha256,
    })
}

/// A sealed manifest as it is kept.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub event: RecordEventId,
    pub kind: LifeEvent,
    pub sealed: Sealed,
}

const EVENT: &str = "record_event";

/// Event, kind, manifest, hash, seal, sealed manifest.
type ManifestRow = (String, String, Option<String>, Option<String>, Option<Vec<u8>>, Option<Vec<u8>>);

/// Every manifest of the permit's record, oldest first. Index record_event_of_encounter.
pub fn manifests(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Manifest>, StoreError> {
    let stay = stay_of(permit)?;
    let rows: Vec<ManifestRow> = record_event::table
        .filter(record_event::encounter_id.eq(stay.to_string()))
        .filter(record_event::manifest_sha256.is_not_null())
        .order((record_event::at, record_event::id))
        .select((
            record_event::id,
            record_event::kind,
            record_event::manifest,
            record_event::manifest_sha256,
            record_event::seal,
            record_event::sealed,
        ))
        .load(conn.db())
        .map_err(StoreError::db("read a record's manifests"))?;
    let table = EVENT;
    rows.into_iter()
        .map(|(event, kind, manifest, sha256, seal, sealed)| {
            let missing = || StoreError::corrupt(table, "manifest", &event);
            let manifest = match sealed {
                Some(sealed) => {
                    let none = Text { body: String::new(), reason: None };
                    Some(payload::open(conn, stay, (table, &event, 0), Some(&sealed), none)?.body)
                }
                None => manifest,
            };
            Ok(Manifest {
                kind: LifeEvent::parse(&kind).ok_or_else(|| StoreError::corrupt(table, "kind", &event))?,
                sealed: Sealed {
                    manifest: manifest.ok_or_else(missing)?,
                    sha256: sha256.ok_or_else(missing)?,
                    seal: seal.ok_or_else(missing)?,
                },
                event: id(&event, table, "id")?,
            })
        })
        .collect()
}

/// Records that hold a manifest or are archived and ought to hold one, in the order of their ids, after `past`.
pub fn sealed_after(conn: &mut Conn, past: &str, limit: i64) -> Result<Vec<EncounterId>, StoreError> {
    let sealed: Vec<String> = record_event::table
        .filter(record_event::manifest_sha256.is_not_null().and(record_event::encounter_id.gt(past)))
        .select(record_event::encounter_id)
        .distinct()
        .order(record_event::encounter_id)
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list sealed records"))?;
    let archived: Vec<String> = medical_record::table
        .filter(medical_record::state.eq(RecordState::Archived.as_str()).and(medical_record::encounter_id.gt(past)))
        .select(medical_record::encounter_id)
        .order(medical_record::encounter_id)
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list archived records"))?;
    let both: BTreeSet<String> = sealed.into_iter().chain(archived).collect();
    let first = both.iter().take(usize::try_from(limit).unwrap_or_default());
    first.map(|stay| id(stay, "medical_record", "encounter_id")).collect()
}
