//! Certificates that were taken back before their end. A row is the truth; the lists that verifiers read are made of them.

use crate::error::maybe_id;
use crate::schema::certificate_revocation;
use crate::{Conn, StoreError, Tx};
use benhan_domain::certificate::RevocationReason;
use benhan_domain::id::{CertificateId, UserId};
use diesel::prelude::*;

/// A hospital of a thousand for fifty years; a list of them is still small.
const MOST: i64 = 100_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    pub serial: String,
    pub at: i64,
    /// `None` from the command line.
    pub by: Option<UserId>,
    pub reason: RevocationReason,
    pub note: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = certificate_revocation)]
struct Row {
    serial: String,
    revoked_at: i64,
    revoked_by: Option<String>,
    reason: String,
    note: String,
}

impl TryFrom<Row> for Revocation {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "certificate_revocation";
        let reason = RevocationReason::parse(&row.reason);
        Ok(Self {
            at: row.revoked_at,
            by: maybe_id(row.revoked_by.as_deref(), table, "revoked_by")?,
            reason: reason.ok_or_else(|| StoreError::corrupt(table, "reason", &row.serial))?,
            serial: row.serial,
            note: row.note,
        })
    }
}

/// [`StoreError::Taken`] of `certificate_revocation`: it was revoked before.
pub fn add(
    tx: &mut Tx<'_>,
    (certificate, serial): (CertificateId, &str),
    by: Option<UserId>,
    reason: RevocationReason,
    note: &str,
) -> Result<(), StoreError> {
    let row = (
        certificate_revocation::certificate_id.eq(certificate.to_string()),
        certificate_revocation::serial.eq(serial),
        certificate_revocation::revoked_at.eq(tx.now().0),
        certificate_revocation::revoked_by.eq(by.map(|user| user.to_string())),
        certificate_revocation::reason.eq(reason.as_str()),
        certificate_revocation::note.eq(note),
    );
    let insert = diesel::insert_into(certificate_revocation::table).values(row).execute(tx.conn().db());
    insert.map(drop).map_err(StoreError::db("revoke a certificate"))
}

pub fn of(conn: &mut Conn, certificate: CertificateId) -> Result<Option<Revocation>, StoreError> {
    let row = certificate_revocation::table
        .find(certificate.to_string())
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a revocation"))?;
    row.map(Revocation::try_from).transpose()
}

/// All of them, oldest first: what goes on the list. Index certificate_revocation_by_time.
pub fn all(conn: &mut Conn) -> Result<Vec<Revocation>, StoreError> {
    let rows: Vec<Row> = certificate_revocation::table
        .order((certificate_revocation::revoked_at, certificate_revocation::certificate_id))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list revocations"))?;
    rows.into_iter().map(Revocation::try_from).collect()
}

/// How many there are: a server sees by it that another process revoked something.
pub fn count(conn: &mut Conn) -> Result<i64, StoreError> {
    certificate_revocation::table.count().get_result(conn.db()).map_err(StoreError::db("count revocations"))
}
