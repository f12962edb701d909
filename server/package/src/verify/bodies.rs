//! Every version of the record: its body is the one that was kept, of this patient, this stay and this version.

use super::{Check, LARGEST_JSON};
use crate::exchange::Bodies;
use crate::facts::{Entry, EntryKind, Facts};
use crate::finding::Finding;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek};

/// What all bodies say of themselves.
#[derive(Deserialize)]
struct Body {
    set: Option<String>,
    note: Option<String>,
    document: Option<String>,
    result: Option<String>,
    #[serde(rename = "patientSignature")]
    patient_signature: Option<String>,
    version: i64,
    encounter: String,
    patient: String,
    status: Option<String>,
    #[serde(rename = "pdfSha256")]
    pdf: Option<String>,
}

impl Body {
    fn id(&self, kind: EntryKind) -> Option<&str> {
        match kind {
            EntryKind::VitalSigns => self.set.as_deref(),
            EntryKind::Document => self.note.as_deref().or(self.document.as_deref()),
            EntryKind::PatientSignature => self.patient_signature.as_deref(),
            EntryKind::Result => self.result.as_deref(),
        }
    }
}

/// The bodies that the exchange files are made of; `None` when one of them is not what it was.
pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts) -> Option<Bodies> {
    let (mut bodies, mut whole) = (Bodies::default(), true);
    for entry in &facts.entries {
        let Some(content) = check.archive.read(&entry.file, LARGEST_JSON) else {
            // One that is listed and gone is on the report already.
            if !check.changed.contains(&entry.file) {
                check.add(&entry.file, Finding::Missing);
            }
            whole = false;
            continue;
        };
        if check.changed.contains(&entry.file) {
            whole = false;
        } else if let Some(finding) = problem(entry, &content, facts) {
            check.add(&entry.file, finding);
            whole = false;
        }
        sheets(check, entry, &content);
        let taken = match entry.kind {
            EntryKind::VitalSigns if entry.current && entry.stands => bodies.set(&content),
            EntryKind::Result if entry.current && entry.stands => bodies.result(&content),
            _ => Ok(()),
        };
        whole &= taken.is_ok();
    }
    whole.then(|| bodies.sorted())
}

fn problem(entry: &Entry, content: &[u8], facts: &Facts) -> Option<Finding> {
    if hex::encode(Sha256::digest(content)) != entry.sha256 {
        return Some(Finding::Changed);
    }
    let Ok(body) = serde_json::from_slice::<Body>(content) else { return Some(Finding::Unreadable) };
    let same = body.id(entry.kind) == Some(entry.id.as_str())
        && body.version == entry.version
        && body.encounter == facts.stay.number
        && body.patient == facts.patient.code
        && body.status.is_none_or(|status| status == entry.status);
    (!same).then_some(Finding::OtherRecord)
}

/// Every sheet is there; a chart's body names the PDF that it is.
fn sheets<R: Read + Seek>(check: &mut Check<'_, R>, entry: &Entry, content: &[u8]) {
    let named = serde_json::from_slice::<Body>(content).ok().and_then(|body| body.pdf);
    for sheet in entry.sheets.iter().filter(|sheet| !check.changed.contains(*sheet)).cloned().collect::<Vec<_>>() {
        match check.archive.hash(&sheet) {
            None => check.add(sheet, Finding::Missing),
            Some((_, hash)) if named.as_ref().is_some_and(|named| *named != hash) => check.add(sheet, Finding::Changed),
            Some(_) => {}
        }
    }
}
