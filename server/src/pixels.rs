//! Reads from the bridge: headers, frames and stored datasets over its internal HTTP service.
//!
//! Who may see what is decided before anything is asked here.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::sync::RwLock;
use std::time::Duration;

/// The bridge as the server knows it.
pub struct Pixels {
    client: reqwest::Client,
    token: String,
    base: RwLock<Option<String>>,
}

/// Why the bridge gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoPixels {
    #[error("no PACS bridge is configured")]
    NoBridge,
    #[error("the PACS bridge cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the PACS bridge has no such image")]
    NotFound,
    #[error("the PACS bridge understood no part of the request")]
    BadRequest,
    /// Stored and served as it is, but no picture can be made of it.
    #[error("the PACS bridge cannot render this image")]
    NotRendered,
    #[error("the PACS bridge answered {0}")]
    Status(u16),
    #[error("the PACS bridge answered with more than a header may hold")]
    TooLarge,
    #[error("the PACS bridge answered with something that is no DICOM JSON")]
    NoJson,
    #[error("pixels.ca_file holds no usable certificate: {0}")]
    Authority(String),
}

/// One instance's header as JSON; larger ones are no headers.
const HEADER_BYTES: usize = 8 << 20;

impl Pixels {
    /// `token` is what the bridge asks for. Where it listens may be told later, by [`Self::found_at`].
    pub fn new(token: String) -> Result<Self, NoPixels> {
        Self::trusting(token, &[])
    }

    /// As [`Self::new`], for a bridge on another machine: `authority` (PEM) is the only one believed for it.
    pub fn trusting(token: String, authority: &[u8]) -> Result<Self, NoPixels> {
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority) {
            let certificate = certificate.map_err(|e| NoPixels::Authority(e.to_string()))?;
            roots.add(certificate).map_err(|e| NoPixels::Authority(e.to_string()))?;
        }
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|e| NoPixels::Authority(e.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(Duration::from_secs(60))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(NoPixels::Unreachable)?;
        Ok(Self { client, token, base: RwLock::new(None) })
    }

    /// `http://127.0.0.1:41234` or `https://pacs.hospital.lan:8444`, without a path.
    pub fn found_at(&self, base: &str) {
        if let Ok(mut known) = self.base.write() {
            *known = Some(base.trim_end_matches('/').to_owned());
        }
    }

    /// Plain HTTP stays inside the machine: images and the token that opens them never cross a network readable.
    pub fn may_be_at(base: &str) -> bool {
        match reqwest::Url::parse(base) {
            Ok(url) => match url.scheme() {
                "https" => url.host_str().is_some(),
                "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
                _ => false,
            },
            Err(_) => false,
        }
    }

    /// `path` begins with `/` and holds only what was parsed before: UIDs and numbers.
    pub async fn get(&self, path: &str, query: &str, accept: &str) -> Result<reqwest::Response, NoPixels> {
        let base = self.base.read().ok().and_then(|b| b.clone()).ok_or(NoPixels::NoBridge)?;
        let url = if query.is_empty() { format!("{base}{path}") } else { format!("{base}{path}?{query}") };
        let asked = self.client.get(url).bearer_auth(&self.token).header("Accept", accept);
        let answer = asked.send().await.map_err(NoPixels::Unreachable)?;
        match answer.status().as_u16() {
            200 => Ok(answer),
            404 => Err(NoPixels::NotFound),
            400 => Err(NoPixels::BadRequest),
            415 => Err(NoPixels::NotRendered),
            status => Err(NoPixels::Status(status)),
        }
    }

    /// The header of one instance in the DICOM JSON model.
    pub async fn header(&self, sop_uid: &str) -> Result<serde_json::Value, NoPixels> {
        let mut answer = self.get(&format!("/instances/{sop_uid}/metadata"), "", "application/dicom+json").await?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(NoPixels::Unreachable)? {
            if body.len().saturating_add(piece.len()) > HEADER_BYTES {
                return Err(NoPixels::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        let list: Vec<serde_json::Value> = serde_json::from_slice(&body).map_err(|_| NoPixels::NoJson)?;
        list.into_iter().next().ok_or(NoPixels::NoJson)
    }
}

#[cfg(test)]
mod tests {
    use super::Pixels;

    #[test]
    fn plain_http_is_for_the_same_machine_alone() {
        for good in ["http://127.0.0.1:4242", "http://localhost:1", "https://pacs.hospital.lan:8444"] {
            assert!(Pixels::may_be_at(good), "{good}");
        }
        for bad in ["http://10.1.2.3:4242", "http://localhost.evil.lan", "ftp://localhost", "pacs:8444", ""] {
            assert!(!Pixels::may_be_at(bad), "{bad}");
        }
    }
}
