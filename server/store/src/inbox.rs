//! Messages from devices, kept as they came; what became of each is a state with a reason.

use crate::error::{id, maybe_id};
use crate::schema::inbox;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{MatchLab, MatchVitals, Permit, Scope, SearchPatients};
use benhan_domain::id::{DeviceId, EncounterId, InboxId, UserId, WardId};
use diesel::prelude::*;
use std::collections::HashMap;

/// More than this many waiting messages are folded as far as they are read.
const MOST_WAITING: i64 = 20_000;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Stored; the matching job has not looked yet.
    Pending,
    Matched,
    /// On the waiting-to-match list (hàng chờ ghép).
    Waiting,
    /// A person said that it belongs to nobody here, and why.
    Dismissed,
    /// Quality control, training, or nothing chartable: kept, never shown on a chart.
    SetAside,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Matched => "matched",
            Self::Waiting => "waiting",
            Self::Dismissed => "dismissed",
            Self::SetAside => "set-aside",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Matched, Self::Waiting, Self::Dismissed, Self::SetAside]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: InboxId,
    pub device: DeviceId,
    pub kind: &'static str,
    pub received_at: i64,
    pub effective_at: Option<i64>,
    pub specimen: Option<String>,
    pub body: String,
    pub raw: Vec<u8>,
    pub raw_sha256: String,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub seq: i64,
    pub id: InboxId,
    pub device: DeviceId,
    pub kind: String,
    pub state: State,
    pub reason: String,
    pub received_at: i64,
    pub effective_at: Option<i64>,
    pub specimen: Option<String>,
    pub body: String,
    pub encounter: Option<EncounterId>,
    pub ward: Option<WardId>,
    pub recorded_at: i64,
}

/// Which messages a person sees: those that she may match. A monitor's message by the ward that it concerns, and by
/// everybody who matches such messages where no ward can be told; an analyzer's by the laboratory.
#[derive(Clone, Debug)]
pub struct Sight {
    kinds: Vec<&'static str>,
    /// None: every ward.
    wards: Option<Vec<String>>,
}

impl Sight {
    /// Nothing at all without a permit.
    pub fn of(vitals: Option<&Permit<MatchVitals>>, lab: Option<&Permit<MatchLab>>) -> Self {
        let mut kinds = Vec::new();
        let wards = match vitals.map(Permit::scope) {
            Some(Scope::Facility) => None,
            Some(Scope::Ward(ward)) => Some(vec![ward.to_string()]),
            Some(Scope::Wards(wards)) => Some(wards.iter().map(|w| w.to_string()).collect()),
            Some(Scope::Encounter(_)) | None => Some(Vec::new()),
        };
        if vitals.is_some() {
            kinds.push("vitals");
        }
        if lab.is_some_and(|permit| *permit.scope() == Scope::Facility) {
            kinds.extend(["lab", "other"]);
        }
        Self { kinds, wards }
    }
}

/// What became of a message, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Fate<'r> {
    pub state: State,
    pub reason: &'r str,
    pub encounter: Option<EncounterId>,
    pub ward: Option<WardId>,
    pub by: Option<UserId>,
}

/// False when this delivery was stored before.
pub fn receive(tx: &mut Tx<'_>, new: &NewMessage) -> Result<bool, StoreError> {
    let there: i64 = inbox::table
        .filter(inbox::id.eq(new.id.to_string()))
        .count()
        .get_result(tx.db())
        .map_err(StoreError::db("look for a delivery"))?;
    if there > 0 {
        return Ok(false);
    }
    let row = (
        inbox::id.eq(new.id.to_string()),
        inbox::device_id.eq(new.device.to_string()),
        inbox::kind.eq(new.kind),
        inbox::state.eq(State::Pending.as_str()),
        inbox::reason.eq(""),
        inbox::received_at.eq(new.received_at),
        inbox::effective_at.eq(new.effective_at),
        inbox::specimen.eq(new.specimen.clone()),
        inbox::body.eq(&new.body),
        inbox::raw.eq(&new.raw),
        inbox::raw_sha256.eq(&new.raw_sha256),
        inbox::key_id.eq(0),
        inbox::recorded_at.eq(tx.now().0),
    );
    diesel::insert_into(inbox::table).values(row).execute(tx.db()).map_err(StoreError::db("store a delivery"))?;
    Ok(true)
}

