//! Scans of the paper that an entry was written from afterwards (bản giấy). Their bytes are the record's.

use crate::error::id;
use crate::schema::entry_scan;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, ViewChart};
use benhan_domain::id::{EncounterId, EntryScanId, UserId};
use benhan_domain::update_limit::EntryKind;
use diesel::prelude::*;

const TABLE: &str = "entry_scan";
/// More than a stay has entries with paper.
const MOST: i64 = 10_000;

pub struct NewEntryScan<'a> {
    pub kind: EntryKind,
    pub entry: &'a str,
    pub encounter: EncounterId,
    /// Of the blob.
    pub sha256: &'a str,
    pub media_type: &'a str,
    pub size: i64,
    pub by: UserId,
}

#[derive(Clone, Debug)]
pub struct EntryScan {
    pub id: EntryScanId,
    pub kind: EntryKind,
    pub entry: String,
    pub sha256: String,
    pub media_type: String,
    pub size: i64,
    pub by: UserId,
    pub at: i64,
}

/// [`StoreError::Taken`] of `entry_scan`: the same file stands at this entry.
pub fn keep<A: Action>(tx: &mut Tx<'_>, permit: &Permit<A>, new: &NewEntryScan<'_>) -> Result<EntryScanId, StoreError> {
    if *permit.scope() != Scope::Encounter(new.encounter) {
        return Err(StoreError::corrupt("permit", "scope", &new.encounter.to_string()));
    }
    let given: EntryScanId = tx.fresh();
    let row = (
        entry_scan::id.eq(given.to_string()),
        entry_scan::entry_kind.eq(new.kind.as_str()),
        entry_scan::entry_id.eq(new.entry),
        entry_scan::encounter_id.eq(new.encounter.to_string()),
        entry_scan::sha256.eq(new.sha256),
        entry_scan::media_type.eq(new.media_type),
        entry_scan::size.eq(new.size),
        entry_scan::attached_by.eq(new.by.to_string()),
        entry_scan::attached_at.eq(tx.now().0),
    );
    diesel::insert_into(entry_scan::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("keep an entry's scan"))?;
    Ok(given)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = entry_scan)]
struct Row {
    id: String,
    entry_kind: String,
    entry_id: String,
    sha256: String,
    media_type: String,
    size: i64,
    attached_by: String,
    attached_at: i64,
}

impl TryFrom<Row> for EntryScan {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            kind: EntryKind::parse(&row.entry_kind).ok_or_else(|| StoreError::corrupt(TABLE, "entry_kind", &row.id))?,
            by: id(&row.attached_by, TABLE, "attached_by")?,
            entry: row.entry_id,
            sha256: row.sha256,
            media_type: row.media_type,
            size: row.size,
            at: row.attached_at,
        })
    }
}

/// Every one of the permit's stay, by id. Index entry_scan_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<EntryScan>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Row> = entry_scan::table
        .filter(entry_scan::encounter_id.eq(stay.to_string()))
        .order(entry_scan::id)
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list the scans of entries"))?;
    rows.into_iter().map(EntryScan::try_from).collect()
}

/// In which stay, for the policy.
pub fn stay_of(conn: &mut Conn, scan: EntryScanId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = entry_scan::table
        .filter(entry_scan::id.eq(scan.to_string()))
        .select(entry_scan::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find the stay of an entry's scan"))?;
    stay.map(|stay| id(&stay, TABLE, "encounter_id")).transpose()
}
