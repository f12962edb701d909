//! What waits to travel to the server, in any SQLite database that carries this table.
//!
//! The caller puts a parcel in the transaction of its cause, so the two are on disk together; the
//! [`Courier`](crate::Courier) takes it away when the server has it.

mod apart;

pub use apart::{Apart, drop_all_of, mark_seen, open, take_back};

use crate::packing;
use crate::surroundings::Surroundings;
use crate::writer::GroupWriter;
use benhan_contract::{DeliveryId, Micros};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/spool/outbox");

diesel::table! {
    uplink_outbox (id) {
        id -> BigInt,
        delivery_id -> Text,
        lane -> Text,
        kind -> Text,
        subject -> Text,
        body -> Binary,
        body_size -> BigInt,
        state -> Text,
        attempts -> BigInt,
        failing_since -> BigInt,
        next_at -> BigInt,
        reason -> Text,
        created_at -> BigInt,
        settled_at -> BigInt,
        seen_at -> BigInt,
    }
}

/// Which ingest address a parcel goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Device,
    Study,
}

impl Kind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Study => "study",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "device" => Some(Self::Device),
            "study" => Some(Self::Study),
            _ => None,
        }
    }
}

/// One delivery, ready to go. Made outside the transaction, since it compresses the body.
#[derive(Clone)]
pub struct Parcel {
    id: DeliveryId,
    lane: String,
    kind: Kind,
    subject: String,
    body: Vec<u8>,
    body_size: i64,
}

impl Parcel {
    /// `lane` orders parcels among themselves; `subject` is handed back when the parcel is settled.
    ///
    /// # Errors
    /// When `content` cannot be written as JSON or compressed.
    pub fn pack(
        id: DeliveryId,
        kind: Kind,
        lane: impl Into<String>,
        subject: impl Into<String>,
        content: &impl serde::Serialize,
    ) -> std::io::Result<Self> {
        let json = serde_json::to_vec(content)?;
        Ok(Self {
            id,
            lane: lane.into(),
            kind,
            subject: subject.into(),
            body_size: i64::try_from(json.len()).unwrap_or(i64::MAX),
            body: packing::pack(&json)?,
        })
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parcel({:?} {})", self.kind, self.id.0)
    }
}

/// Makes or updates the outbox table of this database.
///
/// # Errors
/// What the migration answered.
pub fn migrate(connection: &mut SqliteConnection) -> Result<(), String> {
    connection.run_pending_migrations(MIGRATIONS).map(drop).map_err(|cause| cause.to_string())
}

/// Puts a parcel, inside the caller's transaction. Call [`Outbox::wake`] after the commit.
///
/// # Errors
/// What the database answered; an id twice is an error.
pub fn put(connection: &mut SqliteConnection, parcel: &Parcel, now: Micros) -> QueryResult<()> {
    diesel::insert_into(uplink_outbox::table)
        .values((
            uplink_outbox::delivery_id.eq(parcel.id.0.to_string()),
            uplink_outbox::lane.eq(&parcel.lane),
            uplink_outbox::kind.eq(parcel.kind.text()),
            uplink_outbox::subject.eq(&parcel.subject),
            uplink_outbox::body.eq(&parcel.body),
            uplink_outbox::body_size.eq(parcel.body_size),
            uplink_outbox::state.eq("waiting"),
            uplink_outbox::created_at.eq(now),
        ))
        .execute(connection)
        .map(drop)
}

/// A parcel under way.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub id: i64,
    pub delivery_id: String,
    pub kind: Kind,
    pub subject: String,
    pub attempts: i64,
    pub failing_since: Micros,
    pub body: Vec<u8>,
}

/// What the head of the queue looks like.
pub(crate) enum Next {
    Batch(Vec<Waiting>),
    /// Nothing may go before this instant (`None`: nothing waits at all).
    Nothing(Option<Micros>),
}

/// The outbox of one database: its writer, a connection for reading, and the bell that wakes the courier.
#[derive(Clone)]
pub struct Outbox {
    writer: GroupWriter,
    reader: Arc<Mutex<SqliteConnection>>,
    bell: Arc<Notify>,
    surroundings: Surroundings,
}

impl Outbox {
    /// `reader` is a second connection to the file that `writer` writes.
    #[must_use]
    pub fn new(writer: GroupWriter, reader: SqliteConnection) -> Self {
        Self::within(Surroundings::system(), writer, reader)
    }

    pub(crate) fn within(surroundings: Surroundings, writer: GroupWriter, reader: SqliteConnection) -> Self {
        Self { writer, reader: Arc::new(Mutex::new(reader)), bell: Arc::default(), surroundings }
    }

    /// Tells the courier that something new waits.
    pub fn wake(&self) {
        self.bell.notify_one();
    }

