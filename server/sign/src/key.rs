//! Signing keys: RSA-2048 (PKCS#1 v1.5, SHA-256) and ECDSA P-256, in software as PKCS#8 or with a [`KeyHolder`].

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use const_oid::db::rfc5912 as oid;
use der::asn1::{Any, Null};
use der::{Decode, Encode};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use std::sync::Arc;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::algorithm::{self, KeyAlgorithm};
use crate::certificate::Certificate;
use crate::holder::{self, HolderKind, KeyHolder, Trouble};
use crate::problem::CertificateProblem;
use crate::randomness;

/// A key could not be made, read or used. Says nothing about its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The system gave no random bytes.
    #[error("no randomness from the operating system")]
    Randomness,
    /// Key generation failed.
    #[error("the key could not be generated")]
    Generate,
    /// Not PKCS#8 of RSA (2048 bits and more) or ECDSA P-256.
    #[error("not a PKCS#8 key of an accepted kind")]
    Unreadable,
    /// The signature could not be made.
    #[error("signing failed")]
    Sign,
    /// A key of this kind is not signed with here: too short, or another curve.
    #[error("a key of this kind is not signed with")]
    Unsuited,
    /// The key is with somebody else and cannot be copied.
    #[error("the key is held elsewhere")]
    Elsewhere,
    /// Whoever holds the key gave no good signature.
    #[error("the key's holder ({at:?}): {trouble}")]
    Held {
        /// Who.
        at: HolderKind,
        /// Why.
        trouble: Trouble,
    },
}

/// The kinds of keys that can be made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with 2048 bits.
    Rsa2048,
    /// ECDSA on P-256.
    P256,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Held(KeyAlgorithm, Arc<dyn KeyHolder>),
}

/// A private key ready to sign. Dropping it frees a key in software inside aws-lc, which wipes it.
pub struct SigningKey {
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
    public: SubjectPublicKeyInfoOwned,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.pair {
            Pair::Rsa(_) => "SigningKey(RSA)",
            Pair::Ecdsa(_) => "SigningKey(ECDSA P-256)",
            Pair::Held(..) => "SigningKey(held elsewhere)",
        })
    }
}

impl SigningKey {
    /// Makes a new key. RSA takes some 100 ms.
    ///
    /// # Errors
    /// [`KeyError::Generate`]
    pub fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let pkcs8 = match kind {
            KeyKind::Rsa2048 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generate)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Generate)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            KeyKind::P256 => {
                let der = EcdsaKeyPair::generate_pkcs8(&lc::ECDSA_P256_SHA256_ASN1_SIGNING, &randomness::system())
                    .map_err(|_| KeyError::Generate)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
        };
        Self::from_pkcs8(&pkcs8)
    }

    /// Reads an unencrypted PKCS#8 key.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`], also for keys below the legal minimum.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let unreadable = KeyError::Unreadable;
        let (pair, public) = if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| unreadable)?;
            let public = public.as_ref().to_vec();
            (Pair::Rsa(pair), public)
        } else {
            let pair = EcdsaKeyPair::from_pkcs8(&lc::ECDSA_P256_SHA256_ASN1_SIGNING, der).map_err(|_| unreadable)?;
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| unreadable)?;
            let public = public.as_ref().to_vec();
            (Pair::Ecdsa(pair), public)
        };
        let public = SubjectPublicKeyInfoOwned::from_der(&public).map_err(|_| unreadable)?;
        algorithm::strong_key(&public).map_err(|_| unreadable)?;
        Ok(Self { pair, pkcs8: Zeroizing::new(der.to_vec()), public })
    }

    /// The key of this certificate, with whoever holds it. Each answer is verified before it is used.
    ///
    /// # Errors
    /// [`KeyError::Unsuited`] for RSA below 2048 bits, and for everything but RSA and P-256.
    pub fn held(certificate: &Certificate, holder: Arc<dyn KeyHolder>) -> Result<Self, KeyError> {
        let public = certificate.public_key().clone();
        let algorithm = match algorithm::strong_key(&public) {
            Ok(kind @ (KeyAlgorithm::Rsa { .. } | KeyAlgorithm::EcdsaP256)) => kind,
            _ => return Err(KeyError::Unsuited),
        };
        Ok(Self { pair: Pair::Held(algorithm, holder), pkcs8: Zeroizing::default(), public })
    }

    /// Signs something that means nothing, to see whether the key answers and is the certificate's.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn prove(&self) -> Result<(), KeyError> {
        let nonce: [u8; 32] = randomness::bytes()?;
        self.sign(&[b"benhan: is this key there?".as_slice(), &nonce].concat()).map(drop)
    }

    /// The key as PKCS#8, for wrapping; empty where it is held elsewhere.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key as DER SubjectPublicKeyInfo.
    pub fn public_key_der(&self) -> Vec<u8> {
        self.public.to_der().unwrap_or_default()
    }

    /// Kind and strength.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match &self.pair {
            Pair::Rsa(pair) => KeyAlgorithm::Rsa { bits: pair.public_modulus_len() * 8 },
            Pair::Ecdsa(_) => KeyAlgorithm::EcdsaP256,
            Pair::Held(algorithm, _) => *algorithm,
        }
    }

    /// Checks that the certificate is for this key.
    ///
    /// # Errors
    /// [`CertificateProblem::OtherKey`]
    pub fn belongs_to(&self, certificate: &Certificate) -> Result<(), CertificateProblem> {
        if self.public.subject_public_key == certificate.public_key().subject_public_key {
            Ok(())
        } else {
            Err(CertificateProblem::OtherKey { who: certificate.subject() })
        }
    }

    pub(crate) fn public_key(&self) -> &SubjectPublicKeyInfoOwned {
        &self.public
    }

    /// The X.509/CMS identifier of the signatures that this key makes.
    pub(crate) fn signature_algorithm(&self) -> AlgorithmIdentifierOwned {
        method_of(self.algorithm())
    }

    /// The longest signature that [`Self::sign`] may return.
    pub(crate) fn max_signature(&self) -> usize {
        match self.algorithm() {
            KeyAlgorithm::Rsa { bits } => bits.div_ceil(8),
            KeyAlgorithm::EcdsaP256 => 72,
            KeyAlgorithm::EcdsaP384 => 104,
        }
    }

    /// Signs SHA-256 of the message.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = randomness::system();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&lc::RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| KeyError::Sign)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| KeyError::Sign)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Held(algorithm, holder) => holder::checked(holder.as_ref(), &self.public, *algorithm, message),
        }
    }
}

/// The X.509/CMS identifier of signatures with SHA-256 by a key of this kind.
pub(crate) fn method_of(algorithm: KeyAlgorithm) -> AlgorithmIdentifierOwned {
    match algorithm {
        KeyAlgorithm::Rsa { .. } => {
            AlgorithmIdentifierOwned { oid: oid::SHA_256_WITH_RSA_ENCRYPTION, parameters: Some(Any::from(Null)) }
        }
        _ => AlgorithmIdentifierOwned { oid: oid::ECDSA_WITH_SHA_256, parameters: None },
    }
}
