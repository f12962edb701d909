//! `/signing`: what the browser carries between the server and the agent beside the signer's own token.

use crate::App;
use crate::app::AppError;
use crate::app::signing;
use crate::http::error::Answer;
use crate::http::extract::{Glance, Who};
use crate::view_terminal::{SealedStatement, SignAgent, SignAuthority};
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_sign::Trouble;
use benhan_sign::statement::MOST_DIGESTS;
use serde::Deserialize;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Shorter than proxies wait.
const LONG_POLL: Duration = Duration::from_secs(20);
/// RSA-8192 in base64, and then some.
const LONGEST_SIGNATURE: usize = 2_048;

pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(agent).service(authority).service(asked).service(answers);
}

/// Where the agent of one's own computer is, and the code that is typed when it is paired.
#[utoipa::path(tag = "signing", responses((status = 200, body = SignAgent)))]
#[get("/signing/agent")]
async fn agent(_who: Who, app: Data<App>) -> Answer<Json<SignAgent>> {
    Ok(Json(signing::agent(&app)))
}

/// The key that seals statements, for an agent that is being paired. For everybody: it is public.
#[utoipa::path(tag = "signing", responses((status = 200, body = SignAuthority)))]
#[get("/signing/authority")]
async fn authority(app: Data<App>) -> Answer<Json<SignAuthority>> {
    Ok(Json(signing::authority(&app)))
}

/// Waits for what the agent is to sign for this session; 204 when there is nothing within twenty seconds, or when another
/// request for the same came after it. What was given and not answered is then given again, under another nonce.
#[utoipa::path(tag = "signing", responses((status = 200, body = SealedStatement), (status = 204)))]
#[get("/signing/asked")]
async fn asked(who: Glance, app: Data<App>, shutdown: Data<CancellationToken>) -> Answer<HttpResponse> {
    let found = tokio::select! {
        found = signing::asked(&app, &who.0, LONG_POLL) => found?,
        () = shutdown.cancelled() => None,
    };
    Ok(found.map_or_else(|| HttpResponse::NoContent().finish(), |sealed| HttpResponse::Ok().json(sealed)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DigestAnswer {
    /// In base64.
    signature: Option<String>,
    /// Why there is none: `key-unreachable`, `key-bad-pin`, …
    trouble: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenAnswers {
    nonce: String,
    /// One for each digest of the statement, in its order.
    #[serde(default)]
    answers: Vec<DigestAnswer>,
    /// Instead: why there is none at all.
    trouble: Option<String>,
    /// One more wrong PIN locks the token.
    #[serde(default)]
    last: bool,
}

impl TokenAnswers {
    fn said(self) -> Result<Vec<Result<Vec<u8>, Trouble>>, Trouble> {
        let trouble = |code: &str| Trouble::from_code(code, self.last).unwrap_or(Trouble::Refused);
        if let Some(code) = &self.trouble {
            return Err(trouble(code));
        }
        if self.answers.len() > MOST_DIGESTS {
            return Err(Trouble::BadSignature);
        }
        let one = |answer: &DigestAnswer| match (&answer.signature, &answer.trouble) {
            (Some(text), None) if text.len() <= LONGEST_SIGNATURE => {
                STANDARD.decode(text).map_err(|_| Trouble::BadSignature)
            }
            (None, Some(code)) => Err(trouble(code)),
            _ => Err(Trouble::BadSignature),
        };
        Ok(self.answers.iter().map(one).collect())
    }
}

/// What the agent answered to a statement. 409 `not-asked` when nobody waits for it any more.
#[utoipa::path(tag = "signing", request_body = TokenAnswers, responses((status = 204)))]
#[post("/signing/answers")]
async fn answers(who: Who, app: Data<App>, body: Json<TokenAnswers>) -> Answer<HttpResponse> {
    let answers = body.into_inner();
    let nonce = answers.nonce.parse().map_err(|_| AppError::not_found("lượt ký"))?;
    signing::answered(&app, &who, nonce, answers.said())?;
    Ok(HttpResponse::NoContent().finish())
}
