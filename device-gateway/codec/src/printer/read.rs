//! What a stored text says, by its instrument's layout. A text that does not fit is not read at all.

use super::frame::{Decoder, Found, GS};
use super::instrument::{Fixed, Form, Labelled};
use super::{Instrument, frame};
use crate::decimal::Decimal;
use crate::device_clock::DeviceTime;
use crate::reading::{NotAValue, Reading, Reported, Value};

/// Reads stored texts, one report for each.
#[must_use]
pub fn read(instrument: Instrument, mut bytes: &[u8]) -> Vec<Reported> {
    let mut reports = Vec::new();
    let mut decoder = Decoder::new(instrument);
    while let Some(found) = decoder.next(&mut bytes) {
        if let Found::Text(text) = found {
            let text = text.strip_prefix(&[frame::STX]).unwrap_or_default();
            let read = match instrument.form() {
                Form::Fixed(layout) => fixed(layout, text.strip_suffix(&[frame::ETX]).unwrap_or(text)),
                Form::Labelled(layout) => labelled(layout, text.strip_suffix(&[frame::ETX]).unwrap_or(text)),
                Form::Tagged => tagged(text),
            };
            reports.push(read.unwrap_or_else(|| {
                let mut report = Reported::default();
                report.set_aside("text", NotAValue::Malformed);
                report
            }));
        }
    }
    reports
}

fn reading(code: impl Into<String>, channel: &str, value: Value, unit: impl Into<String>) -> Reading {
    Reading {
        code: code.into(),
        channel: channel.to_owned(),
        metric: None,
        value,
        unit: unit.into().into(),
        flags: Vec::new(),
        questionable: false,
        spot: true,
        at: None,
    }
}

fn fixed(layout: &Fixed, text: &[u8]) -> Option<Reported> {
    if text.len() != layout.length || !text.starts_with(layout.head) {
        return None;
    }
    let mut report = Reported::default();
    let (place, sample) = layout.sample;
    let is_sample = *text.get(place)? == sample;
    let (at, length) = layout.specimen;
    let specimen = std::str::from_utf8(text.get(at..at + length)?).ok()?.trim();
    report.specimen = (is_sample && !specimen.is_empty()).then(|| specimen.to_owned());
    if !is_sample {
        // The text of a control is laid out otherwise.
        report.set_aside("control", NotAValue::Control);
        return Some(report);
    }
    for field in layout.fields {
        let (digits, flag) = (text.get(field.at..field.at + field.digits)?, *text.get(field.at + field.digits)?);
        match digits {
            [b'*', ..] => report.set_aside(field.code, NotAValue::Invalid),
            [b' ', ..] => report.set_aside(field.code, NotAValue::Absent),
            _ if digits.iter().all(u8::is_ascii_digit) => {
                let mantissa = Decimal::parse(digits)?.mantissa;
                let value = Value::Number(Decimal::new(mantissa, field.exponent));
                let mut reading = reading(field.code, "", value, field.unit);
                // What the other flags mean is not known twice: the value is shown with its doubt.
                reading.questionable = !matches!(flag, b'0' | b' ');
                reading.flags = reading.questionable.then(|| char::from(flag).to_string()).into_iter().collect();
                report.readings.push(reading);
            }
            // Something has slipped: no field can be trusted.
            _ => return None,
        }
    }
    Some(report)
}

fn labelled(layout: &Labelled, text: &[u8]) -> Option<Reported> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let (head, rest) = text.split_once('[')?;
    let (_material, rest) = rest.split_once(']')?;
    let mut head = head.split_ascii_whitespace();
    let at = date_and_time([2000, 0, 0], head.next()?, head.next()?);
    let mut report = Reported { at: Some(at?), ..Reported::default() };
    if head.next()? != layout.specimen {
        return None;
    }
    report.specimen = head.next().map(str::to_owned);
    let mut words = rest.split_ascii_whitespace();
    for code in layout.codes {
        if words.next()? != *code {
            return None;
        }
        let (number, unit) = (words.next()?, words.next()?);
        match Decimal::parse(number.as_bytes()) {
            Some(number) => report.readings.push(reading(*code, "", Value::Number(number), unit)),
            None => report.set_aside(*code, NotAValue::Malformed),
        }
    }
    for reading in &mut report.readings {
        reading.at = report.at;
    }
    (head.next().is_none() && words.next().is_none()).then_some(report)
}

/// `24/10/29` or `10/25/24` and `13:08`: year, month and day by the order of their bases, 2000 marking the year.
fn date_and_time(bases: [u16; 3], date: &str, time: &str) -> Option<DeviceTime> {
    let mut parts = date.split('/').map(|part| part.parse::<u8>().ok().filter(|_| part.len() == 2));
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    let (year, month, day) = match (bases, numbers) {
        ([2000, ..], [year, month, day]) | (_, [month, day, year]) => (2000 + u16::from(year), month, day),
    };
    let (hour, minute) = time.split_once(':')?;
    DeviceTime::new((year, month, day), (hour.parse().ok()?, minute.parse().ok()?, 0), 0)
}

/// Fields between record separators, each with a tag of two letters and a bar at its end.
fn tagged(text: &[u8]) -> Option<Reported> {
    let end = text.iter().position(|byte| *byte == GS)?;
    let text = std::str::from_utf8(text.get(..end)?).ok()?;
    let mut tags = Vec::new();
    for field in text.split('\u{1e}').filter(|field| !field.is_empty()) {
        let (tag, value) = field.strip_suffix('|')?.split_at_checked(2)?;
        tags.push((tag, value.trim()));
    }
    let get = |tag: &str| tags.iter().find(|(have, value)| *have == tag && !value.is_empty()).map(|(_, value)| *value);
    // Results; other messages carry none.
    if get("mt") != Some("rsl") {
        return None;
    }
    let at = get("td").zip(get("tt")).and_then(|(date, time)| date_and_time([0; 3], date, time));
    let owned = |tag| get(tag).map(str::to_owned);
    let mut report = Reported { at, patient: owned("pi"), specimen: owned("ci"), ..Reported::default() };
    let code = get("rt")?;
    let flags: Vec<String> = owned("nc").into_iter().collect();
    if let Some(quantity) = get("qn") {
        let number = Decimal::parse(quantity.as_bytes()).map(Value::Number);
        let value = number.unwrap_or_else(|| Value::Text(quantity.to_owned()));
        report.readings.push(reading(code, "qn", value, get("y3").unwrap_or_default()));
    }
    if let Some(quality) = get("ql") {
        report.readings.push(reading(code, "ql", Value::Text(quality.to_owned()), ""));
    }
    if report.readings.is_empty() {
        report.set_aside(code, NotAValue::Absent);
    }
    for reading in &mut report.readings {
        reading.at = at;
        reading.flags.clone_from(&flags);
    }
    Some(report)
}
