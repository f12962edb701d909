//! `/house-decisions`: what the hospital has decided about its electronic record.

use crate::App;
use crate::app::AppError;
use crate::app::house_decisions::{self, Entered};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view_record::HouseDecisions;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::house_decision::DecisionKind;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(enter).service(withdraw);
}

/// Also those that were withdrawn, the one that was entered last first.
#[utoipa::path(tag = "administration", responses((status = 200, body = HouseDecisions)))]
#[get("/house-decisions")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<HouseDecisions>> {
    Ok(Json(house_decisions::list(&app, &who).await?))
}

/// `kind`: `paperless`, `signing-rules` or `record-rules`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewHouseDecision {
    kind: String,
    /// Its number and date.
    decision: String,
    from: String,
}

/// A decision that is in force, or will be.
#[utoipa::path(tag = "administration", request_body = NewHouseDecision, responses((status = 201, body = HouseDecisions)))]
#[post("/house-decisions")]
async fn enter(who: Who, app: Data<App>, body: Json<NewHouseDecision>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let kind = DecisionKind::parse(&b.kind).ok_or_else(|| AppError::invalid("kind", "Chọn loại quyết định"))?;
    let new = Entered { kind, decision: b.decision, from: instant(&b.from, "from")? };
    Ok(HttpResponse::Created().json(house_decisions::enter(&app, &who, new).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithdrawnDecision {
    reason: String,
}

/// From now on; records that were begun under it stay as they are. 409 `already-withdrawn`.
#[utoipa::path(tag = "administration", params(("decision" = String, Path)), request_body = WithdrawnDecision, responses((status = 200, body = HouseDecisions)))]
#[post("/house-decisions/{decision}/withdraw")]
async fn withdraw(
    who: Who,
    app: Data<App>,
    decision: Path<String>,
    body: Json<WithdrawnDecision>,
) -> Answer<Json<HouseDecisions>> {
    let of = id(&decision, "quyết định")?;
    Ok(Json(house_decisions::withdraw(&app, &who, of, body.into_inner().reason).await?))
}