/// Says what became of a message that stands at `from`; false when somebody was first.
pub fn settle(tx: &mut Tx<'_>, of: InboxId, from: State, fate: &Fate<'_>) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let standing = inbox::id.eq(of.to_string()).and(inbox::state.eq(from.as_str()));
    let settled = diesel::update(inbox::table.filter(standing))
        .set((
            inbox::state.eq(fate.state.as_str()),
            inbox::reason.eq(fate.reason),
            inbox::encounter_id.eq(fate.encounter.map(|e| e.to_string())),
            inbox::ward_id.eq(fate.ward.map(|w| w.to_string())),
            inbox::handled_by.eq(fate.by.map(|u| u.to_string())),
            inbox::handled_at.eq(now),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("settle a message"))?;
    Ok(settled == 1)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = inbox)]
struct Row {
    seq: i64,
    id: String,
    device_id: String,
    kind: String,
    state: String,
    reason: String,
    received_at: i64,
    effective_at: Option<i64>,
    specimen: Option<String>,
    body: String,
    encounter_id: Option<String>,
    ward_id: Option<String>,
    recorded_at: i64,
}

/// The rows that this sight reaches.
macro_rules! seen {
    ($sight:expr, $columns:expr) => {{
        let mut query = inbox::table.filter(inbox::kind.eq_any($sight.kinds.clone())).select($columns).into_boxed();
        if let Some(wards) = $sight.wards.clone() {
            let here = inbox::ward_id.is_null().or(inbox::ward_id.assume_not_null().eq_any(wards));
            query = query.filter(inbox::kind.ne("vitals").or(here));
        }
        query
    }};
}

fn of_row(row: Row) -> Result<Message, StoreError> {
    Ok(Message {
        seq: row.seq,
        id: id(&row.id, "inbox", "id")?,
        device: id(&row.device_id, "inbox", "device_id")?,
        kind: row.kind,
        state: State::parse(&row.state).ok_or_else(|| StoreError::corrupt("inbox", "state", &row.id))?,
        reason: row.reason,
        received_at: row.received_at,
        effective_at: row.effective_at,
        specimen: row.specimen,
        body: row.body,
        encounter: maybe_id(row.encounter_id.as_deref(), "inbox", "encounter_id")?,
        ward: maybe_id(row.ward_id.as_deref(), "inbox", "ward_id")?,
        recorded_at: row.recorded_at,
    })
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub kind: Option<String>,
    pub ward: Option<WardId>,
    pub reason: Option<String>,
    pub device: Option<DeviceId>,
    /// The last `seq` of the page before.
    pub past: Option<i64>,
    pub limit: i64,
}

macro_rules! narrowed {
    ($query:ident, $page:expr) => {
        if let Some(kind) = &$page.kind {
            $query = $query.filter(inbox::kind.eq(kind.clone()));
        }
        if let Some(ward) = $page.ward {
            $query = $query.filter(inbox::ward_id.eq(ward.to_string()));
        }
        if let Some(reason) = &$page.reason {
            $query = $query.filter(inbox::reason.eq(reason.clone()));
        }
        if let Some(device) = $page.device {
            $query = $query.filter(inbox::device_id.eq(device.to_string()));
        }
    };
}

/// What waits, oldest first. A device that says the same of the same again is one line, with how often it does: a
/// monitor at a bed that nobody knows sends every minute. Indexes inbox_by_state, inbox_by_reason.
pub fn open_page(conn: &mut Conn, sight: &Sight, page: &Page) -> Result<Vec<(Message, i64)>, StoreError> {
    type Light = (i64, String, String, String, Option<String>);
    let mut query = seen!(sight, (inbox::seq, inbox::device_id, inbox::kind, inbox::reason, inbox::specimen))
        .filter(inbox::state.eq(State::Waiting.as_str()));
    narrowed!(query, page);
    let light: Vec<Light> =
        query.order(inbox::seq).limit(MOST_WAITING).load(conn.db()).map_err(StoreError::db("list what waits"))?;
    let mut lines: Vec<(i64, i64)> = Vec::new();
    let mut at: HashMap<_, usize> = HashMap::new();
    for (seq, device, kind, reason, specimen) in light {
        let line = *at.entry((device, kind, reason, specimen)).or_insert(lines.len());
        match lines.get_mut(line) {
            Some((_, times)) => *times = times.saturating_add(1),
            None => lines.push((seq, 1)),
        }
    }
    lines.retain(|(seq, _)| page.past.is_none_or(|past| *seq > past));
    lines.truncate(usize::try_from(page.limit).unwrap_or(0));
    let rows: Vec<Row> = inbox::table
        .filter(inbox::seq.eq_any(lines.iter().map(|(seq, _)| *seq).collect::<Vec<_>>()))
        .order(inbox::seq)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read what waits"))?;
    let times: HashMap<i64, i64> = lines.into_iter().collect();
    rows.into_iter()
        .map(|row| (times.get(&row.seq).copied().unwrap_or(1), row))
        .map(|(n, row)| Ok((of_row(row)?, n)))
        .collect()
}

