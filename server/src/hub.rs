//! What the terminals hear: events after commits, and the monitors' live values, which are never rows.

use benhan_domain::id::{EncounterId, SessionId, WardId};
use benhan_domain::time::{Instant, MINUTE};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// A monitor that has said nothing for this long shows nothing: a number that stands still must not look alive. The
/// board greys it long before.
const LIVE_FOR: i64 = 10 * MINUTE;
/// A cuff's pressures are minutes old by nature.
const CUFF_LIVE_FOR: i64 = 30 * MINUTE;

/// Terminals that fall this far behind are told to fetch everything again.
const BACKLOG: usize = 1024;

#[derive(Clone, Debug)]
pub enum Event {
    /// One patient's card changed; each terminal reads it with its own rights.
    Occupant { ward: WardId, encounter: EncounterId },
    /// Beds changed hands.
    Board { ward: WardId },
    /// Something new on a chart: `vitals`, `notes`, `results`, `studies`, `documents`, `forms`, `orders`, `record`.
    Chart { ward: WardId, encounter: EncounterId, what: &'static str },
    /// The waiting-to-match lists changed.
    Waiting,
    /// Values of one second, coalesced.
    Live { ward: WardId, values: Arc<Vec<LiveValue>> },
    /// These sessions are over.
    Ended { session: SessionId, reason: &'static str },
}

/// A value of then may be shown now.
pub fn is_live(code: &str, micros: i64, now: Instant) -> bool {
    let longest = if matches!(code, "sbp" | "dbp" | "map") { CUFF_LIVE_FOR } else { LIVE_FOR };
    now.0.saturating_sub(micros) <= longest
}

/// A value on the board as a monitor shows it now.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveValue {
    #[schema(value_type = String)]
    pub encounter_id: EncounterId,
    pub code: &'static str,
    pub value: f64,
    pub at: String,
    #[serde(skip)]
    pub micros: i64,
}

type Latest = HashMap<EncounterId, HashMap<&'static str, LiveValue>>;

#[derive(Debug)]
pub struct Hub {
    events: broadcast::Sender<Event>,
    latest: Mutex<Latest>,
    changed: Mutex<HashMap<(WardId, EncounterId, &'static str), LiveValue>>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { events: broadcast::channel(BACKLOG).0, latest: Mutex::default(), changed: Mutex::default() }
    }
}

impl Hub {
    pub fn publish(&self, event: Event) {
        // No terminal listening is no error.
        drop(self.events.send(event));
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Takes a monitor's value; older than what is shown, it changes nothing.
    pub fn live(&self, ward: WardId, value: LiveValue) {
        if let Ok(mut latest) = self.latest.lock() {
            let shown = latest.entry(value.encounter_id).or_default();
            if shown.get(value.code).is_some_and(|v| v.micros >= value.micros) {
                return;
            }
            shown.insert(value.code, value.clone());
        }
        if let Ok(mut changed) = self.changed.lock() {
            changed.insert((ward, value.encounter_id, value.code), value);
        }
    }

    /// What the monitors of these stays show now.
    pub fn shown(&self, stay: EncounterId, now: Instant) -> Vec<LiveValue> {
        let Ok(latest) = self.latest.lock() else { return Vec::new() };
        let fresh = |v: &&LiveValue| is_live(v.code, v.micros, now);
        latest.get(&stay).map(|values| values.values().filter(fresh).cloned().collect()).unwrap_or_default()
    }

    /// A patient who left takes the live values along.
    pub fn forget(&self, stay: EncounterId) {
        if let Ok(mut latest) = self.latest.lock() {
            latest.remove(&stay);
        }
    }

    /// Sends the values of the last second, one event a ward. Called once a second.
    pub fn flush(&self) {
        let changed = self.changed.lock().map(|mut c| std::mem::take(&mut *c)).unwrap_or_default();
        let mut wards: HashMap<WardId, Vec<LiveValue>> = HashMap::new();
        for ((ward, ..), value) in changed {
            wards.entry(ward).or_default().push(value);
        }
        for (ward, values) in wards {
            self.publish(Event::Live { ward, values: Arc::new(values) });
        }
    }
}
