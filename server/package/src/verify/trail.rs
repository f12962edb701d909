//! Who did what: each row's hash, its way to a root, and the facility's seal over that root.
//!
//! A proof says that a row was there, not that none is left out; but a signature without its row is missed, and so is
//! one whose row says otherwise.

use super::{Check, LARGEST_JSON, LARGEST_SIGNATURE};
use crate::facts::{Facts, SignatureFacts};
use crate::finding::Finding;
use crate::names;
use crate::trail::ProvenRow;
use benhan_sign::audit_export::{HeadBody, Row, hash_from, row_hash};
use benhan_sign::cms::verify_detached;
use benhan_sign::merkle::{Hash, includes};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

const LARGEST_TRAIL: u64 = 512 * 1024 * 1024;

#[derive(Deserialize)]
struct Body {
    act: String,
    actor: Option<String>,
    at: String,
    chain: String,
    detail: Value,
    seq: u64,
    encounter: Option<String>,
    patient: Option<String>,
    subject: Subject,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    kind: String,
}

/// A head as read once: its tree, or nothing where it proves nothing.
type Heads = BTreeMap<String, Option<(HeadBody, u64, Hash)>>;

pub fn check<R: Read + Seek>(check: &mut Check<'_, R>, facts: &Facts, signatures: &BTreeMap<String, SignatureFacts>) {
    let Some(text) = check.archive.read(names::TRAIL, LARGEST_TRAIL) else {
        return check.add(names::TRAIL, Finding::Unreadable);
    };
    let (mut heads, mut signed, mut seen) = (Heads::new(), BTreeMap::new(), BTreeSet::new());
    // A head that no row names is judged all the same.
    let listed = |name: &&str| name.starts_with("nhat-ky/dau-") && name.ends_with(".json");
    let files: Vec<String> = check.archive.names().filter(listed).map(str::to_owned).collect();
    for file in files {
        let head = head(check, &file);
        heads.insert(file, head);
    }
    for (line, number) in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).zip(1_usize..) {
        check.report.audit_rows = number;
        let place = format!("{} dòng {number}", names::TRAIL);
        let Ok(proven) = serde_json::from_slice::<ProvenRow>(line) else {
            check.add(place, Finding::Unreadable);
            continue;
        };
        let place = format!("{place} (chuỗi {}, số {})", proven.row.chain, proven.row.seq);
        let Some((leaf, body)) = read(&proven.row) else {
            check.add(place, Finding::RowChanged);
            continue;
        };
        let of_stay = body.encounter.as_deref() == Some(facts.stay.id.as_str())
            && body.patient.as_deref() == Some(facts.patient.id.as_str());
        if !of_stay || !seen.insert((proven.row.chain.clone(), proven.row.seq)) {
            check.add(&place, Finding::OtherRecord);
        }
        if body.act == "sign" && body.subject.kind == "signature" {
            signed.insert(body.subject.id.clone(), body);
        }
        match &proven.proof {
            None => check.add(place, Finding::NotCovered),
            Some(proof) => {
                let head = heads.get(&proof.head).and_then(Option::as_ref);
                let path: Option<Vec<Hash>> = proof.path.iter().map(|text| hash_from(text)).collect();
                let proves = head.zip(path).is_some_and(|((head, size, root), path)| {
                    head.chain == proven.row.chain
                        && includes(root, *size, proven.row.seq.saturating_sub(1), &leaf, &path)
                });
                if !proves {
                    check.add(place, Finding::NotInTree);
                }
            }
        }
    }
    for (file, signature) in signatures {
        let row = signed.get(&signature.id);
        if !row.is_some_and(|row| says(row, signature)) {
            check.add(file, Finding::NotInTrail);
        }
        let proven = row.and_then(|row| row.detail.get("evidenceSha256")).and_then(Value::as_str);
        let kept = check.archive.hash(&signature.evidence);
        if proven.zip(kept).is_some_and(|(proven, (_, hash))| proven != hash) {
            check.add(&signature.evidence, Finding::Changed);
        }
        // Where the row tells which sheet was printed, this is the one.
        let printed = row.and_then(|row| row.detail.get("pdfSha256")).and_then(Value::as_str);
        if let Some(sheet) = signature.sheet.as_ref().filter(|sheet| check.holds(sheet))
            && check.archive.hash(sheet).is_none_or(|(_, hash)| printed != Some(hash.as_str()))
        {
            check.add(sheet, Finding::Changed);
        }
    }
}

/// The row is of this very signature.
fn says(row: &Body, signature: &SignatureFacts) -> bool {
    let detail = |key: &str| row.detail.get(key).and_then(Value::as_str);
    row.actor.as_ref() == Some(&signature.signer)
        && row.at == signature.signed_at
        && detail("subject") == Some(&signature.subject_id)
        && row.detail.get("version").and_then(Value::as_i64) == Some(signature.subject_version)
        && detail("format") == Some(&signature.format)
        && detail("certificate") == Some(&signature.certificate)
        && detail("rules") == signature.rules.as_ref().map(|rules| rules.id.as_str())
}

/// The row's hash and body, where the one is of the other.
fn read(row: &Row) -> Option<(Hash, Body)> {
    let (prev, hash) = (hash_from(&row.prev)?, hash_from(&row.hash)?);
    let body: Body = serde_json::from_str(&row.body).ok()?;
    let same = row_hash(&prev, row.body.as_bytes()) == hash && (&body.chain, body.seq) == (&row.chain, row.seq);
    same.then_some((hash, body))
}

fn head<R: Read + Seek>(check: &mut Check<'_, R>, file: &str) -> Option<(HeadBody, u64, Hash)> {
    let content = check.archive.read(file, LARGEST_JSON)?;
    let body = serde_json::from_slice::<HeadBody>(&content).ok();
    let Some((body, (size, root))) = body.and_then(|body| body.tree().map(|tree| (body, tree))) else {
        check.add(file, Finding::Unreadable);
        return None;
    };
    let Some(cms) = check.archive.read(&names::head_seal(file), LARGEST_SIGNATURE) else {
        check.add(file, Finding::Unsealed);
        return None;
    };
    let report = verify_detached(&content, &cms, check.anchors, check.now);
    let facility = check.manifest.origin.facility.clone();
    check.signed_by_seal(file, &report, &facility);
    if body.facility != facility {
        check.add(file, Finding::OtherRecord);
    }
    report.intact().then_some((body, size, root))
}
