//! The door: login, lock, PIN, logout. Hashing happens outside the transactions.

mod hashing;
pub mod operator;
mod own;
pub mod second_factor;
mod staff;
mod strangers;
pub mod terminals;

pub use own::{change_password, set_pin};
pub(super) use staff::about_user;
use staff::open_again;
pub use staff::{Invitation, account, enable, invite, revoke, shut_idle};
pub(super) use staff::{add, shut};

use super::error::Kind;
use super::{AppError, hours};
use crate::hub::Event;
use crate::state::App;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use benhan_domain::access::Actor;
use benhan_domain::access_hours::Standing;
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId};
use benhan_domain::second_factor::Missing;
use benhan_domain::time::{HOUR, Instant, MINUTE, SECOND};
use benhan_store::users::{Door, User};
use benhan_store::{Tx, audit, counters, sessions, source, users};
use rand::RngCore;
use serde_json::json;
use sha2::{Digest, Sha256};

/// As `benhan_sign` calls it.
const WRONG_PIN_ELSEWHERE: &str = "key-bad-pin";

/// Who is at the terminal, read anew for each request so that a revocation holds at once.
#[derive(Clone, Debug)]
pub struct Caller {
    pub session: SessionId,
    pub user: User,
    pub actor: Actor,
    pub csrf: String,
    pub locked: bool,
    /// They need a second factor here and have none.
    pub lacks: Option<Missing>,
}

/// What a login gives: the token goes into the cookie and nowhere else.
pub struct Opened {
    pub token: String,
    pub session: SessionId,
}

/// 19 MiB, two passes: OWASP's floor for argon2id, which a 4 GB server box bears with forty logins at once.
fn hasher(pepper: &[u8; 32]) -> Result<Argon2<'_>, AppError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| AppError::Internal(e.to_string()))?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
        .map_err(|e| AppError::Internal(e.to_string()))
}

/// A PHC string. Takes tens of milliseconds: call it off the async threads and outside transactions.
pub fn hash_secret(pepper: &[u8; 32], secret: &str) -> Result<String, AppError> {
    let hash = hasher(pepper)?.hash_password(secret.as_bytes()).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(hash.to_string())
}

fn matches(pepper: &[u8; 32], secret: &str, hash: &str) -> bool {
    let (Ok(parsed), Ok(hasher)) = (PasswordHash::new(hash), hasher(pepper)) else { return false };
    hasher.verify_password(secret.as_bytes(), &parsed).is_ok()
}

async fn check(app: &App, secret: String, hash: Option<String>) -> Result<bool, AppError> {
    let secrets = std::sync::Arc::clone(&app.secrets);
    hashing::apart(move || match hash {
        Some(hash) => matches(&secrets.server_key, &secret, &hash),
        None => {
            // An unknown name costs as long as a wrong password, so names cannot be listed by timing.
            drop(hash_secret(&secrets.server_key, &secret));
            false
        }
    })
    .await
}

pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

pub fn random_token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// Opens a session by a password and, for whoever has a second factor, what they show of it.
pub async fn login(
    app: &App,
    username: String,
    password: String,
    shown: impl Into<second_factor::Shown>,
) -> Result<Opened, AppError> {
    let wrong = || AppError::refused(Kind::Unauthenticated, "bad-credentials", "Sai tên đăng nhập hoặc mật khẩu.");
    if username.len() > 64 || password.len() > 256 {
        return Err(wrong());
    }
    if username.chars().any(char::is_control) {
        return Err(AppError::invalid("username", "Tên đăng nhập có ký tự lạ: gõ lại"));
    }
    let _place = hashing::at_the_door()?;
    let name = username.trim().to_lowercase();
    let asked = name.clone();
    let known = app.db.read::<_, AppError, _>(move |conn| Ok(users::by_username(conn, &asked)?)).await?;
    let settings = std::sync::Arc::clone(&app.settings);
    match known.as_ref().map(|u| u.id) {
        Some(id) => {
            let settings = std::sync::Arc::clone(&settings);
            app.db.write::<_, AppError, _>(move |tx| take_login_try(tx, id, &settings)).await?;
        }
        None => strangers_try(app, &name).await?,
    }
    let hash = known.as_ref().filter(|u| !u.disabled).map(|u| u.password_hash.clone());
    let right = check(app, password, hash).await?;
    let Some(user) = known else {
        app.db.write::<_, AppError, _>(note_stranger).await?;
        return Err(wrong());
    };
    if !right {
        app.db.write::<_, AppError, _>(move |tx| note_wrong_password(tx, user.id)).await?;
        return Err(wrong());
    }
    keep_hours(app, &user).await?;
    second_factor::enter_with(app, &user, shown.into()).await
}

