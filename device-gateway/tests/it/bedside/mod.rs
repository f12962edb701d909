//! Bedside devices, each with a scripted peer at the other end of a real line, laid out byte by byte from its
//! protocol's document: nothing here knows the product's codec.

mod dri;
mod intellivue;
mod medibus;
mod poct1;
mod printer;

use crate::support::{Hospital, port};
use benhan_device_gateway::PortEntry;
use diesel::prelude::*;
use diesel::result::Error;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A device at this bed.
pub fn at_bed(name: &str, url: &str) -> PortEntry {
    PortEntry { place: "HSTC^P2^G05".to_owned(), ..port(name, url) }
}

/// What would take this long never happens.
pub async fn in_time<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(Duration::from_secs(60), happens).await;
    happened.unwrap_or_else(|_| panic!("never happened: {what}"))
}

/// Deliveries, once there are so many at least.
pub async fn delivered(hospital: &Hospital, count: usize) -> Vec<Value> {
    hospital.server.until("the deliveries arrive", |server| server.committed().len() >= count).await;
    hospital.server.committed()
}

/// Code, value, unit of each reading.
pub fn values(delivery: &Value) -> Vec<String> {
    let groups = delivery["groups"].as_array().unwrap().iter();
    let readings = groups.flat_map(|group| group["readings"].as_array().unwrap());
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let one = |reading: &Value| {
        format!("{} {} {}", text(&reading["code"]), text(&reading["value"]["decimal"]), text(&reading["ucum"]))
    };
    readings.map(one).collect()
}

/// Whether the spool takes another message.
pub async fn takes(hospital: &Hospital, another: bool) {
    let statement = match another {
        true => "DROP TRIGGER full",
        false => "CREATE TRIGGER full BEFORE INSERT ON receipt BEGIN SELECT RAISE(ABORT, 'full'); END",
    };
    let set =
        move |connection: &mut diesel::SqliteConnection| diesel::sql_query(statement).execute(connection).map(drop);
    hospital.running.spool.writer().write::<(), Error, _>(set).await.unwrap();
}

/// Nothing more is written until the answer is told to go on.
pub fn stands_still(hospital: &Hospital) -> std::sync::mpsc::Sender<()> {
    let (go_on, told) = std::sync::mpsc::channel();
    let writer = hospital.running.spool.writer().clone();
    let waits = move |_: &mut diesel::SqliteConnection| -> Result<(), Error> {
        let _ = told.recv();
        Ok(())
    };
    tokio::spawn(async move { writer.write(waits).await.unwrap() });
    go_on
}

/// Counters of the gateway that runs on this thread.
#[derive(Clone, Default)]
pub struct Counts(Arc<Mutex<HashMap<String, Arc<AtomicU64>>>>);

impl Counts {
    /// How often this happened on the lines of a channel.
    pub fn of(&self, channel: &str, note: &str) -> u64 {
        let counts = self.0.lock().unwrap();
        let name = format!("benhan_device_notes_total channel={channel} note={note}");
        counts.get(&name).unwrap_or_else(|| panic!("nobody counts {name}")).load(Ordering::SeqCst)
    }
}

impl Recorder for Counts {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        let name = format!("{}{}", key.name(), labels.collect::<String>());
        Counter::from_arc(Arc::clone(self.0.lock().unwrap().entry(name).or_default()))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
