//! `/authorities`: whose certificates this hospital believes, and every change of it.

use crate::App;
use crate::app::trusting;
use crate::http::error::Answer;
use crate::http::extract::Who;
use crate::view_access::TrustedAuthority;
use actix_web::get;
use actix_web::web::{Data, Json};
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list);
}

/// The newest change first. They are made on the machine: `benhan trust`.
#[utoipa::path(tag = "access", responses((status = 200, body = Vec<TrustedAuthority>)))]
#[get("/authorities")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Vec<TrustedAuthority>>> {
    Ok(Json(trusting::list(&app, &who).await?))
}
