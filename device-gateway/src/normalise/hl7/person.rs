//! The person and the place that a device names: PID and PV1-3.

use super::super::{MOST_IDS, MOST_PARTS};
use super::Words;
use crate::profile::Place;
use benhan_contract::{SenderLocation, SenderPatient};
use benhan_device_codec::hl7::{Field, Segment};

/// PID; its numbers stand at `places`, or where the standard has them.
pub fn patient(segment: Segment<'_>, places: &[Place], words: Words) -> Option<SenderPatient> {
    let mut ids: Vec<String> = Vec::new();
    let usual = [3, 2, 4].map(|field| (field, 1));
    let own: Vec<(usize, usize)> =
        places.iter().filter(|place| place.is_in(b"PID")).map(|place| (place.field, place.component)).collect();
    for (field, component) in if own.is_empty() { usual.to_vec() } else { own } {
        for repetition in segment.field(field).repetitions().take(MOST_PARTS) {
            let id = words.name(repetition.component(component));
            if !id.is_empty() && id != "\"\"" && !ids.contains(&id) && ids.len() < MOST_IDS {
                ids.push(id);
            }
        }
    }
    let name = segment.field(5);
    // XPN is family, given, further given; Vietnamese order is family, middle, given.
    let parts = [1, 3, 2].map(|number| words.name(name.component(number)));
    let name = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    let patient =
        SenderPatient { ids, name, birth_date: words.name(segment.field(7)), sex: words.name(segment.field(8)) };
    (patient != SenderPatient::default()).then_some(patient)
}

/// PL: point of care, room, bed. Gateways of monitors put `ward&bed&address` into the bed alone.
pub fn location(field: Field<'_>, words: Words) -> Option<SenderLocation> {
    let text = words.raw(field);
    if text.is_empty() {
        return None;
    }
    let bed = field.component(3);
    let second = words.name(bed.subcomponent(2));
    let unit = words.name(field.component(1).subcomponent(1));
    let (unit, bed) = if unit.is_empty() && !second.is_empty() && second != "0" {
        (words.name(bed.subcomponent(1)), second)
    } else {
        (unit, words.name(bed.subcomponent(1)))
    };
    Some(SenderLocation { unit, room: words.name(field.component(2).subcomponent(1)), bed, text })
}
