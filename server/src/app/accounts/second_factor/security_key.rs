//! Security keys are registered by their owner, several of them, and taken away one by one.

use super::asking::known;
use super::keeping::Keeper;
use super::showing::{Shown, prove};
use super::{from_outside, note, say_ended};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::security_keys::{Purpose, STANDS_MINUTES};
use crate::state::App;
use crate::view_factor::{OwnFactor, SecurityKeyOffer, SecurityKeyRow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use benhan_domain::audit::Act;
use benhan_domain::id::SecurityKeyId;
use benhan_domain::second_factor::{MOST_KEYS, key_name, missing, printed, transports};
use benhan_store::security_keys::{self, NewSecurityKey};
use benhan_store::{second_factors, sessions};
use benhan_webauthn::{ALGORITHMS, Site, challenge_of};
use serde_json::json;
use std::sync::Arc;

/// A key that a browser just had made.
pub struct NewKey {
    pub name: String,
    pub client_data: Vec<u8>,
    pub attestation: Vec<u8>,
    /// How the browser says that it reaches the key.
    pub transports: Vec<String>,
}

/// One's own second factor as it is, and where keys can be used. `site`: where the asking browser is.
pub async fn own(app: &App, caller: &Caller, site: Option<&Site>) -> Result<OwnFactor, AppError> {
    let user = caller.user.id;
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let factor = second_factors::of(conn, user)?;
        let left = if factor.is_some() { Some(second_factors::recovery_left(conn, user)?) } else { None };
        Ok((factor.unwrap_or_default(), left))
    });
    let (factor, recovery_codes_left) = read.await?;
    let row = |key: &security_keys::SecurityKey| SecurityKeyRow {
        id: key.id.to_string(),
        name: key.name.clone(),
        host: key.host.clone(),
        created_at: key.created_at.rfc3339(),
        last_used_at: key.last_used_at.map(|at| at.rfc3339()),
    };
    Ok(OwnFactor {
        phone: factor.sealed.is_some(),
        recovery_codes_left,
        keys: factor.keys.iter().map(row).collect(),
        here: site.map(|site| site.host().to_owned()),
        sites: app.security_keys.sites().iter().map(|site| site.origin().to_owned()).collect(),
    })
}

/// What a browser needs to have a key made; nothing changes before it was.
pub async fn offer_key(
    app: &App,
    caller: &Caller,
    password: String,
    shown: Shown,
) -> Result<SecurityKeyOffer, AppError> {
    let site = shown.site.clone().ok_or_else(|| no_site(app))?;
    prove(app, caller, password, shown).await?;
    let user = caller.user.id;
    let keys = app.db.read::<_, AppError, _>(move |conn| Ok(security_keys::of(conn, user)?)).await?;
    if keys.len() >= MOST_KEYS {
        return Err(too_many());
    }
    let challenge = app.security_keys.ask(user, Purpose::Register(caller.session), &site, app.db.now());
    Ok(SecurityKeyOffer {
        challenge: URL_SAFE_NO_PAD.encode(challenge),
        host: site.host().to_owned(),
        house: format!("Benhan {}", app.facility.code),
        user_id: URL_SAFE_NO_PAD.encode(user.0.as_bytes()),
        username: caller.user.username.clone(),
        name: caller.user.name.clone(),
        algorithms: ALGORITHMS.to_vec(),
        known: keys.iter().filter(|key| key.host == site.host()).map(known).collect(),
        stands_seconds: STANDS_MINUTES.saturating_mul(60),
    })
}

