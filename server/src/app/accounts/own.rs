//! What a person sets for themselves: password, PIN, and with the PIN the key that signs.
//!
//! An administrator gives an initial password and never knows a PIN, so nobody else can sign in a person's name.

use super::hashing::apart;
use super::{Caller, about_user, check, hash_secret, matches, note_wrong_password, take_login_try};
use crate::app::AppError;
use crate::app::error::Kind;
use crate::config::Settings;
use crate::hub::Event;
use crate::state::App;
use benhan_domain::access::{Action, Reach, SignRecord};
use benhan_domain::audit::Act;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::time::{HOUR, Instant};
use benhan_sign::{KeyKind, ServerKey, SigningKey, Subject, WrappedKey};
use benhan_store::certificates::{self, NewCertificate};
use benhan_store::users::User;
use benhan_store::{audit, sessions, users};
use serde_json::json;
use std::sync::Arc;

/// Each costs a hash when a password is changed.
const MOST_REMEMBERED: i64 = 24;
/// Days that a certificate of the own CA is good for.
const CERTIFICATE_DAYS: i64 = 3 * 365;

/// It has been used for longer than the hospital lets it be.
pub(super) fn too_old(user: &User, now: Instant, settings: &Settings) -> bool {
    let days = settings.password_days_of(user.role);
    days.is_some_and(|days| now.0.saturating_sub(user.password_set_at) > days.saturating_mul(24 * HOUR))
}

/// A new password; every other session of this person ends, wherever it is open.
pub async fn change_password(app: &App, caller: &Caller, current: String, new: String) -> Result<(), AppError> {
    let rules = app.settings.passwords();
    rules.check(&new, &caller.user.username).map_err(|why| AppError::invalid("newPassword", why))?;
    if new == current {
        return Err(AppError::invalid("newPassword", "Mật khẩu mới phải khác mật khẩu đang dùng"));
    }
    prove(app, caller, current).await?;
    let (of, count) = (caller.user.id, app.settings.password_history.clamp(0, MOST_REMEMBERED));
    let earlier = app.db.read::<_, AppError, _>(move |conn| Ok(users::earlier_passwords(conn, of, count)?)).await?;
    let secrets = Arc::clone(&app.secrets);
    let hashed = apart(move || {
        if earlier.iter().any(|hash| matches(&secrets.server_key, &new, hash)) {
            let why = format!("Mật khẩu này bạn đã dùng: chọn mật khẩu khác {count} mật khẩu gần nhất");
            return Err(AppError::invalid("newPassword", why));
        }
        hash_secret(&secrets.server_key, &new)
    });
    let hash = hashed.await??;
    let (user, session, hub) = (caller.user.id, caller.session, Arc::clone(&app.hub));
    let write = app.db.write(move |tx| {
        users::set_password(tx, user, &hash)?;
        let ended = sessions::revoke_others(tx, user, session)?;
        let detail = json!({ "password": true, "sessions": ended.len() });
        audit::append(tx, about_user(Some(user), Act::Edit, user, detail))?;
        tx.after_commit(move || {
            for session in ended {
                hub.publish(Event::Ended { session, reason: "revoked" });
            }
        });
        Ok(())
    });
    write.await
}

/// The password once more, before something that only its owner may do. A try counts as at the login, before the
/// password is looked at.
pub(super) async fn prove(app: &App, caller: &Caller, password: String) -> Result<(), AppError> {
    let (user, settings) = (caller.user.id, Arc::clone(&app.settings));
    app.db.write::<_, AppError, _>(move |tx| take_login_try(tx, user, &settings)).await?;
    if check(app, password, Some(caller.user.password_hash.clone())).await? {
        let door = users::Door { failed_logins: Some(0), locked_until: Some(None), ..users::Door::default() };
        return app.db.write::<_, AppError, _>(move |tx| Ok(users::set_door(tx, user, door)?)).await;
    }
    app.db.write::<_, AppError, _>(move |tx| note_wrong_password(tx, user)).await?;
    Err(AppError::refused(Kind::Forbidden, "bad-password", "Mật khẩu đang dùng không đúng: nhập lại."))
}

