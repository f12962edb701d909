//! Reading a SignedData structure with one signer.
//!
//! By tags and in place (see `asn1`): the attributes are verified as the bytes that were signed, and a
//! hostile structure is never collected into sets. No byte of it is left unread, so that none can be
//! changed unseen.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911 as oid;
use der::Decode;
use x509_cert::time::Time;

use super::claims::{self, Claims, PutBy, SigningRules};
use crate::algorithm::{self, Hash, Refusal};
use crate::asn1::{self, Cursor, Element, Malformed};
use crate::certificate::Certificate;
use crate::finding::Finding;
use crate::instant;
use crate::ocsp::{IN_CMS, OcspAnswer};
use crate::revocation::Crl;

const MAX_CERTIFICATES: usize = 64;
const MAX_CRLS: usize = 64;
const MAX_STAMPS: usize = 4;
const MAX_UNKNOWN: usize = 16;

/// id-ct-TSTInfo, RFC 3161
pub(crate) const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// id-aa-timeStampToken, RFC 3161 appendix A
pub(crate) const TIME_STAMP_TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Plain data that stays outside.
    Detached,
    /// The content of a time stamp, inside.
    TimeStamp,
}

/// A SignedData with one signer, borrowed.
pub(crate) struct Signed<'a> {
    /// What is signed, where it stands inside.
    pub content: Option<&'a [u8]>,
    certificates: Option<Element<'a>>,
    crls: Option<Element<'a>>,
    signer_id: Element<'a>,
    pub digest_algorithm: ObjectIdentifier,
    /// The attributes as they were signed: tagged SET OF.
    attributes: Vec<u8>,
    pub message_digest: Vec<u8>,
    pub signing_time: Option<i64>,
    pub claims: Claims,
    signing_certificate: Option<Pins<'a>>,
    signature_algorithm: ObjectIdentifier,
    /// The value of the signature: what a time stamp is over.
    pub signature: &'a [u8],
    unsigned: Option<Element<'a>>,
}

/// The attribute that pins certificates: today's, or the one before it that knew SHA-1 alone.
enum Pins<'a> {
    V2(&'a [u8]),
    V1(&'a [u8]),
}

/// How a pinned certificate was hashed.
#[derive(Clone, Copy)]
enum PinHash {
    Sha1,
    Sha2(Hash),
}

impl PinHash {
    fn of(self, der: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => algorithm::sha1_name(der),
            Self::Sha2(hash) => hash.of(&[der]),
        }
    }
}

/// What stands beside the value of a signature and is not signed.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    /// Time-stamp tokens.
    pub stamps: Vec<&'a [u8]>,
    /// Kinds of attributes that are not known here.
    pub unknown: Vec<ObjectIdentifier>,
}

/// The identifier of an algorithm that has no parameters, or NULL ones.
pub(crate) fn algorithm_id(element: &Element<'_>) -> Result<ObjectIdentifier, Malformed> {
    let mut parts = element.inside();
    let id = ObjectIdentifier::from_der(parts.expect(asn1::OBJECT_IDENTIFIER)?.whole)?;
    match parts.rest() {
        [] | [5, 0] => Ok(id),
        _ => Err(Malformed),
    }
}

/// RFC 5652 5.1 and 5.3: the signer's is 1 where it is named by issuer and number, else 3. The whole's
/// is the same for plain data, and 3 for anything else; 5 where there is revocation information other than lists.
fn check_versions(
    kind: Kind,
    (whole, other): (&[u8], bool),
    signer: &[u8],
    signer_id: &Element<'_>,
) -> Result<(), Malformed> {
    let by_number = signer_id.tag == asn1::SEQUENCE;
    match (whole, signer) {
        _ if other && whole != [5] => Err(Malformed),
        (_, [1]) if other && by_number => Ok(()),
        (_, [3]) if other && !by_number => Ok(()),
        ([1], [1]) if by_number && kind == Kind::Detached => Ok(()),
        ([3], [1]) if by_number && kind == Kind::TimeStamp => Ok(()),
        ([3], [3]) if !by_number => Ok(()),
        _ => Err(Malformed),
    }
}

