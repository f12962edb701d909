//! TLS of the pixel service, for a server on another machine.

use crate::bridge::StartError;
use crate::config::BridgeConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

/// Nothing where no certificate is configured. One without its key is a mistake, not plain HTTP.
pub(crate) fn acceptor(config: &BridgeConfig) -> Result<Option<TlsAcceptor>, StartError> {
    let (certificate, key) = match (&config.pixels_certificate, &config.pixels_key) {
        (None, None) => return Ok(None),
        (Some(certificate), Some(key)) => (certificate, key),
        _ => return Err(StartError::PlainPixels),
    };
    let broken =
        |what: &std::path::Path, cause: String| StartError::Certificate(format!("{}: {cause}", what.display()));
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| broken(certificate, cause.to_string()))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|cause| broken(key, cause.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|cause| broken(certificate, cause.to_string()))?;
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}
