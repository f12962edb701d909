//! Devices that encrypt: what listens and what is called, with certificates of the hospital's own authority.

use crate::support::{Device, Hospital, port, vitals};
use benhan_device_gateway::PortEntry;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// An authority, and what it signed, as files.
struct Authority {
    dir: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { dir, issuer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn signs(&self, host: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.path(&format!("{host}.pem")), certificate.pem()).unwrap();
        std::fs::write(self.path(&format!("{host}.key")), key.serialize_pem()).unwrap();
    }

    fn own(&self, host: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let chain = CertificateDer::pem_file_iter(self.path(&format!("{host}.pem"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{host}.key"))).unwrap();
        (chain.map(Result::unwrap).collect(), key)
    }

    async fn calls(&self, to: std::net::SocketAddr, as_host: Option<&str>) -> std::io::Result<TlsStream<TcpStream>> {
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_root_certificates(roots(&self.path("ca.pem")));
        let config = match as_host.map(|host| self.own(host)) {
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).unwrap(),
            None => builder.with_no_client_auth(),
        };
        let name = ServerName::try_from("127.0.0.1").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(to).await.unwrap()).await
    }
}

fn roots(path: &Path) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(path).unwrap() {
        roots.add(authority.unwrap()).unwrap();
    }
    roots
}

#[tokio::test]
async fn a_listener_with_an_authority_hears_only_devices_that_it_vouches_for() {
    let hospital_ca = Authority::new();
    let stranger = Authority::new();
    hospital_ca.signs("127.0.0.1");
    hospital_ca.signs("may-1.lan");
    stranger.signs("may-1.lan");
    let entry = PortEntry {
        certificate: hospital_ca.path("127.0.0.1.pem"),
        key: hospital_ca.path("127.0.0.1.key"),
        ca: hospital_ca.path("ca.pem"),
        ..port("icu", "mllps-listen://127.0.0.1:0")
    };
    let hospital = Hospital::with(|config| config.port.push(entry)).await;
    let at = hospital.at("icu");
    let mut device = Device::over(hospital_ca.calls(at, Some("may-1.lan")).await.unwrap());
    assert_eq!(device.says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    // In TLS 1.3 the refusal comes after the client has finished: with its first read.
    for refused in [hospital_ca.calls(at, None).await, plain_certificate_of(&stranger, &hospital_ca, at).await] {
        let Ok(line) = refused else { continue };
        assert!(Device::over(line).is_cut_off().await);
    }
    let mut plain = Device::connect(at).await;
    plain.sends(&crate::support::framed(&vitals("M-2", "B01", 72))).await;
    hospital.delivered(1).await;
    hospital.close().await;
}

/// A device that believes our authority and shows the certificate of another.
async fn plain_certificate_of(
    stranger: &Authority,
    ours: &Authority,
    at: std::net::SocketAddr,
) -> std::io::Result<TlsStream<TcpStream>> {
    std::fs::copy(ours.path("ca.pem"), stranger.path("ca.pem")).unwrap();
    stranger.calls(at, Some("may-1.lan")).await
}

#[tokio::test]
async fn a_device_that_is_called_must_be_who_its_certificate_names() {
    let hospital_ca = Authority::new();
    let stranger = Authority::new();
    hospital_ca.signs("localhost");
    stranger.signs("localhost");
    let device = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("mllps-dial://localhost:{}", device.local_addr().unwrap().port());
    let entry = PortEntry { ca: hospital_ca.path("ca.pem"), ..port("bs-240", &url) };
    let hospital = Hospital::with(|config| config.port.push(entry)).await;
    let greets = |(chain, key)| {
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        TlsAcceptor::from(Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap()))
    };
    let (line, _) = device.accept().await.unwrap();
    assert!(greets(stranger.own("localhost")).accept(line).await.is_err(), "somebody else in its place");
    let (line, _) = device.accept().await.unwrap();
    let line = greets(hospital_ca.own("localhost")).accept(line).await.unwrap();
    assert_eq!(Device::over(line).says(&vitals("M-1", "B01", 72)).await, "MSA|AA|M-1");
    hospital.delivered(1).await;
    hospital.close().await;
}