/// Whether the list of digest algorithms names this one and nothing unreadable.
fn announced(digests: &Element<'_>, wanted: ObjectIdentifier) -> Result<bool, Malformed> {
    let mut found = false;
    let mut list = digests.inside();
    while let Some(digest) = list.next()? {
        if digest.tag != asn1::SEQUENCE {
            return Err(Malformed);
        }
        found |= algorithm_id(&digest)? == wanted;
    }
    Ok(found)
}

impl<'a> Signed<'a> {
    pub fn parse(cms: &'a [u8], kind: Kind) -> Result<Self, Malformed> {
        let mut outer = Cursor::new(cms);
        let mut info = outer.expect(asn1::SEQUENCE)?.inside();
        outer.end()?;
        if ObjectIdentifier::from_der(info.expect(asn1::OBJECT_IDENTIFIER)?.whole)? != oid::ID_SIGNED_DATA {
            return Err(Malformed);
        }
        let mut wrapped = info.expect(asn1::CONTEXT_0)?.inside();
        info.end()?;
        let mut data = wrapped.expect(asn1::SEQUENCE)?.inside();
        wrapped.end()?;
        let version = data.expect(asn1::INTEGER)?.value;
        let digests = data.expect(asn1::SET)?;
        let mut content = data.expect(asn1::SEQUENCE)?.inside();
        let content_type = content.expect(asn1::OBJECT_IDENTIFIER)?.whole;
        let inside = content.optional(asn1::CONTEXT_0)?.map(|tagged| only(&tagged, asn1::OCTET_STRING)).transpose()?;
        content.end()?;
        let certificates = data.optional(asn1::CONTEXT_0)?;
        let crls = data.optional(asn1::CONTEXT_1)?;
        let mut signers = data.expect(asn1::SET)?.inside();
        let mut signer = signers.expect(asn1::SEQUENCE)?.inside();
        signers.end()?;
        data.end()?;

        let signer_version = signer.expect(asn1::INTEGER)?.value;
        let signer_id = signer.next()?.ok_or(Malformed)?;
        let mut choices = crls.map_or(Cursor::new(&[]), |set| set.inside());
        let mut other = false;
        while let Some(choice) = choices.next()? {
            other |= choice.tag == asn1::CONTEXT_1;
        }
        check_versions(kind, (version, other), signer_version, &signer_id)?;
        let digest_element = signer.expect(asn1::SEQUENCE)?;
        let digest_algorithm = algorithm_id(&digest_element)?;
        if !announced(&digests, digest_algorithm)? {
            return Err(Malformed);
        }
        let attributes = signer.expect(asn1::CONTEXT_0)?;
        let signature_algorithm = algorithm_id(&signer.expect(asn1::SEQUENCE)?)?;
        let signature = signer.expect(asn1::OCTET_STRING)?.value;
        let unsigned = signer.optional(asn1::CONTEXT_1)?;
        signer.end()?;

        let (expected, is_inside) = match kind {
            Kind::Detached => (oid::ID_DATA, false),
            Kind::TimeStamp => (TST_INFO, true),
        };
        let stated = single(&attributes, oid::ID_CONTENT_TYPE)?.map(|value| value.whole);
        let fits = ObjectIdentifier::from_der(content_type)? == expected && inside.is_some() == is_inside;
        if !fits || stated != Some(content_type) {
            return Err(Malformed);
        }
        let message_digest = single(&attributes, oid::ID_MESSAGE_DIGEST)?.ok_or(Malformed)?;
        let signing_time = single(&attributes, oid::ID_SIGNING_TIME)?
            .map(|value| Ok::<_, Malformed>(instant::from_time(Time::from_der(value.whole)?)))
            .transpose()?;
        // What others claim in a way of their own is passed over, as ever.
        let claimed = |kind| single(&attributes, kind).ok().flatten();
        let rules = claimed(claims::POLICY).and_then(|value| SigningRules::read(&value).ok().flatten());
        let put_by = claimed(claims::SIGNER_ATTRIBUTES).and_then(|value| PutBy::read(&value).ok().flatten());
        let mut signing_certificate =
            single(&attributes, oid::ID_AA_SIGNING_CERTIFICATE_V_2)?.map(|value| Pins::V2(value.whole));
        if signing_certificate.is_none() && kind == Kind::TimeStamp {
            signing_certificate =
                single(&attributes, oid::ID_AA_SIGNING_CERTIFICATE)?.map(|value| Pins::V1(value.whole));
        }
        Ok(Self {
            content: inside.map(|octets| octets.value),
            certificates,
            crls,
            signer_id,
            digest_algorithm,
            attributes: asn1::wrap(asn1::SET, attributes.value),
            message_digest: message_digest.value.to_vec(),
            signing_time,
            claims: Claims { rules, put_by },
            signing_certificate,
            signature_algorithm,
            signature,
            unsigned,
        })
    }

