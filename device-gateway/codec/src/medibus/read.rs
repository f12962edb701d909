//! What a stored round of answers says.

use super::frame::{Decoder, Found, Frame, Kind};
use super::message::{self, Field};
use super::{ALARMS_PAGE_1, ALARMS_PAGE_2, DATE_TIME, DEVICE_ID, MEASURED_PAGE_1, MEASURED_PAGE_2, TEXTS, table};
use crate::reading::{Alarm, NotAValue, Reading, Remark, Reported, Value};

/// Reads stored answers, one after the other as they came. A date and time holds for what comes after it.
#[must_use]
pub fn read(mut bytes: &[u8]) -> Reported {
    let mut reported = Reported::default();
    let mut decoder = Decoder::default();
    while let Some(found) = decoder.next(&mut bytes) {
        if let Found::Frame(frame @ Frame { kind: Kind::Response, .. }) = found {
            read_answer(&frame, &mut reported);
        }
    }
    reported
}

fn read_answer(frame: &Frame, reported: &mut Reported) {
    let data = frame.data.as_slice();
    let whole = match frame.code {
        MEASURED_PAGE_1 => message::measured(data).map(|fields| values(1, &fields, reported)),
        MEASURED_PAGE_2 => message::measured(data).map(|fields| values(2, &fields, reported)),
        ALARMS_PAGE_1 => alarms(1, data, reported),
        ALARMS_PAGE_2 => alarms(2, data, reported),
        TEXTS => message::texts(data).map(|fields| {
            let remarks =
                fields.iter().map(|Field { code, text }| Remark { code: format!("{code:02X}"), text: shown(text) });
            reported.remarks.extend(remarks);
        }),
        DATE_TIME if !data.is_empty() => message::date_time(data).map(|at| reported.at = Some(at)),
        DEVICE_ID if !data.is_empty() => message::device_id(data).map(|device| reported.device = Some(device)),
        _ => Some(()),
    };
    if whole.is_none() {
        reported.set_aside(format!("{:02X}H", frame.code), NotAValue::Malformed);
    }
}

fn values(page: u8, fields: &[Field<'_>], reported: &mut Reported) {
    for Field { code, text } in fields {
        let name = format!("CP{page}:{code:02X}");
        if text.trim_ascii().is_empty() {
            reported.set_aside(name, NotAValue::Absent);
            continue;
        }
        let Some(value) = message::number(text) else {
            reported.set_aside(name, NotAValue::Malformed);
            continue;
        };
        let known = table::parameter(page, *code);
        reported.readings.push(Reading {
            code: name,
            channel: String::new(),
            metric: known.and_then(|parameter| parameter.metric),
            value: Value::Number(value),
            unit: known.map_or("", |parameter| parameter.ucum).into(),
            flags: Vec::new(),
            questionable: false,
            spot: false,
            at: reported.at,
        });
    }
}

fn alarms(page: u8, data: &[u8], reported: &mut Reported) -> Option<()> {
    for alarm in message::alarms(data)? {
        let code = format!("CP{page}:{:02X}", alarm.code);
        reported.alarms.push(Alarm { code, text: shown(alarm.phrase), priority: alarm.priority });
    }
    Some(())
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text.trim_ascii()).into_owned()
}
