//! What the gateway and the bridge bring: kept first, understood in a job. A batch is one transaction.

use super::AppError;
use crate::hub::{Hub, LiveValue};
use crate::state::App;
use base64::Engine;
use benhan_contract::{Deliveries, DeviceDelivery, LiveBatch, Outcome, Protocol, Receipt, Receipts, Sender};
use benhan_domain::access::system_search;
use benhan_domain::id::{EncounterId, InboxId, WardId};
use benhan_domain::time::Instant;
use benhan_domain::vitals::VitalCode;
use benhan_store::inbox::{self, NewMessage};
use benhan_store::{Conn, Tx, devices, encounters, jobs, places};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The job that looks whose a message is.
pub const MATCH: &str = "match-delivery";

/// Stores deliveries; each is answered for itself, so that one broken message never holds back the rest.
pub async fn deliveries(app: &App, batch: Deliveries) -> Result<Receipts, AppError> {
    if batch.deliveries.len() > benhan_contract::MAX_BATCH {
        return Err(AppError::invalid("deliveries", "Mỗi lần gửi tối đa 500 bản tin"));
    }
    let prepared = tokio::task::spawn_blocking(move || batch.deliveries.into_iter().map(prepare).collect::<Vec<_>>());
    let prepared = prepared.await.map_err(|_| AppError::Internal("a batch was cut off".into()))?;
    let jobs = Arc::clone(&app.jobs);
    let write = app.db.write::<_, AppError, _>(move |tx| {
        let receipts = prepared.into_iter().map(|p| store(tx, p)).collect::<Result<Vec<_>, AppError>>()?;
        tx.after_commit(move || jobs.notify_one());
        Ok(Receipts { receipts })
    });
    let receipts = write.await?;
    count("device", &receipts);
    Ok(receipts)
}

/// What became of deliveries, for whoever watches the machine.
pub(super) fn count(kind: &'static str, of: &Receipts) {
    for receipt in &of.receipts {
        let outcome = match receipt.outcome {
            Outcome::Accepted => "accepted",
            Outcome::Duplicate => "duplicate",
            Outcome::Refused => "refused",
        };
        metrics::counter!("benhan_ingest_deliveries_total", "kind" => kind, "outcome" => outcome).increment(1);
    }
}

struct Prepared {
    delivery: DeviceDelivery,
    raw: Result<Vec<u8>, &'static str>,
}

/// Everything that costs time, before the transaction.
fn prepare(mut delivery: DeviceDelivery) -> Prepared {
    let bytes = base64::engine::general_purpose::STANDARD.decode(&delivery.raw).map_err(|_| "raw is not base64");
    delivery.raw = String::new();
    let raw = bytes.and_then(|bytes| zstd::encode_all(bytes.as_slice(), 3).map_err(|_| "raw cannot be compressed"));
    Prepared { delivery, raw }
}

fn store(tx: &mut Tx<'_>, prepared: Prepared) -> Result<Receipt, AppError> {
    let delivery = prepared.delivery;
    let raw = match prepared.raw {
        Ok(raw) => raw,
        Err(reason) => return Ok(Receipt { id: delivery.id, outcome: Outcome::Refused, reason: reason.into() }),
    };
    let kind = kind_of(&delivery);
    let skew = delivery.message_at.map(|at| at.saturating_sub(delivery.received_at));
    let device_kind = match kind {
        "vitals" => "monitor",
        "lab" => "analyzer",
        _ => "unknown",
    };
    let (key, name) = (sender_key(&delivery.sender), device_name(&delivery.sender));
    let device = devices::seen(tx, &key, &name, device_kind, &delivery.sender.channel, skew)?;
    let id = InboxId(delivery.id.0);
    let body = serde_json::to_string(&delivery).map_err(|e| AppError::Internal(e.to_string()))?;
    let message = NewMessage {
        id,
        device: device.id,
        kind,
        received_at: delivery.received_at,
        effective_at: effective_at(&delivery),
        specimen: delivery.groups.iter().flat_map(|g| g.specimens.first()).next().cloned(),
        body,
        raw,
        raw_sha256: delivery.raw_sha256.clone(),
    };
    if !inbox::receive(tx, &message)? {
        return Ok(Receipt { id: delivery.id, outcome: Outcome::Duplicate, reason: String::new() });
    }
    jobs::enqueue(tx, MATCH, &id.to_string(), None)?;
    Ok(Receipt { id: delivery.id, outcome: Outcome::Accepted, reason: String::new() })
}

