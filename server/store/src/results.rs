//! Laboratory results by version: one result a specimen and code, its values never changed, only followed.

use crate::error::{id, maybe_id};
use crate::payload::{self, SEALED};
use crate::schema::{encounter, result, result_version, specimen};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, MatchLab, Permit, ReleaseResult, Scope, ViewChart};
use benhan_domain::id::{DeviceId, EncounterId, InboxId, OrderId, ResultId, SpecimenId, UserId, WardId};
use benhan_domain::lab::{Flag, ResultStatus};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// What a result is of; never changes.
#[derive(Clone, Debug)]
pub struct Head {
    pub encounter: EncounterId,
    pub order: Option<OrderId>,
    /// `None` when a person matched a message that names no specimen of ours.
    pub specimen: Option<SpecimenId>,
    pub code: String,
    pub name: String,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// As written, with its comparator: `36.80`, `<0.01`, `Dương tính`.
    pub value: String,
    /// Only where the value is exactly this number.
    pub number: Option<f64>,
    pub unit: String,
    pub reference_range: String,
    pub flag: Option<Flag>,
    pub critical: bool,
    pub effective_at: i64,
}

/// Where a version came from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub author: Option<UserId>,
    pub device: Option<DeviceId>,
    pub inbox: Option<InboxId>,
    pub reason: Option<String>,
}

#[derive(Clone, Debug)]
pub struct ResultVersion {
    pub id: ResultId,
    pub head: Head,
    /// Where the patient is now, for the policy.
    pub ward: WardId,
    pub barcode: Option<String>,
    pub version: i64,
    pub current_version: i64,
    /// The version that waits beside a released one for a technician.
    pub waiting_version: Option<i64>,
    pub status: ResultStatus,
    pub value: Value,
    pub source: Source,
    pub recorded_at: i64,
    pub seen: bool,
}

impl ResultVersion {
    fn last_version(&self) -> i64 {
        self.waiting_version.map_or(self.current_version, |waiting| waiting.max(self.current_version))
    }
}

/// What a value that came became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    New(ResultId),
    /// The same value in the same unit stands already: a resend.
    Unchanged(ResultId),
    /// Another value: a new version.
    Revised(ResultId),
    /// Another value than the one that a technician released: it waits beside it.
    Waiting(ResultId),
    /// Measured before the value that stands: it changes nothing.
    Older(ResultId),
}

/// Changes a result's row if it still points where it did when `of` was read.
macro_rules! at_its_place {
    ($of:expr, $tx:expr, $change:expr, $operation:literal) => {{
        let mine = result::id.eq($of.id.to_string()).and(result::current_version.eq($of.current_version));
        let moved = match $of.waiting_version {
            Some(waiting) => diesel::update(result::table.filter(mine.and(result::waiting_version.eq(waiting))))
                .set($change)
                .execute($tx.db()),
            None => diesel::update(result::table.filter(mine.and(result::waiting_version.is_null())))
                .set($change)
                .execute($tx.db()),
        };
        moved.map_err(StoreError::db($operation))? == 1
    }};
}

/// Keeps a value under its specimen and code. A resend changes nothing, nor does a value older than the one that
/// stands; another value follows it, or waits beside it once a technician has released it.
/// [`StoreError::Taken`] of `result`: another writer opened it this moment; run again.
pub fn record(
    tx: &mut Tx<'_>,
    permit: &Permit<MatchLab>,
    head: &Head,
    value: &Value,
    source: &Source,
) -> Result<Recorded, StoreError> {
    check_scope(permit, head.encounter)?;
    let Some(standing) = standing(tx.conn(), head, value)? else {
        return open(tx, head, value, source).map(Recorded::New);
    };
    let same = standing.value.value == value.value && standing.value.unit == value.unit;
    if standing.status != ResultStatus::EnteredInError {
        if same {
            return Ok(Recorded::Unchanged(standing.id));
        }
        if value.effective_at < standing.value.effective_at {
            return Ok(Recorded::Older(standing.id));
        }
    }
    let kept = if standing.status.stands() {
        if let Some(waits) = waiting_beside(tx.conn(), &standing)? {
            if waits.value.value == value.value && waits.value.unit == value.unit {
                return Ok(Recorded::Unchanged(standing.id));
            }
            if value.effective_at < waits.value.effective_at {
                return Ok(Recorded::Older(standing.id));
            }
        }
        beside(tx, &standing, value, source)?.then_some(Recorded::Waiting(standing.id))
    } else {
        follow(tx, &standing, standing.status.revised(), value, source)?.then_some(Recorded::Revised(standing.id))
    };
    kept.ok_or_else(|| StoreError::Taken { table: "result".into() })
}

