//! Vital signs on the chart: entered, accepted from a device, corrected. Every change is a version.

use super::lookups::{People, permit_on, permit_on_entry, place_to_write};
use super::{AppError, late, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::{UnsignedSet, VitalInput, VitalSet};
use benhan_domain::access::{
    Action, ChartVitals, CorrectVitals, Permit, ViewChart, WithdrawVitals, decide, shown_after,
};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, ObservationSetId, UserId};
use benhan_domain::observation::{CorrectionReason, Status, Step};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_domain::update_limit::EntryKind;
use benhan_domain::vitals::{Offered, Provenance, VitalValue, pressures_agree};
use benhan_store::encounters::{self, Encounter};
use benhan_store::observations::{self, NewSet, NewVersion, SetVersion};
use benhan_store::{Tx, audit};
use serde_json::{Value, json};
use std::sync::Arc;

mod restoring;
mod shown;
pub use restoring::restore;
pub use shown::{Shown, Signatures, parse_values, show, subject_of};

/// Sets that are refused in one transaction; what is left is refused by the next.
const MOST_REJECTED: i64 = 1_000;

/// One set as a nurse sends it.
pub struct Entry {
    pub effective_at: Instant,
    pub values: Vec<VitalInput>,
    /// The device's set that she accepts with changes or additions.
    pub based_on: Option<ObservationSetId>,
}

/// Checks each cell; a field's error carries the field's code, so the grid marks the right one.
fn check(values: Vec<VitalInput>, provenance: impl Fn(&VitalInput) -> Provenance) -> Result<Vec<VitalValue>, AppError> {
    if values.is_empty() {
        return Err(AppError::invalid("values", "Chưa nhập chỉ số nào"));
    }
    let mut checked: Vec<VitalValue> = Vec::with_capacity(values.len());
    for input in values {
        let (code, from) = (input.code, provenance(&input));
        if checked.iter().any(|v| v.code == code) {
            return Err(AppError::invalid(code.as_str(), "Mỗi chỉ số chỉ nhập một lần"));
        }
        let offered = Offered {
            value: input.value,
            text: input.text,
            not_measured: input.not_measured,
            out_of_range_reason: input.out_of_range_reason,
        };
        checked
            .push(VitalValue::check(code, offered, from).map_err(|e| AppError::invalid(code.as_str(), e.to_string()))?);
    }
    if !pressures_agree(&checked) {
        return Err(AppError::invalid("dbp", "Huyết áp tâm trương phải thấp hơn tâm thu: kiểm tra lại"));
    }
    Ok(checked)
}

/// The bytes that a signature will cover: RFC 8785, decimals as text, codes with their system.
pub fn canonical(
    stay: &Encounter,
    set: ObservationSetId,
    version: i64,
    (new, values): (&NewVersion, &[VitalValue]),
    recorded: Instant,
) -> Result<String, AppError> {
    let values: Vec<Value> = values
        .iter()
        .map(|v| {
            let kind = v.code.kind();
            json!({
                "code": v.code, "loinc": kind.loinc, "unit": kind.unit,
                "value": v.value.map(|n| format!("{n:.*}", kind.decimals)), "text": v.text,
                "notMeasured": v.not_measured, "provenance": v.provenance, "outOfRangeReason": v.out_of_range_reason,
            })
        })
        .collect();
    Ok(audit::canonical(&json!({
        "format": "benhan/vital-signs/1",
        "set": set, "version": version, "encounter": stay.number, "patient": stay.patient.code,
        "status": new.status, "effectiveAt": Instant(new.effective_at).rfc3339(), "recordedAt": recorded.rfc3339(),
        "author": new.author, "reasonCode": new.reason_code, "reason": new.reason, "values": values,
    }))?)
}

/// A stay that takes entries, and the right to do this on it; `author` wrote what is to be changed, and may wherever the
/// patient is now.
fn open_stay<A: Action>(
    tx: &mut Tx<'_>,
    caller: &Caller,
    stay: EncounterId,
    author: Option<UserId>,
) -> Result<(Encounter, Permit<A>), AppError> {
    let place = place_to_write(tx.conn(), &caller.actor, stay, author)?;
    let permit = decide::<A>(&caller.actor, place)?;
    let stay =
        encounters::read(tx.conn(), &shown_after(&permit), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    Ok((stay, permit))
}

fn check_time(at: Instant, stay: &Encounter, now: Instant) -> Result<(), AppError> {
    if at.since(now) > 5 * MINUTE {
        return Err(AppError::invalid("effectiveAt", "Thời điểm đo không thể ở tương lai"));
    }
    if at.0 < stay.admitted_at.saturating_sub(HOUR) {
        return Err(AppError::invalid("effectiveAt", "Thời điểm đo trước lúc vào viện"));
    }
    Ok(())
}

fn changed(tx: &mut Tx<'_>, app: &App, stay: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "vitals" });
    });
}

