//! A key is believed where everything fits, and nowhere else.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a story ends where its world ends")]

mod pretended;

use benhan_webauthn::{Assertion, CHALLENGE, Kept, Refused, Registered, Site, assert, challenge_of, register};
use pretended::{Answered, SecurityKey, VERIFIED, attestation, base64url, client_data, map};
use proptest::prelude::*;
use std::sync::LazyLock;

const HOST: &str = "benhan.bvx.vn";
const ORIGIN: &str = "https://benhan.bvx.vn:8443";
const ASKED: [u8; CHALLENGE] = [7; CHALLENGE];

fn site() -> Site {
    Site::parse(ORIGIN).expect("a site")
}

fn kept(key: &SecurityKey) -> Registered {
    let made = key.creates(HOST, ORIGIN, &base64url(&ASKED));
    register(&site(), &ASKED, &made.client_data, &made.attestation).expect("registered")
}

fn judged(known: &Registered, shown: &Answered) -> Result<benhan_webauthn::Asserted, Refused> {
    let key = Kept { public_key: &known.public_key, counter: known.counter };
    let shown = Assertion {
        client_data: &shown.client_data,
        authenticator_data: &shown.authenticator_data,
        signature: &shown.signature,
    };
    assert(&site(), &ASKED, key, shown)
}

// Clauses: SEC-2
#[test]
fn a_key_of_each_kind_is_known_again() {
    for mut key in [SecurityKey::p256(), SecurityKey::ed25519(), SecurityKey::rsa()] {
        let known = kept(&key);
        assert_eq!(known.credential_id, key.credential_id);
        assert_eq!((known.counter, known.verified), (1, false));
        key.flags |= VERIFIED;
        let shown = key.answers(HOST, ORIGIN, &base64url(&ASKED));
        assert_eq!(challenge_of(&shown.client_data), Some(ASKED));
        let asserted = judged(&known, &shown).expect("the same key");
        assert_eq!((asserted.counter, asserted.verified), (2, true));
        let other = kept(&SecurityKey::p256());
        assert_eq!(judged(&other, &shown), Err(Refused::Signature));
    }
}

