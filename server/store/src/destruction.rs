//! Lists of records to be destroyed. What was proposed never changes; each step is said once.

use crate::error::{id, maybe_id};
use crate::schema::{destruction_item, destruction_list};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, PrepareDestruction, ViewDestruction};
use benhan_domain::id::{DestructionListId, EncounterId, UserId};
use benhan_domain::record::{ItemState, ListState};
use diesel::prelude::*;

mod beside;
mod erase;
pub use beside::{Against, against, sizes};
pub use erase::{Erased, erase, scans_of};

/// Who did it, and when.
pub type Step = Option<(UserId, i64)>;

#[derive(Clone, Debug)]
pub struct List {
    pub id: DestructionListId,
    pub number: String,
    pub state: ListState,
    pub decision: String,
    pub reason: String,
    pub proposed_by: UserId,
    pub proposed_at: i64,
    pub approved: Step,
    pub cancelled: Step,
    pub cancel_reason: Option<String>,
    pub begun: Step,
    pub done_at: Option<i64>,
    /// Canonical JSON, once it is done.
    pub minutes: Option<String>,
    pub minutes_sha256: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = destruction_list)]
struct Row {
    id: String,
    number: String,
    state: String,
    decision: String,
    reason: String,
    proposed_by: String,
    proposed_at: i64,
    approved_by: Option<String>,
    approved_at: Option<i64>,
    cancelled_by: Option<String>,
    cancelled_at: Option<i64>,
    cancel_reason: Option<String>,
    begun_by: Option<String>,
    begun_at: Option<i64>,
    done_at: Option<i64>,
    minutes: Option<String>,
    minutes_sha256: Option<String>,
}

impl TryFrom<Row> for List {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "destruction_list";
        let step = |by: Option<&str>, at: Option<i64>, column| {
            Ok::<_, StoreError>(maybe_id::<UserId>(by, table, column)?.zip(at))
        };
        Ok(Self {
            id: id(&row.id, table, "id")?,
            state: ListState::parse(&row.state).ok_or_else(|| StoreError::corrupt(table, "state", &row.id))?,
            proposed_by: id(&row.proposed_by, table, "proposed_by")?,
            approved: step(row.approved_by.as_deref(), row.approved_at, "approved_by")?,
            cancelled: step(row.cancelled_by.as_deref(), row.cancelled_at, "cancelled_by")?,
            begun: step(row.begun_by.as_deref(), row.begun_at, "begun_by")?,
            number: row.number,
            decision: row.decision,
            reason: row.reason,
            proposed_at: row.proposed_at,
            cancel_reason: row.cancel_reason,
            done_at: row.done_at,
            minutes: row.minutes,
            minutes_sha256: row.minutes_sha256,
        })
    }
}

#[derive(Clone, Debug)]
pub struct NewList {
    pub number: String,
    pub decision: String,
    pub reason: String,
    pub by: UserId,
}

/// A list with its records, in their order.
pub fn propose(
    tx: &mut Tx<'_>,
    _permit: &Permit<PrepareDestruction>,
    new: &NewList,
    stays: &[EncounterId],
) -> Result<DestructionListId, StoreError> {
    let given: DestructionListId = tx.fresh();
    let row = (
        destruction_list::id.eq(given.to_string()),
        destruction_list::number.eq(&new.number),
        destruction_list::state.eq(ListState::Proposed.as_str()),
        destruction_list::decision.eq(&new.decision),
        destruction_list::reason.eq(&new.reason),
        destruction_list::proposed_by.eq(new.by.to_string()),
        destruction_list::proposed_at.eq(tx.now().0),
    );
    diesel::insert_into(destruction_list::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("propose a destruction"))?;
    for stay in stays {
        let row = (
            destruction_item::list_id.eq(given.to_string()),
            destruction_item::encounter_id.eq(stay.to_string()),
            destruction_item::state.eq(ItemState::Listed.as_str()),
            destruction_item::note.eq(""),
        );
        diesel::insert_into(destruction_item::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("list a record for destruction"))?;
    }
    Ok(given)
}

/// A step of a list, as somebody takes it.
#[derive(Clone, Debug)]
pub enum Taken {
    Approved(UserId),
    Cancelled(UserId, String),
    Begun(UserId),
    Done { minutes: String, sha256: String, seal: Vec<u8> },
}

/// Moves a list on; false when it no longer stands at `from`.
pub fn move_on(tx: &mut Tx<'_>, of: DestructionListId, from: ListState, taken: Taken) -> Result<bool, StoreError> {
    use destruction_list as t;
    let now = Some(tx.now().0);
    let mine = t::table.filter(t::id.eq(of.to_string()).and(t::state.eq(from.as_str())));
    let moved = match taken {
        Taken::Approved(by) => diesel::update(mine)
            .set((
                t::state.eq(ListState::Approved.as_str()),
                t::approved_by.eq(Some(by.to_string())),
                t::approved_at.eq(now),
            ))
            .execute(tx.db()),
        Taken::Cancelled(by, why) => diesel::update(mine)
            .set((
                t::state.eq(ListState::Cancelled.as_str()),
                t::cancelled_by.eq(Some(by.to_string())),
                t::cancelled_at.eq(now),
                t::cancel_reason.eq(Some(why)),
            ))
            .execute(tx.db()),
        Taken::Begun(by) => diesel::update(mine)
            .set((t::state.eq(ListState::Begun.as_str()), t::begun_by.eq(Some(by.to_string())), t::begun_at.eq(now)))
            .execute(tx.db()),
        Taken::Done { minutes, sha256, seal } => diesel::update(mine)
            .set((
                t::state.eq(ListState::Done.as_str()),
                t::done_at.eq(now),
                t::minutes.eq(Some(minutes)),
                t::minutes_sha256.eq(Some(sha256)),
                t::seal.eq(Some(seal)),
            ))
            .execute(tx.db()),
    };
    moved.map(|rows| rows == 1).map_err(StoreError::db("move a destruction on"))
}

