//! One call to the service: over TLS, with a token of its own, within bounds of time and size.

use super::wire::{AccessToken, No};
use benhan_sign::Trouble;
use reqwest::{Response, StatusCode, Url};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A certificate and a signature are small.
const LARGEST_ANSWER: usize = 256 << 10;
/// A token is renewed so long before its end.
const EARLY: Duration = Duration::from_secs(30);

/// Where the service is, and who we are there.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// `https://…/csc/v2`; plain HTTP on this machine alone.
    pub url: String,
    /// Where a client's token is given; empty: `oauth2/token` below `url`.
    pub token_url: String,
    pub client_id: String,
    pub client_secret: SecretString,
    /// Whom to believe for the service's own certificate, PEM.
    pub authorities: Vec<u8>,
    pub patience: Duration,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadService {
    #[error("{0} is no https address (http only to this machine)")]
    Address(String),
    #[error("ca_file: {0}")]
    Authority(String),
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// The line to the service.
#[derive(Debug)]
pub(super) struct Line {
    http: reqwest::Client,
    base: Url,
    token_at: Url,
    client_id: String,
    client_secret: SecretString,
    patience: Duration,
    token: Mutex<Option<(SecretString, Instant)>>,
}

pub(super) fn seconds(more: u64) -> Duration {
    Duration::from_secs(more)
}

fn address(text: &str) -> Result<Url, BadService> {
    let bad = || BadService::Address(text.to_owned());
    let url = Url::parse(&format!("{}/", text.trim_end_matches('/'))).map_err(|_| bad())?;
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" if url.host_str().is_some() => Ok(url),
        "http" if here => Ok(url),
        _ => Err(bad()),
    }
}

