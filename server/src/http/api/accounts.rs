//! `/auth`: login, lock, unlock, logout, one's own password, PIN and second factor.

use super::security_keys::{KeyAnswered, Renewal, shown};
use crate::App;
use crate::app::accounts::{self, Caller, second_factor};
use crate::app::error::Kind;
use crate::app::{AppError, board};
use crate::http::error::Answer;
use crate::http::extract::{AtTheDoor, COOKIE, Who};
use crate::http::site::AtSite;
use crate::http::tries::Tries;
use crate::view::{FacilityRef, Session, SessionUser};
use crate::view_factor::{SecondFactorOffer, SecondFactorSet};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, get, post};
use benhan_domain::access::DoctorsReach;
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::second_factor::Missing;
use benhan_store::{certificates, house_decisions};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(login)
        .service(who_is_here)
        .service(lock)
        .service(unlock)
        .service(logout)
        .service(change_password)
        .service(set_pin)
        .service(offer_second_factor)
        .service(set_second_factor);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
    /// From the phone, or a recovery code: for whoever has a second factor.
    code: Option<String>,
    /// In the code's place.
    security_key: Option<KeyAnswered>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pin {
    pin: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewPassword {
    current_password: String,
    new_password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    code: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPin {
    password: String,
    pin: String,
}

pub(super) async fn view(app: &App, caller: &Caller) -> Result<Session, AppError> {
    let wards = board::wards(app, caller).await?;
    let user = caller.user.id;
    let now = app.db.now();
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let rules = house_decisions::in_force(conn, DecisionKind::SigningRules, now)?;
        Ok((certificates::current(conn, user)?, rules.map(|of| of.decision)))
    });
    let (certificate, signing_rules) = read.await?;
    Ok(Session {
        user: SessionUser {
            id: caller.user.id.to_string(),
            username: caller.user.username.clone(),
            name: caller.user.name.clone(),
            role: caller.user.role,
            title: caller.user.role.title().into(),
        },
        wards,
        facility: FacilityRef { code: app.facility.code.clone(), name: app.facility.name.clone() },
        csrf: caller.csrf.clone(),
        locked: caller.locked,
        treatment_scope: app.access.doctors == DoctorsReach::OwnPatients,
        lock_after_seconds: app.settings.lock_after_seconds,
        regulation_profile: app.settings.regulation_profile,
        has_pin: caller.user.pin_hash.is_some(),
        has_certificate: certificate.is_some(),
        key_holder: certificate.map(|c| c.key.holder().into()),
        signing_rules,
        must_change_password: caller.user.must_change_password,
        must_enrol_second_factor: caller.lacks == Some(Missing::Enrol),
        recovery_codes_left: second_factor::recovery_left(app, caller).await?,
        now: app.db.now().rfc3339(),
    })
}

fn cookie(token: String, hours: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path("/")
        .http_only(true)
        .secure(true)
        .same_site(SameSite::Strict)
        .max_age(Duration::hours(hours))
        .finish()
}

/// Opens a session. 401 `bad-credentials`; `second-factor` when the password is right and more is asked for, which
/// `secondFactor` says; `bad-code`, `used-code`, `bad-security-key`, `old-answer`, `cloned-security-key`; 403 `second-factor-outside` for whoever comes from outside and has none; 429 `account-locked` or, from one address, `too-many-tries`.
#[utoipa::path(tag = "accounts", request_body = Login, responses((status = 200, body = Session)))]
#[post("/auth/login")]
async fn login(
    req: HttpRequest,
    app: Data<App>,
    tries: Data<Tries>,
    at: AtSite,
    body: Json<Login>,
) -> Answer<HttpResponse> {
    let Login { username, password, code, security_key } = body.into_inner();
    let shown = shown(code, security_key, at.0)?;
    let from = req.peer_addr().map(|a| a.ip());
    tries.may_try(from)?;
    let opened = match accounts::login(&app, username, password, shown).await {
        Err(AppError::Refused(no)) => {
            // Half way in: nothing was guessed.
            if no.code != "second-factor" {
                tries.failed(from);
            }
            return Err(AppError::Refused(no).into());
        }
        other => other?,
    };
    let caller = accounts::recognise(&app, &opened.token).await?;
    let session = view(&app, &caller).await?;
    Ok(HttpResponse::Ok().cookie(cookie(opened.token, app.settings.session_hours)).json(session))
}

/// Who is logged in here; answers locked sessions too, without ward data.
#[utoipa::path(tag = "accounts", responses((status = 200, body = Session)))]
#[get("/auth/session")]
async fn who_is_here(who: AtTheDoor, app: Data<App>) -> Answer<Json<Session>> {
    Ok(Json(view(&app, &who.0).await?))
}

