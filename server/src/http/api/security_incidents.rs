//! `/security-incidents`: attacks on the systems and breaches of personal data, and the reports that are owed for them.

use crate::App;
use crate::app::security_incidents::{self, Said, Sent};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant};
use crate::view_security::{SecurityIncident, SecurityWaiting};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use benhan_domain::security_incident::{Concerns, Duty, Severity};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(enter).service(waiting).service(amend).service(report).service(close);
}

/// All of them, the one that was discovered last first. For administrator, director and auditor.
#[utoipa::path(tag = "incidents", responses((status = 200, body = Vec<SecurityIncident>)))]
#[get("/security-incidents")]
async fn list(who: Who, app: Data<App>) -> Answer<Json<Vec<SecurityIncident>>> {
    Ok(Json(security_incidents::list(&app, &who).await?))
}

/// Reports of open incidents that nobody has sent, the most urgent first.
#[utoipa::path(tag = "incidents", responses((status = 200, body = Vec<SecurityWaiting>)))]
#[get("/security-incidents/waiting")]
async fn waiting(who: Who, app: Data<App>) -> Answer<Json<Vec<SecurityWaiting>>> {
    Ok(Json(security_incidents::waiting(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSecurityIncident {
    discovered_at: String,
    known: KnownOfIt,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KnownOfIt {
    /// systems, personal-data or both.
    #[schema(value_type = String)]
    concerns: Concerns,
    /// ordinary, serious or at-once: of the part that concerns the systems.
    #[schema(value_type = String)]
    severity: Severity,
    what: String,
    /// People; none: not known yet.
    affected: Option<i64>,
    /// Of data, and whose. No name of a patient.
    categories: String,
    measures: String,
}

impl From<KnownOfIt> for Said {
    fn from(known: KnownOfIt) -> Self {
        let KnownOfIt { concerns, severity, what, affected, categories, measures } = known;
        Self { concerns, severity, what, affected, categories, measures }
    }
}

/// The clocks of its reports run from the discovery.
#[utoipa::path(tag = "incidents", request_body = NewSecurityIncident, responses((status = 201, body = SecurityIncident)))]
#[post("/security-incidents")]
async fn enter(who: Who, app: Data<App>, body: Json<NewSecurityIncident>) -> Answer<HttpResponse> {
    let b = body.into_inner();
    let discovered = instant(&b.discovered_at, "discoveredAt")?;
    let entered = security_incidents::enter(&app, &who, discovered, b.known.into()).await?;
    Ok(HttpResponse::Created().json(entered))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MoreOfIt {
    /// The version that was on the screen.
    seen: i64,
    known: KnownOfIt,
}

/// What is known by now, whole, as the next version. 409 `version-conflict`, `already-handled`.
#[utoipa::path(tag = "incidents", params(("incident" = String, Path)), request_body = MoreOfIt, responses((status = 200, body = SecurityIncident)))]
#[post("/security-incidents/{incident}/amend")]
async fn amend(
    who: Who,
    app: Data<App>,
    incident: Path<String>,
    body: Json<MoreOfIt>,
) -> Answer<Json<SecurityIncident>> {
    let MoreOfIt { seen, known } = body.into_inner();
    Ok(Json(security_incidents::amend(&app, &who, id(&incident, "sự cố")?, seen, known.into()).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SentReport {
    /// first-notice, incident-report or breach-notice.
    #[schema(value_type = String)]
    duty: Duty,
    recipient: String,
    /// Number of the paper, or how it was sent.
    reference: String,
    sent_at: String,
}

/// Notes a report that went out; it stays. 409 `already-handled`.
#[utoipa::path(tag = "incidents", params(("incident" = String, Path)), request_body = SentReport, responses((status = 200, body = SecurityIncident)))]
#[post("/security-incidents/{incident}/reports")]
async fn report(
    who: Who,
    app: Data<App>,
    incident: Path<String>,
    body: Json<SentReport>,
) -> Answer<Json<SecurityIncident>> {
    let b = body.into_inner();
    let at = instant(&b.sent_at, "sentAt")?;
    let sent = Sent { duty: b.duty, recipient: b.recipient, reference: b.reference, at };
    Ok(Json(security_incidents::report(&app, &who, id(&incident, "sự cố")?, sent).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Conclusion {
    /// What it came to; where a report was not sent, why.
    closing: String,
    /// A report that is owed is not sent, on purpose.
    #[serde(default)]
    unsent: bool,
}

/// 409 `reports-missing` while one that is owed was not sent and nobody said why; `already-handled`.
#[utoipa::path(tag = "incidents", params(("incident" = String, Path)), request_body = Conclusion, responses((status = 200, body = SecurityIncident)))]
#[post("/security-incidents/{incident}/close")]
async fn close(
    who: Who,
    app: Data<App>,
    incident: Path<String>,
    body: Json<Conclusion>,
) -> Answer<Json<SecurityIncident>> {
    let Conclusion { closing, unsent } = body.into_inner();
    Ok(Json(security_incidents::close(&app, &who, id(&incident, "sự cố")?, &closing, unsent).await?))
}
