//! Outsiders who read a record on the screen, each on a request that was granted and for as long as the grant lasts.

use crate::error::{id, maybe_id};
use crate::schema::{record_request, request_reader, user_account};
use crate::users::{self, User};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Permit, Role, ServeRequest, ViewRequests};
use benhan_domain::id::{EncounterId, RecordRequestId, UserId};
use benhan_domain::record::RequestState;
use diesel::prelude::*;
use uuid::Uuid;

const TABLE: &str = "request_reader";
/// More than anybody reads at a time.
const MOST: i64 = 500;

#[derive(Clone, Debug)]
pub struct Reader {
    pub user: UserId,
    pub given_by: UserId,
    pub given_at: i64,
    pub last_read_at: Option<i64>,
    /// By whom and when.
    pub ended: Option<(UserId, i64)>,
}

/// [`StoreError::Taken`] of `request_reader`: somebody reads on it already.
pub fn give(
    tx: &mut Tx<'_>,
    _permit: &Permit<ServeRequest>,
    of: RecordRequestId,
    reader: UserId,
    by: UserId,
) -> Result<(), StoreError> {
    let row = (
        request_reader::id.eq(tx.fresh::<Uuid>().to_string()),
        request_reader::request_id.eq(of.to_string()),
        request_reader::user_id.eq(reader.to_string()),
        request_reader::given_by.eq(by.to_string()),
        request_reader::given_at.eq(tx.now().0),
    );
    diesel::insert_into(request_reader::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("let an outsider read"))
}

/// Who reads no more; nothing when nobody did.
pub fn end(
    tx: &mut Tx<'_>,
    _permit: &Permit<ServeRequest>,
    of: RecordRequestId,
    by: UserId,
    why: &str,
) -> Result<Option<UserId>, StoreError> {
    let open = || {
        request_reader::table
            .filter(request_reader::request_id.eq(of.to_string()).and(request_reader::ended_at.is_null()))
    };
    let reader: Option<String> = open()
        .select(request_reader::user_id)
        .first(tx.db())
        .optional()
        .map_err(StoreError::db("find who reads on a request"))?;
    let Some(reader) = reader else { return Ok(None) };
    let now = tx.now().0;
    let still = request_reader::request_id.eq(of.to_string()).and(request_reader::ended_at.is_null());
    diesel::update(request_reader::table.filter(still))
        .set((
            request_reader::ended_by.eq(by.to_string()),
            request_reader::ended_at.eq(now),
            request_reader::end_reason.eq(why),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("end an outsider's reading"))?;
    Ok(Some(id(&reader, TABLE, "user_id")?))
}

/// Who reads on it now, or did last. Index request_reader_of_request.
pub fn of_request(
    conn: &mut Conn,
    _permit: &Permit<ViewRequests>,
    of: RecordRequestId,
) -> Result<Option<Reader>, StoreError> {
    type Row = (String, String, i64, Option<i64>, Option<String>, Option<i64>);
    let row: Option<Row> = request_reader::table
        .filter(request_reader::request_id.eq(of.to_string()))
        .order((request_reader::given_at.desc(), request_reader::id.desc()))
        .select((
            request_reader::user_id,
            request_reader::given_by,
            request_reader::given_at,
            request_reader::last_read_at,
            request_reader::ended_by,
            request_reader::ended_at,
        ))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read who reads on a request"))?;
    row.map(|(user, given_by, given_at, last_read_at, ended_by, ended_at)| {
        let ender: Option<UserId> = maybe_id(ended_by.as_deref(), TABLE, "ended_by")?;
        Ok(Reader {
            user: id(&user, TABLE, "user_id")?,
            given_by: id(&given_by, TABLE, "given_by")?,
            given_at,
            last_read_at,
            ended: ender.zip(ended_at),
        })
    })
    .transpose()
}

macro_rules! standing {
    ($now:expr) => {
        request_reader::table
            .inner_join(record_request::table.on(record_request::id.eq(request_reader::request_id)))
            .filter(request_reader::ended_at.is_null())
            .filter(record_request::state.eq(RequestState::Granted.as_str()))
            .filter(record_request::granted_until.ge($now))
    };
}

/// The records that an outsider may read now. Index request_reader_of_user.
pub fn granted_to(conn: &mut Conn, user: UserId, now: i64) -> Result<Vec<EncounterId>, StoreError> {
    let rows: Vec<String> = standing!(now)
        .filter(request_reader::user_id.eq(user.to_string()))
        .limit(MOST)
        .select(record_request::encounter_id)
        .load(conn.db())
        .map_err(StoreError::db("list what an outsider may read"))?;
    rows.iter().map(|stay| id(stay, "record_request", "encounter_id")).collect()
}

/// The requests on which they do, the one that was granted last first. Index request_reader_of_user.
pub fn requests_of(conn: &mut Conn, user: UserId, now: i64) -> Result<Vec<RecordRequestId>, StoreError> {
    let rows: Vec<String> = standing!(now)
        .filter(request_reader::user_id.eq(user.to_string()))
        .order((request_reader::given_at.desc(), request_reader::id.desc()))
        .limit(MOST)
        .select(request_reader::request_id)
        .load(conn.db())
        .map_err(StoreError::db("list an outsider's requests"))?;
    rows.iter().map(|request| id(request, TABLE, "request_id")).collect()
}

/// Whether they ever read on this request: who did is told that it is over, anybody else that there is none.
pub fn ever(conn: &mut Conn, user: UserId, of: RecordRequestId) -> Result<bool, StoreError> {
    let of = request_reader::user_id.eq(user.to_string()).and(request_reader::request_id.eq(of.to_string()));
    let found: i64 = request_reader::table
        .filter(of)
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("ask whether an outsider read on a request"))?;
    Ok(found > 0)
}

/// Notes that they read now.
pub fn has_read(tx: &mut Tx<'_>, user: UserId, of: RecordRequestId) -> Result<(), StoreError> {
    let open = request_reader::user_id
        .eq(user.to_string())
        .and(request_reader::request_id.eq(of.to_string()))
        .and(request_reader::ended_at.is_null());
    let now = tx.now().0;
    diesel::update(request_reader::table.filter(open))
        .set(request_reader::last_read_at.eq(now))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("note that an outsider reads"))
}

/// Outsiders whose accounts are open.
pub fn outsiders(conn: &mut Conn) -> Result<Vec<User>, StoreError> {
    let rows: Vec<String> = user_account::table
        .filter(user_account::role.eq(Role::Outsider.as_str()).and(user_account::disabled_at.is_null()))
        .order(user_account::username)
        .limit(MOST)
        .select(user_account::id)
        .load(conn.db())
        .map_err(StoreError::db("list outsiders"))?;
    let mut found = Vec::with_capacity(rows.len());
    for user in rows {
        found.extend(users::by_id(conn, id(&user, "user_account", "id")?)?);
    }
    Ok(found)
}