/// Locks the screen; the PIN opens it.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[post("/auth/lock")]
async fn lock(who: AtTheDoor, app: Data<App>) -> Answer<HttpResponse> {
    accounts::lock(&app, &who.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// 403 `bad-pin` with the tries left, or `pin-locked`.
#[utoipa::path(tag = "accounts", request_body = Pin, responses((status = 200, body = Session)))]
#[post("/auth/unlock")]
async fn unlock(who: AtTheDoor, app: Data<App>, body: Json<Pin>) -> Answer<Json<Session>> {
    accounts::unlock(&app, &who.0, body.into_inner().pin).await?;
    let caller = Caller { locked: false, ..who.0 };
    Ok(Json(view(&app, &caller).await?))
}

/// Ends the session; its event stream closes.
#[utoipa::path(tag = "accounts", responses((status = 204)))]
#[post("/auth/logout")]
async fn logout(who: AtTheDoor, app: Data<App>) -> Answer<HttpResponse> {
    accounts::logout(&app, &who.0).await?;
    let mut gone = cookie(String::new(), 0);
    gone.make_removal();
    Ok(HttpResponse::NoContent().cookie(gone).finish())
}

/// A new password of one's own; an initial one opens nothing else. 403 `bad-password`. Other sessions end.
#[utoipa::path(tag = "accounts", request_body = NewPassword, responses((status = 200, body = Session)))]
#[post("/auth/password")]
async fn change_password(who: AtTheDoor, app: Data<App>, body: Json<NewPassword>) -> Answer<Json<Session>> {
    let caller = unlocked(who)?;
    let NewPassword { current_password, new_password } = body.into_inner();
    accounts::change_password(&app, &caller, current_password, new_password).await?;
    Ok(Json(view(&app, &refreshed(&app, caller).await?).await?))
}

/// A PIN of one's own. Where the hospital has its own CA, the key and certificate that it opens come with it.
#[utoipa::path(tag = "accounts", request_body = NewPin, responses((status = 200, body = Session)))]
#[post("/auth/pin")]
async fn set_pin(who: Who, app: Data<App>, body: Json<NewPin>) -> Answer<Json<Session>> {
    let NewPin { password, pin } = body.into_inner();
    accounts::set_pin(&app, &who, password, pin).await?;
    Ok(Json(view(&app, &refreshed(&app, who.0).await?).await?))
}

/// A secret for one's phone; nothing changes before a code of it is confirmed. 403 `bad-password`; where there is a second
/// factor, `second-factor` until it comes too, and what else a login says of it; 429 `account-locked`.
#[utoipa::path(tag = "accounts", request_body = Renewal, responses((status = 200, body = SecondFactorOffer)))]
#[post("/auth/second-factor/offer")]
async fn offer_second_factor(
    who: AtTheDoor,
    app: Data<App>,
    at: AtSite,
    body: Json<Renewal>,
) -> Answer<Json<SecondFactorOffer>> {
    let (password, shown) = body.into_inner().parts(at.0)?;
    Ok(Json(second_factor::offer(&app, &may_enrol(who)?, password, shown).await?))
}

/// Makes the offered secret the second factor; other sessions end. 409 `stale-offer`.
#[utoipa::path(tag = "accounts", request_body = FirstCode, responses((status = 200, body = SecondFactorSet)))]
#[post("/auth/second-factor")]
async fn set_second_factor(who: AtTheDoor, app: Data<App>, body: Json<FirstCode>) -> Answer<Json<SecondFactorSet>> {
    let caller = may_enrol(who)?;
    let recovery_codes = second_factor::confirm(&app, &caller, &body.code).await?;
    let session = view(&app, &Caller { lacks: None, ..caller }).await?;
    Ok(Json(SecondFactorSet { session, recovery_codes }))
}

/// With a password of one's own, and not from outside without the factor that would be asked for there.
pub(super) fn may_enrol(who: AtTheDoor) -> Answer<Caller> {
    let caller = unlocked(who)?;
    if caller.user.must_change_password {
        let detail = "Đặt mật khẩu của riêng bạn trước, rồi đặt mã xác thực hoặc khóa bảo mật.";
        return Err(AppError::refused(Kind::Forbidden, "must-change-password", detail).into());
    }
    match caller.lacks {
        Some(Missing::Outside) => Err(second_factor::refused(Missing::Outside).into()),
        Some(Missing::Enrol) | None => Ok(caller),
    }
}

fn unlocked(who: AtTheDoor) -> Answer<Caller> {
    if who.0.locked { Err(AppError::locked().into()) } else { Ok(who.0) }
}

/// The same session, its owner as the record has them now.
async fn refreshed(app: &App, caller: Caller) -> Answer<Caller> {
    let now = accounts::acting(app, caller.user.id).await?;
    Ok(Caller { user: now.user, ..caller })
}
