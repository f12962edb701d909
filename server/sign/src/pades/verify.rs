//! Verifying every signature of a PDF, what lies between them, and what is attached.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Document, Object, ObjectId};
use serde::Serialize;

use super::attachment::{self, AttachmentReport};
use super::changes;
use super::document::{array, dictionary, open, resolve, text, value, with_deep_stack};
use crate::asn1::Cursor;
use crate::certificate::{Anchors, Certificate};
use crate::cms::{self, CmsReport, Material};
use crate::finding::{Finding, Severity, worst};
use crate::instant;
use crate::ocsp::OcspAnswer;
use crate::revocation::{Crl, Proofs};
use crate::timestamp::{self, Ground, StampProblem, TimeStampReport};

const MAX_SIGNATURES: usize = 500;
const MAX_FIELDS: usize = 10_000;
/// Each revision is read again for comparison; together they may be this long.
const MAX_REREAD: usize = 512 * 1024 * 1024;
pub(super) const MAX_STORED: usize = 256;
const MAX_STORED_BYTES: usize = 16 * 1024 * 1024;
const SUB_FILTERS: [&[u8]; 2] = [b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"];
/// A time stamp over the whole document in place of a signature (PAdES-B-LTA).
const DOCUMENT_TIME_STAMP: &[u8] = b"ETSI.RFC3161";

/// How much of the file a signature speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All of it.
    WholeFile,
    /// The file as it was when this signature was made.
    EarlierRevision,
    /// Not a well-formed range.
    Broken,
}

/// One signature in a PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfSignatureReport {
    /// The field's name.
    pub field: String,
    /// How much it covers.
    pub coverage: Coverage,
    /// Bytes from the start of the file that it covers.
    pub covered_bytes: usize,
    /// As stated by the signer.
    pub reason: Option<String>,
    /// As stated by the signer.
    pub location: Option<String>,
    /// Signer, time and findings.
    #[serde(flatten)]
    pub cms: CmsReport,
}

/// Everything found about a PDF.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PdfReport {
    /// In the order in which they were made.
    pub signatures: Vec<PdfSignatureReport>,
    /// Embedded files, with the detached signatures among them already paired.
    pub attachments: Vec<AttachmentReport>,
    /// What concerns the file and not one signature.
    pub findings: Vec<Finding>,
}

impl PdfReport {
    /// The weight of the worst finding anywhere.
    pub fn severity(&self) -> Severity {
        let signatures = self.signatures.iter().flat_map(|signature| &signature.cms.findings);
        let attachments = self.attachments.iter().flat_map(AttachmentReport::findings);
        worst(self.findings.iter().chain(signatures).chain(attachments))
    }

    fn unreadable(finding: Finding) -> Self {
        Self { findings: vec![finding], ..Self::default() }
    }
}

/// Verifies a PDF. `at` is the verifier's clock in µs UTC.
pub fn verify_pdf(bytes: &[u8], anchors: &Anchors, at: i64) -> PdfReport {
    with_deep_stack(|| verify(bytes, anchors, at))
        .unwrap_or_else(|error| PdfReport::unreadable(Finding::Unreadable(error.to_string())))
}

fn verify(bytes: &[u8], anchors: &Anchors, at: i64) -> PdfReport {
    let document = match open(bytes) {
        Ok(document) => document,
        Err(error) => return PdfReport::unreadable(Finding::Unreadable(error.to_string())),
    };
    let mut found = signatures(&document);
    if found.is_empty() {
        return PdfReport::unreadable(Finding::NotSigned);
    }
    if found.len() > MAX_SIGNATURES {
        return PdfReport::unreadable(Finding::Unsupported(format!("> {MAX_SIGNATURES} chữ ký")));
    }
    for signature in &mut found {
        signature.range = signature.covered(bytes);
    }
    found.sort_by_key(|signature| signature.range.map_or(usize::MAX, |range| range.end));

    let stored = material(&document);
    let mut report = PdfReport {
        signatures: found.iter().map(|signature| signature.report(bytes, &stored, anchors, at)).collect(),
        attachments: attachment::verify(&document, anchors, at),
        findings: Vec::new(),
    };
    let ends: Vec<usize> = found.iter().filter_map(|signature| Some(signature.range?.end)).collect();
    let signed_end = ends.last().copied().unwrap_or_default();
    if signed_end != bytes.len() {
        report.findings.push(appended(&document, bytes, signed_end));
    }
    drop(document);
    report.findings.extend(compare(bytes, &ends));
    report
}

