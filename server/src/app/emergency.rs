//! Access in an emergency (truy cập khẩn cấp): a nurse opens a chart of another ward, or whoever treats a
//! patient a record that only assigned staff read, for a short time, and says why.
//!
//! It shows the chart and lets nobody write on it. It is on the auditor's list at once, until somebody has looked at it; the
//! administrator sees who opened something and when, and nothing of the patient.

use super::charting::needed;
use super::lookups::People;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_access::{EmergencyCount, EmergencyOf, EmergencyOpened, EmergencyReview, EmergencyRow};
use benhan_domain::access::{
    OpenInEmergency, Place, ReviewEmergency, SearchPatients, ViewChart, ViewEmergencies, decide,
};
use benhan_domain::audit::Act;
use benhan_domain::emergency::{Verdict, Why, review_due};
use benhan_domain::id::{EmergencyAccessId, EncounterId, WardId};
use benhan_domain::time::{Instant, MINUTE};
use benhan_store::emergency::{self, Access, NewAccess};
use benhan_store::encounters::Encounter;
use benhan_store::{Conn, encounters, places};
use serde_json::json;
use std::collections::HashMap;

const MOST: i64 = 1_000;

pub async fn open(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    why: Why,
    reason: String,
) -> Result<EmergencyOpened, AppError> {
    let reason = needed(&reason)?;
    let (caller, minutes) = (caller.clone(), app.settings.emergency_minutes);
    let write = app.db.write(move |tx| {
        let missing = || AppError::not_found("đợt điều trị");
        let place = encounters::place(tx.conn(), stay)?.ok_or_else(missing)?;
        let ward = place.ward().ok_or_else(missing)?;
        let permit = decide::<OpenInEmergency>(&caller.actor, place)?;
        if decide::<ViewChart>(&caller.actor, place).is_ok() {
            return Err(AppError::conflict("not-needed", "Hồ sơ này bạn đang được xem: mở lại từ danh sách."));
        }
        let patient = encounters::owner(tx.conn(), stay)?.ok_or_else(missing)?;
        let until = tx.now().plus(minutes.saturating_mul(MINUTE));
        let new = NewAccess { encounter: stay, ward, why, reason, until };
        let given = emergency::open(tx, &permit, &new)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Create,
            ("emergency-access", given.to_string()),
            (patient, stay),
            json!({ "why": why, "until": until.rfc3339() }),
        )?;
        Ok(EmergencyOpened { id: given.to_string(), encounter_id: stay.to_string(), ends_at: until.rfc3339() })
    });
    write.await
}

/// What was opened, first what nobody has looked at.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<EmergencyRow>, AppError> {
    let (reader, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewEmergencies>(&reader.actor, Place::Facility)?;
        let found = emergency::list(conn, &permit, MOST)?;
        show(conn, &reader, found, now)
    });
    let shown = read.await?;
    if shown.iter().any(|row| row.of.is_some()) {
        trail::looked_at(app, caller, "emergency-list", String::new()).await?;
    }
    Ok(shown)
}

/// How many nobody has looked at: what the rail shows.
pub async fn count(app: &App, caller: &Caller) -> Result<EmergencyCount, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewEmergencies>(&caller.actor, Place::Facility)?;
        Ok(EmergencyCount { open: emergency::unreviewed(conn, &permit)? })
    });
    read.await
}

pub async fn review(
    app: &App,
    caller: &Caller,
    of: EmergencyAccessId,
    verdict: Verdict,
    note: String,
) -> Result<EmergencyRow, AppError> {
    let note = needed(&note)?;
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let missing = || AppError::not_found("lần truy cập khẩn cấp");
        let may = decide::<ReviewEmergency>(&caller.actor, Place::Facility)?;
        let view = decide::<ViewEmergencies>(&caller.actor, Place::Facility)?;
        let opened = emergency::read(tx.conn(), &view, of)?.ok_or_else(missing)?;
        if !emergency::review(tx, &may, of, verdict, &note)? {
            let detail = "Lần truy cập này đã có người xem xét: tải lại danh sách.";
            return Err(AppError::conflict("reviewed-already", detail));
        }
        let patient = encounters::owner(tx.conn(), opened.encounter)?.ok_or_else(missing)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Edit,
            ("emergency-access", of.to_string()),
            (patient, opened.encounter),
            json!({ "verdict": verdict }),
        )?;
        let now = tx.now();
        let reviewed = emergency::read(tx.conn(), &view, of)?.ok_or_else(missing)?;
        show(tx.conn(), &caller, vec![reviewed], now)?.pop().ok_or_else(missing)
    });
    write.await
}

/// Of the patient only what the caller may see anyway.
fn show(conn: &mut Conn, caller: &Caller, found: Vec<Access>, now: Instant) -> Result<Vec<EmergencyRow>, AppError> {
    let people = found.iter().flat_map(|a| [Some(a.user), a.review.as_ref().map(|r| r.by)]).flatten();
    let people = People::read(conn, people)?;
    let wards: HashMap<WardId, String> = places::wards(conn)?.into_iter().map(|w| (w.id, w.name)).collect();
    let sees_patients = decide::<SearchPatients>(&caller.actor, Place::Facility).is_ok();
    let stays = if sees_patients { stays(conn, caller, &found)? } else { HashMap::new() };
    let mut rows = Vec::with_capacity(found.len());
    for a in found {
        let of = stays.get(&a.encounter).map(|stay| EmergencyOf {
            encounter_id: a.encounter.to_string(),
            patient_name: stay.patient.who.name.clone(),
            patient_code: stay.patient.code.clone(),
            reason: a.reason.clone(),
        });
        let review = a.review.map(|r| {
            Ok::<_, AppError>(EmergencyReview {
                verdict: r.verdict,
                note: if sees_patients { r.note } else { String::new() },
                by: people.must(r.by)?,
                at: r.at.rfc3339(),
            })
        });
        rows.push(EmergencyRow {
            id: a.id.to_string(),
            by: people.must(a.user)?,
            ward: wards.get(&a.ward).cloned().unwrap_or_default(),
            why: a.why,
            opened_at: a.opened.rfc3339(),
            ends_at: a.until.rfc3339(),
            opened_from: a.opened_from,
            open: now < a.until,
            review_due_at: review_due(a.opened).rfc3339(),
            overdue: review.is_none() && review_due(a.opened) < now,
            review: review.transpose()?,
            of,
        });
    }
    Ok(rows)
}

fn stays(conn: &mut Conn, caller: &Caller, of: &[Access]) -> Result<HashMap<EncounterId, Encounter>, AppError> {
    let permit = decide::<ViewChart>(&caller.actor, Place::Facility)?;
    let ids: Vec<EncounterId> = of.iter().map(|a| a.encounter).collect();
    Ok(encounters::of_ids(conn, &permit, &ids)?.into_iter().map(|stay| (stay.id, stay)).collect())
}