/// Whether the value that stands under this identity says the same; nothing when none stands.
pub fn stands_as(
    conn: &mut Conn,
    permit: &Permit<MatchLab>,
    head: &Head,
    value: &Value,
) -> Result<Option<bool>, StoreError> {
    check_scope(permit, head.encounter)?;
    let same = |v: &ResultVersion| v.value.value == value.value && v.value.unit == value.unit;
    Ok(standing(conn, head, value)?.filter(|s| s.status != ResultStatus::EnteredInError).map(|s| same(&s)))
}

/// Adds the version that waits beside the released one, in the place of another that did.
fn beside(tx: &mut Tx<'_>, of: &ResultVersion, value: &Value, source: &Source) -> Result<bool, StoreError> {
    let version = of.last_version().saturating_add(1);
    let moved = at_its_place!(of, tx, result::waiting_version.eq(version), "keep a value beside a result");
    if moved {
        add_version(tx, (of.id, of.head.encounter), version, ResultStatus::Corrected, value, source)?;
    }
    Ok(moved)
}

/// Takes back the value that waits beside a released one; false when it is not the one that waits now.
pub fn drop_waiting(tx: &mut Tx<'_>, permit: &Permit<MatchLab>, of: &ResultVersion) -> Result<bool, StoreError> {
    check_scope(permit, of.head.encounter)?;
    Ok(at_its_place!(of, tx, result::waiting_version.eq(None::<i64>), "take back a value beside a result"))
}

/// Adds a version after `of`; false when somebody was first.
pub fn amend<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: &ResultVersion,
    status: ResultStatus,
    value: &Value,
    source: &Source,
) -> Result<bool, StoreError> {
    check_scope(permit, of.head.encounter)?;
    follow(tx, of, status, value, source)
}

fn open(tx: &mut Tx<'_>, head: &Head, value: &Value, source: &Source) -> Result<ResultId, StoreError> {
    let (given, status): (ResultId, _) = (tx.fresh(), ResultStatus::Preliminary);
    let row = (
        result::id.eq(given.to_string()),
        result::encounter_id.eq(head.encounter.to_string()),
        result::order_id.eq(head.order.map(|o| o.to_string())),
        result::specimen_id.eq(head.specimen.map(|s| s.to_string())),
        result::code.eq(&head.code),
        result::name.eq(&head.name),
        result::current_version.eq(1),
        result::status.eq(status.as_str()),
        result::effective_at.eq(value.effective_at),
    );
    diesel::insert_into(result::table).values(row).execute(tx.db()).map_err(StoreError::db("open a result"))?;
    add_version(tx, (given, head.encounter), 1, status, value, source)?;
    Ok(given)
}

/// A new value is a new thing to look at: `seen_at` is cleared.
fn follow(
    tx: &mut Tx<'_>,
    of: &ResultVersion,
    status: ResultStatus,
    value: &Value,
    source: &Source,
) -> Result<bool, StoreError> {
    let version = of.last_version().saturating_add(1);
    let next = (
        result::current_version.eq(version),
        result::waiting_version.eq(None::<i64>),
        result::status.eq(status.as_str()),
        result::effective_at.eq(value.effective_at),
        result::seen_at.eq(None::<i64>),
    );
    let moved = at_its_place!(of, tx, next, "follow a result");
    if moved {
        add_version(tx, (of.id, of.head.encounter), version, status, value, source)?;
    }
    Ok(moved)
}

