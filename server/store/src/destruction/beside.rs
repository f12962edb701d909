//! What stands beside the lines of a page, read for all of them at once.

use crate::error::id;
use crate::schema::{destruction_item, destruction_list, record_request};
use crate::{Conn, StoreError};
use benhan_domain::access::{Action, Permit, ViewDestruction};
use benhan_domain::id::{DestructionListId, EncounterId};
use benhan_domain::record::{ListState, RequestState};
use diesel::dsl::count_star;
use diesel::prelude::*;
use std::collections::HashMap;

/// What speaks against a record's destruction besides its term and its holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Against {
    /// The number of the list that it is on already.
    pub listed: Option<String>,
    /// The number of a request for it that is not at its end.
    pub asked: Option<String>,
}

/// Of each record that has something; nothing of the others. Indexes destruction_item_of_encounter,
/// record_request_of_encounter.
pub fn against<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    stays: &[EncounterId],
) -> Result<HashMap<EncounterId, Against>, StoreError> {
    let stays: Vec<String> = stays.iter().map(ToString::to_string).collect();
    let open = [ListState::Proposed, ListState::Approved, ListState::Begun].map(ListState::as_str);
    let listed: Vec<(String, String)> = destruction_item::table
        .inner_join(destruction_list::table.on(destruction_list::id.eq(destruction_item::list_id)))
        .filter(destruction_item::encounter_id.eq_any(&stays).and(destruction_list::state.eq_any(open)))
        .select((destruction_item::encounter_id, destruction_list::number))
        .load(conn.db())
        .map_err(StoreError::db("look for open destruction lists"))?;
    let waiting = [RequestState::Received, RequestState::Granted].map(RequestState::as_str);
    let asked: Vec<(String, String)> = record_request::table
        .filter(record_request::encounter_id.eq_any(&stays).and(record_request::state.eq_any(waiting)))
        .select((record_request::encounter_id, record_request::number))
        .load(conn.db())
        .map_err(StoreError::db("look for open requests"))?;
    let mut found: HashMap<EncounterId, Against> = HashMap::new();
    for (stay, number) in listed {
        found.entry(id(&stay, "destruction_item", "encounter_id")?).or_default().listed = Some(number);
    }
    for (stay, number) in asked {
        found.entry(id(&stay, "record_request", "encounter_id")?).or_default().asked = Some(number);
    }
    Ok(found)
}

/// How many records are on each list.
pub fn sizes(
    conn: &mut Conn,
    _permit: &Permit<ViewDestruction>,
    lists: &[DestructionListId],
) -> Result<HashMap<DestructionListId, i64>, StoreError> {
    let lists: Vec<String> = lists.iter().map(ToString::to_string).collect();
    let rows: Vec<(String, i64)> = destruction_item::table
        .filter(destruction_item::list_id.eq_any(lists))
        .group_by(destruction_item::list_id)
        .select((destruction_item::list_id, count_star()))
        .load(conn.db())
        .map_err(StoreError::db("count the records of destruction lists"))?;
    rows.into_iter().map(|(of, n)| Ok((id(&of, "destruction_item", "list_id")?, n))).collect()
}
