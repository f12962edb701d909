//! Devices as they make themselves known on the wire.

use crate::error::{id, maybe_id};
use crate::schema::device;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{BedId, DeviceId};
use diesel::prelude::*;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = device)]
struct Row {
    id: String,
    sender_key: String,
    name: String,
    kind: String,
    channel: String,
    bed_id: Option<String>,
    last_seen_at: Option<i64>,
    skew: Option<i64>,
    created_at: i64,
}

#[derive(Clone, Debug)]
pub struct Device {
    pub id: DeviceId,
    pub sender_key: String,
    pub name: String,
    pub kind: String,
    pub channel: String,
    /// Where it stands, for a monitor that does not say so itself.
    pub bed: Option<BedId>,
    pub last_seen_at: Option<i64>,
    /// Its clock minus ours, µs.
    pub skew: Option<i64>,
}

/// The device of this sender, made known at its first message.
pub fn seen(
    tx: &mut Tx<'_>,
    sender_key: &str,
    name: &str,
    kind: &str,
    channel: &str,
    skew: Option<i64>,
) -> Result<Device, StoreError> {
    let now = tx.now().0;
    if let Some(mut known) = by_key(tx.conn(), sender_key)? {
        diesel::update(device::table.filter(device::sender_key.eq(sender_key)))
            .set((device::last_seen_at.eq(now), device::skew.eq(skew)))
            .execute(tx.db())
            .map_err(StoreError::db("note a device's arrival"))?;
        (known.last_seen_at, known.skew) = (Some(now), skew);
        return Ok(known);
    }
    let new: DeviceId = tx.fresh();
    let row = Row {
        id: new.to_string(),
        sender_key: sender_key.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        channel: channel.to_owned(),
        bed_id: None,
        last_seen_at: Some(now),
        skew,
        created_at: now,
    };
    diesel::insert_into(device::table).values(&row).execute(tx.db()).map_err(StoreError::db("make a device known"))?;
    of_row(row)
}

fn by_key(conn: &mut Conn, sender_key: &str) -> Result<Option<Device>, StoreError> {
    let row: Option<Row> = device::table
        .filter(device::sender_key.eq(sender_key))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a device"))?;
    row.map(of_row).transpose()
}

pub fn all(conn: &mut Conn) -> Result<Vec<Device>, StoreError> {
    let rows: Vec<Row> = device::table
        .order((device::kind, device::name))
        .limit(2_000)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list devices"))?;
    rows.into_iter().map(of_row).collect()
}

pub fn names(conn: &mut Conn, ids: &[String]) -> Result<std::collections::HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = device::table
        .filter(device::id.eq_any(ids))
        .select((device::id, device::name))
        .load(conn.db())
        .map_err(StoreError::db("read device names"))?;
    Ok(rows.into_iter().collect())
}

fn of_row(row: Row) -> Result<Device, StoreError> {
    Ok(Device {
        id: id(&row.id, "device", "id")?,
        sender_key: row.sender_key,
        name: row.name,
        kind: row.kind,
        channel: row.channel,
        bed: maybe_id(row.bed_id.as_deref(), "device", "bed_id")?,
        last_seen_at: row.last_seen_at,
        skew: row.skew,
    })
}