fn add_version(
    tx: &mut Tx<'_>,
    (of, stay): (ResultId, EncounterId),
    version: i64,
    status: ResultStatus,
    value: &Value,
    source: &Source,
) -> Result<(), StoreError> {
    let key = of.to_string();
    let said = Said {
        value: value.value.clone(),
        number: value.number.map(f64::to_bits),
        unit: value.unit.clone(),
        reference_range: value.reference_range.clone(),
        flag: value.flag.map(|flag| flag.as_str().to_owned()),
        critical: value.critical,
        reason: source.reason.clone(),
    };
    let sealed = payload::seal(tx, stay, (TABLE, &key, version), &said)?;
    let row = (
        result_version::result_id.eq(&key),
        result_version::version.eq(version),
        result_version::status.eq(status.as_str()),
        result_version::value.eq(""),
        result_version::number.eq(None::<f64>),
        result_version::unit.eq(""),
        result_version::reference_range.eq(""),
        result_version::flag.eq(None::<String>),
        result_version::critical.eq(false),
        result_version::effective_at.eq(value.effective_at),
        result_version::recorded_at.eq(tx.now().0),
        result_version::author_id.eq(source.author.map(|a| a.to_string())),
        result_version::device_id.eq(source.device.map(|d| d.to_string())),
        result_version::inbox_id.eq(source.inbox.map(|i| i.to_string())),
        result_version::reason.eq(None::<String>),
        result_version::key_id.eq(SEALED),
        result_version::sealed.eq(Some(sealed)),
    );
    diesel::insert_into(result_version::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a result version"))
}

fn check_scope<A: Action>(permit: &Permit<A>, stay: EncounterId) -> Result<(), StoreError> {
    match permit.scope() {
        Scope::Encounter(id) if *id == stay => Ok(()),
        _ => Err(StoreError::corrupt("permit", "scope", &stay.to_string())),
    }
}

pub(crate) const TABLE: &str = "result_version";

/// What a version says: sealed with the key of its record.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    pub value: String,
    /// Its bits: decimal digits may come back as their neighbour.
    pub number: Option<u64>,
    pub unit: String,
    pub reference_range: String,
    pub flag: Option<String>,
    pub critical: bool,
    pub reason: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = result_version)]
struct VersionRow {
    result_id: String,
    version: i64,
    status: String,
    value: String,
    number: Option<f64>,
    unit: String,
    reference_range: String,
    flag: Option<String>,
    critical: bool,
    effective_at: i64,
    recorded_at: i64,
    author_id: Option<String>,
    device_id: Option<String>,
    inbox_id: Option<String>,
    reason: Option<String>,
    sealed: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = result)]
struct HeadRow {
    encounter_id: String,
    order_id: Option<String>,
    specimen_id: Option<String>,
    code: String,
    name: String,
    current_version: i64,
    waiting_version: Option<i64>,
    seen_at: Option<i64>,
}

type Joined = (VersionRow, HeadRow, String, Option<String>);

macro_rules! joined {
    () => {
        result_version::table
            .inner_join(result::table.on(result::id.eq(result_version::result_id)))
            .inner_join(encounter::table.on(encounter::id.eq(result::encounter_id)))
            .left_join(specimen::table.on(specimen::id.nullable().eq(result::specimen_id)))
            .select((VersionRow::as_select(), HeadRow::as_select(), encounter::ward_id, specimen::barcode.nullable()))
    };
}

mod lists;
pub use lists::{mark_seen, of_message, of_stay, unreleased, unreleased_of_order, unseen, versions_of_stay};

