//! `/auth/security-keys`: one's own security keys, as a second factor beside the password.

use super::accounts::{may_enrol, view};
use crate::App;
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::accounts::second_factor::{self, KeyAnswer, NewKey, Shown};
use crate::http::error::Answer;
use crate::http::extract::{AtTheDoor, id};
use crate::http::site::AtSite;
use crate::view::Session;
use crate::view_factor::{OwnFactor, SecondFactorSet, SecurityKeyOffer};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use benhan_webauthn::{MOST_ATTESTATION, MOST_AUTHENTICATOR_DATA, MOST_CLIENT_DATA, MOST_ID, MOST_SIGNATURE, Site};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(own).service(offer).service(add).service(remove);
}

/// What a security key answered to `SecurityKeyAsked`; all base64url without padding.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyAnswered {
    credential_id: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

/// That it is still the same person: the password, and where a second factor stands a code or a key's answer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Renewal {
    password: String,
    /// Of the second factor that stands; none where there is none.
    code: Option<String>,
    /// In the code's place.
    security_key: Option<KeyAnswered>,
}

impl Renewal {
    pub(super) fn parts(self, site: Option<Site>) -> Answer<(String, Shown)> {
        Ok((self.password, shown(self.code, self.security_key, site)?))
    }
}

pub(super) fn shown(code: Option<String>, key: Option<KeyAnswered>, site: Option<Site>) -> Answer<Shown> {
    let answer = |key: KeyAnswered| -> Answer<KeyAnswer> {
        Ok(KeyAnswer {
            credential_id: bytes("credentialId", &key.credential_id, MOST_ID)?,
            client_data: bytes("clientData", &key.client_data, MOST_CLIENT_DATA)?,
            authenticator_data: bytes("authenticatorData", &key.authenticator_data, MOST_AUTHENTICATOR_DATA)?,
            signature: bytes("signature", &key.signature, MOST_SIGNATURE)?,
            user_handle: key.user_handle.map(|handle| bytes("userHandle", &handle, 64)).transpose()?,
        })
    };
    Ok(Shown { code, key: key.map(answer).transpose()?, site })
}

/// At most so many bytes; a little more text is looked at than they need.
fn bytes(field: &str, text: &str, most: usize) -> Answer<Vec<u8>> {
    let unfit = || AppError::invalid(field, "Khóa bảo mật trả lời không đúng dạng: thử lại");
    if text.len() > most.saturating_mul(4).div_ceil(3) {
        return Err(unfit().into());
    }
    Ok(URL_SAFE_NO_PAD.decode(text).map_err(|_| unfit())?)
}

/// The caller's own second factor, and where security keys can be used.
#[utoipa::path(tag = "accounts", responses((status = 200, body = OwnFactor)))]
#[get("/auth/second-factor")]
async fn own(who: AtTheDoor, app: Data<App>, at: AtSite) -> Answer<Json<OwnFactor>> {
    Ok(Json(second_factor::own(&app, &may_enrol(who)?, at.0.as_ref()).await?))
}

/// What a browser needs to have a key made. 403 `bad-password`; where there is a second factor, `second-factor` (with what
/// is asked in `secondFactor`) until it comes too, `bad-code`, `used-code`, `bad-security-key`, `old-answer`,
/// `cloned-security-key`; 409 `no-key-here` where the program is open by an address instead of a name,
/// `too-many-security-keys`; 429 `account-locked`.
#[utoipa::path(tag = "accounts", request_body = Renewal, responses((status = 200, body = SecurityKeyOffer)))]
#[post("/auth/security-keys/offer")]
async fn offer(who: AtTheDoor, app: Data<App>, at: AtSite, body: Json<Renewal>) -> Answer<Json<SecurityKeyOffer>> {
    let (password, shown) = body.into_inner().parts(at.0)?;
    Ok(Json(second_factor::offer_key(&app, &may_enrol(who)?, password, shown).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MadeKey {
    name: String,
    /// base64url without padding, as `attestation`.
    client_data: String,
    attestation: String,
    #[serde(default)]
    transports: Vec<String>,
}

/// Keeps the key that was made for the offer; other sessions end. Recovery codes come with the first, and where none were
/// left. 409 `stale-offer`, `unfit-security-key`, `known-security-key`, `too-many-security-keys`.
#[utoipa::path(tag = "accounts", request_body = MadeKey, responses((status = 200, body = SecondFactorSet)))]
#[post("/auth/security-keys")]
async fn add(who: AtTheDoor, app: Data<App>, body: Json<MadeKey>) -> Answer<Json<SecondFactorSet>> {
    let caller = may_enrol(who)?;
    let MadeKey { name, client_data, attestation, transports } = body.into_inner();
    let new = NewKey {
        name,
        client_data: bytes("clientData", &client_data, MOST_CLIENT_DATA)?,
        attestation: bytes("attestation", &attestation, MOST_ATTESTATION)?,
        transports,
    };
    let recovery_codes = second_factor::add_key(&app, &caller, new).await?;
    let session = view(&app, &Caller { lacks: None, ..caller }).await?;
    Ok(Json(SecondFactorSet { session, recovery_codes }))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RemovedKey {
    /// Stays on the trail.
    reason: String,
    password: String,
    code: Option<String>,
    security_key: Option<KeyAnswered>,
}

/// Takes one of the caller's keys away; other sessions end. Refused as the offer is; 409 `last-second-factor` for whoever
/// must have one.
#[utoipa::path(tag = "accounts", params(("key" = String, Path)), request_body = RemovedKey, responses((status = 200, body = Session)))]
#[post("/auth/security-keys/{key}/remove")]
async fn remove(
    who: AtTheDoor,
    app: Data<App>,
    at: AtSite,
    key: Path<String>,
    body: Json<RemovedKey>,
) -> Answer<Json<Session>> {
    let RemovedKey { reason, password, code, security_key } = body.into_inner();
    let (caller, key) = (may_enrol(who)?, id(&key, "khóa bảo mật này")?);
    let shown = shown(code, security_key, at.0)?;
    second_factor::remove_key(&app, &caller, key, &reason, (password, shown)).await?;
    Ok(Json(view(&app, &caller).await?))
}
