//! The door for the gateway and the bridge: a bearer token, never a session.

use super::error::{Answer, Failure};
use crate::App;
use crate::app::{AppError, attention, error::Kind, ingest, orders, studies};
use actix_web::dev::Payload;
use actix_web::web::{Data, Json, JsonConfig, ServiceConfig, resource};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use benhan_contract::{AttentionReport, Deliveries, LiveBatch, StudyDelivery};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// Shows that the request came with the token of this installation.
struct Program;

impl FromRequest for Program {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shown =
            req.headers().get("Authorization").and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
        let kept = req.app_data::<Data<App>>().map(|app| app.secrets.ingest_token.clone()).unwrap_or_default();
        // Compared as hashes: the time it takes says nothing about the token.
        let right = shown.is_some_and(|s| !kept.is_empty() && Sha256::digest(s) == Sha256::digest(&kept));
        let detail = "Chỉ cổng thiết bị và cầu PACS của bệnh viện gửi được vào đây.";
        ready(if right { Ok(Self) } else { Err(AppError::refused(Kind::Unauthenticated, "bad-token", detail).into()) })
    }
}

async fn deliveries(_: Program, app: Data<App>, body: Json<Deliveries>) -> Answer<HttpResponse> {
    let receipts = ingest::deliveries(&app, body.into_inner()).await?;
    Ok(HttpResponse::Accepted().json(receipts))
}

async fn live(_: Program, app: Data<App>, beds: Data<ingest::LiveBeds>, body: Json<LiveBatch>) -> Answer<HttpResponse> {
    ingest::live(&app, &beds, body.into_inner()).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn study(_: Program, app: Data<App>, body: Json<StudyDelivery>) -> Answer<HttpResponse> {
    let receipts = studies::receive(&app, vec![body.into_inner()]).await?;
    Ok(HttpResponse::Accepted().json(receipts))
}

async fn worklist(_: Program, app: Data<App>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(orders::worklist(&app).await?))
}

async fn lab_worklist(_: Program, app: Data<App>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(orders::lab_worklist(&app).await?))
}

async fn attention(_: Program, app: Data<App>, body: Json<AttentionReport>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(attention::report(&app, body.into_inner()).await?))
}

/// The longest list there may be, with the longest texts.
const MAX_REPORT_BYTES: usize = 1 << 20;
/// 500 deliveries of 64 kB each: what a spool sends at most after an outage.
const MAX_BATCH_BYTES: usize = 32 << 20;

pub fn routes(cfg: &mut ServiceConfig) {
    let up_to = |bytes| JsonConfig::default().limit(bytes).error_handler(super::server::bad_json);
    let scope = web::scope("/ingest")
        .app_data(up_to(MAX_BATCH_BYTES))
        .service(resource("/attention").app_data(up_to(MAX_REPORT_BYTES)).post(attention))
        .service(resource("/deliveries").post(deliveries))
        .service(resource("/lab-worklist").get(lab_worklist))
        .service(resource("/live").post(live))
        .service(resource("/studies").post(study))
        .service(resource("/worklist").get(worklist));
    cfg.service(scope);
}
