//! What the spool holds, for the operator. Counts and ages, never contents.

use super::schema::receipt;
use super::{ReceiptState, Spool};
use benhan_contract::Micros;
use diesel::prelude::*;
use serde::Serialize;

/// Counts by state, and how old the oldest is that has not arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpoolStatus {
    pub received: i64,
    pub normalised: i64,
    pub pending: i64,
    pub delivered: i64,
    pub held: i64,
    pub dead: i64,
    /// Arrival of the oldest message that still waits.
    pub oldest_waiting: Option<Micros>,
}

impl SpoolStatus {
    /// Messages that the server should still get without anybody's help.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.received + self.normalised + self.pending
    }
}

impl Spool {
    /// # Errors
    /// What the database answered.
    pub async fn status(&self) -> QueryResult<SpoolStatus> {
        self.outbox
            .read(|connection| {
                let counts: Vec<(String, i64)> = receipt::table
                    .group_by(receipt::state)
                    .select((receipt::state, diesel::dsl::count_star()))
                    .load(connection)?;
                let of = |state: ReceiptState| {
                    counts.iter().find(|(text, _)| text == state.text()).map_or(0, |(_, count)| *count)
                };
                let waiting = [ReceiptState::Received, ReceiptState::Normalised, ReceiptState::Pending];
                let oldest_waiting = receipt::table
                    .filter(receipt::state.eq_any(waiting.map(ReceiptState::text)))
                    .select(diesel::dsl::min(receipt::received_at))
                    .first(connection)?;
                Ok(SpoolStatus {
                    received: of(ReceiptState::Received),
                    normalised: of(ReceiptState::Normalised),
                    pending: of(ReceiptState::Pending),
                    delivered: of(ReceiptState::Delivered),
                    held: of(ReceiptState::Held),
                    dead: of(ReceiptState::Dead),
                    oldest_waiting,
                })
            })
            .await
    }
}
