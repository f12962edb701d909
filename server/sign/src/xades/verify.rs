//! Judging a signed file: the content, the properties, the value, and then as any other signature.

use super::canonical::canonical;
use super::form::from_xml_value;
use super::problem::XmlProblem;
use super::read::{self, Signature};
use super::tree;
use crate::algorithm::{self, Refusal};
use crate::certificate::{Anchors, Certificate};
use crate::cms::{Claim, CmsReport, judged};
use crate::finding::Finding;
use crate::instant;
use crate::ocsp::OcspAnswer;
use crate::revocation::{Crl, Proofs};

/// Checks the one enveloped signature of an XML file. `at` is the verifier's clock in µs UTC.
pub fn verify_xml(xml: &[u8], anchors: &Anchors, at: i64) -> CmsReport {
    let root = match tree::read(xml) {
        Ok(root) => root,
        Err(problem) => return CmsReport { findings: vec![problem.into()], ..CmsReport::default() },
    };
    match read::signature(&root) {
        Ok(signature) => verified(&root, &signature, anchors, at),
        Err(finding) => CmsReport { findings: vec![finding], ..CmsReport::default() },
    }
}

fn verified(root: &tree::Element, signature: &Signature<'_>, anchors: &Anchors, at: i64) -> CmsReport {
    let form = &signature.form;
    let mut findings: Vec<Finding> = signature.unknown.iter().cloned().map(Finding::UnknownAttribute).collect();
    let pool: Vec<Certificate> =
        form.key_info.iter().chain(&form.certificates).filter_map(|der| Certificate::from_der(der).ok()).collect();
    let crls: Vec<Crl> = form.crls.iter().filter_map(|der| Crl::from_der(der).ok()).collect();
    let answers: Vec<OcspAnswer> = form.ocsps.iter().filter_map(|der| OcspAnswer::from_der(der).ok()).collect();
    let is_whole = pool.len() == form.key_info.len() + form.certificates.len()
        && (crls.len(), answers.len()) == (form.crls.len(), form.ocsps.len());
    let proofs = Proofs { crls: &crls, answers: &answers };
    if !is_whole || !is_by_those_named(&pool, proofs, anchors) {
        findings.push(XmlProblem::Evidence.into());
    }
    // The pinned certificate is the signer's: KeyInfo is not signed.
    let pinned = |certificate: &&Certificate| form.pins.first().is_some_and(|pin| pin.is_of(certificate.der()));
    let Some(signer) = pool.iter().find(pinned) else {
        findings.push(Finding::CertificateExchanged);
        return CmsReport { findings, ..CmsReport::default() };
    };
    if !form.content.is_of(&canonical(root, Some(signature.whole))) {
        findings.push(Finding::ContentChanged);
    }
    let others = form.pins.iter().skip(1).all(|pin| pool.iter().any(|certificate| pin.is_of(certificate.der())));
    if !form.properties.is_of(&canonical(signature.properties, None)) || !others {
        findings.push(Finding::SignatureWrong);
    }
    let value = from_xml_value(form.method, &form.value);
    let message = canonical(signature.signed_info, None);
    match algorithm::verify(signer.public_key(), form.method, None, &message, &value) {
        Ok(()) => {}
        Err(Refusal::Invalid) => findings.push(Finding::SignatureWrong),
        Err(refusal) => findings.push(Finding::Unsupported(refusal.to_string())),
    }
    let stamped = canonical(signature.value, None);
    let stamps = form.stamps.iter().map(|token| (token.as_slice(), stamped.as_slice())).collect();
    let signing_time = instant::from_rfc3339(&form.signing_time);
    judged(Claim { signer, pool: &pool, proofs, signing_time, stamps, findings }, anchors, at)
}

/// Every certificate, list and answer beside the signature is by its issuer, or is an anchor: what was altered in one that no path
/// needs would be missed by everybody else.
fn is_by_those_named(pool: &[Certificate], proofs: Proofs<'_>, anchors: &Anchors) -> bool {
    let known: Vec<&Certificate> = pool.iter().chain(anchors.certificates()).collect();
    let by_its_issuer = |of: &Certificate| {
        let mut issuers = known.iter().filter(|issuer| issuer.subject_name() == of.issuer_name());
        anchors.contains(of) || issuers.any(|issuer| of.verify_signed_by(issuer).is_ok())
    };
    let listed = |list: &Crl| known.iter().any(|issuer| list.is_of(issuer));
    let answered = |answer: &OcspAnswer| known.iter().any(|issuer| answer.is_by(issuer, proofs.crls));
    pool.iter().all(by_its_issuer) && proofs.crls.iter().all(listed) && proofs.answers.iter().all(answered)
}