    /// The unsigned attributes.
    pub fn beside(&self) -> Result<Beside<'a>, Malformed> {
        let mut beside = Beside::default();
        let mut attributes = self.unsigned.map_or(Cursor::new(&[]), |set| set.inside());
        while let Some(attribute) = attributes.next()? {
            let mut parts = attribute.inside();
            let id = ObjectIdentifier::from_der(parts.expect(asn1::OBJECT_IDENTIFIER)?.whole)?;
            let mut values = parts.expect(asn1::SET)?.inside();
            parts.end()?;
            if id != TIME_STAMP_TOKEN {
                beside.unknown.push(id);
            }
            while let Some(value) = values.next()?.filter(|_| id == TIME_STAMP_TOKEN) {
                beside.stamps.push(value.whole);
            }
            let many = beside.stamps.len() > MAX_STAMPS || beside.unknown.len() > MAX_UNKNOWN;
            if many || attribute.tag != asn1::SEQUENCE {
                return Err(Malformed);
            }
        }
        Ok(beside)
    }

    /// The certificates inside; other kinds and unreadable ones are passed over.
    pub fn certificates(&self) -> Vec<Certificate> {
        elements(self.certificates, MAX_CERTIFICATES).filter_map(|der| Certificate::from_der(der).ok()).collect()
    }

    /// The revocation lists inside; other kinds of information are passed over.
    pub fn crls(&self) -> Result<Vec<Crl>, Malformed> {
        let mut choices = self.crls.map_or(Cursor::new(&[]), |set| set.inside());
        let mut crls = Vec::new();
        while let Some(choice) = choices.next()? {
            if choice.tag == asn1::SEQUENCE {
                crls.push(Crl::from_der(choice.whole).map_err(|_| Malformed)?);
            }
            if crls.len() > MAX_CRLS {
                return Err(Malformed);
            }
        }
        Ok(crls)
    }

    /// The answers of responders inside (RFC 5940); other kinds of information are passed over.
    pub fn answers(&self) -> Result<Vec<OcspAnswer>, Malformed> {
        let mut choices = self.crls.map_or(Cursor::new(&[]), |set| set.inside());
        let mut answers = Vec::new();
        while let Some(choice) = choices.next()? {
            let mut parts = choice.inside();
            if choice.tag != asn1::CONTEXT_1
                || ObjectIdentifier::from_der(parts.expect(asn1::OBJECT_IDENTIFIER)?.whole)? != IN_CMS
            {
                continue;
            }
            answers.push(OcspAnswer::from_der(parts.expect(asn1::SEQUENCE)?.whole).map_err(|_| Malformed)?);
            parts.end()?;
            if answers.len() > MAX_CRLS {
                return Err(Malformed);
            }
        }
        Ok(answers)
    }

    /// Whether the signer identifier means this certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        if self.signer_id.tag != asn1::SEQUENCE {
            return certificate.subject_key_id().is_some_and(|id| id == self.signer_id.value);
        }
        let mut parts = self.signer_id.inside();
        let (Ok(issuer), Ok(serial)) = (parts.expect(asn1::SEQUENCE), parts.expect(asn1::INTEGER)) else {
            return false;
        };
        let without_zero = |number: &[u8]| number.iter().copied().skip_while(|b| *b == 0).collect::<Vec<_>>();
        issuer.whole == certificate.issuer_der()
            && without_zero(serial.value) == without_zero(certificate.serial_bytes())
    }

    pub fn check_value(&self, signer: &Certificate, hash: Hash) -> Option<Finding> {
        let key = signer.public_key();
        match algorithm::verify(key, self.signature_algorithm, Some(hash), &self.attributes, self.signature) {
            Ok(()) => None,
            Err(Refusal::Invalid) => Some(Finding::SignatureWrong),
            Err(refusal) => Some(Finding::Unsupported(refusal.to_string())),
        }
    }

    /// The ESS attribute must name the certificate that was found by the (unsigned) identifier. Where
    /// it names several, no other certificate may stand in the signature.
    pub fn check_pin(&self, signer: &Certificate) -> Option<Finding> {
        let Some(attribute) = &self.signing_certificate else { return Some(Finding::CertificateNotPinned) };
        let Ok(pins) = pins(attribute) else { return Some(Finding::SignatureMalformed) };
        let pinned = |der: &[u8], pins: &[(PinHash, &[u8])]| pins.iter().any(|(hash, pin)| hash.of(der) == *pin);
        let signer_fits = pins.get(..1).is_some_and(|first| pinned(signer.der(), first));
        let mut others = self.certificates.map_or(Cursor::new(&[]), |set| set.inside());
        let mut others_fit = true;
        while pins.len() > 1 && others_fit {
            match others.next() {
                Ok(Some(other)) => others_fit = pinned(other.whole, &pins),
                Ok(None) => break,
                Err(_) => return Some(Finding::SignatureMalformed),
            }
        }
        (!signer_fits || !others_fit).then_some(Finding::CertificateExchanged)
    }
}

