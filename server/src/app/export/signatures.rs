//! Every signature: what it is about, its bytes, what proved the signer good, and the certificates as PEM.

use super::pack::{Gathered, Zip};
use crate::app::AppError;
use crate::app::signing::departments_of;
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::time::Instant;
use benhan_package::{PackError, RulesFacts, SignatureFacts, names};
use benhan_sign::cms::canonical_json;
use benhan_sign::{Certificate, Evidence};
use benhan_store::signatures::{self, Kept, SubjectKind};
use benhan_store::{Conn, StoreError, certificates, house_decisions};
use std::collections::{BTreeSet, HashMap};

const PAGE: i64 = 200;

pub fn write(conn: &mut Conn, permit: &Permit<ViewChart>, zip: &mut Zip, into: &mut Gathered) -> Result<(), AppError> {
    let mut serials: HashMap<String, String> = HashMap::new();
    let mut departments: HashMap<String, String> = HashMap::new();
    let mut after = String::new();
    loop {
        let page = signatures::of_stay(conn, permit, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id.clone();
        let unknown: Vec<String> =
            page.iter().map(|s| s.certificate_id.clone()).filter(|id| !serials.contains_key(id)).collect();
        let found = certificates::by_ids(conn, &unknown)?;
        departments.extend(departments_of(conn, &found)?);
        for certificate in found {
            serials.insert(certificate.id.to_string(), certificate.serial);
        }
        let named: BTreeSet<String> = page.iter().filter_map(|s| s.rules_id.clone()).collect();
        let decisions = house_decisions::named(conn, &Vec::from_iter(named))?;
        for signature in page {
            if let Ok(signer) = signature.signer_id.parse() {
                into.people.insert(signer);
            }
            let serial = serials.get(&signature.certificate_id).cloned().unwrap_or_default();
            let sheet = signature.id.parse().ok().and_then(|id| into.sheets.get(&id).cloned());
            into.signatures.push(signature.id.clone());
            let rules = signature.rules_id.clone().map(|id| {
                let decision = decisions.get(&id).cloned().unwrap_or_default();
                RulesFacts { id, decision }
            });
            let department = departments.get(&signature.certificate_id).cloned();
            one(zip, signature, serial, (sheet, rules, department))?;
        }
    }
}

fn one(
    zip: &mut Zip,
    of: Kept,
    certificate: String,
    (sheet, rules, department): (Option<String>, Option<RulesFacts>, Option<String>),
) -> Result<(), AppError> {
    let in_pdf = of.format == "pades";
    let (subject, version) = (&of.subject_id, of.subject_version);
    let of_set = of.subject_kind == SubjectKind::ObservationSet.as_str();
    let of_patient = of.subject_kind == SubjectKind::PatientSignature.as_str();
    let file = match (in_pdf, of_set, of_patient) {
        (true, ..) => names::sheet(subject, version),
        (false, true, _) => names::vital_signs(subject, version),
        (false, _, true) => names::patient_signature(subject),
        (false, false, false) => names::document(subject, version),
    };
    let value = (!in_pdf).then(|| names::signature_value(&of.id));
    if let Some(path) = &value {
        zip.add(path, &of.value)?;
    }
    let evidence = names::signature_evidence(&of.id);
    zip.add(&evidence, of.evidence.as_bytes())?;
    let kept: Evidence =
        serde_json::from_str(&of.evidence).map_err(|_| StoreError::corrupt("signature", "evidence", &of.id))?;
    for der in &kept.certificates {
        let read = Certificate::from_der(der).map_err(|_| StoreError::corrupt("signature", "evidence", &of.id))?;
        let path = names::certificate(&hex::encode(read.fingerprint()));
        if !zip.has(&path) {
            zip.add(&path, read.to_pem().as_bytes())?;
        }
    }
    let about = SignatureFacts {
        subject_kind: of.subject_kind,
        subject_id: of.subject_id,
        subject_version: of.subject_version,
        signer: of.signer_id,
        signed_at: Instant(of.signed_at).rfc3339(),
        certificate,
        format: of.format,
        sha256: of.sha256,
        file,
        value,
        sheet,
        evidence,
        rules,
        department,
        id: of.id,
    };
    zip.add(&names::signature(&about.id), &canonical_json(&about).map_err(PackError::from)?)?;
    Ok(())
}
