//! `/wards`: the board, the beds, the round sheet and its signature.

use crate::App;
use crate::app::{administration, board, signing};
use crate::http::api::vitals::SignSets;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::{Round, RoundSigned, WardBed, WardBoard, WardRef};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(wards).service(show).service(beds).service(round).service(sign);
}

/// Wards that the caller may open, own ward first; an administrator gets the names of all, to give people theirs.
#[utoipa::path(tag = "wards", responses((status = 200, body = Vec<WardRef>)))]
#[get("/wards")]
async fn wards(who: Who, app: Data<App>) -> Answer<Json<Vec<WardRef>>> {
    Ok(Json(administration::wards(&app, &who).await?))
}

/// Every bed with who lies in it. One audit row a call: the deltas come by `/events`.
#[utoipa::path(tag = "wards", params(("ward" = String, Path)), responses((status = 200, body = WardBoard)))]
#[get("/wards/{ward}/board")]
async fn show(who: Who, app: Data<App>, ward: Path<String>) -> Answer<Json<WardBoard>> {
    Ok(Json(board::board(&app, &who, id(&ward, "khoa")?).await?))
}

#[utoipa::path(tag = "wards", params(("ward" = String, Path)), responses((status = 200, body = Vec<WardBed>)))]
#[get("/wards/{ward}/beds")]
async fn beds(who: Who, app: Data<App>, ward: Path<String>) -> Answer<Json<Vec<WardBed>>> {
    Ok(Json(board::beds(&app, &who, id(&ward, "khoa")?).await?))
}

/// The round sheet, in walking order.
#[utoipa::path(tag = "wards", params(("ward" = String, Path)), responses((status = 200, body = Round)))]
#[get("/wards/{ward}/round")]
async fn round(who: Who, app: Data<App>, ward: Path<String>) -> Answer<Json<Round>> {
    Ok(Json(board::round(&app, &who, id(&ward, "khoa")?).await?))
}

/// One PIN signs the caller's sets of this round; what cannot be signed is named in `failed`.
#[utoipa::path(tag = "wards", params(("ward" = String, Path)), request_body = SignSets, responses((status = 200, body = RoundSigned)))]
#[post("/wards/{ward}/round/sign")]
async fn sign(who: Who, app: Data<App>, ward: Path<String>, body: Json<SignSets>) -> Answer<Json<RoundSigned>> {
    let (sets, pin) = (body.sets()?, body.into_inner().pin);
    Ok(Json(signing::sign_round(&app, &who, id(&ward, "khoa")?, sets, pin).await?))
}
