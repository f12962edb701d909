//! What the gateways and bridges hold for a person: the last report of each, and what people chose since. No patient
//! in here.

use crate::error::id;
use crate::schema::{attention_act, attention_report};
use crate::{Conn, StoreError, Tx};
use benhan_domain::attention::Choice;
use benhan_domain::id::{AttentionActId, UserId};
use diesel::prelude::*;

/// More programs than any hospital has.
pub const MOST_EDGES: i64 = 64;

/// The last report of a program; the next one replaces it whole.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = attention_report)]
pub struct Report {
    /// `kind:name`
    pub edge: String,
    pub kind: String,
    pub name: String,
    pub reported_at: i64,
    pub total: i64,
    /// JSON of the contract's items.
    pub items: String,
}

/// A choice that its program has not reported as done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    pub id: AttentionActId,
    pub edge: String,
    pub key: String,
    pub choice: Choice,
    pub by: UserId,
    pub at: i64,
}

/// By primary key.
pub fn report(conn: &mut Conn, edge: &str) -> Result<Option<Report>, StoreError> {
    attention_report::table
        .filter(attention_report::edge.eq(edge))
        .select(Report::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read what waits for a person"))
}

/// Of every program, in the order of their names.
pub fn reports(conn: &mut Conn) -> Result<Vec<Report>, StoreError> {
    attention_report::table
        .order(attention_report::edge)
        .limit(MOST_EDGES)
        .select(Report::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list what waits for a person"))
}

/// For the count alone: program, when it reported, how much is open there.
pub fn totals(conn: &mut Conn) -> Result<Vec<(String, i64, i64)>, StoreError> {
    attention_report::table
        .order(attention_report::edge)
        .limit(MOST_EDGES)
        .select((attention_report::edge, attention_report::reported_at, attention_report::total))
        .load(conn.db())
        .map_err(StoreError::db("count what waits for a person"))
}

/// Puts a report in the place of the one before.
pub fn replace(tx: &mut Tx<'_>, new: &Report) -> Result<(), StoreError> {
    diesel::delete(attention_report::table.filter(attention_report::edge.eq(&new.edge)))
        .execute(tx.db())
        .map_err(StoreError::db("replace a report"))?;
    diesel::insert_into(attention_report::table)
        .values(new)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a report"))
}

/// A program that is no more, and what was asked of it. False when it is not known.
pub fn forget(tx: &mut Tx<'_>, edge: &str) -> Result<bool, StoreError> {
    diesel::delete(attention_act::table.filter(attention_act::edge.eq(edge)))
        .execute(tx.db())
        .map_err(StoreError::db("forget acts"))?;
    let gone = diesel::delete(attention_report::table.filter(attention_report::edge.eq(edge))).execute(tx.db());
    gone.map(|rows| rows == 1).map_err(StoreError::db("forget a report"))
}

type ActRow = (String, String, String, String, String, i64);

/// What was chosen and is not done, oldest first; of one program or of all. An item has one act at a time, so the
/// bound of the reports bounds these.
pub fn acts(conn: &mut Conn, edge: Option<&str>) -> Result<Vec<Act>, StoreError> {
    let mut query = attention_act::table.into_boxed();
    if let Some(edge) = edge {
        query = query.filter(attention_act::edge.eq(edge.to_owned()));
    }
    let rows: Vec<ActRow> = query
        .order((attention_act::asked_at, attention_act::id))
        .limit(20_000)
        .select((
            attention_act::id,
            attention_act::edge,
            attention_act::item_key,
            attention_act::choice,
            attention_act::asked_by,
            attention_act::asked_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list acts"))?;
    rows.into_iter().map(act_of).collect()
}

fn act_of((act, edge, key, choice, by, at): ActRow) -> Result<Act, StoreError> {
    let choice = Choice::parse(&choice).ok_or_else(|| StoreError::corrupt("attention_act", "choice", &act))?;
    Ok(Act { id: id(&act, "attention_act", "id")?, edge, key, choice, by: id(&by, "attention_act", "asked_by")?, at })
}

/// [`StoreError::Taken`] of `attention_act`: somebody has chosen for this item already.
pub fn ask(tx: &mut Tx<'_>, edge: &str, key: &str, choice: Choice, by: UserId) -> Result<(), StoreError> {
    let new: AttentionActId = tx.fresh();
    let row = (
        attention_act::id.eq(new.to_string()),
        attention_act::edge.eq(edge),
        attention_act::item_key.eq(key),
        attention_act::choice.eq(choice.as_str()),
        attention_act::asked_by.eq(by.to_string()),
        attention_act::asked_at.eq(tx.now().0),
    );
    diesel::insert_into(attention_act::table).values(row).execute(tx.db()).map(drop).map_err(StoreError::db("ask"))
}

/// Acts that their program reported as done, or that were taken back. Unknown ids are no error.
pub fn settle(tx: &mut Tx<'_>, edge: &str, done: &[AttentionActId]) -> Result<(), StoreError> {
    let ids: Vec<String> = done.iter().map(ToString::to_string).collect();
    diesel::delete(attention_act::table.filter(attention_act::edge.eq(edge).and(attention_act::id.eq_any(ids))))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("settle acts"))
}
