//! A body that is posted to /ingest is a batch or is refused; what is kept of it reads back as it was written, and
//! nothing that no living patient can have reaches a chart.
#![no_main]

use base64::Engine;
use benhan_contract::{Deliveries, DeviceDelivery, LiveBatch, ReadingValue, StudyDelivery};
use benhan_domain::lab::{Flag, Limits, Measured, factor};
use benhan_domain::text;
use benhan_domain::vitals::pressures_agree;
use libfuzzer_sys::fuzz_target;

// The server's own file: building the whole server for a fuzzer would take longer than fuzzing.
#[path = "../../../../server/src/app/ingest/delivered.rs"]
mod delivered;

fuzz_target!(|body: &[u8]| {
    if let Ok(batch) = serde_json::from_slice::<Deliveries>(body) {
        for delivery in &batch.deliveries {
            kept(delivery);
            charted(delivery);
            judged(delivery);
        }
    }
    if let Ok(study) = serde_json::from_slice::<StudyDelivery>(body) {
        told(&study);
    }
    let _ = serde_json::from_slice::<LiveBatch>(body);
});

/// The inbox keeps a delivery as JSON, and every later step reads it from there.
fn kept(delivery: &DeviceDelivery) {
    let written = serde_json::to_string(delivery).expect("a delivery can be written");
    assert_eq!(&serde_json::from_str::<DeviceDelivery>(&written).expect("what was written"), delivery);
    let _ = base64::engine::general_purpose::STANDARD.decode(&delivery.raw);
    assert!(["vitals", "lab", "other"].contains(&delivered::kind_of(delivery)));
    assert!(delivered::sender_key(&delivery.sender).matches('|').count() >= 3);
    let _ = (delivered::device_name(&delivery.sender), delivered::effective_at(delivery));
}

fn charted(delivery: &DeviceDelivery) {
    let values = delivered::chartable(delivery);
    assert!(pressures_agree(&values));
    for pair in values.windows(2) {
        assert!(pair[0].code < pair[1].code, "each sign once, in the order of the sheet");
    }
    for value in &values {
        let (low, high) = value.code.kind().hard;
        let number = value.value.expect("a device charts numbers only");
        assert!((low..=high).contains(&number), "{:?} {number}", value.code);
    }
}

fn judged(delivery: &DeviceDelivery) {
    let limits = Limits { low: Some(3.5), high: Some(5.1), critical_low: Some(2.5), critical_high: Some(6.5) };
    for reading in delivery.groups.iter().flat_map(|group| &group.readings) {
        let _ = (text::clean_lines(&reading.code), text::fold(&reading.name), reading.flags.iter().any(|f| Flag::parse(f).is_some()));
        let ReadingValue::Number { decimal, .. } = &reading.value else { continue };
        let Some(number) = decimal.trim().parse::<f64>().ok().filter(|n| n.is_finite()) else { continue };
        let scale = factor(reading.ucum.as_deref().unwrap_or(&reading.unit), "mmol/L").unwrap_or(1.0);
        for measured in [Measured::Exactly(number), Measured::AtMost(number), Measured::AtLeast(number)] {
            let _ = limits.judge(measured.scaled(scale));
        }
    }
}

fn told(study: &StudyDelivery) {
    let written = serde_json::to_string(study).expect("a study can be written");
    assert_eq!(&serde_json::from_str::<StudyDelivery>(&written).expect("what was written"), study);
    if delivered::plausible(study).is_ok() {
        let uid = |uid: &str| (1..=64).contains(&uid.len()) && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        assert!(uid(&study.study_uid) && study.series.iter().all(|series| uid(&series.series_uid)));
    }
}
