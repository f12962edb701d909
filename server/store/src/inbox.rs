//! Messages from devices, kept as they came; what became of each is a state with a reason.

use crate::error::{id, maybe_id};
use crate::schema::inbox;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{DeviceId, EncounterId, InboxId, UserId};
use diesel::prelude::*;

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
    pub recorded_at: i64,
}

/// False when this delivery was stored before.
pub fn receive(tx: &mut Tx<'_>, new: &NewMessage) -> Result<bool, StoreError> {
    let there: i64 = inbox::table
        .filter(inbox::id.eq(new.id.to_string()))
        .count()
        .get_result(tx.conn())
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
    diesel::insert_into(inbox::table).values(row).execute(tx.conn()).map_err(StoreError::db("store a delivery"))?;
    Ok(true)
}

/// Says what became of a message.
pub fn settle(
    tx: &mut Tx<'_>,
    of: InboxId,
    state: State,
    reason: &str,
    encounter: Option<EncounterId>,
    by: Option<UserId>,
) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(inbox::table.filter(inbox::id.eq(of.to_string())))
        .set((
            inbox::state.eq(state.as_str()),
            inbox::reason.eq(reason),
            inbox::encounter_id.eq(encounter.map(|e| e.to_string())),
            inbox::handled_by.eq(by.map(|u| u.to_string())),
            inbox::handled_at.eq(now),
        ))
        .execute(tx.conn())
        .map(drop)
        .map_err(StoreError::db("settle a message"))
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
    recorded_at: i64,
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
        recorded_at: row.recorded_at,
    })
}

/// Oldest first. Index inbox_by_state.
pub fn in_state(conn: &mut Conn, state: State, limit: i64) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<Row> = inbox::table
        .filter(inbox::state.eq(state.as_str()))
        .order(inbox::seq)
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .map_err(StoreError::db("list messages"))?;
    rows.into_iter().map(of_row).collect()
}

/// What people matched or dismissed, newest first.
pub fn handled_by_people(conn: &mut Conn, limit: i64) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<Row> = inbox::table
        .filter(inbox::handled_by.is_not_null())
        .filter(inbox::state.eq_any([State::Matched.as_str(), State::Dismissed.as_str()]))
        .order(inbox::seq.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(conn)
        .map_err(StoreError::db("list handled messages"))?;
    rows.into_iter().map(of_row).collect()
}

pub fn read(conn: &mut Conn, wanted: InboxId) -> Result<Option<Message>, StoreError> {
    let row: Option<Row> = inbox::table
        .filter(inbox::id.eq(wanted.to_string()))
        .select(Row::as_select())
        .first(conn)
        .optional()
        .map_err(StoreError::db("read a message"))?;
    row.map(of_row).transpose()
}

/// The bytes as they came, zstd.
pub fn raw(conn: &mut Conn, wanted: InboxId) -> Result<Option<Vec<u8>>, StoreError> {
    inbox::table
        .filter(inbox::id.eq(wanted.to_string()))
        .select(inbox::raw)
        .first(conn)
        .optional()
        .map_err(StoreError::db("read a message's bytes"))
}

/// How many wait. Index inbox_by_state.
pub fn waiting(conn: &mut Conn) -> Result<i64, StoreError> {
    inbox::table
        .filter(inbox::state.eq(State::Waiting.as_str()))
        .count()
        .get_result(conn)
        .map_err(StoreError::db("count waiting messages"))
}

/// How many wait, device by device. Index inbox_by_state.
pub fn waiting_by_device(conn: &mut Conn) -> Result<std::collections::HashMap<String, i64>, StoreError> {
    let rows: Vec<(String, i64)> = inbox::table
        .filter(inbox::state.eq(State::Waiting.as_str()))
        .group_by(inbox::device_id)
        .select((inbox::device_id, diesel::dsl::count_star()))
        .load(conn)
        .map_err(StoreError::db("count waiting messages by device"))?;
    Ok(rows.into_iter().collect())
}
