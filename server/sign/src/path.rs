//! The path of trust (đường dẫn tin cậy): signer → issuing CAs → anchor, by RFC 5280 section 6.
//!
//! Issuers are found by name, key identifier and a signature that verifies. Name constraints and
//! policies are not processed; a certificate that makes them critical is refused.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280 as oid;

use crate::algorithm::{self, Refusal};
use crate::certificate::{Anchors, Certificate};
use crate::problem::CertificateProblem;

/// Longest path that is tried, the anchor included.
const MAX_LENGTH: usize = 8;
/// Signature checks spent on one search; a hostile pool of cross-certificates ends here.
const MAX_CHECKS: usize = 64;

/// Extended key usages that allow signing documents; a certificate may also name none.
const SIGNING_PURPOSES: [ObjectIdentifier; 6] = [
    oid::ANY_EXTENDED_KEY_USAGE,
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"), // documentSigning, RFC 9336
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4"),  // emailProtection
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),  // clientAuth: what Vietnamese public CAs write
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.3.12"),
    ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.5"),
];

/// id-kp-timeStamping
pub(crate) const TIME_STAMPING: ObjectIdentifier = oid::ID_KP_TIME_STAMPING;

/// What the certificate at the path's start is to be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing documents.
    Documents,
    /// Making time stamps, and nothing else (RFC 3161 2.3).
    TimeStamps,
}

/// A checked path, signer first, anchor last.
#[derive(Debug, Clone)]
pub struct Path {
    certificates: Vec<Certificate>,
    purpose: Purpose,
}

impl Path {
    /// Signer first, anchor last; one certificate where the signer itself is an anchor.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// What it was checked for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Each certificate below the anchor with its issuer.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&Certificate, &Certificate)> {
        self.certificates.iter().zip(self.certificates.iter().skip(1))
    }
}

/// Finds a path from `signer` through `pool` to one of `anchors` and checks it for signing
/// documents at the instant `at` (µs UTC). Revocation is a question of its own.
///
/// # Errors
/// The first [`CertificateProblem`] of the most promising path.
pub fn build(
    signer: &Certificate,
    pool: &[Certificate],
    anchors: &Anchors,
    at: i64,
) -> Result<Path, CertificateProblem> {
    build_for(Purpose::Documents, signer, pool, anchors, at)
}

/// The same for another purpose.
///
/// # Errors
/// The first [`CertificateProblem`] of the most promising path.
pub fn build_for(
    purpose: Purpose,
    signer: &Certificate,
    pool: &[Certificate],
    anchors: &Anchors,
    at: i64,
) -> Result<Path, CertificateProblem> {
    let mut search = Search { purpose, pool, anchors, at, checks: 0, problem: None };
    match search.extend(&mut vec![signer]) {
        Some(path) => Ok(path),
        None => Err(search
            .problem
            .unwrap_or_else(|| CertificateProblem::UnknownIssuer { who: signer.subject(), issuer: signer.issuer() })),
    }
}

struct Search<'a> {
    purpose: Purpose,
    pool: &'a [Certificate],
    anchors: &'a Anchors,
    at: i64,
    checks: usize,
    problem: Option<CertificateProblem>,
}

impl<'a> Search<'a> {
    fn extend(&mut self, chain: &mut Vec<&'a Certificate>) -> Option<Path> {
        let last = *chain.last()?;
        if self.anchors.contains(last) {
            return match check(self.purpose, chain, self.at) {
                Ok(()) => {
                    let certificates = chain.iter().map(|c| (*c).clone()).collect();
                    Some(Path { certificates, purpose: self.purpose })
                }
                Err(problem) => {
                    self.problem.get_or_insert(problem);
                    None
                }
            };
        }
        if chain.len() >= MAX_LENGTH {
            return None;
        }
        let candidates = self.anchors.certificates().iter().chain(self.pool);
        for issuer in candidates.filter(|c| c.subject_name() == last.issuer_name() && last.key_ids_fit(c)) {
            if chain.iter().any(|seen| seen.der() == issuer.der()) {
                continue;
            }
            self.checks += 1;
            if self.checks > MAX_CHECKS {
                return None;
            }
            if let Err(refusal) = last.verify_signed_by(issuer) {
                self.problem.get_or_insert(refused(last, refusal));
                continue;
            }
            chain.push(issuer);
            if let Some(path) = self.extend(chain) {
                return Some(path);
            }
            chain.pop();
        }
        None
    }
}

fn refused(certificate: &Certificate, refusal: Refusal) -> CertificateProblem {
    let who = certificate.subject();
    match refusal {
        Refusal::Invalid => CertificateProblem::BadSignature { who },
        Refusal::Algorithm(_) | Refusal::ShortKey(_) => {
            CertificateProblem::WeakAlgorithm { who, detail: refusal.to_string() }
        }
    }
}

