//! Who may ask the agent, and for what: pages of the paired origin, on this computer, through their browser.

use crate::Agent;
use crate::batches::Refused;
use benhan_holders::SecretString;
use benhan_sign::Trouble;
use benhan_sign::statement::{BadStatement, LONGEST, Sealed};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Body;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const BODY: Duration = Duration::from_secs(10);
const LONGEST_PIN: usize = 64;

pub(crate) type Reply = Response<Full<Bytes>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToSign {
    statement: String,
    seal: String,
    /// With the first statement of a batch.
    pin: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToClose {
    batch: String,
}

/// A token as the browser shows it.
#[derive(Serialize)]
struct Seen {
    serial: String,
    label: String,
    locked: bool,
    keys: Vec<SeenKey>,
}

#[derive(Serialize)]
struct SeenKey {
    key: String,
    label: String,
    subject: Option<String>,
    pem: Option<String>,
}

/// Why a request is not answered as it wishes.
struct No(StatusCode, &'static str);

impl Agent {
    pub(crate) async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Reply
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if let Err(No(status, code)) = self.stranger(request.headers()) {
            tracing::warn!(code, "turned away");
            // Without the header that would let a strange page read it.
            return reply(status, &json!({ "code": code }));
        }
        let origin = HeaderValue::from_str(&self.origin);
        let mut answer = match self.route(request).await {
            Ok(answer) => answer,
            Err(No(status, code)) => {
                tracing::warn!(code, "refused");
                reply(status, &json!({ "code": code }))
            }
        };
        if let Ok(origin) = origin {
            answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        answer
    }

    /// Another page's, or one that a name which was made to point here leads to.
    fn stranger(&self, headers: &HeaderMap) -> Result<(), No> {
        let one = |name| {
            let mut all = headers.get_all(name).iter();
            all.next().filter(|_| all.next().is_none()).and_then(|value| value.to_str().ok())
        };
        if !one(header::HOST).is_some_and(|host| self.hosts.iter().any(|mine| mine == host)) {
            return Err(No(StatusCode::MISDIRECTED_REQUEST, "other-host"));
        }
        if one(header::ORIGIN) != Some(self.origin.as_str()) {
            return Err(No(StatusCode::FORBIDDEN, "other-origin"));
        }
        Ok(())
    }

    async fn route<B>(self: Arc<Self>, request: Request<B>) -> Result<Reply, No>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        match (request.method(), request.uri().path()) {
            (&Method::OPTIONS, _) => Ok(allowed()),
            (&Method::GET, "/v1/state") => self.state().await,
            (&Method::POST, "/v1/sign") => self.sign(body(request).await?).await,
            (&Method::POST, "/v1/close") => {
                let ToClose { batch } = body(request).await?;
                self.batches.close(&batch);
                Ok(reply(StatusCode::OK, &json!({})))
            }
            _ => Err(No(StatusCode::NOT_FOUND, "not-found")),
        }
    }

    /// What is plugged in.
    async fn state(self: Arc<Self>) -> Result<Reply, No> {
        let seen = blocking(move || {
            self.batches.tidy();
            self.tokens.seen()
        });
        let (tokens, trouble) = match seen.await? {
            Ok(tokens) => (tokens, None),
            Err(trouble) => (Vec::new(), Some(Trouble::code(trouble))),
        };
        let tokens = tokens.into_iter().map(|token| Seen {
            keys: token
                .keys
                .into_iter()
                .map(|key| SeenKey {
                    key: key.key.to_string(),
                    label: key.label,
                    subject: key.certificate.as_ref().map(benhan_sign::Certificate::subject),
                    pem: key.certificate.as_ref().map(benhan_sign::Certificate::to_pem),
                })
                .collect(),
            serial: token.serial,
            label: token.label,
            locked: token.locked,
        });
        let tokens: Vec<Seen> = tokens.collect();
        Ok(reply(
            StatusCode::OK,
            &json!({ "version": env!("CARGO_PKG_VERSION"), "tokens": tokens, "trouble": trouble }),
        ))
    }

    async fn sign(self: Arc<Self>, asked: ToSign) -> Result<Reply, No> {
        let now = (self.now)();
        let pin = match asked.pin {
            Some(pin) if pin.is_empty() || pin.len() > LONGEST_PIN => return Err(bad("bad-pin-length")),
            pin => pin.map(SecretString::from),
        };
        let sealed = Sealed { statement: asked.statement, seal: asked.seal };
        let statement = self.authority.read(&sealed, now).map_err(|no| match no {
            BadStatement::Seal => No(StatusCode::FORBIDDEN, "other-server"),
            BadStatement::Shape => bad("bad-statement"),
            BadStatement::Time => No(StatusCode::FORBIDDEN, "statement-over"),
        })?;
        let signatures = statement.digests.len();
        let done = blocking(move || self.batches.follow(&statement, pin, now)).await?;
        let done = done.map_err(|no| match no {
            Refused::Again => No(StatusCode::CONFLICT, "statement-used"),
            Refused::Malformed => bad("bad-statement"),
            Refused::NoPin => bad("pin-missing"),
            Refused::TooMany => No(StatusCode::TOO_MANY_REQUESTS, "key-busy"),
        })?;
        tracing::info!(signatures, "the token was asked");
        Ok(reply(StatusCode::OK, &done))
    }
}

fn bad(code: &'static str) -> No {
    No(StatusCode::BAD_REQUEST, code)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, No> {
    tokio::task::spawn_blocking(work).await.map_err(|_| No(StatusCode::INTERNAL_SERVER_ERROR, "broken"))
}

/// JSON alone: a form of another page cannot send that without asking first.
async fn body<T: DeserializeOwned, B>(request: Request<B>) -> Result<T, No>
where
    B: Body<Data = Bytes> + Send + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind != Some("application/json") {
        return Err(No(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json"));
    }
    let read = Limited::new(request.into_body(), LONGEST.saturating_mul(2)).collect();
    let whole = tokio::time::timeout(BODY, read).await.map_err(|_| No(StatusCode::REQUEST_TIMEOUT, "too-slow"))?;
    let whole = whole.map_err(|_| No(StatusCode::PAYLOAD_TOO_LARGE, "too-large"))?;
    serde_json::from_slice(&whole.to_bytes()).map_err(|_| bad("bad-body"))
}

/// The answer to a preflight, with the word that lets a page of the house speak to its own computer.
fn allowed() -> Reply {
    let mut answer = reply(StatusCode::OK, &json!({}));
    let headers = answer.headers_mut();
    for (name, value) in [
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "content-type"),
        ("access-control-allow-private-network", "true"),
        ("access-control-max-age", "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn reply(status: StatusCode, body: &impl Serialize) -> Reply {
    let text = serde_json::to_vec(body).unwrap_or_default();
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("vary", "Origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests;
