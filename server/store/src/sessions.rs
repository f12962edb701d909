//! Sessions: revocable at once, because every request reads its row.

use crate::error::id;
use crate::schema::session;
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::{SessionId, UserId};
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub csrf: String,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub locked: bool,
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
    );
    diesel::insert_into(session::table).values(row).execute(tx.conn()).map_err(StoreError::db("open a session"))?;
    Ok(new)
}

/// A session that is neither revoked nor past its end. By the unique token hash.
pub fn by_token(conn: &mut Conn, token_hash: &str, now: i64) -> Result<Option<Session>, StoreError> {
    type Row = (String, String, String, i64, i64, Option<i64>);
    let row: Option<Row> = session::table
        .filter(session::token_hash.eq(token_hash).and(session::revoked_at.is_null()).and(session::expires_at.gt(now)))
        .select((
            session::id,
            session::user_id,
            session::csrf,
            session::last_seen_at,
            session::expires_at,
            session::locked_at,
        ))
        .first(conn)
        .optional()
        .map_err(StoreError::db("read a session"))?;
    row.map(|(i, user, csrf, last_seen_at, expires_at, locked_at)| {
        let (i, user) = (id(&i, "session", "id")?, id(&user, "session", "user_id")?);
        Ok(Session { id: i, user, csrf, last_seen_at, expires_at, locked: locked_at.is_some() })
    })
    .transpose()
}

pub fn touch(tx: &mut Tx<'_>, of: SessionId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set(session::last_seen_at.eq(now))
        .execute(tx.conn())
        .map(drop)
        .map_err(StoreError::db("note a session's use"))
}

pub fn set_locked(tx: &mut Tx<'_>, of: SessionId, locked: bool) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set((session::locked_at.eq(locked.then_some(now)), session::last_seen_at.eq(now)))
        .execute(tx.conn())
        .map(drop)
        .map_err(StoreError::db("lock a session"))
}

pub fn revoke(tx: &mut Tx<'_>, of: SessionId) -> Result<(), StoreError> {
    let now = tx.now().0;
    diesel::update(session::table.filter(session::id.eq(of.to_string())))
        .set(session::revoked_at.eq(now))
        .execute(tx.conn())
        .map(drop)
        .map_err(StoreError::db("revoke a session"))
}

/// Ends every session of a user; returns those that were open. Index session_of_user.
pub fn revoke_all(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<SessionId>, StoreError> {
    let now = tx.now().0;
    let open: Vec<String> = session::table
        .filter(session::user_id.eq(user.to_string()).and(session::revoked_at.is_null()))
        .select(session::id)
        .load(tx.conn())
        .map_err(StoreError::db("list a user's sessions"))?;
    diesel::update(session::table.filter(session::user_id.eq(user.to_string()).and(session::revoked_at.is_null())))
        .set(session::revoked_at.eq(now))
        .execute(tx.conn())
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
        .get_result(conn)
        .map_err(StoreError::db("count sessions"))
}

/// Forgets sessions that were over before `before`. What was done in them stays in the trail.
pub fn prune(tx: &mut Tx<'_>, before: i64) -> Result<usize, StoreError> {
    diesel::delete(session::table.filter(session::expires_at.lt(before).or(session::revoked_at.lt(before))))
        .execute(tx.conn())
        .map_err(StoreError::db("forget old sessions"))
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
        .load(tx.conn())
        .map_err(StoreError::db("list a user's sessions"))?;
    diesel::update(session::table.filter(others()))
        .set(session::revoked_at.eq(now))
        .execute(tx.conn())
        .map_err(StoreError::db("revoke a user's sessions"))?;
    open.iter().map(|s| id(s, "session", "id")).collect()
}
