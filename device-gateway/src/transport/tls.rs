//! TLS of ports: certificate and key from files, and the authority that the other side must be from.

use crate::port::{Host, TlsFiles};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Who calls a device, and by which name its certificate is asked for.
#[derive(Clone)]
pub struct Caller {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Caller {
    /// # Errors
    /// The file that cannot be used, or a host that no certificate can name.
    pub fn new(files: &TlsFiles, host: &Host) -> Result<Self, String> {
        let name = ServerName::try_from(host.name.trim_matches(['[', ']']).to_owned())
            .map_err(|_| format!("{} is no name that a certificate can have", host.name))?;
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|cause| cause.to_string())?
            .with_root_certificates(roots(&files.ca)?);
        let config = match own(files)? {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|cause| together(files, &cause))?,
            None => builder.with_no_client_auth(),
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    pub async fn greet(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

/// For a port that listens; with an authority, a device without a certificate of it is turned away.
///
/// # Errors
/// The file that cannot be used.
pub fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|cause| cause.to_string())?;
    let builder = if files.ca.as_os_str().is_empty() {
        builder.with_no_client_auth()
    } else {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(&files.ca)?), provider());
        builder.with_client_cert_verifier(verifier.build().map_err(|cause| named(&files.ca, &cause))?)
    };
    let (chain, key) = own(files)?.ok_or("certificate and key are missing")?;
    let config = builder.with_single_cert(chain, key).map_err(|cause| together(files, &cause))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own(files: &TlsFiles) -> Result<Option<Own>, String> {
    if files.certificate.as_os_str().is_empty() {
        return Ok(None);
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|cause| named(&files.key, &cause))?;
    Ok(Some((chain(&files.certificate)?, key)))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if chain.is_empty() => Err(format!("{}: it holds no certificate", path.display())),
        read => read.map_err(|cause| named(path, &cause)),
    }
}

fn roots(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for authority in chain(path)? {
        roots.add(authority).map_err(|cause| named(path, &cause))?;
    }
    Ok(roots)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn named(path: &Path, cause: &dyn std::fmt::Display) -> String {
    format!("{}: {cause}", path.display())
}

fn together(files: &TlsFiles, cause: &dyn std::fmt::Display) -> String {
    format!("{} and {} do not belong together: {cause}", files.certificate.display(), files.key.display())
}
