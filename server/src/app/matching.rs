//! Whose is it? A message is charted only where one answer stands; all else waits for a person, with proposals.

use super::charting::canonical;
use super::ingest::chartable;
use super::results::{self, Verdict};
use super::{AppError, trail};
use crate::hub::Event;
use crate::state::App;
use benhan_contract::{DeviceDelivery, Processing};
use benhan_domain::access::{ChartVitals, SearchPatients, ViewChart, system, system_search};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, InboxId, ObservationSetId};
use benhan_domain::observation::Status;
use benhan_domain::time::{Instant, MINUTE, SECOND};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::{self, Message, State};
use benhan_store::observations::{self, NewSet, NewVersion};
use benhan_store::{Conn, Tx, places};
use serde_json::json;
use std::sync::Arc;

mod list;
pub use list::{candidates, dismiss, match_by_hand, raw, undo, waiting};

/// Looks at one stored message. Safe to run twice: a message that is no longer pending is left alone.
pub fn settle(tx: &mut Tx<'_>, app: &App, id: InboxId) -> Result<(), AppError> {
    let Some(message) = inbox::read(tx.conn(), id)?.filter(|m| m.state == State::Pending) else { return Ok(()) };
    let delivery = delivery_of(&message)?;
    let verdict = match (delivery.processing, message.kind.as_str()) {
        (Processing::QualityControl, _) => Verdict::SetAside("quality-control"),
        (Processing::Training | Processing::Debugging, _) => Verdict::SetAside("training"),
        (Processing::Production, "vitals") => vitals(tx, app, &message, &delivery)?,
        (Processing::Production, "lab") => results::match_lab(tx, app, &message, &delivery)?,
        _ => Verdict::Waiting("unreadable"),
    };
    let (state, reason, stay) = match verdict {
        Verdict::Matched(stay) => (State::Matched, "", Some(stay)),
        Verdict::Waiting(why) => (State::Waiting, why, None),
        Verdict::SetAside(why) => (State::SetAside, why, None),
    };
    inbox::settle(tx, id, state, reason, stay, None)?;
    if state == State::Waiting {
        let hub = Arc::clone(&app.hub);
        tx.after_commit(move || hub.publish(Event::Waiting));
    }
    Ok(())
}

pub fn delivery_of(message: &Message) -> Result<DeviceDelivery, AppError> {
    serde_json::from_str(&message.body).map_err(|_| AppError::Internal(format!("inbox {} cannot be read", message.id)))
}

fn vitals(tx: &mut Tx<'_>, app: &App, message: &Message, delivery: &DeviceDelivery) -> Result<Verdict, AppError> {
    if delivery.groups.iter().all(|g| g.readings.is_empty()) {
        return Ok(Verdict::SetAside("no-value"));
    }
    let skew = delivery.message_at.map_or(0, |at| at.saturating_sub(delivery.received_at));
    if skew.saturating_abs() > app.settings.max_skew_seconds.saturating_mul(SECOND) {
        return Ok(Verdict::Waiting("clock"));
    }
    let effective = message.effective_at.unwrap_or(message.received_at);
    let stay = match sole_stay(tx.conn(), delivery, effective, message.received_at)? {
        Ok(stay) => stay,
        Err(why) => return Ok(Verdict::Waiting(why)),
    };
    let view = system::<ViewChart>(stay);
    let stay = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    if contradicts(&stay, delivery) {
        return Ok(Verdict::Waiting("patient-mismatch"));
    }
    propose(tx, app, &stay, message, delivery)?;
    Ok(Verdict::Matched(stay.id))
}

/// The one stay that held the named bed when the value was true and when it came; or why there is none.
fn sole_stay(
    conn: &mut Conn,
    delivery: &DeviceDelivery,
    effective: i64,
    received: i64,
) -> Result<Result<EncounterId, &'static str>, AppError> {
    let Some(place) = delivery.location.as_ref().filter(|l| !l.bed.is_empty()) else { return Ok(Err("no-bed")) };
    let beds = places::beds_named(conn, &place.unit, &place.bed)?;
    let [bed] = beds.as_slice() else { return Ok(Err(if beds.is_empty() { "unknown-bed" } else { "ambiguous-bed" })) };
    let stays = encounters::in_bed_at(conn, &system_search(), bed.id, &[Instant(effective), Instant(received)])?;
    Ok(match stays.as_slice() {
        [stay] => Ok(*stay),
        [] => Err("empty-bed"),
        _ => Err("shared-bed"),
    })
}

/// The device names a patient and it is not this one.
pub fn contradicts(stay: &Encounter, delivery: &DeviceDelivery) -> bool {
    let Some(sent) = &delivery.patient else { return false };
    let ids: Vec<&str> = sent.ids.iter().map(|i| i.trim()).filter(|i| !i.is_empty()).collect();
    if ids.is_empty() {
        return false;
    }
    let who = &stay.patient.who;
    let known = [Some(&stay.patient.code), Some(&stay.number), who.national_id.as_ref(), who.insurance_card.as_ref()];
    let bare = |id: &str| id.replace(['.', '-'], "").to_lowercase();
    !ids.iter().any(|id| known.iter().flatten().any(|k| bare(k) == bare(id)))
}

/// Puts values before the nurse: one set in ten minutes, and one for each cuff pressure.
pub fn propose(
    tx: &mut Tx<'_>,
    app: &App,
    stay: &Encounter,
    message: &Message,
    delivery: &DeviceDelivery,
) -> Result<(), AppError> {
    let values = chartable(delivery);
    if values.is_empty() {
        return Ok(());
    }
    let effective = message.effective_at.unwrap_or(message.received_at);
    let cuff =
        delivery.groups.iter().flat_map(|g| &g.readings).filter(|r| r.aperiodic).filter_map(|r| r.effective_at).max();
    let slot = match cuff {
        Some(at) => format!("{}|{}|cuff|{at}", stay.id, message.device),
        None => {
            let every = app.settings.chart_every_minutes.max(1).saturating_mul(MINUTE);
            format!("{}|{}|{}", stay.id, message.device, effective.div_euclid(every))
        }
    };
    if observations::slot_filled(tx.conn(), &slot)? {
        return Ok(());
    }
    let set: ObservationSetId = tx.fresh();
    let mut first = NewVersion {
        status: Status::Preliminary,
        effective_at: effective,
        author: None,
        reason_code: None,
        reason: None,
        body: String::new(),
        values,
    };
    first.body = canonical(stay, set, 1, &first, tx.now())?;
    let head =
        NewSet { set, encounter: stay.id, device: Some(message.device), inbox: Some(message.id), slot_key: Some(slot) };
    observations::open(tx, &system::<ChartVitals>(stay.id), &head, &first)?;
    let detail = json!({ "inbox": message.id });
    trail::on_chart(tx, None, Act::Match, ("observation-set", set.to_string()), (stay.patient.id, stay.id), detail)?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "vitals" });
    });
    Ok(())
}

/// For the proposals: a search permit that the system holds, or the caller's own.
type Search = benhan_domain::access::Permit<SearchPatients>;
