//! The audit chain as it leaves the server: rows linked by hashes, heads signed with the facility's
//! seal, in JSON Lines. Checked here with no server and no database.
//!
//! ```text
//! {"format":"benhan-audit-export","version":1,"facility":"01234"}
//! {"row":{"chain":"…","seq":1,"prev":"00…00","body":"{…}","hash":"…"}}
//! {"head":{"body":"{\"chain\":…,\"facility\":…,\"hash\":…,\"seq\":…,\"signedAt\":…}","cms":"MII…"}}
//! ```
//!
//! What a row says is not interpreted, but for one thing: a chain's first row may name rows of the chains before it
//! (`detail.earlier`), and a chain that was taken away whole is missed there. [`row_hash`] takes a body as bytes.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::algorithm::sha256;
use crate::certificate::Anchors;
use crate::cms::{self, CmsReport, SignError, Signer, canonical_json, sign_detached};
use crate::finding::{Finding, Severity, worst};
use crate::instant;
use crate::merkle::Frontier;

/// The value of `format` in the first line.
pub const FORMAT: &str = "benhan-audit-export";
/// The `prev` of a chain's first row.
pub const FIRST_PREV: [u8; 32] = [0; 32];

/// A head with its revocation lists is the longest honest line.
const MAX_LINE: u64 = 8 * 1024 * 1024;
const MAX_CHAINS: usize = 10_000;
const MAX_FINDINGS: usize = 100;
/// A first row names the chains that were started last, not all.
const MAX_NAMED: usize = 256;

/// The hash of a row: SHA-256(0x00 ‖ hash of the row before ‖ body).
pub fn row_hash(prev: &[u8; 32], body: &[u8]) -> [u8; 32] {
    sha256(&[&[0], prev, body])
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`]
    pub format: String,
    /// 1
    pub version: u32,
    /// The facility's code.
    pub facility: String,
}

impl Header {
    /// The header of today's format.
    pub fn new(facility: &str) -> Self {
        Self { format: FORMAT.to_owned(), version: 1, facility: facility.to_owned() }
    }
}

/// One audit row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The chain of one writer instance.
    pub chain: String,
    /// From 1, without gaps.
    pub seq: u64,
    /// Hash of the row before, hexadecimal.
    pub prev: String,
    /// Canonical JSON text.
    pub body: String,
    /// [`row_hash`], hexadecimal.
    pub hash: String,
}

/// A signed head: everything in `chain` up to `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Canonical JSON of [`HeadBody`].
    pub body: String,
    /// Base64 of the detached CMS over `body`.
    pub cms: String,
}

/// What a head states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeadBody {
    /// The chain.
    pub chain: String,
    /// The last row that it covers.
    pub seq: u64,
    /// That row's hash, hexadecimal.
    pub hash: String,
    /// RFC 3339, UTC.
    pub signed_at: String,
    /// The facility's code.
    pub facility: String,
    /// Leaves of the tree over the chain: rows 1 to `seq`. Heads of older programs have no tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree_size: Option<u64>,
    /// Root of that tree, hexadecimal ([`crate::merkle`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_hash: Option<String>,
}

impl HeadBody {
    /// A head over everything up to row `seq`, signed at `signed_at` (µs UTC).
    pub fn new(chain: &str, seq: u64, hash: &[u8; 32], signed_at: i64, facility: &str) -> Self {
        Self {
            chain: chain.to_owned(),
            seq,
            hash: hex::encode(hash),
            signed_at: instant::rfc3339(signed_at),
            facility: facility.to_owned(),
            tree_size: None,
            root_hash: None,
        }
    }

    /// The same with the tree over its rows.
    pub fn with_tree(self, tree: &Frontier) -> Self {
        Self { tree_size: Some(tree.size()), root_hash: Some(hex::encode(tree.root())), ..self }
    }

    /// Size and root of the tree; `None` for a head without one, or with one that is not over its own rows.
    pub fn tree(&self) -> Option<(u64, [u8; 32])> {
        let root = hash_from(self.root_hash.as_deref()?)?;
        (self.tree_size == Some(self.seq)).then_some((self.seq, root))
    }

    fn has_tree(&self) -> bool {
        self.tree_size.is_some() || self.root_hash.is_some()
    }
}

/// One line after the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// A row.
    Row(Row),
    /// A head; it follows the row that it names.
    Head(Head),
}

/// Signs a head with the facility's seal at the instant `signing_time` (µs UTC).
///
/// # Errors
/// [`SignError`]
pub fn sign_head(head: &HeadBody, seal: &Signer<'_>, signing_time: i64) -> Result<Head, SignError> {
    let body = canonical_json(head)?;
    let cms = sign_detached(&body, seal, signing_time)?;
    let body = String::from_utf8(body).map_err(|error| SignError::Json(error.to_string()))?;
    Ok(Head { body, cms: STANDARD.encode(cms) })
}

