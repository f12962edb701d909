//! The URL table of `/api/v1`. Each resource's file says what its verbs do.

use super::api;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// The resources, for the app and for the OpenAPI document alike.
pub fn resources(cfg: &mut ServiceConfig<'_>) {
    api::accounts::routes(cfg);
    api::security_keys::routes(cfg);
    api::wards::routes(cfg);
    api::vitals::routes(cfg);
    api::notes::routes(cfg);
    api::entry_scans::routes(cfg);
    api::forms::routes(cfg);
    api::paper::routes(cfg);
    api::paper_scans::routes(cfg);
    api::patients::routes(cfg);
    api::encounters::routes(cfg);
    api::documents::routes(cfg);
    api::orders::routes(cfg);
    api::results::routes(cfg);
    api::studies::routes(cfg);
    api::waiting::routes(cfg);
    api::administration::routes(cfg);
    api::signers::routes(cfg);
    api::terminal_signing::routes(cfg);
    api::attention::routes(cfg);
    api::house_decisions::routes(cfg);
    api::department_seals::routes(cfg);
    api::incidents::routes(cfg);
    api::downtime::routes(cfg);
    api::security_incidents::routes(cfg);
    api::records::routes(cfg);
    api::destruction::routes(cfg);
    api::requests::routes(cfg);
    api::confirmations::routes(cfg);
    api::consents::routes(cfg);
    api::subject_requests::routes(cfg);
    api::sessions::routes(cfg);
    api::access_hours::routes(cfg);
    api::emergency::routes(cfg);
    api::restriction::routes(cfg);
    api::treatment::routes(cfg);
    api::reading::routes(cfg);
    api::authorities::routes(cfg);
    api::policy::routes(cfg);
}

/// The document that clients are generated from.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(super::openapi::Api::openapi());
    app.service(utoipa_actix_web::scope("/api/v1").configure(resources)).split_for_parts().1
}
