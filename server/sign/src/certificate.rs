//! One X.509 certificate, as received: its bytes, and what people and path checking need from it.
//!
//! Whether it may be trusted is not asked here: see `path` and `revocation`.

use const_oid::db::rfc5280::ID_AD_OCSP;
use der::{Decode, Encode, asn1::ObjectIdentifier};
use spki::SubjectPublicKeyInfoOwned;
use thiserror::Error;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, ExtendedKeyUsage,
    KeyUsage, SubjectKeyIdentifier,
};

use crate::algorithm::{self, KeyAlgorithm};
use crate::asn1::{Cursor, OCTET_STRING, SEQUENCE};
use crate::{instant, name};

/// A certificate of a person is about 2 kB; nothing honest comes near this.
const MAX_CERTIFICATE: usize = 64 * 1024;
/// More certificates than this in one PEM file is no trust list.
const MAX_IN_PEM: usize = 1000;
/// Of the addresses that a certificate names, so many are tried.
const MAX_ADDRESSES: usize = 4;
/// No honest address is longer.
const MAX_ADDRESS: usize = 1024;

/// The bytes are not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// Not an X.509 certificate in strict DER, or larger than 64 KiB.
    #[error("not an X.509 certificate: {0}")]
    Malformed(String),
    /// A PEM file without a certificate in it.
    #[error("no certificate found in the PEM text")]
    NoneInPem,
}

/// A parsed certificate together with its exact bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    inner: x509_cert::Certificate,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificate({}, {})", self.subject(), self.serial())
    }
}