/// A monitor speaks IEEE 11073 or says where it stands; an analyzer names a specimen.
fn kind_of(delivery: &DeviceDelivery) -> &'static str {
    let mut readings = delivery.groups.iter().flat_map(|g| &g.readings).peekable();
    if readings.peek().is_none() && delivery.set_aside.is_empty() {
        return "other";
    }
    let vital = |loinc: Option<&str>| loinc.and_then(VitalCode::from_loinc).is_some();
    let monitor =
        delivery.groups.iter().flat_map(|g| &g.readings).any(|r| r.system == "MDC" || vital(r.loinc.as_deref()));
    if monitor && delivery.protocol == Protocol::Hl7 { "vitals" } else { "lab" }
}

/// When the newest of its values was true, as the device dates it.
pub fn effective_at(delivery: &DeviceDelivery) -> Option<i64> {
    let dated = delivery.groups.iter().flat_map(|g| &g.readings).filter_map(|r| r.effective_at).max();
    dated.or(delivery.message_at)
}

fn sender_key(sender: &Sender) -> String {
    let own = if sender.equipment.is_empty() { &sender.address } else { &sender.equipment };
    format!("{}|{}|{}|{}", sender.channel, sender.application, sender.facility, own)
}

fn device_name(sender: &Sender) -> String {
    let mut parts = vec![sender.application.as_str(), sender.facility.as_str(), sender.equipment.as_str()];
    parts.retain(|p| !p.is_empty());
    if parts.is_empty() { sender.channel.clone() } else { parts.join(" · ") }
}

/// Which stay a monitor's bed holds now; kept for a few seconds, because live values come every second.
#[derive(Default)]
pub struct LiveBeds {
    known: Mutex<HashMap<Named, Looked>>,
}

/// Ward code and bed label, as a monitor names them.
type Named = (String, String);
/// When it was looked up, and who lay there.
type Looked = (i64, Option<(WardId, EncounterId)>);

const FRESH: i64 = 3 * benhan_domain::time::SECOND;

/// Shows live values on the boards. They are never rows; a bed with two patients or none shows nothing.
pub async fn live(app: &App, beds: &LiveBeds, batch: LiveBatch) -> Result<(), AppError> {
    for sample in batch.samples.into_iter().take(10_000) {
        let (Some(place), Some(code)) = (sample.location, live_code(&sample.code)) else { continue };
        let key = (place.unit, place.bed);
        if let Some((ward, encounter_id)) = bed_now(app, beds, key).await? {
            show(&app.hub, ward, encounter_id, code, sample.value, sample.at);
        }
    }
    Ok(())
}

fn show(hub: &Hub, ward: WardId, encounter_id: EncounterId, code: &'static str, value: f64, micros: i64) {
    hub.live(ward, LiveValue { encounter_id, code, value, at: Instant(micros).rfc3339(), micros });
}

async fn bed_now(app: &App, beds: &LiveBeds, key: (String, String)) -> Result<Option<(WardId, EncounterId)>, AppError> {
    let now = app.db.now();
    if let Ok(known) = beds.known.lock()
        && let Some((at, found)) = known.get(&key)
        && now.0.saturating_sub(*at) < FRESH
    {
        return Ok(*found);
    }
    let asked = key.clone();
    let found = app.db.read(move |conn| sole_occupant(conn, &asked.0, &asked.1, now)).await?;
    if let Ok(mut known) = beds.known.lock() {
        if known.len() > 10_000 {
            known.clear(); // senders that invent beds cost no memory
        }
        known.insert(key, (now.0, found));
    }
    Ok(found)
}

fn sole_occupant(
    conn: &mut Conn,
    ward: &str,
    label: &str,
    now: Instant,
) -> Result<Option<(WardId, EncounterId)>, AppError> {
    let found = places::beds_named(conn, ward, label)?;
    let [bed] = found.as_slice() else { return Ok(None) };
    let stays = encounters::in_bed_at(conn, &system_search(), bed.id, &[now])?;
    let [stay] = stays.as_slice() else { return Ok(None) };
    Ok(Some((bed.ward, *stay)))
}

/// IEEE 11073 codes that the board shows.
fn live_code(mdc: &str) -> Option<&'static str> {
    Some(match mdc {
        "147842" | "149514" | "149530" | "149538" => "pulse",
        "150456" => "spo2",
        "151562" | "151578" | "151570" | "151594" => "resp",
        "150344" | "150368" | "150388" => "temp",
        "150021" | "150301" => "sbp",
        "150022" | "150302" => "dbp",
        "150023" | "150303" => "map",
        "151728" | "151708" => "etco2",
        _ => return None,
    })
}
