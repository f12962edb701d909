//! Embedded files (PDF/A-3): listed, and `NAME` checked against an embedded `NAME.p7s`; `NAME.2.p7s` is the signature of
//! a second person over the same bytes.
//!
//! A vital-sign sheet carries the canonical bytes that nurses signed during the round beside the
//! signatures over them, so that the sheet alone proves each set.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object};
use serde::Serialize;

use super::document::{dictionary, resolve, text, value};
use crate::algorithm::sha256;
use crate::certificate::Anchors;
use crate::cms::{CmsReport, verify_detached};
use crate::finding::Finding;

const SIGNATURE: &str = ".p7s";
const MAX_FILE: usize = 32 * 1024 * 1024;
const MAX_ALL: usize = 128 * 1024 * 1024;

/// One embedded file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AttachmentReport {
    /// Its name in the PDF.
    pub name: String,
    /// Its size in bytes, unpacked.
    pub bytes: usize,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// The detached signature beside it.
    pub signature: Option<CmsReport>,
    /// What concerns the file itself.
    pub findings: Vec<Finding>,
}

impl AttachmentReport {
    /// All findings, the signature's too.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.signature.iter().flat_map(|signature| &signature.findings))
    }
}

pub(crate) fn verify(document: &Document, anchors: &Anchors, at: i64) -> Vec<AttachmentReport> {
    let mut reports = Vec::new();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut left = MAX_ALL;
    for specification in specifications(document) {
        let name = name(document, specification);
        let Some(content) = content(document, specification, left.min(MAX_FILE)) else {
            reports.push(alone(&name, &[], Finding::Unreadable(name.clone())));
            continue;
        };
        left = left.saturating_sub(content.len());
        match files.get(&name) {
            Some(known) if *known == content => {} // one file, listed twice
            Some(_) => reports.push(alone(&name, &content, Finding::AttachmentTwice(name.clone()))),
            None => drop(files.insert(name, content)),
        }
    }
    for (name, content) in &files {
        if let Some(signed) = name.strip_suffix(SIGNATURE) {
            match (files.contains_key(signed), countersigned(signed).and_then(|of| files.get(of))) {
                (true, _) => {} // told with the file
                (false, Some(of)) => reports.push(AttachmentReport {
                    signature: Some(verify_detached(of, content, anchors, at)),
                    findings: Vec::new(),
                    ..alone(name, content, Finding::SignatureWithoutFile(name.clone()))
                }),
                (false, None) => reports.push(alone(name, content, Finding::SignatureWithoutFile(name.clone()))),
            }
            continue;
        }
        let signature = files.get(&format!("{name}{SIGNATURE}"));
        reports.push(match signature {
            Some(cms) => AttachmentReport {
                name: name.clone(),
                bytes: content.len(),
                sha256: hex::encode(sha256(&[content])),
                signature: Some(verify_detached(content, cms, anchors, at)),
                findings: Vec::new(),
            },
            None => alone(name, content, Finding::AttachmentUnsigned(name.clone())),
        });
    }
    reports.sort_by(|one, other| one.name.cmp(&other.name));
    reports
}

/// `NAME` of `NAME.2`.
fn countersigned(signed: &str) -> Option<&str> {
    let (of, which) = signed.rsplit_once('.')?;
    (which.len() == 1 && matches!(which.as_bytes(), [b'2'..=b'9'])).then_some(of)
}

fn alone(name: &str, content: &[u8], finding: Finding) -> AttachmentReport {
    AttachmentReport {
        name: name.to_owned(),
        bytes: content.len(),
        sha256: hex::encode(sha256(&[content])),
        signature: None,
        findings: vec![finding],
    }
}

/// Every file specification with an embedded file, wherever it stands.
fn specifications(document: &Document) -> Vec<&Dictionary> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    while let Some(object) = waiting.pop() {
        match object {
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(dictionary) => {
                if dictionary.has(b"EF") {
                    found.push(dictionary);
                }
                waiting.extend(dictionary.iter().map(|(_, value)| value));
            }
            Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    found
}

fn name(document: &Document, specification: &Dictionary) -> String {
    let string = |key: &[u8]| value(document, specification, key).and_then(|name| name.as_str().ok()).map(text);
    string(b"UF").or_else(|| string(b"F")).unwrap_or_default()
}

fn content(document: &Document, specification: &Dictionary, most: usize) -> Option<Vec<u8>> {
    let files = dictionary(document, specification, b"EF")?;
    let file = files.get(b"UF").or_else(|_| files.get(b"F")).ok()?;
    let stream = resolve(document, file)?.as_stream().ok()?;
    if stream.is_compressed() {
        return stream.decompressed_content_with_limit(most).ok();
    }
    (stream.content.len() <= most).then(|| stream.content.clone())
}
