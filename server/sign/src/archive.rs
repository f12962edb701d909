//! Evidence that outlives its time stamps, in the manner of RFC 4998: one Merkle tree over everything that was signed, and
//! from time to time a stamp over its root. Each stamp is a leaf of the tree itself, so the next one renews it, and
//! whatever is proven under an old stamp goes on being proven under the newer.
//!
//! A leaf hashes hashes: of what was signed, of the signature's own value, of the sheet that shows it. What makes a stamp
//! and keeps the tree is elsewhere; this is the form, and the judge.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::algorithm::{KeyAlgorithm, sha256};
use crate::certificate::{Anchors, Certificate};
use crate::evidence::Evidence;
use crate::finding::Severity;
use crate::instant;
use crate::merkle::{Frontier, Hash, includes};
use crate::revocation::{CLOCK_SKEW, Proofs};
use crate::timestamp::{Ground, StampProblem, judge, signer_of};

const FORMAT: &str = "benhan/archive-stamp/1";
/// A renewal every few years for as long as a record may be kept.
const MOST_STAMPS: usize = 64;
const MOST_EVIDENCE: usize = 64 * 1024 * 1024;

/// Until when an algorithm's signatures are believed without a newer stamp over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithms {
    /// The last year of RSA below 3072 bits.
    pub rsa_2048_until: i16,
}

impl Default for Algorithms {
    /// As NIST SP 800-57 has it: 112 bits of strength are enough until the end of 2030.
    fn default() -> Self {
        Self { rsa_2048_until: 2030 }
    }
}

impl Algorithms {
    /// Until when a stamp of this authority proves anything by itself, µs UTC.
    pub fn stamp_ends(self, authority: &Certificate) -> i64 {
        let by_algorithm = match authority.key_algorithm() {
            Some(KeyAlgorithm::Rsa { bits }) if bits < 3072 => {
                let next_year = date(self.rsa_2048_until.saturating_add(1).clamp(1, 9999), 1, 1);
                next_year.to_zoned(TimeZone::UTC).map_or(0, |at| at.timestamp().as_microsecond())
            }
            _ => i64::MAX,
        };
        authority.valid_until().min(by_algorithm)
    }
}

/// What a stamp's token is over, as canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StampBody {
    format: String,
    /// The facility's code.
    pub facility: String,
    /// From 1.
    pub seq: u64,
    /// Leaves of the tree.
    pub size: u64,
    root: String,
}

impl StampBody {
    /// Of a tree as it is.
    pub fn new(facility: &str, seq: u64, tree: &Frontier) -> Self {
        let (facility, root) = (facility.to_owned(), hex::encode(tree.root()));
        Self { format: FORMAT.to_owned(), facility, seq, size: tree.size(), root }
    }

    /// The root of the tree.
    pub fn root(&self) -> Option<Hash> {
        let mut root = [0; 32];
        hex::decode_to_slice(&self.root, &mut root).ok().map(|()| root)
    }
}

/// The leaf of a signature: `content` and `sheet` by their SHA-256. Leaves begin with 0, so that no node passes for one.
pub fn signature_leaf(content: &Hash, value: &[u8], sheet: Option<&Hash>) -> Hash {
    sha256(&[&[0, 1], content, &sha256(&[value]), sheet.unwrap_or(&[0; 32])])
}

/// The leaf of a sealed manifest, by its SHA-256.
pub fn manifest_leaf(manifest: &Hash, seal: &[u8]) -> Hash {
    sha256(&[&[0, 2], manifest, &sha256(&[seal])])
}

/// The leaf of a stamp: its body, its token, and what proved its authority good.
pub fn stamp_leaf(body: &str, token: &[u8], evidence: &str) -> Hash {
    sha256(&[&[0, 3], &sha256(&[body.as_bytes()]), &sha256(&[token]), &sha256(&[evidence.as_bytes()])])
}

/// The way from a leaf to a root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Way {
    /// The leaf's place, from 0.
    pub place: u64,
    /// Hashes beside it, hexadecimal, from the leaf upwards.
    pub path: Vec<String>,
}

impl Way {
    /// As [`crate::merkle::InclusionProver`] gives it.
    pub fn of(place: u64, path: &[Hash]) -> Self {
        Self { place, path: path.iter().map(hex::encode).collect() }
    }

    fn leads(&self, leaf: &Hash, to: &Checked) -> bool {
        let hash = |text: &String| {
            let mut hash = [0; 32];
            hex::decode_to_slice(text, &mut hash).ok().map(|()| hash)
        };
        let path: Option<Vec<Hash>> = self.path.iter().map(hash).collect();
        path.is_some_and(|path| includes(&to.root, to.size, self.place, leaf, &path))
    }
}

/// One stamp of a chain, for whoever has not got the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProvenStamp {
    /// [`StampBody`], to the byte.
    pub body: String,
    /// RFC 3161, Base64.
    pub token: String,
    /// [`Evidence`] of its authority, to the byte.
    pub evidence: String,
    /// How the stamp before it in the chain is in its tree.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Way>,
}

/// Why a chain of stamps proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.english())]
pub enum ArchiveProblem {
    /// Not of the form, of another facility, or longer than any.
    Malformed,
    /// A token does not hold.
    Stamp(StampProblem),
    /// Something is not in the tree that a stamp is over.
    NotInTree,
    /// It was renewed only after it had ended, µs UTC.
    RenewedLate { ended: i64, renewed: i64 },
    /// The last stamp has ended, µs UTC.
    Ended { until: i64 },
}

