//! Accounts from the command line of the machine that holds the record: who reaches it is root there anyway.
//!
//! Each act is in the trail as the system's, so that an administrator sees what was done past the screens.

use super::{Invitation, account, add, hash_secret, open_again, second_factor, shut};
use crate::app::AppError;
use crate::app::charting::needed;
use benhan_domain::access_hours::Hours;
use benhan_domain::audit::Act;
use benhan_domain::id::UserId;
use benhan_domain::password::Rules;
use benhan_store::users::User;
use benhan_store::{Db, Tx, access_hours, audit, sessions, users};
use serde_json::json;

/// Who did it, in the trail.
pub const BY: &str = "command line";

pub async fn create(db: &Db, pepper: [u8; 32], rules: Rules, new: Invitation) -> Result<UserId, AppError> {
    let account = off(move || account(&pepper, rules, new)).await?;
    db.write(move |tx| add(tx, None, &account, json!({ "role": account.role, "by": BY }))).await
}

/// An initial password: it must be changed at the next login. Every session of the person ends.
pub async fn set_password(
    db: &Db,
    pepper: [u8; 32],
    rules: Rules,
    username: &str,
    password: String,
) -> Result<(), AppError> {
    rules.check(&password, username).map_err(|why| AppError::invalid("password", why))?;
    let hash = off(move || hash_secret(&pepper, &password)).await?;
    let username = username.to_owned();
    let write = db.write(move |tx| {
        let user = known(tx, &username)?.id;
        users::reset_password(tx, user, &hash)?;
        let ended = sessions::revoke_all(tx, user)?;
        let detail = json!({ "password": true, "sessions": ended.len(), "by": BY });
        Ok(audit::append(tx, super::about_user(None, Act::Edit, user, detail))?)
    });
    write.await
}

pub async fn disable(db: &Db, username: &str) -> Result<(), AppError> {
    let username = username.to_owned();
    let write = db.write(move |tx| {
        let user = known(tx, &username)?.id;
        shut(tx, None, user, true, json!({ "by": BY })).map(drop)
    });
    write.await
}

/// Opens a shut account; with `any_hour` it may be used at every hour, whatever its role's hours are.
pub async fn enable(db: &Db, username: &str, any_hour: bool) -> Result<(), AppError> {
    let username = username.to_owned();
    let write = db.write(move |tx| {
        let user = known(tx, &username)?;
        if any_hour {
            access_hours::set(tx, access_hours::Subject::User(user.id), Some(&Hours::every()), None)?;
            audit::append(tx, super::about_user(None, Act::Edit, user.id, json!({ "anyHour": true, "by": BY })))?;
        }
        // Who is open already may need the hours alone.
        if user.disabled || !any_hour { open_again(tx, None, user.id, json!({ "by": BY })) } else { Ok(()) }
    });
    write.await
}

/// Takes a lost phone's second factor away, as when the only administrator lost it. Every session of the person ends.
pub async fn reset_second_factor(db: &Db, username: &str, reason: &str) -> Result<(), AppError> {
    let (username, reason) = (username.to_owned(), needed(reason)?);
    let write = db.write(move |tx| {
        let user = known(tx, &username)?.id;
        second_factor::take_away(tx, None, user, json!({ "reason": reason, "by": BY })).map(drop)
    });
    write.await
}

/// The accounts whose password is one of these, which everybody can read in the manual.
pub async fn with_known_password(
    db: &Db,
    pepper: [u8; 32],
    known: Vec<(String, String)>,
) -> Result<Vec<String>, AppError> {
    let rows = db.read::<_, AppError, _>(move |conn| {
        let mut rows = Vec::new();
        for (username, password) in known {
            if let Some(user) = users::by_username(conn, &username)?.filter(|u| !u.disabled) {
                rows.push((user, password));
            }
        }
        Ok(rows)
    });
    let rows = rows.await?;
    off(move || {
        let shown = rows.into_iter().filter(|(user, password)| super::matches(&pepper, password, &user.password_hash));
        Ok(shown.map(|(user, _)| user.username).collect())
    })
    .await
}

fn known(tx: &mut Tx<'_>, username: &str) -> Result<User, AppError> {
    users::by_username(tx.conn(), username)?.ok_or_else(|| AppError::not_found("người dùng"))
}

async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, AppError> + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| AppError::Internal("hashing was cut off".into()))?
}
