//! A time stamp beside the value of a signature (CAdES-T): the one thing that is added after signing.
//!
//! Spliced in as bytes: nothing that was signed is encoded again.

use der::Encode;

use super::SignError;
use super::signed::{Kind, Signed, TIME_STAMP_TOKEN};
use crate::asn1::{self, Cursor, Malformed};
use crate::evidence::Evidence;
use crate::timestamp::{Stamp, StampRequest};

/// Asks for a time stamp over the value of a detached signature.
///
/// # Errors
/// [`SignError::NotASignature`]
pub fn request_stamp(cms: &[u8]) -> Result<StampRequest, SignError> {
    let signed = Signed::parse(cms, Kind::Detached).map_err(|_| SignError::NotASignature)?;
    Ok(StampRequest::new(signed.signature)?)
}

/// Adds the time stamp, and the revocation lists and answers that prove its authority good.
///
/// # Errors
/// [`SignError`]
pub fn add_stamp(cms: &[u8], stamp: &Stamp, evidence: &Evidence) -> Result<Vec<u8>, SignError> {
    with_stamp(cms, stamp, &evidence.revocation_choices())
}

pub(crate) fn with_stamp(cms: &[u8], stamp: &Stamp, choices: &[Vec<u8>]) -> Result<Vec<u8>, SignError> {
    let signed = Signed::parse(cms, Kind::Detached).map_err(|_| SignError::NotASignature)?;
    if !stamp.is_over(signed.signature) {
        return Err(SignError::OtherStamp);
    }
    spliced(cms, Some(stamp.der()), choices).map_err(|_| SignError::NotASignature)
}

/// The same structure with more revocation information beside the certificates.
pub(super) fn with_choices(cms: &[u8], choices: &[Vec<u8>]) -> Result<Vec<u8>, SignError> {
    spliced(cms, None, choices).map_err(|_| SignError::NotASignature)
}

/// `cms` was read before, so its parts stand where they are expected.
fn spliced(cms: &[u8], token: Option<&[u8]>, choices: &[Vec<u8>]) -> Result<Vec<u8>, Malformed> {
    let mut info = Cursor::new(cms).expect(asn1::SEQUENCE)?.inside();
    let kind = info.expect(asn1::OBJECT_IDENTIFIER)?.whole;
    let mut data = info.expect(asn1::CONTEXT_0)?.inside().expect(asn1::SEQUENCE)?.inside();
    let version = data.expect(asn1::INTEGER)?.whole;
    let mut head = Vec::new();
    for tag in [asn1::SET, asn1::SEQUENCE] {
        head.extend_from_slice(data.expect(tag)?.whole);
    }
    head.extend_from_slice(data.optional(asn1::CONTEXT_0)?.map_or(&[][..], |certificates| certificates.whole));
    let there = data.optional(asn1::CONTEXT_1)?;
    let all = merged(there.map_or(Cursor::new(&[]), |set| set.inside()), choices.iter().map(Vec::as_slice))?;
    // RFC 5652 5.1: information of another kind than lists makes it version 5.
    let other = all.iter().any(|choice| choice.first() == Some(&asn1::CONTEXT_1));
    let version = if other { asn1::unsigned(&[5]) } else { version.to_vec() };
    let mut signed_data = [version, head].concat();
    if !all.is_empty() {
        signed_data.extend(asn1::set_of(asn1::CONTEXT_1, all));
    }

    let mut signer = data.expect(asn1::SET)?.inside().expect(asn1::SEQUENCE)?.inside();
    let mut parts = Vec::new();
    let mut unsigned = Cursor::new(&[]);
    while let Some(part) = signer.next()? {
        if part.tag == asn1::CONTEXT_1 {
            unsigned = part.inside();
        } else {
            parts.extend_from_slice(part.whole);
        }
    }
    let attribute = token.map(|token| Ok([TIME_STAMP_TOKEN.to_der()?, asn1::wrap(asn1::SET, token)].concat()));
    let attribute = attribute.transpose().map_err(|_: der::Error| Malformed)?;
    let attribute = attribute.map(|attribute| asn1::wrap(asn1::SEQUENCE, &attribute));
    let beside = merged(unsigned, attribute.iter().map(Vec::as_slice))?;
    if !beside.is_empty() {
        parts.extend(asn1::set_of(asn1::CONTEXT_1, beside));
    }
    signed_data.extend(asn1::wrap(asn1::SET, &asn1::wrap(asn1::SEQUENCE, &parts)));

    let wrapped = asn1::wrap(asn1::CONTEXT_0, &asn1::wrap(asn1::SEQUENCE, &signed_data));
    Ok(asn1::wrap(asn1::SEQUENCE, &[kind, &wrapped].concat()))
}

