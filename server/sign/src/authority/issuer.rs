//! One CA: its key and certificate, what it issues and what it lists as revoked.

use const_oid::AssociatedOid;
use der::asn1::{BitString, OctetString, SetOfVec, Uint};
use der::{Decode, Encode};
use serde::{Deserialize, Serialize};
use spki::SubjectPublicKeyInfoOwned;
use x509_cert::certificate::{CertificateInner, TbsCertificateInner, Version};
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use super::AuthorityError;
use crate::algorithm::{sha256, strong_key};
use crate::certificate::Certificate;
use crate::instant;
use crate::key::{KeyKind, SigningKey};
use crate::name::Subject;
use crate::path::TIME_STAMPING;
use crate::randomness;
use crate::revocation::Crl;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// A person's signature.
    Person,
    /// The facility's seal on sealed records and audit heads.
    Seal,
    /// Time stamps, and nothing else.
    TimeStamps,
    /// An issuing CA directly above end entities.
    IssuingAuthority,
    /// A root.
    Root,
    /// TLS keys and the like: may not sign documents.
    Encipherment,
}

impl Profile {
    fn extensions(self) -> der::Result<Vec<Extension>> {
        let (ca, path_len, usage) = match self {
            Self::Person => (false, None, KeyUsages::DigitalSignature | KeyUsages::NonRepudiation),
            Self::Seal => (false, None, KeyUsages::DigitalSignature | KeyUsages::NonRepudiation),
            Self::TimeStamps => (false, None, KeyUsages::DigitalSignature.into()),
            Self::IssuingAuthority => (true, Some(0), KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Self::Root => (true, None, KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Self::Encipherment => (false, None, KeyUsages::KeyEncipherment.into()),
        };
        let constraints = BasicConstraints { ca, path_len_constraint: path_len };
        let mut extensions = vec![extension(true, &constraints)?, extension(true, &KeyUsage(usage))?];
        if self == Self::TimeStamps {
            extensions.push(extension(true, &ExtendedKeyUsage(vec![TIME_STAMPING]))?);
        }
        Ok(extensions)
    }
}

fn extension<T: Encode + AssociatedOid>(critical: bool, value: &T) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

/// One certificate to issue.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Whose it is.
    pub subject: &'a Subject,
    /// DER SubjectPublicKeyInfo, as [`SigningKey::public_key_der`] gives it.
    pub public_key: &'a [u8],
    /// What it is for.
    pub profile: Profile,
    /// First valid instant, µs UTC.
    pub valid_from: i64,
    /// Last valid second, µs UTC.
    pub valid_until: i64,
}

/// A key with its certificate, able to issue and to revoke.
#[derive(Debug)]
pub struct Issuer {
    pub(super) key: SigningKey,
    pub(super) certificate: Certificate,
}

impl Issuer {
    /// A self-signed root.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn root(name: &Subject, kind: KeyKind, valid_from: i64, valid_until: i64) -> Result<Self, AuthorityError> {
        let key = SigningKey::generate(kind)?;
        let public = key.public_key_der();
        let request = Request { subject: name, public_key: &public, profile: Profile::Root, valid_from, valid_until };
        let certificate = make(&request, &name.to_name()?, &key)?;
        Ok(Self { key, certificate })
    }

    /// A CA from its parts.
    pub fn with(key: SigningKey, certificate: Certificate) -> Self {
        Self { key, certificate }
    }

    /// An issuing CA below this one.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn subordinate(&self, name: &Subject, kind: KeyKind, from: i64, until: i64) -> Result<Self, AuthorityError> {
        let key = SigningKey::generate(kind)?;
        let public = key.public_key_der();
        let certificate = self.issue(&Request {
            subject: name,
            public_key: &public,
            profile: Profile::IssuingAuthority,
            valid_from: from,
            valid_until: until,
        })?;
        Ok(Self { key, certificate })
    }

    /// Issues a certificate with a random serial number.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue(&self, request: &Request<'_>) -> Result<Certificate, AuthorityError> {
        make(request, self.certificate.subject_name(), &self.key)
    }

    /// Makes a revocation list.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn crl(
        &self,
        number: u64,
        revoked: &[Revoked],
        this_update: i64,
        next_update: i64,
    ) -> Result<Crl, AuthorityError> {
        let entries = revoked.iter().map(|entry| {
            let serial = hex::decode(&entry.serial).map_err(|_| AuthorityError::State)?;
            Ok(RevokedCert {
                serial_number: SerialNumber::new(&serial)?,
                revocation_date: instant::to_time(entry.at)?,
                crl_entry_extensions: entry.reason.map(reason_code).transpose()?.map(|reason| vec![reason]),
            })
        });
        let entries = entries.collect::<Result<Vec<_>, AuthorityError>>()?;
        let number = CrlNumber(Uint::new(&number.to_be_bytes())?);
        let tbs_cert_list = TbsCertList {
            version: Version::V2,
            signature: self.key.signature_algorithm(),
            issuer: self.certificate.subject_name().clone(),
            this_update: instant::to_time(this_update)?,
            next_update: Some(instant::to_time(next_update)?),
            revoked_certificates: Some(entries).filter(|entries| !entries.is_empty()),
            crl_extensions: Some(vec![extension(false, &authority_key_id(&self.key)?)?, extension(false, &number)?]),
        };
        let signature = self.key.sign(&tbs_cert_list.to_der()?)?;
        let list = CertificateList {
            signature_algorithm: tbs_cert_list.signature.clone(),
            tbs_cert_list,
            signature: BitString::from_bytes(&signature)?,
        };
        Ok(Crl::from_der(&list.to_der()?)?)
    }

    /// The CA's key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The CA's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

