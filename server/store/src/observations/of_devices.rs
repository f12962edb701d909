//! What devices put on a chart.

use super::{Joined, SetVersion, VersionRow, of_row};
use crate::schema::{observation_set, observation_set_version};
use crate::{Conn, StoreError};
use benhan_domain::access::{MatchVitals, Permit, Scope, ViewChart};
use benhan_domain::id::{DeviceId, InboxId};
use benhan_domain::observation::Status;
use diesel::prelude::*;

/// What a device put on the permit's chart, newest first, but for one message's own. Index observation_set_chart.
pub fn last_of_device(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    of: DeviceId,
    but: InboxId,
    limit: i64,
) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .filter(observation_set::device_id.eq(of.to_string()).and(observation_set::inbox_id.ne(but.to_string())))
        .filter(observation_set_version::version.eq(1))
        .order((observation_set::effective_at.desc(), observation_set::id.desc()))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read what a device sent last"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// The sets that a message became on the permit's chart, in their current versions. Index observation_set_chart.
pub fn of_message(
    conn: &mut Conn,
    permit: &Permit<MatchVitals>,
    message: InboxId,
) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .filter(observation_set::inbox_id.eq(message.to_string()))
        .filter(observation_set_version::version.eq(observation_set::current_version))
        .order((observation_set::effective_at, observation_set::id))
        .limit(1_000)
        .load(conn.db())
        .map_err(StoreError::db("read what a message became"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Sets of devices on the permit's chart that nobody has accepted or refused, oldest first. Index observation_set_chart.
pub fn proposed(conn: &mut Conn, permit: &Permit<ViewChart>, limit: i64) -> Result<Vec<SetVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Joined> = joined!()
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .filter(observation_set::status.eq(Status::Preliminary.as_str()))
        .filter(observation_set_version::version.eq(observation_set::current_version))
        .order((observation_set::effective_at, observation_set::id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list what devices proposed"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}
