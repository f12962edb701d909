//! Stories of sheets that are to be believed years later.

use super::*;
use crate::algorithm::sha1_name;
use crate::asn1::Cursor;
use crate::cms::{Level, SignError};
use crate::pades::{add_evidence, add_stamp, request_stamp};
use crate::{Evidence, StampRequest};

/// Signed with room for a stamp.
fn signed_with_room(pdf: &[u8], person: &Person, evidence: &Evidence, at: i64) -> Vec<u8> {
    let request = PdfSignature { room_for_time_stamp: 4_000, ..request(at) };
    sign(pdf, &person.signer(evidence), &request).unwrap()
}

/// Signed, stamped at `at`, and all that proves both added.
fn lasting(hospital: &Hospital, pdf: &[u8], person: &Person, clock: &Person, at: i64) -> Vec<u8> {
    let evidence = hospital.evidence(person, at).unwrap();
    let signed = signed_with_room(pdf, person, &evidence, at);
    let stamped = stamped(hospital, &signed, clock, at);
    let of_clock = hospital.evidence_of_clock(clock, at).unwrap();
    add_evidence(&stamped, &[&evidence, &of_clock]).unwrap()
}

fn stamped(hospital: &Hospital, pdf: &[u8], clock: &Person, at: i64) -> Vec<u8> {
    let request = request_stamp(pdf).unwrap();
    add_stamp(pdf, &hospital.stamp(clock, &request, at)).unwrap()
}

// Clauses: SIG-11, SIG-14, SIG-15, SIG-16
#[test]
fn a_stamped_sheet_with_its_evidence_is_proven_for_good() {
    let hospital = Hospital::open();
    let (nurse, clock, anchors) = (hospital.nurse(), hospital.clock(), hospital.authority.anchors());
    for modern in [false, true] {
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let signed = signed_with_room(&sheet(modern, &[]), &nurse, &evidence, NOW);
        let report = verify_pdf(&signed, &anchors, NOW);
        assert_eq!((report.signatures[0].cms.level, codes(&report)), (Some(Level::Basic), vec![]));

        let stamped = stamped(&hospital, &signed, &clock, NOW + MINUTE);
        assert_eq!(stamped.len(), signed.len(), "it fits into the room that was left");
        let of_clock = hospital.evidence_of_clock(&clock, NOW + MINUTE).unwrap();
        let lasting = add_evidence(&stamped, &[&evidence, &of_clock]).unwrap();
        assert!(lasting.starts_with(&stamped));

        let report = verify_pdf(&lasting, &anchors, NOW + 1000 * DAY);
        assert_eq!((codes(&report), report.severity()), (vec!["evidence-appended"], Severity::Note), "{report:?}");
        let signature = &report.signatures[0].cms;
        assert_eq!((signature.signing_time, signature.proven_time()), (Some(NOW), Some(NOW + MINUTE)));
        assert_eq!((signature.level, signature.time_stamps.len()), (Some(Level::LongTerm), 1));
        let told = crate::report::verify_with(&lasting, &anchors, NOW + 1000 * DAY).to_text();
        for sentence in ["Mức chữ ký: B-LT", "Level: B-LT", "Nơi cấp dấu thời gian: CN=Dấu thời gian nội bộ"]
        {
            assert!(told.contains(sentence), "{sentence} in {told}");
        }
    }
}

// Clauses: SIG-11
#[test]
fn the_store_names_the_signature_that_its_evidence_proves() {
    let hospital = Hospital::open();
    let (nurse, clock) = (hospital.nurse(), hospital.clock());
    let once = lasting(&hospital, &sheet(false, &[]), &nurse, &clock, NOW);
    let twice = lasting(&hospital, &once, &nurse, &clock, NOW + MINUTE);
    let document = document::open(&twice).unwrap();
    let store = document::dictionary(&document, document.catalog().unwrap(), b"DSS").unwrap();
    let count = |key: &[u8]| document::array(&document, store, key).unwrap().len();
    assert_eq!((count(b"Certs"), count(b"CRLs")), (4, 2), "nurse, clock, issuing CA and root; each once");
    let by_signature = document::dictionary(&document, store, b"VRI").unwrap();
    assert_eq!(by_signature.len(), 2);
    for field in ["Signature1", "Signature2"] {
        let fields = crate::pades::verify::fields(&document);
        let value = document::dictionary(&document, fields[field], b"V").unwrap();
        let contents = value.get(b"Contents").unwrap().as_str().unwrap();
        let name = hex::encode_upper(sha1_name(contents));
        let entry = document::dictionary(&document, by_signature, name.as_bytes()).unwrap();
        let of = |key: &[u8]| document::array(&document, entry, key).unwrap().len();
        assert_eq!((of(b"Cert"), of(b"CRL")), (4, 2));
    }
}

