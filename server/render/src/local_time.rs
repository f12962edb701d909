//! Instants (µs UTC) as a Vietnamese sheet writes them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use typst::foundations::Datetime;
use typst_pdf::Timestamp as PdfTimestamp;

use crate::error::RenderError;

/// Minutes east of Greenwich in Asia/Ho_Chi_Minh since 13 June 1975, without summer time. Taken as a constant and not
/// from the machine's zone files: the same input must give the same bytes anywhere.
const MINUTES_EAST: i32 = 7 * 60;

/// The wall clock in Việt Nam at an instant.
pub(crate) fn local(micros: i64) -> Result<DateTime, RenderError> {
    let instant = Timestamp::from_microsecond(micros).map_err(|_| RenderError::NotPrintable("an instant"))?;
    let offset = Offset::from_seconds(MINUTES_EAST * 60).map_err(|_| RenderError::NotPrintable("an instant"))?;
    let at = instant.to_zoned(TimeZone::fixed(offset)).datetime();
    if (1..=9999).contains(&at.year()) { Ok(at) } else { Err(RenderError::NotPrintable("an instant")) }
}

/// `07:05`
pub(crate) fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `07:05 17/11/2026`
pub(crate) fn clock_and_date(at: DateTime) -> String {
    format!("{} {}", clock(at), date(at.date()))
}

/// `17/11/2026`
pub(crate) fn date(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// `17/11`
pub(crate) fn day_and_month(day: Date) -> String {
    format!("{:02}/{:02}", day.day(), day.month())
}

/// The creation date of a PDF, with its zone.
pub(crate) fn pdf_date(at: DateTime) -> Option<PdfTimestamp> {
    let part = |n: i8| u8::try_from(n).ok();
    let (day, time) = (at.date(), at.time());
    let stamp = Datetime::from_ymd_hms(
        day.year().into(),
        part(day.month())?,
        part(day.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
    )?;
    PdfTimestamp::new_local(stamp, MINUTES_EAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_viet_nam() {
        let before =
            local(1_700_000_000_000_000 - 1_700_000_000_000_000 % 86_400_000_000 + 17 * 3_600_000_000 - 1).unwrap();
        let after = local(1_700_000_000_000_000 - 1_700_000_000_000_000 % 86_400_000_000 + 17 * 3_600_000_000).unwrap();
        assert_eq!(clock_and_date(before), "23:59 14/11/2023");
        assert_eq!(clock_and_date(after), "00:00 15/11/2023");
    }

    #[test]
    fn instants_beyond_the_calendar_are_refused() {
        for micros in [i64::MIN, i64::MAX, -99_999_999_999_999_999] {
            assert!(matches!(local(micros), Err(RenderError::NotPrintable(_))), "{micros}");
        }
        assert!(local(0).is_ok());
    }
}