impl Certificate {
    /// Parses one DER certificate.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`]
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::Malformed("larger than 64 KiB".into()));
        }
        let inner = x509_cert::Certificate::from_der(der).map_err(|e| CertificateError::Malformed(e.to_string()))?;
        Ok(Self { der: der.to_vec(), inner })
    }

    /// Parses the first certificate of a PEM text.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        Self::list_from_pem(pem)?.into_iter().next().ok_or(CertificateError::NoneInPem)
    }

    /// Parses every certificate of a PEM text; other text between them is ignored.
    ///
    /// # Errors
    /// [`CertificateError`], also when there is none.
    pub fn list_from_pem(pem: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let blocks = crate::pem::blocks(pem, "CERTIFICATE").map_err(CertificateError::Malformed)?;
        if blocks.is_empty() {
            return Err(CertificateError::NoneInPem);
        }
        blocks.iter().take(MAX_IN_PEM).map(|der| Self::from_der(der)).collect()
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM text.
    pub fn to_pem(&self) -> String {
        crate::pem::encode("CERTIFICATE", &self.der)
    }

    /// The subject for people: `CN=Nguyễn Thị Hương, OU=Khoa Nội, O=…`, most specific first.
    pub fn subject(&self) -> String {
        name::display(&self.inner.tbs_certificate.subject)
    }

    /// The issuer for people.
    pub fn issuer(&self) -> String {
        name::display(&self.inner.tbs_certificate.issuer)
    }

    /// The subject's common name, or the whole subject when it has none.
    pub fn common_name(&self) -> String {
        self.subject_part(name::COMMON_NAME).unwrap_or_else(|| self.subject())
    }

    /// The organisation's identifier in the subject (2.5.4.97): a facility's code on its seal.
    pub fn organization_identifier(&self) -> Option<String> {
        self.subject_part(name::ORGANIZATION_IDENTIFIER)
    }

    fn subject_part(&self, attribute: ObjectIdentifier) -> Option<String> {
        name::part(&self.inner.tbs_certificate.subject, attribute)
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial(&self) -> String {
        hex::encode(self.serial_bytes())
    }

    pub(crate) fn serial_bytes(&self) -> &[u8] {
        self.inner.tbs_certificate.serial_number.as_bytes()
    }

    /// Start of validity, µs UTC.
    pub fn valid_from(&self) -> i64 {
        instant::from_time(self.inner.tbs_certificate.validity.not_before)
    }

    /// End of validity (inclusive), µs UTC.
    pub fn valid_until(&self) -> i64 {
        instant::from_time(self.inner.tbs_certificate.validity.not_after)
    }

    /// The public key's algorithm; `None` for kinds that are not accepted at all.
    pub fn key_algorithm(&self) -> Option<KeyAlgorithm> {
        algorithm::key_algorithm(self.public_key()).ok()
    }

    /// SHA-256 of the certificate: its identity in evidence and in ESS attributes.
    pub fn fingerprint(&self) -> [u8; 32] {
        algorithm::sha256(&[&self.der])
    }

    /// Whether its key is RSA with this modulus, big-endian.
    pub fn has_modulus(&self, modulus: &[u8]) -> bool {
        let mine = self.public_key().subject_public_key.as_bytes().and_then(algorithm::rsa_modulus);
        mine.is_some_and(|mine| significant(&mine) == significant(modulus))
    }

    /// Whether its key is this point of its curve, uncompressed, bare or in an OCTET STRING as PKCS#11 has it.
    pub fn has_point(&self, point: &[u8]) -> bool {
        let wrapped = Cursor::new(point).expect(OCTET_STRING).ok().filter(|inside| inside.whole == point);
        let bare = wrapped.map_or(point, |inside| inside.value);
        self.key_algorithm().is_some_and(|kind| !matches!(kind, KeyAlgorithm::Rsa { .. }))
            && self.public_key().subject_public_key.as_bytes() == Some(bare)
    }

    /// Whether the other certificate is for the same key.
    pub fn has_key_of(&self, other: &Self) -> bool {
        self.public_key() == other.public_key()
    }

    pub(crate) fn public_key(&self) -> &SubjectPublicKeyInfoOwned {
        &self.inner.tbs_certificate.subject_public_key_info
    }

    /// What hashes of the key are made of.
    pub(crate) fn key_bits(&self) -> &[u8] {
        self.public_key().subject_public_key.raw_bytes()
    }

    /// Where its issuer says that questions about it are answered (OCSP), web addresses only.
    pub fn responders(&self) -> Vec<String> {
        let access: Option<AuthorityInfoAccessSyntax> = self.extension().ok().flatten();
        let answering = access.iter().flat_map(|access| &access.0).filter(|one| one.access_method == ID_AD_OCSP);
        answering.filter_map(|one| web_address(&one.access_location)).take(MAX_ADDRESSES).collect()
    }

    /// Where its issuer says that the revocation list is to be had, web addresses only.
    pub fn list_addresses(&self) -> Vec<String> {
        let points: Option<CrlDistributionPoints> = self.extension().ok().flatten();
        let names = points.iter().flat_map(|points| &points.0).filter_map(|point| point.distribution_point.as_ref());
        let full = names.filter_map(|name| match name {
            DistributionPointName::FullName(names) => Some(names),
            DistributionPointName::NameRelativeToCRLIssuer(_) => None,
        });
        full.flatten().filter_map(web_address).take(MAX_ADDRESSES).collect()
    }

    pub(crate) fn subject_name(&self) -> &x509_cert::name::Name {
        &self.inner.tbs_certificate.subject
    }

    pub(crate) fn issuer_name(&self) -> &x509_cert::name::Name {
        &self.inner.tbs_certificate.issuer
    }

    pub(crate) fn issuer_der(&self) -> Vec<u8> {
        self.issuer_name().to_der().unwrap_or_default()
    }

    pub(crate) fn subject_der(&self) -> Vec<u8> {
        self.subject_name().to_der().unwrap_or_default()
    }

    /// Its issuer has its own name: a root, or a key that was exchanged.
    pub fn is_self_issued(&self) -> bool {
        self.subject_name() == self.issuer_name()
    }

    pub(crate) fn is_version_3(&self) -> bool {
        self.inner.tbs_certificate.version == x509_cert::certificate::Version::V3
    }

    pub(crate) fn extensions(&self) -> &[x509_cert::ext::Extension] {
        self.inner.tbs_certificate.extensions.as_deref().unwrap_or_default()
    }

    /// One extension's value. `Err` where it is malformed or present twice.
    fn extension<'a, T>(&'a self) -> Result<Option<T>, der::Error>
    where
        T: Decode<'a> + const_oid::AssociatedOid,
    {
        Ok(self.inner.tbs_certificate.get::<T>()?.map(|(_, value)| value))
    }

    pub(crate) fn basic_constraints(&self) -> Result<Option<BasicConstraints>, der::Error> {
        self.extension()
    }

    pub(crate) fn key_usage(&self) -> Result<Option<KeyUsage>, der::Error> {
        self.extension()
    }

    pub(crate) fn extended_key_usage(&self) -> Result<Option<ExtendedKeyUsage>, der::Error> {
        self.extension()
    }

    pub(crate) fn subject_key_id(&self) -> Option<Vec<u8>> {
        let id: Option<SubjectKeyIdentifier> = self.extension().ok().flatten();
        id.map(|id| id.0.into_bytes())
    }

    /// Whether the key identifiers allow `issuer` to be the issuer; missing ones allow it.
    pub(crate) fn key_ids_fit(&self, issuer: &Self) -> bool {
        let wanted: Option<AuthorityKeyIdentifier> = self.extension().ok().flatten();
        match (wanted.and_then(|id| id.key_identifier), issuer.subject_key_id()) {
            (Some(wanted), Some(has)) => wanted.as_bytes() == has,
            _ => true,
        }
    }

    /// Checks that `issuer`'s key signed this certificate.
    pub(crate) fn verify_signed_by(&self, issuer: &Self) -> Result<(), algorithm::Refusal> {
        let invalid = algorithm::Refusal::Invalid;
        // The signed bytes are taken from the file and not encoded again.
        let outer = Cursor::new(&self.der).expect(SEQUENCE).map_err(|_| invalid.clone())?;
        let tbs = outer.inside().expect(SEQUENCE).map_err(|_| invalid.clone())?;
        if self.inner.signature_algorithm != self.inner.tbs_certificate.signature {
            return Err(invalid);
        }
        let signature = self.inner.signature.as_bytes().ok_or(invalid)?;
        let id = self.inner.signature_algorithm.oid;
        algorithm::verify(issuer.public_key(), id, None, tbs.whole, signature)
    }
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// An address of the web; file and directory services are not asked.
fn web_address(name: &GeneralName) -> Option<String> {
    let GeneralName::UniformResourceIdentifier(address) = name else { return None };
    let address = address.as_str();
    let web = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    (web && address.len() <= MAX_ADDRESS).then(|| address.to_owned())
}

/// The certificates that a verifier trusts by decision; nothing else is an anchor.
#[derive(Debug, Clone, Default)]
pub struct Anchors(Vec<Certificate>);

impl Anchors {
    /// These certificates, and only they.
    pub fn new(certificates: Vec<Certificate>) -> Self {
        Self(certificates)
    }

    /// Every certificate of a PEM text.
    ///
    /// # Errors
    /// [`CertificateError`]
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        Certificate::list_from_pem(pem).map(Self)
    }

    /// The certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    pub(crate) fn contains(&self, certificate: &Certificate) -> bool {
        self.0.iter().any(|anchor| anchor.der == certificate.der)
    }
}
