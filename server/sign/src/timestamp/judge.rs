//! A verifier's view of a time stamp: is it of these bytes, by whom, and is that authority trusted?

use std::borrow::Cow;

use serde::Serialize;

use super::problem::StampProblem;
use super::token::Token;
use crate::algorithm::Refusal;
use crate::certificate::{Anchors, Certificate};
use crate::cms::SignerSummary;
use crate::path::{self, Purpose};
use crate::revocation::{self, CLOCK_SKEW, Proofs};

/// One time stamp of a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeStampReport {
    /// The instant that the authority states, µs UTC.
    pub time: i64,
    /// Absent when its certificate is not at hand.
    pub authority: Option<SignerSummary>,
    /// The policy that it was made under.
    pub policy: String,
    /// Its number, hexadecimal.
    pub serial: String,
    /// It is of this signature, and as the authority made it.
    pub fits: bool,
    /// It fits, and its authority leads to an anchor: the instant is proven.
    pub trusted: bool,
}

/// What a verifier has at hand.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub pool: &'a [Certificate],
    pub proofs: Proofs<'a>,
    pub anchors: &'a Anchors,
    /// The verifier's clock, µs UTC.
    pub now: i64,
}

/// Judges a token over the bytes that the parts make together.
pub(crate) fn judge(
    der: &[u8],
    stamped: &[&[u8]],
    ground: Ground<'_>,
) -> (Option<TimeStampReport>, Option<StampProblem>) {
    let token = match Token::parse(der) {
        Ok(token) => token,
        Err(problem) => return (None, Some(problem)),
    };
    let authority = token.signer(ground.pool);
    let fits = check(&token, stamped, authority.as_ref());
    let proven = fits.and_then(|authority| trust(&token, authority, ground));
    let problem = proven.err();
    let is_below = |problem: &StampProblem| matches!(problem, StampProblem::FromFuture(_) | StampProblem::Untrusted(_));
    let report = TimeStampReport {
        time: token.info.time,
        policy: token.info.policy.to_string(),
        serial: hex::encode(&token.info.serial),
        fits: problem.as_ref().is_none_or(is_below),
        trusted: problem.is_none(),
        authority: authority.as_ref().map(SignerSummary::from),
    };
    (Some(report), problem)
}

/// The certificate of the authority that made a token: inside it, or among others.
pub(crate) fn signer_of(der: &[u8], others: &[Certificate]) -> Option<Certificate> {
    Token::parse(der).ok()?.signer(others)
}

fn check<'c>(
    token: &Token<'_>,
    stamped: &[&[u8]],
    authority: Option<&'c Certificate>,
) -> Result<&'c Certificate, StampProblem> {
    let unsupported = |refusal: Refusal| StampProblem::Unsupported(refusal.to_string());
    if !token.info.imprint.is_of(stamped).map_err(unsupported)? {
        return Err(StampProblem::OtherBytes);
    }
    let authority = authority.ok_or(StampProblem::NoCertificate)?;
    token.check(authority)?;
    Ok(authority)
}

/// Path and revocation of the authority at the instant that it states.
fn trust(token: &Token<'_>, authority: &Certificate, ground: Ground<'_>) -> Result<(), StampProblem> {
    let (at, now) = (token.info.time, ground.now);
    // Lists of a public CA are long, and few tokens bring their own.
    let crls = match token.signed.crls()? {
        none if none.is_empty() => Cow::Borrowed(ground.proofs.crls),
        own => Cow::Owned([own.as_slice(), ground.proofs.crls].concat()),
    };
    let answers = match token.signed.answers()? {
        none if none.is_empty() => Cow::Borrowed(ground.proofs.answers),
        own => Cow::Owned([own.as_slice(), ground.proofs.answers].concat()),
    };
    let proofs = Proofs { crls: &crls, answers: &answers };
    let pool = [token.signed.certificates().as_slice(), ground.pool].concat();
    if at > now.saturating_add(CLOCK_SKEW) {
        return Err(StampProblem::FromFuture(at));
    }
    let path = path::build_for(Purpose::TimeStamps, authority, &pool, ground.anchors, at);
    let checked = path.and_then(|path| revocation::check(&path, proofs, at, now).map(|_| ()));
    checked.map_err(StampProblem::Untrusted)
}
