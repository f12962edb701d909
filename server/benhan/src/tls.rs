//! The local TLS authority: ward PCs trust it once, the server's certificate is renewed under it.

use crate::data_dir::DataDir;
use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::IpAddr;

/// The server's TLS set-up, made at first start: `tls/ca.pem` is what browsers import.
pub fn server(dir: &DataDir, hosts: &[String]) -> anyhow::Result<rustls::ServerConfig> {
    if !dir.path("tls/server.pem").exists() {
        make(dir, hosts)?;
    }
    let chain = CertificateDer::pem_file_iter(dir.path("tls/server.pem"))?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(dir.path("tls/server.key"))?;
    let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    config.context("tls/server.pem and tls/server.key do not belong together")
}

fn make(dir: &DataDir, hosts: &[String]) -> anyhow::Result<()> {
    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "Benhan TLS (máy chủ này)");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.not_after = rcgen::date_time_ymd(2046, 1, 1);
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(ca, ca_key);

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, hosts.first().map_or("localhost", String::as_str));
    leaf.subject_alt_names = hosts
        .iter()
        .map(|host| match host.parse::<IpAddr>() {
            Ok(ip) => Ok(SanType::IpAddress(ip)),
            Err(_) => host.as_str().try_into().map(SanType::DnsName),
        })
        .collect::<Result<_, _>>()?;
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.use_authority_key_identifier_extension = true;
    // Browsers refuse server certificates that live longer than 825 days.
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let end = now.saturating_add(jiff::Span::new().days(800));
    leaf.not_before = rcgen::date_time_ymd(i32::from(now.year()), u8::try_from(now.month())?, u8::try_from(now.day())?);
    leaf.not_after = rcgen::date_time_ymd(i32::from(end.year()), u8::try_from(end.month())?, u8::try_from(end.day())?);
    let certificate = leaf.signed_by(&key, &issuer)?;

    dir.write_private("tls/ca.key", issuer.key().serialize_pem().as_bytes())?;
    dir.write_private("tls/server.key", key.serialize_pem().as_bytes())?;
    dir.write_private("tls/server.pem", format!("{}{ca_pem}", certificate.pem()).as_bytes())?;
    std::fs::write(dir.path("tls/ca.pem"), ca_pem).context("cannot write tls/ca.pem")
}
