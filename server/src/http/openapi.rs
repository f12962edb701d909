//! The head of the OpenAPI document; paths and schemas come from the handlers.

use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Benhan",
        description = "The paperless hospital record. Instants are RFC 3339 UTC; every unsafe request carries X-CSRF-Token \
                       from the session; errors are application/problem+json with a Vietnamese `detail` and a stable `code`."
    ),
    components(schemas(super::error::Problem))
)]
pub struct Api;
