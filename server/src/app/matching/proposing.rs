//! What a message becomes on a chart: preliminary sets, each with its own time, for a nurse to accept; and back.

use super::named_bed;
use crate::app::accounts::Caller;
use crate::app::charting::{canonical, parse_values};
use crate::app::ingest::Measured;
use crate::app::{AppError, trail};
use crate::hub::Event;
use crate::state::App;
use benhan_contract::DeviceDelivery;
use benhan_domain::access::{ChartVitals, MatchVitals, Permit, ViewChart, system, system_search, system_writes};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, ObservationSetId};
use benhan_domain::observation::Status;
use benhan_domain::time::{Instant, MINUTE};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::Message;
use benhan_store::observations::{self, NewSet, NewVersion};
use benhan_store::{Conn, Tx};
use serde_json::json;
use std::sync::Arc;

/// Puts values before the nurse, one set an instant: every spot measurement, and the others once in ten minutes.
/// Says how many sets were opened.
pub fn propose(
    tx: &mut Tx<'_>,
    app: &App,
    stay: &Encounter,
    message: &Message,
    found: &[Measured],
) -> Result<usize, AppError> {
    let mut opened = 0_usize;
    for measured in found {
        let mut measured = measured.clone();
        if !measured.dated && is_repeated(tx.conn(), stay.id, message, &measured)? {
            let repeated = measured.spot.clone();
            measured.leave_out(&repeated);
        }
        if !measured.values.is_empty() && open(tx, app, stay, message, measured)? {
            opened = opened.saturating_add(1);
        }
    }
    if opened > 0 {
        changed(tx, app, stay);
    }
    Ok(opened)
}

/// Takes back what a message became, while no nurse has accepted any of it.
pub fn withdraw(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    permit: &Permit<MatchVitals>,
    message: &Message,
    stay: &Encounter,
) -> Result<(), AppError> {
    for of in observations::of_message(tx.conn(), permit, message.id)? {
        match of.status {
            Status::Preliminary => {}
            Status::Rejected => continue,
            Status::Final | Status::Amended | Status::EnteredInError => {
                let detail = "Lượt đo đã được nhận: sửa trên phiếu sinh hiệu, lý do nhầm người bệnh.";
                return Err(AppError::conflict("accepted", detail));
            }
        }
        let mut next = NewVersion {
            status: Status::Rejected,
            effective_at: of.effective_at,
            author: Some(caller.user.id),
            reason_code: None,
            reason: Some("bỏ ghép".into()),
            body: String::new(),
        };
        let values = parse_values(&of.body)?;
        next.body = canonical(stay, of.set, of.version.saturating_add(1), (&next, &values), tx.now())?;
        if !observations::withdraw(tx, permit, &of, &next)? {
            return Err(AppError::stale());
        }
        let (subject, detail) = (("observation-set", of.set.to_string()), json!({ "inbox": message.id }));
        trail::on_chart(tx, next.author, Act::Cancel, subject, (stay.patient.id, stay.id), detail)?;
    }
    changed(tx, app, stay);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, app: &App, stay: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "vitals" });
    });
}

/// A cuff that is not dated is sent again with every message until the next one: the same numbers are no new measurement.
fn is_repeated(conn: &mut Conn, stay: EncounterId, message: &Message, now: &Measured) -> Result<bool, AppError> {
    if now.spot.is_empty() {
        return Ok(false);
    }
    let chart = system::<ViewChart>(stay);
    for set in observations::last_of_device(conn, &chart, message.device, message.id, 50)? {
        let earlier = parse_values(&set.body)?;
        let of = |code| earlier.iter().find(|v| v.code == code).and_then(|v| v.value);
        if now.spot.iter().all(|code| of(*code).is_some()) {
            let spot = now.values.iter().filter(|v| now.spot.contains(&v.code));
            return Ok(spot.into_iter().all(|v| of(v.code) == v.value));
        }
    }
    Ok(false)
}

/// False when the slot is filled: this spot measurement, or these ten minutes, are on the chart already.
fn open(tx: &mut Tx<'_>, app: &App, stay: &Encounter, message: &Message, measured: Measured) -> Result<bool, AppError> {
    let slot = if measured.spot.is_empty() {
        let every = app.settings.chart_every_minutes.max(1).saturating_mul(MINUTE);
        format!("{}|{}|{}", stay.id, message.device, measured.at.div_euclid(every))
    } else {
        format!("{}|{}|cuff|{}", stay.id, message.device, measured.at)
    };
    if observations::slot_filled(tx.conn(), &slot)? {
        return Ok(false);
    }
    let set: ObservationSetId = tx.fresh();
    let mut first = NewVersion {
        status: Status::Preliminary,
        effective_at: measured.at,
        author: None,
        reason_code: None,
        reason: None,
        body: String::new(),
    };
    first.body = canonical(stay, set, 1, (&first, &measured.values), tx.now())?;
    let head =
        NewSet { set, encounter: stay.id, device: Some(message.device), inbox: Some(message.id), slot_key: Some(slot) };
    observations::open(tx, &system_writes::<ChartVitals>(stay.id, stay.record)?, &head, &first)?;
    let detail = json!({ "inbox": message.id });
    trail::on_chart(tx, None, Act::Match, ("observation-set", set.to_string()), (stay.patient.id, stay.id), detail)?;
    Ok(true)
}

/// For a match by hand: without what was measured while another patient held the bed that the device names.
pub fn of_this_patient(
    conn: &mut Conn,
    stay: EncounterId,
    delivery: &DeviceDelivery,
    mut found: Vec<Measured>,
) -> Result<Vec<Measured>, AppError> {
    let Ok(bed) = named_bed(conn, delivery)? else { return Ok(found) };
    let mut others = Vec::new();
    for measured in &found {
        let held = encounters::in_bed_at(conn, &system_search(), bed.id, &[Instant(measured.at)])?;
        if !held.is_empty() && !held.contains(&stay) {
            others.push(measured.at);
        }
    }
    found.retain(|measured| !others.contains(&measured.at));
    Ok(found)
}