/// Everything but signatures and revocation; `chain` runs from the signer to the anchor.
fn check(purpose: Purpose, chain: &[&Certificate], at: i64) -> Result<(), CertificateProblem> {
    let anchor = chain.len() - 1;
    let mut intermediates_below = 0_u32;
    for (place, certificate) in chain.iter().enumerate() {
        check_alone(certificate, at)?;
        if place == 0 {
            match purpose {
                Purpose::Documents => check_signer(certificate)?,
                Purpose::TimeStamps => check_time_stamper(certificate)?,
            }
            continue;
        }
        check_authority(certificate, intermediates_below, place == anchor)?;
        if !certificate.is_self_issued() {
            intermediates_below += 1;
        }
    }
    Ok(())
}

pub(crate) fn check_alone(certificate: &Certificate, at: i64) -> Result<(), CertificateProblem> {
    let who = || certificate.subject();
    if at < certificate.valid_from() {
        return Err(CertificateProblem::NotYetValid { who: who(), from: certificate.valid_from() });
    }
    // The last second of validity is valid to its end.
    if at >= certificate.valid_until().saturating_add(crate::instant::SECOND) {
        return Err(CertificateProblem::Expired { who: who(), until: certificate.valid_until() });
    }
    algorithm::strong_key(certificate.public_key())
        .map_err(|refusal| CertificateProblem::WeakAlgorithm { who: who(), detail: refusal.to_string() })?;
    for extension in certificate.extensions().iter().filter(|extension| extension.critical) {
        let understood = matches!(
            extension.extn_id,
            oid::ID_CE_BASIC_CONSTRAINTS
                | oid::ID_CE_KEY_USAGE
                | oid::ID_CE_EXT_KEY_USAGE
                | oid::ID_CE_CERTIFICATE_POLICIES
                | oid::ID_CE_SUBJECT_ALT_NAME
        );
        if !understood {
            return Err(CertificateProblem::UnknownExtension { who: who(), oid: extension.extn_id.to_string() });
        }
    }
    Ok(())
}

fn check_signer(certificate: &Certificate) -> Result<(), CertificateProblem> {
    let malformed = |_| CertificateProblem::Malformed { who: certificate.subject() };
    let wrong = || CertificateProblem::WrongUsage { who: certificate.subject() };
    let usage = certificate.key_usage().map_err(malformed)?.ok_or_else(wrong)?;
    if !usage.digital_signature() && !usage.non_repudiation() {
        return Err(wrong());
    }
    if let Some(purposes) = certificate.extended_key_usage().map_err(malformed)? {
        purposes.0.iter().any(|purpose| SIGNING_PURPOSES.contains(purpose)).then_some(()).ok_or_else(wrong)?;
    }
    Ok(())
}

/// RFC 3161 2.3: the one purpose of the key is time stamps, and the certificate insists on it.
pub(crate) fn check_time_stamper(certificate: &Certificate) -> Result<(), CertificateProblem> {
    let malformed = |_| CertificateProblem::Malformed { who: certificate.subject() };
    let wrong = || CertificateProblem::NotATimeStamper { who: certificate.subject() };
    let insists = |extension: &x509_cert::ext::Extension| extension.critical;
    let purposes = certificate.extended_key_usage().map_err(malformed)?.ok_or_else(wrong)?;
    let critical = certificate.extensions().iter().find(|e| e.extn_id == oid::ID_CE_EXT_KEY_USAGE).is_some_and(insists);
    let may_sign = certificate
        .key_usage()
        .map_err(malformed)?
        .is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
    if critical && may_sign && purposes.0 == [TIME_STAMPING] { Ok(()) } else { Err(wrong()) }
}

fn check_authority(certificate: &Certificate, below: u32, is_anchor: bool) -> Result<(), CertificateProblem> {
    let malformed = |_| CertificateProblem::Malformed { who: certificate.subject() };
    let no_authority = || CertificateProblem::NotAnAuthority { who: certificate.subject() };
    if is_anchor && !certificate.is_version_3() {
        // An old root says nothing about itself; that it is an anchor is the administrator's word.
        return Ok(());
    }
    let constraints = certificate.basic_constraints().map_err(malformed)?.ok_or_else(no_authority)?;
    let deep_enough = constraints.path_len_constraint.is_none_or(|most| below <= u32::from(most));
    let may_issue = certificate.key_usage().map_err(malformed)?.map_or(is_anchor, |usage| usage.key_cert_sign());
    if constraints.ca && deep_enough && may_issue { Ok(()) } else { Err(no_authority()) }
}

#[cfg(test)]
mod tests;
