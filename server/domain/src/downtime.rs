//! The downtime kit of a ward (bộ hồ sơ dự phòng): when a new one is due, how old one may be, and what locks it.

use crate::time::{Instant, MINUTE};

/// How often a kit is made where nobody says otherwise.
pub const EVERY_MINUTES: i64 = 15;
/// A ward's kits older than this many intervals are behind: somebody must look.
const BEHIND: i64 = 3;

/// How often, in µs; never more often than once a minute.
pub fn interval(every_minutes: i64) -> i64 {
    every_minutes.clamp(1, 24 * 60).saturating_mul(MINUTE)
}

/// A new kit is due: none yet, the last one has its age, or it is locked with a password that no longer holds.
pub fn due(made: Option<Instant>, password_set: Instant, now: Instant, every_minutes: i64) -> bool {
    // One made in the future is of a clock that was put right since.
    made.is_none_or(|made| made < password_set || made > now || now.since(made) >= interval(every_minutes))
}

/// Until when whoever reads a kit may expect a newer one: two intervals, for the making and the fetching.
pub fn trusted_until(made: Instant, every_minutes: i64) -> Instant {
    made.plus(interval(every_minutes).saturating_mul(2))
}

/// Newer ones should have come long ago.
pub fn is_behind(made: Instant, now: Instant, every_minutes: i64) -> bool {
    now.since(made) > interval(every_minutes).saturating_mul(BEHIND)
}

/// What a kit's file is called for a ward of this code, on any computer's file system.
pub fn file_name(ward_code: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("du-phong-{}.pdf", ward_code.chars().map(plain).collect::<String>())
}

const LEAST: usize = 12;
const MOST: usize = 64;

/// What a ward types to open its kit: signs that every keyboard has, and enough of them, for the locked file lies on
/// computers where anybody may try as often as they like.
pub fn check_password(password: &str) -> Result<(), String> {
    if !password.chars().all(|c| c.is_ascii_graphic() || c == ' ') || password.trim() != password {
        return Err("Mật khẩu chỉ dùng chữ không dấu, chữ số và dấu trên bàn phím, không cách ở đầu và cuối: máy nào cũng gõ được".to_owned());
    }
    let length = password.chars().count();
    if !(LEAST..=MOST).contains(&length) {
        return Err(format!("Mật khẩu có từ {LEAST} đến {MOST} ký tự: tệp nằm ở máy khoa, ai cũng thử được"));
    }
    let mut distinct: Vec<char> = password.to_ascii_lowercase().chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 6 {
        return Err("Mật khẩu quá dễ đoán: dùng ít nhất 6 ký tự khác nhau".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SECOND;

    const NOON: Instant = Instant(1_795_309_200_000_000);

    #[test]
    fn a_kit_is_due_by_its_age_or_its_password() {
        let later = |minutes: i64| NOON.plus(minutes * MINUTE);
        assert!(due(None, NOON, NOON, 15), "at once where there is none");
        assert!(!due(Some(NOON), NOON, NOON.plus(15 * MINUTE - SECOND), 15));
        assert!(due(Some(NOON), NOON, later(15), 15));
        assert!(due(Some(NOON), later(1), later(2), 15), "the password is a new one");
        assert!(due(Some(later(60)), NOON, later(1), 15), "the clock was put back");
        assert!(!is_behind(NOON, later(45), 15));
        assert!(is_behind(NOON, later(46), 15));
        assert_eq!(trusted_until(NOON, 15), later(30));
        assert_eq!(interval(0), MINUTE);
    }

    #[test]
    fn a_file_name_is_one_everywhere() {
        assert_eq!(file_name("NOI"), "du-phong-NOI.pdf");
        assert_eq!(file_name("../Hồi sức:1"), "du-phong-___H_i_s_c_1.pdf");
    }

    #[test]
    fn a_password_is_long_and_typed_on_any_keyboard() {
        assert!(check_password("khoa noi 2026!").is_ok());
        for refused in ["ngan-qua-1", "mật khẩu của khoa", " khoa noi 2026", "aaaaaaaaaaaa", &"ab1".repeat(30)] {
            assert!(check_password(refused).is_err(), "{refused}");
        }
    }
}
