//! TimeStampResp: granted with a token, or refused with a reason.

use thiserror::Error;

use super::problem::StampProblem;
use crate::asn1::{self, Cursor, Malformed};

/// A token with a long chain is about 8 kB.
const MAX_RESPONSE: usize = 256 * 1024;
/// What of an authority's own words is repeated.
const MAX_TEXT: usize = 200;

/// Why an authority refuses (PKIFailureInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The hash function is unknown or not accepted.
    BadAlgorithm,
    /// The request is not permitted or supported.
    BadRequest,
    /// The request cannot be read.
    BadDataFormat,
    /// The authority's clock is not available.
    TimeNotAvailable,
    /// The policy asked for is not the authority's.
    UnacceptedPolicy,
    /// An extension in the request is not supported.
    UnacceptedExtension,
    /// Additional information asked for is not available.
    NoAdditionalInformation,
    /// The authority failed.
    SystemFailure,
}

impl Failure {
    const BITS: [(Self, u8, &'static str); 8] = [
        (Self::BadAlgorithm, 0, "badAlg"),
        (Self::BadRequest, 2, "badRequest"),
        (Self::BadDataFormat, 5, "badDataFormat"),
        (Self::TimeNotAvailable, 14, "timeNotAvailable"),
        (Self::UnacceptedPolicy, 15, "unacceptedPolicy"),
        (Self::UnacceptedExtension, 16, "unacceptedExtension"),
        (Self::NoAdditionalInformation, 17, "addInfoNotAvailable"),
        (Self::SystemFailure, 25, "systemFailure"),
    ];

    fn row(self) -> (u8, &'static str) {
        let found = Self::BITS.iter().find(|(failure, _, _)| *failure == self);
        found.map_or((25, "systemFailure"), |(_, bit, name)| (*bit, *name))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.row().1)
    }
}

/// A response brought no time stamp that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResponseError {
    /// Not a response, or larger than 256 KiB.
    #[error("not a time-stamp response: check the service's address")]
    Malformed,
    /// The authority gave none.
    #[error("the time-stamp service refused (status {status}: {}): {text}", names(.failures))]
    Refused {
        /// PKIStatus: 2 rejection, 3 waiting, 4 and 5 about the authority's own revocation.
        status: u8,
        /// Its reasons.
        failures: Vec<Failure>,
        /// Its words.
        text: String,
    },
    /// The nonce is not the one that was sent: an old answer, sent again.
    #[error("the time stamp answers another request; ask again")]
    OtherRequest,
    /// Made under another policy than the one asked for.
    #[error("the time stamp was made under policy {0}; correct the policy in the configuration")]
    OtherPolicy(String),
    /// The token does not hold.
    #[error(transparent)]
    Stamp(#[from] StampProblem),
}

fn names(failures: &[Failure]) -> String {
    let names: Vec<String> = failures.iter().map(Failure::to_string).collect();
    if names.is_empty() { "no reason".into() } else { names.join(", ") }
}

impl From<Malformed> for ResponseError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// The token in a response, if it was granted.
pub(super) fn token(response: &[u8]) -> Result<&[u8], ResponseError> {
    if response.len() > MAX_RESPONSE {
        return Err(ResponseError::Malformed);
    }
    let mut outer = Cursor::new(response);
    let mut parts = outer.expect(asn1::SEQUENCE)?.inside();
    outer.end()?;
    let mut info = parts.expect(asn1::SEQUENCE)?.inside();
    let token = parts.optional(asn1::SEQUENCE)?;
    parts.end()?;

    let &[status] = info.expect(asn1::INTEGER)?.value else { return Err(ResponseError::Malformed) };
    let words = info.optional(asn1::SEQUENCE)?.map_or(Cursor::new(&[]), |list| list.inside());
    let reasons = info.optional(asn1::BIT_STRING)?.map_or(&[][..], |bits| bits.value.get(1..).unwrap_or_default());
    info.end()?;
    match (status, token) {
        (0 | 1, Some(token)) => Ok(token.whole),
        (0 | 1, None) => Err(ResponseError::Malformed),
        _ => Err(ResponseError::Refused { status, failures: failures(reasons), text: text(words)? }),
    }
}

fn failures(bits: &[u8]) -> Vec<Failure> {
    let is_set = |bit: u8| bits.get(usize::from(bit / 8)).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    Failure::BITS.iter().filter(|(_, bit, _)| is_set(*bit)).map(|(failure, _, _)| *failure).collect()
}

/// The authority's words in one line; they end in a log.
fn text(mut words: Cursor<'_>) -> Result<String, Malformed> {
    let mut text = String::new();
    while let Some(word) = words.next()? {
        let word = String::from_utf8_lossy(word.value);
        text.extend(word.chars().filter(|c| !c.is_control()).chain([' ']));
    }
    Ok(text.trim_end().chars().take(MAX_TEXT).collect())
}

pub(super) fn granted(token: &[u8]) -> Vec<u8> {
    let status = asn1::wrap(asn1::SEQUENCE, &asn1::unsigned(&[0]));
    asn1::wrap(asn1::SEQUENCE, &[status.as_slice(), token].concat())
}

pub(super) fn refused(failure: Failure) -> Vec<u8> {
    let (bit, name) = failure.row();
    let mut bits = vec![0; usize::from(bit / 8) + 1];
    if let Some(last) = bits.last_mut() {
        *last = 0x80 >> (bit % 8);
    }
    bits.insert(0, 7 - bit % 8);
    let words = asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::UTF8_STRING, name.as_bytes()));
    let status = [asn1::unsigned(&[2]), words, asn1::wrap(asn1::BIT_STRING, &bits)].concat();
    asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::SEQUENCE, &status))
}
