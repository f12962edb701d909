//! CMS SignedData (RFC 5652, CAdES attributes), detached: the signed bytes stay where they are.
//!
//! `build` makes them, `stamp` adds a time stamp, `signed` reads and `verify` judges them. What is signed here is bytes; for structured data these
//! are the canonical JSON of [`canonical_json`] (RFC 8785), so that any tool can make them again.

mod build;
mod claims;
mod signed;
mod stamp;
mod verify;

use serde::Serialize;
use thiserror::Error;

use crate::certificate::Certificate;
use crate::evidence::Evidence;
use crate::key::{KeyError, SigningKey};
use crate::problem::CertificateProblem;

pub(crate) use build::{Statement, build, size};
pub use claims::{Claims, PutBy, SigningRules};
pub(crate) use signed::{Kind, Signed, algorithm_id};
pub(crate) use stamp::with_stamp;
pub use stamp::{add_stamp, request_stamp};
pub(crate) use verify::{Claim, Material, judged, verify};
pub use verify::{CmsReport, Level, SignerSummary, verify_detached};

/// A signature could not be made.
#[derive(Debug, Error)]
pub enum SignError {
    /// The key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Key, certificate and evidence do not belong together.
    #[error(transparent)]
    Certificate(#[from] CertificateProblem),
    /// The structure could not be encoded.
    #[error("the signature could not be encoded: {0}")]
    Encoding(#[from] der::Error),
    /// What is to be stamped is not a signature of the kind made here.
    #[error("not a signature that a time stamp can be added to")]
    NotASignature,
    /// The time stamp is over other bytes than this signature's value.
    #[error("the time stamp was made for another signature; ask for a new one")]
    OtherStamp,
    /// The value has no canonical JSON (a number that is not finite, a map without text keys).
    #[error("no canonical JSON: {0}")]
    Json(String),
}

/// Who signs: the opened key, its certificate, and the evidence gathered just before.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    key: &'a SigningKey,
    certificate: &'a Certificate,
    evidence: &'a Evidence,
}

impl<'a> Signer<'a> {
    /// Puts the three together.
    ///
    /// # Errors
    /// [`CertificateProblem::OtherKey`] when the key or the evidence is of another certificate.
    pub fn new(
        key: &'a SigningKey,
        certificate: &'a Certificate,
        evidence: &'a Evidence,
    ) -> Result<Self, CertificateProblem> {
        key.belongs_to(certificate)?;
        if evidence.certificates.first().map(Vec::as_slice) != Some(certificate.der()) {
            return Err(CertificateProblem::OtherKey { who: certificate.subject() });
        }
        Ok(Self { key, certificate, evidence })
    }

    /// The signer's certificate.
    pub fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    pub(crate) fn evidence(&self) -> &'a Evidence {
        self.evidence
    }

    /// The X.509 identifier of what [`Self::sign`] makes.
    pub(crate) fn method(&self) -> const_oid::ObjectIdentifier {
        self.key.signature_algorithm().oid
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.key.sign(message)
    }
}

/// The RFC 8785 bytes of a value: what is hashed and signed.
///
/// # Errors
/// [`SignError::Json`]
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, SignError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| SignError::Json(error.to_string()))
}

/// Signs `content` at the instant `signing_time` (µs UTC). The DER returned holds the certificates,
/// the revocation lists and the time, but not the content.
///
/// # Errors
/// [`SignError`]
pub fn sign_detached(content: &[u8], signer: &Signer<'_>, signing_time: i64) -> Result<Vec<u8>, SignError> {
    sign_detached_claiming(content, signer, signing_time, &Claims::default())
}

/// The same, with what the signature says of itself under it.
///
/// # Errors
/// [`SignError`]
pub fn sign_detached_claiming(
    content: &[u8],
    signer: &Signer<'_>,
    signing_time: i64,
    claims: &Claims,
) -> Result<Vec<u8>, SignError> {
    let statement = Statement { signing_time: Some(signing_time), claims: Some(claims), ..Statement::COMPLETE };
    build(&crate::algorithm::sha256(&[content]), signer, statement)
}

#[cfg(test)]
mod tests;
