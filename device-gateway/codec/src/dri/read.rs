//! What a stored record says: the displayed values of each class, and the alarms.

use super::frame::{Decoder, Found};
use super::group::{Field, Group, Means};
use super::record::{ALARM, PHYSIOLOGICAL, Record};
use super::{alarm, layout};
use crate::decimal::Decimal;
use crate::device_clock::DeviceTime;
use crate::octets::Octets;
use crate::reading::{NotAValue, Reading, Reported, Value};

/// Displayed values; the trends repeat what was shown before.
const DISPLAYED: u8 = 1;
const ALARM_STATUS: u8 = 1;
/// The values of one class, between its time stamp and its trailer.
const CLASS: usize = 270;
/// From here downwards a number is a sign.
const LARGEST_SIGN: i16 = -32_001;
/// Status: the module exists and measures.
const MEASURES: u32 = 0b11;

/// Reads stored frames, one after the other.
#[must_use]
pub fn read(mut bytes: &[u8]) -> Reported {
    let mut reported = Reported::default();
    let mut decoder = Decoder::default();
    while let Some(found) = decoder.next(&mut bytes) {
        if let Found::Record(record) = found {
            match Record::parse(&record) {
                Ok(record) => read_record(&record, &mut reported),
                Err(_) => reported.set_aside("record", NotAValue::Malformed),
            }
        }
    }
    reported
}

fn read_record(record: &Record<'_>, reported: &mut Reported) {
    let Ok(subrecords) = record.subrecords() else {
        return reported.set_aside("record", NotAValue::Malformed);
    };
    reported.at = DeviceTime::from_epoch_seconds(record.time);
    for subrecord in subrecords {
        let (name, whole) = match (record.main_type, subrecord.kind) {
            (PHYSIOLOGICAL, DISPLAYED) => ("physiological", physiological(subrecord.data, reported)),
            (ALARM, ALARM_STATUS) => ("alarm", alarm::read(subrecord.data, reported)),
            _ => continue,
        };
        if whole.is_none() {
            reported.set_aside(name, NotAValue::Malformed);
        }
    }
}

fn physiological(data: &[u8], reported: &mut Reported) -> Option<()> {
    let mut octets = Octets(data);
    let at = DeviceTime::from_epoch_seconds(octets.u32_le()?);
    let values = octets.take(CLASS)?;
    // Marker, reserved, and the class in bits 8 to 11. A monitor of 1993 or 1994 knows but the basic class.
    let class = match (octets.u16_le(), octets.u16_le()) {
        (Some(_), Some(class)) => class >> 8 & 0xF,
        _ => 0,
    };
    for group in layout::class(class) {
        read_group(group, values, at, reported)?;
    }
    Some(())
}

fn read_group(group: &Group, values: &[u8], at: Option<DeviceTime>, reported: &mut Reported) -> Option<()> {
    let mut header = Octets(values.get(group.at..)?);
    let (status, label) = (header.u32_le()?, header.u16_le()?);
    for field in group.fields {
        let number = Octets(values.get(group.at + field.at..)?).i16_le()?;
        let code = format!("{}.{}", group.name, field.name);
        match not_a_value(group, field, status, label, number) {
            Some(why) => reported.set_aside(code, why),
            None => reported.readings.push(Reading {
                code,
                channel: String::new(),
                metric: metric(field, status, label),
                value: Value::Number(Decimal::new(i64::from(number), field.exponent)),
                unit: field.ucum.into(),
                flags: Vec::new(),
                questionable: status & group.doubt != 0,
                spot: field.stale_label != 0,
                at,
            }),
        }
    }
    Some(())
}

fn not_a_value(group: &Group, field: &Field, status: u32, label: u16, number: i16) -> Option<NotAValue> {
    match number {
        -32_767 => return Some(NotAValue::Absent),
        -32_766 => return Some(NotAValue::Stale),
        -32_765 => return Some(NotAValue::Busy),
        -32_764 => return Some(NotAValue::UnderRange),
        -32_763 => return Some(NotAValue::OverRange),
        -32_762 => return Some(NotAValue::NotCalibrated),
        ..=LARGEST_SIGN => return Some(NotAValue::Invalid),
        _ => {}
    }
    if status & MEASURES != MEASURES {
        Some(NotAValue::Absent)
    } else if status & group.busy != 0 || label & group.busy_label != 0 {
        Some(NotAValue::Busy)
    } else if label & field.stale_label != 0 {
        Some(NotAValue::Stale)
    } else {
        None
    }
}

fn metric(field: &Field, status: u32, label: u16) -> Option<u32> {
    match field.means {
        Means::Nothing => None,
        Means::Metric(code) => Some(code),
        Means::Label(family) => layout::by_label(family, label),
        Means::HeartRate => Some(match status >> 3 & 0xF {
            1 | 9 => 147_842,
            6 | 12 => 149_530,
            // From a pressure, or from a source that the monitor does not name: a pulse.
            _ => 149_514,
        }),
    }
}
