//! Keep a message: the commit that stands before the device's answer.

use super::schema::{partial, receipt};
use super::{PartialId, Spool};
use crate::packing;
use crate::writer::{StorageFailure, WriteError};
use benhan_contract::{DeliveryId, Micros, Protocol};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A device repeats itself within this time; later, the same bytes are a new message.
pub struct DuplicateWindow;

impl DuplicateWindow {
    /// Of a message that states when it was sent or measured.
    pub const TIMED: Micros = 7 * 86_400 * 1_000_000;
    /// Of one that states no time: long enough for a lost answer.
    pub const UNTIMED: Micros = 10 * 60 * 1_000_000;
}

/// A message as it came in.
#[derive(Clone)]
pub struct Incoming {
    pub channel: String,
    pub address: String,
    /// Deliveries of one lane stay in order: channel and sender.
    pub lane: String,
    pub protocol: Protocol,
    /// Equal for a message and its repetition.
    pub dedupe_key: [u8; 32],
    pub received_at: Micros,
    /// See [`DuplicateWindow`].
    pub repeats_within: Micros,
    pub raw: Vec<u8>,
    pub complete: bool,
}

/// What stands on disk now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: DeliveryId,
    pub sequence: i64,
    /// It had been kept before: this is the stored row's answer.
    pub duplicate: bool,
}

/// It is not on disk: the device must be told to send again.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error("the spool cannot store it: {0}")]
    Storage(String),
    #[error("the spool has stopped")]
    Stopped,
}

impl From<StorageFailure> for KeepError {
    fn from(failure: StorageFailure) -> Self {
        Self::Storage(failure.to_string())
    }
}

impl From<WriteError<diesel::result::Error>> for KeepError {
    fn from(error: WriteError<diesel::result::Error>) -> Self {
        match error {
            WriteError::Stopped => Self::Stopped,
            other => Self::Storage(other.to_string()),
        }
    }
}

impl Spool {
    /// Returns once the message is durable; a repetition is answered from the stored row.
    ///
    /// # Errors
    /// See [`KeepError`]: nothing is stored then.
    pub async fn keep(&self, incoming: Incoming) -> Result<Kept, KeepError> {
        let window = incoming.repeats_within;
        let row = NewReceipt::pack(incoming, self.surroundings.delivery_id())?;
        let kept = self.writer.write(move |connection| insert_once(connection, &row, window)).await?;
        self.rush.came();
        self.unread.notify_one();
        Ok(kept)
    }

    /// Turns a message that came in frames into a receipt, in one transaction.
    ///
    /// # Errors
    /// As [`keep`](Self::keep); the frames stay then.
    pub async fn keep_assembled(&self, of: PartialId, incoming: Incoming) -> Result<Kept, KeepError> {
        let window = incoming.repeats_within;
        let row = NewReceipt::pack(incoming, self.surroundings.delivery_id())?;
        let kept = self
            .writer
            .write(move |connection| {
                diesel::delete(partial::table.find(of.0)).execute(connection)?;
                insert_once(connection, &row, window)
            })
            .await?;
        self.rush.came();
        self.unread.notify_one();
        Ok(kept)
    }
}

#[derive(Insertable)]
#[diesel(table_name = receipt)]
struct NewReceipt {
    delivery_id: String,
    channel: String,
    address: String,
    lane: String,
    protocol: &'static str,
    dedupe_key: Vec<u8>,
    received_at: Micros,
    complete: bool,
    raw: Vec<u8>,
    raw_size: i64,
    raw_sha256: String,
}

impl NewReceipt {
    fn pack(incoming: Incoming, id: DeliveryId) -> Result<Self, KeepError> {
        let raw = packing::pack(&incoming.raw).map_err(|cause| KeepError::Storage(cause.to_string()))?;
        Ok(Self {
            delivery_id: id.0.to_string(),
            channel: incoming.channel,
            address: incoming.address,
            lane: incoming.lane,
            protocol: incoming.protocol.name(),
            dedupe_key: incoming.dedupe_key.to_vec(),
            received_at: incoming.received_at,
            complete: incoming.complete,
            raw_size: i64::try_from(incoming.raw.len()).unwrap_or(i64::MAX),
            raw_sha256: hex(&Sha256::digest(&incoming.raw)),
            raw,
        })
    }
}

fn insert_once(connection: &mut SqliteConnection, row: &NewReceipt, window: Micros) -> QueryResult<Kept> {
    let earlier: Option<(i64, String)> = receipt::table
        .filter(receipt::dedupe_key.eq(&row.dedupe_key))
        .filter(receipt::received_at.gt(row.received_at.saturating_sub(window)))
        .order(receipt::received_at)
        .select((receipt::id, receipt::delivery_id))
        .first(connection)
        .optional()?;
    if let Some((sequence, id)) = earlier {
        diesel::update(receipt::table.find(sequence))
            .set(receipt::repeats.eq(receipt::repeats + 1))
            .execute(connection)?;
        return Ok(Kept { id: delivery_id(&id)?, sequence, duplicate: true });
    }
    let sequence = diesel::insert_into(receipt::table).values(row).returning(receipt::id).get_result(connection)?;
    Ok(Kept { id: delivery_id(&row.delivery_id)?, sequence, duplicate: false })
}

pub(super) fn delivery_id(text: &str) -> QueryResult<DeliveryId> {
    Uuid::parse_str(text).map(DeliveryId).map_err(|cause| diesel::result::Error::DeserializationError(Box::new(cause)))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
