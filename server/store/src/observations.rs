//! Vital-sign sets by version. The set's row points at its current version; versions never change.

use crate::error::{id, maybe_id};
use crate::payload::{self, SEALED, Text};
use crate::schema::{observation_set, observation_set_version, signature};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{ChartVitals, MatchVitals, Permit, Scope, ViewChart, ViewWard};
use benhan_domain::id::{DeviceId, EncounterId, InboxId, ObservationSetId, UserId};
use benhan_domain::observation::Status;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

/// A version as read back: `body` is exactly what a signature covers.
#[derive(Clone, Debug)]
pub struct SetVersion {
    pub set: ObservationSetId,
    pub encounter: EncounterId,
    pub version: i64,
    pub current_version: i64,
    pub status: Status,
    pub from_device: bool,
    pub device: Option<DeviceId>,
    pub effective_at: i64,
    pub recorded_at: i64,
    pub author: Option<UserId>,
    pub reason_code: Option<String>,
    pub reason: Option<String>,
    pub body: String,
    pub sha256: String,
}

/// What a new set is made of.
#[derive(Clone, Debug)]
pub struct NewSet {
    pub set: ObservationSetId,
    pub encounter: EncounterId,
    pub device: Option<DeviceId>,
    pub inbox: Option<InboxId>,
    pub slot_key: Option<String>,
}

/// What any version is made of; `body` is the canonical text of the values and all else that is signed.
#[derive(Clone, Debug)]
pub struct NewVersion {
    pub status: Status,
    pub effective_at: i64,
    pub author: Option<UserId>,
    pub reason_code: Option<String>,
    pub reason: Option<String>,
    pub body: String,
}

/// Opens a set with its first version. [`StoreError::Taken`] of `observation_set`: the device's slot is filled.
/// The version as it now stands is handed back: its reader need not ask the database again.
pub fn open(
    tx: &mut Tx<'_>,
    permit: &Permit<ChartVitals>,
    set: &NewSet,
    first: &NewVersion,
) -> Result<SetVersion, StoreError> {
    check_scope(permit, set.encounter)?;
    let row = (
        observation_set::id.eq(set.set.to_string()),
        observation_set::encounter_id.eq(set.encounter.to_string()),
        observation_set::current_version.eq(1),
        observation_set::status.eq(first.status.as_str()),
        observation_set::source.eq(if set.inbox.is_some() { "device" } else { "manual" }),
        observation_set::device_id.eq(set.device.map(|d| d.to_string())),
        observation_set::inbox_id.eq(set.inbox.map(|i| i.to_string())),
        observation_set::slot_key.eq(set.slot_key.clone()),
        observation_set::effective_at.eq(first.effective_at),
        observation_set::recorded_at.eq(tx.now().0),
    );
    diesel::insert_into(observation_set::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("open a vital-sign set"))?;
    add_version(tx, set.set, set.encounter, set.device, 1, first)
}

/// Adds version `from + 1` and hands it back. `None` when `from` is no longer the current one: somebody was first.
pub fn amend<A: benhan_domain::access::Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: &SetVersion,
    next: &NewVersion,
) -> Result<Option<SetVersion>, StoreError> {
    check_scope(permit, of.encounter)?;
    follow(tx, of, next)
}