fn reason_code(reason: RevokedFor) -> der::Result<Extension> {
    let extn_value = OctetString::new([0x0a, 1, reason.code()])?;
    Ok(Extension { extn_id: const_oid::db::rfc5280::ID_CE_CRL_REASONS, critical: false, extn_value })
}

/// Identifier of a key: the first 20 octets of SHA-256 over its bits (RFC 7093).
fn key_id(public: &SubjectPublicKeyInfoOwned) -> der::Result<OctetString> {
    let hash = sha256(&[public.subject_public_key.raw_bytes()]);
    OctetString::new(hash.get(..20).unwrap_or_default())
}

fn authority_key_id(key: &SigningKey) -> der::Result<AuthorityKeyIdentifier> {
    Ok(AuthorityKeyIdentifier { key_identifier: Some(key_id(key.public_key())?), ..Default::default() })
}

/// A positive 16-octet number that cannot be guessed.
fn serial_number() -> Result<SerialNumber, AuthorityError> {
    let mut bytes: [u8; 16] = randomness::bytes()?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Ok(SerialNumber::new(&bytes)?)
}

fn make(request: &Request<'_>, issuer: &Name, key: &SigningKey) -> Result<Certificate, AuthorityError> {
    let public = SubjectPublicKeyInfoOwned::from_der(request.public_key)?;
    strong_key(&public).map_err(|_| AuthorityError::PublicKey)?;
    let mut extensions = request.profile.extensions()?;
    extensions.push(extension(false, &SubjectKeyIdentifier(key_id(&public)?))?);
    extensions.push(extension(false, &authority_key_id(key)?)?);
    let tbs_certificate: TbsCertificateInner = TbsCertificateInner {
        version: Version::V3,
        serial_number: serial_number()?,
        signature: key.signature_algorithm(),
        issuer: issuer.clone(),
        validity: Validity {
            not_before: instant::to_time(request.valid_from)?,
            not_after: instant::to_time(request.valid_until)?,
        },
        subject: request.subject.to_name()?,
        subject_public_key_info: public,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signature = key.sign(&tbs_certificate.to_der()?)?;
    let certificate: x509_cert::Certificate = CertificateInner {
        signature_algorithm: tbs_certificate.signature.clone(),
        tbs_certificate,
        signature: BitString::from_bytes(&signature)?,
    };
    Ok(Certificate::from_der(&certificate.to_der()?)?)
}

/// A PKCS#10 request (PEM) for a public CA to certify this key.
///
/// # Errors
/// [`AuthorityError`]
pub fn certificate_request(subject: &Subject, key: &SigningKey) -> Result<String, AuthorityError> {
    let info = CertReqInfo {
        version: x509_cert::request::Version::V1,
        subject: subject.to_name()?,
        public_key: key.public_key().clone(),
        attributes: SetOfVec::new(),
    };
    let signature = key.sign(&info.to_der()?)?;
    let request = CertReq { info, algorithm: key.signature_algorithm(), signature: BitString::from_bytes(&signature)? };
    Ok(crate::pem::encode("CERTIFICATE REQUEST", &request.to_der()?))
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Serial number in hexadecimal, as [`Certificate::serial`] writes it.
    pub serial: String,
    /// When, µs UTC.
    pub at: i64,
    /// Why, where it is said.
    #[serde(default)]
    pub reason: Option<RevokedFor>,
}

/// Why a certificate was revoked, as a list says it (RFC 5280, 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevokedFor {
    /// Its key may be in other hands.
    KeyCompromise,
    /// What it says of its owner is true no longer.
    AffiliationChanged,
    /// Its owner needs it no longer.
    CessationOfOperation,
}

impl RevokedFor {
    fn code(self) -> u8 {
        match self {
            Self::KeyCompromise => 1,
            Self::AffiliationChanged => 3,
            Self::CessationOfOperation => 5,
        }
    }
}
