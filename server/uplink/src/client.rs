//! The server's ingest interface as a client sees it: HTTPS, one pinned CA, one token.
//!
//! It makes one call and says what became of it; trying again is the courier's business.

use crate::config::UplinkConfig;
use crate::wire::Wire;
use benhan_contract::{AttentionAnswer, AttentionReport, LabWorklist, LiveBatch, Receipt, Receipts, Worklist};
use reqwest::{RequestBuilder, Response, StatusCode, Url, header};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Answers are receipts and worklists: this is already far beyond any honest one.
const LARGEST_ANSWER: usize = 8 << 20;

/// A thousand pages of forms are a tenth of it.
const LARGEST_KIT: usize = 256 << 20;

/// The configuration cannot be used to reach a server.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("uplink.base_url is not a usable address: {0}")]
    Address(String),
    #[error("uplink.ca_file {path}: {cause}")]
    Authority { path: PathBuf, cause: String },
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// What became of a call that did not succeed. Texts carry no patient data.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Not reached, or the server asked to come back later.
    #[error("the server is away: {reason}")]
    Away { reason: String, retry_after: Option<Duration> },
    /// It was reached and did not answer in time, or the connection broke: perhaps the request was too much.
    #[error("the server did not answer: {reason}")]
    Unanswered {
        reason: String,
        /// The time was up: such a request is too much for this line.
        late: bool,
    },
    /// Our address, token or rights are wrong: no message is to blame.
    #[error("the server does not let this program in ({status}): check uplink.base_url and uplink.token")]
    NotLetIn { status: u16 },
    /// The server will never take this request as it is.
    #[error("the server refused the request ({status}): {reason}")]
    Refused { status: u16, reason: String },
    /// The server failed on this request, or its answer could not be understood.
    #[error("the server failed: {reason}")]
    Failed { reason: String },
}

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
    wire: Option<Arc<dyn Wire>>,
}

impl Client {
    /// # Errors
    /// When the address is not `https` (or `http` to loopback), or the CA file cannot be read.
    pub fn new(config: &UplinkConfig) -> Result<Self, ConnectError> {
        let base = address(&config.base_url)?;
        let tls = tls_trusting(config, &base)?;
        let mut http = reqwest::Client::builder();
        if let (Some(at), Some(host)) = (config.connect_to, base.host_str()) {
            http = http.resolve(host, at);
        }
        let http = http
            .tls_backend_preconfigured(tls)
            .timeout(Duration::from_secs(config.request_timeout_s.max(1)))
            .connect_timeout(Duration::from_secs(config.request_timeout_s.clamp(1, 10)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("benhan-uplink/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|cause| ConnectError::Client(cause.to_string()))?;
        Ok(Self { http, base, token: config.token.clone(), wire: None })
    }

    /// Posts go by `wire` and no longer by the network.
    #[must_use]
    pub fn over(self, wire: Arc<dyn Wire>) -> Self {
        Self { wire: Some(wire), ..self }
    }

    /// Posts deliveries (the JSON of `Deliveries`) to `/ingest/deliveries`.
    ///
    /// # Errors
    /// See [`CallError`]; nothing is known about any delivery then.
    pub async fn post_deliveries(&self, body: Vec<u8>) -> Result<Vec<Receipt>, CallError> {
        let answer: Receipts = self.post("ingest/deliveries", body).await?;
        Ok(answer.receipts)
    }

    /// Does the server take requests just now? It is asked with one that holds no delivery.
    pub async fn answers(&self) -> bool {
        self.post_deliveries(b"{\"deliveries\":[]}".to_vec()).await.is_ok()
    }

    /// Posts one `StudyDelivery` to `/ingest/studies`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post_study(&self, body: Vec<u8>) -> Result<Vec<Receipt>, CallError> {
        let answer: OneOrMore = self.post("ingest/studies", body).await?;
        Ok(match answer {
            OneOrMore::More(receipts) => receipts.receipts,
            OneOrMore::One(receipt) => vec![receipt],
        })
    }

    /// Posts live values to `/ingest/live`: best effort, the answer's body is not read.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post_live(&self, batch: &LiveBatch) -> Result<(), CallError> {
        let body = serde_json::to_vec(batch).map_err(|cause| CallError::Failed { reason: cause.to_string() })?;
        let request = self.request(reqwest::Method::POST, "ingest/live")?;
        accepted(json(request, body).send().await).await.map(drop)
    }

    /// Posts what waits here for a person to `/ingest/attention`; the answer is what people chose.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn post_attention(&self, report: &AttentionReport) -> Result<AttentionAnswer, CallError> {
        let body = serde_json::to_vec(report).map_err(|cause| CallError::Failed { reason: cause.to_string() })?;
        self.post("ingest/attention", body).await
    }