/// Enters a set by hand, or accepts a device's set with what the nurse changed and added.
pub async fn enter(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    entry: Entry,
    retry: Option<crate::idempotent::Key>,
) -> Result<VitalSet, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        if let Some(key) = &retry
            && let Some(earlier) = key.earlier(tx, caller.user.id)?
        {
            let set = earlier.parse().map_err(|_| AppError::Internal("a kept answer is no id".into()))?;
            return shown::one(tx.conn(), &caller, set);
        }
        let (stay, permit) = open_stay::<ChartVitals>(tx, &caller, stay, None)?;
        check_time(entry.effective_at, &stay, tx.now())?;
        let based_on = match entry.based_on {
            Some(set) => Some(proposal(tx, &permit, set, &app2)?),
            None => None,
        };
        let measured = based_on.as_ref().map(|b| parse_values(&b.body)).transpose()?.unwrap_or_default();
        let values = check(entry.values, |input| match measured.iter().find(|m| m.code == input.code) {
            Some(m) if m.value == input.value && input.not_measured.is_none() => Provenance::Device,
            Some(_) => Provenance::DeviceEdited,
            None => Provenance::Manual,
        })?;
        let mut new = NewVersion {
            status: Status::Final,
            effective_at: based_on.as_ref().map_or(entry.effective_at.0, |b| b.effective_at),
            author: Some(caller.user.id),
            reason_code: None,
            reason: None,
            body: String::new(),
        };
        let written = match &based_on {
            Some(of) => {
                new.body = canonical(&stay, of.set, of.current_version.saturating_add(1), (&new, &values), tx.now())?;
                observations::amend(tx, &permit, of, &new)?.ok_or_else(AppError::stale)?
            }
            None => {
                let set: ObservationSetId = tx.fresh();
                new.body = canonical(&stay, set, 1, (&new, &values), tx.now())?;
                let head = NewSet { set, encounter: stay.id, device: None, inbox: None, slot_key: None };
                observations::open(tx, &permit, &head, &new)?
            }
        };
        let set = written.set;
        // A device's set was in the record when its message came.
        let mark = match entry.based_on {
            None => {
                let what = (EntryKind::Vitals, set.to_string());
                late::mark(tx, &permit, caller.user.id, &stay, what, entry.effective_at)?
            }
            Some(_) => None,
        };
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Create,
            ("observation-set", set.to_string()),
            (stay.patient.id, stay.id),
            late::noted(mark.as_ref()),
        )?;
        if let Some(key) = &retry {
            key.keep(tx, caller.user.id, &set.to_string())?;
        }
        changed(tx, &app2, &stay);
        shown::written(tx.conn(), &permit, &caller, &stay, &written)
    });
    write.await
}

/// A device's set that may still be accepted: preliminary, of this stay, not grown old.
fn proposal(
    tx: &mut Tx<'_>,
    permit: &Permit<ChartVitals>,
    set: ObservationSetId,
    app: &App,
) -> Result<SetVersion, AppError> {
    let found = observations::current(tx.conn(), &shown_after(permit), set)?
        .ok_or_else(|| AppError::not_found("lượt đo của máy"))?;
    found.status.after(Step::Accept).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
    let limit = app.settings.accept_within_minutes;
    if tx.now().0.saturating_sub(before_the_nurse(&found)) > limit.saturating_mul(MINUTE) {
        let detail = format!("Số máy đo đã quá {limit} phút: đo lại, hoặc nhập tay với giờ đo.");
        return Err(AppError::conflict("proposal-old", detail));
    }
    Ok(found)
}

/// Since when a nurse could have accepted it: a set that came late, or that a person matched, counts from then.
pub fn before_the_nurse(set: &SetVersion) -> i64 {
    set.effective_at.max(set.recorded_at)
}

/// Takes a device's set as it is: it becomes final, in the nurse's name.
pub async fn accept(app: &App, caller: &Caller, set: ObservationSetId, version: i64) -> Result<VitalSet, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (stay, _) = stay_of::<ChartVitals>(tx, &caller, set)?;
        let permit = permit_on::<ChartVitals>(tx.conn(), &caller.actor, stay.id)?;
        let of = proposal(tx, &permit, set, &app2)?;
        let next = (Status::Final, None, None, parse_values(&of.body)?);
        let written = step(tx, &stay, &of, version, &permit, &caller, next)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Edit,
            ("observation-set", set.to_string()),
            (stay.patient.id, stay.id),
            json!({ "step": "accept" }),
        )?;
        changed(tx, &app2, &stay);
        shown::written(tx.conn(), &permit, &caller, &stay, &written)
    });
    write.await
}

