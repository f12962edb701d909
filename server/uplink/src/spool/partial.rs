//! An ASTM message on its way: each frame is durable before its `<ACK>`.
//!
//! At EOT the frames become a receipt in the transaction that removes them. What a device began and never
//! finished, or what a crash cut off, is turned into a receipt marked incomplete: kept, never read.

use super::Spool;
use super::keep::KeepError;
use super::schema::{partial, partial_frame};
use benhan_contract::Micros;
use diesel::prelude::*;

/// An unfinished message in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialId(pub(crate) i64);

/// Frames left behind by a connection that ended or a program that was killed.
#[derive(Clone)]
pub struct Orphan {
    pub id: PartialId,
    pub channel: String,
    pub address: String,
    pub started_at: Micros,
    /// All frames, one after another.
    pub raw: Vec<u8>,
}

impl Spool {
    /// Keeps one frame; the first one (`of` is `None`) begins the message.
    ///
    /// # Errors
    /// When it is not on disk: the frame must be answered with `<NAK>`.
    pub async fn keep_frame(
        &self,
        of: Option<PartialId>,
        channel: &str,
        address: &str,
        ordinal: i64,
        bytes: Vec<u8>,
    ) -> Result<PartialId, KeepError> {
        let begun = (channel.to_owned(), address.to_owned(), self.surroundings.now());
        let id = self
            .writer
            .write(move |connection| {
                let id = match of {
                    Some(PartialId(id)) => id,
                    None => diesel::insert_into(partial::table)
                        .values((
                            partial::channel.eq(&begun.0),
                            partial::address.eq(&begun.1),
                            partial::started_at.eq(begun.2),
                        ))
                        .returning(partial::id)
                        .get_result(connection)?,
                };
                diesel::insert_into(partial_frame::table)
                    .values((
                        partial_frame::partial_id.eq(id),
                        partial_frame::ordinal.eq(ordinal),
                        partial_frame::bytes.eq(&bytes),
                    ))
                    .execute(connection)?;
                Ok::<_, diesel::result::Error>(id)
            })
            .await?;
        Ok(PartialId(id))
    }

    /// Forgets a message of which nothing is owed: a question, answered or not.
    ///
    /// # Errors
    /// When it is still there.
    pub async fn forget(&self, of: PartialId) -> Result<(), KeepError> {
        let forget = move |connection: &mut diesel::SqliteConnection| {
            diesel::delete(partial::table.find(of.0)).execute(connection).map(drop)
        };
        Ok(self.writer.write(forget).await?)
    }

    /// What an earlier run left unfinished. Call it before any line is opened.
    ///
    /// # Errors
    /// What the database answered.
    pub async fn orphans(&self) -> QueryResult<Vec<Orphan>> {
        self.outbox
            .read(|connection| {
                let begun: Vec<(i64, String, String, Micros)> = partial::table.order(partial::id).load(connection)?;
                begun
                    .into_iter()
                    .map(|(id, channel, address, started_at)| {
                        let frames: Vec<Vec<u8>> = partial_frame::table
                            .filter(partial_frame::partial_id.eq(id))
                            .order(partial_frame::ordinal)
                            .select(partial_frame::bytes)
                            .load(connection)?;
                        Ok(Orphan { id: PartialId(id), channel, address, started_at, raw: frames.concat() })
                    })
                    .collect()
            })
            .await
    }
}
