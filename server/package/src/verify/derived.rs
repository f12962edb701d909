//! The exchange files say what the bodies and the facts say, derived again here to the byte; the XML ones are signed by
//! the facility's seal besides, wherever the package is sealed.

use super::{Check, LARGEST_JSON};
use crate::exchange::{self, Bodies, differs_in_json, differs_in_xml};
use crate::facts::Facts;
use crate::finding::Finding;
use crate::names;
use benhan_sign::audit_export::sealed_by;
use benhan_sign::xades::{XmlProblem, verify_xml, without_signature};
use benhan_sign::{Finding as SignFinding, Severity};
use std::io::{Read, Seek};

/// Without the bodies as they were, nothing can be derived: what changed them is on the report.
pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts, bodies: Option<Bodies>) {
    let signed = [names::EXCHANGE_XML, names::SUMMARY].map(|name| (name, unsigned(check, name)));
    let Some(bodies) = bodies.filter(|_| check.holds(names::FACTS)) else { return };
    let (record, summary) = (exchange::record(facts, &bodies), exchange::summary(facts, &bodies));
    for (name, content) in signed {
        let (root, wanted) =
            if name == names::SUMMARY { (exchange::SUMMARY, &summary) } else { (exchange::RECORD, &record) };
        let Some(content) = content.filter(|_| check.holds(name)) else { continue };
        if exchange::to_xml(root, wanted).ok().as_ref() != Some(&content) {
            let place = differs_in_xml(root, wanted, &content).unwrap_or_else(|| root.to_owned());
            check.add(name, Finding::Underived(place));
        }
    }
    match check.archive.read(names::EXCHANGE_JSON, LARGEST_JSON) {
        Some(content) if check.holds(names::EXCHANGE_JSON) => {
            if let Some(place) = differs_in_json(&record, &content) {
                check.add(names::EXCHANGE_JSON, Finding::Underived(place));
            }
        }
        None if !check.changed.contains(names::EXCHANGE_JSON) => check.add(names::EXCHANGE_JSON, Finding::Missing),
        _ => {}
    }
}

/// The file without its signature, which is judged here; `None` where it cannot be said what that is.
fn unsigned<R: Read + Seek>(check: &mut Check<'_, R>, name: &str) -> Option<Vec<u8>> {
    let Some(content) = check.archive.read(name, LARGEST_JSON) else {
        if !check.changed.contains(name) {
            check.add(name, Finding::Missing);
        }
        return None;
    };
    let report = verify_xml(&content, check.anchors, check.now);
    let not_signed = SignFinding::Xml(XmlProblem::NotSigned);
    if !check.archive.has(names::MANIFEST_SEAL) && report.findings.contains(&not_signed) {
        return Some(content);
    }
    for finding in &report.findings {
        check.add(name, Finding::Signature(finding.clone()));
    }
    if report.intact() && !sealed_by(&report, &check.manifest.origin.facility, check.anchors) {
        check.add(name, Finding::NotTheSeal);
    }
    let plain = without_signature(&content);
    if plain.is_none() && report.findings.iter().all(|finding| finding.severity() == Severity::Note) {
        check.add(name, Finding::Signature(XmlProblem::Structure.into()));
    }
    plain
}