fn merged<'a>(mut old: Cursor<'a>, new: impl Iterator<Item = &'a [u8]>) -> Result<Vec<&'a [u8]>, Malformed> {
    let mut all = Vec::new();
    while let Some(element) = old.next()? {
        all.push(element.whole);
    }
    all.extend(new);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::{Level, sign_detached, verify_detached};
    use crate::finding::{Finding, Severity};
    use crate::instant::{DAY, MINUTE};
    use crate::story::{Hospital, NOW};
    use crate::timestamp::StampProblem;

    const SET: &[u8] = br#"{"temperature":37.2}"#;

    // Clauses: SIG-11, SIG-14
    #[test]
    fn a_stamped_set_is_proven_for_good() {
        let hospital = Hospital::open();
        let (nurse, clock, anchors) = (hospital.nurse(), hospital.clock(), hospital.authority.anchors());
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let cms = sign_detached(SET, &nurse.signer(&evidence), NOW).unwrap();
        assert_eq!(verify_detached(SET, &cms, &anchors, NOW).level, Some(Level::Basic));

        let stamp = hospital.stamp(&clock, &request_stamp(&cms).unwrap(), NOW + MINUTE);
        let of_clock = stamp.evidence(&[], &hospital.crls, &anchors, NOW + MINUTE).unwrap();
        let stamped = add_stamp(&cms, &stamp, &of_clock).unwrap();
        let report = verify_detached(SET, &stamped, &anchors, NOW + 400 * DAY);
        assert_eq!((report.findings.as_slice(), report.level), (&[][..], Some(Level::LongTerm)));
        assert_eq!((report.signing_time, report.proven_time()), (Some(NOW), Some(NOW + MINUTE)));

        let again = hospital.stamp(&clock, &request_stamp(&stamped).unwrap(), NOW + DAY);
        let twice = add_stamp(&stamped, &again, &of_clock).unwrap();
        let report = verify_detached(SET, &twice, &anchors, NOW + 400 * DAY);
        assert_eq!((report.findings.as_slice(), report.time_stamps.len()), (&[][..], 2));
        assert_eq!(report.proven_time(), Some(NOW + MINUTE), "the earlier one proves more");
    }

    // Clauses: SIG-15
    #[test]
    fn a_stamp_from_another_signature_is_tampering() {
        let hospital = Hospital::open();
        let (nurse, clock, anchors) = (hospital.nurse(), hospital.clock(), hospital.authority.anchors());
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let sign = || sign_detached(SET, &nurse.signer(&evidence), NOW).unwrap();
        let (one, two) = (sign(), sign());
        let stamp = hospital.stamp(&clock, &request_stamp(&one).unwrap(), NOW);
        assert!(matches!(add_stamp(&two, &stamp, &evidence), Err(SignError::OtherStamp)));
        let forced = spliced(&two, Some(stamp.der()), &[]).unwrap();
        let report = verify_detached(SET, &forced, &anchors, NOW);
        assert_eq!(report.findings, [Finding::TimeStamp(StampProblem::OtherBytes)]);
        assert_eq!((report.findings[0].severity(), report.level), (Severity::Tampered, None));
    }

    #[test]
    fn more_stamps_than_anybody_needs_are_not_judged() {
        let hospital = Hospital::open();
        let nurse = hospital.nurse();
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let cms = sign_detached(SET, &nurse.signer(&evidence), NOW).unwrap();
        let many = |count: u8| (0..count).fold(cms.clone(), |cms, n| spliced(&cms, Some(&[4, 1, n]), &[]).unwrap());
        let findings = |count| verify_detached(SET, &many(count), &hospital.authority.anchors(), NOW).findings;
        assert_eq!(findings(4), vec![Finding::TimeStamp(StampProblem::Malformed); 4]);
        assert_eq!(findings(5), [Finding::SignatureMalformed]);
    }

    #[test]
    fn an_unsigned_attribute_of_an_unknown_kind_is_named() {
        let hospital = Hospital::open();
        let nurse = hospital.nurse();
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let cms = sign_detached(SET, &nurse.signer(&evidence), NOW).unwrap();
        let mut other = spliced(&cms, Some(&[0x05, 0x00]), &[]).unwrap();
        let token = TIME_STAMP_TOKEN.to_der().unwrap();
        let at = other.windows(token.len()).position(|window| window == token).unwrap();
        other[at + token.len() - 1] = 15;
        let report = verify_detached(SET, &other, &hospital.authority.anchors(), NOW);
        assert_eq!(report.findings, [Finding::UnknownAttribute("1.2.840.113549.1.9.16.2.15".into())]);
        assert!(report.trusted() && report.level == Some(Level::Basic));
        assert!(matches!(request_stamp(SET), Err(SignError::NotASignature)));
    }
}