#[test]
fn the_next_signature_leaves_stamp_and_evidence_in_force() {
    let hospital = Hospital::open();
    let (nurse, doctor, clock) =
        (hospital.nurse(), hospital.person("Trần Đức Thắng", KeyKind::Rsa2048), hospital.clock());
    for modern in [false, true] {
        let once = lasting(&hospital, &sheet(modern, &[]), &nurse, &clock, NOW);
        let twice = lasting(&hospital, &once, &doctor, &clock, NOW + MINUTE);
        let report = verify_pdf(&twice, &hospital.authority.anchors(), NOW + DAY);
        assert_eq!(codes(&report), ["evidence-appended"], "{report:?}");
        let levels: Vec<_> = report.signatures.iter().map(|signature| signature.cms.level).collect();
        assert_eq!(levels, [Some(Level::LongTerm); 2]);
        let plain = signed_by(&hospital, &nurse, &twice, NOW + 2 * MINUTE);
        let report = verify_pdf(&plain, &hospital.authority.anchors(), NOW + DAY);
        assert_eq!(codes(&report), [""; 0], "{report:?}");
        assert_eq!(report.signatures[2].cms.level, Some(Level::Basic));
    }
}

// Clauses: SIG-10, SIG-14
#[test]
fn what_was_stamped_in_time_outlives_the_certificate() {
    let mut hospital = Hospital::open();
    let clock = hospital.clock();
    let brief = hospital.with_profile("Lê Văn Cũ", KeyKind::P256, Profile::Person, 1);
    let pdf = lasting(&hospital, &sheet(false, &[]), &brief, &clock, NOW - MINUTE);
    let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW + 400 * DAY);
    assert_eq!((codes(&report), report.signatures[0].cms.level), (vec!["evidence-appended"], Some(Level::LongTerm)));

    let left = hospital.nurse();
    let evidence = hospital.evidence(&left, NOW).unwrap();
    let stamped = stamped(&hospital, &signed_with_room(&sheet(false, &[]), &left, &evidence, NOW), &clock, NOW);
    hospital.revoke(&left, NOW + MINUTE);
    let pdf = add_evidence(&stamped, &[&hospital.unchecked(&left)]).unwrap();
    let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW + DAY);
    assert_eq!(codes(&report), ["evidence-appended"], "revoked a minute after the stamp");
}

// Clauses: SIG-10, SIG-14
#[test]
fn a_clock_set_back_does_not_save_a_revoked_signer() {
    let mut hospital = Hospital::open();
    let (nurse, clock) = (hospital.nurse(), hospital.clock());
    hospital.revoke(&nurse, NOW - 10 * MINUTE);
    let evidence = hospital.unchecked(&nurse);
    let backdated = signed_with_room(&sheet(false, &[]), &nurse, &evidence, NOW - 20 * MINUTE);
    let report = verify_pdf(&backdated, &hospital.authority.anchors(), NOW);
    assert!(codes(&report).is_empty(), "without a stamp the claimed time is all there is");
    let stamped = stamped(&hospital, &backdated, &clock, NOW);
    let report = verify_pdf(&stamped, &hospital.authority.anchors(), NOW);
    assert_eq!((codes(&report), report.severity()), (vec!["revoked"], Severity::Untrusted));
    assert_eq!(report.signatures[0].cms.level, Some(Level::Timed));
}

#[test]
fn a_claimed_time_after_the_stamp_is_noted() {
    let hospital = Hospital::open();
    let (nurse, clock) = (hospital.nurse(), hospital.clock());
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let fast = signed_with_room(&sheet(false, &[]), &nurse, &evidence, NOW + 30 * MINUTE);
    let report = verify_pdf(&stamped(&hospital, &fast, &clock, NOW), &hospital.authority.anchors(), NOW);
    assert_eq!((codes(&report), report.severity()), (vec!["signed-after-stamp"], Severity::Note));
}

// Clauses: SIG-15
#[test]
fn a_stamp_by_a_stranger_is_said_to_be_untrusted_and_not_used() {
    let (hospital, stranger) = (Hospital::open(), Hospital::open());
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let signed = signed_with_room(&sheet(false, &[]), &nurse, &evidence, NOW);
    let pdf = stamped(&stranger, &signed, &stranger.clock(), NOW + MINUTE);
    let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW + DAY);
    assert_eq!((codes(&report), report.severity()), (vec!["stamp-untrusted"], Severity::Untrusted));
    let signature = &report.signatures[0].cms;
    assert_eq!((signature.proven_time(), signature.level), (None, Some(Level::Timed)));
}

