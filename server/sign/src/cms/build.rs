//! Making a SignedData structure.

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911 as oid, rfc5912};
use der::asn1::{Any, OctetString, SetOfVec};
use der::{Decode, Encode, Tag};
use spki::AlgorithmIdentifierOwned;
use x509_cert::attr::Attribute;

use super::claims::{self, Claims};
use super::signed::TST_INFO;
use super::stamp::with_choices;
use super::{SignError, Signer};
use crate::algorithm::sha256;
use crate::asn1;
use crate::instant;

/// What the signature states and carries besides the hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement<'a> {
    /// The content of a time stamp, which is embedded; plain data stays outside.
    pub time_stamp: Option<&'a [u8]>,
    /// As a signed attribute; PAdES keeps the time in the PDF instead.
    pub signing_time: Option<i64>,
    /// What it says of itself; PAdES says it in the PDF instead.
    pub claims: Option<&'a Claims>,
    /// Embed the certificates; only who asks for a time stamp may have them already.
    pub with_certificates: bool,
    /// Embed the revocation lists and answers; PAdES keeps them in the PDF instead.
    pub with_revocation: bool,
}

impl Statement<'_> {
    /// A detached signature with all that proves it.
    pub const COMPLETE: Self =
        Self { time_stamp: None, signing_time: None, claims: None, with_certificates: true, with_revocation: true };

    fn content_type(&self) -> ObjectIdentifier {
        if self.time_stamp.is_some() { TST_INFO } else { oid::ID_DATA }
    }
}

/// Signs the SHA-256 `digest`.
pub(crate) fn build(digest: &[u8; 32], signer: &Signer<'_>, statement: Statement<'_>) -> Result<Vec<u8>, SignError> {
    let attributes = attributes(digest, signer, statement)?;
    let signature = signer.key.sign(&attributes.to_der()?)?;
    assemble(attributes, &signature, signer, statement)
}

/// The most bytes that [`build`] would return, without using the key.
pub(crate) fn size(signer: &Signer<'_>, statement: Statement<'_>) -> Result<usize, SignError> {
    let attributes = attributes(&[0; 32], signer, statement)?;
    Ok(assemble(attributes, &vec![0; signer.key.max_signature()], signer, statement)?.len())
}

fn attributes(
    digest: &[u8; 32],
    signer: &Signer<'_>,
    statement: Statement<'_>,
) -> Result<SetOfVec<Attribute>, SignError> {
    let mut attributes = vec![
        attribute(oid::ID_CONTENT_TYPE, Any::from(statement.content_type()))?,
        attribute(oid::ID_MESSAGE_DIGEST, Any::new(Tag::OctetString, digest.as_slice())?)?,
        attribute(oid::ID_AA_SIGNING_CERTIFICATE_V_2, signing_certificate(signer)?)?,
    ];
    if let Some(at) = statement.signing_time {
        attributes.push(attribute(oid::ID_SIGNING_TIME, Any::encode_from(&instant::to_time(at)?)?)?);
    }
    let (rules, put_by) = statement.claims.map(|said| (said.rules.as_ref(), said.put_by.as_ref())).unwrap_or_default();
    if let Some(policy) = rules.map(|rules| rules.attribute()).transpose()?.flatten() {
        attributes.push(attribute(claims::POLICY, Any::from_der(&policy)?)?);
    }
    if let Some(put_by) = put_by {
        attributes.push(attribute(claims::SIGNER_ATTRIBUTES, Any::from_der(&put_by.attribute()?)?)?);
    }
    Ok(SetOfVec::try_from(attributes)?)
}

fn attribute(oid: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: SetOfVec::try_from(vec![value])? })
}

/// ESS SigningCertificateV2 (RFC 5035): the hashes of the signer's certificate and of its issuers, by
/// SHA-256. More than one limits the certificates to these, so none can be exchanged later.
fn signing_certificate(signer: &Signer<'_>) -> der::Result<Any> {
    let id = |der: &Vec<u8>| asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::OCTET_STRING, &sha256(&[der])));
    let ids: Vec<u8> = signer.evidence.certificates.iter().flat_map(id).collect();
    Any::from_der(&asn1::wrap(asn1::SEQUENCE, &asn1::wrap(asn1::SEQUENCE, &ids)))
}

fn assemble(
    attributes: SetOfVec<Attribute>,
    signature: &[u8],
    signer: &Signer<'_>,
    statement: Statement<'_>,
) -> Result<Vec<u8>, SignError> {
    let sha256 = AlgorithmIdentifierOwned { oid: rfc5912::ID_SHA_256, parameters: None };
    let parsed = x509_cert::Certificate::from_der(signer.certificate.der())?;
    let info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: parsed.tbs_certificate.issuer,
            serial_number: parsed.tbs_certificate.serial_number,
        }),
        digest_alg: sha256.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: signer.key.signature_algorithm(),
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let certificates = signer.evidence.travelling().iter();
    let certificates = certificates.map(|der| Ok(CertificateChoices::Certificate(Decode::from_der(der)?)));
    let certificates =
        if statement.with_certificates { certificates.collect::<der::Result<Vec<_>>>()? } else { Vec::new() };
    let content = statement.time_stamp.map(|inside| Any::new(Tag::OctetString, inside)).transpose()?;
    let signed = SignedData {
        version: if content.is_some() { CmsVersion::V3 } else { CmsVersion::V1 },
        digest_algorithms: SetOfVec::try_from(vec![sha256])?,
        encap_content_info: EncapsulatedContentInfo { econtent_type: statement.content_type(), econtent: content },
        certificates: if certificates.is_empty() {
            None
        } else {
            Some(CertificateSet(SetOfVec::try_from(certificates)?))
        },
        crls: None,
        signer_infos: SignerInfos(SetOfVec::try_from(vec![info])?),
    };
    let content = Any::encode_from(&signed)?;
    let whole = ContentInfo { content_type: oid::ID_SIGNED_DATA, content }.to_der()?;
    // `cms` 0.2 writes an algorithm where the kind of other information has to stand, so that set is ours.
    let choices = if statement.with_revocation { signer.evidence.revocation_choices() } else { Vec::new() };
    if choices.is_empty() { Ok(whole) } else { with_choices(&whole, &choices) }
}