/// What stands after the last signature: evidence, or else tampering.
fn appended(document: &Document, bytes: &[u8], signed_end: usize) -> Finding {
    let evidence = bytes.trim_ascii_end().ends_with(b"%%EOF")
        && open(bytes.get(..signed_end).unwrap_or_default())
            .is_ok_and(|signed| changes::only_evidence(&signed, document));
    if evidence { Finding::EvidenceAppended } else { Finding::Appended }
}

/// Reads each signed revision and asks what the next one changed.
fn compare(bytes: &[u8], ends: &[usize]) -> Vec<Finding> {
    if ends.iter().fold(0_usize, |sum, end| sum.saturating_add(*end)) > MAX_REREAD {
        return vec![Finding::Unsupported("quá nhiều phiên bản trong tệp / too many revisions".into())];
    }
    let mut findings = Vec::new();
    let mut earlier: Option<Document> = None;
    for end in ends.iter().take(if ends.len() > 1 { ends.len() } else { 0 }) {
        let Ok(revision) = open(bytes.get(..*end).unwrap_or_default()) else {
            findings.push(Finding::RangeBroken);
            continue;
        };
        if let Some(earlier) = &earlier {
            findings.extend(changes::forbidden(earlier, &revision).into_iter().map(Finding::ForbiddenChange));
        }
        earlier = Some(revision);
    }
    findings
}

/// `0..before` and `after..end` are signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub before: usize,
    pub after: usize,
    pub end: usize,
}

/// A signature dictionary.
pub(super) struct Found {
    field: String,
    value: Dictionary,
    reason: Option<String>,
    location: Option<String>,
    time: Option<i64>,
    range: Option<Range>,
}

impl Found {
    fn new(document: &Document, field: String, value_of: &Dictionary) -> Self {
        let string = |key: &[u8]| Some(text(value(document, value_of, key)?.as_str().ok()?));
        Self {
            field,
            reason: string(b"Reason"),
            location: string(b"Location"),
            time: string(b"M").and_then(|date| instant::from_pdf_date(&date)),
            value: value_of.clone(),
            range: None,
        }
    }

    /// What stands in the hole, padding included.
    pub(super) fn contents(&self) -> Option<&[u8]> {
        self.value.get(b"Contents").ok()?.as_str().ok()
    }

    /// The range, if it leaves out exactly this signature's own hexadecimal string.
    pub(super) fn covered(&self, bytes: &[u8]) -> Option<Range> {
        let numbers = self.value.get(b"ByteRange").ok()?.as_array().ok()?;
        let numbers = numbers.iter().map(|number| usize::try_from(number.as_i64().ok()?).ok());
        let [start, before, after, length] = <[usize; 4]>::try_from(numbers.collect::<Option<Vec<_>>>()?).ok()?;
        let end = after.checked_add(length)?;
        let hole = bytes.get(before..after)?;
        let digits = hole.strip_prefix(b"<")?.strip_suffix(b">")?;
        let own = hex::decode(digits).ok()? == self.contents()?;
        // Writers use one case; a digit in the other one was changed afterwards, harmless as it is.
        let mixed = digits.iter().any(u8::is_ascii_lowercase) && digits.iter().any(u8::is_ascii_uppercase);
        (start == 0 && end <= bytes.len() && own && !mixed).then_some(Range { before, after, end })
    }

    fn report(&self, bytes: &[u8], stored: &Stored, anchors: &Anchors, at: i64) -> PdfSignatureReport {
        let coverage = match self.range {
            None => Coverage::Broken,
            Some(range) if range.end == bytes.len() => Coverage::WholeFile,
            Some(_) => Coverage::EarlierRevision,
        };
        PdfSignatureReport {
            field: self.field.clone(),
            coverage,
            covered_bytes: self.range.map_or(0, |range| range.end),
            reason: self.reason.clone(),
            location: self.location.clone(),
            cms: self.check(bytes, stored, anchors, at),
        }
    }

    fn check(&self, bytes: &[u8], stored: &Stored, anchors: &Anchors, at: i64) -> CmsReport {
        let failed = |finding| CmsReport { signing_time: self.time, findings: vec![finding], ..CmsReport::default() };
        let kind = self.value.get(b"SubFilter").and_then(Object::as_name).unwrap_or_default();
        if !SUB_FILTERS.contains(&kind) && kind != DOCUMENT_TIME_STAMP {
            return failed(Finding::Unsupported(format!("SubFilter {}", text(kind))));
        }
        let (Some(range), Some(contents)) = (self.range, self.contents()) else {
            return failed(Finding::RangeBroken);
        };
        let Some(signature) = unpadded(contents) else { return failed(Finding::SignatureMalformed) };
        let signed = [bytes.get(..range.before), bytes.get(range.after..range.end)].map(Option::unwrap_or_default);
        if kind == DOCUMENT_TIME_STAMP {
            let proofs = Proofs { crls: &stored.crls, answers: &stored.answers };
            let ground = Ground { pool: &stored.certificates, proofs, anchors, now: at };
            return stamped(timestamp::judge(signature, &signed, ground));
        }
        let material = Material {
            certificates: stored.certificates.clone(),
            crls: stored.crls.clone(),
            answers: stored.answers.clone(),
            signing_time: self.time,
        };
        cms::verify(&signed, signature, &material, anchors, at)
    }
}