/// The session of somebody who showed all that is asked for; `by` says what, besides the password.
fn enter(
    tx: &mut Tx<'_>,
    user: UserId,
    settings: &crate::config::Settings,
    by: serde_json::Value,
) -> Result<Opened, AppError> {
    let (now, token) = (tx.now(), random_token());
    let door = Door {
        failed_logins: Some(0),
        failed_pins: Some(0),
        locked_until: Some(None),
        pin_locked: Some(false),
        last_login_at: Some(Some(now.0)),
    };
    users::set_door(tx, user, door)?;
    let ends = now.plus(settings.session_hours.saturating_mul(HOUR)).0;
    let session = sessions::add(tx, user, &token_hash(&token), &random_token(), ends)?;
    note(tx, Some(user), Act::Login, session, by)?;
    Ok(Opened { token, session })
}

/// Whoever is outside their hours does not come in, also in the grace that others have to finish; it is on the trail.
async fn keep_hours(app: &App, user: &User) -> Result<(), AppError> {
    let (asked, now) = (user.clone(), app.db.now());
    let next = match app.db.read(move |conn| hours::standing(conn, &asked, now)).await? {
        Standing::Inside => return Ok(()),
        Standing::Grace(next) | Standing::Outside(next) => next,
    };
    let user = user.id;
    let noted = app.db.write::<_, AppError, _>(move |tx| {
        // The password was right: this is no guess.
        users::set_door(tx, user, Door { failed_logins: Some(0), locked_until: Some(None), ..Door::default() })?;
        Ok(audit::append(tx, about_user(Some(user), Act::Denied, user, json!({ "why": "hours" })))?)
    });
    noted.await?;
    Err(hours::outside(next))
}

fn account_shut(settings: &crate::config::Settings) -> AppError {
    let minutes = settings.login_wait_minutes;
    let detail = format!("Tài khoản tạm khoá vì nhập sai nhiều lần: thử lại sau {minutes} phút hoặc gọi quản trị.");
    AppError::refused(Kind::TooMany, "account-locked", detail)
}

/// The same answers and the same work for a name that is nobody's: a try, kept by a commit.
async fn strangers_try(app: &App, name: &str) -> Result<(), AppError> {
    app.db.write::<_, AppError, _>(|tx| Ok(counters::next(tx, "login-of-nobody").map(drop)?)).await?;
    match strangers::take_try(&app.secrets.server_key, name, app.db.now(), &app.settings) {
        true => Ok(()),
        false => Err(account_shut(&app.settings)),
    }
}

/// The name itself is not kept: it may be a password in the wrong field.
fn note_stranger(tx: &mut Tx<'_>) -> Result<(), AppError> {
    let entry = audit::Entry {
        actor: None,
        act: Act::LoginFailed,
        subject_kind: "user",
        subject_id: String::new(),
        patient: None,
        encounter: None,
        detail: json!({ "known": false }),
    };
    Ok(audit::append(tx, entry)?)
}

/// Taken before the password is looked at: guesses sent side by side cannot share one try.
fn take_login_try(tx: &mut Tx<'_>, user: UserId, settings: &crate::config::Settings) -> Result<(), AppError> {
    let now = tx.now();
    let tries = users::count_password_try(tx, user)?;
    let user = users::by_id(tx.conn(), user)?.ok_or_else(AppError::unauthenticated)?;
    if user.locked_until.is_some_and(|until| until > now.0) {
        return Err(account_shut(settings));
    }
    let shut = tries >= settings.login_tries;
    let until = shut.then(|| now.plus(settings.login_wait_minutes.saturating_mul(MINUTE)).0);
    let door = Door { failed_logins: Some(if shut { 0 } else { tries }), locked_until: Some(until), ..Door::default() };
    Ok(users::set_door(tx, user.id, door)?)
}

fn note_wrong_password(tx: &mut Tx<'_>, user: UserId) -> Result<(), AppError> {
    let locked = users::by_id(tx.conn(), user)?.is_some_and(|u| u.locked_until.is_some());
    let entry = audit::Entry {
        actor: Some(user),
        act: Act::LoginFailed,
        subject_kind: "user",
        subject_id: user.to_string(),
        patient: None,
        encounter: None,
        detail: json!({ "locked": locked }),
    };
    Ok(audit::append(tx, entry)?)
}

fn note(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    act: Act,
    session: SessionId,
    detail: serde_json::Value,
) -> Result<(), AppError> {
    let subject_id = session.to_string();
    let entry =
        audit::Entry { actor, act, subject_kind: "session", subject_id, patient: None, encounter: None, detail };
    Ok(audit::append(tx, entry)?)
}

