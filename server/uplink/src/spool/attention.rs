//! Messages that wait for a person: listed without a word of what they say, sent again, or marked as seen.

use super::schema::receipt;
use super::{KeepError, ReceiptState, Spool};
use benhan_contract::{DeliveryId, Micros};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

/// As the partial index `receipt_open` has it.
const OPEN: &str = "state IN ('held', 'dead') AND seen_at = 0";

/// A message that the server refused, or keeps failing on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetApart {
    pub id: DeliveryId,
    pub sequence: i64,
    pub channel: String,
    pub address: String,
    pub received_at: Micros,
    /// Since when it waits.
    pub since: Micros,
    /// The server said no; else it fails on it.
    pub refused: bool,
    pub reason: String,
}

type Row = (String, i64, String, String, Micros, Micros, String, String);

impl Spool {
    /// The latest that wait for a person, at most `limit`, and how many there are.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn set_apart(&self, limit: i64) -> QueryResult<(Vec<SetApart>, i64)> {
        self.outbox
            .read(move |connection| {
                let rows: Vec<Row> = latest(limit).load(connection)?;
                let total = receipt::table.filter(sql::<Bool>(OPEN)).count().get_result(connection)?;
                Ok((rows.into_iter().map(set_apart).collect::<QueryResult<_>>()?, total))
            })
            .await
    }

    /// As [`replay`](Self::replay), by the id that the server knows.
    ///
    /// # Errors
    /// When the change is not on disk.
    pub async fn replay_by_id(&self, id: DeliveryId) -> Result<bool, KeepError> {
        let text = id.0.to_string();
        let found: Option<i64> = self
            .outbox
            .read(move |connection| {
                receipt::table.filter(receipt::delivery_id.eq(text)).select(receipt::id).first(connection).optional()
            })
            .await
            .map_err(|cause| KeepError::Storage(cause.to_string()))?;
        match found {
            Some(sequence) => self.replay(sequence).await,
            None => Ok(false),
        }
    }

    /// A person has seen it: it leaves the list and stays where it is, with its bytes.
    ///
    /// # Errors
    /// When the change is not on disk.
    pub async fn mark_seen(&self, id: DeliveryId) -> Result<bool, KeepError> {
        let (text, now) = (id.0.to_string(), self.surroundings.now());
        let marked = self
            .writer
            .write(move |connection| {
                diesel::update(receipt::table.filter(receipt::delivery_id.eq(text)))
                    .filter(sql::<Bool>(OPEN))
                    .set(receipt::seen_at.eq(now))
                    .execute(connection)
            })
            .await?;
        Ok(marked > 0)
    }
}

type Columns = (Text, BigInt, Text, Text, BigInt, BigInt, Text, Text);

fn latest(limit: i64) -> receipt::BoxedQuery<'static, Sqlite, Columns> {
    receipt::table
        .filter(sql::<Bool>(OPEN))
        .order(receipt::id.desc())
        .limit(limit)
        .select((
            receipt::delivery_id,
            receipt::id,
            receipt::channel,
            receipt::address,
            receipt::received_at,
            receipt::settled_at,
            receipt::state,
            receipt::reason,
        ))
        .into_boxed()
}

fn set_apart(row: Row) -> QueryResult<SetApart> {
    let (id, sequence, channel, address, received_at, since, state, reason) = row;
    let refused = ReceiptState::parse(&state) == Some(ReceiptState::Dead);
    let id = super::keep::delivery_id(&id)?;
    Ok(SetApart { id, sequence, channel, address, received_at, since, refused, reason })
}

#[cfg(test)]
mod tests {
    use super::super::plan_of;
    use super::*;

    #[test]
    fn what_waits_for_a_person_is_found_without_reading_the_rest() {
        let plan = plan_of(&latest(10));
        assert!(plan.contains("receipt_open"), "{plan}");
    }
}
