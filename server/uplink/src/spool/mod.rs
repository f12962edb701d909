//! The gateway's durable memory: every message as it came, before the device is answered.
//!
//! A receipt is written once and never changed but for its state. Reading it is a second step that can be
//! run again; the outbox row and the state `normalised` are written together.

mod attention;
mod keep;
mod partial;
mod read;
mod receipt;
mod retention;
mod rush;
mod schema;
mod status;

pub use attention::SetApart;
pub use keep::{DuplicateWindow, Incoming, KeepError, Kept};
pub use partial::{Orphan, PartialId};
pub use read::StoredLane;
pub use receipt::{ReceiptState, StoredReceipt};
pub use status::SpoolStatus;

use crate::courier::{Settle, Settled, Settlement};
use crate::outbox::{self, Outbox};
use crate::sqlite::{self, OpenError};
use crate::surroundings::Surroundings;
use crate::writer::GroupWriter;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use rush::Rush;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/spool/receipts");

/// A handle to one spool file; clones share its writer.
#[derive(Clone)]
pub struct Spool {
    writer: GroupWriter,
    outbox: Outbox,
    surroundings: Surroundings,
    unread: Arc<Notify>,
    rush: Rush,
}

impl Spool {
    /// Opens or creates the spool; a damaged file is set aside and its new place returned.
    ///
    /// # Errors
    /// When the file cannot be made, or is from a newer version.
    pub fn open(path: &Path, surroundings: Surroundings) -> Result<(Self, Option<PathBuf>), OpenError> {
        let (mut first, set_aside) = sqlite::open_or_set_aside(path, surroundings.now())?;
        migrate(path, &mut first)?;
        let reader = sqlite::open(path)?;
        let mut ready = Some(first);
        let file = path.to_owned();
        let writer = GroupWriter::start_in(&surroundings, "spool-writer", move || match ready.take() {
            Some(connection) => Ok(connection),
            None => sqlite::open(&file),
        })?;
        let outbox = Outbox::within(surroundings.clone(), writer.clone(), reader);
        let spool = Self { outbox, writer, surroundings, unread: Arc::default(), rush: Rush::default() };
        Ok((spool, set_aside))
    }

    /// What waits to travel.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    #[must_use]
    pub fn writer(&self) -> &GroupWriter {
        &self.writer
    }

    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Carries a parcel's news to its receipt; hand it to the [`Courier`](crate::Courier).
    #[must_use]
    pub fn settle() -> Settle {
        Arc::new(settle)
    }

    /// Returns when a message may have been kept that nobody has read yet.
    pub async fn unread_rung(&self) {
        self.unread.notified().await;
    }

    /// Called after each step of reading: returns at once, or in a rush after a moment in which devices have their
    /// answers first.
    pub async fn give_way(&self) {
        self.rush.give_way().await;
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spool")
    }
}

fn migrate(path: &Path, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let failed = |cause: String| OpenError::Migration { path: path.to_owned(), cause };
    outbox::migrate(connection).map_err(failed)?;
    connection.run_pending_migrations(MIGRATIONS).map(drop).map_err(|cause| failed(cause.to_string()))
}

fn settle(connection: &mut SqliteConnection, news: &Settled) -> QueryResult<()> {
    use schema::receipt;
    let Ok(sequence) = news.subject.parse::<i64>() else {
        return Ok(());
    };
    let state: String = receipt::table.find(sequence).select(receipt::state).first(connection)?;
    let Some(state) = ReceiptState::parse(&state) else {
        return Ok(());
    };
    let (next, reason) = match &news.settlement {
        Settlement::Retrying => (state.queued(), ""),
        // A message of several deliveries is delivered with the last of them.
        Settlement::Delivered if parcels_left(connection, &news.subject)? > 0 => (state.queued(), ""),
        Settlement::Delivered => (state.delivered(), ""),
        Settlement::Held(reason) => (state.held(), reason.as_str()),
        Settlement::Dead(reason) => (state.refused(), reason.as_str()),
    };
    // Held or dead for one of its deliveries, it stays so whatever becomes of the others.
    let Some(next) = next else {
        return Ok(());
    };
    diesel::update(receipt::table.find(sequence))
        .set((receipt::state.eq(next.text()), receipt::reason.eq(reason), receipt::settled_at.eq(news.at)))
        .execute(connection)
        .map(drop)
}

fn parcels_left(connection: &mut SqliteConnection, subject: &str) -> QueryResult<i64> {
    use crate::outbox::uplink_outbox;
    uplink_outbox::table.filter(uplink_outbox::subject.eq(subject)).count().get_result(connection)
}

/// How SQLite would run a query on a new spool, for tests that hold it to its index.
#[cfg(test)]
fn plan_of<Q: diesel::query_builder::QueryFragment<diesel::sqlite::Sqlite>>(query: &Q) -> String {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool.db");
    Spool::open(&path, Surroundings::system()).unwrap();
    let text = diesel::debug_query::<diesel::sqlite::Sqlite, _>(query).to_string();
    let mut connection = sqlite::open(&path).unwrap();
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(&mut connection).unwrap();
    steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; ")
}
