//! `/vitals` and `/encounters/{id}/vitals`: entering, accepting, correcting.

use crate::App;
use crate::app::AppError;
use crate::app::charting::{self, Correction, Entry};
use crate::app::signing::{self, SetToSign};
use crate::http::error::Answer;
use crate::http::extract::{Who, id, instant, retry_key};
use crate::view::{Range, RoundSigned, UnsignedSet, VitalInput, VitalSet};
use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use benhan_domain::observation::CorrectionReason;
use benhan_domain::vitals::KINDS;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(ranges)
        .service(unsigned)
        .service(sign)
        .service(chart)
        .service(enter)
        .service(versions)
        .service(accept)
        .service(reject)
        .service(reject_all)
        .service(correct)
        .service(restore);
}

/// What each vital sign may plausibly be. Outside soft needs a reason, outside hard is refused.
#[utoipa::path(tag = "vitals", responses((status = 200, body = Vec<Range>)))]
#[get("/vitals/ranges")]
async fn ranges(_: Who) -> Json<Vec<Range>> {
    let of = KINDS.iter().map(|k| Range {
        code: k.code,
        name: k.name.into(),
        unit: k.unit.into(),
        decimals: k.decimals,
        hard_low: k.hard.0,
        hard_high: k.hard.1,
        soft_low: k.soft.0,
        soft_high: k.soft.1,
    });
    Json(of.collect())
}

