//! Stories of signing bytes, and of the check before.

use proptest::prelude::*;
use serde_json::json;

use crate::asn1::{self, Cursor};
use crate::authority::Profile;
use crate::cms::{canonical_json, sign_detached, verify_detached};
use crate::instant::{DAY, MINUTE, SECOND};
use crate::key::KeyKind;
use crate::problem::CertificateProblem;
use crate::story::{Hospital, NOW};
use crate::{Anchors, Finding};

fn round() -> Vec<u8> {
    canonical_json(&json!({"patient": "Trần Văn Bình", "temperature": 37.2, "at": NOW, "author": "Hương"})).unwrap()
}

// Clauses: SIG-8, SIG-11
#[test]
fn a_nurse_signs_and_anyone_with_the_root_verifies() {
    let hospital = Hospital::open();
    for kind in [KeyKind::Rsa2048, KeyKind::P256] {
        let nurse = hospital.person("Nguyễn Thị Hương", kind);
        let evidence = hospital.evidence(&nurse, NOW).unwrap();
        let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();

        let report = verify_detached(&round(), &cms, &hospital.authority.anchors(), NOW + 400 * DAY);
        assert_eq!(report.findings, [], "years later it still verifies");
        assert_eq!(report.signer.unwrap().name, "Nguyễn Thị Hương");
        assert_eq!(report.signing_time, Some(NOW));
    }
}

#[test]
fn every_flipped_byte_of_the_content_is_seen() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();
    for at in 0..round().len() {
        let mut changed = round();
        changed[at] ^= 1;
        let report = verify_detached(&changed, &cms, &hospital.authority.anchors(), NOW);
        assert_eq!(report.findings, [Finding::ContentChanged]);
    }
}

#[test]
fn a_byte_between_the_layers_is_seen() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();
    let mut outer = Cursor::new(&cms).expect(asn1::SEQUENCE).unwrap().inside();
    let kind = outer.expect(asn1::OBJECT_IDENTIFIER).unwrap().whole;
    let tagged = outer.expect(asn1::CONTEXT_0).unwrap();
    // A PDF keeps zeros behind the signature: a longer length would draw one of them in.
    let grown = [
        asn1::wrap(asn1::SEQUENCE, &[kind, tagged.whole, &[0]].concat()),
        asn1::wrap(asn1::SEQUENCE, &[kind, &asn1::wrap(asn1::CONTEXT_0, &[tagged.value, &[0]].concat())].concat()),
    ];
    for changed in grown {
        let report = verify_detached(&round(), &changed, &hospital.authority.anchors(), NOW);
        assert_eq!(report.findings, [Finding::SignatureMalformed]);
    }
}

#[test]
fn no_flipped_byte_of_the_signature_keeps_it_trusted() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();
    let anchors = hospital.authority.anchors();
    let mut accepted = Vec::new();
    // All bits of the head, where the structure is loosest, and one bit of every byte after it.
    let bits = (0..60).flat_map(|at| (0..8).map(move |bit| (at, bit))).chain((60..cms.len()).map(|at| (at, at % 8)));
    for (at, bit) in bits {
        let mut changed = cms.clone();
        changed[at] ^= 1 << bit;
        if verify_detached(&round(), &changed, &anchors, NOW).trusted() {
            accepted.push((at, bit));
        }
    }
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn an_unknown_authority_leaves_it_intact_but_not_trusted() {
    let (hospital, stranger) = (Hospital::open(), Hospital::open());
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();
    for anchors in [stranger.authority.anchors(), Anchors::default()] {
        let report = verify_detached(&round(), &cms, &anchors, NOW);
        assert!(report.intact() && !report.trusted());
        assert_eq!(report.findings[0].code(), "unknown-issuer");
    }
}

// Clauses: SIG-7, SIG-10, SIG-13
#[test]
fn who_may_not_sign_is_told_why() {
    let mut hospital = Hospital::open();
    let expired = hospital.with_profile("Lê Văn Cũ", KeyKind::P256, Profile::Person, 0);
    let early = hospital.nurse();
    let machine = hospital.with_profile("máy chủ", KeyKind::P256, Profile::Encipherment, 365);
    let revoked = hospital.nurse();
    hospital.revoke(&revoked, NOW - MINUTE);

    let problem = |person, at| hospital.evidence(person, at).unwrap_err();
    assert!(matches!(problem(&expired, NOW), CertificateProblem::Expired { .. }));
    assert!(matches!(problem(&early, NOW - 30 * DAY), CertificateProblem::NotYetValid { .. }));
    assert!(matches!(problem(&machine, NOW), CertificateProblem::WrongUsage { .. }));
    let told = problem(&revoked, NOW);
    assert_eq!(told.code(), "revoked");
    assert!(told.vietnamese().contains("đã bị thu hồi lúc"), "{}", told.vietnamese());
}

