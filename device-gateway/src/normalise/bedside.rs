//! Records of bedside devices: each report a delivery, those of one patient together.
//!
//! What a code means the codec says where the device's own document leaves no doubt (IEEE 11073); the profile says it
//! of all other codes. A value that the device itself doubts is never charted from a monitor.

use super::devices::{Reader, Readers};
use super::set_aside::{aside, is_impossible, is_sentinel};
use super::settle::settle;
use super::{Part, ReadWith, most_parts, text};
use benhan_contract::{
    Micros, Protocol, Reading, ReadingStatus, ReadingValue, ResultGroup, SenderLocation, SenderPatient, SetAside,
};
use benhan_device_codec::bedside;
use benhan_device_codec::charset::Charset;
use benhan_device_codec::device_clock::DeviceTime;
use benhan_device_codec::ieee11073;
use benhan_device_codec::reading::{NotAValue, Reading as Told, Reported, SetAside as NotTaken, Value};
use benhan_uplink::StoredReceipt;
use jiff::tz::{Offset, TimeZone};

/// One part for each patient of the record.
pub fn read(protocol: bedside::Protocol, stored: &StoredReceipt, readers: &Readers) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for report in protocol.read(&stored.raw) {
        // A device that does not say who it is goes by its protocol.
        let application = report.device.clone().filter(|_| !tells_its_bed(protocol));
        let application = text::name(application.as_deref().unwrap_or(stored.protocol.name()));
        let reader = readers.reader(&stored.channel, &stored.address, &application);
        let of = Report { stored, reader: &reader, is_monitor: stored.protocol.is_bedside_monitor() };
        let part = Part {
            location: location(protocol, &report, &reader),
            application,
            read_with: Some(ReadWith::new(&reader, Charset::Utf8)),
            ..of.read(report)
        };
        match parts.last_mut().filter(|last| same_sender(last, &part)) {
            Some(last) => {
                last.groups.extend(part.groups);
                last.set_aside.extend(part.set_aside);
            }
            None => parts.push(part),
        }
    }
    if parts.len() > most_parts(stored.raw.len()) {
        return Vec::new();
    }
    parts
}

fn same_sender(last: &Part, part: &Part) -> bool {
    (&last.patient, &last.application) == (&part.patient, &part.application)
}

/// What an IntelliVue calls itself is its bed.
fn tells_its_bed(protocol: bedside::Protocol) -> bool {
    matches!(protocol, bedside::Protocol::IntellivueUdp | bedside::Protocol::IntellivueSerial)
}

/// Where the configuration says that the line ends; else what the monitor calls its bed.
fn location(protocol: bedside::Protocol, report: &Reported, reader: &Reader) -> Option<SenderLocation> {
    let label = report.device.as_deref().filter(|_| tells_its_bed(protocol)).map(text::name);
    let told = label.map(|bed| SenderLocation { text: bed.clone(), bed, ..SenderLocation::default() });
    reader.place.clone().or(told)
}

struct Report<'a> {
    stored: &'a StoredReceipt,
    reader: &'a Reader,
    is_monitor: bool,
}

