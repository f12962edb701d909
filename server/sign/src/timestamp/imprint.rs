//! MessageImprint: the hash that stands for the stamped bytes.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_SHA_256;

use crate::algorithm::{Hash, Refusal, sha256};
use crate::asn1::{self, Element, Malformed};
use crate::cms::algorithm_id;

/// A hash and how it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Imprint {
    algorithm: ObjectIdentifier,
    hash: Vec<u8>,
    /// As received: an authority repeats it to the byte.
    pub der: Vec<u8>,
}

impl Imprint {
    /// By SHA-256.
    pub fn of(bytes: &[u8]) -> Self {
        let hash = sha256(&[bytes]).to_vec();
        let algorithm = asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::OBJECT_IDENTIFIER, ID_SHA_256.as_bytes()));
        let der = asn1::wrap(asn1::SEQUENCE, &[algorithm, asn1::wrap(asn1::OCTET_STRING, &hash)].concat());
        Self { algorithm: ID_SHA_256, hash, der }
    }

    pub fn read(element: &Element<'_>) -> Result<Self, Malformed> {
        let mut parts = element.inside();
        let algorithm = algorithm_id(&parts.expect(asn1::SEQUENCE)?)?;
        let hash = parts.expect(asn1::OCTET_STRING)?.value.to_vec();
        parts.end()?;
        Ok(Self { algorithm, hash, der: element.whole.to_vec() })
    }

    /// Only SHA-2 is an answer to "which bytes?".
    pub fn function(&self) -> Result<Hash, Refusal> {
        Hash::from_oid(self.algorithm)
    }

    /// Whether the hash has the length that its function gives.
    pub fn is_whole(&self) -> bool {
        self.function().is_ok_and(|function| function.of(&[]).len() == self.hash.len())
    }

    /// The same hash by the same function, however its parameters are written.
    pub fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.hash == other.hash
    }

    /// Whether it is the hash of what the parts make together.
    pub fn is_of(&self, parts: &[&[u8]]) -> Result<bool, Refusal> {
        Ok(self.function()?.of(parts) == self.hash)
    }
}
