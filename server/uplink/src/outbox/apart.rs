//! Parcels that the courier set apart, subject by subject: what a person may look at, take back or let rest.

use super::uplink_outbox;
use benhan_contract::Micros;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::SqliteConnection;

/// A subject with parcels that were refused or held; the latest speaks for it.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Apart {
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// The server said no; else it fails on it.
    #[diesel(sql_type = Bool)]
    pub refused: bool,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = BigInt)]
    pub created_at: Micros,
    /// Since when it waits.
    #[diesel(sql_type = BigInt)]
    pub since: Micros,
}

/// SQLite takes the other columns from the row that has the maximum. Parcels of an older version have no `settled_at`.
const OPEN: &str = "SELECT subject, state = 'dead' AS refused, reason, created_at, \
     max(CASE settled_at WHEN 0 THEN created_at ELSE settled_at END) AS since \
     FROM uplink_outbox WHERE state <> 'waiting' AND seen_at = 0 GROUP BY subject ORDER BY since DESC LIMIT ?";

/// The latest that nobody has seen, at most `limit`, and how many there are.
///
/// # Errors
/// What the database answered.
pub fn open(connection: &mut SqliteConnection, limit: i64) -> QueryResult<(Vec<Apart>, i64)> {
    let found = diesel::sql_query(OPEN).bind::<BigInt, _>(limit).load(connection)?;
    let total = uplink_outbox::table
        .filter(diesel::dsl::sql::<Bool>("state <> 'waiting' AND seen_at = 0"))
        .select(diesel::dsl::count(uplink_outbox::subject).aggregate_distinct())
        .first(connection)?;
    Ok((found, total))
}

/// A person has seen it: its parcels leave the list and stay here.
///
/// # Errors
/// What the database answered.
pub fn mark_seen(connection: &mut SqliteConnection, subject: &str, now: Micros) -> QueryResult<()> {
    diesel::update(uplink_outbox::table.filter(uplink_outbox::subject.eq(subject)))
        .filter(uplink_outbox::state.ne("waiting"))
        .set(uplink_outbox::seen_at.eq(now))
        .execute(connection)
        .map(drop)
}

/// Takes back what was set apart of this subject, because it is told anew; false when nothing was.
///
/// # Errors
/// What the database answered.
pub fn take_back(connection: &mut SqliteConnection, subject: &str) -> QueryResult<bool> {
    let apart = uplink_outbox::table.filter(uplink_outbox::subject.eq(subject).and(uplink_outbox::state.ne("waiting")));
    diesel::delete(apart).execute(connection).map(|rows| rows > 0)
}

/// The subject is no more: nothing that speaks for it is carried any further.
///
/// # Errors
/// What the database answered.
pub fn drop_all_of(connection: &mut SqliteConnection, subject: &str) -> QueryResult<()> {
    diesel::delete(uplink_outbox::table.filter(uplink_outbox::subject.eq(subject))).execute(connection).map(drop)
}
