//! Who has an account: invited, shut, opened again by the administrator, or shut because nobody uses it.

use super::{Caller, hash_secret};
use crate::app::AppError;
use crate::hub::Event;
use crate::state::App;
use benhan_domain::access::{ManageUsers, Place, Role, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{SessionId, UserId, WardId};
use benhan_domain::password::Rules;
use benhan_domain::time::HOUR;
use benhan_store::users::NewUser;
use benhan_store::{Tx, audit, sessions, users};
use serde_json::json;

/// A new account. The caller's administrator rights are checked where the row is written.
pub struct Invitation {
    pub username: String,
    pub name: String,
    pub role: Role,
    pub wards: Vec<WardId>,
    pub password: String,
}

pub async fn invite(app: &App, caller: &Caller, new: Invitation) -> Result<UserId, AppError> {
    if new.role == Role::Outsider {
        let detail = "Tài khoản của người ngoài do phòng hồ sơ cấp, theo một yêu cầu đã được đồng ý";
        return Err(AppError::invalid("role", detail));
    }
    let (secrets, rules) = (std::sync::Arc::clone(&app.secrets), app.settings.passwords());
    let prepared = tokio::task::spawn_blocking(move || account(&secrets.server_key, rules, new)).await;
    let account = prepared.map_err(|_| AppError::Internal("hashing was cut off".into()))??;
    let actor = caller.actor.clone();
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        add(tx, Some(actor.user), &account, json!({ "role": account.role }))
    });
    write.await
}

/// The row of a new account, its initial password hashed. Slow: call it off the async threads.
pub fn account(pepper: &[u8; 32], rules: Rules, new: Invitation) -> Result<NewUser, AppError> {
    let username = new.username.trim().to_lowercase();
    if username.len() < 3
        || username.len() > 64
        || !username.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
    {
        return Err(AppError::invalid("username", "Tên đăng nhập có 3–64 chữ không dấu, số, chấm hoặc gạch"));
    }
    rules.check(&new.password, &username).map_err(|why| AppError::invalid("password", why))?;
    let name = benhan_domain::person::Name::parse(&new.name).map_err(|e| AppError::invalid("name", e.to_string()))?;
    Ok(NewUser {
        username,
        name: name.as_str().to_owned(),
        role: new.role,
        password_hash: hash_secret(pepper, &new.password)?,
        pin_hash: None,
        must_change_password: true,
        wards: new.wards,
    })
}

pub(in crate::app) fn add(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    account: &NewUser,
    detail: serde_json::Value,
) -> Result<UserId, AppError> {
    let user = users::add(tx, account).map_err(|e| match e {
        e if e.is_taken("user_account") => AppError::conflict("username-taken", "Tên đăng nhập này đã có người dùng."),
        e => e.into(),
    })?;
    audit::append(tx, about_user(actor, Act::Create, user, detail))?;
    Ok(user)
}

pub(in crate::app) fn about_user(
    actor: Option<UserId>,
    act: Act,
    user: UserId,
    detail: serde_json::Value,
) -> audit::Entry {
    let subject_id = user.to_string();
    audit::Entry { actor, act, subject_kind: "user", subject_id, patient: None, encounter: None, detail }
}

/// Ends every session of a user now; with `disable` the account stays shut.
pub async fn revoke(app: &App, caller: &Caller, user: UserId, disable: bool) -> Result<(), AppError> {
    let (actor, hub) = (caller.actor.clone(), std::sync::Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        let ended = shut(tx, Some(actor.user), user, disable, json!({}))?;
        tx.after_commit(move || {
            for session in ended {
                hub.publish(Event::Ended { session, reason: "revoked" });
            }
        });
        Ok(())
    });
    write.await
}

/// Opens an account that was shut, by a person or because nobody used it.
pub async fn enable(app: &App, caller: &Caller, user: UserId) -> Result<(), AppError> {
    let actor = caller.actor.clone();
    let write = app.db.write(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        open_again(tx, Some(actor.user), user, json!({}))
    });
    write.await
}

pub(super) fn open_again(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    user: UserId,
    detail: serde_json::Value,
) -> Result<(), AppError> {
    users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
    if !users::enable(tx, user)? {
        return Err(AppError::conflict("not-disabled", "Tài khoản này đang mở."));
    }
    Ok(audit::append(tx, about_user(actor, Act::Restore, user, detail))?)
}

/// Shuts every account that nobody has used for as long as the hospital allows; how many.
pub async fn shut_idle(app: &App) -> Result<usize, AppError> {
    let days = app.settings.disable_after_days;
    if days <= 0 {
        return Ok(0);
    }
    let write = app.db.write(move |tx| {
        let before = tx.now().plus(days.saturating_mul(24 * HOUR).saturating_neg()).0;
        let idle = users::idle(tx.conn(), before)?;
        for user in &idle {
            shut(tx, None, *user, true, json!({ "idleDays": days }))?;
        }
        Ok(idle.len())
    });
    write.await
}

pub(in crate::app) fn shut(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    user: UserId,
    disable: bool,
    mut detail: serde_json::Value,
) -> Result<Vec<SessionId>, AppError> {
    if disable {
        users::disable(tx, user)?;
    }
    let ended = sessions::revoke_all(tx, user)?;
    if let Some(detail) = detail.as_object_mut() {
        detail.insert("disabled".into(), disable.into());
        detail.insert("sessions".into(), ended.len().into());
    }
    audit::append(tx, about_user(actor, Act::Cancel, user, detail))?;
    Ok(ended)
}
