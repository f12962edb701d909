//! The server's certificate: from an authority made here, from files, or from a request that somebody signs.

mod own;

pub use own::{make, renew_if_due, request};

use crate::cli::Place;
use crate::config::{self, Tls};
use crate::data_dir::DataDir;
use anyhow::{Context, anyhow, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the three parts lie.
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub ca: PathBuf,
}

impl Files {
    pub fn of(place: &Place, tls: &Tls) -> Self {
        let at = |path: &Path| config::path(place, path);
        Self { certificate: at(&tls.certificate), key: at(&tls.key), ca: at(&tls.ca) }
    }
}

/// The server's TLS set-up: key and certificate belong together, and the authority vouches for `host` today.
/// What gateway and bridge would find out at their first delivery is found out here.
pub fn server(files: &Files, host: &str) -> anyhow::Result<ServerConfig> {
    let chain = read_chain(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).with_context(|| files.key.display().to_string())?;
    vouched(&chain, &files.ca, host)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_no_client_auth().with_single_cert(chain, key);
    config
        .with_context(|| format!("{} and {} do not belong together", files.certificate.display(), files.key.display()))
}

fn vouched(chain: &[CertificateDer<'static>], ca: &Path, host: &str) -> anyhow::Result<()> {
    let mut roots = RootCertStore::empty();
    for authority in read_chain(ca)? {
        roots.add(authority).with_context(|| ca.display().to_string())?;
    }
    let (leaf, between) = chain.split_first().context("no certificate")?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
    let name = ServerName::try_from(host.to_owned()).with_context(|| format!("tls.hosts: {host} is no name"))?;
    let found = verifier.verify_server_cert(leaf, between, &name, &[], UnixTime::now());
    found
        .map(drop)
        .map_err(|cause| anyhow!("the server's certificate does not hold for {host} under {}: {cause}", ca.display()))
}

fn read_chain(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = read.with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(!chain.is_empty(), "{} holds no certificate", path.display());
    Ok(chain)
}

/// Takes certificate, key and authority from files that the hospital was given, checked before anything is kept.
pub fn adopt(dir: &DataDir, given: &Files, host: &str) -> anyhow::Result<()> {
    server(given, host)?;
    dir.write_private("tls/server.key", &fs::read(&given.key)?)?;
    fs::copy(&given.certificate, dir.path("tls/server.pem"))?;
    fs::copy(&given.ca, dir.path("tls/ca.pem"))?;
    Ok(())
}
