//! Whose is it? A message is charted only where one answer stands; all else waits for a person, with proposals.

use super::AppError;
use super::ingest::{Chartable, chartable};
use super::results::{self, Verdict};
use crate::hub::Event;
use crate::state::App;
use benhan_contract::{DeviceDelivery, Processing};
use benhan_domain::access::{SearchPatients, ViewChart, system, system_search};
use benhan_domain::id::{BedId, EncounterId, InboxId, WardId};
use benhan_domain::identity::{self, Known, Said};
use benhan_domain::time::{Instant, SECOND};
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::{self, Fate, Message, State};
use benhan_store::{Conn, Tx, places, records};
use std::sync::Arc;

mod deciding;
mod list;
mod proposing;
pub use deciding::{dismiss, match_by_hand, undo};
pub use list::{Which, candidates, raw, waiting, waiting_count};

/// Looks at one stored message. Safe to run twice: a message that is no longer pending is left alone.
pub fn settle(tx: &mut Tx<'_>, app: &App, id: InboxId) -> Result<(), AppError> {
    let Some(message) = inbox::pending(tx.conn(), &system_search(), id)? else { return Ok(()) };
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
        Verdict::InPart(stay, left_out) => (State::Matched, left_out, Some(stay)),
        Verdict::Waiting(why) => (State::Waiting, why, None),
        Verdict::SetAside(why) => (State::SetAside, why, None),
    };
    let ward = match stay {
        Some(stay) => ward_of(tx.conn(), stay)?,
        None => named_ward(tx.conn(), &delivery)?,
    };
    let fate = Fate { state, reason, encounter: stay, ward, by: None };
    if !inbox::settle(tx, id, State::Pending, &fate)? {
        return Err(AppError::Internal(format!("inbox {id} was settled twice at once")));
    }
    if state == State::Waiting {
        let hub = Arc::clone(&app.hub);
        tx.after_commit(move || hub.publish(Event::Waiting));
    }
    Ok(())
}

/// No rule could look at this message: a person does.
pub fn give_up(tx: &mut Tx<'_>, app: &App, id: InboxId) -> Result<(), AppError> {
    let fate = Fate { state: State::Waiting, reason: "unreadable", encounter: None, ward: None, by: None };
    if inbox::settle(tx, id, State::Pending, &fate)? {
        let hub = Arc::clone(&app.hub);
        tx.after_commit(move || hub.publish(Event::Waiting));
    }
    Ok(())
}

fn ward_of(conn: &mut Conn, stay: EncounterId) -> Result<Option<WardId>, AppError> {
    Ok(match encounters::place(conn, stay)? {
        Some(place) => place.ward(),
        _ => None,
    })
}

/// The ward of the bed that the device names, if there is one bed of that name.
fn named_ward(conn: &mut Conn, delivery: &DeviceDelivery) -> Result<Option<WardId>, AppError> {
    Ok(named_bed(conn, delivery)?.ok().map(|bed| bed.ward))
}

pub fn delivery_of(message: &Message) -> Result<DeviceDelivery, AppError> {
    serde_json::from_str(&message.body).map_err(|_| AppError::Internal(format!("inbox {} cannot be read", message.id)))
}

fn vitals(tx: &mut Tx<'_>, app: &App, message: &Message, delivery: &DeviceDelivery) -> Result<Verdict, AppError> {
    let found = chartable(delivery);
    if clock_is_off(app, delivery, &found) {
        return Ok(Verdict::Waiting("clock"));
    }
    let (Some(first), Some(last)) = (found.sets.first(), found.sets.last()) else {
        return Ok(if found.left_out > 0 { Verdict::Waiting("unit") } else { Verdict::SetAside("no-value") });
    };
    // All of it must be this patient's: a cuff pressure may be older than the rest, and then of who lay there before.
    let instants = [Instant(first.at), Instant(last.at), Instant(message.received_at)];
    let stay = match sole_stay(tx.conn(), delivery, &instants)? {
        Ok(stay) => stay,
        Err(why) => return Ok(Verdict::Waiting(why)),
    };
    records::written_into(tx.conn(), stay)?;
    let view = system::<ViewChart>(stay);
    let stay = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    if contradicts(&stay, delivery) {
        return Ok(Verdict::Waiting("patient-mismatch"));
    }
    if stay.record.takes_entries().is_err() {
        return Ok(Verdict::Waiting("record-closed"));
    }
    let opened = proposing::propose(tx, app, &stay, message, &found.sets)?;
    Ok(match (opened, found.left_out) {
        (_, 1..) => Verdict::InPart(stay.id, "unit"),
        (0, 0) => Verdict::SetAside("slot-filled"),
        _ => Verdict::Matched(stay.id),
    })
}

