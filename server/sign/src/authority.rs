//! A small certificate authority: what a demo, a trial or a facility without a public CA signs with.
//!
//! Two levels as in life: a root that verifiers trust, and an issuing CA below it. Certificates are
//! for persons or for the facility's seal. It keeps no clock and no file: the caller stores
//! [`Authority::to_json`], which holds private keys, readable by its owner alone.

use const_oid::AssociatedOid;
use der::asn1::{BitString, OctetString, SetOfVec, Uint};
use der::{Decode, Encode};
use serde::{Deserialize, Serialize};
use spki::SubjectPublicKeyInfoOwned;
use thiserror::Error;
use x509_cert::certificate::{CertificateInner, TbsCertificateInner, Version};
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;
use zeroize::Zeroizing;

use crate::algorithm::{sha256, strong_key};
use crate::certificate::{Anchors, Certificate, CertificateError};
use crate::instant;
use crate::key::{KeyError, KeyKind, SigningKey};
use crate::name::Subject;
use crate::randomness;
use crate::revocation::{Crl, CrlError};

/// The authority could not do what was asked.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// A key failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A certificate could not be encoded or read back.
    #[error("certificate: {0}")]
    Encoding(#[from] der::Error),
    /// A certificate does not read back.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A revocation list does not read back.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// The public key in the request is too weak or of an unknown kind.
    #[error("the public key is not of an accepted kind")]
    PublicKey,
    /// The stored state is not one of this authority.
    #[error("the stored authority cannot be read")]
    State,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// A person's signature.
    Person,
    /// The facility's seal on sealed records and audit heads.
    Seal,
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
            Self::IssuingAuthority => (true, Some(0), KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Self::Root => (true, None, KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            Self::Encipherment => (false, None, KeyUsages::KeyEncipherment.into()),
        };
        let constraints = BasicConstraints { ca, path_len_constraint: path_len };
        Ok(vec![extension(true, &constraints)?, extension(true, &KeyUsage(usage))?])
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
    key: SigningKey,
    certificate: Certificate,
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
                crl_entry_extensions: None,
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

    /// The CA's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
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
}

/// Root and issuing CA together, with their revocations.
#[derive(Debug)]
pub struct Authority {
    root: Issuer,
    issuing: Issuer,
    revoked: Vec<Revoked>,
    revoked_authorities: Vec<Revoked>,
    crl_number: u64,
}

const ROOT_YEARS: i64 = 20;
const ISSUING_YEARS: i64 = 10;
const YEAR: i64 = 365 * instant::DAY;
/// A list is good for a week, so a server that re-issues daily may be down for six days.
const CRL_DAYS: i64 = 7;

impl Authority {
    /// Makes both CAs, valid from an hour before `now` (µs UTC) so that a slow clock can use them.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn create(organization: &str, kind: KeyKind, now: i64) -> Result<Self, AuthorityError> {
        let named = |common_name: String| Subject {
            organization: Some(organization.to_owned()),
            ..Subject::named(&common_name)
        };
        let from = now - 60 * instant::MINUTE;
        let root = named(format!("CA gốc nội bộ {organization}"));
        let root = Issuer::root(&root, kind, from, now + ROOT_YEARS * YEAR)?;
        let issuing = named(format!("CA cấp chứng thư {organization}"));
        let issuing = root.subordinate(&issuing, kind, from, now + ISSUING_YEARS * YEAR)?;
        Ok(Self { root, issuing, revoked: Vec::new(), revoked_authorities: Vec::new(), crl_number: 0 })
    }

    /// Issues a certificate for a person's key, valid for `days`.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue_person(
        &self,
        subject: &Subject,
        key: &SigningKey,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        self.issue(subject, key, Profile::Person, now, days)
    }

    /// Issues the facility's seal; the subject carries the facility's code as organisation identifier.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue_seal(
        &self,
        facility_code: &str,
        facility_name: &str,
        key: &SigningKey,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        let subject = Subject {
            organization: Some(facility_name.to_owned()),
            organization_identifier: Some(facility_code.to_owned()),
            ..Subject::named(facility_name)
        };
        self.issue(&subject, key, Profile::Seal, now, days)
    }

    /// Issues a certificate of any profile.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn issue(
        &self,
        subject: &Subject,
        key: &SigningKey,
        profile: Profile,
        now: i64,
        days: i64,
    ) -> Result<Certificate, AuthorityError> {
        let valid_until = now + days * instant::DAY;
        let public_key = key.public_key_der();
        let valid_from = now - 60 * instant::MINUTE;
        self.issuing.issue(&Request { subject, public_key: &public_key, profile, valid_from, valid_until })
    }

    /// Marks a certificate of the issuing CA as revoked from `at` on; [`Self::crls`] then lists it.
    pub fn revoke(&mut self, certificate: &Certificate, at: i64) {
        let entry = Revoked { serial: certificate.serial(), at };
        let list = if certificate.der() == self.issuing.certificate.der() {
            &mut self.revoked_authorities
        } else {
            &mut self.revoked
        };
        if !list.iter().any(|known| known.serial == entry.serial) {
            list.push(entry);
        }
    }

    /// Makes fresh lists of both CAs: issuing CA first, root second.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn crls(&mut self, now: i64) -> Result<Vec<Crl>, AuthorityError> {
        self.crl_number += 1;
        let next = now + CRL_DAYS * instant::DAY;
        Ok(vec![
            self.issuing.crl(self.crl_number, &self.revoked, now, next)?,
            self.root.crl(self.crl_number, &self.revoked_authorities, now, next)?,
        ])
    }

    /// The root: what verifiers trust.
    pub fn root(&self) -> &Certificate {
        &self.root.certificate
    }

    /// The issuing CA: what signers carry along.
    pub fn issuing(&self) -> &Certificate {
        &self.issuing.certificate
    }

    /// The root as the only anchor.
    pub fn anchors(&self) -> Anchors {
        Anchors::new(vec![self.root.certificate.clone()])
    }

    /// Everything, private keys included.
    ///
    /// # Errors
    /// [`AuthorityError::State`]
    pub fn to_json(&self) -> Result<Zeroizing<String>, AuthorityError> {
        let state = State {
            root: StoredIssuer::of(&self.root),
            issuing: StoredIssuer::of(&self.issuing),
            revoked: self.revoked.clone(),
            revoked_authorities: self.revoked_authorities.clone(),
            crl_number: self.crl_number,
        };
        serde_json::to_string(&state).map(Zeroizing::new).map_err(|_| AuthorityError::State)
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// [`AuthorityError`]
    pub fn from_json(json: &str) -> Result<Self, AuthorityError> {
        let state: State = serde_json::from_str(json).map_err(|_| AuthorityError::State)?;
        Ok(Self {
            root: state.root.open()?,
            issuing: state.issuing.open()?,
            revoked: state.revoked,
            revoked_authorities: state.revoked_authorities,
            crl_number: state.crl_number,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    root: StoredIssuer,
    issuing: StoredIssuer,
    revoked: Vec<Revoked>,
    revoked_authorities: Vec<Revoked>,
    crl_number: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredIssuer {
    certificate: String,
    /// PKCS#8 in PEM.
    private_key: Zeroizing<String>,
}

impl StoredIssuer {
    fn of(issuer: &Issuer) -> Self {
        Self {
            certificate: issuer.certificate.to_pem(),
            private_key: Zeroizing::new(crate::pem::encode("PRIVATE KEY", issuer.key.pkcs8())),
        }
    }

    fn open(&self) -> Result<Issuer, AuthorityError> {
        let certificate = Certificate::from_pem(self.certificate.as_bytes())?;
        let blocks =
            crate::pem::blocks(self.private_key.as_bytes(), "PRIVATE KEY").map_err(|_| AuthorityError::State)?;
        let key = SigningKey::from_pkcs8(blocks.first().ok_or(AuthorityError::State)?)?;
        key.belongs_to(&certificate).map_err(|_| AuthorityError::State)?;
        Ok(Issuer { key, certificate })
    }
}
