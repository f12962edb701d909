//! One OBX: a reading, or something to set aside.

use super::super::devices::Reader;
use super::super::set_aside::{is_impossible, is_sentinel};
use super::super::settle::settle;
use super::super::value::{number, structured};
use super::super::{MOST_LINES, MOST_PARTS};
use super::Words;
use crate::profile::{Place, Said};
use benhan_contract::{Comparator, Micros, Reading, ReadingStatus, ReadingValue};
use benhan_device_codec::hl7::{Field, Segment};
use benhan_device_codec::ieee11073;

pub enum Observed {
    Reading(Box<Reading>),
    Aside { code: String, value: String, why: &'static str },
}

/// OBX-3 taken apart; an IEEE 11073 code is decimal and of system `MDC`, however it came.
struct Code {
    code: String,
    name: String,
    system: String,
    metric: Option<&'static ieee11073::Metric>,
}

pub fn observe(
    segment: Segment<'_>,
    reader: &Reader,
    words: Words,
    ordered_at: Option<Micros>,
    said: &impl Said,
) -> Observed {
    let fields = segment.first::<20>();
    let [_, kind, identifier, channel, value, unit, range, flags, ..] = fields;
    let [.., status10, status11, _, _, time, _, _, method, _, _, _] = fields;
    let code = own_code(reader, said, identifier, words).unwrap_or_else(|| code(identifier, words));
    let flags: Vec<String> = flags
        .repetitions()
        .take(MOST_PARTS)
        .map(|flag| words.of(flag.component(1)))
        .filter(|flag| !flag.is_empty())
        .collect();
    let text = words.of(value);
    let why = |why| Observed::Aside { code: code.code.clone(), value: text.clone(), why };

    if code.system == "MDIL-ALERT" {
        return why("alert");
    }
    match kind.trimmed() {
        b"ED" | b"RP" => return why("attachment"),
        b"NA" | b"MA" => return why("waveform"),
        _ => {}
    }
    if matches!(words.of(identifier.component(6)).as_str(), "S_OTHER" | "S_RAW") {
        return why("supplemental");
    }
    if flags.iter().any(|flag| flag.eq_ignore_ascii_case("DEMO")) {
        return why("demo");
    }
    let status = match status_of(status10, status11) {
        Ok(status) => status,
        Err(reason) => return why(reason),
    };
    if text.is_empty() {
        return why("empty");
    }
    if is_sentinel(&text, &reader.profile.not_a_value) {
        return why("sentinel");
    }
    let Some(value) = read_value(kind, value, &unit, reader, words) else {
        return why("empty");
    };
    let (unit, ucum) = read_unit(unit, reader, words);
    if code.metric.is_some() && is_impossible(&value, ucum.as_deref()) {
        return why("implausible");
    }
    let loinc = loinc(&code, ucum.as_deref());
    let spot = code.metric.is_some_and(|metric| matches!(metric.code, 150_021..=150_023 | 150_301..=150_303));
    let mut reading = Box::new(Reading {
        loinc,
        channel: words.of(channel),
        value,
        unit,
        ucum,
        reference_range: words.of(range),
        flags,
        status,
        effective_at: measured_at(reader, said, time).or(ordered_at),
        aperiodic: spot || method.raw().windows(9).any(|part| part == b"APERIODIC"),
        comments: Vec::new(),
        code: code.code,
        name: code.name,
        system: code.system,
    });
    match settle(&mut reading, &reader.profile) {
        Ok(()) => Observed::Reading(reading),
        Err(reason) => Observed::Aside { code: reading.code, value: text, why: reason },
    }
}

/// OBX-14; or where the profile looks for it, and then nowhere else but at the order.
fn measured_at(reader: &Reader, said: &impl Said, usual: Field<'_>) -> Option<Micros> {
    let mut own = reader.profile.time.iter().filter(|place| !place.is_astm()).peekable();
    if own.peek().is_none() {
        return reader.time(usual.component(1).trimmed());
    }
    own.find_map(|place| said.said(place).iter().find_map(|text| reader.time(text.as_bytes())))
}

/// The code where the profile says that it stands; its name is what OBX-3 has.
fn own_code(reader: &Reader, said: &impl Said, identifier: Field<'_>, words: Words) -> Option<Code> {
    let places = reader.profile.code.iter().filter(|place| !place.is_astm());
    let found = places.filter_map(|place: &Place| said.said(place).into_iter().next()).next()?;
    let name = [2, 1].map(|part| words.of(identifier.component(part))).into_iter().find(|name| !name.is_empty());
    Some(Code { code: found, name: name.unwrap_or_default(), system: String::new(), metric: None })
}

fn code(identifier: Field<'_>, words: Words) -> Code {
    let part = |number: usize| words.of(identifier.component(number));
    let (code, name, system) = (part(1), part(2), part(3));
    // Some hosts leave the first triplet empty and use the alternate one.
    let (code, name, system) =
        if code.is_empty() && !part(4).is_empty() { (part(4), part(5), part(6)) } else { (code, name, system) };
    let is_ieee =
        matches!(system.as_str(), "MDC" | "MDIL") || (system.is_empty() && code.len() == 9 && code.contains('-'));
    match ieee11073::parse_code(code.as_bytes()).filter(|_| is_ieee) {
        Some(number) => {
            Code { code: number.to_string(), name, system: "MDC".to_owned(), metric: ieee11073::metric(number) }
        }
        None => Code { code, name, system, metric: None },
    }
}

/// OBX-11, or OBX-10 where a device is one bar short. `Err`: never a value for a chart.
fn status_of(ten: Field<'_>, eleven: Field<'_>) -> Result<ReadingStatus, &'static str> {
    let status = if eleven.is_empty() && matches!(ten.trimmed(), b"F" | b"P" | b"C") { ten } else { eleven };
    match status.trimmed() {
        b"F" | b"U" => Ok(ReadingStatus::Final),
        b"C" => Ok(ReadingStatus::Corrected),
        b"P" | b"S" => Ok(ReadingStatus::Preliminary),
        b"X" | b"I" | b"O" | b"N" => Err("not-final"),
        b"D" | b"W" => Err("deleted"),
        _ => Ok(ReadingStatus::Unverified),
    }
}

