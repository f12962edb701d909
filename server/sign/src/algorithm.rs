//! The keys and signatures that are accepted: RSA of 2048 bits and more (PKCS#1 v1.5) and ECDSA on
//! P-256 and P-384, with SHA-2. SHA-1, shorter keys and everything else are refused.

use aws_lc_rs::{digest, signature as lc};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912 as oid;
use der::{Decode, asn1::UintRef};
use serde::{Deserialize, Serialize};
use spki::SubjectPublicKeyInfoOwned;
use thiserror::Error;

use crate::asn1::{Cursor, SEQUENCE};

/// A public key's kind and strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAlgorithm {
    /// RSA with a modulus of so many bits.
    Rsa { bits: usize },
    /// ECDSA on NIST P-256.
    EcdsaP256,
    /// ECDSA on NIST P-384.
    EcdsaP384,
}

impl std::fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::EcdsaP256 => f.write_str("ECDSA P-256"),
            Self::EcdsaP384 => f.write_str("ECDSA P-384"),
        }
    }
}

/// Why a signature value was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Refusal {
    #[error("algorithm {0} is not accepted")]
    Algorithm(String),
    #[error("the key is too short: {0} bits")]
    ShortKey(usize),
    #[error("the signature does not verify")]
    Invalid,
}

/// A SHA-2 function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub fn from_oid(id: ObjectIdentifier) -> Result<Self, Refusal> {
        match id {
            oid::ID_SHA_256 => Ok(Self::Sha256),
            oid::ID_SHA_384 => Ok(Self::Sha384),
            oid::ID_SHA_512 => Ok(Self::Sha512),
            other => Err(Refusal::Algorithm(name_of(other))),
        }
    }

    pub fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        });
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

/// SHA-256 of the parts, one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// SHA-1, where a standard uses it as a name for bytes: never to accept a signature.
pub(crate) fn sha1_name(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

fn name_of(id: ObjectIdentifier) -> String {
    // Missing from the table of names, and the one that people must recognise.
    if id == ObjectIdentifier::new_unwrap("1.2.840.10045.4.1") {
        return "ecdsa-with-SHA1".into();
    }
    const_oid::db::DB.by_oid(&id).map_or_else(|| id.to_string(), str::to_owned)
}

/// The key's algorithm, whatever its strength.
pub(crate) fn key_algorithm(key: &SubjectPublicKeyInfoOwned) -> Result<KeyAlgorithm, Refusal> {
    match key.algorithm.oid {
        oid::RSA_ENCRYPTION => Ok(KeyAlgorithm::Rsa { bits: rsa_bits(key).ok_or(Refusal::Invalid)? }),
        oid::ID_EC_PUBLIC_KEY => {
            let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            match curve {
                Some(oid::SECP_256_R_1) => Ok(KeyAlgorithm::EcdsaP256),
                Some(oid::SECP_384_R_1) => Ok(KeyAlgorithm::EcdsaP384),
                Some(other) => Err(Refusal::Algorithm(name_of(other))),
                None => Err(Refusal::Algorithm("EC without a named curve".into())),
            }
        }
        other => Err(Refusal::Algorithm(name_of(other))),
    }
}

fn rsa_bits(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let modulus = rsa_modulus(key.subject_public_key.as_bytes()?)?;
    let first = *modulus.first()?;
    let spare = usize::try_from(first.leading_zeros()).ok()?;
    modulus.len().checked_mul(8)?.checked_sub(spare)
}

/// The modulus of an RSAPublicKey, without leading zeros.
pub(crate) fn rsa_modulus(der: &[u8]) -> Option<Vec<u8>> {
    let sequence = Cursor::new(der).expect(SEQUENCE).ok()?;
    let modulus = sequence.inside().next().ok()??;
    Some(UintRef::from_der(modulus.whole).ok()?.as_bytes().to_vec())
}

/// Refuses keys below the legal minimum (RSA 2048, ECDSA 256).
pub(crate) fn strong_key(key: &SubjectPublicKeyInfoOwned) -> Result<KeyAlgorithm, Refusal> {
    match key_algorithm(key)? {
        KeyAlgorithm::Rsa { bits } if bits < 2048 => Err(Refusal::ShortKey(bits)),
        algorithm => Ok(algorithm),
    }
}

/// Checks `signature` over `message`. `hash` is used where the signature's algorithm names none
/// (CMS with a bare rsaEncryption).
pub(crate) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: ObjectIdentifier,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let kind = strong_key(key)?;
    let hash = match algorithm {
        oid::SHA_256_WITH_RSA_ENCRYPTION | oid::ECDSA_WITH_SHA_256 => Hash::Sha256,
        oid::SHA_384_WITH_RSA_ENCRYPTION | oid::ECDSA_WITH_SHA_384 => Hash::Sha384,
        oid::SHA_512_WITH_RSA_ENCRYPTION | oid::ECDSA_WITH_SHA_512 => Hash::Sha512,
        oid::RSA_ENCRYPTION => hash.ok_or_else(|| Refusal::Algorithm(name_of(algorithm)))?,
        other => return Err(Refusal::Algorithm(name_of(other))),
    };
    let for_ec = matches!(algorithm, oid::ECDSA_WITH_SHA_256 | oid::ECDSA_WITH_SHA_384 | oid::ECDSA_WITH_SHA_512);
    let verifier: &'static dyn lc::VerificationAlgorithm = match (kind, hash) {
        (KeyAlgorithm::Rsa { .. }, Hash::Sha256) if !for_ec => &lc::RSA_PKCS1_2048_8192_SHA256,
        (KeyAlgorithm::Rsa { .. }, Hash::Sha384) if !for_ec => &lc::RSA_PKCS1_2048_8192_SHA384,
        (KeyAlgorithm::Rsa { .. }, Hash::Sha512) if !for_ec => &lc::RSA_PKCS1_2048_8192_SHA512,
        (KeyAlgorithm::EcdsaP256, Hash::Sha256) if for_ec => &lc::ECDSA_P256_SHA256_ASN1,
        (KeyAlgorithm::EcdsaP256, Hash::Sha384) if for_ec => &lc::ECDSA_P256_SHA384_ASN1,
        (KeyAlgorithm::EcdsaP256, Hash::Sha512) if for_ec => &lc::ECDSA_P256_SHA512_ASN1,
        (KeyAlgorithm::EcdsaP384, Hash::Sha256) if for_ec => &lc::ECDSA_P384_SHA256_ASN1,
        (KeyAlgorithm::EcdsaP384, Hash::Sha384) if for_ec => &lc::ECDSA_P384_SHA384_ASN1,
        (KeyAlgorithm::EcdsaP384, Hash::Sha512) if for_ec => &lc::ECDSA_P384_SHA512_ASN1,
        _ => return Err(Refusal::Invalid),
    };
    let bits = key.subject_public_key.as_bytes().ok_or(Refusal::Invalid)?;
    lc::UnparsedPublicKey::new(verifier, bits).verify(message, signature).map_err(|_| Refusal::Invalid)
}
