//! What waits for a person at a gateway or bridge: when one of them is silent, what may be taken back, what a text may be.

use crate::time::{Instant, MINUTE, SECOND};
use serde::{Deserialize, Serialize};

/// It reports each minute; after this long something is wrong with it or the way to it.
pub const SILENT_AFTER: i64 = 3 * MINUTE;
/// "Seen" takes an item off the only list it is on, so it waits this long for a second thought.
const SECOND_THOUGHT: i64 = 10 * SECOND;

/// What a person decides about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Send it to the server again.
    Again,
    /// It leaves the list; its bytes stay.
    Seen,
}

impl Choice {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Seen => "seen",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Again, Self::Seen].into_iter().find(|choice| choice.as_str() == text)
    }

    /// Until when it may be taken back: nobody has heard of it before.
    pub fn held_until(self, chosen: Instant) -> Instant {
        match self {
            Self::Again => chosen,
            Self::Seen => chosen.plus(SECOND_THOUGHT),
        }
    }
}

/// Has said nothing for too long.
pub fn is_silent(reported: Instant, now: Instant) -> bool {
    now.since(reported) > SILENT_AFTER
}

/// A line of text from another program: bounded, one line, nothing that hides.
pub fn is_line(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.contains(char::is_control)
}

/// A word that programs know things by: `message-refused`, `message:0193…`.
pub fn is_word(text: &str, longest: usize) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.' | b'_');
    !text.is_empty() && text.len() <= longest && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_may_be_taken_back_for_a_moment_and_again_is_on_its_way_at_once() {
        let now = Instant(0);
        assert_eq!(Choice::Again.held_until(now), now);
        assert_eq!(Choice::Seen.held_until(now), Instant(10 * SECOND));
        assert_eq!([Choice::parse("again"), Choice::parse("drop")], [Some(Choice::Again), None]);
    }

    #[test]
    fn a_missed_report_or_two_is_no_silence() {
        assert!(!is_silent(Instant(0), Instant(2 * MINUTE + 30 * SECOND)));
        assert!(is_silent(Instant(0), Instant(3 * MINUTE + SECOND)));
        assert!(!is_silent(Instant(5), Instant(0)), "a clock set back");
    }

    #[test]
    fn texts_of_other_programs_are_bounded_and_plain() {
        assert!(is_line("Cổng khoa Nội", 64) && !is_line("a\nb", 64) && !is_line("ấấấ", 2));
        assert!(is_word("instance:00ff", 80) && !is_word("", 80) && !is_word("a b", 80) && !is_word("ấ", 80));
    }
}
