//! `/users`, `/devices`, `/audit`: thin screens for the administrator and the auditor.

use crate::App;
use crate::app::accounts::{self, Invitation, second_factor};
use crate::app::{AppError, administration, certificates};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view::{AuditRow, DeviceRow, Jobs, UserRow};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::access::Role;
use benhan_domain::audit::Act;
use benhan_domain::certificate::RevocationReason;
use benhan_domain::id::ChainId;
use benhan_store::audit::Wanted;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(users)
        .service(invite)
        .service(disable)
        .service(enable)
        .service(revoke_certificate)
        .service(reset_second_factor)
        .service(revoke)
        .service(devices)
        .service(jobs)
        .service(audit);
}

#[utoipa::path(tag = "administration", responses((status = 200, body = Vec<UserRow>)))]
#[get("/users")]
async fn users(who: Who, app: Data<App>) -> Answer<Json<Vec<UserRow>>> {
    Ok(Json(administration::users(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewUser {
    username: String,
    name: String,
    #[schema(value_type = String)]
    role: Role,
    ward_ids: Vec<String>,
    password: String,
}

/// The new user must change the password at the first login. 409 `username-taken`.
#[utoipa::path(tag = "administration", request_body = NewUser, responses((status = 201, body = UserRow)))]
#[post("/users")]
async fn invite(who: Who, app: Data<App>, body: Json<NewUser>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let wards = b.ward_ids.iter().map(|w| id(w, "khoa")).collect::<Answer<Vec<_>>>()?;
    let new = Invitation { username: b.username, name: b.name, role: b.role, wards, password: b.password };
    let user = accounts::invite(&app, &who, new).await?;
    Ok(HttpResponse::Created().json(administration::user(&app, &who, user).await?))
}

#[utoipa::path(tag = "administration", params(("user" = String, Path)), responses((status = 200, body = UserRow)))]
#[post("/users/{user}/disable")]
async fn disable(who: Who, app: Data<App>, user: Path<String>) -> Answer<Json<UserRow>> {
    let user = id(&user, "người dùng")?;
    accounts::revoke(&app, &who, user, true).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}

/// Opens an account that was shut, by a person or because nobody used it. 409 `not-disabled`.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), responses((status = 200, body = UserRow)))]
#[post("/users/{user}/enable")]
async fn enable(who: Who, app: Data<App>, user: Path<String>) -> Answer<Json<UserRow>> {
    let user = id(&user, "người dùng")?;
    accounts::enable(&app, &who, user).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TakenBack {
    /// lost, suspected, left or changed.
    #[schema(value_type = String)]
    reason: RevocationReason,
    /// Stays on the trail.
    note: String,
}

/// Nothing is signed with it from now on, and the hospital's own CA lists it at once; what it signed before stays good.
/// 409 `no-certificate`, `already-revoked`.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), request_body = TakenBack, responses((status = 200, body = UserRow)))]
#[post("/users/{user}/revoke-certificate")]
async fn revoke_certificate(
    who: Who,
    app: Data<App>,
    user: Path<String>,
    body: Json<TakenBack>,
) -> Answer<Json<UserRow>> {
    let user = id(&user, "người dùng")?;
    certificates::revoke(&app, &who, user, body.reason, &body.note).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LostPhone {
    /// Stays on the trail.
    reason: String,
}

/// Takes the second factor of a person away, phone and keys, whose phone or key is lost, and ends their sessions. Nobody's own. 409
/// `own-second-factor`, `no-second-factor`.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), request_body = LostPhone, responses((status = 200, body = UserRow)))]
#[post("/users/{user}/reset-second-factor")]
async fn reset_second_factor(
    who: Who,
    app: Data<App>,
    user: Path<String>,
    body: Json<LostPhone>,
) -> Answer<Json<UserRow>> {
    let user = id(&user, "người dùng")?;
    second_factor::reset(&app, &who, user, &body.reason).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}

#[utoipa::path(tag = "administration", params(("user" = String, Path)), responses((status = 204)))]
#[post("/users/{user}/revoke-sessions")]
async fn revoke(who: Who, app: Data<App>, user: Path<String>) -> Answer<HttpResponse> {
    accounts::revoke(&app, &who, id(&user, "người dùng")?, false).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[utoipa::path(tag = "administration", responses((status = 200, body = Vec<DeviceRow>)))]
#[get("/devices")]
async fn devices(who: Who, app: Data<App>) -> Answer<Json<Vec<DeviceRow>>> {
    Ok(Json(administration::devices(&app, &who).await?))
}

/// Jobs that failed: tried again, or dead. A message whose job is dead waits on the list to match.
#[utoipa::path(tag = "administration", responses((status = 200, body = Jobs)))]
#[get("/jobs")]
async fn jobs(who: Who, app: Data<App>) -> Answer<Json<Jobs>> {
    Ok(Json(administration::jobs(&app, &who).await?))
}

#[derive(Deserialize)]
struct Asked {
    limit: Option<i64>,
    patient: Option<String>,
    person: Option<String>,
    act: Option<Act>,
    from: Option<String>,
    until: Option<String>,
    after: Option<String>,
}

/// Newest first: of one patient, person or act, or of all. `until` itself is not in it; `after` is the last row of the page
/// before, as CHAIN/SEQ.
#[utoipa::path(tag = "administration", params(("limit" = Option<i64>, Query), ("patient" = Option<String>, Query),
    ("person" = Option<String>, Query), ("act" = Option<String>, Query), ("from" = Option<String>, Query),
    ("until" = Option<String>, Query), ("after" = Option<String>, Query)), responses((status = 200, body = Vec<AuditRow>)))]
#[get("/audit")]
async fn audit(who: Who, app: Data<App>, asked: Query<Asked>) -> Answer<Json<Vec<AuditRow>>> {
    let at = |text: &Option<String>, field| text.as_deref().map(|t| instant(t, field)).transpose();
    let wanted = Wanted {
        patient: asked.patient.as_deref().map(|p| id(p, "người bệnh")).transpose()?,
        actor: asked.person.as_deref().map(|p| id(p, "người dùng")).transpose()?,
        act: asked.act,
        from: at(&asked.from, "from")?.map(|i| i.0),
        until: at(&asked.until, "until")?.map(|i| i.0),
        after: asked.after.as_deref().map(row).transpose()?,
    };
    Ok(Json(administration::audit(&app, &who, wanted, asked.limit.unwrap_or(100)).await?))
}

/// `CHAIN/SEQ`
fn row(text: &str) -> Result<(ChainId, i64), AppError> {
    let parts = text.split_once('/').and_then(|(chain, seq)| Some((chain.parse().ok()?, seq.parse().ok()?)));
    parts.ok_or_else(|| AppError::invalid("after", "Dòng nhật ký phải có dạng chuỗi/số"))
}
