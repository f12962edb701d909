//! Whom this hospital trusts to certify: every change, so that what was trusted when is known for as long as the record is.

use crate::error::maybe_id;
use crate::schema::trust_change;
use crate::{Conn, StoreError, Tx};
use benhan_domain::certificate::{TrustChange, TrustKind};
use benhan_domain::id::{TrustChangeId, UserId};
use diesel::prelude::*;

const TABLE: &str = "trust_change";
/// Authorities come and go once in years.
const MOST: i64 = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: i64,
    pub change: TrustChange,
    pub kind: TrustKind,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    pub subject: String,
    pub der: Vec<u8>,
    /// `None` from the command line.
    pub by: Option<UserId>,
    pub reason: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = trust_change)]
struct Row {
    id: String,
    at: i64,
    change: String,
    kind: String,
    fingerprint: String,
    subject: String,
    der: Vec<u8>,
    by_id: Option<String>,
    reason: String,
}

impl TryFrom<Row> for Change {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt(TABLE, column, &row.id);
        Ok(Self {
            at: row.at,
            change: TrustChange::parse(&row.change).ok_or_else(|| corrupt("change"))?,
            kind: TrustKind::parse(&row.kind).ok_or_else(|| corrupt("kind"))?,
            by: maybe_id(row.by_id.as_deref(), TABLE, "by_id")?,
            fingerprint: row.fingerprint,
            subject: row.subject,
            der: row.der,
            reason: row.reason,
        })
    }
}

/// `at` is the transaction's.
pub fn note(tx: &mut Tx<'_>, new: &Change) -> Result<(), StoreError> {
    let given: TrustChangeId = tx.fresh();
    let row = (
        trust_change::id.eq(given.to_string()),
        trust_change::at.eq(tx.now().0),
        trust_change::change.eq(new.change.as_str()),
        trust_change::kind.eq(new.kind.as_str()),
        trust_change::fingerprint.eq(&new.fingerprint),
        trust_change::subject.eq(&new.subject),
        trust_change::der.eq(&new.der),
        trust_change::by_id.eq(new.by.map(|user| user.to_string())),
        trust_change::reason.eq(&new.reason),
    );
    let insert = diesel::insert_into(trust_change::table).values(row).execute(tx.db());
    insert.map(drop).map_err(StoreError::db("note a change of trust"))
}

/// All of them, oldest first. Few, and read whole.
pub fn all(conn: &mut Conn) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<Row> = trust_change::table
        .order((trust_change::at, trust_change::id))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list changes of trust"))?;
    rows.into_iter().map(Change::try_from).collect()
}

/// How many there are: a server sees by it that another process changed something.
pub fn count(conn: &mut Conn) -> Result<i64, StoreError> {
    trust_change::table.count().get_result(conn.db()).map_err(StoreError::db("count changes of trust"))
}