impl ArchiveProblem {
    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Malformed | Self::NotInTree => Severity::Tampered,
            Self::Stamp(problem) => problem.severity(),
            Self::RenewedLate { .. } | Self::Ended { .. } => Severity::Untrusted,
        }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "archive-stamp-malformed",
            Self::Stamp(problem) => problem.code(),
            Self::NotInTree => "not-under-archive-stamp",
            Self::RenewedLate { .. } => "archive-stamp-renewed-late",
            Self::Ended { .. } => "archive-stamp-ended",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::Malformed => "Dấu thời gian lưu trữ không đọc được hoặc không phải của cơ sở này.".into(),
            Self::Stamp(problem) => problem.vietnamese(),
            Self::NotInTree => "Không nằm dưới dấu thời gian lưu trữ được nêu: bị sửa hoặc đổi chỗ.".into(),
            Self::RenewedLate { ended, renewed } => format!(
                "Dấu thời gian lưu trữ hết hiệu lực lúc {} nhưng tới {} mới được gia hạn: khoảng giữa không có gì chứng minh.",
                instant::vietnamese(*ended),
                instant::vietnamese(*renewed)
            ),
            Self::Ended { until } => format!(
                "Dấu thời gian đã hết hiệu lực lúc {} và không có dấu nào mới hơn: sau đó không còn gì chứng minh chữ ký có \
                 từ trước. Hãy xin cơ sở kết xuất lại hồ sơ.",
                instant::vietnamese(*until)
            ),
        }
    }

    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::Malformed => "The archive time stamp cannot be read, or is of another facility.".into(),
            Self::Stamp(problem) => problem.english(),
            Self::NotInTree => "It is not under the archive time stamp that it names: altered or exchanged.".into(),
            Self::RenewedLate { ended, renewed } => format!(
                "The archive time stamp ended at {} and was renewed only at {}: nothing proves the time between.",
                instant::english(*ended),
                instant::english(*renewed)
            ),
            Self::Ended { until } => format!(
                "The time stamp ended at {} and no newer one is over it: nothing proves any more that the signature is \
                 older. Ask the hospital to export the record again.",
                instant::english(*until)
            ),
        }
    }
}

struct Checked {
    root: Hash,
    size: u64,
    time: i64,
    ends: i64,
}

/// A chain of stamps that holds, each renewed before it ended.
pub struct Chain {
    stamps: Vec<Checked>,
}

impl Chain {
    /// Judges stamps in their order, by nothing but what they bring and `anchors`, at the verifier's clock `now` (µs UTC).
    ///
    /// # Errors
    /// [`ArchiveProblem`]; that the last one has ended is no error here: see [`Chain::ended`].
    pub fn judge(stamps: &[ProvenStamp], facility: &str, anchors: &Anchors, now: i64) -> Result<Self, ArchiveProblem> {
        if stamps.is_empty() || stamps.len() > MOST_STAMPS {
            return Err(ArchiveProblem::Malformed);
        }
        let (mut checked, mut before): (Vec<Checked>, Option<Hash>) = (Vec::new(), None);
        for stamp in stamps {
            let token = STANDARD.decode(&stamp.token).map_err(|_| ArchiveProblem::Malformed)?;
            let one = check(stamp, &token, facility, anchors, now)?;
            if let (Some(last), Some(leaf)) = (checked.last(), &before) {
                if !stamp.before.as_ref().is_some_and(|way| way.leads(leaf, &one)) {
                    return Err(ArchiveProblem::NotInTree);
                }
                if one.time > last.ends.saturating_add(CLOCK_SKEW) {
                    return Err(ArchiveProblem::RenewedLate { ended: last.ends, renewed: one.time });
                }
            }
            before = Some(stamp_leaf(&stamp.body, &token, &stamp.evidence));
            checked.push(one);
        }
        Ok(Self { stamps: checked })
    }

    /// The instant before which this leaf was, by the stamp at `place` of the chain; `None` where it is not under it.
    pub fn proves(&self, leaf: &Hash, place: usize, way: &Way) -> Option<i64> {
        let stamp = self.stamps.get(place)?;
        way.leads(leaf, stamp).then_some(stamp.time)
    }

    /// When the newest stamp ended, where it has at `now`.
    pub fn ended(&self, now: i64) -> Option<i64> {
        self.stamps.last().map(|stamp| stamp.ends).filter(|ends| *ends < now)
    }

    /// The instant of the newest stamp, µs UTC.
    pub fn newest(&self) -> Option<i64> {
        self.stamps.last().map(|stamp| stamp.time)
    }
}

fn check(
    stamp: &ProvenStamp,
    token: &[u8],
    facility: &str,
    anchors: &Anchors,
    now: i64,
) -> Result<Checked, ArchiveProblem> {
    let malformed = || ArchiveProblem::Malformed;
    let body: StampBody = serde_json::from_str(&stamp.body).map_err(|_| malformed())?;
    if body.format != FORMAT || body.facility != facility || stamp.evidence.len() > MOST_EVIDENCE {
        return Err(malformed());
    }
    let evidence: Evidence = serde_json::from_str(&stamp.evidence).map_err(|_| malformed())?;
    let (pool, crls, answers) = evidence.parsed().ok_or_else(malformed)?;
    let proofs = Proofs { crls: &crls, answers: &answers };
    let (report, problem) = judge(token, &[stamp.body.as_bytes()], Ground { pool: &pool, proofs, anchors, now });
    if let Some(problem) = problem {
        return Err(ArchiveProblem::Stamp(problem));
    }
    let authority = signer_of(token, &pool).ok_or(ArchiveProblem::Stamp(StampProblem::NoCertificate))?;
    let time = report.ok_or_else(malformed)?.time;
    let ends = Algorithms::default().stamp_ends(&authority);
    Ok(Checked { root: body.root().ok_or_else(malformed)?, size: body.size, time, ends })
}

#[cfg(test)]
mod tests;
