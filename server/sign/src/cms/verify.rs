//! Checking a signature: the content, the value, the certificate and its path.

use serde::Serialize;

use super::claims::Claims;
use super::signed::{Beside, Kind, Signed};
use crate::algorithm::Hash;
use crate::certificate::{Anchors, Certificate};
use crate::finding::{Finding, Severity, worst};
use crate::ocsp::OcspAnswer;
use crate::path;
use crate::revocation::{self, CLOCK_SKEW, Crl, Proofs};
use crate::timestamp::{self, Ground, TimeStampReport};

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

/// How long a signature can be checked by what it carries (ETSI EN 319 142-1, EN 319 122-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// Signed; when, only the signer says.
    #[serde(rename = "B-B")]
    Basic,
    /// An authority says when.
    #[serde(rename = "B-T")]
    Timed,
    /// And all that proves signer and authority good at that instant is inside.
    #[serde(rename = "B-LT")]
    LongTerm,
}

/// What was found about one signature.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CmsReport {
    /// Absent when the signature does not carry or name its certificate.
    pub signer: Option<SignerSummary>,
    /// The time that the signer claims, µs UTC: from the signer's clock, not a time stamp.
    pub signing_time: Option<i64>,
    /// What it says of itself, under the signature.
    #[serde(flatten)]
    pub claims: Claims,
    /// Time stamps over the signature. Where one is trusted, signer and revocation were judged at the
    /// earliest such instant instead of the claimed one.
    pub time_stamps: Vec<TimeStampReport>,
    /// Absent where the signature does not hold.
    pub level: Option<Level>,
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

    /// The earliest instant that a trusted authority vouches for, µs UTC.
    pub fn proven_time(&self) -> Option<i64> {
        self.time_stamps.iter().filter(|stamp| stamp.trusted).map(|stamp| stamp.time).min()
    }

    fn broken(finding: Finding) -> Self {
        Self { findings: vec![finding], ..Self::default() }
    }
}

/// Checks a detached signature over `content`. `at` is the verifier's clock in µs UTC; certificates
/// are judged at the stamped time, or at the claimed one where no trusted stamp proves any, with the
/// revocation lists inside the signature.
pub fn verify_detached(content: &[u8], cms: &[u8], anchors: &Anchors, at: i64) -> CmsReport {
    verify(&[content], cms, &Material::default(), anchors, at)
}

/// What a container adds to the signature itself.
#[derive(Debug, Default)]
pub(crate) struct Material {
    pub certificates: Vec<Certificate>,
    pub crls: Vec<Crl>,
    pub answers: Vec<OcspAnswer>,
    /// The signing time that the container states, used where the signature states none.
    pub signing_time: Option<i64>,
}

pub(crate) fn verify(parts: &[&[u8]], cms: &[u8], material: &Material, anchors: &Anchors, at: i64) -> CmsReport {
    let signed = match (cms.len() <= MAX_CMS).then(|| Signed::parse(cms, Kind::Detached)) {
        Some(Ok(signed)) => signed,
        Some(Err(_)) => return CmsReport::broken(Finding::SignatureMalformed),
        None => return CmsReport::broken(Finding::Unsupported("CMS > 16 MiB".into())),
    };
    let signing_time = signed.signing_time.or(material.signing_time);
    let mut findings = Vec::new();
    let mut pool: Vec<Certificate> = signed.certificates();
    let signer = pool.iter().chain(&material.certificates).find(|c| signed.names(c)).cloned();
    let Some(signer) = signer else {
        return CmsReport { signing_time, ..CmsReport::broken(Finding::NoSignerCertificate) };
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
    let mut answers = signed.answers().unwrap_or_else(|_| {
        findings.push(Finding::SignatureMalformed);
        Vec::new()
    });
    crls.extend(material.crls.iter().cloned());
    answers.extend(material.answers.iter().cloned());
    let proofs = Proofs { crls: &crls, answers: &answers };
    let claims = signed.claims.clone();
    let stamps = beside(&signed, &mut findings).into_iter().map(|token| (token, signed.signature)).collect();
    let report = judged(Claim { signer: &signer, pool: &pool, proofs, signing_time, stamps, findings }, anchors, at);
    CmsReport { claims, ..report }
}

/// A signature of any kind, once its value was checked.
pub(crate) struct Claim<'a> {
    pub signer: &'a Certificate,
    /// What travels with it.
    pub pool: &'a [Certificate],
    pub proofs: Proofs<'a>,
    pub signing_time: Option<i64>,
    /// Tokens, and the bytes that each is over.
    pub stamps: Vec<(&'a [u8], &'a [u8])>,
    /// Found so far.
    pub findings: Vec<Finding>,
}

/// Judges its stamps, and its signer at the instant that they prove.
pub(crate) fn judged(claim: Claim<'_>, anchors: &Anchors, at: i64) -> CmsReport {
    let Claim { signer, pool, proofs, signing_time, stamps, mut findings } = claim;
    let ground = Ground { pool, proofs, anchors, now: at };
    let mut report = CmsReport { signer: Some(SignerSummary::from(signer)), signing_time, ..CmsReport::default() };
    for (token, stamped) in stamps {
        let (stamp, problem) = timestamp::judge(token, &[stamped], ground);
        findings.extend(problem.map(Finding::TimeStamp));
        report.time_stamps.extend(stamp);
    }
    let (when, doubts) = judged_at(signing_time, report.proven_time(), at);
    findings.extend(doubts);
    let checked = path::build(signer, pool, anchors, when);
    let checked = checked.and_then(|path| revocation::check(&path, proofs, when, at).map(|_| ()));
    let is_complete = checked.is_ok();
    findings.extend(checked.err().map(Finding::from));
    report.findings = findings;
    report.level = report.intact().then(|| level(&report, is_complete));
    report
}

/// The tokens beside the signature's value.
fn beside<'a>(signed: &Signed<'a>, findings: &mut Vec<Finding>) -> Vec<&'a [u8]> {
    let beside = signed.beside().unwrap_or_else(|_| {
        findings.push(Finding::SignatureMalformed);
        Beside::default()
    });
    findings.extend(beside.unknown.iter().map(|id| Finding::UnknownAttribute(id.to_string())));
    beside.stamps
}

/// When the certificates are judged: at the proven time, else the claimed one, else the verifier's.
fn judged_at(claimed: Option<i64>, proven: Option<i64>, at: i64) -> (i64, Option<Finding>) {
    match (proven, claimed) {
        (Some(stamped), Some(claimed)) if claimed > stamped.saturating_add(CLOCK_SKEW) => {
            (stamped, Some(Finding::SignedAfterStamp { claimed, stamped }))
        }
        (Some(stamped), _) => (stamped, None),
        (None, Some(time)) if time > at.saturating_add(CLOCK_SKEW) => (at, Some(Finding::SignedInFuture(time))),
        (None, Some(time)) => (time, None),
        (None, None) => (at, Some(Finding::NoSigningTime)),
    }
}

/// Nothing is fetched here, so whatever proved signer and authority good was inside.
fn level(report: &CmsReport, is_complete: bool) -> Level {
    match report.proven_time() {
        Some(_) if is_complete => Level::LongTerm,
        _ if report.time_stamps.iter().any(|stamp| stamp.fits) => Level::Timed,
        _ => Level::Basic,
    }
}
