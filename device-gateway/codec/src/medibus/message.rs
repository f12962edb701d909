//! What stands in the data of an answer. Each answer is a list of records of one form; an answer with a
//! remainder is not read at all, for a byte may be missing anywhere before it.

use super::frame::hex;
use crate::decimal::Decimal;
use crate::device_clock::DeviceTime;

/// A code and the text of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub code: u8,
    pub text: &'a [u8],
}

/// Measured values: two digits of code, four characters.
pub(super) fn measured(data: &[u8]) -> Option<Vec<Field<'_>>> {
    let (records, []) = data.as_chunks::<6>() else { return None };
    records.iter().map(|[high, low, text @ ..]| Some(Field { code: hex([*high, *low])?, text })).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AlarmRecord<'a> {
    pub priority: u8,
    pub code: u8,
    pub phrase: &'a [u8],
}

/// Alarms: priority (1 to 31, plus 30H), two digits of code, a phrase of twelve characters.
pub(super) fn alarms(data: &[u8]) -> Option<Vec<AlarmRecord<'_>>> {
    let (records, []) = data.as_chunks::<15>() else { return None };
    records
        .iter()
        .map(|[priority, high, low, phrase @ ..]| {
            let priority = priority.checked_sub(b'0')?;
            Some(AlarmRecord { priority, code: hex([*high, *low])?, phrase })
        })
        .collect()
}

/// Texts: two digits of code, the length (1 to 32, plus 30H), the text, ETX.
pub(super) fn texts(mut data: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while let [high, low, length, rest @ ..] = data {
        let length = length.checked_sub(b'0').filter(|length| *length <= 32)?;
        let (text, [0x03, rest @ ..]) = rest.split_at_checked(usize::from(length))? else { return None };
        fields.push(Field { code: hex([*high, *low])?, text });
        data = rest;
    }
    data.is_empty().then_some(fields)
}

/// A number in its field: blanks for what is not there, a minus in front of the blanks.
pub(super) fn number(text: &[u8]) -> Option<Decimal> {
    let text = text.trim_ascii();
    match text {
        [b'-', digits @ ..] => {
            let digits = digits.trim_ascii_start();
            let Decimal { mantissa, exponent } = Decimal::parse(digits)?;
            (!digits.starts_with(b"-")).then_some(Decimal::new(-mantissa, exponent))
        }
        _ => Decimal::parse(text),
    }
}

/// `11:11:1911-NOV-93`; blanks for leading zeros, no seconds and a blank between on some devices.
pub(super) fn date_time(data: &[u8]) -> Option<DeviceTime> {
    let text = std::str::from_utf8(data).ok()?;
    let (rest, year) = text.rsplit_once('-')?;
    let (rest, month) = rest.rsplit_once('-')?;
    let month = month_of(month)?;
    let year: u16 = year.trim().parse().ok()?;
    let year = match year {
        0..70 => 2000 + year,
        70..100 => 1900 + year,
        whole => whole,
    };
    // The day's two places, and the clock in front of them.
    let (clock, day) = rest.split_at_checked(rest.len().checked_sub(2)?)?;
    let clock = clock.trim_end().trim_end_matches(':');
    let mut parts = clock.split(':').map(|part| part.trim().parse::<u8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().map_or(Some(0), |second| second)?;
    if parts.next().is_some() {
        return None;
    }
    DeviceTime::new((year, month, day.trim().parse().ok()?), (hour, minute, second), 0)
}

/// The month in three letters, German by the document, English on some devices.
fn month_of(text: &str) -> Option<u8> {
    const MONTHS: [[&str; 2]; 12] = [
        ["JAN", "JAN"],
        ["FEB", "FEB"],
        ["MAR", "MRZ"],
        ["APR", "APR"],
        ["MAI", "MAY"],
        ["JUN", "JUN"],
        ["JUL", "JUL"],
        ["AUG", "AUG"],
        ["SEP", "SEP"],
        ["OKT", "OCT"],
        ["NOV", "NOV"],
        ["DEZ", "DEC"],
    ];
    let index = MONTHS.iter().position(|names| names.iter().any(|name| text.trim().eq_ignore_ascii_case(name)))?;
    u8::try_from(index + 1).ok()
}

/// What stands between the apostrophes of a device identification, with its number before them.
pub(super) fn device_id(data: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(data).ok()?;
    let (number, rest) = text.split_at_checked(4)?;
    let (name, revision) = rest.strip_prefix('\'')?.rsplit_once('\'')?;
    Some(format!("Dräger {} {} {}", name.trim(), number.trim(), revision.trim()).trim().to_owned())
}