/// What the caller has still to sign, over all stays, oldest first, at most 400.
#[utoipa::path(tag = "vitals", responses((status = 200, body = Vec<UnsignedSet>)))]
#[get("/vitals/unsigned")]
async fn unsigned(who: Who, app: Data<App>) -> Answer<Json<Vec<UnsignedSet>>> {
    Ok(Json(charting::unsigned(&app, &who).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignSets {
    pub pin: String,
    set_ids: Vec<String>,
    /// Which version of each was shown, in the order of `setIds`: another one is not signed.
    versions: Option<Vec<i64>>,
}

impl SignSets {
    pub fn sets(&self) -> Answer<Vec<SetToSign>> {
        let Some(shown) = &self.versions else {
            return self.set_ids.iter().map(|set| Ok(SetToSign { set: id(set, "lượt đo")?, version: None })).collect();
        };
        if shown.len() != self.set_ids.len() {
            return Err(AppError::invalid("versions", "Mỗi lượt đo phải kèm phiên bản đã xem").into());
        }
        let as_shown =
            |(set, version): (&String, &i64)| Ok(SetToSign { set: id(set, "lượt đo")?, version: Some(*version) });
        self.set_ids.iter().zip(shown).map(as_shown).collect()
    }
}

/// One PIN signs the caller's own sets, wherever their patients are now; what cannot be signed is named in `failed`.
#[utoipa::path(tag = "vitals", request_body = SignSets, responses((status = 200, body = RoundSigned)))]
#[post("/vitals/unsigned/sign")]
async fn sign(who: Who, app: Data<App>, body: Json<SignSets>) -> Answer<Json<RoundSigned>> {
    let (sets, pin) = (body.sets()?, body.into_inner().pin);
    Ok(Json(signing::sign_mine(&app, &who, sets, pin).await?))
}

#[derive(Deserialize)]
struct Span {
    from: Option<String>,
    to: Option<String>,
}

/// A stay's sets, oldest first, at most 2,000.
#[utoipa::path(tag = "vitals", params(("stay" = String, Path), ("from" = Option<String>, Query), ("to" = Option<String>, Query)),
    responses((status = 200, body = Vec<VitalSet>)))]
#[get("/encounters/{stay}/vitals")]
async fn chart(who: Who, app: Data<App>, stay: Path<String>, span: Query<Span>) -> Answer<Json<Vec<VitalSet>>> {
    let from = span.from.as_deref().map(|t| instant(t, "from")).transpose()?.map_or(0, |i| i.0);
    let to = span.to.as_deref().map(|t| instant(t, "to")).transpose()?.map_or(i64::MAX, |i| i.0);
    Ok(Json(charting::chart(&app, &who, id(&stay, "đợt điều trị")?, from, to).await?))
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewVitals {
    effective_at: String,
    values: Vec<VitalInput>,
    based_on: Option<String>,
}

/// Enters a set, or accepts a device's set (`basedOn`) with changes. 422 names the cell in `fields`.
#[utoipa::path(tag = "vitals", params(("stay" = String, Path)), request_body = NewVitals, responses((status = 201, body = VitalSet)))]
#[post("/encounters/{stay}/vitals")]
async fn enter(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    stay: Path<String>,
    body: Json<NewVitals>,
) -> Answer<HttpResponse> {
    let body = body.into_inner();
    let retry = retry_key(&req, &body)?;
    let based_on = body.based_on.as_deref().map(|s| id(s, "lượt đo của máy")).transpose()?;
    let entry = Entry { effective_at: instant(&body.effective_at, "effectiveAt")?, values: body.values, based_on };
    let set = charting::enter(&app, &who, id(&stay, "đợt điều trị")?, entry, retry).await?;
    Ok(HttpResponse::Created().json(set))
}

#[utoipa::path(tag = "vitals", params(("set" = String, Path)), responses((status = 200, body = Vec<VitalSet>)))]
#[get("/vitals/{set}/versions")]
async fn versions(who: Who, app: Data<App>, set: Path<String>) -> Answer<Json<Vec<VitalSet>>> {
    Ok(Json(charting::versions(&app, &who, id(&set, "lượt đo")?).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    version: i64,
}

/// Takes a device's set as it is. 409 when it has grown old or somebody was first.
#[utoipa::path(tag = "vitals", params(("set" = String, Path)), request_body = Seen, responses((status = 200, body = VitalSet)))]
#[post("/vitals/{set}/accept")]
async fn accept(who: Who, app: Data<App>, set: Path<String>, body: Json<Seen>) -> Answer<Json<VitalSet>> {
    Ok(Json(charting::accept(&app, &who, id(&set, "lượt đo")?, body.version).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rejection {
    version: i64,
    reason: String,
}

#[utoipa::path(tag = "vitals", params(("set" = String, Path)), request_body = Rejection, responses((status = 200, body = VitalSet)))]
#[post("/vitals/{set}/reject")]
async fn reject(who: Who, app: Data<App>, set: Path<String>, body: Json<Rejection>) -> Answer<Json<VitalSet>> {
    let Rejection { version, reason } = body.into_inner();
    Ok(Json(charting::reject(&app, &who, id(&set, "lượt đo")?, version, reason).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectionOfAll {
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct Rejected {
    sets: usize,
}

/// Refuses the sets of devices that nobody has accepted, at most 1,000 at one time.
#[utoipa::path(tag = "vitals", params(("stay" = String, Path)), request_body = RejectionOfAll, responses((status = 200, body = Rejected)))]
#[post("/encounters/{stay}/vitals/reject-proposals")]
async fn reject_all(
    who: Who,
    app: Data<App>,
    stay: Path<String>,
    body: Json<RejectionOfAll>,
) -> Answer<Json<Rejected>> {
    let reason = body.into_inner().reason;
    let sets = charting::reject_all(&app, &who, id(&stay, "đợt điều trị")?, reason).await?;
    Ok(Json(Rejected { sets }))
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewCorrection {
    version: i64,
    #[schema(value_type = String)]
    reason_code: CorrectionReason,
    reason: String,
    values: Vec<VitalInput>,
}

/// Replaces the set by a version that says why. The old one stays readable.
#[utoipa::path(tag = "vitals", params(("set" = String, Path)), request_body = NewCorrection, responses((status = 200, body = VitalSet)))]
#[post("/vitals/{set}/correct")]
async fn correct(who: Who, app: Data<App>, set: Path<String>, body: Json<NewCorrection>) -> Answer<Json<VitalSet>> {
    let NewCorrection { version, reason_code, reason, values } = body.into_inner();
    let with = Correction { version, reason_code, reason, values };
    Ok(Json(charting::correct(&app, &who, id(&set, "lượt đo")?, with).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Restoration {
    version: i64,
    reason: String,
}

/// A withdrawn set stands again, with a reason; every version stays. 409 when it is not withdrawn: a device's set that was refused never stood.
#[utoipa::path(tag = "vitals", params(("set" = String, Path)), request_body = Restoration, responses((status = 200, body = VitalSet)))]
#[post("/vitals/{set}/restore")]
async fn restore(who: Who, app: Data<App>, set: Path<String>, body: Json<Restoration>) -> Answer<Json<VitalSet>> {
    let Restoration { version, reason } = body.into_inner();
    Ok(Json(charting::restore(&app, &who, id(&set, "lượt đo")?, version, reason).await?))
}
