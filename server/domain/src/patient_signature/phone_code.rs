//! A code that is sent to a phone and read back: another electronic confirmation (Circular 13/2025 Art. 3, Law 20/2023
//! Art. 22.4). It shows that whoever agrees holds that phone; who that is, the witness knows.

use crate::time::{Instant, MINUTE};
use std::fmt;

pub const STANDS_MINUTES: i64 = 5;
/// A code is given up after so many wrong ones.
pub const TRIES: u8 = 3;
const DIGITS: u32 = 1_000_000;

/// A mobile number of Vietnam, or any other with its country's code: digits, with a plus where it is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// As it is written: with spaces, dots or dashes, `0…` or `+84…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        let home = written.strip_prefix("+84").map(|rest| format!("0{rest}"));
        let number = home.unwrap_or(written);
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let fits = match number.strip_prefix('0') {
            Some(rest) => rest.len() == 9 && rest.starts_with(['3', '5', '7', '8', '9']),
            None => number.starts_with('+') && (8..=15).contains(&digits.len()),
        };
        (fits && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(number))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it may stand where more people look: the last three digits.
    #[must_use]
    pub fn masked(&self) -> String {
        let (_, end) = self.0.split_at(self.0.len().saturating_sub(3));
        format!("…{end}")
    }
}

/// Six digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PhoneCode(u32);

impl PhoneCode {
    /// Of random bits.
    #[must_use]
    pub fn of(random: u32) -> Self {
        Self(random % DIGITS)
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.split_whitespace().collect();
        let fits = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok().map(Self)).flatten()
    }

    #[must_use]
    pub fn digits(self) -> String {
        format!("{:06}", self.0)
    }
}

/// In no log.
impl fmt::Debug for PhoneCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneCode")
    }
}

/// Whether a code that was sent then may be given now.
#[must_use]
pub fn stands(sent_at: Instant, now: Instant) -> bool {
    (0..=STANDS_MINUTES.saturating_mul(MINUTE)).contains(&now.since(sent_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Clauses: C13-3
    #[test]
    fn a_number_is_one_however_it_is_written() {
        for written in ["0912345678", "+84912345678", "0912 345 678", "0912.345.678", "(0912) 345-678"] {
            let phone = Phone::parse(written).expect(written);
            assert_eq!((phone.as_str(), phone.masked().as_str()), ("0912345678", "…678"), "{written}");
        }
        assert_eq!(Phone::parse("+85620123456").expect("Laos").as_str(), "+85620123456");
        for none in [
            "",
            "113",
            "0243825531",
            "091234567",
            "09123456789",
            "0912345a78",
            "+",
            "+12",
            "84912345678",
            "０９１２３４５６７８",
        ] {
            assert_eq!(Phone::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_code_is_six_digits_and_stands_five_minutes() {
        assert_eq!(PhoneCode::of(u32::MAX).digits().len(), 6);
        assert_eq!(PhoneCode::parse(" 004 217 "), Some(PhoneCode::of(4_217)));
        for none in ["", "12345", "1234567", "12345x", "１２３４５６"] {
            assert_eq!(PhoneCode::parse(none), None, "{none}");
        }
        assert_eq!(format!("{:?}", PhoneCode::of(4_217)), "PhoneCode");
        let sent = Instant(0);
        assert!(stands(sent, sent) && stands(sent, sent.plus(5 * MINUTE)));
        assert!(!stands(sent, sent.plus(5 * MINUTE + 1)) && !stands(sent, sent.plus(-1)), "a clock that was set back");
    }
}