    /// Reads the imaging worklist, `GET /ingest/worklist`. Parameters never carry patient data.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn worklist(&self, parameters: &[(&str, &str)]) -> Result<Worklist, CallError> {
        self.get("ingest/worklist", parameters).await
    }

    /// Reads the laboratory orders that wait for a result, `GET /ingest/lab-worklist`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn lab_worklist(&self) -> Result<LabWorklist, CallError> {
        self.get("ingest/lab-worklist", &[]).await
    }

    /// Reads one JSON document below the base address.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str, parameters: &[(&str, &str)]) -> Result<T, CallError> {
        let mut url = self.url(path)?;
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        let request = self.http.get(url).bearer_auth(self.token.expose_secret());
        read(accepted(request.send().await).await?).await
    }

    /// The newest downtime kit of a ward (its code), locked, and when it was made; nothing where `has` is that one.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn kit(&self, ward: &str, has: Option<&str>) -> Result<Option<(String, Vec<u8>)>, CallError> {
        let mut url = self.url("downtime/kit")?;
        url.query_pairs_mut().append_pair("ward", ward).extend_pairs(has.map(|at| ("has", at)));
        let request = self.http.get(url).bearer_auth(self.token.expose_secret());
        let mut response = accepted(request.send().await).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let made = response.headers().get("Benhan-Kit-Made").and_then(|at| at.to_str().ok()).map(str::to_owned);
        let made = made.ok_or_else(|| CallError::Failed { reason: "its answer is no kit".to_owned() })?;
        let length = response.content_length();
        let bytes = bounded(&mut response, LARGEST_KIT).await?;
        // Cut off on its way: the kit that is there is better.
        let whole =
            length.is_none_or(|length| usize::try_from(length) == Ok(bytes.len())) && bytes.starts_with(b"%PDF-");
        if whole { Ok(Some((made, bytes))) } else { Err(CallError::Failed { reason: "half of a kit came".to_owned() }) }
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: Vec<u8>) -> Result<T, CallError> {
        if let Some(wire) = &self.wire {
            return read(taken(wire.post(path, body).await?.into()).await?).await;
        }
        let request = self.request(reqwest::Method::POST, path)?;
        read(accepted(json(request, body).send().await).await?).await
    }

    fn request(&self, method: reqwest::Method, path: &str) -> Result<RequestBuilder, CallError> {
        let request = self.http.request(method, self.url(path)?);
        Ok(request.bearer_auth(self.token.expose_secret()))
    }

    fn url(&self, path: &str) -> Result<Url, CallError> {
        self.base.join(path).map_err(|cause| CallError::Failed { reason: cause.to_string() })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    More(Receipts),
    One(Receipt),
}

/// RFC 9457, as far as an operator needs it: the title is the server's own fixed sentence.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
}

fn json(request: RequestBuilder, body: Vec<u8>) -> RequestBuilder {
    request.header(header::CONTENT_TYPE, "application/json").body(body)
}

async fn accepted(sent: Result<Response, reqwest::Error>) -> Result<Response, CallError> {
    taken(sent.map_err(unheard)?).await
}

async fn taken(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let code = status.as_u16();
    Err(match code {
        408 | 502 | 504 => CallError::Unanswered { reason: format!("it answered {code}"), late: code != 502 },
        425 | 429 | 503 => {
            CallError::Away { reason: format!("it answered {code}"), retry_after: retry_after(&response) }
        }
        300..=399 | 401 | 403 | 404 | 405 | 407 => CallError::NotLetIn { status: code },
        400..=499 => CallError::Refused { status: code, reason: title(response).await },
        _ => CallError::Failed { reason: format!("it answered {}", plain(status)) },
    })
}

fn unheard(cause: reqwest::Error) -> CallError {
    // A connection that takes too long to make is both.
    let unreached = cause.is_connect();
    let kind = if unreached {
        "no connection"
    } else if cause.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    };
    // The innermost cause names the socket or TLS error; the URL is left out.
    let mut inner: &dyn std::error::Error = &cause;
    while let Some(deeper) = inner.source() {
        inner = deeper;
    }
    let reason = match std::error::Error::source(&cause) {
        Some(_) => format!("{kind}: {inner}"),
        None => kind.to_owned(),
    };
    if unreached {
        CallError::Away { reason, retry_after: None }
    } else {
        CallError::Unanswered { reason, late: cause.is_timeout() }
    }
}

async fn read<T: DeserializeOwned>(mut response: Response) -> Result<T, CallError> {
    let bytes = bounded(&mut response, LARGEST_ANSWER).await?;
    serde_json::from_slice(&bytes).map_err(|cause| CallError::Failed {
        reason: format!("its answer is not understood (line {}, column {})", cause.line(), cause.column()),
    })
}

async fn bounded(response: &mut Response, limit: usize) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unheard)? {
        if bytes.len() + chunk.len() > limit {
            return Err(CallError::Failed { reason: "its answer is too long".to_owned() });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn title(mut response: Response) -> String {
    let bytes = bounded(&mut response, 64 << 10).await.unwrap_or_default();
    serde_json::from_slice::<Problem>(&bytes)
        .map(|problem| problem.title.chars().take(200).collect())
        .unwrap_or_default()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

fn plain(status: StatusCode) -> String {
    status.as_u16().to_string()
}

fn address(text: &str) -> Result<Url, ConnectError> {
    let with_slash = format!("{}/", text.trim_end_matches('/'));
    let url = Url::parse(&with_slash).map_err(|cause| ConnectError::Address(cause.to_string()))?;
    let host = url.host_str().unwrap_or_default();
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(ConnectError::Address("use https (http only for the same machine)".to_owned())),
    }
}

fn tls_trusting(config: &UplinkConfig, base: &Url) -> Result<rustls::ClientConfig, ConnectError> {
    let mut roots = rustls::RootCertStore::empty();
    match &config.ca_file {
        Some(path) => {
            let broken = |cause: String| ConnectError::Authority { path: path.clone(), cause };
            let certificates = CertificateDer::pem_file_iter(path).map_err(|cause| broken(cause.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|cause| broken(cause.to_string()))?;
                roots.add(certificate).map_err(|cause| broken(cause.to_string()))?;
            }
            if roots.is_empty() {
                return Err(broken("no certificate in it".to_owned()));
            }
        }
        None if base.scheme() == "https" => {
            return Err(ConnectError::Address("https needs uplink.ca_file".to_owned()));
        }
        None => {}
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|cause| ConnectError::Client(cause.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
