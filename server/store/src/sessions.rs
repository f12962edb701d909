//! Sessions: revocable at once, because every request reads its row; and from where each is used.

use crate::dialect::on_either;
use crate::error::id;
use crate::schema::{session, session_place};
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::shared_login::Use;
use benhan_domain::time::{Instant, MINUTE};
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub csrf: String,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub locked: bool,
    /// The address that it was last used from.
    pub seen_from: Option<String>,
}

/// A session that is open, as an administrator or its owner sees it.
#[derive(Clone, Debug, Queryable)]
pub struct Open {
    pub id: String,
    pub user: String,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub locked_at: Option<i64>,
    pub opened_from: Option<String>,
    pub seen_from: Option<String>,
}

pub fn add(
    tx: &mut Tx<'_>,
    user: UserId,
    token_hash: &str,
    csrf: &str,
    expires_at: i64,
) -> Result<SessionId, StoreError> {
    let (new, now): (SessionId, i64) = (tx.fresh(), tx.now().0);
    let row = (
        session::id.eq(new.to_string()),
        session::token_hash.eq(token_hash),
        session::user_id.eq(user.to_string()),
        session::csrf.eq(csrf),
        session::created_at.eq(now),
        session::last_seen_at.eq(now),
        session::expires_at.eq(expires_at),
        session::opened_from.eq(tx.source().map(|a| a.to_string())),
    );
    diesel::insert_into(session::table).values(row).execute(tx.db()).map_err(StoreError::db("open a session"))?;
    used_here(tx, new, user)?;
    Ok(new)
}

/// Nothing from a place for so long is a pause; what comes then is a use of its own. Longer than whoever works is silent
/// (half a minute), shorter than a walk to the next terminal and back.
const PAUSE: i64 = 2 * MINUTE;

/// Notes that a session is used from the address that asks now.
fn used_here(tx: &mut Tx<'_>, of: SessionId, user: UserId) -> Result<(), StoreError> {
    let (Some(address), now) = (tx.source().map(|a| a.to_string()), tx.now().0) else { return Ok(()) };
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set(session::seen_from.eq(&address))
        .execute(tx.db())
        .map_err(StoreError::db("note where a session is used"))?;
    let here = session_place::session_id.eq(of.to_string()).and(session_place::address.eq(&address));
    let going_on = here.and(session_place::last_at.ge(now.saturating_sub(PAUSE)));
    let known = diesel::update(session_place::table.filter(going_on))
        .set(session_place::last_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("note how long a session is used from a place"))?;
    if known > 0 {
        return Ok(());
    }
    let row = (
        session_place::session_id.eq(of.to_string()),
        session_place::address.eq(&address),
        session_place::user_id.eq(user.to_string()),
        session_place::first_at.eq(now),
        session_place::last_at.eq(now),
    );
    // Two requests from a new place at once are one new place.
    on_either!(tx.db(), c => diesel::insert_into(session_place::table).values(row).on_conflict_do_nothing().execute(c))
        .map(drop)
        .map_err(StoreError::db("note a place where a session is used"))
}

/// A session that is neither revoked nor past its end. By the unique token hash.
pub fn by_token(conn: &mut Conn, token_hash: &str, now: i64) -> Result<Option<Session>, StoreError> {
    type Row = (String, String, String, i64, i64, Option<i64>, Option<String>);
    let row: Option<Row> = session::table
        .filter(session::token_hash.eq(token_hash).and(session::revoked_at.is_null()).and(session::expires_at.gt(now)))
        .select((
            session::id,
            session::user_id,
            session::csrf,
            session::last_seen_at,
            session::expires_at,
            session::locked_at,
            session::seen_from,
        ))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a session"))?;
    row.map(|(i, user, csrf, last_seen_at, expires_at, locked_at, seen_from)| {
        let (i, user) = (id(&i, "session", "id")?, id(&user, "session", "user_id")?);
        Ok(Session { id: i, user, csrf, last_seen_at, expires_at, locked: locked_at.is_some(), seen_from })
    })
    .transpose()
}

/// Its owner has just done something, at the address that asks now.
pub fn touch(tx: &mut Tx<'_>, of: SessionId, user: UserId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set(session::last_seen_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("note a session's use"))?;
    used_here(tx, of, user)
}

pub fn set_locked(tx: &mut Tx<'_>, of: SessionId, locked: bool) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set((session::locked_at.eq(locked.then_some(now)), session::last_seen_at.eq(now)))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("lock a session"))
}

