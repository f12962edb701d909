//! Stories of paths that must not be followed.

use const_oid::ObjectIdentifier;
use der::asn1::{BitString, OctetString};
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::{Purpose, TIME_STAMPING, build, build_for};
use crate::authority::{Issuer, Profile, Request};
use crate::instant::DAY;
use crate::problem::CertificateProblem;
use crate::story::{Hospital, NOW};
use crate::{Anchors, Certificate, KeyKind, SigningKey, Subject};

fn issue(issuer: &Issuer, name: &str, key: &SigningKey, profile: Profile) -> Certificate {
    let request = Request {
        subject: &Subject::named(name),
        public_key: &key.public_key_der(),
        profile,
        valid_from: NOW - DAY,
        valid_until: NOW + DAY,
    };
    issuer.issue(&request).unwrap()
}

fn ec_key() -> SigningKey {
    SigningKey::generate(KeyKind::P256).unwrap()
}

fn root() -> Issuer {
    Issuer::root(&Subject::named("Gốc"), KeyKind::P256, NOW - DAY, NOW + DAY).unwrap()
}

// Clauses: SIG-9
#[test]
fn an_issuing_ca_may_not_make_another_one() {
    let root = root();
    let issuing = root.subordinate(&Subject::named("CA"), KeyKind::P256, NOW - DAY, NOW + DAY).unwrap();
    let deeper = issuing.subordinate(&Subject::named("CA 2"), KeyKind::P256, NOW - DAY, NOW + DAY).unwrap();
    let signer = issue(&deeper, "An", &ec_key(), Profile::Person);
    let pool = [issuing.certificate().clone(), deeper.certificate().clone()];
    let anchors = Anchors::new(vec![root.certificate().clone()]);
    let problem = build(&signer, &pool, &anchors, NOW).unwrap_err();
    assert_eq!(problem, CertificateProblem::NotAnAuthority { who: "CN=CA, C=VN".into() });
}

// Clauses: SIG-9, SIG-10
#[test]
fn a_name_alone_makes_no_issuer() {
    let (real, fake) = (root(), root());
    let signer = issue(&fake, "An", &ec_key(), Profile::Person);
    let anchors = Anchors::new(vec![real.certificate().clone()]);
    let problem = build(&signer, &[fake.certificate().clone()], &anchors, NOW).unwrap_err();
    assert_eq!(problem.code(), "unknown-issuer", "same name, other key identifier");
}

#[test]
fn certificates_that_vouch_for_each_other_end_the_search() {
    let (one, two) = (ec_key(), ec_key());
    let crossed: Vec<Certificate> = (0..30)
        .flat_map(|_| {
            let first =
                Issuer::with(SigningKey::from_pkcs8(one.pkcs8()).unwrap(), issue(&root(), "Gốc", &one, Profile::Root));
            let second =
                Issuer::with(SigningKey::from_pkcs8(two.pkcs8()).unwrap(), issue(&root(), "Gốc", &two, Profile::Root));
            [issue(&first, "Gốc", &two, Profile::Root), issue(&second, "Gốc", &one, Profile::Root)]
        })
        .collect();
    let problem = build(&crossed[0], &crossed, &Anchors::new(vec![root().certificate().clone()]), NOW).unwrap_err();
    assert_eq!(problem.code(), "unknown-issuer");
}

#[test]
fn an_unknown_critical_extension_is_refused_and_an_uncritical_one_is_not() {
    let key = ec_key();
    let with_extension = |critical| {
        let root = root();
        let certificate = issue(&root, "An", &key, Profile::Person);
        let mut inner = x509_cert::Certificate::from_der(certificate.der()).unwrap();
        inner.tbs_certificate.issuer = inner.tbs_certificate.subject.clone();
        inner.tbs_certificate.extensions.as_mut().unwrap().push(Extension {
            extn_id: ObjectIdentifier::new_unwrap("1.3.6.1.4.1.55555.1"),
            critical,
            extn_value: OctetString::new([5, 0]).unwrap(),
        });
        inner.signature = BitString::from_bytes(&key.sign(&inner.tbs_certificate.to_der().unwrap()).unwrap()).unwrap();
        let signer = Certificate::from_der(&inner.to_der().unwrap()).unwrap();
        build(&signer, &[], &Anchors::new(vec![signer.clone()]), NOW)
    };
    assert!(matches!(with_extension(true), Err(CertificateProblem::UnknownExtension { .. })));
    assert!(with_extension(false).is_ok(), "an anchor may be the signer's certificate itself");
}

// Clauses: SIG-10
#[test]
fn a_time_stamper_is_for_time_stamps_alone_and_insists_on_it() {
    let key = ec_key();
    let document_signing = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
    let with_purposes = |purposes: &[ObjectIdentifier], critical| {
        let certificate = issue(&root(), "Đồng hồ", &key, Profile::Person);
        let mut inner = x509_cert::Certificate::from_der(certificate.der()).unwrap();
        inner.tbs_certificate.issuer = inner.tbs_certificate.subject.clone();
        inner.tbs_certificate.extensions.as_mut().unwrap().push(Extension {
            extn_id: const_oid::db::rfc5280::ID_CE_EXT_KEY_USAGE,
            critical,
            extn_value: OctetString::new(ExtendedKeyUsage(purposes.to_vec()).to_der().unwrap()).unwrap(),
        });
        inner.signature = BitString::from_bytes(&key.sign(&inner.tbs_certificate.to_der().unwrap()).unwrap()).unwrap();
        let signer = Certificate::from_der(&inner.to_der().unwrap()).unwrap();
        let anchors = Anchors::new(vec![signer.clone()]);
        let code = |purpose| build_for(purpose, &signer, &[], &anchors, NOW).err().map(|problem| problem.code());
        (code(Purpose::TimeStamps), code(Purpose::Documents))
    };
    let refused = Some("not-a-time-stamper");
    assert_eq!(with_purposes(&[TIME_STAMPING], true), (None, Some("wrong-usage")), "and it signs no documents");
    assert_eq!(with_purposes(&[TIME_STAMPING], false), (refused, Some("wrong-usage")));
    assert_eq!(with_purposes(&[TIME_STAMPING, document_signing], true), (refused, None));
    assert_eq!(with_purposes(&[document_signing], true), (refused, None));
}

// Clauses: SIG-16
#[test]
fn short_keys_and_sha1_are_refused() {
    let read = |pem: &[u8]| Certificate::from_pem(pem).unwrap();
    let short = read(include_bytes!("../../fixtures/weak/rsa1024.pem"));
    let problem = build(&short, &[], &Anchors::new(vec![short.clone()]), NOW + DAY).unwrap_err();
    assert!(matches!(problem, CertificateProblem::WeakAlgorithm { ref detail, .. } if detail.contains("1024")));

    let sha1 = read(include_bytes!("../../fixtures/weak/sha1.pem"));
    let root = read(include_bytes!("../../fixtures/weak/root.pem"));
    let problem = build(&sha1, &[], &Anchors::new(vec![root]), NOW + DAY).unwrap_err();
    assert!(
        matches!(problem, CertificateProblem::WeakAlgorithm { ref detail, .. } if detail.contains("SHA1")),
        "{problem}"
    );
}

// Clauses: SIG-13
#[test]
fn every_problem_says_what_to_do_in_vietnamese() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let problem = build(&nurse.certificate, &[], &hospital.authority.anchors(), NOW).unwrap_err();
    let told = problem.vietnamese();
    assert!(told.contains("Nguyễn Thị Hương") && told.contains("Hãy kiểm tra danh sách"), "{told}");
}
