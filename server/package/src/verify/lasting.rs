//! Whether what was signed is proven still: by the archive stamps over it, or by its own stamps while these hold.

use super::{Check, LARGEST_JSON};
use crate::facts::SignatureFacts;
use crate::finding::Finding;
use crate::lasting::{ARCHIVE_FORMAT, ArchiveProofs, TrustRow};
use crate::names;
use benhan_sign::Evidence;
use benhan_sign::archive::{ArchiveProblem, Chain, signature_leaf};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

/// The last instants of the time stamps in each sheet, µs UTC.
pub type SheetStamps = BTreeMap<String, i64>;

/// Judges the chain, and every signature under it. Sheets that no archive stamp is over hold as long as their own.
pub fn check<R: Read + Seek>(
    check: &mut Check<'_, R>,
    signatures: &BTreeMap<String, SignatureFacts>,
    sheets: &SheetStamps,
) {
    let covered = chain(check, signatures).unwrap_or_default();
    for (sheet, until) in sheets {
        if *until < check.now && !covered.contains(sheet) {
            check.add(sheet, Finding::Archive(ArchiveProblem::Ended { until: *until }));
        }
    }
}

/// The sheets that are proven by it.
fn chain<R: Read + Seek>(
    check: &mut Check<'_, R>,
    signatures: &BTreeMap<String, SignatureFacts>,
) -> Option<BTreeSet<String>> {
    if !check.archive.has(names::ARCHIVE) {
        return None;
    }
    let Some(proofs) = check.json::<ArchiveProofs>(names::ARCHIVE).filter(|proofs| proofs.format == ARCHIVE_FORMAT)
    else {
        check.add(names::ARCHIVE, Finding::Unreadable);
        return None;
    };
    let facility = check.manifest.origin.facility.clone();
    let chain = match Chain::judge(&proofs.stamps, &facility, check.anchors, check.now) {
        Ok(chain) => chain,
        Err(problem) => {
            check.add(names::ARCHIVE, Finding::Archive(problem));
            return None;
        }
    };
    let mut covered = BTreeSet::new();
    for proven in &proofs.signatures {
        let file = names::signature(&proven.id);
        let leaf = signatures.get(&file).and_then(|signature| Some((signature, leaf_of(check, signature)?)));
        let Some((signature, leaf)) = leaf else {
            check.add(&file, Finding::Missing);
            continue;
        };
        match chain.proves(&leaf, proven.stamp, &proven.way) {
            Some(_) => covered.extend(signature.sheet.iter().chain([&signature.file]).cloned()),
            // What was changed already is named where it lies.
            None if check.changed.is_empty() => check.add(&file, Finding::Archive(ArchiveProblem::NotInTree)),
            None => {}
        }
    }
    check.report.archived_at = chain.newest();
    if let Some(until) = chain.ended(check.now) {
        check.add(names::ARCHIVE, Finding::Archive(ArchiveProblem::Ended { until }));
    }
    Some(covered)
}

/// From the files themselves.
fn leaf_of<R: Read + Seek>(check: &mut Check<'_, R>, signature: &SignatureFacts) -> Option<[u8; 32]> {
    let mut hash = |name: &str| -> Option<[u8; 32]> {
        let (_, text) = check.archive.hash(name)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
    };
    let content = hash(&signature.file)?;
    let sheet = signature.sheet.as_deref().map(&mut hash);
    let sheet = match sheet {
        Some(None) => return None,
        Some(found) => found,
        None => None,
    };
    let value = match &signature.value {
        Some(value) => check.archive.read(value, super::LARGEST_SIGNATURE)?,
        // In the PDF: it is known by the name of that.
        None => hex::encode(content).into_bytes(),
    };
    Some(signature_leaf(&content, &value, sheet.as_ref()))
}

/// Whom the facility says that it trusted, and when.
pub struct Trusted(Vec<TrustRow>);

impl Trusted {
    pub fn read<R: Read + Seek>(check: &mut Check<'_, R>) -> Option<Self> {
        if !check.archive.has(names::TRUST) {
            return None;
        }
        let read = check.archive.read(names::TRUST, LARGEST_JSON)?;
        let rows: Option<Vec<TrustRow>> = serde_json::from_slice(&read).ok();
        if rows.is_none() {
            check.add(names::TRUST, Finding::Unreadable);
        }
        rows.map(Self)
    }

    /// Whether the anchor of this evidence was trusted when it was gathered.
    pub fn knew(&self, evidence: &Evidence, anchor: &str) -> bool {
        let mut trusted = false;
        for row in self.0.iter().filter(|row| row.fingerprint == anchor) {
            let since = row.at.parse::<jiff::Timestamp>().map_or(i64::MAX, jiff::Timestamp::as_microsecond);
            match row.change.as_str() {
                "found" => trusted = true,
                "added" if since <= evidence.checked_at => trusted = true,
                "removed" if since <= evidence.checked_at => trusted = false,
                _ => {}
            }
        }
        trusted
    }
}