#[test]
fn a_stamp_goes_only_to_its_signature_and_only_where_room_is() {
    let hospital = Hospital::open();
    let (nurse, clock) = (hospital.nurse(), hospital.clock());
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let (one, two) = (
        signed_with_room(&sheet(false, &[]), &nurse, &evidence, NOW),
        signed_with_room(&sheet(true, &[]), &nurse, &evidence, NOW),
    );
    let stamp = hospital.stamp(&clock, &request_stamp(&one).unwrap(), NOW);
    assert!(matches!(add_stamp(&two, &stamp), Err(PadesError::Sign(SignError::OtherStamp))));

    let full = sign(&sheet(false, &[]), &nurse.signer(&evidence), &request(NOW)).unwrap();
    let stamp = hospital.stamp(&clock, &request_stamp(&full).unwrap(), NOW);
    assert!(matches!(add_stamp(&full, &stamp), Err(PadesError::Refused(_))));
    for unsigned in [&sheet(false, &[])[..], b"%PDF-1.7\n%%EOF", b"x"] {
        assert!(request_stamp(unsigned).is_err() && add_stamp(unsigned, &stamp).is_err());
        assert!(add_evidence(unsigned, &[&evidence]).is_err());
    }
}

#[test]
fn no_flipped_byte_of_the_stamp_leaves_the_sheet_proven() {
    let hospital = Hospital::open();
    let pdf = lasting(&hospital, &sheet(false, &[]), &hospital.nurse(), &hospital.clock(), NOW);
    let anchors = hospital.authority.anchors();
    let proven = |pdf: &[u8]| {
        let report = verify_pdf(pdf, &anchors, NOW);
        let level = report.signatures.first().and_then(|signature| signature.cms.level);
        report.severity() == Severity::Note && level == Some(Level::LongTerm)
    };
    assert!(proven(&pdf));
    let head = pdf.windows(11).position(|window| window == b"/Contents <").unwrap() + 11;
    let hole = pdf[head..].iter().position(|byte| *byte == b'>').unwrap();
    let cms = hex::decode(&pdf[head..head + hole]).unwrap();
    let cms = Cursor::new(&cms).next().unwrap().unwrap().whole.len();
    let attribute = hex::encode_upper(hex::decode("060b2a864886f70d010910020e").unwrap());
    let stamp = pdf.windows(attribute.len()).position(|window| window == attribute.as_bytes()).unwrap();
    // Every digit would take minutes: all of the head, where the structure is loosest, and some after it.
    for at in (stamp - 8..stamp + 200).step_by(2).chain((stamp + 200..head + 2 * cms).step_by(11)) {
        let mut changed = pdf.clone();
        changed[at] = if changed[at] == b'5' { b'6' } else { b'5' };
        assert!(!proven(&changed), "digit {at} between {stamp} and {}", head + 2 * cms);
    }
}

/// A file whose only signature is a time stamp over all of it.
fn document_stamp(hospital: &Hospital, clock: &Person) -> Vec<u8> {
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let mut pdf = signed_with_room(&sheet(false, &[]), &nurse, &evidence, NOW);
    let filter = pdf.windows(20).position(|window| window == b"ETSI.CAdES.detached/").unwrap();
    pdf[filter..filter + 19].copy_from_slice(b"ETSI.RFC3161       ");
    let head = pdf.windows(11).position(|window| window == b"/Contents <").unwrap() + 11;
    let hole = pdf[head..].iter().position(|byte| *byte == b'>').unwrap();
    let signed = [&pdf[..head - 1], &pdf[head + hole + 1..]].concat();
    let stamp = hospital.stamp(clock, &StampRequest::new(&signed).unwrap(), NOW);
    let token = format!("{:0<hole$}", hex::encode_upper(stamp.der()));
    pdf[head..head + hole].copy_from_slice(token.as_bytes());
    pdf
}

#[test]
fn a_time_stamp_over_the_whole_document_is_judged_like_any_other() {
    let hospital = Hospital::open();
    let clock = hospital.clock();
    let pdf = document_stamp(&hospital, &clock);
    let report = verify_pdf(&pdf, &hospital.authority.anchors(), NOW + DAY);
    assert_eq!(codes(&report), [""; 0], "{report:?}");
    let stamp = &report.signatures[0];
    assert_eq!((stamp.coverage, stamp.cms.proven_time()), (Coverage::WholeFile, Some(NOW)));
    assert!(stamp.cms.signer.as_ref().unwrap().name.starts_with("Dấu thời gian nội bộ"));

    let mut changed = pdf;
    let at = changed.windows(4).position(|window| window == b"37.2").unwrap();
    changed[at] = b'4';
    let report = verify_pdf(&changed, &hospital.authority.anchors(), NOW + DAY);
    assert_eq!((codes(&report), report.severity()), (vec!["stamp-of-other-bytes"], Severity::Tampered));
    let report = verify_pdf(&changed, &Anchors::default(), NOW + DAY);
    assert_eq!(report.severity(), Severity::Tampered);
}
