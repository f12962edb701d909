//! OCSPResponse: what a responder said, by whom it was signed, and about which certificate.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{ID_KP_OCSP_SIGNING, ID_SHA_1};
use der::Decode;
use x509_cert::ext::Extension;

use super::{BASIC, NO_CHECK, NONCE, OcspError};
use crate::algorithm::{self, Hash, sha1_name};
use crate::asn1::{self, Cursor, Element, Malformed};
use crate::certificate::Certificate;
use crate::cms::algorithm_id;
use crate::instant::{self, MINUTE};
use crate::path;
use crate::revocation::{Crl, Entry, trimmed};

/// With a responder's chain about 8 kB.
const MAX_ANSWER: usize = 256 * 1024;
const MAX_CERTIFICATES: usize = 16;
/// An answer without a next update says that a newer one is always to be had: it is of now and not of later.
const LONE_ANSWER: i64 = 10 * MINUTE;

/// An answer, as received.
#[derive(Clone, PartialEq, Eq)]
pub struct OcspAnswer {
    der: Vec<u8>,
    produced_at: i64,
    /// Carries something critical that is not understood here.
    strange: bool,
    /// What travels with it; the responder's own among them.
    certificates: Vec<Certificate>,
}

impl std::fmt::Debug for OcspAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OcspAnswer({} bytes, {})", self.der.len(), instant::rfc3339(self.produced_at))
    }
}

/// What is said of one certificate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said {
    Good,
    Revoked(Entry),
    Unknown,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    pub said: Said,
    pub this_update: i64,
    next_update: Option<i64>,
}

impl Status {
    /// Until when it answers, µs UTC.
    pub fn ends(&self) -> i64 {
        self.next_update.unwrap_or(self.this_update.saturating_add(LONE_ANSWER))
    }
}

/// The parts of an answer, borrowed from its bytes.
struct Parts<'a> {
    signed: &'a [u8],
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
    certificates: Cursor<'a>,
    responder: Element<'a>,
    produced_at: i64,
    singles: Cursor<'a>,
    nonce: Option<Vec<u8>>,
    strange: bool,
}

fn parts(der: &[u8]) -> Result<Parts<'_>, OcspError> {
    let mut response = only(der, asn1::SEQUENCE)?.inside();
    let &[status] = response.expect(asn1::ENUMERATED)?.value else { return Err(OcspError::Malformed) };
    if status != 0 {
        return Err(OcspError::Refused(status));
    }
    let mut bytes = only(response.expect(asn1::CONTEXT_0)?.value, asn1::SEQUENCE)?.inside();
    response.end()?;
    if ObjectIdentifier::from_der(bytes.expect(asn1::OBJECT_IDENTIFIER)?.whole)? != BASIC {
        return Err(OcspError::Malformed);
    }
    let basic = bytes.expect(asn1::OCTET_STRING)?.value;
    bytes.end()?;

    let mut basic = only(basic, asn1::SEQUENCE)?.inside();
    let signed = basic.expect(asn1::SEQUENCE)?;
    let algorithm = algorithm_id(&basic.expect(asn1::SEQUENCE)?)?;
    let signature = basic.expect(asn1::BIT_STRING)?.bits()?;
    let certificates = match basic.optional(asn1::CONTEXT_0)? {
        Some(tagged) => only(tagged.value, asn1::SEQUENCE)?.inside(),
        None => Cursor::new(&[]),
    };
    basic.end()?;

    let mut data = signed.inside();
    if let Some(version) = data.optional(asn1::CONTEXT_0)?
        && only(version.value, asn1::INTEGER)?.value != [0]
    {
        return Err(OcspError::Malformed);
    }
    let responder = data.next()?.ok_or(Malformed)?;
    let produced_at = time(&mut data)?;
    let singles = data.expect(asn1::SEQUENCE)?.inside();
    let (nonce, strange) = extensions(data.optional(asn1::CONTEXT_1)?)?;
    data.end()?;
    let signed = signed.whole;
    Ok(Parts { signed, algorithm, signature, certificates, responder, produced_at, singles, nonce, strange })
}