/// The certificate identifiers: hash function (SHA-256 by default) and hash of each.
fn pins<'a>(attribute: &Pins<'a>) -> Result<Vec<(PinHash, &'a [u8])>, Malformed> {
    let (bytes, default) = match *attribute {
        Pins::V2(bytes) => (bytes, PinHash::Sha2(Hash::Sha256)),
        Pins::V1(bytes) => (bytes, PinHash::Sha1),
    };
    let outer = Cursor::new(bytes).expect(asn1::SEQUENCE)?;
    let mut ids = outer.inside().expect(asn1::SEQUENCE)?.inside();
    let mut pins = Vec::new();
    while let Some(id) = ids.next()? {
        let mut parts = id.inside();
        let hash = match parts.optional(asn1::SEQUENCE)? {
            Some(algorithm) => PinHash::Sha2(Hash::from_oid(algorithm_id(&algorithm)?).map_err(|_| Malformed)?),
            None => default,
        };
        pins.push((hash, parts.expect(asn1::OCTET_STRING)?.value));
        if pins.len() > MAX_CERTIFICATES {
            return Err(Malformed);
        }
    }
    Ok(pins)
}

/// The only element inside another.
fn only<'a>(outer: &Element<'a>, tag: u8) -> Result<Element<'a>, Malformed> {
    let mut inside = outer.inside();
    let element = inside.expect(tag)?;
    inside.end()?;
    Ok(element)
}

/// The only value of an attribute; twice, or with several values, is malformed.
fn single<'a>(attributes: &Element<'a>, wanted: ObjectIdentifier) -> Result<Option<Element<'a>>, Malformed> {
    let mut found = None;
    let mut list = attributes.inside();
    while let Some(attribute) = list.next()? {
        let mut parts = attribute.inside();
        let id = ObjectIdentifier::from_der(parts.expect(asn1::OBJECT_IDENTIFIER)?.whole)?;
        let values = parts.expect(asn1::SET)?;
        if id == wanted {
            let mut values = values.inside();
            let value = values.next()?.ok_or(Malformed)?;
            values.end()?;
            if found.replace(value).is_some() {
                return Err(Malformed);
            }
        }
    }
    Ok(found)
}

fn elements(set: Option<Element<'_>>, most: usize) -> impl Iterator<Item = &[u8]> {
    let mut cursor = set.map_or(Cursor::new(&[]), |set| set.inside());
    std::iter::from_fn(move || cursor.next().ok().flatten().map(|element| element.whole)).take(most)
}
