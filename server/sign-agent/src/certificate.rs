//! The agent's own TLS certificate, which this computer's browser is told to trust. No authority: whoever took its key could
//! stand for loopback here and for nothing else.

use benhan_sign::Certificate;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Browsers refuse server certificates that live longer than 825 days.
const DAYS: i64 = 800;
const DAY: i64 = 86_400_000_000;
/// Made anew at a start within this many days of its end.
const RENEW: i64 = 30;

pub struct OwnCertificate {
    pub tls: Arc<rustls::ServerConfig>,
    /// What the browser imports.
    pub file: PathBuf,
    /// SHA-256, as browsers show it.
    pub fingerprint: String,
    /// It was made just now: the browser must be told once more.
    pub is_new: bool,
}

/// Reads it from the agent's folder, or makes it there.
///
/// # Errors
/// When the folder cannot be used, or holds something else.
pub fn certificate(dir: &Path) -> io::Result<OwnCertificate> {
    let (file, key) = (dir.join("agent.pem"), dir.join("agent.key"));
    let is_new = !(file.exists() && key.exists()) || ends_soon(&file);
    if is_new {
        make(dir, &file, &key)?;
    }
    let unfit = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {what}", dir.display()));
    let leaf = CertificateDer::from_pem_file(&file).map_err(|_| unfit("agent.pem holds no certificate"))?;
    let private = PrivateKeyDer::from_pem_file(&key).map_err(|_| unfit("agent.key holds no key"))?;
    let digits: Vec<String> = Sha256::digest(&leaf).iter().map(|byte| format!("{byte:02X}")).collect();
    let tls = rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![leaf], private)
        .map_err(|_| unfit("agent.pem and agent.key do not belong together: remove both"))?;
    Ok(OwnCertificate { tls: Arc::new(tls), file, fingerprint: digits.join(":"), is_new })
}

fn ends_soon(file: &Path) -> bool {
    let own = fs::read(file).ok().and_then(|pem| Certificate::from_pem(&pem).ok());
    let now = jiff::Timestamp::now().as_microsecond();
    own.is_some_and(|own| own.valid_until().saturating_sub(now) < RENEW * DAY)
}

fn make(dir: &Path, file: &Path, key_file: &Path) -> io::Result<()> {
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "Benhan: ký số ở máy này");
    leaf.subject_alt_names = vec![
        SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        SanType::DnsName("localhost".try_into().map_err(io::Error::other)?),
    ];
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    // A computer whose clock is a little behind accepts it too.
    let (from, until) = (jiff::Span::new().days(-1), jiff::Span::new().days(DAYS));
    let number = |of: i8| u8::try_from(of).map_err(io::Error::other);
    let [from, until] = [from, until].map(|span| today.saturating_add(span));
    leaf.not_before = rcgen::date_time_ymd(i32::from(from.year()), number(from.month())?, number(from.day())?);
    leaf.not_after = rcgen::date_time_ymd(i32::from(until.year()), number(until.month())?, number(until.day())?);
    let pem = leaf.self_signed(&key).map_err(io::Error::other)?.pem();
    fs::create_dir_all(dir)?;
    write_private(key_file, key.serialize_pem().as_bytes())?;
    fs::write(file, pem)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_read_again_and_its_key_is_its_owners_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let made = certificate(dir.path()).expect("made");
        let read = certificate(dir.path()).expect("read");
        assert!(made.is_new && !read.is_new && made.fingerprint == read.fingerprint);
        assert_eq!(made.fingerprint.len(), 95, "32 bytes, as browsers show them");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(dir.path().join("agent.key")).expect("a key").permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
        fs::write(dir.path().join("agent.pem"), "no certificate").expect("written");
        assert!(certificate(dir.path()).is_err(), "what was spoilt is named, not replaced");
    }
}
