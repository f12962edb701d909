//! Instants: µs UTC here, ASN.1 times, PDF dates and people's text elsewhere.

use std::time::Duration;

use der::Encode;
use der::asn1::{GeneralizedTime, UtcTime};
use jiff::tz::{Offset, TimeZone};
use x509_cert::time::Time;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// The year from which RFC 5280 writes GeneralizedTime: 2050-01-01.
const YEAR_2050: i64 = 2_524_608_000 * SECOND;

/// The RFC 5280 form of an instant, cut to the second.
pub(crate) fn to_time(at: i64) -> der::Result<Time> {
    let seconds = u64::try_from(at.div_euclid(SECOND)).map_err(|_| der::ErrorKind::DateTime)?;
    let since_1970 = Duration::from_secs(seconds);
    Ok(if at < YEAR_2050 {
        Time::UtcTime(UtcTime::from_unix_duration(since_1970)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_unix_duration(since_1970)?)
    })
}

pub(crate) fn from_time(time: Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_micros()).unwrap_or(i64::MAX)
}

/// The GeneralizedTime of a time stamp, cut to the second.
pub(crate) fn to_generalized(at: i64) -> der::Result<Vec<u8>> {
    let seconds = u64::try_from(at.div_euclid(SECOND)).map_err(|_| der::ErrorKind::DateTime)?;
    GeneralizedTime::from_unix_duration(Duration::from_secs(seconds))?.to_der()
}

/// The instant of a GeneralizedTime's text as RFC 3161 allows it: `20261122203105.25Z`, digits below
/// the µs dropped. `der` reads whole seconds only.
pub(crate) fn from_generalized(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !all_digits(whole) {
        return None;
    }
    let micros = match fraction {
        None => 0,
        // One form for one instant: no zeros at the end.
        Some(digits) if all_digits(digits) && digits.len() <= 9 && !digits.ends_with('0') => {
            format!("{digits:0<6}").get(..6)?.parse::<i64>().ok()?
        }
        Some(_) => return None,
    };
    let part = |from: usize| whole.get(from..from + 2)?.parse::<i8>().ok();
    let year = whole.get(..4)?.parse::<i16>().ok()?;
    let time = jiff::civil::DateTime::new(year, part(4)?, part(6)?, part(8)?, part(10)?, part(12)?, 0).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond() + micros)
}

fn zoned(at: i64, offset: Offset) -> Option<jiff::Zoned> {
    let timestamp = jiff::Timestamp::from_microsecond(at).ok()?;
    Some(timestamp.to_zoned(TimeZone::fixed(offset)))
}

fn format(at: i64, offset: Offset, pattern: &str) -> String {
    zoned(at, offset).map_or_else(|| at.to_string(), |time| time.strftime(pattern).to_string())
}

/// Vietnam keeps UTC+7 all year.
const VIETNAM: Offset = Offset::constant(7);

/// `22/11/2026 20:31:05 (giờ Việt Nam)`
pub(crate) fn vietnamese(at: i64) -> String {
    format(at, VIETNAM, "%d/%m/%Y %H:%M:%S (giờ Việt Nam)")
}

/// `2026-11-22 20:31:05 +07:00`
pub(crate) fn english(at: i64) -> String {
    format(at, VIETNAM, "%Y-%m-%d %H:%M:%S +07:00")
}

/// RFC 3339 in UTC, for machines.
pub(crate) fn rfc3339(at: i64) -> String {
    format(at, Offset::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

/// The instant of an RFC 3339 text, µs UTC.
pub(crate) fn from_rfc3339(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

/// ISO 32000-1 7.9.4, in Vietnamese time: `D:20261122203105+07'00'`.
pub(crate) fn to_pdf_date(at: i64) -> String {
    format(at, VIETNAM, "D:%Y%m%d%H%M%S+07'00'")
}

/// The instant of a PDF date; later parts may be missing, no zone is taken as UTC.
pub(crate) fn from_pdf_date(text: &str) -> Option<i64> {
    let text = text.strip_prefix("D:")?;
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let part = |from: usize, width: usize, missing: i8| match digits.get(from..from + width) {
        Some(part) => part.parse::<i8>().ok(),
        None => Some(missing),
    };
    let year = digits.get(0..4)?.parse::<i16>().ok()?;
    let time = jiff::civil::DateTime::new(
        year,
        part(4, 2, 1)?,
        part(6, 2, 1)?,
        part(8, 2, 0)?,
        part(10, 2, 0)?,
        part(12, 2, 0)?,
        0,
    )
    .ok()?;
    let utc = time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond();
    Some(utc - zone(text.get(digits.len()..)?)?)
}

/// µs east of UTC of `Z`, `+07'00'`, `-03'30` or nothing.
fn zone(text: &str) -> Option<i64> {
    let sign = match text.chars().next() {
        None | Some('Z') => return Some(0),
        Some('+') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let mut parts = text.get(1..)?.split('\'');
    let hours = parts.next()?.parse::<u8>().ok()?;
    let minutes = parts.next().filter(|part| !part.is_empty()).map_or(Some(0), |part| part.parse::<u8>().ok())?;
    Some(sign * (i64::from(hours) * 60 + i64::from(minutes)) * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_379_465 * SECOND; // 2026-11-22T20:31:05Z

    #[test]
    fn people_read_vietnamese_time() {
        assert_eq!(vietnamese(NOW), "23/11/2026 03:31:05 (giờ Việt Nam)");
        assert_eq!(rfc3339(NOW), "2026-11-22T20:31:05Z");
        assert_eq!(from_rfc3339("2026-11-22T20:31:05.000000Z"), Some(NOW));
        assert_eq!(from_rfc3339("yesterday"), None);
    }

    #[test]
    fn pdf_dates_round_trip_and_lenient_forms_are_read() {
        assert_eq!(from_pdf_date(&to_pdf_date(NOW)), Some(NOW));
        assert_eq!(from_pdf_date("D:20261122203105Z"), Some(NOW));
        assert_eq!(from_pdf_date("D:20261122"), Some(NOW - (20 * 3600 + 31 * 60 + 5) * SECOND));
        for bad in ["", "D:", "D:2026x", "D:20261122203105*", "20261122"] {
            assert_eq!(from_pdf_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_times_of_stamps_may_have_fractions() {
        let der = to_generalized(NOW + 7).unwrap();
        assert_eq!(der, [&[0x18, 15][..], b"20261122203105Z"].concat());
        for (text, at) in [
            ("20261122203105Z", Some(NOW)),
            ("20261122203105.25Z", Some(NOW + SECOND / 4)),
            ("20261122203105.000001Z", Some(NOW + 1)),
            ("20261122203105.0000009Z", Some(NOW)),
            ("20261122203105.50Z", None),
            ("20261122203105.Z", None),
            ("20261122203105", None),
            ("20261122203105+0700", None),
            ("20261322203105Z", None),
            ("202611222031Z", None),
            ("2026112220310+Z", None),
        ] {
            assert_eq!(from_generalized(text.as_bytes()), at, "{text}");
        }
    }

    #[test]
    fn certificates_use_generalized_time_from_2050() {
        assert!(matches!(to_time(NOW).unwrap(), Time::UtcTime(_)));
        assert!(matches!(to_time(YEAR_2050).unwrap(), Time::GeneralTime(_)));
        assert_eq!(from_time(to_time(NOW).unwrap()), NOW);
    }
}