/// Refuses a device's set; it stays in the history with the reason.
pub async fn reject(
    app: &App,
    caller: &Caller,
    set: ObservationSetId,
    version: i64,
    reason: String,
) -> Result<VitalSet, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let reason = needed(&reason)?;
    let write = app.db.write(move |tx| {
        let (stay, _) = stay_of::<WithdrawVitals>(tx, &caller, set)?;
        let permit = permit_on::<WithdrawVitals>(tx.conn(), &caller.actor, stay.id)?;
        let of = observations::current(tx.conn(), &shown_after(&permit), set)?
            .ok_or_else(|| AppError::not_found("lượt đo"))?;
        let status =
            of.status.after(Step::Reject).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
        let next = (status, None, Some(reason), parse_values(&of.body)?);
        let written = step(tx, &stay, &of, version, &permit, &caller, next)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Cancel,
            ("observation-set", set.to_string()),
            (stay.patient.id, stay.id),
            json!({ "step": "reject" }),
        )?;
        changed(tx, &app2, &stay);
        shown::written(tx.conn(), &permit, &caller, &stay, &written)
    });
    write.await
}

/// Refuses every set of a device that nobody accepted, with one reason: what stands between a stay and its closing.
pub async fn reject_all(app: &App, caller: &Caller, stay: EncounterId, reason: String) -> Result<usize, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let reason = needed(&reason)?;
    let write = app.db.write(move |tx| {
        let (stay, permit) = open_stay::<WithdrawVitals>(tx, &caller, stay, None)?;
        let open = observations::proposed(tx.conn(), &shown_after(&permit), MOST_REJECTED)?;
        for of in &open {
            let status =
                of.status.after(Step::Reject).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
            let next = (status, None, Some(reason.clone()), parse_values(&of.body)?);
            step(tx, &stay, of, of.version, &permit, &caller, next)?;
        }
        let subject = ("observation-set", stay.id.to_string());
        let detail = json!({ "step": "reject-all", "sets": open.len() });
        trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (stay.patient.id, stay.id), detail)?;
        changed(tx, &app2, &stay);
        Ok(open.len())
    });
    write.await
}

pub struct Correction {
    pub version: i64,
    pub reason_code: CorrectionReason,
    pub reason: String,
    pub values: Vec<VitalInput>,
}

/// Replaces a set by a new version that says why; the old one stays readable, struck through. A set on the wrong patient is
/// withdrawn, which is a right of its own.
pub async fn correct(
    app: &App,
    caller: &Caller,
    set: ObservationSetId,
    with: Correction,
) -> Result<VitalSet, AppError> {
    match with.reason_code.step() {
        Step::Withdraw => correct_by::<WithdrawVitals>(app, caller, set, with).await,
        _ => correct_by::<CorrectVitals>(app, caller, set, with).await,
    }
}

async fn correct_by<A: Action + 'static>(
    app: &App,
    caller: &Caller,
    set: ObservationSetId,
    with: Correction,
) -> Result<VitalSet, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let reason = needed(&with.reason)?;
    let write = app.db.write(move |tx| {
        let (stay, permit) = stay_of::<A>(tx, &caller, set)?;
        let of = observations::current(tx.conn(), &shown_after(&permit), set)?
            .ok_or_else(|| AppError::not_found("lượt đo"))?;
        let status = of
            .status
            .after(with.reason_code.step())
            .map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
        let before = parse_values(&of.body)?;
        let values = if status == Status::EnteredInError {
            before
        } else {
            check(with.values, |input| match before.iter().find(|b| b.code == input.code) {
                Some(b) if b.value == input.value && b.text == input.text => b.provenance,
                Some(b) if b.provenance != Provenance::Manual => Provenance::DeviceEdited,
                _ => Provenance::Manual,
            })?
        };
        let code = serde_json::to_value(with.reason_code).ok().and_then(|v| v.as_str().map(str::to_owned));
        let act = if status == Status::EnteredInError { Act::Cancel } else { Act::Edit };
        let next = (status, code, Some(reason), values);
        let written = step(tx, &stay, &of, with.version, &permit, &caller, next)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            act,
            ("observation-set", set.to_string()),
            (stay.patient.id, stay.id),
            json!({ "step": "correct", "why": with.reason_code }),
        )?;
        changed(tx, &app2, &stay);
        shown::written(tx.conn(), &permit, &caller, &stay, &written)
    });
    write.await
}