/// Signed with the facility's seal: by a certificate that carries the facility's code, or by one that the verifier names
/// as an anchor itself. Any member of staff could sign otherwise.
pub fn sealed_by(cms: &CmsReport, facility: &str, anchors: &Anchors) -> bool {
    cms.signer.as_ref().is_some_and(|signer| {
        let pinned = |anchor: &crate::Certificate| hex::encode(anchor.fingerprint()) == signer.fingerprint;
        signer.organization_identifier.as_deref() == Some(facility) || anchors.certificates().iter().any(pinned)
    })
}

/// One chain of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// Its id.
    pub chain: String,
    /// How many rows the export has of it.
    pub rows: u64,
    /// How many signed heads.
    pub heads: u64,
    /// The last row that a trusted head covers; 0 for none.
    pub covered_to: u64,
    /// When that head was signed, µs UTC.
    pub covered_at: Option<i64>,
    /// Who signed it.
    pub signed_by: Option<String>,
}

/// Everything found about an audit export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// As the first line says.
    pub facility: String,
    /// By id.
    pub chains: Vec<ChainReport>,
    /// Empty when everything holds and is covered; at most 100.
    pub findings: Vec<Finding>,
}

impl AuditReport {
    /// The weight of the worst finding.
    pub fn severity(&self) -> Severity {
        worst(&self.findings)
    }
}

/// Verifies an export, line by line. `at` is the verifier's clock in µs UTC.
///
/// # Errors
/// Only when reading fails; everything about the content is in the report.
pub fn verify(reader: impl BufRead, anchors: &Anchors, at: i64) -> std::io::Result<AuditReport> {
    let mut check = Check { anchors, at, report: AuditReport::default(), chains: BTreeMap::new(), named: Vec::new() };
    let mut lines = Lines { reader, number: 0 };
    let header = lines.next()?.and_then(|line| serde_json::from_slice::<Header>(&line).ok());
    match header.filter(|header| header.format == FORMAT) {
        Some(header) if header.version == 1 => check.report.facility = header.facility,
        Some(header) => {
            check.add(Finding::Unsupported(format!("{FORMAT} {}", header.version)));
            return Ok(check.report);
        }
        None => {
            check.add(Finding::BadLine(1));
            return Ok(check.report);
        }
    }
    while let Some(line) = lines.next()? {
        match serde_json::from_slice(&line) {
            Ok(Line::Row(row)) => check.row(&row, lines.number),
            Ok(Line::Head(head)) => check.head(&head, lines.number),
            Err(_) => check.add(Finding::BadLine(lines.number)),
        }
    }
    Ok(check.finish())
}

/// Lines of bounded length; a longer one comes out cut, and so unreadable.
struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        self.number += 1;
        Ok((read > 0).then_some(line))
    }
}

#[derive(Default)]
struct Chain {
    /// Every row's hash, for heads to be compared with.
    hashes: Vec<[u8; 32]>,
    next_seq: u64,
    /// The tree up to the head that was read last: heads come in order, so each row is hashed into it once.
    tree: Frontier,
    report: ChainReport,
}

impl Chain {
    /// The root over the first `size` rows, where the export has as many.
    fn root(&mut self, size: u64) -> Option<[u8; 32]> {
        if self.tree.size() > size {
            self.tree = Frontier::default();
        }
        let (from, to) = (usize::try_from(self.tree.size()).ok()?, usize::try_from(size).ok()?);
        self.hashes.get(from..to)?.iter().for_each(|leaf| self.tree.push(*leaf));
        Some(self.tree.root())
    }
}

struct Check<'a> {
    anchors: &'a Anchors,
    at: i64,
    report: AuditReport,
    chains: BTreeMap<String, Chain>,
    /// Rows that must be there, and the chain that says so.
    named: Vec<(Named, String)>,
}

#[derive(Deserialize)]
struct FirstRow {
    detail: Earlier,
}

#[derive(Deserialize)]
struct Earlier {
    earlier: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    chain: String,
    seq: u64,
    hash: String,
}

