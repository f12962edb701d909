//! Stories of time stamps, honest and not.

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, OctetString};
use der::{Decode, Encode};
use proptest::prelude::*;
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extension;

use super::info::TstInfo;
use super::response::{granted, refused};
use super::{
    Failure, Ground, ResponseError, Stamp, StampProblem, StampRequest, TimeStampReport, TimestampAuthority, judge,
};
use crate::algorithm::sha256;
use crate::asn1;
use crate::authority::{Issuer, Profile, Request, Revoked};
use crate::cms::{self, Statement};
use crate::finding::Severity;
use crate::instant::{DAY, MINUTE, SECOND};
use crate::problem::CertificateProblem;
use crate::story::{Hospital, NOW, Person};
use crate::{Anchors, Certificate, Crl, Evidence, KeyKind, SigningKey, Subject};

const SIGNATURE: &[u8] = b"the value of a nurse's signature";

fn judged(hospital: &Hospital, token: &[u8], now: i64) -> (Option<TimeStampReport>, Option<StampProblem>) {
    let pool = [hospital.authority.issuing().clone()];
    let anchors = hospital.authority.anchors();
    judge(token, &[SIGNATURE], Ground { pool: &pool, proofs: (&hospital.crls).into(), anchors: &anchors, now })
}

/// A token as careless software makes it: with any certificate, of any instant.
fn careless(person: &Person, evidence: &Evidence, request: &StampRequest, time: i64) -> Vec<u8> {
    let info = TstInfo {
        policy: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.55555.1"),
        imprint: request.imprint.clone(),
        serial: vec![9],
        time,
        nonce: request.nonce.clone(),
    };
    let info = info.to_der().unwrap();
    let statement = Statement { time_stamp: Some(&info), ..Statement::COMPLETE };
    cms::build(&sha256(&[&info]), &person.signer(evidence), statement).unwrap()
}

// Clauses: SIG-14
#[test]
fn an_answer_says_when_and_by_whom() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let request = StampRequest::new(SIGNATURE).unwrap();
    let stamp = hospital.stamp(&clock, &request, NOW + SECOND / 2);
    assert!(stamp.is_over(SIGNATURE) && !stamp.is_over(b"another signature"));
    assert_eq!(stamp.time(), NOW, "whole seconds");
    assert_eq!(stamp.authority().common_name(), "Dấu thời gian nội bộ Bệnh viện Bến Hàn");
    let evidence = stamp.evidence(&[], &hospital.crls, &hospital.authority.anchors(), NOW + DAY).unwrap();
    assert_eq!((evidence.certificates.len(), evidence.crls.len()), (3, 2));

    let (report, problem) = judged(&hospital, stamp.der(), NOW + 1000 * DAY);
    assert_eq!(problem, None);
    let report = report.unwrap();
    assert!(report.fits && report.trusted);
    assert_eq!((report.time, report.serial.as_str()), (NOW, "07"));
    assert_eq!(report.authority.unwrap().name, "Dấu thời gian nội bộ Bệnh viện Bến Hàn");
}

