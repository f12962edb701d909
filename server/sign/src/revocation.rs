//! Certificate revocation lists (RFC 5280 section 5): read and checked; and the question whether a path was good, which
//! these and the answers of responders (`ocsp`) decide together.
//!
//! Entries are walked in place and never collected, so a list costs no more memory than its bytes.
//! Delta and partitioned lists mark themselves by critical extensions and are not used.

use der::Decode;
use der::asn1::ObjectIdentifier;
use thiserror::Error;
use x509_cert::time::Time;

use crate::algorithm;
use crate::asn1::{self, Cursor, Element, Malformed};
use crate::certificate::Certificate;
use crate::instant;
use crate::ocsp::{OcspAnswer, Said};
use crate::path::{Path, Purpose};
use crate::problem::CertificateProblem;

/// Public CAs reach a few MB.
const MAX_CRL: usize = 16 * 1024 * 1024;

/// The bytes are not a revocation list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an X.509 certificate revocation list")]
pub struct CrlError;

impl From<Malformed> for CrlError {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl From<der::Error> for CrlError {
    fn from(_: der::Error) -> Self {
        Self
    }
}

/// A revocation list, as received.
#[derive(Clone, PartialEq, Eq)]
pub struct Crl {
    der: Vec<u8>,
    issuer: Vec<u8>,
    this_update: i64,
    next_update: Option<i64>,
    complete: bool,
}

impl std::fmt::Debug for Crl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crl({} bytes, {})", self.der.len(), instant::rfc3339(self.this_update))
    }
}

/// The parts of a list, borrowed from its bytes.
struct Parts<'a> {
    signed: &'a [u8],
    algorithm: ObjectIdentifier,
    signature: &'a [u8],
    issuer: &'a [u8],
    this_update: i64,
    next_update: Option<i64>,
    entries: Cursor<'a>,
    extensions: Cursor<'a>,
}

fn parts(der: &[u8]) -> Result<Parts<'_>, CrlError> {
    let mut outer = Cursor::new(der);
    let mut list = outer.expect(asn1::SEQUENCE)?.inside();
    outer.end()?;
    let tbs = list.expect(asn1::SEQUENCE)?;
    let algorithm = list.expect(asn1::SEQUENCE)?;
    let signature = list.expect(asn1::BIT_STRING)?.bits()?;
    list.end()?;

    let mut fields = tbs.inside();
    fields.optional(asn1::INTEGER)?;
    if fields.expect(asn1::SEQUENCE)?.whole != algorithm.whole {
        return Err(CrlError);
    }
    let issuer = fields.expect(asn1::SEQUENCE)?.whole;
    let this_update = time(&mut fields)?.ok_or(CrlError)?;
    let next_update = time(&mut fields)?;
    let entries = fields.optional(asn1::SEQUENCE)?.map_or(Cursor::new(&[]), |list| list.inside());
    let extensions = match fields.optional(asn1::CONTEXT_0)? {
        Some(tagged) => tagged.inside().expect(asn1::SEQUENCE)?.inside(),
        None => Cursor::new(&[]),
    };
    fields.end()?;
    let algorithm = algorithm.inside().expect(asn1::OBJECT_IDENTIFIER)?;
    Ok(Parts {
        signed: tbs.whole,
        algorithm: ObjectIdentifier::from_der(algorithm.whole)?,
        signature,
        issuer,
        this_update,
        next_update,
        entries,
        extensions,
    })
}

fn time(fields: &mut Cursor<'_>) -> Result<Option<i64>, CrlError> {
    let element = match fields.optional(asn1::UTC_TIME)? {
        Some(element) => Some(element),
        None => fields.optional(asn1::GENERALIZED_TIME)?,
    };
    element.map(|element| Ok(instant::from_time(Time::from_der(element.whole)?))).transpose()
}

