//! What was turned away, kept for the operator: who, from where, why. No patient data.

use super::attention::TurnedAway;
use super::schema::refusal;
use benhan_contract::Micros;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

/// The oldest rows beyond so many leave.
const KEPT: i64 = 1000;

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, serde::Serialize)]
#[diesel(table_name = refusal)]
pub(crate) struct RefusalRow {
    pub(crate) at: Micros,
    pub(crate) calling: String,
    pub(crate) called: String,
    pub(crate) address: String,
    pub(crate) reason: String,
}

impl RefusalRow {
    pub(crate) fn insert(&self, connection: &mut SqliteConnection) -> QueryResult<()> {
        let newest: i64 =
            diesel::insert_into(refusal::table).values(self).returning(refusal::id).get_result(connection)?;
        TurnedAway::inherit(connection, newest)?;
        diesel::delete(refusal::table.filter(refusal::id.le(newest.saturating_sub(KEPT)))).execute(connection).map(drop)
    }

    /// The latest first.
    pub(crate) fn latest(connection: &mut SqliteConnection, limit: i64) -> QueryResult<Vec<Self>> {
        refusal::table.order(refusal::id.desc()).limit(limit).select(Self::as_select()).load(connection)
    }
}