    #[must_use]
    pub fn writer(&self) -> &GroupWriter {
        &self.writer
    }

    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Reads off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> QueryResult<T> {
        let reader = Arc::clone(&self.reader);
        let reading = self.surroundings.aside(move || {
            let mut connection = reader.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut connection)
        });
        reading.await.unwrap_or(Err(diesel::result::Error::BrokenTransactionManager))
    }

    /// The oldest parcels that may go now: one kind, at most `limit`, at most `bytes` of JSON (one may
    /// be larger). A lane whose head waits after a failure waits as a whole, but never for longer than `longest`:
    /// the clock was set back then.
    pub(crate) async fn next(&self, limit: usize, bytes: usize, now: Micros, longest: Micros) -> QueryResult<Next> {
        self.read(move |connection| next(connection, limit, bytes, now, now.saturating_add(longest))).await
    }

    /// The parcel that waits behind this one in its lane.
    pub(crate) async fn behind(&self, id: i64) -> QueryResult<Option<Waiting>> {
        self.read(move |connection| behind(connection, id)).await
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

#[derive(QueryableByName)]
struct Head {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    body_size: i64,
}

const HEADS: &str = "SELECT id, kind, body_size FROM uplink_outbox AS o WHERE state = 'waiting' \
     AND NOT EXISTS (SELECT 1 FROM uplink_outbox AS b WHERE b.lane = o.lane AND b.state = 'waiting' AND b.next_at > ? \
     AND b.next_at <= ?) \
     ORDER BY id LIMIT ?";

/// Literal, so that the partial indexes uplink_outbox_waiting and uplink_outbox_lane serve it.
fn is_waiting() -> SqlLiteral<Bool> {
    diesel::dsl::sql("state = 'waiting'")
}

fn next(
    connection: &mut SqliteConnection,
    limit: usize,
    bytes: usize,
    now: Micros,
    latest: Micros,
) -> QueryResult<Next> {
    use diesel::sql_types::BigInt;
    let heads: Vec<Head> = diesel::sql_query(HEADS)
        .bind::<BigInt, _>(now)
        .bind::<BigInt, _>(latest)
        .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
        .load(connection)?;
    let Some(first) = heads.first().and_then(|head| Kind::parse(&head.kind)) else {
        let earliest = uplink_outbox::table
            .filter(is_waiting())
            .select(diesel::dsl::min(uplink_outbox::next_at))
            .filter(uplink_outbox::next_at.gt(now))
            .first(connection)?;
        return Ok(Next::Nothing(earliest));
    };
    let mut budget = i64::try_from(bytes).unwrap_or(i64::MAX);
    let mut ids = Vec::new();
    for head in &heads {
        // A study travels alone.
        let alone = first == Kind::Study && !ids.is_empty();
        if alone || head.kind != first.text() || (!ids.is_empty() && head.body_size > budget) {
            break;
        }
        budget = budget.saturating_sub(head.body_size);
        ids.push(head.id);
    }
    load(connection, first, &ids).map(Next::Batch)
}

fn behind(connection: &mut SqliteConnection, id: i64) -> QueryResult<Option<Waiting>> {
    let lane: String = uplink_outbox::table.find(id).select(uplink_outbox::lane).first(connection)?;
    let next: Option<(i64, String)> = uplink_outbox::table
        .filter(uplink_outbox::lane.eq(lane).and(is_waiting()).and(uplink_outbox::id.gt(id)))
        .order(uplink_outbox::id)
        .select((uplink_outbox::id, uplink_outbox::kind))
        .first(connection)
        .optional()?;
    let Some((id, Some(kind))) = next.map(|(id, kind)| (id, Kind::parse(&kind))) else {
        return Ok(None);
    };
    Ok(load(connection, kind, &[id])?.pop())
}

type Row = (i64, String, String, i64, i64, Vec<u8>, i64);

fn load(connection: &mut SqliteConnection, kind: Kind, ids: &[i64]) -> QueryResult<Vec<Waiting>> {
    let rows: Vec<Row> = uplink_outbox::table
        .filter(uplink_outbox::id.eq_any(ids))
        .order(uplink_outbox::id)
        .select((
            uplink_outbox::id,
            uplink_outbox::delivery_id,
            uplink_outbox::subject,
            uplink_outbox::attempts,
            uplink_outbox::failing_since,
            uplink_outbox::body,
            uplink_outbox::body_size,
        ))
        .load(connection)?;
    rows.into_iter()
        .map(|(id, delivery_id, subject, attempts, failing_since, packed, size)| {
            let body = packing::unpack(&packed, size)
                .map_err(|cause| diesel::result::Error::DeserializationError(Box::new(cause)))?;
            Ok(Waiting { id, delivery_id, kind, subject, attempts, failing_since, body })
        })
        .collect()
}
