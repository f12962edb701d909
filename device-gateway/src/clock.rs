//! Device times: HL7 TS and ASTM date-time to instants.
//!
//! A time without a zone is in the device's zone. A date without a time of day is no instant: when in doubt
//! there is none, and the server says so to a person.

use benhan_contract::Micros;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `YYYYMMDDHHMM[SS[.ffff]][+ZZZZ]`; nothing if it is not at least exact to the minute.
pub fn parse(text: &[u8], zone: &TimeZone) -> Option<Micros> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let (civil, offset) = match text.find(['+', '-']) {
        Some(at) => (text.get(..at)?, Some(text.get(at..)?)),
        None => (text, None),
    };
    let (digits, fraction) = civil.split_once('.').unwrap_or((civil, ""));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 12 | 14) {
        return None;
    }
    let second = if digits.len() == 14 { number(digits, 12, 14)? } else { 0 };
    let at = DateTime::new(
        i16::try_from(number(digits, 0, 4)?).ok()?,
        small(digits, 4)?,
        small(digits, 6)?,
        small(digits, 8)?,
        small(digits, 10)?,
        i8::try_from(second).ok()?,
        nanoseconds(fraction)?,
    )
    .ok()?;
    let zone = match offset {
        Some(offset) => fixed(offset)?,
        None => zone.clone(),
    };
    let zoned = at.to_zoned(zone).ok()?;
    Some(zoned.timestamp().as_microsecond())
}

/// MSH-7 of an answer: `YYYYMMDDHHMMSS+ZZZZ`.
pub fn format(at: Micros, zone: &TimeZone) -> String {
    jiff::Timestamp::from_microsecond(at)
        .map(|timestamp| timestamp.to_zoned(zone.clone()).strftime("%Y%m%d%H%M%S%z").to_string())
        .unwrap_or_default()
}

fn number(digits: &str, from: usize, to: usize) -> Option<i64> {
    digits.get(from..to)?.parse().ok()
}

fn small(digits: &str, from: usize) -> Option<i8> {
    digits.get(from..from + 2)?.parse().ok()
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

/// `+0700`, `-0330`
fn fixed(offset: &str) -> Option<TimeZone> {
    let (sign, digits) = offset.split_at_checked(1)?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.get(..2)?.parse::<i32>().ok()? * 3600 + digits.get(2..)?.parse::<i32>().ok()? * 60;
    let seconds = if sign == "-" { -seconds } else { seconds };
    jiff::tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hanoi() -> TimeZone {
        TimeZone::get("Asia/Ho_Chi_Minh").unwrap()
    }

    #[test]
    fn a_time_without_a_zone_is_the_devices_own() {
        assert_eq!(parse(b"20261122203000", &hanoi()), parse(b"202611221330+0000", &hanoi()));
        assert_eq!(parse(b"20261122203000.5", &hanoi()), Some(1_795_354_200_500_000));
    }

    #[test]
    fn what_is_not_an_instant_is_none() {
        for text in ["", "20261122", "2026112220", "20261322203000", "2026112220300a", "20261122203000+07"] {
            assert_eq!(parse(text.as_bytes(), &hanoi()), None, "{text}");
        }
    }

    #[test]
    fn answers_state_their_zone() {
        assert_eq!(format(1_795_354_200_000_000, &hanoi()), "20261122203000+0700");
    }
}
