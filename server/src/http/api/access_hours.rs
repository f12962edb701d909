//! `/access-hours`: when people may use the program.

use crate::App;
use crate::app::{AppError, hours};
use crate::http::error::Answer;
use crate::http::extract::{Who, id};
use crate::view_access::AccessHours;
use actix_web::web::{Data, Json};
use actix_web::{get, post};
use benhan_domain::access::Role;
use benhan_domain::access_hours::Hours;
use benhan_store::access_hours::Subject;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(set);
}

/// What is set. For the administrator.
#[utoipa::path(tag = "access", responses((status = 200, body = AccessHours)))]
#[get("/access-hours")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<AccessHours>> {
    Ok(Json(hours::list(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewHours {
    /// Of a role, or with `userId` of one account in its role's place.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    user_id: Option<String>,
    /// None takes away what was set.
    #[schema(value_type = Option<Object>)]
    hours: Option<Hours>,
}

/// Sets a week of windows; it holds with the next request. 422 when it is no week or shuts out the caller now.
#[utoipa::path(tag = "access", request_body = NewHours, responses((status = 200, body = AccessHours)))]
#[post("/access-hours")]
async fn set(who: Who, app: Data<App>, body: Json<NewHours>) -> Answer<Json<AccessHours>> {
    let NewHours { role, user_id, hours } = body.into_inner();
    let subject = match (role, user_id) {
        (Some(role), None) => Subject::Role(role),
        (None, Some(user)) => Subject::User(id(&user, "người dùng")?),
        _ => return Err(AppError::invalid("role", "Chọn một vai trò hoặc một người").into()),
    };
    Ok(Json(hours::set(&app, &who, subject, hours).await?))
}