/// The caller behind a cookie, who has just done something. Locked sessions are returned too: the door itself must
/// answer them.
pub async fn recognise(app: &App, token: &str) -> Result<Caller, AppError> {
    let Seen { caller, idle, moved, outside } = seen(app, token).await?;
    if let Some(next) = outside {
        turn_away(app, &caller).await?;
        return Err(hours::outside(next));
    }
    // Seldom enough to cost nothing, often enough that whoever works is never locked out.
    let seldom = (30 * SECOND).min(app.settings.lock_after_seconds.saturating_mul(SECOND) / 4);
    if !caller.locked && (idle > seldom || moved) {
        let (of, user) = (caller.session, caller.user.id);
        // On a full disk whoever works still reads; the terminal locks as if nobody had.
        if let Err(error) = app.db.write::<_, AppError, _>(move |tx| Ok(sessions::touch(tx, of, user)?)).await {
            tracing::warn!(%error, "a sign of life could not be noted");
        }
    }
    Ok(caller)
}

/// The session ends, at the terminal too; the shift that begins next logs in anew.
async fn turn_away(app: &App, caller: &Caller) -> Result<(), AppError> {
    let (user, session, hub) = (caller.user.id, caller.session, std::sync::Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        sessions::revoke(tx, session)?;
        tx.after_commit(move || hub.publish(Event::Ended { session, reason: "expired" }));
        note(tx, Some(user), Act::Denied, session, json!({ "why": "hours" }))
    });
    write.await
}

/// The caller behind a cookie and for how long nothing was heard of them. Asking this is no sign of life: an event
/// stream left open must not keep a terminal unlocked.
pub async fn standing(app: &App, token: &str) -> Result<(Caller, i64), AppError> {
    let seen = seen(app, token).await?;
    match seen.outside {
        None => Ok((seen.caller, seen.idle)),
        Some(next) => Err(hours::outside(next)),
    }
}

struct Seen {
    caller: Caller,
    idle: i64,
    /// This request comes from another address than the last.
    moved: bool,
    /// Their hours are over, and when they begin again.
    outside: Option<Instant>,
}

async fn seen(app: &App, token: &str) -> Result<Seen, AppError> {
    if token.len() != 64 {
        return Err(AppError::unauthenticated());
    }
    let (hash, now) = (token_hash(token), app.db.now());
    let lock_after = app.settings.lock_after_seconds.saturating_mul(SECOND);
    let (handle, outside_house) = (app.clone(), second_factor::from_outside(app));
    let found = app.db.read::<_, AppError, _>(move |conn| {
        let session = sessions::by_token(conn, &hash, now.0)?.ok_or_else(AppError::unauthenticated)?;
        let user = users::by_id(conn, session.user)?.filter(|u| !u.disabled).ok_or_else(AppError::unauthenticated)?;
        let actor = users::actor(conn, &user, now.0, handle.access.doctors)?;
        let outside = match hours::standing(conn, &user, now)? {
            Standing::Inside | Standing::Grace(_) => None,
            Standing::Outside(next) => Some(next),
        };
        let lacks = second_factor::lacking(&handle, conn, &user, outside_house)?;
        Ok((session, user, actor, outside, lacks))
    });
    let (session, mut user, actor, outside, lacks) = found.await?;
    // A password that has grown too old opens one door as an initial one does: to a new one.
    user.must_change_password |= own::too_old(&user, now, &app.settings);
    let idle = now.0.saturating_sub(session.last_seen_at);
    let locked = session.locked || idle > lock_after;
    let moved = source::current().is_some_and(|from| session.seen_from != Some(from.to_string()));
    let caller = Caller { session: session.id, user, actor, csrf: session.csrf, locked, lacks };
    Ok(Seen { caller, idle, moved, outside })
}

/// A person as a program acts for them: the demo's past, a command of the administrator. No session stands behind it.
pub async fn acting(app: &App, user: UserId) -> Result<Caller, AppError> {
    let (now, doctors) = (app.db.now().0, app.access.doctors);
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let user = users::by_id(conn, user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        let actor = users::actor(conn, &user, now, doctors)?;
        Ok((user, actor))
    });
    let (user, actor) = read.await?;
    Ok(Caller { session: SessionId(uuid::Uuid::nil()), user, actor, csrf: String::new(), locked: false, lacks: None })
}

