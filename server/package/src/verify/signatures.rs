//! Every signature over what it signs, and every PDF with what is inside it.

use super::lasting::SheetStamps;
use super::{Check, LARGEST_JSON, LARGEST_SHEET, LARGEST_SIGNATURE};
use crate::facts::{EntryKind, Facts, RulesFacts, SignatureFacts};
use crate::finding::Finding;
use crate::names;
use benhan_sign::cms::{SignerSummary, verify_detached};
use benhan_sign::pades::verify_pdf;
use benhan_sign::path::Purpose;
use benhan_sign::{Certificate, Evidence, Finding as SignFinding, Proofs};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// Why each PDF was signed, as its signatures say.
type Reasons = BTreeMap<String, Vec<String>>;

/// The signatures of this stay, by their files; and until when the time stamps in its sheets hold.
pub fn check<R: Read + Seek>(
    check: &mut Check<'_, R>,
    facts: &Facts,
) -> (BTreeMap<String, SignatureFacts>, SheetStamps) {
    let about = |name: &&str| {
        name.strip_prefix("chu-ky/").and_then(|rest| rest.strip_suffix(".json")).is_some_and(|id| !id.contains('.'))
    };
    let files: Vec<String> = check.archive.names().filter(about).map(str::to_owned).collect();
    let mut found = BTreeMap::new();
    for file in files {
        let Some(signature) = check.json::<SignatureFacts>(&file) else {
            check.add(&file, Finding::Unreadable);
            continue;
        };
        if names::signature(&signature.id) != file || !is_of(&signature, facts) {
            check.add(&file, Finding::OtherRecord);
        }
        one(check, &file, &signature);
        found.insert(file, signature);
    }
    let (stamps, reasons) = sheets(check, facts);
    for (file, signature) in found.iter().filter(|(_, signature)| signature.value.is_none()) {
        let names = |rules: &RulesFacts| {
            let mut given = reasons.get(&signature.file).into_iter().flatten();
            given.any(|reason| reason.contains(&rules.decision))
        };
        if signature.rules.as_ref().is_some_and(|rules| !names(rules)) {
            check.add(file, Finding::OtherRules);
        }
    }
    for signature in found.values() {
        match &signature.rules {
            Some(rules) => *check.report.signing_rules.entry(rules.decision.clone()).or_default() += 1,
            None => check.report.without_rules += 1,
        }
    }
    check.report.signatures = found.len();
    (found, stamps)
}

/// What it signs is an entry of this record.
fn is_of(signature: &SignatureFacts, facts: &Facts) -> bool {
    let kind = match signature.subject_kind.as_str() {
        "observation-set" => EntryKind::VitalSigns,
        "document" | "department-seal" => EntryKind::Document,
        "patient-signature" => EntryKind::PatientSignature,
        _ => return false,
    };
    let in_pdf = signature.value.is_none();
    facts.entries.iter().any(|entry| {
        let of = (entry.id.as_str(), entry.version) == (signature.subject_id.as_str(), signature.subject_version);
        let signed = if in_pdf { entry.sheets.contains(&signature.file) } else { entry.file == signature.file };
        // A witness signs beside the sheet, which shows that they did.
        let witnessed = kind == EntryKind::PatientSignature;
        let shows = |sheet: &String| match witnessed {
            true => facts.entries.iter().any(|of| of.kind == EntryKind::Document && of.sheets.contains(sheet)),
            false => entry.sheets.contains(sheet),
        };
        let shown = signature.sheet.as_ref().is_none_or(shows);
        of && entry.kind == kind && signed && shown
    })
}

fn one<R: Read + Seek>(check: &mut Check<'_, R>, about: &str, signature: &SignatureFacts) {
    let Some(content) = check.archive.read(&signature.file, LARGEST_SHEET) else {
        return check.add(about, Finding::Missing);
    };
    if hex::encode(Sha256::digest(&content)) != signature.sha256 && !check.changed.contains(&signature.file) {
        check.add(about, Finding::Signature(SignFinding::ContentChanged));
    }
    let Some(value) = &signature.value else {
        return evidence(check, signature, None);
    };
    let Some(cms) = check.archive.read(value, LARGEST_SIGNATURE) else {
        check.add(about, Finding::Missing);
        return check.add(value, Finding::Missing);
    };
    let report = verify_detached(&content, &cms, check.anchors, check.now);
    for finding in &report.findings {
        // The bytes that were changed are named, not the signature that shows it.
        let place = if *finding == SignFinding::ContentChanged { &signature.file } else { value };
        check.add(place, Finding::Signature(finding.clone()));
    }
    if report.signer.as_ref().is_some_and(|signer| signer.serial != signature.certificate) {
        check.add(about, Finding::OtherRecord);
    }
    let named = report.claims.rules.map(|rules| RulesFacts { id: rules.id, decision: rules.decision });
    if report.signer.is_some() && named != signature.rules {
        check.add(about, Finding::OtherRules);
    }
    // A seal is a department's; under itself it names the person who put it.
    let put_by = report.claims.put_by.map(|by| by.id);
    let sealed = signature.subject_kind == "department-seal";
    if report.signer.is_some() && put_by.as_ref() != sealed.then_some(&signature.signer) {
        check.add(about, Finding::OtherSealer);
    }
    check.report.seals += usize::from(sealed);
    evidence(check, signature, report.signer.as_ref());
}

