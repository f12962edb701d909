//! What the gateway and the bridge bring: kept first, understood in a job. A batch is one transaction.

use super::AppError;
use crate::hub::{Hub, LiveValue, is_live};
use crate::state::App;
use benhan_contract::{Deliveries, LiveBatch, Outcome, Receipts};
use benhan_domain::access::system_search;
use benhan_domain::id::{EncounterId, WardId};
use benhan_domain::time::{Instant, SECOND};
use benhan_domain::vitals::from_ucum;
use benhan_store::{Conn, encounters, places};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

mod delivered;
mod keeping;
pub use delivered::{Chartable, Measured, chartable, plausible};

/// The job that looks whose a message is.
pub const MATCH: &str = "match-delivery";

/// Stores deliveries; each is answered for itself, so that one broken message never holds back the rest.
pub async fn deliveries(app: &App, batch: Deliveries) -> Result<Receipts, AppError> {
    if batch.deliveries.len() > benhan_contract::MAX_BATCH {
        return Err(AppError::invalid("deliveries", "Mỗi lần gửi tối đa 500 bản tin"));
    }
    let prepared =
        tokio::task::spawn_blocking(move || batch.deliveries.into_iter().map(keeping::prepare).collect::<Vec<_>>());
    let prepared = prepared.await.map_err(|_| AppError::Internal("a batch was cut off".into()))?;
    let jobs = Arc::clone(&app.jobs);
    let write = app.db.write::<_, AppError, _>(move |tx| {
        let receipts = keeping::all(tx, &prepared)?;
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

/// Which stay a monitor's bed holds now; kept for a few seconds, because live values come every second.
#[derive(Default)]
pub struct LiveBeds {
    known: Mutex<HashMap<Named, Looked>>,
}

/// Ward code and bed label, as a monitor names them.
type Named = (String, String);
/// When it was looked up, and who lay there.
type Looked = (i64, Option<(WardId, EncounterId)>);

const FRESH: i64 = 3 * SECOND;

/// Shows live values on the boards. They are never rows; a bed with two patients or none shows nothing.
pub async fn live(app: &App, beds: &LiveBeds, batch: LiveBatch) -> Result<(), AppError> {
    let now = app.db.now();
    let latest = now.plus(app.settings.max_skew_seconds.saturating_mul(SECOND)).0;
    for sample in batch.samples.into_iter().take(10_000) {
        let (Some(place), Some((code, unit))) = (sample.location, live_code(&sample.code)) else { continue };
        // A value from the future would hide all that follow until then; one from long ago is not live.
        if sample.at > latest || !is_live(code, sample.at, now) {
            continue;
        }
        let Some(value) = from_ucum(unit, sample.value, sample.ucum.as_deref().unwrap_or_default()) else { continue };
        let key = (place.unit, place.bed);
        if [&key.0, &key.1].iter().any(|name| name.chars().any(char::is_control)) {
            continue; // no bed of ours has such a name
        }
        if let Some((ward, encounter_id)) = bed_now(app, beds, key).await? {
            show(&app.hub, ward, encounter_id, code, value, sample.at);
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

/// IEEE 11073 codes that the board shows, each in the unit that it is shown in.
fn live_code(mdc: &str) -> Option<(&'static str, &'static str)> {
    Some(match mdc {
        "147842" | "149514" | "149530" | "149538" => ("pulse", "/min"),
        "150456" => ("spo2", "%"),
        "151562" | "151578" | "151570" | "151594" => ("resp", "/min"),
        "150344" | "150368" | "150388" => ("temp", "Cel"),
        "150021" | "150301" => ("sbp", "mm[Hg]"),
        "150022" | "150302" => ("dbp", "mm[Hg]"),
        "150023" | "150303" => ("map", "mm[Hg]"),
        "151728" | "151708" => ("etco2", "mm[Hg]"),
        _ => return None,
    })
}
