//! What patients and their representatives gave: bound to the very bytes that they read, signed by the witness it names,
//! and more than a picture (Law 20/2023 Art. 22).

use super::Check;
use crate::facts::{EntryKind, Facts, PATIENT_SIGNATURE_FORMAT, SignatureFacts};
use crate::finding::Finding;
use crate::names;
use benhan_domain::patient_signature::phone_code::stands;
use benhan_domain::patient_signature::{Drawing, Method, Phone};
use benhan_domain::time::Instant;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{Read, Seek};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evidence {
    format: String,
    document: String,
    document_version: i64,
    document_sha256: String,
    method: Method,
    witness: Witness,
    proof: Proof,
}

#[derive(Deserialize)]
struct Witness {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    drawing: Option<Drawing>,
    scan_sha256: Option<String>,
    scan_extension: Option<String>,
    phone_code: Option<PhoneCodeGiven>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneCodeGiven {
    phone: String,
    sent_at: jiff::Timestamp,
    confirmed_at: jiff::Timestamp,
}

impl PhoneCodeGiven {
    /// To a number that is one, and back while the code stood.
    fn holds(&self) -> bool {
        let instant = |at: jiff::Timestamp| Instant(at.as_microsecond());
        Phone::parse(&self.phone).is_some() && stands(instant(self.sent_at), instant(self.confirmed_at))
    }
}

pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts, signatures: &BTreeMap<String, SignatureFacts>) {
    for entry in facts.entries.iter().filter(|entry| entry.kind == EntryKind::PatientSignature) {
        // What is gone or changed is on the report already.
        if !check.holds(&entry.file) {
            continue;
        }
        let Some(evidence) = check.json::<Evidence>(&entry.file).filter(|e| e.format == PATIENT_SIGNATURE_FORMAT)
        else {
            check.add(&entry.file, Finding::Unreadable);
            continue;
        };
        let is_of = |of: &&crate::facts::Entry| {
            of.kind == EntryKind::Document && (&of.id, of.version) == (&evidence.document, evidence.document_version)
        };
        if facts.entries.iter().find(is_of).is_none_or(|of| of.sha256 != evidence.document_sha256) {
            check.add(&entry.file, Finding::OfOtherBytes);
        }
        let over = |s: &&SignatureFacts| s.subject_kind == "patient-signature" && s.subject_id == entry.id;
        match signatures.values().find(over) {
            None => check.add(&entry.file, Finding::NoWitness),
            Some(signature) if signature.signer != evidence.witness.id => {
                check.add(&entry.file, Finding::OtherWitness);
            }
            Some(_) => {}
        }
        proof(check, &entry.id, &entry.file, &evidence);
    }
}

fn proof<R: Read + Seek>(check: &mut Check<'_, R>, id: &str, file: &str, evidence: &Evidence) {
    match evidence.method {
        Method::Stroke => {
            if evidence.proof.drawing.as_ref().is_none_or(|drawing| drawing.check().is_err()) {
                check.add(file, Finding::NoInk);
            }
        }
        Method::PhoneCode => {
            if !evidence.proof.phone_code.as_ref().is_some_and(PhoneCodeGiven::holds) {
                check.add(file, Finding::NoCode);
            }
        }
        Method::Paper => {
            let extension = evidence.proof.scan_extension.as_deref().unwrap_or_default();
            let scan = names::scan(id, extension);
            match check.archive.hash(&scan) {
                None => check.add(scan, Finding::Missing),
                Some((_, hash)) if Some(&hash) != evidence.proof.scan_sha256.as_ref() => {
                    check.add(scan, Finding::Changed);
                }
                Some(_) => {}
            }
        }
    }
}