impl Line {
    pub fn new(config: ServiceConfig) -> Result<Self, BadService> {
        let base = address(&config.url)?;
        let token_at = if config.token_url.is_empty() {
            base.join("oauth2/token").map_err(|_| BadService::Address(config.url.clone()))?
        } else {
            let mut at = address(&config.token_url)?;
            let path = at.path().trim_end_matches('/').to_owned();
            at.set_path(&path);
            at
        };
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&config.authorities) {
            let certificate = certificate.map_err(|e| BadService::Authority(e.to_string()))?;
            // A system's bundle may hold one that is not understood.
            let _not_every_one_counts = roots.add(certificate);
        }
        if roots.is_empty() && base.scheme() == "https" {
            return Err(BadService::Authority("it holds no certificate".into()));
        }
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|e| BadService::Client(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(config.patience.min(seconds(10)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("benhan/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| BadService::Client(e.to_string()))?;
        let (client_id, client_secret) = (config.client_id, config.client_secret);
        let (patience, token) = (config.patience, Mutex::new(None));
        Ok(Self { http, base, token_at, client_id, client_secret, patience, token })
    }

    /// Posts JSON to a method of the API and reads the answer; `more`: beyond the usual patience.
    pub async fn post<T: DeserializeOwned>(
        &self,
        method: &str,
        body: &impl Serialize,
        more: Duration,
    ) -> Result<T, Trouble> {
        let url = self.base.join(method).map_err(|_| Trouble::Unreachable)?;
        for again in [false, true] {
            let token = self.token(again).await?;
            let asked = self.http.post(url.clone()).bearer_auth(token.expose_secret()).json(body);
            let answer = asked.timeout(self.patience.saturating_add(more)).send().await.map_err(unanswered)?;
            // A token may end before its time; a second one that is not taken is a no.
            if answer.status() == StatusCode::UNAUTHORIZED && !again {
                continue;
            }
            return read(answer).await;
        }
        Err(Trouble::Refused)
    }

    async fn token(&self, fresh: bool) -> Result<SecretString, Trouble> {
        let mut held = self.token.lock().await;
        if let Some((token, until)) = held.as_ref()
            && !fresh
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        *held = None;
        let mut form = self.token_at.clone();
        form.query_pairs_mut()
            .clear()
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose_secret());
        let body = form.query().unwrap_or_default().to_owned();
        let asked = self
            .http
            .post(self.token_at.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .timeout(self.patience)
            .body(body);
        let answer = asked.send().await.map_err(unanswered)?;
        if matches!(answer.status().as_u16(), 400 | 401 | 403) {
            tracing::error!("the signing service does not know this client: see [remote_signing] client_id and secret");
            return Err(Trouble::Refused);
        }
        let given: AccessToken = read(answer).await?;
        let lasts = seconds(given.expires_in.unwrap_or(300).min(86_400)).saturating_sub(EARLY);
        let token = SecretString::from(given.access_token);
        *held = Some((token.clone(), Instant::now() + lasts));
        Ok(token)
    }
}

fn unanswered(error: reqwest::Error) -> Trouble {
    let trouble = if error.is_timeout() && !error.is_connect() { Trouble::TimedOut } else { Trouble::Unreachable };
    tracing::warn!(error = %error.without_url(), "the signing service did not answer");
    trouble
}

async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, Trouble> {
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unanswered)? {
        if body.len().saturating_add(piece.len()) > LARGEST_ANSWER {
            tracing::warn!("the signing service answers without end");
            return Err(Trouble::Refused);
        }
        body.extend_from_slice(&piece);
    }
    if !status.is_success() {
        return Err(said_no(status, &serde_json::from_slice(&body).unwrap_or_default()));
    }
    serde_json::from_slice(&body).map_err(|error| {
        tracing::warn!(%error, "the signing service answers with something else");
        Trouble::Refused
    })
}

/// The specification names errors loosely, and services name more: what is certain is told apart, the rest is a no.
fn said_no(status: StatusCode, no: &No) -> Trouble {
    let told: String = no.error.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    tracing::warn!(status = status.as_u16(), error = told, "the signing service said no");
    let (code, words) = (no.error.to_ascii_lowercase(), no.error_description.to_ascii_lowercase());
    let says = |what: &str| code.contains(what) || words.contains(what);
    let secret = says("pin") || says("otp") || says("authdata") || says("password");
    match status.as_u16() {
        408 | 504 => Trouble::TimedOut,
        429 => Trouble::Busy,
        500..=599 => Trouble::Unreachable,
        404 => Trouble::NoSuchKey,
        _ if says("locked") || says("blocked") => Trouble::PinLocked,
        _ if secret && (says("invalid") || says("wrong") || says("incorrect")) => Trouble::WrongPin { last: false },
        _ if words.contains("sad") || says("expired") => Trouble::Spent,
        _ if words.contains("credentialid") => Trouble::NoSuchKey,
        _ => Trouble::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_spoken_to_in_the_open_on_this_machine_alone() {
        for good in ["https://csc.example.vn/csc/v2", "http://127.0.0.1:8080/csc/v2/", "http://[::1]/x"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in
            ["http://csc.example.vn/csc/v2", "ftp://127.0.0.1/", "csc.example.vn", "", "http://127.0.0.1.evil.vn/"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_no_is_understood_as_far_as_it_is_certain() {
        let no = |status: u16, error: &str, words: &str| {
            let no = No { error: error.into(), error_description: words.into() };
            said_no(StatusCode::from_u16(status).unwrap(), &no)
        };
        assert_eq!(no(400, "invalid_pin", "The PIN is invalid"), Trouble::WrongPin { last: false });
        assert_eq!(no(400, "invalid_otp", ""), Trouble::WrongPin { last: false });
        assert_eq!(no(400, "invalid_request", "PIN locked"), Trouble::PinLocked);
        assert_eq!(no(400, "invalid_request", "Invalid parameter SAD"), Trouble::Spent);
        assert_eq!(no(400, "invalid_request", "Invalid parameter credentialID"), Trouble::NoSuchKey);
        assert_eq!(no(400, "access_denied", "no"), Trouble::Refused);
        assert_eq!(no(503, "", ""), Trouble::Unreachable);
        assert_eq!(no(504, "", ""), Trouble::TimedOut);
    }
}
