//! `/encounters/{id}/record`: the life of a record; `/records`: the record room's lists.

use crate::App;
use crate::app::AppError;
use crate::app::life::{self, Shelf};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_record::{KeptRecord, RecordLife};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::record::{HoldGround, RetentionClass};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(read)
        .service(close)
        .service(reopen)
        .service(archive)
        .service(classify)
        .service(hold)
        .service(lift)
        .service(list);
}

/// Where the record stands, what still keeps it open, who signed what, and what happened to it.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), responses((status = 200, body = RecordLife)))]
#[get("/encounters/{stay}/record")]
async fn read(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<RecordLife>> {
    Ok(Json(life::read(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

fn class(code: &str, field: &str) -> Answer<RetentionClass> {
    let known = RetentionClass::parse(code);
    known.ok_or_else(|| AppError::invalid(field, "Chọn nhóm lưu trữ có trong danh sách").into())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Closing {
    /// Grounds for a longer term that the doctor knows of.
    #[serde(default)]
    grounds: Vec<String>,
}

/// Nothing is written into it from now on. 409 `record-incomplete` with everything that is open in `fields`.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), request_body = Closing, responses((status = 200, body = RecordLife)))]
#[post("/encounters/{stay}/record/close")]
async fn close(who: Who, app: Data<App>, stay: Path<String>, body: Json<Closing>) -> Answer<Json<RecordLife>> {
    let grounds = body.grounds.iter().map(|code| class(code, "grounds")).collect::<Answer<Vec<_>>>()?;
    Ok(Json(life::close(&app, &who, id(&stay, "đợt điều trị")?, grounds).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

/// A closed record takes entries again. 409 `record-archived` once it is archived.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), request_body = Why, responses((status = 200, body = RecordLife)))]
#[post("/encounters/{stay}/record/reopen")]
async fn reopen(who: Who, app: Data<App>, stay: Path<String>, body: Json<Why>) -> Answer<Json<RecordLife>> {
    Ok(Json(life::reopen(&app, &who, id(&stay, "đợt điều trị")?, body.into_inner().reason).await?))
}

/// Seals every hash of a closed record. 409 `record-incomplete` where something came since it was closed.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), responses((status = 200, body = RecordLife)))]
#[post("/encounters/{stay}/record/archive")]
async fn archive(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<RecordLife>> {
    Ok(Json(life::archive(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewGround {
    class: String,
    reason: String,
}

/// A ground for a longer term, in whatever state the record is. 409 `already-classified`.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), request_body = NewGround, responses((status = 200, body = RecordLife)))]
#[post("/encounters/{stay}/record/grounds")]
async fn classify(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewGround>) -> Answer<Json<RecordLife>> {
    let NewGround { class: code, reason } = body.into_inner();
    let ground = class(&code, "class")?;
    Ok(Json(life::classify(&app, &who, id(&stay, "đợt điều trị")?, ground, reason).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewHold {
    ground: String,
    reason: String,
}

/// The record is kept whatever its term, until the hold is lifted.
#[utoipa::path(tag = "records", params(("stay" = String, Path)), request_body = NewHold, responses((status = 201, body = RecordLife)))]
#[post("/encounters/{stay}/record/holds")]
async fn hold(who: Who, app: Data<App>, stay: Path<String>, body: Json<NewHold>) -> Answer<HttpResponse> {
    let NewHold { ground, reason } = body.into_inner();
    let ground = HoldGround::parse(&ground);
    let ground = ground.ok_or_else(|| AppError::invalid("ground", "Chọn căn cứ giữ hồ sơ có trong danh sách"))?;
    let held = life::hold(&app, &who, id(&stay, "đợt điều trị")?, ground, reason).await?;
    Ok(HttpResponse::Created().json(held))
}

/// 409 `already-handled` when it was lifted.
#[utoipa::path(tag = "records", params(("hold" = String, Path)), request_body = Why, responses((status = 200, body = RecordLife)))]
#[post("/holds/{hold}/lift")]
async fn lift(who: Who, app: Data<App>, of: Path<String>, body: Json<Why>) -> Answer<Json<RecordLife>> {
    Ok(Json(life::lift(&app, &who, id(&of, "lệnh giữ hồ sơ")?, body.into_inner().reason).await?))
}

#[derive(Deserialize)]
struct Page {
    list: String,
    after: Option<String>,
}

/// `waiting`: closed, to be archived; `archived`: the last archived first; `due`: whose term ends with this year or is
/// over; `destroyed`: what is left of those that were. 100 lines, `after` is the `encounterId` of the last line before.
#[utoipa::path(tag = "records", params(("list" = String, Query), ("after" = Option<String>, Query)), responses((status = 200, body = Vec<KeptRecord>)))]
#[get("/records")]
async fn list(who: Who, app: Data<App>, page: Query<Page>) -> Answer<Json<Vec<KeptRecord>>> {
    let shelf = match page.list.as_str() {
        "waiting" => Shelf::Waiting,
        "archived" => Shelf::Archived,
        "due" => Shelf::Due,
        "destroyed" => Shelf::Destroyed,
        _ => return Err(AppError::invalid("list", "Chọn danh sách waiting, archived, due hoặc destroyed").into()),
    };
    let past = page.after.as_deref().map(|stay| id(stay, "hồ sơ")).transpose()?;
    Ok(Json(life::list(&app, &who, shelf, past).await?))
}
