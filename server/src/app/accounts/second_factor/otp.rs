//! The code that a phone shows: HOTP (RFC 4226) over half minutes (RFC 6238), six digits.

use aws_lc_rs::hmac;
use benhan_domain::second_factor::Step;

/// Bytes of a secret, as RFC 4226 recommends.
pub const SECRET: usize = 20;

const DIGITS: u32 = 1_000_000;

/// SHA-1 inside HMAC is what authenticator apps speak: most ignore that a code was offered with another hash and then show
/// codes that never fit. Its broken collision resistance is nothing that HMAC rests on.
pub fn code(secret: &[u8], step: Step) -> u32 {
    truncated(secret, step) % DIGITS
}

fn truncated(secret: &[u8], step: Step) -> u32 {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret), &step.0.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 15);
    let four = tag.iter().skip(offset).take(4);
    four.fold(0, |word: u32, byte| (word << 8) | u32::from(*byte)) & 0x7fff_ffff
}

/// The step of which this is the code, if it is one that counts now.
pub fn accepted(secret: &[u8], now: Step, typed: u32) -> Option<Step> {
    now.accepted().find(|step| code(secret, *step) == typed)
}

/// Base 32 (RFC 4648) of a secret: what a phone takes, typed or in the picture.
pub fn base32(secret: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let groups = secret.chunks(5).flat_map(|five| {
        let word = five.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        (0..8_u32).rev().filter_map(move |place| usize::try_from((word >> (5 * place)) & 31).ok())
    });
    groups.filter_map(|letter| ALPHABET.get(letter)).map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET_OF_THE_RFC: &[u8] = b"12345678901234567890";

    // Clauses: SEC-2
    #[test]
    fn rfc_4226_appendix_d() {
        let shown = [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (count, code_of) in (0..).zip(shown) {
            assert_eq!(code(SECRET_OF_THE_RFC, Step(count)), code_of, "{count}");
        }
    }

    // Clauses: SEC-2
    #[test]
    fn rfc_6238_appendix_b() {
        // Eight digits there.
        for (seconds, code_of) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let step = Step::at(benhan_domain::time::Instant(seconds * 1_000_000));
            assert_eq!(truncated(SECRET_OF_THE_RFC, step) % 100_000_000, code_of, "{seconds}");
        }
    }

    #[test]
    fn the_secret_is_written_as_phones_take_it() {
        assert_eq!(base32(SECRET_OF_THE_RFC), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_of_a_minute_ago_is_none() {
        let of = |step| code(SECRET_OF_THE_RFC, Step(step));
        for (step, counts) in [(8, false), (9, true), (10, true), (11, true), (12, false)] {
            assert_eq!(accepted(SECRET_OF_THE_RFC, Step(10), of(step)).is_some(), counts, "{step}");
        }
    }
}