// Clauses: SIG-7, SIG-10
#[test]
fn unknown_status_is_a_refusal() {
    let mut hospital = Hospital::open();
    let nurse = hospital.nurse();
    let stale = hospital.evidence(&nurse, NOW + 8 * DAY).unwrap_err();
    assert!(matches!(stale, CertificateProblem::StaleRevocationList { .. }));
    hospital.crls.truncate(1);
    let missing = hospital.evidence(&nurse, NOW).unwrap_err();
    assert!(
        matches!(missing, CertificateProblem::NoRevocationList { ref who, .. } if who.contains("CA cấp chứng thư"))
    );
    hospital.crls = Hospital::open().crls;
    let foreign = hospital.evidence(&nurse, NOW).unwrap_err();
    assert!(matches!(foreign, CertificateProblem::NoRevocationList { .. }), "a list of another CA says nothing");
}

// Clauses: SIG-7
#[test]
fn a_revoked_issuer_stops_its_signers() {
    let mut hospital = Hospital::open();
    let nurse = hospital.nurse();
    let issuing = hospital.authority.issuing().clone();
    hospital.authority.revoke(&issuing, NOW - MINUTE);
    hospital.crls = hospital.authority.crls(NOW).unwrap();
    let problem = hospital.evidence(&nurse, NOW).unwrap_err();
    assert!(matches!(problem, CertificateProblem::Revoked { ref who, .. } if who.contains("CA cấp chứng thư")));
}

#[test]
fn a_careless_signature_after_revocation_is_not_trusted() {
    let mut hospital = Hospital::open();
    let nurse = hospital.nurse();
    hospital.revoke(&nurse, NOW - MINUTE);
    let evidence = hospital.unchecked(&nurse);
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW).unwrap();
    let report = verify_detached(&round(), &cms, &hospital.authority.anchors(), NOW);
    assert!(report.intact() && !report.trusted());
    assert_eq!(report.findings[0].code(), "revoked");

    let before = sign_detached(&round(), &nurse.signer(&evidence), NOW - 2 * MINUTE).unwrap();
    assert!(verify_detached(&round(), &before, &hospital.authority.anchors(), NOW).trusted(), "signed before it");
}

// Clauses: SIG-9
#[test]
fn a_user_cannot_act_as_an_authority() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let forged_key = crate::SigningKey::generate(KeyKind::P256).unwrap();
    let forger =
        crate::authority::Issuer::root(&crate::Subject::named("x"), KeyKind::P256, NOW - DAY, NOW + DAY).unwrap();
    let mut forged = forger
        .issue(&crate::authority::Request {
            subject: &crate::Subject::named("Giám đốc"),
            public_key: &forged_key.public_key_der(),
            profile: Profile::Person,
            valid_from: NOW - DAY,
            valid_until: NOW + DAY,
        })
        .unwrap();
    let anchors = Anchors::new(vec![nurse.certificate.clone()]);
    assert!(crate::path::build(&forged, &[], &anchors, NOW).is_err());
    // The same with the nurse's own key as issuer: the signature holds, the right to issue does not.
    let state = crate::authority::Issuer::with(nurse.key, nurse.certificate.clone());
    forged = state
        .issue(&crate::authority::Request {
            subject: &crate::Subject::named("Giám đốc"),
            public_key: &forged_key.public_key_der(),
            profile: Profile::Person,
            valid_from: NOW - DAY,
            valid_until: NOW + DAY,
        })
        .unwrap();
    let pool = [nurse.certificate, hospital.authority.issuing().clone()];
    let problem = crate::path::build(&forged, &pool, &hospital.authority.anchors(), NOW).unwrap_err();
    assert!(matches!(problem, CertificateProblem::NotAnAuthority { .. }), "{problem:?}");
}

#[test]
fn a_key_signs_only_with_its_own_certificate() {
    let hospital = Hospital::open();
    let (one, two) = (hospital.nurse(), hospital.nurse());
    let evidence = hospital.evidence(&two, NOW).unwrap();
    assert!(crate::Signer::new(&one.key, &two.certificate, &evidence).is_err());
    assert!(crate::Signer::new(&one.key, &one.certificate, &evidence).is_err());
}

#[test]
fn a_time_from_the_future_is_not_believed() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW).unwrap();
    let cms = sign_detached(&round(), &nurse.signer(&evidence), NOW + 10 * MINUTE).unwrap();
    let report = verify_detached(&round(), &cms, &hospital.authority.anchors(), NOW);
    assert_eq!(report.findings, [Finding::SignedInFuture(NOW + 10 * MINUTE)]);
}

// Clauses: SIG-11
#[test]
fn the_authority_and_the_evidence_survive_storage() {
    let hospital = Hospital::open();
    let mut again = crate::Authority::from_json(&hospital.authority.to_json().unwrap()).unwrap();
    assert_eq!(again.root(), hospital.authority.root());
    let nurse = hospital.nurse();
    let evidence = hospital.evidence(&nurse, NOW + SECOND).unwrap();
    let json = serde_json::to_string(&evidence).unwrap();
    assert_eq!(serde_json::from_str::<crate::Evidence>(&json).unwrap(), evidence);
    assert_eq!(again.crls(NOW + DAY).unwrap().len(), 2);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!verify_detached(b"x", &bytes, &Anchors::default(), NOW).intact());
        let _ = crate::Certificate::from_der(&bytes);
        let _ = crate::Crl::from_der(&bytes);
        let _ = crate::Certificate::list_from_pem(&bytes);
    }
}