impl Report<'_> {
    fn read(&self, report: Reported) -> Part {
        let zone = report.zone_minutes.filter(|_| !self.reader.profile.ignore_offset);
        let zone = zone.and_then(|minutes| Offset::from_seconds(i32::from(minutes) * 60).ok()).map(TimeZone::fixed);
        let zone = zone.unwrap_or_else(|| self.reader.zone.clone());
        let mut part = Part { message_at: report.at.and_then(|at| instant(at, &zone)), ..Part::default() };
        let mut readings = Vec::new();
        for told in report.readings {
            match self.reading(told, part.message_at, &zone) {
                Ok(reading) => readings.push(reading),
                Err(aside) => part.set_aside.push(aside),
            }
        }
        for remark in report.remarks {
            let text = text::clean(&remark.text);
            match readings.last_mut().filter(|_| remark.code.is_empty()) {
                // Said of the whole result: it stands with its last value.
                Some(last) => last.comments.extend(Some(text).filter(|text| !self.reader.profile.skips_comment(text))),
                None => part.set_aside.push(aside(&text::name(&remark.code), &text, "supplemental")),
            }
        }
        // What a monitor has no sensor for is no news, all day long.
        let is_news = |told: &&NotTaken| !self.is_monitor || told.why != NotAValue::Absent;
        let asides = report.aside.iter().filter(is_news);
        part.set_aside.extend(asides.map(|told| aside(&text::name(&told.code), said(told.why), why(told.why))));
        part.set_aside.extend(report.alarms.iter().map(|alarm| aside(&alarm.code, &text::clean(&alarm.text), "alert")));
        part.patient = number(report.patient).map(|id| SenderPatient { ids: vec![id], ..SenderPatient::default() });
        if !readings.is_empty() {
            let specimens = number(report.specimen).into_iter().collect();
            part.groups.push(ResultGroup { specimens, service: String::new(), readings });
        }
        part
    }

    fn reading(&self, told: Told, message_at: Option<Micros>, zone: &TimeZone) -> Result<Reading, SetAside> {
        let metric = told.metric.and_then(ieee11073::metric);
        let value = match &told.value {
            Value::Number(number) => ReadingValue::Number { decimal: number.to_string(), comparator: None },
            Value::Text(text) => {
                let number = super::value::number(text, self.reader.profile.decimal_comma);
                number.unwrap_or_else(|| ReadingValue::Text { text: text::clean(text) })
            }
        };
        let written = told.value.to_string();
        let no = |why| aside(&told.code, &written, why);
        if self.is_monitor && told.questionable {
            return Err(no("not-final"));
        }
        if is_sentinel(&written, &self.reader.profile.not_a_value) {
            return Err(no("sentinel"));
        }
        // A monitor's unit is UCUM by its protocol; others print theirs.
        let unit = text::name(&told.unit);
        let known = self.reader.profile.ucum(&unit).map(str::to_owned);
        let ucum = known.or_else(|| Some(unit.clone()).filter(|unit| self.is_monitor && !unit.is_empty()));
        if metric.is_some() && is_impossible(&value, ucum.as_deref()) {
            return Err(no("implausible"));
        }
        let loinc = metric.filter(|metric| ucum.as_deref() == Some(metric.ucum)).and_then(|metric| metric.loinc);
        let (code, system) = match (metric, told.code.split_once(':')) {
            (Some(metric), _) => (metric.code.to_string(), "MDC"),
            // POCT1-A names the system in front of the code.
            (None, Some(("LN", code))) if self.stored.protocol == Protocol::Poct1A => (text::name(code), "LN"),
            _ => (text::name(&told.code), ""),
        };
        let mut reading = Reading {
            code,
            name: metric.map_or_else(String::new, |metric| metric.name.to_owned()),
            system: system.to_owned(),
            loinc: loinc.map(str::to_owned),
            channel: text::name(&told.channel),
            value,
            unit,
            ucum,
            reference_range: String::new(),
            flags: told.flags.iter().map(|flag| text::name(flag)).collect(),
            status: if self.is_monitor { ReadingStatus::Unverified } else { ReadingStatus::Final },
            effective_at: told.at.and_then(|at| instant(at, zone)).or(message_at),
            aperiodic: told.spot,
            comments: Vec::new(),
        };
        settle(&mut reading, &self.reader.profile).map_err(no)?;
        Ok(reading)
    }
}

/// A patient's or specimen's number; one that is too long would be another if it were cut.
fn number(text: Option<String>) -> Option<String> {
    text.map(|text| text::clean(&text)).filter(|text| !text.is_empty() && text::is_name(text))
}

/// A clock shows a civil time; which instant that is, its zone says.
fn instant(at: DeviceTime, zone: &TimeZone) -> Option<Micros> {
    let shown = jiff::Timestamp::from_millisecond(at.epoch_millis()).ok()?;
    let civil = shown.to_zoned(TimeZone::UTC).datetime();
    Some(civil.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond())
}

/// As the list of what was set aside knows reasons.
fn why(why: NotAValue) -> &'static str {
    match why {
        NotAValue::Absent => "empty",
        NotAValue::Stale | NotAValue::Busy => "not-final",
        NotAValue::Simulated => "demo",
        NotAValue::Control => "quality-control",
        NotAValue::Rejected => "deleted",
        NotAValue::Invalid
        | NotAValue::UnderRange
        | NotAValue::OverRange
        | NotAValue::NotCalibrated
        | NotAValue::Malformed => "sentinel",
    }
}

fn said(why: NotAValue) -> &'static str {
    match why {
        NotAValue::Absent => "",
        NotAValue::Invalid => "invalid",
        NotAValue::UnderRange => "under range",
        NotAValue::OverRange => "over range",
        NotAValue::NotCalibrated => "not calibrated",
        NotAValue::Busy => "being measured",
        NotAValue::Stale => "of an earlier measurement",
        NotAValue::Simulated => "simulated",
        NotAValue::Control => "control",
        NotAValue::Rejected => "rejected",
        NotAValue::Malformed => "malformed",
    }
}

#[cfg(test)]
#[path = "bedside_tests.rs"]
mod tests;
