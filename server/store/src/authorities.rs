//! By which paper somebody confirms for the hospital. What was written down stays; it is withdrawn once, with a reason.

use crate::error::{id, maybe_id};
use crate::schema::confirming_authority;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{ConfirmingAuthorityId, UserId};
use benhan_domain::record::{Capacity, Term};
use benhan_domain::time::Instant;
use diesel::prelude::*;

const TABLE: &str = "confirming_authority";

#[derive(Clone, Debug)]
pub struct NewAuthority {
    pub user: UserId,
    pub capacity: Capacity,
    /// Số, ngày của quyết định bổ nhiệm hoặc giấy ủy quyền.
    pub decision: String,
    pub term: Term,
    /// Nobody: by a command on the machine.
    pub by: Option<UserId>,
}

#[derive(Clone, Debug)]
pub struct Authority {
    pub id: ConfirmingAuthorityId,
    pub user: UserId,
    pub capacity: Capacity,
    pub decision: String,
    pub term: Term,
    pub entered_by: Option<UserId>,
    pub entered_at: i64,
    /// By whom, when and why.
    pub withdrawn: Option<(UserId, i64, String)>,
}

impl Authority {
    pub fn holds(&self, at: Instant) -> bool {
        self.withdrawn.is_none() && self.term.holds(at)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = confirming_authority)]
struct Row {
    id: String,
    user_id: String,
    capacity: String,
    decision: String,
    valid_from: i64,
    valid_until: Option<i64>,
    entered_by: Option<String>,
    entered_at: i64,
    withdrawn_by: Option<String>,
    withdrawn_at: Option<i64>,
    withdrawal: Option<String>,
}

impl TryFrom<Row> for Authority {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column| StoreError::corrupt(TABLE, column, &row.id);
        let capacity = Capacity::parse(&row.capacity).ok_or_else(|| broken("capacity"))?;
        let (from, until) = (Instant(row.valid_from), row.valid_until.map(Instant));
        let term = Term::new(capacity, from, until).map_err(|_| broken("valid_until"))?;
        let withdrawer: Option<UserId> = maybe_id(row.withdrawn_by.as_deref(), TABLE, "withdrawn_by")?;
        let withdrawn = withdrawer.zip(row.withdrawn_at).zip(row.withdrawal);
        Ok(Self {
            id: id(&row.id, TABLE, "id")?,
            user: id(&row.user_id, TABLE, "user_id")?,
            capacity,
            decision: row.decision,
            term,
            entered_by: maybe_id(row.entered_by.as_deref(), TABLE, "entered_by")?,
            entered_at: row.entered_at,
            withdrawn: withdrawn.map(|((by, at), why)| (by, at, why)),
        })
    }
}

pub fn enter(tx: &mut Tx<'_>, new: &NewAuthority) -> Result<ConfirmingAuthorityId, StoreError> {
    let given: ConfirmingAuthorityId = tx.fresh();
    let row = (
        confirming_authority::id.eq(given.to_string()),
        confirming_authority::user_id.eq(new.user.to_string()),
        confirming_authority::capacity.eq(new.capacity.as_str()),
        confirming_authority::decision.eq(&new.decision),
        confirming_authority::valid_from.eq(new.term.from.0),
        confirming_authority::valid_until.eq(new.term.until.map(|until| until.0)),
        confirming_authority::entered_by.eq(new.by.map(|by| by.to_string())),
        confirming_authority::entered_at.eq(tx.now().0),
    );
    diesel::insert_into(confirming_authority::table)
        .values(row)
        .execute(tx.db())
        .map_err(StoreError::db("enter an authority to confirm"))?;
    Ok(given)
}

/// False when it was withdrawn before.
pub fn withdraw(tx: &mut Tx<'_>, of: ConfirmingAuthorityId, by: UserId, reason: &str) -> Result<bool, StoreError> {
    let standing = confirming_authority::id.eq(of.to_string()).and(confirming_authority::withdrawn_at.is_null());
    let changed = diesel::update(confirming_authority::table.filter(standing))
        .set((
            confirming_authority::withdrawn_by.eq(Some(by.to_string())),
            confirming_authority::withdrawn_at.eq(Some(tx.now().0)),
            confirming_authority::withdrawal.eq(Some(reason)),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("withdraw an authority to confirm"))?;
    Ok(changed == 1)
}

/// All that one person was given, the newest first. Index confirming_authority_of_user.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Authority>, StoreError> {
    let rows: Vec<Row> = confirming_authority::table
        .filter(confirming_authority::user_id.eq(user.to_string()))
        .order((confirming_authority::entered_at.desc(), confirming_authority::id.desc()))
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read a person's authorities to confirm"))?;
    rows.into_iter().map(Authority::try_from).collect()
}

pub fn by_id(conn: &mut Conn, of: ConfirmingAuthorityId) -> Result<Option<Authority>, StoreError> {
    let row: Option<Row> = confirming_authority::table
        .filter(confirming_authority::id.eq(of.to_string()))
        .select(Row::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an authority to confirm"))?;
    row.map(Authority::try_from).transpose()
}
