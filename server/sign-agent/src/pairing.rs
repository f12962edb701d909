//! The first word with a server: its key, over a connection that vouches for it, and a code for a person to compare.

use benhan_sign::statement::StatementAuthority;
use reqwest::Url;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const LARGEST_ANSWER: usize = 16 << 10;

/// What a server offers to be believed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub origin: String,
    pub authority: StatementAuthority,
    pub facility: String,
}

#[derive(Debug, thiserror::Error)]
pub enum NotPaired {
    #[error("{0} is no https address of a server")]
    Address(String),
    #[error("the authority of the server's certificate cannot be read: {0}")]
    Authority(String),
    #[error(
        "the server does not answer: {0}; where its certificate is from the hospital's own authority, name that with --ca-file"
    )]
    Unanswered(String),
    #[error("what answers there is no Benhan server, or an older one")]
    Strange,
}

#[derive(Deserialize)]
struct Said {
    key: String,
    facility: String,
}

/// Asks the server for its key. `ca`: whom to believe for its TLS certificate, else whom this computer believes.
///
/// # Errors
/// [`NotPaired`]
pub async fn ask(server: &str, ca: Option<&[u8]>) -> Result<Offered, NotPaired> {
    let bad = || NotPaired::Address(server.to_owned());
    let url = Url::parse(server).map_err(|_| bad())?;
    if url.scheme() != "https" || url.host_str().is_none() {
        return Err(bad());
    }
    let at = url.join("/api/v1/signing/authority").map_err(|_| bad())?;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(PATIENCE);
    let client = match ca {
        Some(pem) => client.tls_backend_preconfigured(trusting(pem)?),
        None => client,
    };
    let unanswered = |cause: reqwest::Error| NotPaired::Unanswered(chain(&cause));
    let mut answer = client.build().map_err(unanswered)?.get(at).send().await.map_err(unanswered)?;
    if !answer.status().is_success() {
        return Err(NotPaired::Strange);
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(unanswered)? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(NotPaired::Strange);
        }
    }
    let said: Said = serde_json::from_slice(&body).map_err(|_| NotPaired::Strange)?;
    let authority = StatementAuthority::parse(&said.key).ok_or(NotPaired::Strange)?;
    Ok(Offered { origin: url.origin().ascii_serialization(), authority, facility: said.facility })
}

fn trusting(pem: &[u8]) -> Result<rustls::ClientConfig, NotPaired> {
    let broken = |cause: String| NotPaired::Authority(cause);
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|cause| broken(cause.to_string()))?;
        roots.add(certificate).map_err(|cause| broken(cause.to_string()))?;
    }
    if roots.is_empty() {
        return Err(broken("it holds no certificate".into()));
    }
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|cause| broken(cause.to_string()))?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
