//! The second step: hand out what nobody has read yet, and take back its delivery.

use super::keep::{KeepError, delivery_id};
use super::schema::receipt;
use super::{ReceiptState, Spool, StoredReceipt};
use crate::outbox::{self, Kind, Parcel, uplink_outbox};
use crate::packing;
use benhan_contract::{DeviceDelivery, Micros, Protocol};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::sqlite::Sqlite;
use std::collections::HashSet;

/// A reader's share of memory: the messages of one step together stay below this, except a single one.
const STEP_BYTES: i64 = 512 << 10;

type Row = (i64, String, String, String, String, String, Micros, bool, Vec<u8>, i64, String);

impl Spool {
    /// The oldest unread messages, at most `limit`.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn unread(&self, limit: i64) -> QueryResult<Vec<StoredReceipt>> {
        self.outbox
            .read(move |connection| {
                let sizes: Vec<(i64, i64)> = unread(limit).load(connection)?;
                let mut budget = STEP_BYTES;
                let ids: Vec<i64> = sizes
                    .iter()
                    .enumerate()
                    .take_while(|(index, (_, size))| {
                        budget = budget.saturating_sub(*size);
                        *index == 0 || budget >= 0
                    })
                    .map(|(_, (id, _))| *id)
                    .collect();
                load(connection, &ids)
            })
            .await
    }

    /// One stored message, for a second reading.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn receipt(&self, sequence: i64) -> QueryResult<Option<StoredReceipt>> {
        let mut found = self.outbox.read(move |connection| load(connection, &[sequence])).await?;
        Ok(found.pop())
    }

    /// Puts the deliveries of messages that were read into the outbox, all in one transaction.
    ///
    /// # Errors
    /// When it is not on disk: the messages stay unread.
    pub async fn normalised(&self, read: Vec<(StoredLane, DeviceDelivery)>) -> Result<(), KeepError> {
        let mut parcels = Vec::with_capacity(read.len());
        for (lane, delivery) in &read {
            let subject = delivery.sequence.to_string();
            let parcel = Parcel::pack(delivery.id, Kind::Device, lane.0.clone(), subject, delivery)
                .map_err(|cause| KeepError::Storage(cause.to_string()))?;
            parcels.push((delivery.sequence, parcel));
        }
        let now = self.surroundings.now();
        self.writer
            .write(move |connection| {
                let mut begun = HashSet::new();
                for (sequence, parcel) in &parcels {
                    let moved = diesel::update(receipt::table.find(*sequence))
                        .filter(receipt::state.eq(ReceiptState::Received.text()))
                        .set(receipt::state.eq(ReceiptState::Normalised.text()))
                        .execute(connection)?;
                    // One message may give several deliveries; one that was read already gives none.
                    if moved == 1 || begun.contains(sequence) {
                        begun.insert(*sequence);
                        outbox::put(connection, parcel, now)?;
                    }
                }
                Ok::<_, diesel::result::Error>(())
            })
            .await?;
        self.outbox.wake();
        Ok(())
    }

    /// A person's decision: read a held or dead message again and deliver it again.
    ///
    /// Returns false when the message is in no state for it.
    ///
    /// # Errors
    /// When the change is not on disk.
    pub async fn replay(&self, sequence: i64) -> Result<bool, KeepError> {
        let replayed = self
            .writer
            .write(move |connection| {
                let state: Option<String> =
                    receipt::table.find(sequence).select(receipt::state).first(connection).optional()?;
                let next = state.as_deref().and_then(ReceiptState::parse).and_then(ReceiptState::replayed);
                let Some(next) = next else {
                    return Ok::<_, diesel::result::Error>(false);
                };
                diesel::delete(uplink_outbox::table.filter(uplink_outbox::subject.eq(sequence.to_string())))
                    .execute(connection)?;
                diesel::update(receipt::table.find(sequence))
                    .set((receipt::state.eq(next.text()), receipt::reason.eq(""), receipt::seen_at.eq(0)))
                    .execute(connection)?;
                Ok(true)
            })
            .await?;
        self.unread.notify_one();
        Ok(replayed)
    }
}

/// The lane of a stored message, taken from it and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredLane(pub(super) String);

impl StoredReceipt {
    #[must_use]
    pub fn stored_lane(&self) -> StoredLane {
        StoredLane(self.lane.clone())
    }
}

/// Ids and sizes of the oldest unread. Literal, so that the partial index receipt_unread serves it.
fn unread(limit: i64) -> receipt::BoxedQuery<'static, Sqlite, (BigInt, BigInt)> {
    let is_unread = sql::<Bool>("state = 'received'");
    receipt::table
        .filter(is_unread)
        .order(receipt::id)
        .limit(limit)
        .select((receipt::id, receipt::raw_size))
        .into_boxed()
}

fn load(connection: &mut SqliteConnection, ids: &[i64]) -> QueryResult<Vec<StoredReceipt>> {
    let rows: Vec<Row> = receipt::table
        .filter(receipt::id.eq_any(ids))
        .order(receipt::id)
        .select((
            receipt::id,
            receipt::delivery_id,
            receipt::channel,
            receipt::address,
            receipt::lane,
            receipt::protocol,
            receipt::received_at,
            receipt::complete,
            receipt::raw,
            receipt::raw_size,
            receipt::raw_sha256,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(sequence, id, channel, address, lane, protocol, received_at, complete, raw, size, raw_sha256)| {
            let raw = packing::unpack(&raw, size)
                .map_err(|cause| diesel::result::Error::DeserializationError(Box::new(cause)))?;
            Ok(StoredReceipt {
                id: delivery_id(&id)?,
                sequence,
                channel,
                address,
                lane,
                protocol: Protocol::named(&protocol).unwrap_or(Protocol::Hl7),
                received_at,
                complete,
                raw,
                raw_sha256,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::plan_of;
    use super::*;

    #[test]
    fn what_nobody_has_read_is_found_without_reading_the_rest() {
        let plan = plan_of(&unread(10));
        assert!(plan.contains("receipt_unread"), "{plan}");
    }
}
