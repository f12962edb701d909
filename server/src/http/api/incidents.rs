//! `/incidents`: IT incidents (sự cố công nghệ thông tin); `/late-entries`: what came late into the record.

use crate::App;
use crate::app::incidents::{self, Declaration};
use crate::app::late;
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view_late::{Incident, IncidentDeclared, LateEntry};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use benhan_domain::time::Instant;
use benhan_store::late_entries::Asked;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(declare).service(end).service(annul).service(report);
}

/// The house's and those of the caller's wards, annulled ones too, the one that began last first.
#[utoipa::path(tag = "incidents", responses((status = 200, body = Vec<Incident>)))]
#[get("/incidents")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Vec<Incident>>> {
    Ok(Json(incidents::list(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewIncident {
    /// None: the whole hospital, which the administrator alone declares.
    ward_id: Option<String>,
    started_at: String,
    /// None: it goes on.
    ended_at: Option<String>,
    system: String,
    reason: String,
    #[serde(default)]
    confirmed: bool,
}

/// Entries whose 12 hours it touches have 24 from now on, also those that are written already. 409 `incident-overlaps`
/// where the same place has one then; 409 `incident-long` for more than 30 days, until it is `confirmed`.
#[utoipa::path(tag = "incidents", request_body = NewIncident, responses((status = 201, body = IncidentDeclared)))]
#[post("/incidents")]
async fn declare(who: Who, app: Data<App>, body: Json<NewIncident>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let new = Declaration {
        ward: b.ward_id.as_deref().map(|w| id(w, "khoa")).transpose()?,
        started: instant(&b.started_at, "startedAt")?,
        ended: b.ended_at.as_deref().map(|t| instant(t, "endedAt")).transpose()?,
        system: b.system,
        reason: b.reason,
        confirmed: b.confirmed,
    };
    Ok(HttpResponse::Created().json(incidents::declare(&app, &who, new).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IncidentEnd {
    ended_at: String,
}

/// 409 `already-handled` when it has an end or was annulled.
#[utoipa::path(tag = "incidents", params(("incident" = String, Path)), request_body = IncidentEnd, responses((status = 200, body = Incident)))]
#[post("/incidents/{incident}/end")]
async fn end(who: Who, app: Data<App>, incident: Path<String>, body: Json<IncidentEnd>) -> Answer<Json<Incident>> {
    let at = instant(&body.ended_at, "endedAt")?;
    Ok(Json(incidents::end(&app, &who, id(&incident, "sự cố")?, at).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Annulment {
    reason: String,
}

/// It never was: it stays on the list with the reason, and extends nothing any more. 409 `already-handled`.
#[utoipa::path(tag = "incidents", params(("incident" = String, Path)), request_body = Annulment, responses((status = 200, body = Incident)))]
#[post("/incidents/{incident}/annul")]
async fn annul(who: Who, app: Data<App>, incident: Path<String>, body: Json<Annulment>) -> Answer<Json<Incident>> {
    Ok(Json(incidents::annul(&app, &who, id(&incident, "sự cố")?, body.into_inner().reason).await?))
}

#[derive(Deserialize)]
struct Part {
    ward: Option<String>,
    from: Option<String>,
    to: Option<String>,
    after: Option<String>,
}

/// What came into the record more than 12 hours after the act, recorded from `from` and before `to`, the last first; 100
/// lines, `after` is the id of the last line before. Of one ward, or of all that the caller answers for.
#[utoipa::path(tag = "incidents",
    params(("ward" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Vec<LateEntry>)))]
#[get("/late-entries")]
async fn report(who: Who, app: Data<App>, part: Query<Part>) -> Answer<Json<Vec<LateEntry>>> {
    let asked = Asked {
        ward: part.ward.as_deref().map(|w| id(w, "khoa")).transpose()?,
        from: part.from.as_deref().map(|t| instant(t, "from")).transpose()?.unwrap_or(Instant(i64::MIN)),
        to: part.to.as_deref().map(|t| instant(t, "to")).transpose()?.unwrap_or(Instant(i64::MAX)),
        after: part.after.as_deref().map(|e| id(e, "mục ghi muộn")).transpose()?,
    };
    Ok(Json(late::report(&app, &who, asked).await?))
}
