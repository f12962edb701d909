//! `/auth`: login, lock, unlock, logout.

use crate::App;
use crate::app::accounts::{self, Caller};
use crate::app::{AppError, board};
use crate::http::error::Answer;
use crate::http::extract::{AtTheDoor, COOKIE};
use crate::view::{FacilityRef, Session, SessionUser};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use benhan_store::certificates;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(login).service(who_is_here).service(lock).service(unlock).service(logout);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    username: String,
    password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pin {
    pin: String,
}

async fn view(app: &App, caller: &Caller) -> Result<Session, AppError> {
    let wards = board::wards(app, caller).await?;
    let user = caller.user.id;
    let certificate = app.db.read::<_, AppError, _>(move |conn| Ok(certificates::current(conn, user)?)).await?;
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
        lock_after_seconds: app.settings.lock_after_seconds,
        has_pin: caller.user.pin_hash.is_some(),
        has_certificate: certificate.is_some(),
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

/// Opens a session. 401 `bad-credentials`, 429 `account-locked`.
#[utoipa::path(tag = "accounts", request_body = Login, responses((status = 200, body = Session)))]
#[post("/auth/login")]
async fn login(app: Data<App>, body: Json<Login>) -> Answer<HttpResponse> {
    let Login { username, password } = body.into_inner();
    let opened = accounts::login(&app, username, password).await?;
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