fn follow(tx: &mut Tx<'_>, of: &SetVersion, next: &NewVersion) -> Result<Option<SetVersion>, StoreError> {
    let version = of.current_version.saturating_add(1);
    let mine = observation_set::id.eq(of.set.to_string()).and(observation_set::current_version.eq(of.version));
    let moved = diesel::update(observation_set::table.filter(mine))
        .set((
            observation_set::current_version.eq(version),
            observation_set::status.eq(next.status.as_str()),
            observation_set::effective_at.eq(next.effective_at),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("amend a vital-sign set"))?;
    if moved == 0 {
        return Ok(None);
    }
    let written = add_version(tx, of.set, of.encounter, of.device, version, next)?;
    Ok(Some(SetVersion { from_device: of.from_device, ..written }))
}

fn add_version(
    tx: &mut Tx<'_>,
    set: ObservationSetId,
    stay: EncounterId,
    device: Option<DeviceId>,
    version: i64,
    new: &NewVersion,
) -> Result<SetVersion, StoreError> {
    let (key, now) = (set.to_string(), tx.now().0);
    let sha256 = hex::encode(Sha256::digest(&new.body));
    let text = Text { body: new.body.clone(), reason: new.reason.clone() };
    let sealed = payload::seal(tx, stay, (TABLE, &key, version), &text)?;
    let row = (
        observation_set_version::set_id.eq(&key),
        observation_set_version::version.eq(version),
        observation_set_version::status.eq(new.status.as_str()),
        observation_set_version::effective_at.eq(new.effective_at),
        observation_set_version::recorded_at.eq(now),
        observation_set_version::author_id.eq(new.author.map(|a| a.to_string())),
        observation_set_version::reason_code.eq(new.reason_code.clone()),
        observation_set_version::reason.eq(None::<String>),
        observation_set_version::body.eq(""),
        observation_set_version::sha256.eq(""),
        observation_set_version::key_id.eq(SEALED),
        observation_set_version::sealed.eq(Some(sealed)),
    );
    diesel::insert_into(observation_set_version::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("keep a vital-sign version"))?;
    Ok(SetVersion {
        set,
        encounter: stay,
        version,
        current_version: version,
        status: new.status,
        from_device: device.is_some(),
        device,
        effective_at: new.effective_at,
        recorded_at: now,
        author: new.author,
        reason_code: new.reason_code.clone(),
        reason: new.reason.clone(),
        body: new.body.clone(),
        sha256,
    })
}

fn check_scope<A: benhan_domain::access::Action>(permit: &Permit<A>, stay: EncounterId) -> Result<(), StoreError> {
    match permit.scope() {
        Scope::Encounter(id) if *id == stay => Ok(()),
        _ => Err(StoreError::corrupt("permit", "scope", &stay.to_string())),
    }
}

const TABLE: &str = "observation_set_version";

type Joined = (VersionRow, (String, i64, String, Option<String>));

#[derive(Queryable, Selectable)]
#[diesel(table_name = observation_set_version)]
struct VersionRow {
    set_id: String,
    version: i64,
    status: String,
    effective_at: i64,
    recorded_at: i64,
    author_id: Option<String>,
    reason_code: Option<String>,
    reason: Option<String>,
    body: String,
    sha256: String,
    sealed: Option<Vec<u8>>,
}

macro_rules! joined {
    () => {
        observation_set_version::table
            .inner_join(observation_set::table.on(observation_set::id.eq(observation_set_version::set_id)))
            .select((
                VersionRow::as_select(),
                (
                    observation_set::encounter_id,
                    observation_set::current_version,
                    observation_set::source,
                    observation_set::device_id,
                ),
            ))
    };
}

fn of_row(conn: &Conn, (row, (stay, current, source, device)): Joined) -> Result<SetVersion, StoreError> {
    let (table, stay) = (TABLE, id(&stay, "observation_set", "encounter_id")?);
    let plain = Text { body: row.body, reason: row.reason };
    let text = payload::open(conn, stay, (table, &row.set_id, row.version), row.sealed.as_deref(), plain)?;
    let sha256 = if row.sealed.is_some() { hex::encode(Sha256::digest(&text.body)) } else { row.sha256 };
    Ok(SetVersion {
        set: id(&row.set_id, table, "set_id")?,
        encounter: stay,
        version: row.version,
        current_version: current,
        status: Status::parse(&row.status).ok_or_else(|| StoreError::corrupt(table, "status", &row.set_id))?,
        from_device: source == "device",
        device: maybe_id(device.as_deref(), "observation_set", "device_id")?,
        effective_at: row.effective_at,
        recorded_at: row.recorded_at,
        author: maybe_id(row.author_id.as_deref(), table, "author_id")?,
        reason_code: row.reason_code,
        reason: text.reason,
        body: text.body,
        sha256,
    })
}

mod of_devices;
pub use of_devices::{last_of_device, of_message, proposed};

/// A device's set is there for this slot. The unique index is the last word.
pub fn slot_filled(conn: &mut Conn, slot_key: &str) -> Result<bool, StoreError> {
    let there: i64 = observation_set::table
        .filter(observation_set::slot_key.eq(slot_key))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("look for a slot"))?;
    Ok(there > 0)
}

/// Adds the version that takes a message's set back, and frees its slot for the right patient. False when somebody was
/// first.
pub fn withdraw(
    tx: &mut Tx<'_>,
    permit: &Permit<MatchVitals>,
    of: &SetVersion,
    next: &NewVersion,
) -> Result<bool, StoreError> {
    check_scope(permit, of.encounter)?;
    if follow(tx, of, next)?.is_none() {
        return Ok(false);
    }
    diesel::update(observation_set::table.filter(observation_set::id.eq(of.set.to_string())))
        .set(observation_set::slot_key.eq(None::<String>))
        .execute(tx.db())
        .map_err(StoreError::db("free a slot"))?;
    Ok(true)
}

/// The stay that a set belongs to, for the policy.
pub fn stay_of(conn: &mut Conn, set: ObservationSetId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = observation_set::table
        .filter(observation_set::id.eq(set.to_string()))
        .select(observation_set::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a set's stay"))?;
    stay.map(|s| id(&s, "observation_set", "encounter_id")).transpose()
}

pub fn current(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    set: ObservationSetId,
) -> Result<Option<SetVersion>, StoreError> {
    let row: Option<Joined> = joined!()
        .filter(
            observation_set::id
                .eq(set.to_string())
                .and(observation_set_version::version.eq(observation_set::current_version)),
        )
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a vital-sign set"))?;
    let found = row.map(|row| of_row(conn, row)).transpose()?;
    Ok(found.filter(|v| in_scope(permit, v.encounter)))
}

/// All versions of a set, oldest first.
pub fn history(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    set: ObservationSetId,
) -> Result<Vec<SetVersion>, StoreError> {
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::id.eq(set.to_string()))
        .order(observation_set_version::version)
        .limit(200)
        .load(conn.db())
        .map_err(StoreError::db("read a set's versions"))?;
    let versions = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(versions.into_iter().filter(|v| in_scope(permit, v.encounter)).collect())
}

