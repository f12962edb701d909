//! What a try changes in the outbox, and the news of it for whom the parcel speaks.

use super::{Settle, Settled, Settlement};
use crate::outbox::{Waiting, uplink_outbox};
use benhan_contract::Micros;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

diesel::table! {
    uplink_progress (id) {
        id -> BigInt,
        last_accepted -> BigInt,
    }
}

pub enum Step {
    /// It was tried, and nobody knows anything about it: the server is away.
    Unheard,
    /// The server failed on it; not before `next_at` again.
    Failed {
        next_at: Micros,
    },
    Done(Settlement),
}

pub struct Change {
    id: i64,
    subject: String,
    step: Step,
}

impl Change {
    pub fn of(parcel: &Waiting, step: Step) -> Self {
        Self { id: parcel.id, subject: parcel.subject.clone(), step }
    }

    pub fn apply(&self, connection: &mut SqliteConnection, settle: &Settle, now: Micros) -> QueryResult<()> {
        let row = uplink_outbox::table.find(self.id);
        let settlement = match &self.step {
            Step::Unheard => {
                diesel::update(row).set(uplink_outbox::attempts.eq(1)).execute(connection)?;
                Settlement::Retrying
            }
            Step::Failed { next_at } => {
                let since = diesel::dsl::sql::<diesel::sql_types::BigInt>("CASE failing_since WHEN 0 THEN ")
                    .bind::<diesel::sql_types::BigInt, _>(now)
                    .sql(" ELSE failing_since END");
                diesel::update(row)
                    .set((
                        uplink_outbox::attempts.eq(uplink_outbox::attempts + 1),
                        uplink_outbox::failing_since.eq(since),
                        uplink_outbox::next_at.eq(*next_at),
                    ))
                    .execute(connection)?;
                Settlement::Retrying
            }
            Step::Done(settlement) => {
                match settlement {
                    Settlement::Held(reason) => mark(connection, self.id, ("held", reason), now)?,
                    Settlement::Dead(reason) => mark(connection, self.id, ("dead", reason), now)?,
                    Settlement::Delivered | Settlement::Retrying => {
                        diesel::delete(row).execute(connection)?;
                    }
                }
                settlement.clone()
            }
        };
        if matches!(settlement, Settlement::Delivered | Settlement::Dead(_)) {
            diesel::update(uplink_progress::table).set(uplink_progress::last_accepted.eq(now)).execute(connection)?;
        }
        settle(connection, &Settled { subject: self.subject.clone(), settlement, at: now })
    }
}

pub fn last_accepted(connection: &mut SqliteConnection) -> QueryResult<Micros> {
    uplink_progress::table.select(uplink_progress::last_accepted).first(connection)
}

fn mark(connection: &mut SqliteConnection, id: i64, (state, reason): (&str, &str), now: Micros) -> QueryResult<()> {
    tracing::error!(parcel = id, state, reason, "a delivery stays here for a person");
    diesel::update(uplink_outbox::table.find(id))
        .set((uplink_outbox::state.eq(state), uplink_outbox::reason.eq(reason), uplink_outbox::settled_at.eq(now)))
        .execute(connection)
        .map(drop)
}