/// For the rule that carries lists out, and for who holds a permit to see them.
fn one(conn: &mut Conn, of: DestructionListId) -> Result<Option<List>, StoreError> {
    let row: Option<Row> = destruction_list::table
        .filter(destruction_list::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a destruction list"))?;
    row.map(List::try_from).transpose()
}

pub fn read<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    of: DestructionListId,
) -> Result<Option<List>, StoreError> {
    one(conn, of)
}

/// The hospital's seal over the minutes, once they are there.
pub fn seal(
    conn: &mut Conn,
    _permit: &Permit<ViewDestruction>,
    of: DestructionListId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<Option<Vec<u8>>> = destruction_list::table
        .filter(destruction_list::id.eq(of.to_string()))
        .select(destruction_list::seal)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read the seal of destruction minutes"))?;
    Ok(found.flatten())
}

/// The newest first. Index destruction_list_by_state.
pub fn newest(conn: &mut Conn, _permit: &Permit<ViewDestruction>, limit: i64) -> Result<Vec<List>, StoreError> {
    let rows: Vec<Row> = destruction_list::table
        .order((destruction_list::proposed_at.desc(), destruction_list::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list destructions"))?;
    rows.into_iter().map(List::try_from).collect()
}

/// Lists that are being carried out, for the rule that does so. Index destruction_list_by_state.
pub fn begun(conn: &mut Conn) -> Result<Vec<List>, StoreError> {
    let rows: Vec<Row> = destruction_list::table
        .filter(destruction_list::state.eq(ListState::Begun.as_str()))
        .order((destruction_list::proposed_at, destruction_list::id))
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list begun destructions"))?;
    rows.into_iter().map(List::try_from).collect()
}

#[derive(Clone, Debug)]
pub struct Item {
    pub encounter: EncounterId,
    pub state: ItemState,
    pub note: String,
    /// JSON: how much of what there was.
    pub erased: Option<String>,
    pub settled_at: Option<i64>,
}

type ItemRow = (String, String, String, Option<String>, Option<i64>);

/// The records of a list, in the order of their ids.
pub fn items(conn: &mut Conn, of: DestructionListId) -> Result<Vec<Item>, StoreError> {
    let rows: Vec<ItemRow> = destruction_item::table
        .filter(destruction_item::list_id.eq(of.to_string()))
        .order(destruction_item::encounter_id)
        .select((
            destruction_item::encounter_id,
            destruction_item::state,
            destruction_item::note,
            destruction_item::erased,
            destruction_item::settled_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("read a destruction list's records"))?;
    let table = "destruction_item";
    rows.into_iter()
        .map(|(encounter, state, note, erased, settled_at)| {
            Ok(Item {
                state: ItemState::parse(&state).ok_or_else(|| StoreError::corrupt(table, "state", &encounter))?,
                encounter: id(&encounter, table, "encounter_id")?,
                note,
                erased,
                settled_at,
            })
        })
        .collect()
}

/// What becomes of one record; false when it no longer stands at `from`.
pub fn settle(
    tx: &mut Tx<'_>,
    of: (DestructionListId, EncounterId),
    from: ItemState,
    to: ItemState,
    note: &str,
) -> Result<bool, StoreError> {
    use destruction_item as t;
    let settled = to.is_settled().then(|| tx.now().0);
    let mine =
        t::list_id.eq(of.0.to_string()).and(t::encounter_id.eq(of.1.to_string())).and(t::state.eq(from.as_str()));
    diesel::update(t::table.filter(mine))
        .set((t::state.eq(to.as_str()), t::note.eq(note), t::settled_at.eq(settled)))
        .execute(tx.db())
        .map(|rows| rows == 1)
        .map_err(StoreError::db("settle a record of a destruction"))
}

/// Notes what was erased; the first note stands.
pub fn note_erased(tx: &mut Tx<'_>, of: (DestructionListId, EncounterId), erased: &str) -> Result<(), StoreError> {
    use destruction_item as t;
    let mine = t::list_id.eq(of.0.to_string()).and(t::encounter_id.eq(of.1.to_string())).and(t::erased.is_null());
    diesel::update(t::table.filter(mine))
        .set(t::erased.eq(Some(erased)))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("note what was erased"))
}

/// The list by which a record was destroyed, and when; for the sentence that says so.
pub fn destroyed_by(conn: &mut Conn, stay: EncounterId) -> Result<Option<(String, Option<i64>)>, StoreError> {
    let gone = [ItemState::Destroying, ItemState::Destroyed].map(ItemState::as_str);
    destruction_item::table
        .inner_join(destruction_list::table.on(destruction_list::id.eq(destruction_item::list_id)))
        .filter(destruction_item::encounter_id.eq(stay.to_string()).and(destruction_item::state.eq_any(gone)))
        .select((destruction_list::number, destruction_item::settled_at))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find by which list a record was destroyed"))
}