#[test]
fn who_has_the_certificates_may_ask_for_the_token_alone() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let request = StampRequest { wants_certificates: false, ..StampRequest::new(SIGNATURE).unwrap() };
    let answer = hospital.answer(&clock, &request, NOW);
    let problem = request.read(&answer).unwrap_err();
    assert_eq!(problem, ResponseError::Stamp(StampProblem::NoCertificate), "we never have them");
    let with = hospital.answer(&clock, &StampRequest::new(SIGNATURE).unwrap(), NOW);
    assert!(answer.len() + clock.certificate.der().len() < with.len());
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let (mine, other) = (StampRequest::new(SIGNATURE).unwrap(), StampRequest::new(SIGNATURE).unwrap());
    let answer = hospital.answer(&clock, &other, NOW);
    assert_eq!(mine.read(&answer).unwrap_err(), ResponseError::OtherRequest);

    let of_other_bytes = StampRequest { nonce: other.nonce.clone(), ..StampRequest::new(b"other bytes").unwrap() };
    assert_eq!(of_other_bytes.read(&answer).unwrap_err(), ResponseError::Stamp(StampProblem::OtherBytes));

    let strict = other.clone().under("0.4.0.2023.1.1").unwrap();
    assert_eq!(strict.read(&answer).unwrap_err(), ResponseError::OtherPolicy("2.5.29.32.0".into()));
    assert!(other.under("no policy").is_none());
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_with_the_reason() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let request = StampRequest::new(SIGNATURE).unwrap();
    let whole = request.to_der();
    let fields = asn1::Cursor::new(&whole).expect(asn1::SEQUENCE).unwrap().value;
    let extended = asn1::wrap(asn1::SEQUENCE, &[fields, &asn1::wrap(asn1::CONTEXT_0, &[])].concat());
    let sha1 = hex::decode(format!("301f300706052b0e03021a0414{}", "07".repeat(20))).unwrap();
    let weak = asn1::wrap(asn1::SEQUENCE, &[asn1::unsigned(&[1]), sha1].concat());
    let evidence = hospital.evidence_of_clock(&clock, NOW).unwrap();
    let authority = TimestampAuthority::new(clock.signer(&evidence)).unwrap();
    for (asked, failure) in [
        (&b"nothing readable"[..], Failure::BadDataFormat),
        (&[][..], Failure::BadDataFormat),
        (&whole[..whole.len() - 1], Failure::BadDataFormat),
        (&extended[..], Failure::UnacceptedExtension),
        (&weak[..], Failure::BadAlgorithm),
        (&request.clone().under("1.3.6.1.4.1.55555.2").unwrap().to_der()[..], Failure::UnacceptedPolicy),
    ] {
        let answer = authority.answer(asked, 8, NOW).unwrap();
        let ResponseError::Refused { status, failures, text } = request.read(&answer).unwrap_err() else {
            panic!("{failure} expected")
        };
        assert_eq!((status, failures, text), (2, vec![failure], failure.to_string()));
    }
    let told = request.read(&refused(Failure::SystemFailure)).unwrap_err().to_string();
    assert!(told.contains("status 2: systemFailure"), "{told}");
}

// Clauses: SIG-10, SIG-14
#[test]
fn a_certificate_for_documents_makes_no_time_stamps() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let refused = TimestampAuthority::new(nurse.signer(&evidence)).unwrap_err();
    assert!(matches!(refused, CertificateProblem::NotATimeStamper { .. }));

    let request = StampRequest::new(SIGNATURE).unwrap();
    let token = careless(&nurse, &evidence, &request, NOW);
    let problem = request.read(&granted(&token)).unwrap_err();
    assert!(matches!(problem, ResponseError::Stamp(StampProblem::Untrusted(_))), "{problem}");
    let (report, problem) = judged(&hospital, &token, NOW);
    let report = report.unwrap();
    assert!(report.fits && !report.trusted);
    let problem = problem.unwrap();
    assert_eq!((problem.code(), problem.severity()), ("stamp-untrusted", Severity::Untrusted));
    assert!(problem.vietnamese().contains("không phải chứng thư chỉ dành cho cấp dấu thời gian"));
}

// Clauses: SIG-10
#[test]
fn an_authority_that_is_not_trusted_proves_nothing() {
    let (hospital, stranger) = (Hospital::open(), Hospital::open());
    let request = StampRequest::new(SIGNATURE).unwrap();
    let token = stranger.stamp(&stranger.clock(), &request, NOW);
    let (report, problem) = judged(&hospital, token.der(), NOW);
    assert!(report.is_some_and(|report| report.fits && !report.trusted));
    assert!(matches!(problem, Some(StampProblem::Untrusted(CertificateProblem::UnknownIssuer { .. }))));
    let anchors = hospital.authority.anchors();
    assert!(token.evidence(&[], &hospital.crls, &anchors, NOW).is_err());

    let clock = hospital.clock();
    let early = careless(&clock, &hospital.unchecked(&clock), &request, NOW - 30 * DAY);
    let (_, problem) = judged(&hospital, &early, NOW);
    assert!(matches!(problem, Some(StampProblem::Untrusted(CertificateProblem::NotYetValid { .. }))), "{problem:?}");
    let late = careless(&clock, &hospital.unchecked(&clock), &request, NOW + DAY);
    assert_eq!(judged(&hospital, &late, NOW).1, Some(StampProblem::FromFuture(NOW + DAY)));
}