// Clauses: SEC-2
#[test]
fn what_fits_another_question_site_or_page_is_refused() {
    let mut key = SecurityKey::p256();
    let known = kept(&key);
    let asked = base64url(&ASKED);
    let said = key.answers(HOST, ORIGIN, &asked).authenticator_data;
    let page = |text: String| key.signs(said.clone(), text.into_bytes());
    let told =
        |kind, challenge: &str, origin| page(String::from_utf8(client_data(kind, challenge, origin)).expect("text"));
    for (shown, why) in [
        (told("webauthn.create", &asked, ORIGIN), Refused::OtherCeremony),
        (told("webauthn.get", &base64url(&[8; 32]), ORIGIN), Refused::OtherChallenge),
        (told("webauthn.get", "", ORIGIN), Refused::OtherChallenge),
        (told("webauthn.get", &asked, "https://benhan.bvx.vn"), Refused::OtherOrigin),
        (told("webauthn.get", &asked, "https://benhan.bvx.vn.evil.com:8443"), Refused::OtherOrigin),
        (told("webauthn.get", &asked, "http://benhan.bvx.vn:8443"), Refused::OtherOrigin),
        (
            page(format!(r#"{{"type":"webauthn.get","challenge":"{asked}","origin":"{ORIGIN}","crossOrigin":true}}"#)),
            Refused::OtherOrigin,
        ),
        (
            page(format!(
                r#"{{"type":"webauthn.get","challenge":"{asked}","origin":"{ORIGIN}","topOrigin":"https://a.vn"}}"#
            )),
            Refused::OtherOrigin,
        ),
        (
            page(format!(r#"{{"type":"webauthn.get","challenge":"{asked}","origin":"{ORIGIN}","origin":"{ORIGIN}"}}"#)),
            Refused::Malformed,
        ),
        (page("{}".into()), Refused::Malformed),
        (page(format!("{}{}", " ".repeat(9 << 10), "{}")), Refused::TooLong),
        (key.answers_at("evil.com", ORIGIN, &asked), Refused::OtherSite),
        (key.untouched(HOST, ORIGIN, &asked), Refused::NobodyThere),
    ] {
        assert_eq!(judged(&known, &shown), Err(why), "{}", String::from_utf8_lossy(&shown.client_data));
    }
    let added = page(format!(r#"{{"other":[1],"type":"webauthn.get","challenge":"{asked}","origin":"{ORIGIN}"}}"#));
    judged(&known, &added).expect("browsers may add what they like");
}

#[test]
fn what_a_key_adds_is_read_past_and_nothing_else_may_follow() {
    let mut key = SecurityKey::ed25519();
    let known = kept(&key);
    let honest = key.answers(HOST, ORIGIN, &base64url(&ASKED));
    let mut extended = honest.authenticator_data.clone();
    extended[32] |= 0x80;
    extended.extend(map(&[(vec![0x61, b'a'], vec![0xf5])]));
    let page = honest.client_data.clone();
    judged(&known, &key.signs(extended.clone(), page.clone())).expect("with an extension");
    extended.push(0);
    let more = [honest.authenticator_data.as_slice(), &[0]].concat();
    for said in [extended, more] {
        assert_eq!(judged(&known, &key.signs(said, page.clone())), Err(Refused::Malformed));
    }
}

// Clauses: SEC-2
#[test]
fn a_counter_that_goes_back_is_a_second_key() {
    let mut key = SecurityKey::ed25519();
    key.counter = 40;
    let known = kept(&key);
    let asked = base64url(&ASKED);
    judged(&known, &key.answers(HOST, ORIGIN, &asked)).expect("41");
    for (counter, shown) in [(39, 40), (0, 0), (11, 12)] {
        key.counter = counter;
        let refused = judged(&known, &key.answers(HOST, ORIGIN, &asked));
        assert_eq!(refused, Err(Refused::CountedBack { stored: 40, shown }));
    }
    let mut uncounted = SecurityKey::p256();
    uncounted.counter = 0;
    let known = kept(&uncounted);
    judged(&known, &uncounted.answers(HOST, ORIGIN, &asked)).expect("one that never counts");
}

#[test]
fn a_registration_that_does_not_fit_makes_no_key() {
    let mut key = SecurityKey::p256();
    let asked = base64url(&ASKED);
    let tried = |client_data: &[u8], attestation: &[u8]| register(&site(), &ASKED, client_data, attestation);
    let made = key.creates(HOST, ORIGIN, &asked);
    let page = |kind, origin| client_data(kind, &asked, origin);
    assert_eq!(tried(&page("webauthn.get", ORIGIN), &made.attestation), Err(Refused::OtherCeremony));
    assert_eq!(tried(&page("webauthn.create", "https://evil.com"), &made.attestation), Err(Refused::OtherOrigin));
    assert_eq!(tried(&made.client_data, &key.creates("evil.com", ORIGIN, &asked).attestation), Err(Refused::OtherSite));
    assert_eq!(tried(&made.client_data, &[0; 40 << 10]), Err(Refused::TooLong));
    let assertion = key.answers(HOST, ORIGIN, &asked).authenticator_data;
    assert_eq!(tried(&made.client_data, &attestation(&assertion)), Err(Refused::Malformed), "without a key");
    key.flags = 0;
    assert_eq!(tried(&made.client_data, &attestation(&key.introduced(HOST))), Err(Refused::NobodyThere));
    key.flags = 1;
    key.credential_id = vec![1; 1024];
    assert_eq!(
        tried(&made.client_data, &attestation(&key.introduced(HOST))),
        Err(Refused::Malformed),
        "too long an id"
    );
    key.credential_id = vec![];
    assert_eq!(tried(&made.client_data, &attestation(&key.introduced(HOST))), Err(Refused::Malformed), "no id");
    key.credential_id = vec![1; 1023];
    tried(&made.client_data, &attestation(&key.introduced(HOST))).expect("the longest");

    // Of a map with two keys of one name, nobody knows which one counts.
    let twice = [made.attestation.as_slice(), &made.attestation[1..]].concat();
    let twice = [&[0xa6], &twice[1..]].concat();
    assert_eq!(tried(&made.client_data, &twice), Err(Refused::Malformed));
    assert_eq!(tried(&made.client_data, &map(&[])), Err(Refused::Malformed));
    // A list in a list in a list…
    assert_eq!(tried(&made.client_data, &[0x81; 20 << 10]), Err(Refused::Malformed));
    // A string that says it is longer than all memory.
    let endless = [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3];
    assert_eq!(tried(&made.client_data, &endless), Err(Refused::Malformed));
}

#[test]
fn a_key_of_another_kind_is_not_taken() {
    let good = SecurityKey::p256().public_key();
    let fits = |cose: &[u8]| {
        let shown = Assertion { client_data: &page(), authenticator_data: &said(), signature: &[1] };
        assert(&site(), &ASKED, Kept { public_key: cose, counter: 0 }, shown)
    };
    assert_eq!(fits(&good), Err(Refused::Signature));
    // Another algorithm (ES384), a curve that is not P-256, a point that is on none.
    for (at, byte) in [(4, 0x22), (6, 0x02), (12, good[12] ^ 1)] {
        let mut bad = good.clone();
        bad[at] = byte;
        assert!(matches!(fits(&bad), Err(Refused::UnfitKey | Refused::Malformed)), "{at}");
    }
    let rsa = |n: &[u8], e: &[u8]| {
        let string = |b: &[u8]| [&[0x59], &u16::try_from(b.len()).expect("short").to_be_bytes()[..], b].concat();
        map(&[(vec![1], vec![3]), (vec![3], vec![0x39, 1, 0]), (vec![0x20], string(n)), (vec![0x21], string(e))])
    };
    assert_eq!(fits(&rsa(&[0xff; 256], &[1, 0, 1])), Err(Refused::Signature));
    for (n, e) in [
        (vec![0xff; 128], vec![1, 0, 1]),
        (vec![0x7f; 256], vec![1, 0, 1]),
        (vec![0xff; 513], vec![1, 0, 1]),
        (vec![0xff; 256], vec![1]),
        (vec![0xff; 256], vec![2]),
        (vec![0xff; 256], vec![]),
        (vec![0xff; 256], vec![1; 5]),
    ] {
        assert_eq!(fits(&rsa(&n, &e)), Err(Refused::UnfitKey), "{} {e:?}", n.len());
    }
}

fn page() -> Vec<u8> {
    client_data("webauthn.get", &base64url(&ASKED), ORIGIN)
}

fn said() -> Vec<u8> {
    SecurityKey::p256().answers(HOST, ORIGIN, "").authenticator_data
}

impl SecurityKey {
    /// As a relay would have it: the page is ours and the key was asked for another site.
    fn answers_at(&self, host: &str, origin: &str, challenge: &str) -> Answered {
        let mut said = self.introduced(host);
        said.truncate(37);
        said[32] = 1;
        self.signs(said, client_data("webauthn.get", challenge, origin))
    }

    fn untouched(&self, host: &str, origin: &str, challenge: &str) -> Answered {
        let mut said = self.introduced(host);
        said.truncate(37);
        said[32] = VERIFIED;
        self.signs(said, client_data("webauthn.get", challenge, origin))
    }
}

/// A key that was registered, what it answered once, and what it was registered with.
type Honest = (Registered, Answered, Vec<u8>, Vec<u8>);

/// One of each kind.
static HONEST: LazyLock<Vec<Honest>> = LazyLock::new(|| {
    let keys = [SecurityKey::p256(), SecurityKey::ed25519(), SecurityKey::rsa()];
    let each = keys.into_iter().map(|mut key| {
        let made = key.creates(HOST, ORIGIN, &base64url(&ASKED));
        let (known, shown) = (kept(&key), key.answers(HOST, ORIGIN, &base64url(&ASKED)));
        (known, shown, made.client_data, made.attestation)
    });
    each.collect()
});

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let bit = bit % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // Clauses: SEC-2
    #[test]
    fn one_bit_off_is_refused(of in 0_usize..3, part in 0_usize..3, bit in any::<usize>()) {
        let (known, honest, ..) = &HONEST[of];
        let mut shown = honest.clone();
        match part {
            0 => shown.client_data = flipped(&shown.client_data, bit),
            1 => shown.authenticator_data = flipped(&shown.authenticator_data, bit),
            _ => shown.signature = flipped(&shown.signature, bit),
        }
        prop_assert!(judged(known, honest).is_ok());
        prop_assert!(judged(known, &shown).is_err());
    }

    #[test]
    fn what_is_cut_short_is_refused(of in 0_usize..3, part in 0_usize..5, at in any::<prop::sample::Index>()) {
        let (known, honest, asked, made) = &HONEST[of];
        let cut = |bytes: &[u8]| bytes[..at.index(bytes.len())].to_vec();
        let mut shown = honest.clone();
        match part {
            0 => shown.client_data = cut(&shown.client_data),
            1 => shown.authenticator_data = cut(&shown.authenticator_data),
            2 => shown.signature = cut(&shown.signature),
            3 => prop_assert!(register(&site(), &ASKED, &cut(asked), made).is_err()),
            _ => prop_assert!(register(&site(), &ASKED, asked, &cut(made)).is_err()),
        }
        prop_assert!(part > 2 || judged(known, &shown).is_err());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400), of in 0_usize..3, at in any::<prop::sample::Index>()) {
        let (known, honest, asked, made) = &HONEST[of];
        prop_assert!(register(&site(), &ASKED, asked, &bytes).is_err());
        prop_assert!(register(&site(), &ASKED, &bytes, made).is_err());
        let key = Kept { public_key: &bytes, counter: 0 };
        let shown = Assertion { client_data: &honest.client_data, authenticator_data: &honest.authenticator_data, signature: &honest.signature };
        prop_assert!(assert(&site(), &ASKED, key, shown).is_err());
        // In the middle of something honest.
        let mut spliced = made.clone();
        let at = at.index(spliced.len());
        let end = (at + bytes.len()).min(spliced.len());
        spliced.splice(at..end, bytes);
        let _ = register(&site(), &ASKED, asked, &spliced);
        prop_assert!(judged(known, honest).is_ok());
    }
}
