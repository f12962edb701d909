//! Bytes that no responder sent. What responders send is judged against `openssl ocsp` in `tests/ocsp.rs`.

use proptest::prelude::*;

use super::{OcspAnswer, OcspError, OcspRequest};
use crate::asn1::{self, Cursor};
use crate::story::{Hospital, NOW};

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = OcspAnswer::from_der(&bytes);
        let wrapped = asn1::wrap(asn1::SEQUENCE, &[&[asn1::ENUMERATED, 1, 0][..], &asn1::wrap(asn1::CONTEXT_0, &bytes)].concat());
        let _ = OcspAnswer::from_der(&wrapped);
    }
}

#[test]
fn a_responder_that_gives_no_answer_is_told_from_one_that_talks_nonsense() {
    let try_later = asn1::wrap(asn1::SEQUENCE, &[asn1::ENUMERATED, 1, 3]);
    assert_eq!(OcspAnswer::from_der(&try_later), Err(OcspError::Refused(3)));
    for nonsense in [&b"<html>proxy</html>"[..], &[], &asn1::wrap(asn1::SEQUENCE, &[asn1::ENUMERATED, 1, 0])] {
        assert_eq!(OcspAnswer::from_der(nonsense), Err(OcspError::Malformed));
    }
    assert_eq!(OcspAnswer::from_der(&vec![0x30; 300 * 1024]), Err(OcspError::Malformed), "longer than any answer");
}

#[test]
fn two_questions_are_never_the_same() {
    let hospital = Hospital::open();
    let nurse = hospital.nurse();
    let ask = || OcspRequest::new(&nurse.certificate, hospital.authority.issuing()).unwrap().to_der();
    let (one, two) = (ask(), ask());
    assert_ne!(one, two);
    assert!(Cursor::new(&one).expect(asn1::SEQUENCE).is_ok());
    let read = OcspRequest::new(&nurse.certificate, hospital.authority.issuing()).unwrap().read(&one, &[], NOW, true);
    assert_eq!(read.unwrap_err(), OcspError::Malformed, "a question is no answer");
}
