//! What a stored row of messages says.

use super::attribute::{
    Attributes, BED_LABEL, COMPOUND_VALUE, LABEL_STRING, NUMERIC_VALUE, STAMP_ABSOLUTE, STAMP_RELATIVE, TIME_ABSOLUTE,
    TIME_RELATIVE, list, text,
};
use super::clock::{Clocks, absolute};
use super::float::Float;
use super::frame::{Decoder, Found};
use super::operation::{Answer, Operation};
use super::poll::{Object, Polled};
use super::request::{MDS, NUMERIC};
use crate::device_clock::DeviceTime;
use crate::ieee11073::{mdil, metric, unit};
use crate::octets::Octets;
use crate::reading::{NotAValue, Reading, Reported, Value};

/// Where terms of metrics and units begin in the nomenclature.
const METRICS: u32 = 2 << 16;
const UNITS: u32 = 4 << 16;

/// States of a measurement.
const INVALID: u16 = 0x8000;
const QUESTIONABLE: u16 = 0x4000;
const UNAVAILABLE: u16 = 0x2000;
const CALIBRATING: u16 = 0x1000;
const TEST: u16 = 0x0800;
const DEMO: u16 = 0x0400;
const EARLY: u16 = 0x0040;
const ONGOING: u16 = 0x0020;

/// Reads stored frames. The clocks of the monitor hold for what comes after them.
#[must_use]
pub fn read(bytes: &[u8]) -> Reported {
    read_with_clocks(bytes).0
}

/// Whether other messages can be dated by these.
pub(super) fn tells_both_clocks(bytes: &[u8]) -> bool {
    read_with_clocks(bytes).1.is_some()
}

fn read_with_clocks(mut bytes: &[u8]) -> (Reported, Option<Clocks>) {
    let mut reported = Reported::default();
    let mut clocks = None;
    let mut decoder = Decoder::default();
    while let Some(found) = decoder.next(&mut bytes) {
        let Found::Message(message) = found else { continue };
        match Operation::parse(&message) {
            Some(Operation::Created(created)) => {
                let mut octets = created.attributes;
                if let Some(attributes) = Attributes::parse(&mut octets) {
                    monitor(&attributes, created.counter, &mut clocks, &mut reported);
                }
            }
            Some(Operation::Answer(answer)) => read_answer(&answer, &mut clocks, &mut reported),
            Some(_) => {}
            None => reported.set_aside("message", NotAValue::Malformed),
        }
    }
    (reported, clocks)
}

fn read_answer(answer: &Answer<'_>, clocks: &mut Option<Clocks>, reported: &mut Reported) {
    let Some(polled) = Polled::parse(answer) else {
        return reported.set_aside("poll", NotAValue::Malformed);
    };
    let stamp = polled.civil.or_else(|| clocks.and_then(|clocks| clocks.civil(polled.counter)));
    match polled.class {
        MDS => {
            for object in &polled.objects {
                monitor(&object.attributes, polled.counter, clocks, reported);
            }
        }
        NUMERIC => {
            reported.at = stamp.or(reported.at);
            for object in &polled.objects {
                if numeric(object, stamp, *clocks, reported).is_none() {
                    reported.set_aside(format!("numeric {}", object.handle), NotAValue::Malformed);
                }
            }
        }
        _ => {}
    }
}

/// What the monitor says of itself: its clocks and its bed. `counter` is that of the message, for a monitor that
/// does not name its own.
fn monitor(attributes: &Attributes<'_>, counter: u32, clocks: &mut Option<Clocks>, reported: &mut Reported) {
    let civil = attributes.get(TIME_ABSOLUTE).and_then(|mut octets| absolute(&mut octets)).flatten();
    let counter = attributes.get(TIME_RELATIVE).and_then(|mut octets| octets.u32_be()).unwrap_or(counter);
    if let Some(civil) = civil {
        *clocks = Some(Clocks { civil, counter });
    }
    if let Some(bed) = attributes.get(BED_LABEL).and_then(text).filter(|bed| !bed.is_empty()) {
        reported.device = Some(bed);
    }
}

fn numeric(
    object: &Object<'_>,
    stamp: Option<DeviceTime>,
    clocks: Option<Clocks>,
    reported: &mut Reported,
) -> Option<()> {
    let attributes = &object.attributes;
    let own_civil = attributes.get(STAMP_ABSOLUTE).and_then(|mut octets| absolute(&mut octets)).flatten();
    let own_counter = attributes.get(STAMP_RELATIVE).and_then(|mut octets| octets.u32_be());
    let own = own_civil.or_else(|| clocks.zip(own_counter).and_then(|(clocks, counter)| clocks.civil(counter)));
    let label = attributes.get(LABEL_STRING).and_then(text).unwrap_or_default();
    // A monitor with two temperatures of one kind has two objects with one code.
    let channel = if label.is_empty() { format!("{}.{}", object.context, object.handle) } else { label };
    let mut found = Reported::default();
    if let Some(mut octets) = attributes.get(NUMERIC_VALUE) {
        value(&mut octets, &channel, own.is_some(), own.or(stamp), &mut found)?;
    }
    if let Some(mut octets) = attributes.get(COMPOUND_VALUE) {
        let (count, mut values) = list(&mut octets)?;
        for _ in 0..count {
            value(&mut values, &channel, own.is_some(), own.or(stamp), &mut found)?;
        }
    }
    reported.readings.append(&mut found.readings);
    reported.aside.append(&mut found.aside);
    Some(())
}

fn value(
    octets: &mut Octets<'_>,
    channel: &str,
    spot: bool,
    at: Option<DeviceTime>,
    found: &mut Reported,
) -> Option<()> {
    let (term, state, dimension) = (octets.u16_be()?, octets.u16_be()?, octets.u16_be()?);
    let number = Float::from_bits(octets.u32_be()?).value();
    let metric_code = METRICS + u32::from(term);
    let code = mdil(metric_code);
    match not_a_value(state).map_or(number, Err) {
        Err(why) => found.set_aside(code, why),
        Ok(value) => {
            let unit = unit(UNITS + u32::from(dimension)).unwrap_or_default();
            let known = metric(metric_code).filter(|_| !unit.is_empty());
            found.readings.push(Reading {
                code,
                channel: channel.to_owned(),
                metric: known.map(|metric| metric.code),
                value: Value::Number(value),
                unit: unit.into(),
                flags: Vec::new(),
                questionable: state & (QUESTIONABLE | EARLY) != 0,
                spot,
                at,
            });
        }
    }
    Some(())
}

fn not_a_value(state: u16) -> Option<NotAValue> {
    let why = [
        (INVALID, NotAValue::Invalid),
        (UNAVAILABLE, NotAValue::Absent),
        (TEST | DEMO, NotAValue::Simulated),
        (CALIBRATING | ONGOING, NotAValue::Busy),
    ];
    why.into_iter().find(|(bits, _)| state & bits != 0).map(|(_, why)| why)
}
