//! A delivery into the inbox. What can never be kept is refused by itself; the others of its batch are kept.

use super::MATCH;
use super::delivered::{device_name, effective_at, kind_of, sender_key};
use crate::app::AppError;
use base64::Engine;
use benhan_contract::{DeviceDelivery, Outcome, Receipt};
use benhan_domain::id::InboxId;
use benhan_store::inbox::{self, NewMessage};
use benhan_store::{StoreError, Tx, devices, jobs};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A sender's key is indexed, and an index takes no more than some kilobytes.
const LONGEST_KEY: usize = 400;

/// What the transaction needs, made before it.
pub struct Prepared {
    delivery: DeviceDelivery,
    body: String,
    raw: Vec<u8>,
}

/// Everything that costs time. What it cannot read is refused.
pub fn prepare(mut delivery: DeviceDelivery) -> Result<Prepared, Receipt> {
    let id = delivery.id;
    let no = |reason: &str| Receipt { id, outcome: Outcome::Refused, reason: reason.into() };
    let bytes = base64::engine::general_purpose::STANDARD.decode(&delivery.raw).map_err(|_| no("raw is not base64"))?;
    delivery.raw = String::new();
    let raw = zstd::encode_all(bytes.as_slice(), 3).map_err(|_| no("raw cannot be compressed"))?;
    let (delivery, body) = without_controls(delivery).map_err(|_| no("it cannot be written down"))?;
    Ok(Prepared { delivery, body, raw })
}

/// The reading without control characters, which nobody can see and PostgreSQL cannot keep; `raw` has them all.
fn without_controls(delivery: DeviceDelivery) -> serde_json::Result<(DeviceDelivery, String)> {
    let body = serde_json::to_string(&delivery)?;
    // As JSON escapes them: nearly every delivery is done here.
    if !["\\u00", "\\b", "\\f", "\\r", "\u{7f}"].iter().any(|mark| body.contains(mark)) {
        return Ok((delivery, body));
    }
    let mut value = serde_json::to_value(&delivery)?;
    clean(&mut value);
    let delivery = serde_json::from_value(value)?;
    let body = serde_json::to_string(&delivery)?;
    Ok((delivery, body))
}

fn clean(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| !c.is_control() || matches!(c, '\n' | '\t')),
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

type Ready = Result<Prepared, Receipt>;

/// All in one go, as nearly always; when that fails each alone, so that one broken delivery holds back no other.
pub fn all(tx: &mut Tx<'_>, batch: &[Ready]) -> Result<Vec<Receipt>, AppError> {
    let together = tx.savepoint(|tx| batch.iter().map(|p| keep(tx, p)).collect::<Result<Vec<_>, AppError>>());
    match together {
        Err(AppError::Store(error)) if error.is_unavailable() => Err(error.into()),
        Err(_) => batch.iter().map(|p| alone(tx, p)).collect(),
        kept => kept,
    }
}

fn alone(tx: &mut Tx<'_>, one: &Ready) -> Result<Receipt, AppError> {
    let mut failed = None;
    // Twice: when another connection was first with the same device or delivery, the second look finds it there.
    for _ in 0..2 {
        match tx.savepoint(|tx| keep(tx, one)) {
            Ok(receipt) => return Ok(receipt),
            Err(AppError::Store(error)) if error.is_unavailable() => return Err(error.into()),
            Err(error) => failed = Some(error),
        }
    }
    let (Some(error), Ok(Prepared { delivery, .. })) = (failed, one) else {
        return Err(AppError::Internal("a delivery was neither kept nor refused".into()));
    };
    if !keeps_others(tx) {
        return Err(error);
    }
    tracing::error!(delivery = %delivery.id.0, sequence = delivery.sequence, %error, "a delivery cannot be kept: refused");
    let reason = "the database cannot keep it: see the server's log".into();
    Ok(Receipt { id: delivery.id, outcome: Outcome::Refused, reason })
}

/// The database takes another row at this very moment: then the fault was the delivery's own.
fn keeps_others(tx: &mut Tx<'_>) -> bool {
    let mut kept = false;
    let undone: Result<(), AppError> = tx.savepoint(|tx| {
        jobs::enqueue(tx, MATCH, "", None)?;
        kept = true;
        Err(StoreError::Closed.into())
    });
    kept && undone.is_err()
}

fn keep(tx: &mut Tx<'_>, one: &Ready) -> Result<Receipt, AppError> {
    let Prepared { delivery, body, raw } = match one {
        Ok(prepared) => prepared,
        Err(refused) => return Ok(refused.clone()),
    };
    let kind = kind_of(delivery);
    let skew = delivery.message_at.map(|at| at.saturating_sub(delivery.received_at));
    let device_kind = match kind {
        "vitals" => "monitor",
        "lab" => "analyzer",
        _ => "unknown",
    };
    let key = bounded(sender_key(&delivery.sender));
    let name: String = device_name(&delivery.sender).chars().take(200).collect();
    let device = devices::seen(tx, &key, &name, device_kind, &delivery.sender.channel, skew)?;
    let id = InboxId(delivery.id.0);
    let message = NewMessage {
        id,
        device: device.id,
        kind,
        received_at: delivery.received_at,
        effective_at: effective_at(delivery),
        specimen: delivery.groups.iter().flat_map(|g| g.specimens.first()).next().cloned(),
        body: body.clone(),
        raw: raw.clone(),
        raw_sha256: delivery.raw_sha256.clone(),
    };
    let answer = |outcome| Receipt { id: delivery.id, outcome, reason: String::new() };
    if !inbox::receive(tx, &message)? {
        return Ok(answer(Outcome::Duplicate));
    }
    jobs::enqueue(tx, MATCH, &id.to_string(), None)?;
    Ok(answer(Outcome::Accepted))
}

fn bounded(key: String) -> String {
    if key.len() <= LONGEST_KEY { key } else { format!("sha256:{}", hex::encode(Sha256::digest(key))) }
}