type Next = (Status, Option<String>, Option<String>, Vec<VitalValue>);

fn step<A: Action>(
    tx: &mut Tx<'_>,
    stay: &Encounter,
    of: &SetVersion,
    seen: i64,
    permit: &Permit<A>,
    caller: &Caller,
    (status, reason_code, reason, values): Next,
) -> Result<SetVersion, AppError> {
    if of.version != seen {
        return Err(AppError::stale());
    }
    let mut next = NewVersion {
        status,
        effective_at: of.effective_at,
        author: Some(caller.user.id),
        reason_code,
        reason,
        body: String::new(),
    };
    next.body = canonical(stay, of.set, of.version.saturating_add(1), (&next, &values), tx.now())?;
    observations::amend(tx, permit, of, &next)?.ok_or_else(AppError::stale)
}

/// A set's stay, and the right to do this to the set.
fn stay_of<A: Action>(
    tx: &mut Tx<'_>,
    caller: &Caller,
    set: ObservationSetId,
) -> Result<(Encounter, Permit<A>), AppError> {
    let written = observations::written_by(tx.conn(), set)?;
    let (stay, author) = written.ok_or_else(|| AppError::not_found("lượt đo"))?;
    open_stay::<A>(tx, caller, stay, author)
}

/// A reason in words, or the form says that one is needed.
pub fn needed(reason: &str) -> Result<String, AppError> {
    let reason = benhan_domain::text::clean(reason);
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(AppError::invalid("reason", "Ghi lý do (tối đa 500 ký tự)"));
    }
    Ok(reason)
}

/// A stay's sets between two instants, oldest first.
pub async fn chart(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    from: i64,
    to: i64,
) -> Result<Vec<VitalSet>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let stay = encounters::read(conn, &permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let sets = observations::chart(conn, &permit, from, to, 2_000)?;
        show(conn, &reader, &permit, &[&stay], sets)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// What the caller entered or accepted and has not signed, over all stays and however long ago, oldest first.
pub async fn unsigned(app: &App, caller: &Caller) -> Result<Vec<UnsignedSet>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let me = reader.user.id;
        let mut of_stay: Vec<(EncounterId, Vec<SetVersion>)> = Vec::new();
        for set in observations::unsigned_by(conn, me, 400)? {
            match of_stay.iter_mut().find(|(stay, _)| *stay == set.encounter) {
                Some((_, sets)) => sets.push(set),
                None => of_stay.push((set.encounter, vec![set])),
            }
        }
        let mut listed = Vec::new();
        for (stay, sets) in of_stay {
            let permit = permit_on_entry::<ViewChart>(conn, &reader.actor, stay, Some(me))?;
            let stay = encounters::read(conn, &permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
            let ward = super::lookups::ward_ref(conn, stay.ward)?;
            let shown = show(conn, &reader, &permit, &[&stay], sets)?;
            listed.extend(shown.into_iter().map(|set| UnsignedSet {
                set,
                patient_name: stay.patient.who.name.clone(),
                patient_code: stay.patient.code.clone(),
                ward: ward.name.clone(),
                bed: stay.bed.as_ref().map(|b| b.label.clone()),
            }));
        }
        listed.sort_by(|a, b| a.set.recorded_at.cmp(&b.set.recorded_at));
        Ok::<_, AppError>(listed)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "unsigned-sets", String::new()).await?;
    Ok(shown)
}

/// All versions of a set, oldest first.
pub async fn versions(app: &App, caller: &Caller, set: ObservationSetId) -> Result<Vec<VitalSet>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let on_chart = observations::stay_of(conn, set)?.ok_or_else(|| AppError::not_found("lượt đo"))?;
        let permit = permit_on::<ViewChart>(conn, &reader.actor, on_chart)?;
        let stay = encounters::read(conn, &permit, on_chart)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let sets = observations::history(conn, &permit, set)?;
        Ok::<_, AppError>((on_chart, show(conn, &reader, &permit, &[&stay], sets)?))
    });
    let (stay, shown) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// For the people list of a page of sets.
fn authors(sets: &[SetVersion]) -> impl Iterator<Item = UserId> + '_ {
    sets.iter().filter_map(|s| s.author)
}

pub(crate) fn people_of(conn: &mut benhan_store::Conn, sets: &[SetVersion]) -> Result<People, AppError> {
    People::read(conn, authors(sets))
}
