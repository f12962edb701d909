//! Who may put the seal of a department: named by the head of the hospital, until that is ended.

use crate::error::{id, maybe_id};
use crate::schema::seal_keeper;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{NameSealKeeper, Permit};
use benhan_domain::id::{DepartmentId, UserId};
use diesel::prelude::*;
use uuid::Uuid;

const TABLE: &str = "seal_keeper";
/// More than any hospital names.
const MOST: i64 = 5_000;

#[derive(Clone, Debug)]
pub struct Keeper {
    pub department: DepartmentId,
    pub user: UserId,
    pub given_by: UserId,
    pub given_at: i64,
    pub ended: Option<End>,
}

#[derive(Clone, Debug)]
pub struct End {
    pub by: UserId,
    pub at: i64,
    pub reason: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = seal_keeper)]
struct Row {
    department_id: String,
    user_id: String,
    given_by: String,
    given_at: i64,
    ended_by: Option<String>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

impl TryFrom<Row> for Keeper {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let by: Option<UserId> = maybe_id(row.ended_by.as_deref(), TABLE, "ended_by")?;
        let reason = row.end_reason.unwrap_or_default();
        Ok(Self {
            department: id(&row.department_id, TABLE, "department_id")?,
            user: id(&row.user_id, TABLE, "user_id")?,
            given_by: id(&row.given_by, TABLE, "given_by")?,
            given_at: row.given_at,
            ended: by.zip(row.ended_at).map(|(by, at)| End { by, at, reason }),
        })
    }
}

/// [`StoreError::Taken`] of `seal_keeper`: they may already.
pub fn name(
    tx: &mut Tx<'_>,
    _permit: &Permit<NameSealKeeper>,
    of: DepartmentId,
    (user, by): (UserId, UserId),
) -> Result<(), StoreError> {
    let row = (
        seal_keeper::id.eq(tx.fresh::<Uuid>().to_string()),
        seal_keeper::department_id.eq(of.to_string()),
        seal_keeper::user_id.eq(user.to_string()),
        seal_keeper::given_by.eq(by.to_string()),
        seal_keeper::given_at.eq(tx.now().0),
    );
    diesel::insert_into(seal_keeper::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("name who puts a seal"))
}

/// False when they did not put it.
pub fn end(
    tx: &mut Tx<'_>,
    _permit: &Permit<NameSealKeeper>,
    of: DepartmentId,
    (user, by): (UserId, UserId),
    why: &str,
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let still = seal_keeper::department_id
        .eq(of.to_string())
        .and(seal_keeper::user_id.eq(user.to_string()))
        .and(seal_keeper::ended_at.is_null());
    let changed = diesel::update(seal_keeper::table.filter(still))
        .set((seal_keeper::ended_by.eq(by.to_string()), seal_keeper::ended_at.eq(now), seal_keeper::end_reason.eq(why)))
        .execute(tx.db())
        .map_err(StoreError::db("end who puts a seal"))?;
    Ok(changed == 1)
}

/// Also those who do no longer, the one who was named last first.
pub fn all(conn: &mut Conn) -> Result<Vec<Keeper>, StoreError> {
    let rows: Vec<Row> = seal_keeper::table
        .order((seal_keeper::given_at.desc(), seal_keeper::id.desc()))
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list who puts seals"))?;
    rows.into_iter().map(Keeper::try_from).collect()
}

/// Departments whose seal somebody puts now. Index seal_keeper_of_user.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<DepartmentId>, StoreError> {
    let rows: Vec<String> = seal_keeper::table
        .filter(seal_keeper::user_id.eq(user.to_string()).and(seal_keeper::ended_at.is_null()))
        .order(seal_keeper::given_at)
        .limit(MOST)
        .select(seal_keeper::department_id)
        .load(conn.db())
        .map_err(StoreError::db("list the seals that somebody puts"))?;
    rows.iter().map(|one| id(one, TABLE, "department_id")).collect()
}
