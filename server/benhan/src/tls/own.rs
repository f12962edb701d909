//! The local TLS authority: ward PCs trust it once, the server's certificate is renewed under it.

use crate::data_dir::DataDir;
use anyhow::Context;
use benhan_sign::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};
use std::fs;
use std::net::IpAddr;

/// Browsers refuse server certificates that live longer than 825 days.
const DAYS: i64 = 800;
const DAY: i64 = 86_400_000_000;
/// Renewed at a start within this many days of its end.
const RENEW: i64 = 60;

/// Makes authority and certificate; `tls/ca.pem` is what browsers import.
pub fn make(dir: &DataDir, hosts: &[String]) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let pem = authority().self_signed(&key)?.pem();
    dir.write_private("tls/ca.key", key.serialize_pem().as_bytes())?;
    fs::write(dir.path("tls/ca.pem"), pem).context("cannot write tls/ca.pem")?;
    issue(dir, hosts)
}

/// A new certificate when the one that is there ends soon. Only the authority made here can do it.
pub fn renew_if_due(dir: &DataDir, hosts: &[String], now: i64) -> anyhow::Result<bool> {
    if !dir.path("tls/ca.key").exists() {
        return Ok(false);
    }
    let leaf = Certificate::from_pem(&fs::read(dir.path("tls/server.pem"))?).context("tls/server.pem")?;
    let due = leaf.valid_until().saturating_sub(now) < RENEW * DAY;
    if due {
        issue(dir, hosts)?;
    }
    Ok(due)
}

/// A key, and the request that an authority elsewhere is asked to sign.
pub fn request(dir: &DataDir, hosts: &[String]) -> anyhow::Result<()> {
    let key = KeyPair::generate()?;
    let request = leaf(hosts)?.serialize_request(&key)?.pem()?;
    dir.write_private("tls/server.key", key.serialize_pem().as_bytes())?;
    fs::write(dir.path("tls/server.csr"), request).context("cannot write tls/server.csr")
}

/// The same each time: with its key it stands for the authority without its certificate being read back.
fn authority() -> CertificateParams {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "Benhan TLS (máy chủ này)");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.not_after = rcgen::date_time_ymd(2046, 1, 1);
    ca
}

fn issue(dir: &DataDir, hosts: &[String]) -> anyhow::Result<()> {
    let ca_key = KeyPair::from_pem(&fs::read_to_string(dir.path("tls/ca.key"))?).context("tls/ca.key")?;
    let ca_pem = fs::read_to_string(dir.path("tls/ca.pem")).context("tls/ca.pem")?;
    let issuer = Issuer::new(authority(), ca_key);
    let key = KeyPair::generate()?;
    let mut leaf = leaf(hosts)?;
    leaf.use_authority_key_identifier_extension = true;
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let end = now.saturating_add(jiff::Span::new().days(DAYS));
    leaf.not_before = rcgen::date_time_ymd(i32::from(now.year()), u8::try_from(now.month())?, u8::try_from(now.day())?);
    leaf.not_after = rcgen::date_time_ymd(i32::from(end.year()), u8::try_from(end.month())?, u8::try_from(end.day())?);
    let certificate = leaf.signed_by(&key, &issuer)?;
    dir.write_private("tls/server.key", key.serialize_pem().as_bytes())?;
    dir.write_private("tls/server.pem", format!("{}{ca_pem}", certificate.pem()).as_bytes())
}

fn leaf(hosts: &[String]) -> anyhow::Result<CertificateParams> {
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
    Ok(leaf)
}