pub fn revoke(tx: &mut Tx<'_>, of: SessionId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set(session::revoked_at.eq(now))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("revoke a session"))
}

/// Ends every session of a user; returns those that were open. Index session_of_user.
pub fn revoke_all(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<SessionId>, StoreError> {
    let now = tx.now().0;
    let open: Vec<String> = session::table
        .filter(session::user_id.eq(user.to_string()).and(session::revoked_at.is_null()))
        .select(session::id)
        .load(tx.db())
        .map_err(StoreError::db("list a user's sessions"))?;
    diesel::update(session::table.filter(session::user_id.eq(user.to_string()).and(session::revoked_at.is_null())))
        .set(session::revoked_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("revoke a user's sessions"))?;
    open.iter().map(|s| id(s, "session", "id")).collect()
}

/// Open sessions of a user. Index session_of_user.
pub fn open_of(conn: &mut Conn, user: UserId, now: i64) -> Result<i64, StoreError> {
    session::table
        .filter(
            session::user_id.eq(user.to_string()).and(session::revoked_at.is_null()).and(session::expires_at.gt(now)),
        )
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count sessions"))
}

/// Sessions that are open now, newest sign of life first: of one user, or of all. Index session_of_user, session_by_end.
pub fn open(conn: &mut Conn, user: Option<UserId>, now: i64, limit: i64) -> Result<Vec<Open>, StoreError> {
    let mut query = session::table.filter(session::revoked_at.is_null().and(session::expires_at.gt(now))).into_boxed();
    if let Some(user) = user {
        query = query.filter(session::user_id.eq(user.to_string()));
    }
    query
        .order((session::last_seen_at.desc(), session::id))
        .limit(limit)
        .select((
            session::id,
            session::user_id,
            session::created_at,
            session::last_seen_at,
            session::expires_at,
            session::locked_at,
            session::opened_from,
            session::seen_from,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list open sessions"))
}

/// Whose an open session is.
pub fn owner(conn: &mut Conn, of: SessionId, now: i64) -> Result<Option<UserId>, StoreError> {
    let row: Option<String> = session::table
        .filter(session::id.eq(of.to_string()))
        .filter(session::revoked_at.is_null().and(session::expires_at.gt(now)))
        .select(session::user_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find whose a session is"))?;
    row.map(|user| id(&user, "session", "user_id")).transpose()
}

/// Where accounts were used at or after `since`, the oldest use first. Index session_place_by_use.
pub fn uses(conn: &mut Conn, since: i64, limit: i64) -> Result<Vec<Use>, StoreError> {
    let rows: Vec<(String, String, String, i64, i64)> = session_place::table
        .filter(session_place::last_at.ge(since))
        .order((session_place::first_at, session_place::session_id, session_place::address))
        .limit(limit)
        .select((
            session_place::user_id,
            session_place::session_id,
            session_place::address,
            session_place::first_at,
            session_place::last_at,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list where accounts are used"))?;
    rows.into_iter()
        .map(|(user, session, address, first, last)| {
            Ok(Use {
                user: id(&user, "session_place", "user_id")?,
                session: id(&session, "session_place", "session_id")?,
                address,
                first: Instant(first),
                last: Instant(last),
            })
        })
        .collect()
}

/// Forgets sessions that were over before `before`. What was done in them stays in the trail.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<usize, StoreError> {
    let over = || session::expires_at.lt(before).or(session::revoked_at.lt(before));
    let theirs = session_place::session_id.eq_any(session::table.filter(over()).select(session::id));
    diesel::delete(session_place::table.filter(theirs))
        .execute(tx.db())
        .map_err(StoreError::db("forget where old sessions were used"))?;
    diesel::delete(session::table.filter(over())).execute(tx.db()).map_err(StoreError::db("forget old sessions"))
}

/// Ends every session of a user but one; returns those that were open.
pub fn revoke_others(tx: &mut Tx<'_>, user: UserId, but: SessionId) -> Result<Vec<SessionId>, StoreError> {
    let now = tx.now().0;
    let others = || {
        session::user_id.eq(user.to_string()).and(session::revoked_at.is_null()).and(session::id.ne(but.to_string()))
    };
    let open: Vec<String> = session::table
        .filter(others())
        .select(session::id)
        .load(tx.db())
        .map_err(StoreError::db("list a user's sessions"))?;
    diesel::update(session::table.filter(others()))
        .set(session::revoked_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("revoke a user's sessions"))?;
    open.iter().map(|s| id(s, "session", "id")).collect()
}