impl Check<'_> {
    fn add(&mut self, finding: Finding) {
        if self.report.findings.len() < MAX_FINDINGS {
            self.report.findings.push(finding);
        }
    }

    fn row(&mut self, row: &Row, line: u64) {
        let (Some(prev), Some(hash)) = (hash_from(&row.prev), hash_from(&row.hash)) else {
            return self.add(Finding::BadLine(line));
        };
        if self.chains.len() >= MAX_CHAINS && !self.chains.contains_key(&row.chain) {
            return self.add(Finding::BadLine(line));
        }
        let mut found = Vec::new();
        let name = || row.chain.clone();
        let chain = self.chains.entry(row.chain.clone()).or_default();
        let expected = chain.next_seq.max(1);
        if row.seq != expected {
            found.push(Finding::RowGap { chain: name(), expected, found: row.seq });
        }
        if prev != chain.hashes.last().copied().unwrap_or(FIRST_PREV) {
            found.push(Finding::RowUnlinked { chain: name(), seq: row.seq });
        }
        if row_hash(&prev, row.body.as_bytes()) != hash {
            found.push(Finding::RowChanged { chain: name(), seq: row.seq });
        }
        chain.hashes.push(hash);
        chain.next_seq = row.seq.saturating_add(1);
        chain.report.rows += 1;
        if row.seq == 1
            && let Ok(first) = serde_json::from_str::<FirstRow>(&row.body)
        {
            let named = first.detail.earlier.into_iter().take(MAX_NAMED);
            self.named.extend(named.map(|one| (one, row.chain.clone())));
        }
        found.into_iter().for_each(|finding| self.add(finding));
    }

    fn head(&mut self, head: &Head, line: u64) {
        let (Ok(body), Ok(signature)) = (serde_json::from_str::<HeadBody>(&head.body), STANDARD.decode(&head.cms))
        else {
            return self.add(Finding::BadLine(line));
        };
        let (Some(hash), Some(signed_at)) = (hash_from(&body.hash), instant::from_rfc3339(&body.signed_at)) else {
            return self.add(Finding::BadLine(line));
        };
        let (name, seq) = (body.chain.clone(), body.seq);
        let cms = cms::verify_detached(head.body.as_bytes(), &signature, self.anchors, self.at);
        let mut found = cms.findings.clone();
        if body.facility != self.report.facility {
            found.push(Finding::HeadOfOtherFacility { chain: name.clone(), facility: body.facility.clone() });
        }
        if !sealed_by(&cms, &body.facility, self.anchors) {
            found.push(Finding::HeadWithoutSeal { chain: name.clone(), seq });
        }
        let chain = self.chains.get(&name);
        let place = usize::try_from(seq).ok().and_then(|seq| seq.checked_sub(1));
        match (chain, place.and_then(|place| chain?.hashes.get(place))) {
            (Some(_), Some(row)) if *row == hash => {}
            (Some(_), Some(_)) => found.push(Finding::HeadMismatch { chain: name.clone(), seq }),
            _ => found.push(Finding::RowsCut { chain: name.clone(), seq }),
        }
        if body.has_tree() {
            let over_rows = self.chains.get_mut(&name).and_then(|chain| chain.root(seq));
            if body.tree().map(|(_, root)| root) != over_rows {
                found.push(Finding::TreeMismatch { chain: name.clone(), seq });
            }
        }
        let good = worst(&found) == Severity::Note;
        if let Some(chain) = self.chains.get_mut(&name) {
            chain.report.heads += 1;
            if good && seq > chain.report.covered_to {
                chain.report.covered_to = seq;
                chain.report.covered_at = Some(signed_at);
                chain.report.signed_by = cms.signer.map(|signer| signer.subject);
            }
        }
        found.into_iter().for_each(|finding| self.add(finding));
    }

    /// A chain has grown since it was named: the row named is still its row.
    fn named_rows(&mut self) {
        for (named, by) in std::mem::take(&mut self.named) {
            let place = usize::try_from(named.seq).ok().and_then(|seq| seq.checked_sub(1));
            let row = place.and_then(|place| self.chains.get(&named.chain)?.hashes.get(place));
            if row.is_none() || row != hash_from(&named.hash).as_ref() {
                self.add(Finding::NamedRowMissing { chain: named.chain, seq: named.seq, by });
            }
        }
    }

    fn finish(mut self) -> AuditReport {
        self.named_rows();
        if self.chains.is_empty() && self.report.findings.is_empty() {
            self.add(Finding::NoRows);
        }
        for (name, chain) in std::mem::take(&mut self.chains) {
            let last = chain.next_seq.saturating_sub(1);
            let report = ChainReport { chain: name.clone(), ..chain.report };
            if report.heads == 0 {
                self.add(Finding::NoHead { chain: name });
            } else if last > report.covered_to {
                self.add(Finding::RowsAfterHead { chain: name, from: report.covered_to + 1, to: last });
            }
            self.report.chains.push(report);
        }
        self.report
    }
}

/// A hash as it is written: hexadecimal in lower case, so that one hash has one spelling.
pub fn hash_from(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    let canonical = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (canonical && hex::decode_to_slice(text, &mut hash).is_ok()).then_some(hash)
}

#[cfg(test)]
mod tests;