/// Current versions of a stay between two instants, oldest first. Index observation_set_chart.
pub fn chart(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    from: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .filter(observation_set::effective_at.ge(from).and(observation_set::effective_at.lt(to)))
        .filter(observation_set_version::version.eq(observation_set::current_version))
        .order(observation_set::effective_at.desc())
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read a chart"))?;
    let mut sets = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    sets.reverse();
    Ok(sets)
}

/// Every version of the sets that ever stood on a stay's chart, in the order of the sheet that shows corrections. Of a
/// longer chart the newest `limit` versions, and none of a set that is cut in two. Index observation_set_chart.
pub fn chart_versions(conn: &mut Conn, permit: &Permit<ViewChart>, limit: i64) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    // A proposal that nobody accepted never stood; what was withdrawn did.
    let stood = [Status::Final, Status::Amended, Status::EnteredInError].map(Status::as_str);
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()).and(observation_set::status.eq_any(stood)))
        .order((
            observation_set::effective_at.desc(),
            observation_set_version::set_id.desc(),
            observation_set_version::version.desc(),
        ))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read a chart's versions"))?;
    let mut versions = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    if i64::try_from(versions.len()).is_ok_and(|n| n >= limit) {
        let cut = versions.last().filter(|v| v.version > 1).map(|v| v.set);
        versions.retain(|v| Some(v.set) != cut);
    }
    versions.reverse();
    Ok(versions)
}

/// Every version of every set of a stay, what never stood too, by set and version, after the one that a page before
/// ended with. Index observation_set_chart.
pub fn versions_of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let (set, version) = (after.0.to_owned(), after.1);
    let later = observation_set::id
        .gt(set.clone())
        .or(observation_set::id.eq(set).and(observation_set_version::version.gt(version)));
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .filter(later)
        .order((observation_set::id, observation_set_version::version))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read every version of a stay's sets"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Current versions since `since` of these stays, oldest first: one query for a board or a round. Where there are more
/// than a screen can use, the newest.
pub fn recent_of(
    conn: &mut Conn,
    _permit: &Permit<ViewWard>,
    stays: &[EncounterId],
    since: i64,
    limit: i64,
) -> Result<Vec<SetVersion>, StoreError> {
    let stays: Vec<String> = stays.iter().map(|s| s.to_string()).collect();
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq_any(stays))
        .filter(observation_set::effective_at.ge(since))
        .filter(observation_set_version::version.eq(observation_set::current_version))
        .order(observation_set::effective_at.desc())
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read a ward's recent sets"))?;
    let mut sets = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    sets.reverse();
    Ok(sets)
}

/// What this person entered or accepted, that stands and that they have not signed, over all stays, oldest first.
/// One's own work, so the author is the permit. Index observation_set_version_of_author.
pub fn unsigned_by(conn: &mut Conn, author: UserId, limit: i64) -> Result<Vec<SetVersion>, StoreError> {
    let me = author.to_string();
    let signed = signature::table
        .filter(signature::subject_kind.eq("observation-set").and(signature::signer_id.eq(me.clone())))
        .filter(signature::subject_id.eq(observation_set_version::set_id))
        .filter(signature::subject_version.eq(observation_set_version::version));
    let rows: Vec<Joined> = joined!()
        .filter(observation_set_version::author_id.eq(me))
        .filter(observation_set_version::version.eq(observation_set::current_version))
        .filter(observation_set_version::status.eq_any([Status::Final, Status::Amended].map(Status::as_str)))
        .filter(diesel::dsl::not(diesel::dsl::exists(signed)))
        .order((observation_set_version::recorded_at, observation_set_version::set_id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list what a person has not signed"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Stay and author of a set's current version, for the policy: what is one's own stays one's own.
pub fn written_by(conn: &mut Conn, set: ObservationSetId) -> Result<Option<(EncounterId, Option<UserId>)>, StoreError> {
    let row: Option<(String, Option<String>)> = observation_set::table
        .inner_join(
            observation_set_version::table.on(observation_set_version::set_id
                .eq(observation_set::id)
                .and(observation_set_version::version.eq(observation_set::current_version))),
        )
        .filter(observation_set::id.eq(set.to_string()))
        .select((observation_set::encounter_id, observation_set_version::author_id))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a set's author"))?;
    row.map(|(stay, author)| {
        let author = maybe_id(author.as_deref(), "observation_set_version", "author_id")?;
        Ok((id(&stay, "observation_set", "encounter_id")?, author))
    })
    .transpose()
}

fn in_scope(permit: &Permit<ViewChart>, stay: EncounterId) -> bool {
    matches!(permit.scope(), Scope::Encounter(id) if *id == stay)
}