/// Whether one of the extensions is critical.
fn any_critical(mut extensions: Cursor<'_>) -> Result<bool, CrlError> {
    while let Some(extension) = extensions.next()? {
        let extension = x509_cert::ext::Extension::from_der(extension.whole)?;
        if extension.critical {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Crl {
    /// Parses one DER list of at most 16 MiB.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        if der.len() > MAX_CRL {
            return Err(CrlError);
        }
        let parts = parts(der)?;
        let complete = !any_critical(parts.extensions)?;
        let (issuer, this_update, next_update) = (parts.issuer.to_vec(), parts.this_update, parts.next_update);
        Ok(Self { der: der.to_vec(), issuer, this_update, next_update, complete })
    }

    /// Parses every list of a PEM text.
    ///
    /// # Errors
    /// [`CrlError`]
    pub fn list_from_pem(pem: &[u8]) -> Result<Vec<Self>, CrlError> {
        let blocks = crate::pem::blocks(pem, "X509 CRL").map_err(|_| CrlError)?;
        blocks.iter().map(|der| Self::from_der(der)).collect()
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The list as PEM text.
    pub fn to_pem(&self) -> String {
        crate::pem::encode("X509 CRL", &self.der)
    }

    /// When it was made, µs UTC.
    pub fn this_update(&self) -> i64 {
        self.this_update
    }

    /// When the next one is due, µs UTC; a list without one is never fresh.
    pub fn next_update(&self) -> Option<i64> {
        self.next_update
    }

    /// Whether `issuer` made this list: same name, may sign lists, and the signature verifies.
    pub fn is_of(&self, issuer: &Certificate) -> bool {
        let may_sign = issuer.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.crl_sign()));
        if !may_sign || !self.complete || self.issuer != issuer.subject_der() {
            return false;
        }
        parts(&self.der).is_ok_and(|parts| {
            algorithm::verify(issuer.public_key(), parts.algorithm, None, parts.signed, parts.signature).is_ok()
        })
    }

    /// The entry of this serial number, if it is listed.
    pub(crate) fn entry(&self, serial: &[u8]) -> Result<Option<Entry>, CrlError> {
        let mut entries = parts(&self.der)?.entries;
        while let Some(entry) = entries.next()? {
            let mut fields = entry.inside();
            let number: Element<'_> = fields.expect(asn1::INTEGER)?;
            if trimmed(number.value) == trimmed(serial) {
                let at = time(&mut fields)?.ok_or(CrlError)?;
                let reason = fields.optional(asn1::SEQUENCE)?.and_then(|list| reason(list.inside()).ok().flatten());
                return Ok(Some(Entry::new(at, reason)));
            }
        }
        Ok(None)
    }
}

/// A certificate that was revoked, as a list or an answer says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    at: i64,
    /// The reason given leaves no doubt about what the key made before.
    key_was_safe: bool,
}

impl Entry {
    pub fn new(at: i64, reason: Option<u8>) -> Self {
        Self { at, key_was_safe: reason.is_some_and(|code| SAFE_REASONS.contains(&code)) }
    }
}

/// RFC 3161 4: unspecified, affiliationChanged, superseded, cessationOfOperation. No reason at all is none of them.
const SAFE_REASONS: [u8; 4] = [0, 3, 4, 5];

/// The reason code among an entry's extensions.
fn reason(mut extensions: Cursor<'_>) -> Result<Option<u8>, CrlError> {
    while let Some(extension) = extensions.next()? {
        let extension = x509_cert::ext::Extension::from_der(extension.whole)?;
        if extension.extn_id == const_oid::db::rfc5280::ID_CE_CRL_REASONS
            && let [0x0a, 1, code] = extension.extn_value.as_bytes()
        {
            return Ok(Some(*code));
        }
    }
    Ok(None)
}

/// Without the leading zero octets of an INTEGER.
pub(crate) fn trimmed(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// What may prove that a certificate was not revoked: lists, and answers of responders.
#[derive(Debug, Clone, Copy, Default)]
pub struct Proofs<'a> {
    /// Revocation lists.
    pub crls: &'a [Crl],
    /// Answers about single certificates (OCSP).
    pub answers: &'a [OcspAnswer],
}

impl<'a> From<&'a [Crl]> for Proofs<'a> {
    fn from(crls: &'a [Crl]) -> Self {
        Self { crls, answers: &[] }
    }
}

impl<'a> From<&'a Vec<Crl>> for Proofs<'a> {
    fn from(crls: &'a Vec<Crl>) -> Self {
        Self::from(crls.as_slice())
    }
}

impl<'a, const N: usize> From<&'a [Crl; N]> for Proofs<'a> {
    fn from(crls: &'a [Crl; N]) -> Self {
        Self::from(crls.as_slice())
    }
}

/// Those that answered.
#[derive(Debug, Default)]
pub struct Used<'c> {
    /// Lists.
    pub crls: Vec<&'c Crl>,
    /// Answers of responders.
    pub answers: Vec<&'c OcspAnswer>,
}

impl<'c> Used<'c> {
    fn answer(&mut self, answer: &'c OcspAnswer) {
        if !self.answers.contains(&answer) {
            self.answers.push(answer);
        }
    }

    fn list(&mut self, list: &'c Crl) {
        if !self.crls.contains(&list) {
            self.crls.push(list);
        }
    }
}

