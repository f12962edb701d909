//! Second factors: the sealed secret of a person's phone, the last code that was taken, recovery codes as hashes, and the
//! count of wrong tries at these and at [`crate::security_keys`].

use crate::dialect::on_either;
use crate::schema::{recovery_code, second_factor};
use crate::security_keys::{self, SecurityKey};
use crate::{Conn, StoreError, Tx};
use benhan_domain::id::UserId;
use benhan_domain::second_factor::Step;
use benhan_domain::time::Instant;
use diesel::prelude::*;

/// What somebody shows beside the password: a phone's codes, security keys, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Factor {
    /// The phone's secret.
    pub sealed: Option<Vec<u8>>,
    pub keys: Vec<SecurityKey>,
    /// After too many wrong tries.
    pub shut_until: Option<Instant>,
}

/// None for whoever has none, also while one is offered. By primary key, and the index on the keys' owner.
pub fn of(conn: &mut Conn, user: UserId) -> Result<Option<Factor>, StoreError> {
    let row: Option<(Option<Vec<u8>>, Option<i64>)> = second_factor::table
        .filter(second_factor::user_id.eq(user.to_string()))
        .select((second_factor::sealed, second_factor::shut_until))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a second factor"))?;
    let Some((sealed, until)) = row else { return Ok(None) };
    let keys = security_keys::of(conn, user)?;
    let none = sealed.is_none() && keys.is_empty();
    Ok((!none).then(|| Factor { sealed, keys, shut_until: until.map(Instant) }))
}

/// Has this person one?
pub fn stands(conn: &mut Conn, user: UserId) -> Result<bool, StoreError> {
    let sealed: Option<bool> = second_factor::table
        .filter(second_factor::user_id.eq(user.to_string()))
        .select(second_factor::sealed.is_not_null())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("look for a second factor"))?;
    match sealed {
        None => Ok(false),
        Some(true) => Ok(true),
        Some(false) => security_keys::any(conn, user),
    }
}

/// A row for whoever has none yet: what is counted and what hangs on it needs one.
pub fn make_room(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    let row =
        (second_factor::user_id.eq(user.to_string()), second_factor::last_step.eq(0), second_factor::failed.eq(0));
    on_either!(tx.db(), c => diesel::insert_into(second_factor::table).values(row).on_conflict_do_nothing().execute(c))
        .map(drop)
        .map_err(StoreError::db("make room for a second factor"))
}

/// A secret that its owner has yet to prove; it takes the place of an earlier offer, and of no factor.
pub fn offer(tx: &mut Tx<'_>, user: UserId, sealed: &[u8]) -> Result<(), StoreError> {
    let now = tx.now().0;
    make_room(tx, user)?;
    diesel::update(second_factor::table.filter(second_factor::user_id.eq(user.to_string())))
        .set((second_factor::offered.eq(sealed), second_factor::offered_at.eq(now)))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("offer a second factor"))
}

/// The sealed secret that was offered, and when.
pub fn offered(conn: &mut Conn, user: UserId) -> Result<Option<(Vec<u8>, Instant)>, StoreError> {
    let row: Option<(Option<Vec<u8>>, Option<i64>)> = second_factor::table
        .filter(second_factor::user_id.eq(user.to_string()))
        .select((second_factor::offered, second_factor::offered_at))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an offered second factor"))?;
    Ok(row.and_then(|(sealed, at)| Some((sealed?, Instant(at?)))))
}

/// What was offered is the factor from now on, with these recovery codes and none of before. False where another offer,
/// or another window, came between.
pub fn enrol(
    tx: &mut Tx<'_>,
    user: UserId,
    sealed: &[u8],
    step: Step,
    recovery: &[String],
) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let mine = second_factor::user_id.eq(user.to_string()).and(second_factor::offered.eq(sealed));
    let taken = diesel::update(second_factor::table.filter(mine))
        .set((
            second_factor::sealed.eq(sealed),
            second_factor::enrolled_at.eq(now),
            second_factor::last_step.eq(step.0),
            second_factor::failed.eq(0),
            second_factor::shut_until.eq(None::<i64>),
            second_factor::offered.eq(None::<Vec<u8>>),
            second_factor::offered_at.eq(None::<i64>),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("take a second factor"))?;
    if taken == 0 {
        return Ok(false);
    }
    renew_recovery(tx, user, recovery)?;
    Ok(true)
}