/// What was checked before signing can be read, and is about the one who signed.
fn evidence<R: Read + Seek>(check: &mut Check<'_, R>, signature: &SignatureFacts, signer: Option<&SignerSummary>) {
    let read = check.archive.read(&signature.evidence, LARGEST_JSON);
    let Some(kept) = read.and_then(|bytes| serde_json::from_slice::<Evidence>(&bytes).ok()) else {
        check.add(names::signature(&signature.id), Finding::Missing);
        return check.add(&signature.evidence, Finding::Unreadable);
    };
    let Some((certificates, crls, answers)) = kept.parsed() else {
        return check.add(&signature.evidence, Finding::EvidenceOfAnother);
    };
    let fits = |first: &&Certificate| {
        first.serial() == signature.certificate
            && signer.is_none_or(|signer| signer.fingerprint == hex::encode(first.fingerprint()))
    };
    let Some(first) = certificates.first().filter(fits) else {
        return check.add(&signature.evidence, Finding::EvidenceOfAnother);
    };
    let anchor = certificates.last().map(|anchor| hex::encode(anchor.fingerprint())).unwrap_or_default();
    if check.trusted.as_ref().is_some_and(|trusted| !trusted.knew(&kept, &anchor)) {
        check.add(&signature.evidence, Finding::NotTrustedThen);
    }
    // It says of itself that it was good then: asked again, with nothing but what it holds.
    let (purpose, at, proofs) = (Purpose::Documents, kept.checked_at, Proofs { crls: &crls, answers: &answers });
    if let Err(problem) = Evidence::gather_for(purpose, first, &certificates, proofs, check.anchors, at, check.now) {
        check.add(&signature.evidence, Finding::Signature(problem.into()));
    }
}

/// Each PDF by itself, and what is inside it against what lies beside it.
fn sheets<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts) -> (SheetStamps, Reasons) {
    let (mut stamps, mut reasons) = (SheetStamps::new(), Reasons::new());
    for sheet in facts.entries.iter().flat_map(|entry| &entry.sheets) {
        let Some(content) = check.archive.read(sheet, LARGEST_SHEET) else { continue };
        check.report.sheets += 1;
        let report = verify_pdf(&content, check.anchors, check.now);
        let given: Vec<String> = report.signatures.iter().filter_map(|one| one.reason.clone()).collect();
        reasons.insert(sheet.clone(), given);
        let trusted = report.signatures.iter().flat_map(|one| &one.cms.time_stamps).filter(|stamp| stamp.trusted);
        let ends = trusted.filter_map(|stamp| Some(stamp.authority.as_ref()?.valid_until));
        stamps.extend(ends.max().map(|until| (sheet.clone(), until)));
        let of_signatures = report.signatures.iter().flat_map(|signature| &signature.cms.findings);
        let of_attachments = report.attachments.iter().flat_map(|file| {
            file.findings.iter().chain(file.signature.iter().flat_map(|signature| &signature.findings))
        });
        for finding in report.findings.iter().chain(of_signatures).chain(of_attachments) {
            // A set that was not signed when the sheet was made, or evidence that came after: nothing was changed.
            if finding.severity() > benhan_sign::Severity::Note {
                check.add(sheet, Finding::Signature(finding.clone()));
            }
        }
        // A countersignature inside has no file of its name beside: over whose body it is was judged above.
        for file in report.attachments.iter().filter(|file| !file.name.ends_with(".p7s")) {
            let beside = format!("du-lieu/{}", file.name);
            if !check.archive.has(&beside) {
                check.add(sheet, Finding::EmbeddedDiffers(file.name.clone()));
            } else if check.holds(&beside) && check.archive.hash(&beside).is_none_or(|(_, hash)| hash != file.sha256) {
                check.add(&beside, Finding::EmbeddedDiffers(file.name.clone()));
            }
        }
    }
    (stamps, reasons)
}