/// The hole is larger than the signature; what follows it is padding.
pub(super) fn unpadded(contents: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(contents);
    let signature = cursor.next().ok().flatten()?;
    cursor.rest().iter().all(|byte| *byte == 0).then_some(signature.whole)
}

/// The report on a time stamp that stands for itself: its authority is the signer.
fn stamped((stamp, problem): (Option<TimeStampReport>, Option<StampProblem>)) -> CmsReport {
    CmsReport {
        signer: stamp.as_ref().and_then(|stamp| stamp.authority.clone()),
        findings: problem.map(Finding::TimeStamp).into_iter().collect(),
        time_stamps: stamp.into_iter().collect(),
        ..CmsReport::default()
    }
}

/// Signature dictionaries: those of form fields, and any other object that looks like one.
pub(super) fn signatures(document: &Document) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<ObjectId> = BTreeSet::new();
    for (name, field) in fields(document) {
        let Ok(target) = field.get(b"V") else { continue };
        if let Object::Reference(id) = target
            && !seen.insert(*id)
        {
            continue;
        }
        if let Some(signature) = resolve(document, target).and_then(|object| object.as_dict().ok()) {
            found.push(Found::new(document, name, signature));
        }
    }
    for (id, object) in &document.objects {
        if let Ok(dictionary) = object.as_dict()
            && dictionary.has(b"ByteRange")
            && seen.insert(*id)
        {
            found.push(Found::new(document, format!("({} {})", id.0, id.1), dictionary));
        }
    }
    found
}

/// All signature fields of the form, kids included.
pub(super) fn fields(document: &Document) -> BTreeMap<String, &Dictionary> {
    let form = document.catalog().ok().and_then(|catalog| dictionary(document, catalog, b"AcroForm"));
    let top = form.and_then(|form| array(document, form, b"Fields")).unwrap_or_default();
    let mut waiting: Vec<(&Object, String, bool)> = top.iter().map(|field| (field, String::new(), false)).collect();
    let mut found = BTreeMap::new();
    let mut visited = 0;
    while let Some((object, parent, inherits)) = waiting.pop() {
        visited += 1;
        if visited > MAX_FIELDS {
            break;
        }
        let Some(field) = resolve(document, object).and_then(|object| object.as_dict().ok()) else { continue };
        let own = value(document, field, b"T").and_then(|name| name.as_str().ok()).map(text).unwrap_or_default();
        let name = if parent.is_empty() || own.is_empty() { parent + &own } else { format!("{parent}.{own}") };
        let kind = value(document, field, b"FT").and_then(|kind| kind.as_name().ok());
        let is_signature = kind.map_or(inherits, |kind| kind == b"Sig");
        if name.len() < 1024 {
            let kids = array(document, field, b"Kids").unwrap_or_default();
            waiting.extend(kids.iter().map(|kid| (kid, name.clone(), is_signature)));
        }
        if is_signature {
            // Two fields of one name keep both: the second is found again among the loose objects.
            found.entry(name).or_insert(field);
        }
    }
    found
}

/// The document security store, parsed.
#[derive(Default)]
struct Stored {
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    answers: Vec<OcspAnswer>,
}

fn material(document: &Document) -> Stored {
    let store = document.catalog().ok().and_then(|catalog| dictionary(document, catalog, b"DSS"));
    let Some(store) = store else { return Stored::default() };
    let all = |key: &[u8]| stored(document, array(document, store, key).unwrap_or_default());
    Stored {
        certificates: all(b"Certs").filter_map(|der| Certificate::from_der(&der).ok()).collect(),
        crls: all(b"CRLs").filter_map(|der| Crl::from_der(&der).ok()).collect(),
        answers: all(b"OCSPs").filter_map(|der| OcspAnswer::from_der(&der).ok()).collect(),
    }
}

/// The contents of the streams that the references name.
pub(super) fn stored<'d>(document: &'d Document, references: &'d [Object]) -> impl Iterator<Item = Vec<u8>> + 'd {
    references.iter().take(MAX_STORED).filter_map(|reference| {
        let stream = resolve(document, reference)?.as_stream().ok()?;
        if stream.is_compressed() {
            stream.decompressed_content_with_limit(MAX_STORED_BYTES).ok()
        } else {
            Some(stream.content.clone())
        }
    })
}
