//! Latest values for the ward board, taken from what was just read. Best effort, never stored.

use benhan_contract::{DeviceDelivery, LiveSample, Processing, ReadingValue};

/// More than any monitor shows at one time.
const MOST: usize = 500;

/// Numbers of a monitor, each with the time it was true (or arrived, when the monitor does not say).
pub fn samples(delivery: &DeviceDelivery) -> Vec<LiveSample> {
    if delivery.processing != Processing::Production {
        return Vec::new();
    }
    let readings = delivery.groups.iter().flat_map(|group| &group.readings);
    readings
        .filter(|reading| reading.system == "MDC")
        .filter_map(|reading| {
            let ReadingValue::Number { decimal, comparator: None } = &reading.value else {
                return None;
            };
            Some(LiveSample {
                sender: delivery.sender.clone(),
                location: delivery.location.clone(),
                patient_ids: delivery.patient.as_ref().map(|patient| patient.ids.clone()).unwrap_or_default(),
                code: reading.code.clone(),
                value: decimal.parse().ok()?,
                ucum: reading.ucum.clone(),
                at: reading.effective_at.unwrap_or(delivery.received_at),
            })
        })
        .take(MOST)
        .collect()
}
