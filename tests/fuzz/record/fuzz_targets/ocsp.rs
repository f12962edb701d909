//! What a responder might send: any bytes, and an honest answer altered. It is read or refused; and however it was
//! altered, nobody is called good by it after the instant that the responder set.

#![no_main]

mod edited;

use benhan_sign::{Anchors, Certificate, Evidence, OcspAnswer, Proofs};
use edited::edited;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Of openssl, for a nurse of a public authority, good for ten years.
const ANSWER: &[u8] = include_bytes!("ocsp/answer.der");
const DAY: i64 = 86_400_000_000;

struct Case {
    nurse: Certificate,
    anchors: Anchors,
    made: i64,
    until: i64,
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let nurse = Certificate::from_pem(include_bytes!("ocsp/nurse.pem")).expect("a certificate");
    let ca = Certificate::from_pem(include_bytes!("ocsp/ca.pem")).expect("a certificate");
    let answer = OcspAnswer::from_der(ANSWER).expect("an answer");
    let until = answer.answers_until(&nurse, &ca).expect("about her");
    let case = Case { anchors: Anchors::new(vec![ca]), nurse, made: answer.produced_at(), until };
    assert!(good(&case, &[answer], case.made), "as it was made");
    case
});

fn good(case: &Case, answers: &[OcspAnswer], at: i64) -> bool {
    let proofs = Proofs { crls: &[], answers };
    Evidence::gather(&case.nurse, &[], proofs, &case.anchors, at).is_ok()
}

fuzz_target!(|data: &[u8]| {
    let _ = OcspAnswer::from_der(data);
    let case = &*CASE;
    if let Ok(answer) = OcspAnswer::from_der(&edited(ANSWER, data)) {
        assert!(!good(case, std::slice::from_ref(&answer), case.until + DAY));
        let _ = good(case, &[answer], case.made);
    }
});