/// The device's clock is further off than may be, as far as anything tells: what it says of now, a value from the
/// future, or, where it does not say when it sent, a newest value that is not of now.
fn clock_is_off(app: &App, delivery: &DeviceDelivery, found: &Chartable) -> bool {
    let most = app.settings.max_skew_seconds.saturating_mul(SECOND);
    let ahead = |at: i64| at.saturating_sub(delivery.received_at);
    let newest = found.sets.iter().filter(|s| s.dated).map(|s| ahead(s.at)).max();
    let future = newest.is_some_and(|ahead| ahead > most);
    match delivery.message_at {
        Some(sent) => future || ahead(sent).saturating_abs() > most,
        None => future || newest.is_some_and(|ahead| ahead < most.saturating_neg()),
    }
}

/// The one stay that held the named bed when each value was true and when they came; or why there is none.
fn sole_stay(
    conn: &mut Conn,
    delivery: &DeviceDelivery,
    instants: &[Instant],
) -> Result<Result<EncounterId, &'static str>, AppError> {
    let bed = match named_bed(conn, delivery)? {
        Ok(bed) => bed.id,
        Err(why) => return Ok(Err(why)),
    };
    let stays = encounters::in_bed_at(conn, &system_search(), bed, instants)?;
    Ok(match stays.as_slice() {
        [stay] => Ok(*stay),
        [] => Err("empty-bed"),
        _ => Err(if changed_hands(conn, bed, instants)? { "changed-bed" } else { "shared-bed" }),
    })
}

/// At each instant one patient lay there, and not always the same.
fn changed_hands(conn: &mut Conn, bed: BedId, instants: &[Instant]) -> Result<bool, AppError> {
    for at in instants {
        if encounters::in_bed_at(conn, &system_search(), bed, &[*at])?.len() > 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The bed that the device says it stands at.
fn named_bed(conn: &mut Conn, delivery: &DeviceDelivery) -> Result<Result<places::Bed, &'static str>, AppError> {
    let Some(place) = delivery.location.as_ref().filter(|l| !l.bed.is_empty()) else { return Ok(Err("no-bed")) };
    let mut beds = places::beds_named(conn, &place.unit, &place.bed)?;
    Ok(match (beds.pop(), beds.is_empty()) {
        (Some(bed), true) => Ok(bed),
        (None, _) => Err("unknown-bed"),
        _ => Err("ambiguous-bed"),
    })
}

/// The device names a patient and it is not this one: by id, by name or by birth date.
pub fn contradicts(stay: &Encounter, delivery: &DeviceDelivery) -> bool {
    let Some(sent) = &delivery.patient else { return false };
    let ids: Vec<&str> = sent.ids.iter().map(String::as_str).collect();
    let said = Said { ids: &ids, name: &sent.name, birth_date: &sent.birth_date };
    identity::contradicts(&said, &known(stay, &ids_of(stay)))
}

/// The ids that a machine may know a patient by.
pub fn ids_of(stay: &Encounter) -> Vec<&str> {
    let who = &stay.patient.who;
    let own = [Some(&stay.patient.code), Some(&stay.number), who.national_id.as_ref(), who.insurance_card.as_ref()];
    own.into_iter().flatten().map(String::as_str).collect()
}

pub fn known<'a>(stay: &'a Encounter, ids: &'a [&'a str]) -> Known<'a> {
    Known { ids, name: &stay.patient.who.name, birth_date: stay.patient.who.birth_date }
}

/// For the proposals: a search permit that the system holds, or the caller's own.
type Search = benhan_domain::access::Permit<SearchPatients>;
