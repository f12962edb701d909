//! A phone with an authenticator app, as far as anybody sees it: it reads a secret and shows six digits.

use aws_lc_rs::hmac;
use benhan_domain::time::Instant;

pub struct Phone(hmac::Key);

impl Phone {
    /// The secret as text, base 32.
    pub fn reading(secret: &str) -> Self {
        let five = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base 32");
        let bits: String = secret.chars().map(|letter| format!("{:05b}", five(letter))).collect();
        let bytes = bits.as_bytes().chunks_exact(8);
        let bytes = bytes.map(|eight| u8::from_str_radix(std::str::from_utf8(eight).expect("digits"), 2));
        let bytes: Vec<u8> = bytes.map(|byte| byte.expect("a byte")).collect();
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes))
    }

    pub fn shows(&self, at: Instant) -> String {
        format!("{:06}", self.number(at))
    }

    /// A code that is none of those that count then.
    pub fn but_one_off(&self, at: Instant) -> String {
        let near: Vec<u32> = (-4..=4).map(|by| self.number(at.plus(by * 30_000_000))).collect();
        let free = (0..10).find(|digit| !near.contains(digit)).expect("nine codes at most");
        format!("{free:06}")
    }

    fn number(&self, at: Instant) -> u32 {
        let half_minute = u64::try_from(at.0 / 30_000_000).expect("after 1970");
        let tag = hmac::sign(&self.0, &half_minute.to_be_bytes());
        let tag = tag.as_ref();
        let from = usize::from(tag[19] % 16);
        let word = u32::from_be_bytes(tag[from..from + 4].try_into().expect("four bytes"));
        (word % (1 << 31)) % 1_000_000
    }
}