/// These recovery codes from now on, and none of before.
pub fn renew_recovery(tx: &mut Tx<'_>, user: UserId, recovery: &[String]) -> Result<(), StoreError> {
    forget_recovery(tx, user)?;
    for hash in recovery {
        let row = (recovery_code::user_id.eq(user.to_string()), recovery_code::hash.eq(hash));
        diesel::insert_into(recovery_code::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("keep a recovery code"))?;
    }
    Ok(())
}

fn forget_recovery(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    diesel::delete(recovery_code::table.filter(recovery_code::user_id.eq(user.to_string())))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("forget recovery codes"))
}

/// One more code or answer of a key of this person; how many wrong ones in a row, this one counted, and until when none is looked at. The
/// update locks the row until the commit, as [`crate::users::count_password_try`] does.
pub fn count_try(tx: &mut Tx<'_>, user: UserId) -> Result<(i64, Option<Instant>), StoreError> {
    let of = second_factor::table.filter(second_factor::user_id.eq(user.to_string()));
    let (tries, until): (i64, Option<i64>) = on_either!(tx.db(), c => diesel::update(of)
        .set(second_factor::failed.eq(second_factor::failed + 1))
        .returning((second_factor::failed, second_factor::shut_until))
        .get_result(c))
    .map_err(StoreError::db("count a try at a second factor"))?;
    Ok((tries, until.map(Instant)))
}

/// Counts from nought again; with `until` no code is looked at before.
pub fn count_anew(tx: &mut Tx<'_>, user: UserId, until: Option<Instant>) -> Result<(), StoreError> {
    diesel::update(second_factor::table.filter(second_factor::user_id.eq(user.to_string())))
        .set((second_factor::failed.eq(0), second_factor::shut_until.eq(until.map(|at| at.0))))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("count tries at a second factor anew"))
}

/// Takes the code of a step, once: false when it or a later one was taken before, or the factor is another by now.
pub fn take_step(tx: &mut Tx<'_>, user: UserId, sealed: &[u8], step: Step) -> Result<bool, StoreError> {
    let fresh = second_factor::user_id
        .eq(user.to_string())
        .and(second_factor::sealed.eq(sealed))
        .and(second_factor::last_step.lt(step.0));
    let taken = diesel::update(second_factor::table.filter(fresh))
        .set(second_factor::last_step.eq(step.0))
        .execute(tx.db())
        .map_err(StoreError::db("take a code"))?;
    Ok(taken == 1)
}

/// Takes a recovery code, once.
pub fn take_recovery(tx: &mut Tx<'_>, user: UserId, hash: &str) -> Result<bool, StoreError> {
    let now = tx.now().0;
    let unused = recovery_code::user_id
        .eq(user.to_string())
        .and(recovery_code::hash.eq(hash))
        .and(recovery_code::used_at.is_null());
    let taken = diesel::update(recovery_code::table.filter(unused))
        .set(recovery_code::used_at.eq(now))
        .execute(tx.db())
        .map_err(StoreError::db("take a recovery code"))?;
    Ok(taken == 1)
}

/// Recovery codes that nobody has used yet.
pub fn recovery_left(conn: &mut Conn, user: UserId) -> Result<i64, StoreError> {
    recovery_code::table
        .filter(recovery_code::user_id.eq(user.to_string()).and(recovery_code::used_at.is_null()))
        .count()
        .get_result(conn.db())
        .map_err(StoreError::db("count recovery codes"))
}

/// Takes a person's second factor away, phone and keys, with what was offered. False when there was none.
pub fn remove(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StoreError> {
    let had = stands(tx.conn(), user)?;
    forget_recovery(tx, user)?;
    security_keys::remove_all(tx, user)?;
    diesel::delete(second_factor::table.filter(second_factor::user_id.eq(user.to_string())))
        .execute(tx.db())
        .map_err(StoreError::db("take a second factor away"))?;
    Ok(had)
}