fn of_row(conn: &Conn, (row, head, ward, barcode): Joined) -> Result<ResultVersion, StoreError> {
    let (table, stay) = (TABLE, id(&head.encounter_id, "result", "encounter_id")?);
    let plain = Said {
        value: row.value,
        number: row.number.map(f64::to_bits),
        unit: row.unit,
        reference_range: row.reference_range,
        flag: row.flag,
        critical: row.critical,
        reason: row.reason,
    };
    let said = payload::open(conn, stay, (table, &row.result_id, row.version), row.sealed.as_deref(), plain)?;
    let flag =
        said.flag.as_deref().map(|f| Flag::parse(f).ok_or_else(|| StoreError::corrupt(table, "flag", &row.result_id)));
    Ok(ResultVersion {
        id: id(&row.result_id, table, "result_id")?,
        head: Head {
            encounter: stay,
            order: maybe_id(head.order_id.as_deref(), "result", "order_id")?,
            specimen: maybe_id(head.specimen_id.as_deref(), "result", "specimen_id")?,
            code: head.code,
            name: head.name,
        },
        ward: id(&ward, "encounter", "ward_id")?,
        barcode,
        version: row.version,
        current_version: head.current_version,
        waiting_version: head.waiting_version,
        status: ResultStatus::parse(&row.status).ok_or_else(|| StoreError::corrupt(table, "status", &row.result_id))?,
        value: Value {
            value: said.value,
            number: said.number.map(f64::from_bits),
            unit: said.unit,
            reference_range: said.reference_range,
            flag: flag.transpose()?,
            critical: said.critical,
            effective_at: row.effective_at,
        },
        source: Source {
            author: maybe_id(row.author_id.as_deref(), table, "author_id")?,
            device: maybe_id(row.device_id.as_deref(), table, "device_id")?,
            inbox: maybe_id(row.inbox_id.as_deref(), table, "inbox_id")?,
            reason: said.reason,
        },
        recorded_at: row.recorded_at,
        seen: head.seen_at.is_some(),
    })
}

/// The current version under this identity: specimen and code; without a specimen the stay, the code and the
/// instant of measurement stand for it. By the unique index, or index result_of_encounter.
fn standing(conn: &mut Conn, head: &Head, value: &Value) -> Result<Option<ResultVersion>, StoreError> {
    let mut query = joined!()
        .filter(result_version::version.eq(result::current_version))
        .filter(result::code.eq(head.code.clone()))
        .into_boxed();
    query = match head.specimen {
        Some(specimen) => query.filter(result::specimen_id.eq(specimen.to_string())),
        None => query
            .filter(result::encounter_id.eq(head.encounter.to_string()))
            .filter(result::effective_at.eq(value.effective_at))
            .filter(result::specimen_id.is_null()),
    };
    let row: Option<Joined> = query.first(conn.db()).optional().map_err(StoreError::db("find a result"))?;
    row.map(|row| of_row(conn, row)).transpose()
}

/// The version that waits beside a released one. By the primary key.
fn waiting_beside(conn: &mut Conn, of: &ResultVersion) -> Result<Option<ResultVersion>, StoreError> {
    let Some(waiting) = of.waiting_version else { return Ok(None) };
    let row: Option<Joined> = joined!()
        .filter(result::id.eq(of.id.to_string()).and(result_version::version.eq(waiting)))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a value beside a result"))?;
    row.map(|row| of_row(conn, row)).transpose()
}

/// What a technician would release of this result: what waits beside the released value, else what stands.
pub fn to_release(
    conn: &mut Conn,
    permit: &Permit<ReleaseResult>,
    of: ResultId,
) -> Result<Option<ResultVersion>, StoreError> {
    let Some(standing) = current(conn, permit, of)? else { return Ok(None) };
    Ok(Some(waiting_beside(conn, &standing)?.unwrap_or(standing)))
}

/// The stay that a result belongs to, for the policy.
pub fn stay_of(conn: &mut Conn, of: ResultId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = result::table
        .filter(result::id.eq(of.to_string()))
        .select(result::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a result's stay"))?;
    stay.map(|s| id(&s, "result", "encounter_id")).transpose()
}

pub fn current<A: Action>(
    conn: &mut Conn,
    permit: &Permit<A>,
    of: ResultId,
) -> Result<Option<ResultVersion>, StoreError> {
    let row: Option<Joined> = joined!()
        .filter(result::id.eq(of.to_string()).and(result_version::version.eq(result::current_version)))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a result"))?;
    let found = row.map(|row| of_row(conn, row)).transpose()?;
    Ok(found.filter(|r| permit.covers(r.head.encounter, r.ward)))
}

/// All versions, oldest first. By the primary key.
pub fn history(conn: &mut Conn, permit: &Permit<ViewChart>, of: ResultId) -> Result<Vec<ResultVersion>, StoreError> {
    let rows: Vec<Joined> = joined!()
        .filter(result::id.eq(of.to_string()))
        .order(result_version::version)
        .limit(200)
        .load(conn.db())
        .map_err(StoreError::db("read a result's versions"))?;
    let versions = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(versions.into_iter().filter(|r| permit.covers(r.head.encounter, r.ward)).collect())
}
