//! The second factor beside the password: who must have one, what a person types for it, which codes count, and what
//! somebody's security keys are called.
//!
//! A code is the number that a phone shows for thirty seconds (RFC 6238). How it comes from the secret, and what a security
//! key signs, is elsewhere.

use crate::access::Role;
use crate::time::{Instant, SECOND};

/// Seconds that one code stands.
const STEP: i64 = 30;
/// Codes that are good for one entry each, for the day on which the phone is lost.
pub const RECOVERY_CODES: usize = 10;
/// An offered secret that nobody confirmed is forgotten. Minutes.
pub const OFFER_MINUTES: i64 = 15;
/// Letters and digits that nobody takes for one another on paper.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const RECOVERY_LENGTH: usize = 10;

/// Security keys of one person: one about them, one in a drawer, one in each computer that they use.
pub const MOST_KEYS: usize = 10;
const KEY_NAME: usize = 60;

/// What its owner calls a security key, or what is wrong with it.
pub fn key_name(typed: &str) -> Result<String, &'static str> {
    let name = typed.trim();
    if name.is_empty() {
        return Err("Đặt tên để nhận ra khóa, ví dụ «Khóa USB màu xanh»");
    }
    if name.chars().count() > KEY_NAME || name.chars().any(char::is_control) {
        return Err("Tên khóa dài tối đa 60 chữ, trên một dòng");
    }
    Ok(name.to_owned())
}

/// How browsers may say that they reach a key. What else they say is left out: it only helps to find the key again.
pub fn transports(said: &[String]) -> Vec<String> {
    const KNOWN: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];
    KNOWN.iter().filter(|known| said.iter().any(|word| word == *known)).map(|known| (*known).to_owned()).collect()
}

/// A span of thirty seconds, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

impl Step {
    pub fn at(now: Instant) -> Self {
        Self(now.0.div_euclid(STEP.saturating_mul(SECOND)))
    }

    /// What a person may still type: the code of now, the one before (slow fingers), the next (a phone that is ahead).
    pub fn accepted(self) -> impl Iterator<Item = Self> {
        [0, -1, 1].into_iter().map(move |by| Self(self.0.saturating_add(by)))
    }

    /// Where a phone's clock may be that is off by up to an hour, the nearest first.
    pub fn near(self) -> impl Iterator<Item = Self> {
        (2..=120).flat_map(move |by: i64| [by.saturating_neg(), by]).map(move |by| Self(self.0.saturating_add(by)))
    }

    /// Whole minutes that a phone is ahead (or, negative, behind) whose code is of this step.
    pub fn minutes_ahead(self, now: Self) -> i64 {
        self.0.saturating_sub(now.0).saturating_mul(STEP) / 60
    }
}

/// What a person typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Six digits from the phone.
    Code(u32),
    /// One of the codes on paper, without its hyphen.
    Recovery(String),
}

impl Typed {
    /// Spaces and hyphens are how people read codes out; they mean nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 32 {
            return None;
        }
        let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if bare.len() == 6 && bare.bytes().all(|b| b.is_ascii_digit()) {
            return bare.parse().ok().map(Self::Code);
        }
        let bare = bare.to_ascii_uppercase();
        let known = bare.len() == RECOVERY_LENGTH && bare.bytes().all(|b| ALPHABET.contains(&b));
        known.then_some(Self::Recovery(bare))
    }
}

/// A recovery code from random bytes, of which each gives one letter.
pub fn recovery_code(random: [u8; RECOVERY_LENGTH]) -> String {
    random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).map(|letter| char::from(*letter)).collect()
}

/// As it is printed: two groups of five.
pub fn printed(code: &str) -> String {
    match code.split_at_checked(RECOVERY_LENGTH / 2) {
        Some((one, two)) => format!("{one}-{two}"),
        None => code.to_owned(),
    }
}

/// Why somebody without a second factor may not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Their role needs one: the session is good for setting it up.
    Enrol,
    /// They come from outside. A stolen password must not be enough to set one up there.
    Outside,
}

/// What keeps somebody of this role out, who has no second factor.
pub fn missing(role: Role, needed: &[Role], outside: bool) -> Option<Missing> {
    if outside {
        return Some(Missing::Outside);
    }
    needed.contains(&role).then_some(Missing::Enrol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        assert_eq!(Typed::parse("287 082"), Some(Typed::Code(287_082)));
        assert_eq!(Typed::parse("003-917"), Some(Typed::Code(3_917)));
        assert_eq!(Typed::parse(" abcde-fgh23 "), Some(Typed::Recovery("ABCDEFGH23".into())));
        for wrong in ["", "12345", "1234567", "ABCDE-FGHI1", "٣٤٥٦٧٨", "ABCDE-FGH23-2"] {
            assert_eq!(Typed::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_has_a_name_of_one_line() {
        assert_eq!(key_name("  Khóa USB xanh "), Ok("Khóa USB xanh".into()));
        for wrong in ["", "  ", "hai\ndòng", &"ă".repeat(61)] {
            assert!(key_name(wrong).is_err(), "{wrong}");
        }
        let said = ["usb", "quantum", "nfc", "usb"].map(str::to_owned);
        assert_eq!(transports(&said), ["nfc", "usb"]);
    }

    #[test]
    fn a_printed_recovery_code_is_the_one_that_is_read() {
        let code = recovery_code([0, 31, 32, 255, 7, 100, 200, 3, 4, 5]);
        assert_eq!(Typed::parse(&printed(&code)), Some(Typed::Recovery(code)));
    }

    #[test]
    fn a_code_counts_in_its_own_half_minute_and_its_neighbours() {
        let now = Step::at(Instant(59 * SECOND));
        assert_eq!(now, Step(1));
        assert_eq!(now.accepted().map(|s| s.0).collect::<Vec<_>>(), [1, 0, 2]);
        assert!(now.near().all(|near| now.accepted().all(|accepted| accepted != near)));
        assert_eq!(Step(11).minutes_ahead(now), 5);
        assert_eq!(Step(-9).minutes_ahead(now), -5);
    }

    // Clauses: SEC-2
    #[test]
    fn administrators_and_whoever_comes_from_outside_need_one() {
        let needed = [Role::Administrator];
        assert_eq!(missing(Role::Administrator, &needed, false), Some(Missing::Enrol));
        assert_eq!(missing(Role::Nurse, &needed, false), None);
        assert_eq!(missing(Role::Nurse, &needed, true), Some(Missing::Outside));
        assert_eq!(missing(Role::Administrator, &needed, true), Some(Missing::Outside));
    }
}
