//! Services of certificate authorities outside the house: responders, lists, time stamps. Asked over HTTP, with a bound on
//! time and size; what they say is believed for its signature, never for where it came from.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::time::Duration;

/// Where Debian keeps whom the web believes. A service that is asked by plain HTTP needs none.
const WEB_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

pub struct Outside {
    client: reqwest::Client,
}

/// Why a service gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoService {
    #[error("no answer: {0}")]
    Unreachable(#[source] reqwest::Error),
    #[error("answered with status {0}")]
    Status(u16),
    #[error("answered with more than such an answer may hold")]
    TooLarge,
}

impl Outside {
    /// `patience` is for one answer as a whole. The roots of the web count for `https://` alone.
    pub fn new(patience: Duration) -> Result<Self, String> {
        let mut roots = rustls::RootCertStore::empty();
        let pem = std::fs::read(WEB_ROOTS).unwrap_or_default();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(patience)
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client })
    }

    pub async fn post(
        &self,
        url: &str,
        (kind, answer): (&str, &str),
        body: Vec<u8>,
        most: usize,
    ) -> Result<Vec<u8>, NoService> {
        let asked = self.client.post(url).header("Content-Type", kind).header("Accept", answer).body(body);
        bounded(asked, most).await
    }

    /// JSON, with whom the service knows us as; any 2xx is an answer.
    pub async fn post_json(
        &self,
        url: &str,
        bearer: Option<&str>,
        body: &serde_json::Value,
        most: usize,
    ) -> Result<Vec<u8>, NoService> {
        let asked = self.client.post(url).json(body);
        bounded(bearer.iter().fold(asked, |asked, token| asked.bearer_auth(token)), most).await
    }

    pub async fn get(&self, url: &str, most: usize) -> Result<Vec<u8>, NoService> {
        bounded(self.client.get(url), most).await
    }
}

async fn bounded(asked: reqwest::RequestBuilder, most: usize) -> Result<Vec<u8>, NoService> {
    // An address in an error may name a person's certificate.
    let mut answer = asked.send().await.map_err(|e| NoService::Unreachable(e.without_url()))?;
    if !answer.status().is_success() {
        return Err(NoService::Status(answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|e| NoService::Unreachable(e.without_url()))? {
        if body.len().saturating_add(piece.len()) > most {
            return Err(NoService::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