/// What people matched or dismissed, newest first.
pub fn handled_page(conn: &mut Conn, sight: &Sight, page: &Page) -> Result<Vec<Message>, StoreError> {
    let mut query = seen!(sight, Row::as_select())
        .filter(inbox::handled_by.is_not_null())
        .filter(inbox::state.eq_any([State::Matched.as_str(), State::Dismissed.as_str()]))
        .filter(inbox::seq.lt(page.past.unwrap_or(i64::MAX)));
    narrowed!(query, page);
    let rows: Vec<Row> = query
        .order(inbox::seq.desc())
        .limit(page.limit)
        .load(conn.db())
        .map_err(StoreError::db("list handled messages"))?;
    rows.into_iter().map(of_row).collect()
}

/// Reasons of what a rule kept off the charts, in whole or in part. What a chart has already is not among them.
const LEFT_OUT: [&str; 5] = ["unit", "no-value", "older-result", "quality-control", "training"];

/// What no chart shows and nobody is asked about, newest first. Index inbox_by_reason.
pub fn set_aside_page(conn: &mut Conn, sight: &Sight, page: &Page) -> Result<Vec<Message>, StoreError> {
    let mut query = seen!(sight, Row::as_select())
        .filter(inbox::state.eq_any([State::SetAside.as_str(), State::Matched.as_str()]))
        .filter(inbox::reason.eq_any(LEFT_OUT))
        .filter(inbox::seq.lt(page.past.unwrap_or(i64::MAX)));
    narrowed!(query, page);
    let rows: Vec<Row> = query
        .order(inbox::seq.desc())
        .limit(page.limit)
        .load(conn.db())
        .map_err(StoreError::db("list what was set aside"))?;
    rows.into_iter().map(of_row).collect()
}

pub fn read(conn: &mut Conn, sight: &Sight, wanted: InboxId) -> Result<Option<Message>, StoreError> {
    let row: Option<Row> = seen!(sight, Row::as_select())
        .filter(inbox::id.eq(wanted.to_string()))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a message"))?;
    row.map(of_row).transpose()
}

/// Where a message stands, whoever may see it: to say that somebody was first.
pub fn state_of(conn: &mut Conn, wanted: InboxId) -> Result<Option<State>, StoreError> {
    let state: Option<String> = inbox::table
        .filter(inbox::id.eq(wanted.to_string()))
        .select(inbox::state)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read where a message stands"))?;
    Ok(state.as_deref().and_then(State::parse))
}

/// A message that nobody has looked at yet, for the rule that looks.
pub fn pending(
    conn: &mut Conn,
    _permit: &Permit<SearchPatients>,
    wanted: InboxId,
) -> Result<Option<Message>, StoreError> {
    let row: Option<Row> = inbox::table
        .filter(inbox::id.eq(wanted.to_string()).and(inbox::state.eq(State::Pending.as_str())))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a pending message"))?;
    row.map(of_row).transpose()
}

/// The bytes as they came, zstd.
pub fn raw(conn: &mut Conn, sight: &Sight, wanted: InboxId) -> Result<Option<Vec<u8>>, StoreError> {
    if read(conn, sight, wanted)?.is_none() {
        return Ok(None);
    }
    inbox::table
        .filter(inbox::id.eq(wanted.to_string()))
        .select(inbox::raw)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a message's bytes"))
}

/// How many wait. Index inbox_by_state.
pub fn waiting(conn: &mut Conn) -> Result<i64, StoreError> {
    inbox::table
        .filter(inbox::state.eq(State::Waiting.as_str()))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count waiting messages"))
}

/// How many of them this sight reaches. Index inbox_by_ward.
pub fn waiting_for(conn: &mut Conn, sight: &Sight) -> Result<i64, StoreError> {
    seen!(sight, diesel::dsl::count_star())
        .filter(inbox::state.eq(State::Waiting.as_str()))
        .first(conn.db())
        .map_err(StoreError::db("count what waits for a person"))
}

/// How many wait, device by device. Index inbox_by_state.
pub fn waiting_by_device(conn: &mut Conn) -> Result<std::collections::HashMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = inbox::table
        .filter(inbox::state.eq(State::Waiting.as_str()))
        .group_by(inbox::device_id)
        .select((inbox::device_id, diesel::dsl::count_star()))
        .load(conn.db())
        .map_err(StoreError::db("count waiting messages by device"))?;
    Ok(rows.into_iter().collect())
}