/// The only element of these bytes.
fn only(bytes: &[u8], tag: u8) -> Result<Element<'_>, Malformed> {
    let mut outer = Cursor::new(bytes);
    let element = outer.expect(tag)?;
    outer.end()?;
    Ok(element)
}

fn time(fields: &mut Cursor<'_>) -> Result<i64, Malformed> {
    instant::from_generalized(fields.expect(asn1::GENERALIZED_TIME)?.value).ok_or(Malformed)
}

/// The nonce among the extensions, and whether a critical one is not understood.
fn extensions(tagged: Option<Element<'_>>) -> Result<(Option<Vec<u8>>, bool), Malformed> {
    let Some(tagged) = tagged else { return Ok((None, false)) };
    let mut list = only(tagged.value, asn1::SEQUENCE)?.inside();
    let (mut nonce, mut strange) = (None, false);
    while let Some(extension) = list.next()? {
        let extension = Extension::from_der(extension.whole)?;
        if extension.extn_id == NONCE {
            nonce = Some(extension.extn_value.into_bytes());
        } else {
            strange |= extension.critical;
        }
    }
    Ok((nonce, strange))
}

impl OcspAnswer {
    /// Parses one DER OCSPResponse of at most 256 KiB that brings an answer.
    ///
    /// # Errors
    /// [`OcspError`]: `Refused` where the responder gave none.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_ANSWER {
            return Err(OcspError::Malformed);
        }
        let parts = parts(der)?;
        let (mut list, mut certificates) = (parts.certificates, Vec::new());
        while let Some(certificate) = list.next()? {
            if certificates.len() >= MAX_CERTIFICATES {
                return Err(OcspError::Malformed);
            }
            certificates.push(Certificate::from_der(certificate.whole).map_err(|_| OcspError::Malformed)?);
        }
        let (produced_at, mut strange, mut singles) = (parts.produced_at, parts.strange, parts.singles);
        while let Some(single) = singles.next()? {
            strange |= read_single(&single)?.strange;
        }
        Ok(Self { der: der.to_vec(), produced_at, strange, certificates })
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// When the responder signed it, µs UTC.
    pub fn produced_at(&self) -> i64 {
        self.produced_at
    }

    /// Until when it answers about this certificate, µs UTC; `None` where it says nothing about it.
    pub fn answers_until(&self, certificate: &Certificate, issuer: &Certificate) -> Option<i64> {
        self.about(certificate, issuer).map(|status| status.ends())
    }

    pub(super) fn nonce(&self) -> Option<Vec<u8>> {
        parts(&self.der).ok()?.nonce
    }

    /// Whether `issuer` signed it, or somebody whom it appointed for that and for nothing more (RFC 6960 4.2.2.2).
    pub(crate) fn is_by(&self, issuer: &Certificate, crls: &[Crl]) -> bool {
        let Ok(parts) = parts(&self.der) else { return false };
        let signed = |by: &Certificate| {
            algorithm::verify(by.public_key(), parts.algorithm, None, parts.signed, parts.signature).is_ok()
        };
        if self.strange {
            return false;
        }
        if names(&parts.responder, issuer) && signed(issuer) {
            return true;
        }
        let others = self.certificates.iter().filter(|other| names(&parts.responder, other));
        others.into_iter().any(|other| signed(other) && self.is_appointed(other, issuer, crls))
    }

    fn is_appointed(&self, responder: &Certificate, issuer: &Certificate, crls: &[Crl]) -> bool {
        let usage = responder.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.digital_signature()));
        let answers = responder.extended_key_usage().ok().flatten().is_some_and(|p| p.0.contains(&ID_KP_OCSP_SIGNING));
        let issued = responder.issuer_name() == issuer.subject_name() && responder.verify_signed_by(issuer).is_ok();
        let valid = issued && path::check_alone(responder, self.produced_at).is_ok();
        let unchecked = responder.extensions().iter().any(|extension| extension.extn_id == NO_CHECK);
        usage && answers && valid && (unchecked || self.is_listed_good(responder, issuer, crls))
    }

    /// By a list: who answers cannot answer for itself.
    fn is_listed_good(&self, responder: &Certificate, issuer: &Certificate, crls: &[Crl]) -> bool {
        let lists: Vec<&Crl> = crls.iter().filter(|crl| crl.is_of(issuer)).collect();
        let fresh = lists.iter().any(|crl| crl.next_update().is_some_and(|next| self.produced_at <= next));
        fresh && lists.iter().all(|crl| crl.entry(responder.serial_bytes()).is_ok_and(|entry| entry.is_none()))
    }

    /// What it says of this certificate, by whomever it is signed.
    pub(crate) fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Option<Status> {
        let mut singles = parts(&self.der).ok()?.singles;
        while let Some(single) = singles.next().ok()? {
            let single = read_single(&single).ok()?;
            if is_of(&single.id, certificate, issuer).ok()? {
                return Some(single.status);
            }
        }
        None
    }
}

