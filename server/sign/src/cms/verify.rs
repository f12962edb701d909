//! Checking a signature: the content, the value, the certificate and its path.

use serde::Serialize;

use super::signed::Signed;
use crate::algorithm::Hash;
use crate::certificate::{Anchors, Certificate};
use crate::finding::{Finding, Severity, worst};
use crate::path;
use crate::revocation::{self, CLOCK_SKEW, Crl};

/// A signature with lists of public CAs stays far below.
const MAX_CMS: usize = 16 * 1024 * 1024;

/// The signer's certificate, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignerSummary {
    /// The common name.
    pub name: String,
    /// The whole subject.
    pub subject: String,
    /// The issuing CA.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// The organisation identifier of a seal.
    pub organization_identifier: Option<String>,
    /// Kind and strength of the key.
    pub key: Option<String>,
    /// µs UTC.
    pub valid_from: i64,
    /// µs UTC.
    pub valid_until: i64,
}

impl From<&Certificate> for SignerSummary {
    fn from(certificate: &Certificate) -> Self {
        Self {
            name: certificate.common_name(),
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial(),
            fingerprint: hex::encode(certificate.fingerprint()),
            organization_identifier: certificate.organization_identifier(),
            key: certificate.key_algorithm().map(|key| key.to_string()),
            valid_from: certificate.valid_from(),
            valid_until: certificate.valid_until(),
        }
    }
}

/// What was found about one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CmsReport {
    /// Absent when the signature does not carry or name its certificate.
    pub signer: Option<SignerSummary>,
    /// The time that the signer claims, µs UTC: from the signer's clock, not a time stamp.
    pub signing_time: Option<i64>,
    /// Empty when everything holds.
    pub findings: Vec<Finding>,
}

impl CmsReport {
    /// The content is what was signed.
    pub fn intact(&self) -> bool {
        worst(&self.findings) <= Severity::Untrusted
    }

    /// Intact, and by a certificate that leads to an anchor and was good at signing time.
    pub fn trusted(&self) -> bool {
        worst(&self.findings) == Severity::Note
    }

    fn broken(finding: Finding) -> Self {
        Self { signer: None, signing_time: None, findings: vec![finding] }
    }
}

/// Checks a detached signature over `content`. `at` is the verifier's clock in µs UTC; certificates
/// are judged at the claimed signing time, with the revocation lists inside the signature.
pub fn verify_detached(content: &[u8], cms: &[u8], anchors: &Anchors, at: i64) -> CmsReport {
    verify(&[content], cms, &Material::default(), anchors, at)
}

/// What a container adds to the signature itself.
#[derive(Debug, Default)]
pub(crate) struct Material {
    pub certificates: Vec<Certificate>,
    pub crls: Vec<Crl>,
    /// The signing time that the container states, used where the signature states none.
    pub signing_time: Option<i64>,
}

pub(crate) fn verify(parts: &[&[u8]], cms: &[u8], material: &Material, anchors: &Anchors, at: i64) -> CmsReport {
    let signed = match (cms.len() <= MAX_CMS).then(|| Signed::parse(cms)) {
        Some(Ok(signed)) => signed,
        Some(Err(_)) => return CmsReport::broken(Finding::SignatureMalformed),
        None => return CmsReport::broken(Finding::Unsupported("CMS > 16 MiB".into())),
    };
    let signing_time = signed.signing_time.or(material.signing_time);
    let mut findings = Vec::new();
    let mut pool: Vec<Certificate> = signed.certificates();
    let signer = pool.iter().chain(&material.certificates).find(|c| signed.names(c)).cloned();
    let Some(signer) = signer else {
        return CmsReport { signer: None, signing_time, findings: vec![Finding::NoSignerCertificate] };
    };
    match Hash::from_oid(signed.digest_algorithm) {
        Ok(hash) => {
            if hash.of(parts) != signed.message_digest {
                findings.push(Finding::ContentChanged);
            }
            findings.extend(signed.check_value(&signer, hash));
        }
        Err(refusal) => findings.push(Finding::Unsupported(refusal.to_string())),
    }
    findings.extend(signed.check_pin(&signer));
    pool.extend(material.certificates.iter().cloned());
    let mut crls = signed.crls().unwrap_or_else(|_| {
        findings.push(Finding::SignatureMalformed);
        Vec::new()
    });
    crls.extend(material.crls.iter().cloned());
    findings.extend(check_trust(&signer, &pool, &crls, anchors, signing_time, at));
    CmsReport { signer: Some(SignerSummary::from(&signer)), signing_time, findings }
}

/// Path and revocation at the claimed time, or at the verifier's where none is claimed.
fn check_trust(
    signer: &Certificate,
    pool: &[Certificate],
    crls: &[Crl],
    anchors: &Anchors,
    claimed: Option<i64>,
    at: i64,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let when = match claimed {
        Some(time) if time > at.saturating_add(CLOCK_SKEW) => {
            findings.push(Finding::SignedInFuture(time));
            at
        }
        Some(time) => time,
        None => {
            findings.push(Finding::NoSigningTime);
            at
        }
    };
    let checked = path::build(signer, pool, anchors, when);
    if let Err(problem) = checked.and_then(|path| revocation::check(&path, crls, when, at).map(|_| ())) {
        findings.push(problem.into());
    }
    findings
}
