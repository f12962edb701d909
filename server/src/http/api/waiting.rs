//! `/waiting`: messages that nobody could place (hàng chờ ghép).

use crate::App;
use crate::app::matching;
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::{Proposal, WaitingItem};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(raw).service(candidates).service(match_it).service(dismiss).service(undo);
}

#[derive(Deserialize)]
struct Which {
    state: Option<String>,
}

/// Oldest first; `state=handled` lists what people decided.
#[utoipa::path(tag = "waiting", params(("state" = Option<String>, Query)), responses((status = 200, body = Vec<WaitingItem>)))]
#[get("/waiting")]
async fn list(who: Who, app: Data<App>, which: Query<Which>) -> Answer<Json<Vec<WaitingItem>>> {
    Ok(Json(matching::waiting(&app, &who, which.state.as_deref() == Some("handled")).await?))
}

/// The message as it came. Each look is audited.
#[utoipa::path(tag = "waiting", params(("item" = String, Path)), responses((status = 200, content_type = "text/plain", body = String)))]
#[get("/waiting/{item}/raw")]
async fn raw(who: Who, app: Data<App>, item: Path<String>) -> Answer<HttpResponse> {
    let bytes = matching::raw(&app, &who, id(&item, "bản tin")?).await?;
    let text = String::from_utf8_lossy(&bytes).replace('\r', "\n");
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sought {
    q: String,
}

/// Whose it may be, by name or number. In a body, because an address is kept by browsers and proxies.
#[utoipa::path(tag = "waiting", params(("item" = String, Path)), request_body = Sought, responses((status = 200, body = Vec<Proposal>)))]
#[post("/waiting/{item}/candidates")]
async fn candidates(who: Who, app: Data<App>, _item: Path<String>, asked: Json<Sought>) -> Answer<Json<Vec<Proposal>>> {
    Ok(Json(matching::candidates(&app, &who, asked.into_inner().q.chars().take(120).collect()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Match {
    encounter_id: String,
    order_id: Option<String>,
    /// At least two of: name, code, birthDate, bed, barcode.
    confirmed: Vec<String>,
}

#[utoipa::path(tag = "waiting", params(("item" = String, Path)), request_body = Match, responses((status = 204)))]
#[post("/waiting/{item}/match")]
async fn match_it(who: Who, app: Data<App>, item: Path<String>, body: Json<Match>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let order = b.order_id.as_deref().map(|o| id(o, "chỉ định")).transpose()?;
    let stay = id(&b.encounter_id, "đợt điều trị")?;
    matching::match_by_hand(&app, &who, id(&item, "bản tin")?, stay, order, b.confirmed).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Dismissal {
    reason: String,
}

#[utoipa::path(tag = "waiting", params(("item" = String, Path)), request_body = Dismissal, responses((status = 204)))]
#[post("/waiting/{item}/dismiss")]
async fn dismiss(who: Who, app: Data<App>, item: Path<String>, body: Json<Dismissal>) -> Answer<HttpResponse> {
    matching::dismiss(&app, &who, id(&item, "bản tin")?, body.into_inner().reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Back onto the list: a dismissal, or a hand match that nobody has accepted.
#[utoipa::path(tag = "waiting", params(("item" = String, Path)), responses((status = 204)))]
#[post("/waiting/{item}/undo")]
async fn undo(who: Who, app: Data<App>, item: Path<String>) -> Answer<HttpResponse> {
    matching::undo(&app, &who, id(&item, "bản tin")?).await?;
    Ok(HttpResponse::NoContent().finish())
}