fn read_value(
    kind: Field<'_>,
    value: Field<'_>,
    unit: &Field<'_>,
    reader: &Reader,
    words: Words,
) -> Option<ReadingValue> {
    let comma = reader.profile.decimal_comma;
    let text = words.of(value);
    let plain = || Some(ReadingValue::Text { text: text.clone() }).filter(|_| !text.is_empty());
    match kind.trimmed() {
        b"NM" => number(&text, comma).or_else(plain),
        b"SN" => {
            let parts = [1, 2, 3, 4].map(|part| words.of(value.component(part)));
            structured([&parts[0], &parts[1], &parts[2], &parts[3]], comma).or_else(plain)
        }
        b"CE" | b"CWE" | b"CNE" | b"CF" => coded(value, words),
        b"TX" | b"FT" => {
            let lines: Vec<String> = value.repetitions().take(MOST_LINES).map(|line| words.of(line)).collect();
            Some(ReadingValue::Text { text: lines.join("\n").trim().to_owned() }).filter(|_| !text.is_empty())
        }
        // A number with a unit is a number, whatever type the device gives it.
        _ if !unit.is_empty() => number(&text, comma).or_else(plain),
        _ => plain(),
    }
}

/// Without code and text there is no value: `^^99ROC` names a system and says nothing.
fn coded(value: Field<'_>, words: Words) -> Option<ReadingValue> {
    let [code, text, system] = [1, 2, 3].map(|part| words.of(value.component(part)));
    if code.is_empty() && text.is_empty() {
        return None;
    }
    Some(ReadingValue::Coded { code, text, system })
}

/// The unit as sent (its readable part) and in UCUM.
fn read_unit(unit: Field<'_>, reader: &Reader, words: Words) -> (String, Option<String>) {
    let [code, name, system] = [1, 2, 3].map(|part| words.of(unit.component(part)));
    // `10^9/L` with its sign not escaped is no code with a name.
    let is_power = code.ends_with("10") && system.is_empty() && name.starts_with(|first: char| first.is_ascii_digit());
    let (code, name) = if is_power { (format!("{code}^{name}"), String::new()) } else { (code, name) };
    let sent = if matches!(system.as_str(), "MDC" | "MDIL") && !name.is_empty() { &name } else { &code };
    let by_number = ieee11073::parse_code(code.as_bytes()).and_then(ieee11073::unit);
    let by_name = ieee11073::unit_named(&name).or_else(|| ieee11073::unit_named(&code));
    let ucum = match system.as_str() {
        "UCUM" => Some(code.clone()),
        "MDC" | "MDIL" => match (by_number, by_name) {
            // kPa by number and mmHg by name is neither: whoever converts it must not guess.
            (Some(number), Some(name)) if number != name => None,
            (number, name) => number.or(name).map(str::to_owned),
        },
        _ => reader.profile.ucum(&code).map(str::to_owned),
    };
    (sent.clone(), ucum.filter(|ucum| !ucum.is_empty()))
}

/// By the nomenclature, and only where the unit is one that the code is measured in.
fn loinc(code: &Code, ucum: Option<&str>) -> Option<String> {
    let metric = code.metric?;
    let convertible = [("Cel", "[degF]"), ("mm[Hg]", "kPa")].contains(&(metric.ucum, ucum?));
    (ucum == Some(metric.ucum) || convertible).then_some(metric.loinc).flatten().map(str::to_owned)
}

/// A value as one text, for the list of what was set aside.
pub fn plain(value: &ReadingValue) -> String {
    match value {
        ReadingValue::Number { decimal, comparator } => {
            let sign = match comparator {
                None => "",
                Some(Comparator::Less) => "<",
                Some(Comparator::LessOrEqual) => "<=",
                Some(Comparator::Greater) => ">",
                Some(Comparator::GreaterOrEqual) => ">=",
            };
            format!("{sign}{decimal}")
        }
        ReadingValue::Text { text } => text.clone(),
        ReadingValue::Coded { code, text, .. } => format!("{code}^{text}"),
    }
}