struct Single<'a> {
    id: Element<'a>,
    status: Status,
    strange: bool,
}

fn read_single<'a>(single: &Element<'a>) -> Result<Single<'a>, Malformed> {
    /// CertStatus: good and unknown are NULL, implicitly tagged.
    const GOOD: u8 = 0x80;
    const UNKNOWN: u8 = 0x82;
    if single.tag != asn1::SEQUENCE {
        return Err(Malformed);
    }
    let mut fields = single.inside();
    let id = fields.expect(asn1::SEQUENCE)?;
    let said = fields.next()?.ok_or(Malformed)?;
    let said = match (said.tag, said.value) {
        (GOOD, []) => Said::Good,
        (UNKNOWN, []) => Said::Unknown,
        (asn1::CONTEXT_1, _) => {
            let mut revoked = said.inside();
            let at = time(&mut revoked)?;
            let reason = match revoked.optional(asn1::CONTEXT_0)? {
                Some(tagged) => only(tagged.value, asn1::ENUMERATED)?.value.first().copied(),
                None => None,
            };
            revoked.end()?;
            Said::Revoked(Entry::new(at, reason))
        }
        _ => return Err(Malformed),
    };
    let this_update = time(&mut fields)?;
    let next_update = fields.optional(asn1::CONTEXT_0)?.map(|tagged| time(&mut tagged.inside())).transpose()?;
    let (_, strange) = extensions(fields.optional(asn1::CONTEXT_1)?)?;
    fields.end()?;
    Ok(Single { id, status: Status { said, this_update, next_update }, strange })
}

/// Whether a CertID means this certificate of this issuer.
fn is_of(id: &Element<'_>, certificate: &Certificate, issuer: &Certificate) -> Result<bool, Malformed> {
    let mut parts = id.inside();
    let function = algorithm_id(&parts.expect(asn1::SEQUENCE)?)?;
    let (name, key) = (parts.expect(asn1::OCTET_STRING)?.value, parts.expect(asn1::OCTET_STRING)?.value);
    let serial = parts.expect(asn1::INTEGER)?.value;
    parts.end()?;
    let hash = |bytes: &[u8]| match function {
        ID_SHA_1 => Some(sha1_name(bytes)),
        other => Hash::from_oid(other).ok().map(|hash| hash.of(&[bytes])),
    };
    let is = |of: &[u8], hashed: &[u8]| hash(of).is_some_and(|hash| hash == hashed);
    Ok(is(&issuer.subject_der(), name)
        && is(issuer.key_bits(), key)
        && trimmed(serial) == trimmed(certificate.serial_bytes()))
}

/// Whether a ResponderID, by name or by key, means this certificate.
fn names(responder: &Element<'_>, certificate: &Certificate) -> bool {
    let mut inside = responder.inside();
    let Ok(Some(id)) = inside.next() else { return false };
    match responder.tag {
        asn1::CONTEXT_1 => id.whole == certificate.subject_der(),
        asn1::CONTEXT_2 => id.tag == asn1::OCTET_STRING && id.value == sha1_name(certificate.key_bits()),
        _ => false,
    }
}
