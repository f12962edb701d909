//! `/policy`: who may do what, as a table.

use crate::app::policy;
use crate::http::error::Answer;
use crate::http::extract::Who;
use crate::view_access::PolicyLine;
use actix_web::get;
use actix_web::web::Json;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(table);
}

/// Every kind of record × verb, and how far each role's right reaches. For the administrator and the auditor.
#[utoipa::path(tag = "access", responses((status = 200, body = Vec<PolicyLine>)))]
#[get("/policy")]
async fn table(who: Who) -> Answer<Json<Vec<PolicyLine>>> {
    Ok(Json(policy::table(&who)?))
}
