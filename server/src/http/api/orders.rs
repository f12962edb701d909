//! `/catalog`, `/orders`, `/specimens`: ordering, taking specimens, labels.

use crate::App;
use crate::app::AppError;
use crate::app::orders;
use crate::http::error::{Answer, Failure};
use crate::http::extract::{Who, id, retry_key};
use crate::view_orders::{CatalogItem, Order};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use benhan_domain::order::{OrderKind, OrderState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(catalog).service(list).service(of_stay).service(place).service(collect).service(cancel).service(label);
}

/// Everything that may be ordered, in the order of the paper form.
#[utoipa::path(tag = "orders", responses((status = 200, body = Vec<CatalogItem>)))]
#[get("/catalog")]
async fn catalog(_who: Who, app: Data<App>) -> Answer<Json<Vec<CatalogItem>>> {
    Ok(Json(orders::catalog(&app).await?))
}

#[derive(Deserialize)]
struct Which {
    ward: Option<String>,
    kind: Option<String>,
    state: Option<String>,
}

fn word<T>(text: Option<&str>, field: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, Failure> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(None) };
    let unknown = || AppError::invalid(field, "Không có loại hoặc trạng thái này");
    Ok(Some(parse(text).ok_or_else(unknown)?))
}

/// Newest first; without a ward those of every ward that the caller may open.
#[utoipa::path(tag = "orders", params(("ward" = Option<String>, Query), ("kind" = Option<String>, Query),
    ("state" = Option<String>, Query)), responses((status = 200, body = Vec<Order>)))]
#[get("/orders")]
async fn list(who: Who, app: Data<App>, which: Query<Which>) -> Answer<Json<Vec<Order>>> {
    let ward = which.ward.as_deref().filter(|w| !w.is_empty()).map(|w| id(w, "khoa")).transpose()?;
    let kind = word(which.kind.as_deref(), "kind", OrderKind::parse)?;
    let state = word(which.state.as_deref(), "state", OrderState::parse)?;
    Ok(Json(orders::list(&app, &who, ward, (kind, state)).await?))
}

#[utoipa::path(tag = "orders", params(("stay" = String, Path)), responses((status = 200, body = Vec<Order>)))]
#[get("/encounters/{stay}/orders")]
async fn of_stay(who: Who, app: Data<App>, stay: Path<String>) -> Answer<Json<Vec<Order>>> {
    Ok(Json(orders::of_stay(&app, &who, id(&stay, "đợt điều trị")?).await?))
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrders {
    /// Catalog codes. Lab items of one specimen type share one tube.
    items: Vec<String>,
}

#[utoipa::path(tag = "orders", params(("stay" = String, Path)), request_body = NewOrders, responses((status = 201, body = Vec<Order>)))]
#[post("/encounters/{stay}/orders")]
async fn place(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    stay: Path<String>,
    body: Json<NewOrders>,
) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let retry = retry_key(&req, &body)?;
    let placed = orders::place(&app, &who, id(&stay, "đợt điều trị")?, body.items, retry).await?;
    Ok(HttpResponse::Created().json(placed))
}

/// The specimen is taken; all orders that share it move on.
#[utoipa::path(tag = "orders", params(("order" = String, Path)), responses((status = 200, body = Order)))]
#[post("/orders/{order}/collect")]
async fn collect(who: Who, app: Data<App>, order: Path<String>) -> Answer<Json<Order>> {
    Ok(Json(orders::collect(&app, &who, id(&order, "chỉ định")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    reason: String,
}

#[utoipa::path(tag = "orders", params(("order" = String, Path)), request_body = Cancellation, responses((status = 200, body = Order)))]
#[post("/orders/{order}/cancel")]
async fn cancel(who: Who, app: Data<App>, order: Path<String>, body: Json<Cancellation>) -> Answer<Json<Order>> {
    Ok(Json(orders::cancel(&app, &who, id(&order, "chỉ định")?, body.into_inner().reason).await?))
}

/// The tube's label, 50 × 25 mm, with its Code 128 bars. Each printing is audited.
#[utoipa::path(tag = "orders", params(("barcode" = String, Path)),
    responses((status = 200, content_type = "image/svg+xml", body = String)))]
#[get("/specimens/{barcode}/label.svg")]
async fn label(who: Who, app: Data<App>, barcode: Path<String>) -> Answer<HttpResponse> {
    let svg = orders::label(&app, &who, &barcode).await?;
    Ok(HttpResponse::Ok().content_type("image/svg+xml; charset=utf-8").body(svg))
}
