//! What must be true: of each delivery when it is applied, and of the whole run when it has come to its end.

use super::script::{Liking, Script};
use super::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benhan_contract::{DeviceDelivery, ReadingValue};
use std::collections::BTreeSet;

/// A patient's part of a message, on the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    pub message: usize,
    pub part: usize,
}

/// Which message of the script these bytes (base64) are, or a piece of it.
pub fn message_of(raw: &str) -> Option<usize> {
    message_in(&STANDARD.decode(raw).ok()?)
}

pub fn message_in(bytes: &[u8]) -> Option<usize> {
    let text = unframed(bytes);
    let digits = |after: &str| -> Option<usize> {
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    if let Some((_, after)) = text.split_once("ORU^R01|M") {
        return digits(after);
    }
    let (_, after) = text.split_once("|S1").filter(|(_, after)| after.len() >= 4)?;
    digits(&format!("1{after}")).map(|value| value.saturating_sub(10_000) / 10)
}

/// What the frames say, without their numbers and check sums.
fn unframed(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let frame =
        |frame: &str| frame.split(['\x03', '\x17']).next().unwrap_or_default().chars().skip(1).collect::<String>();
    if text.starts_with('\x02') { text.split('\x02').skip(1).map(frame).collect() } else { text.into_owned() }
}

impl World {
    /// A delivery is applied for the first time.
    pub fn judge(&mut self, delivery: &DeviceDelivery) {
        let readings: Vec<_> = delivery.groups.iter().flat_map(|group| &group.readings).collect();
        if delivery.message_type == "incomplete" {
            self.note(format!("{} is incomplete", delivery.sequence));
            if !readings.is_empty() || delivery.patient.is_some() {
                self.violated(format!("delivery {} is incomplete and has values", delivery.sequence));
            }
            return;
        }
        let said: BTreeSet<Option<usize>> = readings
            .iter()
            .map(|reading| match &reading.value {
                ReadingValue::Number { decimal, .. } => decimal.parse().ok(),
                _ => None,
            })
            .collect();
        let [Some(value)] = said.iter().copied().collect::<Vec<_>>()[..] else {
            return self.violated(format!("delivery {} says {said:?}", delivery.sequence));
        };
        let effect = Effect { message: value.saturating_sub(10_000) / 10, part: value % 10 };
        let own = self.script.messages.get(effect.message).and_then(|message| message.patients.get(effect.part));
        let Some(own) = own.map(|patient| format!("P{patient}")) else {
            return self.violated(format!("delivery {} says {value}, which nobody sent", delivery.sequence));
        };
        let patients = delivery.patient.as_ref().map(|patient| patient.ids.clone()).unwrap_or_default();
        let specimens: Vec<&String> = delivery.groups.iter().flat_map(|group| &group.specimens).collect();
        if patients != [own.clone()] || specimens.iter().any(|specimen| **specimen != format!("S{value}")) {
            self.violated(format!("value {value} of {own} arrived as {patients:?}, {specimens:?}"));
        }
        if message_of(&delivery.raw) != Some(effect.message) {
            self.violated(format!("value {value} came with the bytes of another message"));
        }
        let address = &self.script.devices[self.script.messages[effect.message].device].address;
        if *address != delivery.sender.address {
            self.violated(format!("value {value} came from {}", delivery.sender.address));
        }
        if self.door.effects.contains(&effect) {
            self.violated(format!("M{} part {} has two effects", effect.message, effect.part));
        }
        self.note(format!("M{} part {} applied", effect.message, effect.part));
        self.door.effects.push(effect);
    }

    /// Nothing is under way any more.
    pub fn judge_all(&mut self) {
        for (message, sent) in self.sent.clone().into_iter().enumerate() {
            let parts = self.script.messages[message].patients.len();
            let there = self.door.effects.iter().filter(|effect| effect.message == message).count();
            if sent.acknowledged.is_some() && there != parts {
                self.violated(format!("M{message} was acknowledged and has {there} effects of {parts}"));
            }
            if there != 0 && there != parts {
                self.violated(format!("M{message} has {there} effects of {parts}"));
            }
        }
        for device in 0..self.script.devices.len() {
            let effects = self.door.effects.iter().filter(|effect| self.keeps_order(device, effect.message));
            let order: Vec<_> = effects.map(|e| (self.sent[e.message].acknowledged, e.message, e.part)).collect();
            if !order.is_sorted() {
                self.violated(format!("device {device}: (acknowledged, message, part) came as {order:?}"));
            }
        }
    }

    /// Not what the server refused, nor what it failed on so often that the one behind was sent to see whether it
    /// passes. Who sends on without waiting has its order in what was taken at its first try.
    fn keeps_order(&self, device: usize, message: usize) -> bool {
        let Script { devices, messages, .. } = &self.script;
        let sent = self.sent[message];
        messages[message].device == device
            && sent.acknowledged.is_some()
            && (devices[device].at_once == 1 || sent.at_first)
            && messages[message].liking == Liking::Takes
            && !self.apart.contains(&message)
            && self.door.failed_on(message) < self.script.hold_after
    }
}
