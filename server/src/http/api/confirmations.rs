//! `/confirmations`: what waits for the head of the hospital, and by which paper somebody confirms it.

use crate::App;
use crate::app::confirmations::{self, Entered};
use crate::app::{AppError, administration, signing};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view::UserRow;
use crate::view_record::{ConfirmationQueue, Confirmed, HeadsWork};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::record::Capacity;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(queue).service(count).service(confirm).service(enter).service(withdraw);
}

/// Records with signatures that wait, 500 at most, the one that has waited longest first.
#[utoipa::path(tag = "records", responses((status = 200, body = ConfirmationQueue)))]
#[get("/confirmations")]
async fn queue(who: Who, app: Data<App>) -> Answer<Json<ConfirmationQueue>> {
    Ok(Json(confirmations::queue(&app, &who).await?))
}

/// For the mark on the rail; the head of the hospital's alone.
#[utoipa::path(tag = "records", responses((status = 200, body = HeadsWork)))]
#[get("/confirmations/count")]
async fn count(who: Who, app: Data<App>) -> Answer<Json<HeadsWork>> {
    Ok(Json(confirmations::count(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ToConfirm {
    encounter_ids: Vec<String>,
    pin: String,
}

/// All that waits in each of these records, signed with one PIN: 200 records at most. What could not be confirmed is named
/// with the reason; the rest is. 403 `no-authority`, `bad-pin`.
#[utoipa::path(tag = "records", request_body = ToConfirm, responses((status = 200, body = Confirmed)))]
#[post("/confirmations")]
async fn confirm(who: Who, app: Data<App>, body: Json<ToConfirm>) -> Answer<Json<Confirmed>> {
    let ToConfirm { encounter_ids, pin } = body.into_inner();
    let stays = encounter_ids.iter().map(|stay| id(stay, "đợt điều trị")).collect::<Answer<Vec<_>>>()?;
    Ok(Json(signing::confirm(&app, &who, stays, pin).await?))
}

/// `capacity`: `head`, or `delegate`, which needs `until`. Without `from`: from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewAuthority {
    capacity: String,
    /// Its number and date.
    decision: String,
    from: Option<String>,
    until: Option<String>,
}

/// Enters the appointment or authorisation. 409 `not-director` when the account has another role.
#[utoipa::path(tag = "administration", params(("user" = String, Path)), request_body = NewAuthority, responses((status = 201, body = UserRow)))]
#[post("/users/{user}/confirming-authorities")]
async fn enter(who: Who, app: Data<App>, user: Path<String>, body: Json<NewAuthority>) -> Answer<HttpResponse> {
    let (b, user) = (body.into_inner(), id(&user, "người dùng")?);
    let at = |text: Option<String>, field| text.as_deref().map(|text| instant(text, field)).transpose();
    let capacity = Capacity::parse(&b.capacity);
    let paper = Entered {
        capacity: capacity
            .ok_or_else(|| AppError::invalid("capacity", "Chọn người đứng đầu hoặc người được ủy quyền"))?,
        decision: b.decision,
        from: at(b.from, "from")?,
        until: at(b.until, "until")?,
    };
    confirmations::enter(&app, &who, user, paper).await?;
    Ok(HttpResponse::Created().json(administration::user(&app, &who, user).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawnAuthority {
    reason: String,
}

/// From now on; what was confirmed stays so. 409 `already-withdrawn`.
#[utoipa::path(tag = "administration", params(("authority" = String, Path)), request_body = WithdrawnAuthority, responses((status = 200, body = UserRow)))]
#[post("/confirming-authorities/{authority}/withdraw")]
async fn withdraw(
    who: Who,
    app: Data<App>,
    authority: Path<String>,
    body: Json<WithdrawnAuthority>,
) -> Answer<Json<UserRow>> {
    let of = id(&authority, "thẩm quyền xác nhận")?;
    let user = confirmations::withdraw(&app, &who, of, body.into_inner().reason).await?;
    Ok(Json(administration::user(&app, &who, user).await?))
}