#[test]
fn no_flipped_byte_of_a_token_keeps_it_trusted() {
    let hospital = Hospital::open();
    let request = StampRequest::new(SIGNATURE).unwrap();
    let token = hospital.stamp(&hospital.clock(), &request, NOW).der().to_vec();
    let mut accepted = Vec::new();
    for at in 0..token.len() {
        let mut changed = token.clone();
        changed[at] ^= 1 << (at % 8);
        if judged(&hospital, &changed, NOW).0.is_some_and(|report| report.trusted) {
            accepted.push(at);
        }
    }
    assert!(accepted.is_empty(), "{accepted:?} of {}", token.len());
}

#[test]
fn a_token_over_other_bytes_or_altered_is_tampering() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let token = hospital.stamp(&clock, &StampRequest::new(b"another").unwrap(), NOW).der().to_vec();
    let (report, problem) = judged(&hospital, &token, NOW);
    assert!(report.is_some_and(|report| !report.fits && !report.trusted));
    assert_eq!(problem, Some(StampProblem::OtherBytes));

    let token = hospital.stamp(&clock, &StampRequest::new(SIGNATURE).unwrap(), NOW).der().to_vec();
    let time = token.windows(15).position(|window| window == b"20261122203105Z").unwrap();
    let mut changed = token.clone();
    changed[time + 3] = b'5';
    assert_eq!(judged(&hospital, &changed, NOW).1, Some(StampProblem::Wrong));
    assert_eq!(judged(&hospital, &token[..token.len() - 1], NOW).1, Some(StampProblem::Malformed));
    for problem in [StampProblem::OtherBytes, StampProblem::Wrong, StampProblem::Malformed] {
        assert_eq!(problem.severity(), Severity::Tampered);
    }
}

/// The list with a reason for its only entry, signed again.
fn with_reason(list: &Crl, code: u8, key: &SigningKey) -> Crl {
    let mut list: CertificateList = CertificateList::from_der(list.der()).unwrap();
    let entry = &mut list.tbs_cert_list.revoked_certificates.as_mut().unwrap()[0];
    entry.crl_entry_extensions = Some(vec![Extension {
        extn_id: const_oid::db::rfc5280::ID_CE_CRL_REASONS,
        critical: false,
        extn_value: OctetString::new([0x0a, 1, code]).unwrap(),
    }]);
    list.signature = BitString::from_bytes(&key.sign(&list.tbs_cert_list.to_der().unwrap()).unwrap()).unwrap();
    Crl::from_der(&list.to_der().unwrap()).unwrap()
}

