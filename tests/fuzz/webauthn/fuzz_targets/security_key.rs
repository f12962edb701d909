//! Whatever a browser brings is answered: any bytes, and an honest key's with something done to them. An assertion holds as
//! it was signed and in no other way; a registration that still holds names the key that is in it.
#![no_main]

#[path = "../../record/fuzz_targets/edited.rs"]
mod edited;
#[expect(dead_code, reason = "the stories use more of it")]
#[path = "../../../../server/webauthn/tests/it/pretended.rs"]
mod pretended;

use benhan_webauthn::{Assertion, CHALLENGE, Kept, Registered, Site, assert, challenge_of, register};
use edited::edited;
use libfuzzer_sys::fuzz_target;
use pretended::{Answered, Created, SecurityKey, base64url};
use std::sync::LazyLock;

const HOST: &str = "benhan.bvx.vn";
const ASKED: [u8; CHALLENGE] = [7; CHALLENGE];

static SITE: LazyLock<Site> = LazyLock::new(|| Site::parse("https://benhan.bvx.vn").expect("a site"));
static HONEST: LazyLock<Vec<(Created, Registered, Answered)>> = LazyLock::new(|| {
    let each = [SecurityKey::p256(), SecurityKey::ed25519(), SecurityKey::rsa()].into_iter().map(|mut key| {
        let made = key.creates(HOST, SITE.origin(), &base64url(&ASKED));
        let known = register(&SITE, &ASKED, &made.client_data, &made.attestation).expect("registered");
        let shown = key.answers(HOST, SITE.origin(), &base64url(&ASKED));
        assert!(holds(&known, &shown), "as it was signed");
        (made, known, shown)
    });
    each.collect()
});

fn holds(known: &Registered, shown: &Answered) -> bool {
    let key = Kept { public_key: &known.public_key, counter: known.counter };
    let shown = Assertion {
        client_data: &shown.client_data,
        authenticator_data: &shown.authenticator_data,
        signature: &shown.signature,
    };
    assert(&SITE, &ASKED, key, shown).is_ok()
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, input)) = input.split_first() else { return };
    let (made, known, honest) = &HONEST[usize::from(choice) % HONEST.len()];
    let _ = challenge_of(input);
    let _ = register(&SITE, &ASKED, &made.client_data, input);
    let garbled = Registered { public_key: edited(&known.public_key, input), ..known.clone() };
    let _ = holds(&garbled, honest);
    let attestation = edited(&made.attestation, input);
    if let Ok(other) = register(&SITE, &ASKED, &made.client_data, &attestation) {
        let inside = |part: &[u8]| attestation.windows(part.len()).any(|window| window == part);
        assert!(inside(&other.credential_id) && inside(&other.public_key));
    }
    let mut shown = honest.clone();
    let part = match choice / 3 % 3 {
        0 => &mut shown.client_data,
        1 => &mut shown.authenticator_data,
        _ => &mut shown.signature,
    };
    let before = part.clone();
    *part = edited(part, input);
    let same = *part == before;
    // The two halves of a signature on a curve may be written in two ways, which tells nobody the key.
    let signature = choice / 3 % 3 == 2;
    assert!(same || signature || !holds(known, &shown), "nobody knows the key");
});