/// Keeps a key. Other sessions of the person, which passed without it, end. Returns recovery codes where none were left,
/// which are shown this once.
pub async fn add_key(app: &App, caller: &Caller, new: NewKey) -> Result<Vec<String>, AppError> {
    let (id, session, hub) = (caller.user.id, caller.session, Arc::clone(&app.hub));
    let name = key_name(&new.name).map_err(|why| AppError::invalid("name", why))?;
    let question = challenge_of(&new.client_data).and_then(|asked| {
        let site = app.security_keys.answered(&asked, id, Purpose::Register(session), app.db.now())?;
        Some((asked, site))
    });
    let Some((challenge, site)) = question else {
        let detail = "Đã quá 5 phút hoặc câu hỏi này đã dùng: bấm thêm khóa bảo mật lại từ đầu.";
        return Err(AppError::conflict("stale-offer", detail));
    };
    let made = benhan_webauthn::register(&site, &challenge, &new.client_data, &new.attestation).map_err(|refused| {
        tracing::info!(user = %id, %refused, "a security key was not registered");
        let detail = "Không nhận được khóa bảo mật này: thử lại, hoặc dùng khóa khác.";
        AppError::conflict("unfit-security-key", detail)
    })?;
    let verified = made.verified;
    let row = NewSecurityKey {
        host: site.host().to_owned(),
        credential_id: made.credential_id,
        public_key: made.public_key,
        counter: made.counter,
        transports: transports(&new.transports),
        name: name.clone(),
    };
    let (codes, hashes) = Keeper::new(&app.secrets.server_key)?.fresh_recovery(id);
    let write = app.db.write(move |tx| {
        security_keys::hold(tx, id)?;
        second_factors::make_room(tx, id)?;
        if security_keys::of(tx.conn(), id)?.len() >= MOST_KEYS {
            return Err(too_many());
        }
        let first = !second_factors::stands(tx.conn(), id)?;
        let Some(key) = security_keys::add(tx, id, &row)? else {
            return Err(AppError::conflict("known-security-key", "Khóa bảo mật này đã được đăng ký: dùng khóa khác."));
        };
        let renewed = first || second_factors::recovery_left(tx.conn(), id)? == 0;
        if renewed {
            second_factors::renew_recovery(tx, id, &hashes)?;
        }
        let ended = sessions::revoke_others(tx, id, session)?;
        let detail = json!({
            "key": key.to_string(), "name": name, "verified": verified, "sessions": ended.len(), "recovery": renewed,
        });
        note(tx, Some(id), Act::Create, id, detail)?;
        say_ended(tx, &hub, ended);
        Ok(renewed)
    });
    Ok(if write.await? { codes.iter().map(|code| printed(code)).collect() } else { Vec::new() })
}

/// Takes one of one's own keys away, for a reason. The last factor of whoever must have one stays: an administrator takes
/// it away with everything else, or another comes first.
pub async fn remove_key(
    app: &App,
    caller: &Caller,
    key: SecurityKeyId,
    reason: &str,
    (password, shown): (String, Shown),
) -> Result<(), AppError> {
    let reason = needed(reason)?;
    prove(app, caller, password, shown).await?;
    let (id, session, hub) = (caller.user.id, caller.session, Arc::clone(&app.hub));
    let must = missing(caller.user.role, &app.access.second_factor, from_outside(app)).is_some();
    let write = app.db.write(move |tx| {
        security_keys::hold(tx, id)?;
        let factor = second_factors::of(tx.conn(), id)?.unwrap_or_default();
        let gone = factor.keys.iter().find(|one| one.id == key).ok_or_else(|| AppError::not_found("khóa bảo mật này"))?;
        let last = factor.sealed.is_none() && factor.keys.len() == 1;
        if last && must {
            let detail = "Tài khoản này phải có mã xác thực hoặc khóa bảo mật: thêm khóa khác hay đặt mã trên điện thoại \
                          trước, rồi gỡ khóa này.";
            return Err(AppError::conflict("last-second-factor", detail));
        }
        if last {
            second_factors::remove(tx, id)?;
        } else {
            security_keys::remove(tx, id, key)?;
        }
        let ended = sessions::revoke_others(tx, id, session)?;
        let detail = json!({
            "key": key.to_string(), "name": gone.name, "reason": reason, "last": last, "sessions": ended.len(),
        });
        note(tx, Some(id), Act::Cancel, id, detail)?;
        say_ended(tx, &hub, ended);
        Ok(())
    });
    write.await
}

fn too_many() -> AppError {
    let detail = format!("Đã có {MOST_KEYS} khóa bảo mật: gỡ khóa không còn dùng trước.");
    AppError::conflict("too-many-security-keys", detail)
}

/// Browsers lend no key to a page that was opened by an address instead of a name.
fn no_site(app: &App) -> AppError {
    let sites: Vec<&str> = app.security_keys.sites().iter().map(Site::origin).collect();
    let detail = if sites.is_empty() {
        "Khóa bảo mật cần máy chủ có tên miền: nhờ quản trị máy chủ đặt tên trong tls.hosts. Mã trên điện thoại vẫn dùng \
         được."
            .to_owned()
    } else {
        format!(
            "Khóa bảo mật chỉ dùng được khi mở Benhan bằng tên của máy chủ: mở {} rồi làm lại ở đó.",
            sites.join(" hoặc ")
        )
    };
    AppError::conflict("no-key-here", detail)
}
