//! What the head of the hospital confirmed: each signature that a confirmation lists is in the package, and is the one that
//! it lists.

use super::{Check, LARGEST_JSON, LARGEST_SIGNATURE};
use crate::facts::{EntryKind, Facts, SignatureFacts};
use crate::finding::Finding;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

const FORMAT: &str = "benhan/facility-confirmation/1";

#[derive(Deserialize)]
struct Statement {
    format: String,
    signatures: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    signature: String,
    subject: String,
    version: i64,
    sha256: String,
    value_sha256: String,
    signer: String,
    certificate: String,
}

pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts, signatures: &BTreeMap<String, SignatureFacts>) {
    let by_id: BTreeMap<&str, &SignatureFacts> = signatures.values().map(|s| (s.id.as_str(), s)).collect();
    let mut confirmed = BTreeSet::new();
    for entry in facts.entries.iter().filter(|entry| entry.kind == EntryKind::Document) {
        // What was changed is on the report already.
        if !check.holds(&entry.file) {
            continue;
        }
        let Some(content) = check.archive.read(&entry.file, LARGEST_JSON) else { continue };
        let statement = match serde_json::from_slice::<Statement>(&content) {
            Ok(statement) if statement.format == FORMAT => statement,
            _ => continue,
        };
        for line in statement.signatures {
            match by_id.get(line.signature.as_str()) {
                Some(given) if is_that(check, given, &line) => {
                    confirmed.insert(line.signature);
                }
                _ => check.add(&entry.file, Finding::ConfirmsAnother(line.signature)),
            }
        }
    }
    check.report.confirmed = confirmed.len();
}

fn is_that<R: Read + Seek>(check: &mut Check<'_, R>, given: &SignatureFacts, line: &Line) -> bool {
    let value = match &given.value {
        // The value stands in the PDF: what is kept beside it is the hash of that file.
        None => hex::encode(Sha256::digest(&given.sha256)),
        Some(file) if check.changed.contains(file) => line.value_sha256.clone(),
        Some(file) => {
            check.archive.read(file, LARGEST_SIGNATURE).map(|cms| hex::encode(Sha256::digest(cms))).unwrap_or_default()
        }
    };
    (given.subject_id.as_str(), given.subject_version) == (line.subject.as_str(), line.version)
        && given.sha256 == line.sha256
        && value == line.value_sha256
        && given.signer == line.signer
        && given.certificate == line.certificate
}