pub async fn lock(app: &App, caller: &Caller) -> Result<(), AppError> {
    let (user, session, hub) = (caller.user.id, caller.session, std::sync::Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        sessions::set_locked(tx, session, true)?;
        tx.after_commit(move || hub.publish(Event::Ended { session, reason: "locked" }));
        note(tx, Some(user), Act::Lock, session, json!({}))
    });
    write.await
}

pub async fn unlock(app: &App, caller: &Caller, pin: String) -> Result<(), AppError> {
    check_pin(app, &caller.user, pin).await?;
    let (user, session) = (caller.user.id, caller.session);
    let write = app.db.write(move |tx| {
        sessions::set_locked(tx, session, false)?;
        note(tx, Some(user), Act::Unlock, session, json!({}))
    });
    write.await
}

/// Six digits that prove it is still the same person. Five wrong ones shut the PIN until a password login.
pub async fn check_pin(app: &App, user: &User, pin: String) -> Result<(), AppError> {
    let (id, limit) = (user.id, app.settings.pin_tries);
    let left = app.db.write::<_, AppError, _>(move |tx| take_pin_try(tx, id, limit)).await?;
    if pin.len() == 6 && check(app, pin, user.pin_hash.clone()).await? {
        let door = Door { failed_pins: Some(0), pin_locked: Some(false), ..Door::default() };
        return app.db.write::<_, AppError, _>(move |tx| Ok(users::set_door(tx, id, door)?)).await;
    }
    app.db.write::<_, AppError, _>(move |tx| note_wrong_pin(tx, id, left <= 0)).await?;
    if left > 0 {
        return Err(AppError::refused(Kind::Forbidden, "bad-pin", format!("Sai mã PIN. Còn {left} lần thử.")));
    }
    Err(pin_shut())
}

/// Asks something with a PIN that another looks at, a token or a signing service. It counts among the same tries, so that
/// nobody tries out a colleague's token from an open session; what failed for another reason costs none.
pub(super) async fn with_foreign_pin<T>(
    app: &App,
    user: &User,
    asked: impl Future<Output = Result<T, AppError>>,
) -> Result<T, AppError> {
    let (id, limit) = (user.id, app.settings.pin_tries);
    let left = app.db.write::<_, AppError, _>(move |tx| take_pin_try(tx, id, limit)).await?;
    let answer = asked.await;
    let wrong = matches!(&answer, Err(AppError::Refused(no)) if no.code == WRONG_PIN_ELSEWHERE);
    if wrong {
        app.db.write::<_, AppError, _>(move |tx| note_wrong_pin(tx, id, left <= 0)).await?;
        return if left > 0 { answer } else { Err(pin_shut()) };
    }
    let tries = if answer.is_ok() { 0 } else { limit.saturating_sub(left).saturating_sub(1).max(0) };
    let door = Door { failed_pins: Some(tries), pin_locked: Some(false), ..Door::default() };
    app.db.write::<_, AppError, _>(move |tx| Ok(users::set_door(tx, id, door)?)).await?;
    answer
}

fn note_wrong_pin(tx: &mut Tx<'_>, user: UserId, locked: bool) -> Result<(), AppError> {
    let entry = audit::Entry {
        actor: Some(user),
        act: Act::PinFailed,
        subject_kind: "user",
        subject_id: user.to_string(),
        patient: None,
        encounter: None,
        detail: json!({ "locked": locked }),
    };
    Ok(audit::append(tx, entry)?)
}

fn pin_shut() -> AppError {
    let detail = "Mã PIN đã khoá sau nhiều lần nhập sai: đăng xuất rồi đăng nhập lại bằng mật khẩu.";
    AppError::refused(Kind::Forbidden, "pin-locked", detail)
}

/// How many tries are left after this one, which counts before the PIN is looked at: guesses sent side by side
/// cannot share one.
fn take_pin_try(tx: &mut Tx<'_>, user: UserId, limit: i64) -> Result<i64, AppError> {
    let tries = users::count_pin_try(tx, user)?;
    let user = users::by_id(tx.conn(), user)?.ok_or_else(AppError::unauthenticated)?;
    if user.pin_locked {
        return Err(pin_shut());
    }
    if tries >= limit {
        users::set_door(tx, user.id, Door { pin_locked: Some(true), ..Door::default() })?;
    }
    Ok(limit.saturating_sub(tries))
}

pub async fn logout(app: &App, caller: &Caller) -> Result<(), AppError> {
    let (user, session, hub) = (caller.user.id, caller.session, std::sync::Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        sessions::revoke(tx, session)?;
        tx.after_commit(move || hub.publish(Event::Ended { session, reason: "revoked" }));
        note(tx, Some(user), Act::Logout, session, json!({}))
    });
    write.await
}