// Clauses: SIG-10
#[test]
fn a_retired_authority_keeps_its_stamps_and_a_stolen_key_loses_them_all() {
    let root = Issuer::root(&Subject::named("Gốc"), KeyKind::P256, NOW - DAY, NOW + DAY).unwrap();
    let (ca_key, key) = (SigningKey::generate(KeyKind::P256).unwrap(), SigningKey::generate(KeyKind::P256).unwrap());
    let issued = |issuer: &Issuer, key: &SigningKey, name: &str, profile| -> Certificate {
        let (subject, public_key) = (Subject::named(name), key.public_key_der());
        let (valid_from, valid_until) = (NOW - DAY, NOW + DAY);
        let request = Request { subject: &subject, public_key: &public_key, profile, valid_from, valid_until };
        issuer.issue(&request).unwrap()
    };
    let certificate = issued(&root, &ca_key, "CA", Profile::IssuingAuthority);
    let ca = Issuer::with(SigningKey::from_pkcs8(ca_key.pkcs8()).unwrap(), certificate);
    let clock = Person { certificate: issued(&ca, &key, "Đồng hồ", Profile::TimeStamps), key };

    let of_root = root.crl(1, &[], NOW, NOW + DAY).unwrap();
    let revoked = [Revoked { serial: clock.certificate.serial(), at: NOW + MINUTE, reason: None }];
    let without_reason = ca.crl(2, &revoked, NOW + MINUTE, NOW + DAY).unwrap();
    let superseded = with_reason(&without_reason, 4, &ca_key);
    let stolen = with_reason(&without_reason, 1, &ca_key);

    let chain = [&clock.certificate, ca.certificate(), root.certificate()];
    let evidence = Evidence {
        certificates: chain.map(|c| c.der().to_vec()).to_vec(),
        crls: Vec::new(),
        ocsps: Vec::new(),
        checked_at: NOW,
    };
    let token = careless(&clock, &evidence, &StampRequest::new(SIGNATURE).unwrap(), NOW);
    let anchors = Anchors::new(vec![root.certificate().clone()]);
    for (list, holds) in [(superseded, true), (stolen, false), (without_reason, false)] {
        let crls = [list, of_root.clone()];
        let ground = Ground { pool: &[], proofs: (&crls).into(), anchors: &anchors, now: NOW + 2 * MINUTE };
        let (report, problem) = judge(&token, &[SIGNATURE], ground);
        assert_eq!(report.is_some_and(|report| report.trusted), holds, "{problem:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let request = StampRequest::new(SIGNATURE).unwrap();
        prop_assert!(request.read(&bytes).is_err());
        prop_assert!(request.read(&granted(&bytes)).is_err());
        prop_assert!(StampRequest::from_der(&bytes).is_err());
        prop_assert!(TstInfo::parse(&bytes).is_err());
        let ground = Ground { pool: &[], proofs: crate::Proofs::default(), anchors: &Anchors::default(), now: NOW };
        prop_assert!(judge(&bytes, &[SIGNATURE], ground).1.is_some());
    }

    #[test]
    fn a_damaged_answer_brings_no_other_stamp(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static ANSWER: (StampRequest, Vec<u8>, Stamp) = {
                let hospital = Hospital::open();
                let request = StampRequest::new(SIGNATURE).unwrap();
                let answer = hospital.answer(&hospital.clock(), &request, NOW);
                let stamp = request.read(&answer).unwrap();
                (request, answer, stamp)
            };
        }
        ANSWER.with(|(request, answer, stamp)| {
            let mut changed = answer.clone();
            for (at, byte) in &edits {
                let at = at.index(changed.len());
                changed[at] = *byte;
            }
            // The status may turn from granted to granted with changes; the token is the same.
            if let Ok(read) = request.read(&changed) {
                prop_assert_eq!(&read, stamp);
            }
            prop_assert!(request.read(&changed[..cut.index(changed.len())]).is_err());
            let mut token = stamp.der().to_vec();
            for (at, byte) in &edits {
                let at = at.index(token.len());
                token[at] = *byte;
            }
            let ground = Ground { pool: &[], proofs: crate::Proofs::default(), anchors: &Anchors::default(), now: NOW };
            prop_assert!(judge(&token, &[SIGNATURE], ground).1.is_some(), "nobody is trusted here");
            Ok(())
        })?;
    }

    #[test]
    fn a_question_reads_as_it_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let request = StampRequest::new(&bytes).unwrap();
        prop_assert_eq!(StampRequest::from_der(&request.to_der()), Ok(request.clone()));
        let request = request.under("1.3.6.1.4.1.55555.1").unwrap();
        prop_assert_eq!(StampRequest::from_der(&request.to_der()), Ok(request));
    }
}