/// A PIN of one's own. Where the hospital certifies its staff, it comes with a fresh key and certificate; whose key is on a
/// token or with a service keeps that, and the PIN opens the screen alone.
pub async fn set_pin(app: &App, caller: &Caller, password: String, pin: String) -> Result<(), AppError> {
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AppError::invalid("pin", "Mã PIN gồm đúng 6 chữ số"));
    }
    if guessable(&pin) {
        return Err(AppError::invalid("pin", "Mã PIN quá dễ đoán: đừng dùng một chữ số lặp lại hay dãy liền nhau"));
    }
    prove(app, caller, password).await?;
    let signs = SignRecord::reach(caller.user.role) != Reach::Nowhere;
    let own_authority = app.trust.authority().is_some();
    let current = own_certificate(app, caller).await?;
    let elsewhere = current.as_ref().is_some_and(|c| c.key != KeyPlace::Software);
    if signs && !own_authority && current.is_some_and(|c| c.wrapped_key.is_some()) {
        let detail = "Khoá ký của bạn mở bằng mã PIN cũ: liên hệ quản trị để được cấp lại cùng mã PIN mới.";
        return Err(AppError::conflict("pin-holds-key", detail));
    }
    let (made, user, now) = (app.clone(), caller.user.clone(), app.db.now().0);
    let work = tokio::task::spawn_blocking(move || -> Result<_, AppError> {
        let hash = hash_secret(&made.secrets.server_key, &pin)?;
        let certificate = if signs && !elsewhere { certify(&made, &user, &pin, now)? } else { None };
        Ok((hash, certificate))
    });
    let (hash, certificate) = work.await.map_err(|_| AppError::Internal("making a key was cut off".into()))??;
    let user = caller.user.id;
    let write = app.db.write(move |tx| {
        users::set_pin(tx, user, &hash)?;
        let serial = certificate.as_ref().map(|c| c.serial.clone());
        if let Some(new) = certificate {
            certificates::retire(tx, user)?;
            certificates::add(tx, new)?;
        }
        let detail = json!({ "pin": true, "certificate": serial });
        Ok(audit::append(tx, about_user(Some(user), Act::Edit, user, detail))?)
    });
    write.await
}

async fn own_certificate(app: &App, caller: &Caller) -> Result<Option<certificates::Certificate>, AppError> {
    let user = caller.user.id;
    app.db.read::<_, AppError, _>(move |conn| Ok(certificates::current(conn, user)?)).await
}

/// 000000, 123456, 987654: the first that anybody tries.
fn guessable(pin: &str) -> bool {
    let steps: Vec<i16> =
        pin.as_bytes().windows(2).filter_map(|w| Some(i16::from(*w.get(1)?) - i16::from(*w.first()?))).collect();
    let first = steps.first().copied().unwrap_or(0);
    (-1..=1).contains(&first) && steps.iter().all(|step| *step == first)
}

fn certify(app: &App, user: &users::User, pin: &str, now: i64) -> Result<Option<NewCertificate>, AppError> {
    let broken = |what: String| AppError::Internal(format!("the own CA: {what}"));
    let Some(authority) = app.trust.authority() else { return Ok(None) };
    let key = SigningKey::generate(KeyKind::P256).map_err(|e| broken(e.to_string()))?;
    let subject = Subject { organization: Some(app.facility.name.clone()), ..Subject::named(&user.name) };
    let certificate =
        authority.issue_person(&subject, &key, now, CERTIFICATE_DAYS).map_err(|e| broken(e.to_string()))?;
    let wrapped = WrappedKey::wrap(&key, pin, &ServerKey::from_bytes(app.secrets.server_key))
        .map_err(|e| broken(e.to_string()))?;
    Ok(Some(NewCertificate {
        user: Some(user.id),
        department: None,
        subject: certificate.subject(),
        issuer: certificate.issuer(),
        serial: certificate.serial(),
        not_before: certificate.valid_from(),
        not_after: certificate.valid_until(),
        der: certificate.der().to_vec(),
        wrapped_key: Some(serde_json::to_string(&wrapped).map_err(|e| broken(e.to_string()))?),
        key: KeyPlace::Software,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_in_a_row_is_refused() {
        for weak in ["000000", "123456", "987654"] {
            assert!(guessable(weak), "{weak}");
        }
        assert!(!guessable("135790") && !guessable("246810"));
    }
}
