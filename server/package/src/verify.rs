//! A package judged, offline: nothing is believed but the anchors that the caller names.
//!
//! Each step goes on where the one before found something, so that the report names all that was changed; what was
//! changed already is not blamed a second time on what is derived from it.

mod bodies;
mod confirmations;
mod derived;
mod lasting;
mod patients;
mod signatures;
mod trail;

use crate::archive::Archive;
use crate::facts::Facts;
use crate::finding::{Finding, Placed, Refusal};
use crate::manifest::{FORMAT, Listed, Manifest, VERSION};
use crate::names;
use crate::report::Report;
use benhan_sign::Anchors;
use benhan_sign::audit_export::sealed_by;
use benhan_sign::cms::{CmsReport, verify_detached};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

pub(crate) const LARGEST_MANIFEST: u64 = 64 * 1024 * 1024;
const LARGEST_JSON: u64 = 64 * 1024 * 1024;
const LARGEST_SHEET: u64 = 256 * 1024 * 1024;
const LARGEST_SIGNATURE: u64 = 32 * 1024 * 1024;
const MOST_FINDINGS: usize = 200;

/// Verifies a package. `now` is the verifier's clock in µs UTC.
pub fn verify<R: Read + Seek>(file: R, anchors: &Anchors, now: i64) -> Report {
    match Check::open(file, anchors, now) {
        Ok(check) => check.run(),
        Err(refusal) => {
            let mut report = Report::new(now);
            report.findings.push(Placed { place: "ZIP".to_owned(), finding: Finding::Refused(refusal) });
            report.judged()
        }
    }
}

/// What the steps share.
struct Check<'a, R: Read + Seek> {
    archive: Archive<R>,
    anchors: &'a Anchors,
    now: i64,
    report: Report,
    manifest: Manifest,
    manifest_bytes: Vec<u8>,
    /// Files that are not what the manifest lists.
    changed: BTreeSet<String>,
    /// Whom the facility says that it trusted.
    trusted: Option<lasting::Trusted>,
}

impl<'a, R: Read + Seek> Check<'a, R> {
    fn open(file: R, anchors: &'a Anchors, now: i64) -> Result<Self, Refusal> {
        let mut archive = Archive::open(file)?;
        let manifest_bytes = archive.read(names::MANIFEST, LARGEST_MANIFEST).ok_or(Refusal::NoManifest)?;
        let manifest = match serde_json::from_slice::<Manifest>(&manifest_bytes) {
            Ok(manifest) if manifest.format != FORMAT => return Err(Refusal::NoManifest),
            Ok(manifest) if manifest.version != VERSION => return Err(Refusal::OtherVersion),
            Ok(manifest) => manifest,
            Err(_) => return Err(Refusal::NoManifest),
        };
        let (report, changed) = (Report::new(now), BTreeSet::new());
        Ok(Self { archive, anchors, now, report, manifest, manifest_bytes, changed, trusted: None })
    }

    fn run(mut self) -> Report {
        let origin = self.manifest.origin.clone();
        (self.report.facility, self.report.record) = (origin.facility, origin.record);
        self.report.created_at = origin.created_at;
        self.seal();
        self.hashes();
        if let Some(facts) = self.facts() {
            let people = bodies::check(&mut self, &facts);
            self.trusted = lasting::Trusted::read(&mut self);
            let (signed, sheets) = signatures::check(&mut self, &facts);
            lasting::check(&mut self, &signed, &sheets);
            patients::check(&mut self, &facts, &signed);
            confirmations::check(&mut self, &facts, &signed);
            trail::check(&mut self, &facts, &signed);
            derived::check(&mut self, &facts, people);
        }
        if self.archive.is_exhausted() {
            self.add("ZIP", Finding::Refused(Refusal::Exhausting));
        }
        self.report.judged()
    }

    fn add(&mut self, place: impl Into<String>, finding: Finding) {
        let (list, placed) = (&mut self.report.findings, Placed { place: place.into(), finding });
        if list.len() < MOST_FINDINGS {
            list.push(placed);
        } else if let Some(mild) = list.iter_mut().find(|p| p.finding.severity() < placed.finding.severity()) {
            // Notes must not hide what makes the verdict.
            *mild = placed;
        }
    }

    /// The facility's seal over the manifest.
    fn seal(&mut self) {
        let Some(cms) = self.archive.read(names::MANIFEST_SEAL, LARGEST_SIGNATURE) else {
            return self.add(names::MANIFEST, Finding::Unsealed);
        };
        let report = verify_detached(&self.manifest_bytes, &cms, self.anchors, self.now);
        self.report.sealed_by = report.signer.as_ref().map(|signer| signer.subject.clone());
        let facility = self.manifest.origin.facility.clone();
        self.signed_by_seal(names::MANIFEST, &report, &facility);
    }

    fn signed_by_seal(&mut self, place: &str, report: &CmsReport, facility: &str) {
        for finding in &report.findings {
            // The bytes that were changed are named: the file's, or those of the seal beside it.
            let changed = *finding == benhan_sign::Finding::ContentChanged;
            let place = if changed { place.to_owned() } else { names::head_seal(place) };
            self.add(place, Finding::Signature(finding.clone()));
        }
        if report.intact() && !sealed_by(report, facility, self.anchors) {
            self.add(place, Finding::NotTheSeal);
        }
    }

    /// Every file as listed, and none beside.
    fn hashes(&mut self) {
        let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
        for file in std::mem::take(&mut self.manifest.files) {
            if listed.insert(file.path.clone(), file).is_some() {
                self.add(names::MANIFEST, Finding::Refused(Refusal::NameTwice));
            }
        }
        self.report.files = listed.len();
        for (path, file) in &listed {
            if !self.archive.has(path) {
                self.add(path, Finding::Missing);
                self.changed.insert(path.clone());
                continue;
            }
            if self.archive.hash(path) != Some((file.size, file.sha256.clone())) {
                self.add(path, Finding::Changed);
                self.changed.insert(path.clone());
            }
        }
        let beside =
            |name: &&str| !listed.contains_key(*name) && *name != names::MANIFEST && *name != names::MANIFEST_SEAL;
        let beside: Vec<String> = self.archive.names().filter(beside).map(str::to_owned).collect();
        for name in beside {
            self.changed.insert(name.clone());
            self.add(name, Finding::Unlisted);
        }
    }

    /// What the package says of its record; without it nothing more can be said.
    fn facts(&mut self) -> Option<Facts> {
        let facts: Option<Facts> = self.json(names::FACTS);
        let Some(facts) = facts else {
            self.add(names::FACTS, Finding::Unreadable);
            return None;
        };
        let origin = &self.manifest.origin;
        let same = facts.stay.number == origin.record
            && facts.patient.code == origin.patient
            && facts.facility.code == origin.facility;
        if !same {
            self.add(names::FACTS, Finding::OtherRecord);
        }
        let mut named = BTreeSet::new();
        for file in facts.entries.iter().flat_map(|entry| entry.sheets.iter().chain([&entry.file])) {
            if !named.insert(file) {
                self.add(file, Finding::NamedTwice);
            }
        }
        Some(facts)
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        serde_json::from_slice(&self.archive.read(name, LARGEST_JSON)?).ok()
    }

    /// A file that is there and as listed.
    fn holds(&self, name: &str) -> bool {
        self.archive.has(name) && !self.changed.contains(name)
    }
}
