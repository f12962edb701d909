//! `/encounters/{stay}/treating`, `/treating/mine` and `/wards/{ward}/duty`: who treats beside the ward's own staff.

use crate::App;
use crate::app::{duty, treatment};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view::PersonRef;
use crate::view_access::{AskedStay, Duty, Treating};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::treatment::Part;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(mine).service(candidates).service(read).service(name).service(end);
    cfg.service(colleagues).service(on_duty).service(cover).service(relieve);
}

const STAY: &str = "đợt điều trị";
const WARD: &str = "khoa";

/// Stays outside one's own wards in which one is named, the latest first.
#[utoipa::path(tag = "treatment", responses((status = 200, body = Vec<AskedStay>)))]
#[get("/treating/mine")]
async fn mine(who: Who, app: Data<App>) -> Answer<Json<Vec<AskedStay>>> {
    Ok(Json(treatment::mine(&app, &who).await?))
}

/// Doctors who are named in a stay.
#[utoipa::path(tag = "treatment", params(("stay" = String, Path)), responses((status = 200, body = Treating)))]
#[get("/encounters/{stay}/treating")]
async fn read(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Treating>> {
    Ok(Json(treatment::read(&app, &who, id(&stay, STAY)?).await?))
}

/// Doctors who may be named and are not.
#[utoipa::path(tag = "treatment", params(("stay" = String, Path)), responses((status = 200, body = Vec<PersonRef>)))]
#[get("/encounters/{stay}/treating/candidates")]
async fn candidates(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<PersonRef>>> {
    Ok(Json(treatment::candidates(&app, &who, id(&stay, STAY)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTreating {
    user: String,
    #[schema(value_type = String)]
    part: Part,
}

/// Names a doctor, by the ward's own staff or another who is named. 409 `treats-already`.
#[utoipa::path(tag = "treatment", params(("stay" = String, Path)), request_body = NewTreating, responses((status = 201, body = Treating)))]
#[post("/encounters/{stay}/treating")]
async fn name(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewTreating>) -> Answer<HttpResponse> {
    let NewTreating { user, part } = body.into_inner();
    let named = treatment::name(&app, &who, id(&stay, STAY)?, (id(&user, "bác sĩ")?, part)).await?;
    Ok(HttpResponse::Created().json(named))
}

/// They treat no more. 409 `version-conflict` when somebody was first.
#[utoipa::path(tag = "treatment", params(("stay" = String, Path), ("user" = String, Path)), responses((status = 200, body = Treating)))]
#[post("/encounters/{stay}/treating/{user}/end")]
async fn end(who: Who, app: Data<App>, path: Path<(String, String)>) -> Answer<Json<Treating>> {
    let (stay, user) = path.into_inner();
    Ok(Json(treatment::end(&app, &who, id(&stay, STAY)?, id(&user, "bác sĩ")?).await?))
}

/// Who covers a ward, running and to come.
#[utoipa::path(tag = "treatment", params(("ward" = String, Path)), responses((status = 200, body = Duty)))]
#[get("/wards/{ward}/duty")]
async fn on_duty(who: Who, app: Data<App>, ward: Path<String>) -> Answer<Json<Duty>> {
    Ok(Json(duty::read(&app, &who, id(&ward, WARD)?).await?))
}

/// Doctors and nurses of other wards.
#[utoipa::path(tag = "treatment", params(("ward" = String, Path)), responses((status = 200, body = Vec<PersonRef>)))]
#[get("/wards/{ward}/duty/candidates")]
async fn colleagues(who: Who, app: Data<App>, ward: Path<String>) -> Answer<Json<Vec<PersonRef>>> {
    Ok(Json(duty::candidates(&app, &who, id(&ward, WARD)?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewDuty {
    user: String,
    starts_at: String,
    ends_at: String,
}

/// Somebody covers the ward in these hours, 36 at most.
#[utoipa::path(tag = "treatment", params(("ward" = String, Path)), request_body = NewDuty, responses((status = 201, body = Duty)))]
#[post("/wards/{ward}/duty")]
async fn cover(who: Who, app: Data<App>, ward: Path<String>, body: Json<NewDuty>) -> Answer<HttpResponse> {
    let hours = (instant(&body.starts_at, "startsAt")?, instant(&body.ends_at, "endsAt")?);
    let set = duty::set(&app, &who, id(&ward, WARD)?, id(&body.user, "người trực")?, hours).await?;
    Ok(HttpResponse::Created().json(set))
}

/// Ends a duty before its time.
#[utoipa::path(tag = "treatment", params(("ward" = String, Path), ("duty" = String, Path)), responses((status = 200, body = Duty)))]
#[post("/wards/{ward}/duty/{duty}/end")]
async fn relieve(who: Who, app: Data<App>, path: Path<(String, String)>) -> Answer<Json<Duty>> {
    let (ward, of) = path.into_inner();
    Ok(Json(duty::end(&app, &who, id(&ward, WARD)?, id(&of, "ca trực")?).await?))
}
