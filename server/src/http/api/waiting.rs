//! `/waiting`: messages that nobody could place (hàng chờ ghép).

use crate::App;
use crate::app::AppError;
use crate::app::matching::{self, Which};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view::{Proposal, WaitingItem};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_store::inbox::Page;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(raw).service(candidates).service(match_it).service(dismiss).service(undo);
}

#[derive(Deserialize)]
struct Asked {
    state: Option<String>,
    kind: Option<String>,
    ward: Option<String>,
    reason: Option<String>,
    device: Option<String>,
    past: Option<i64>,
}

/// A page holds at most this many lines.
const PAGE: i64 = 100;

/// Oldest first, what one device repeats as one line; `state=handled` lists what people decided and `state=set-aside`
/// what no chart shows, newest first. `past` is the last line's `seq`: the next page begins there.
#[utoipa::path(tag = "waiting", params(("state" = Option<String>, Query), ("kind" = Option<String>, Query), ("ward" = Option<String>, Query),
    ("reason" = Option<String>, Query), ("device" = Option<String>, Query), ("past" = Option<i64>, Query)),
    responses((status = 200, body = Vec<WaitingItem>)))]
#[get("/waiting")]
async fn list(who: Who, app: Data<App>, asked: Query<Asked>) -> Answer<Json<Vec<WaitingItem>>> {
    let asked = asked.into_inner();
    let which = asked.state.as_deref().map(Which::parse);
    let which = match which {
        None => Which::Open,
        Some(Some(which)) => which,
        Some(None) => return Err(AppError::invalid("state", "Chọn đang chờ, đã xử lý hoặc không ghi").into()),
    };
    let page = Page {
        kind: asked.kind,
        ward: asked.ward.as_deref().map(|w| id(w, "khoa")).transpose()?,
        reason: asked.reason,
        device: asked.device.as_deref().map(|d| id(d, "thiết bị")).transpose()?,
        past: asked.past,
        limit: PAGE,
    };
    Ok(Json(matching::waiting(&app, &who, which, page).await?))
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