/// Asks `proofs` about every certificate of the path below its anchor: was it revoked at the instant
/// `at`? `now` is the asker's clock; what is from its future is not believed. Returns what answered: a responder's answer
/// where there is one, else a list. Whichever says revoked is heard.
///
/// A time-stamp authority whose key may have been stolen vouches for no instant, however early it says
/// that one was: its stamps fall with its certificate (RFC 3161 4).
///
/// # Errors
/// `Revoked`; or, where nothing answers for the instant, what is wrong with the nearest that there is.
pub fn check<'c>(
    path: &Path,
    proofs: impl Into<Proofs<'c>>,
    at: i64,
    now: i64,
) -> Result<Used<'c>, CertificateProblem> {
    let (proofs, mut used) = (proofs.into(), Used::default());
    for (place, link) in path.links().enumerate() {
        let stamps = place == 0 && path.purpose() == Purpose::TimeStamps;
        let counts = |entry: &Entry| entry.at <= at || (stamps && !entry.key_was_safe);
        let answer = answered(link, proofs, counts, at, now);
        let list = listed(link, proofs.crls, counts, at, now);
        match (answer, list) {
            (Err(revoked @ CertificateProblem::Revoked { .. }), _)
            | (_, Err(revoked @ CertificateProblem::Revoked { .. })) => return Err(revoked),
            (Ok(Some(answer)), list) => {
                used.answer(answer);
                // Where only a list tells that the responder itself was good, the list is part of the proof.
                if let Ok(list) = list
                    && !answer.is_by(link.1, &[])
                {
                    used.list(list);
                }
            }
            (_, Ok(list)) => used.list(list),
            (Err(of_answer), Err(CertificateProblem::NoRevocationList { .. })) => return Err(of_answer),
            (_, Err(of_list)) => return Err(of_list),
        }
    }
    Ok(used)
}

/// The newest answer that says good for the instant; none where nobody was asked.
fn answered<'c>(
    (certificate, issuer): (&Certificate, &Certificate),
    proofs: Proofs<'c>,
    counts: impl Fn(&Entry) -> bool,
    at: i64,
    now: i64,
) -> Result<Option<&'c OcspAnswer>, CertificateProblem> {
    let (mut good, mut doubt): (Option<(i64, &OcspAnswer)>, Option<CertificateProblem>) = (None, None);
    let who = || certificate.subject();
    for answer in proofs.answers {
        let Some(status) = answer.about(certificate, issuer) else { continue };
        if !answer.is_by(issuer, proofs.crls) {
            continue;
        }
        if status.this_update > now.saturating_add(CLOCK_SKEW) {
            doubt.get_or_insert(CertificateProblem::AnswerFromFuture { who: who(), this_update: status.this_update });
            continue;
        }
        match status.said {
            Said::Revoked(entry) if counts(&entry) => {
                return Err(CertificateProblem::Revoked { who: who(), at: entry.at });
            }
            Said::Unknown => doubt = Some(CertificateProblem::StatusUnknown { who: who(), issuer: issuer.subject() }),
            Said::Good | Said::Revoked(_) if at <= status.ends() => {
                if good.is_none_or(|(newest, _)| newest < status.this_update) {
                    good = Some((status.this_update, answer));
                }
            }
            Said::Good | Said::Revoked(_) => {
                doubt.get_or_insert(CertificateProblem::StaleAnswer { who: who(), until: status.ends() });
            }
        }
    }
    match (good, doubt) {
        (Some((_, answer)), _) => Ok(Some(answer)),
        (None, Some(doubt)) => Err(doubt),
        (None, None) => Ok(None),
    }
}

fn listed<'c>(
    (certificate, issuer): (&Certificate, &Certificate),
    crls: &'c [Crl],
    counts: impl Fn(&Entry) -> bool,
    at: i64,
    now: i64,
) -> Result<&'c Crl, CertificateProblem> {
    let (mut newest, mut ahead): (Option<&Crl>, Option<i64>) = (None, None);
    for crl in crls.iter().filter(|crl| crl.is_of(issuer)) {
        if crl.this_update > now.saturating_add(CLOCK_SKEW) {
            ahead = ahead.max(Some(crl.this_update));
            continue;
        }
        // Any list that is believed may say revoked, also one that is too old to say good.
        let Ok(entry) = crl.entry(certificate.serial_bytes()) else { continue };
        if let Some(entry) = entry.filter(&counts) {
            return Err(CertificateProblem::Revoked { who: certificate.subject(), at: entry.at });
        }
        if newest.is_none_or(|other| other.next_update < crl.next_update) {
            newest = Some(crl);
        }
    }
    match (newest, ahead) {
        (None, Some(this_update)) => Err(CertificateProblem::ListFromFuture { issuer: issuer.subject(), this_update }),
        (None, None) => {
            Err(CertificateProblem::NoRevocationList { who: certificate.subject(), issuer: issuer.subject() })
        }
        (Some(crl), _) if crl.next_update.is_some_and(|next| at <= next) => Ok(crl),
        (Some(crl), _) => Err(CertificateProblem::StaleRevocationList {
            issuer: issuer.subject(),
            next_update: crl.next_update.unwrap_or(crl.this_update),
        }),
    }
}

/// How far two honest clocks in one hospital may differ.
pub(crate) const CLOCK_SKEW: i64 = 5 * instant::MINUTE;
