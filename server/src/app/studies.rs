//! Studies from the bridge: linked to a stay by the order's own numbers, or by a person who compared two identifiers.

use super::charting::needed;
use super::ingest::plausible;
use super::lookups::permit_on;
use super::{AppError, life, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::TimelineItem;
use crate::view_orders::{SeriesView, Study as StudyView, StudySender, UnmatchedStudy};
use benhan_contract::{Outcome, Receipt, Receipts, StudyDelivery};
use benhan_domain::access::{
    LinkStudy, Permit, Place, SearchPatients, UnlinkStudy, ViewChart, ViewWard, decide, shown_after,
};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, StudyId, WardId};
use benhan_domain::time::Instant;
use benhan_store::encounters;
use benhan_store::records::Part;
use benhan_store::studies::{self, Received, Series, Study};
use benhan_store::{Conn, Tx};
use serde_json::json;
use std::sync::Arc;

mod linking;
mod proposals;
pub mod qido;

/// Stores what the bridge tells of studies and links what can be linked. Answered one by one; a batch is one
/// transaction, so a delivery is accepted only when it is on disk.
pub async fn receive(app: &App, deliveries: Vec<StudyDelivery>) -> Result<Receipts, AppError> {
    let app2 = app.clone();
    let write = app.db.write::<_, AppError, _>(move |tx| {
        let receipts = deliveries.iter().map(|d| receive_one(tx, &app2, d)).collect::<Result<Vec<_>, AppError>>()?;
        Ok(Receipts { receipts })
    });
    let receipts = write.await?;
    super::ingest::count("study", &receipts);
    Ok(receipts)
}

fn receive_one(tx: &mut Tx<'_>, app: &App, delivery: &StudyDelivery) -> Result<Receipt, AppError> {
    let answer = |outcome, reason: &str| Ok(Receipt { id: delivery.id, outcome, reason: reason.to_owned() });
    if let Err(why) = plausible(delivery) {
        return answer(Outcome::Refused, why);
    }
    match studies::receive(tx, delivery)? {
        Received::Duplicate => answer(Outcome::Duplicate, ""),
        Received::Contradicts(why) => {
            // The batch's other deliveries stand: nothing of this one was written.
            tracing::warn!(delivery = %delivery.id.0, why, "a study delivery contradicts what is known");
            answer(Outcome::Refused, why)
        }
        Received::Kept(study) => {
            linking::link_by_numbers(tx, app, study, delivery)?;
            answer(Outcome::Accepted, "")
        }
    }
}

fn chart_changed(tx: &mut Tx<'_>, app: &App, ward: WardId, encounter: EncounterId) {
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || {
        hub.publish(Event::Chart { ward, encounter, what: "studies" });
        hub.publish(Event::Chart { ward, encounter, what: "orders" });
    });
}

fn waiting_changed(tx: &mut Tx<'_>, app: &App) {
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || hub.publish(Event::Waiting));
}

/// A stay's studies, newest first.
pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<StudyView>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let found = studies::of_stay(conn, &permit, i64::MIN)?;
        show(conn, found)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// Studies of one page of the list: each costs a search for whom it may belong to.
const PAGE: i64 = 50;

/// Studies that nobody could place, oldest first, each with whom it may belong to.
pub async fn unmatched(app: &App, caller: &Caller, past: Option<StudyId>) -> Result<Vec<UnmatchedStudy>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<LinkStudy>(&reader.actor, Place::Facility)?;
        let search = decide::<SearchPatients>(&reader.actor, Place::Facility)?;
        let wards = decide::<ViewWard>(&reader.actor, Place::Facility)?;
        let found = studies::unmatched(conn, &permit, past, PAGE)?;
        let shown = show(conn, found.clone())?;
        let series = studies::series_of(conn, &found)?;
        let mut list = Vec::with_capacity(shown.len());
        for (study, of) in shown.into_iter().zip(&found) {
            let own: Vec<&Series> = series.iter().filter(|s| s.study == of.id).collect();
            let proposals = proposals::of(conn, (&search, &wards), of, &own)?;
            list.push(UnmatchedStudy { study, proposals });
        }
        Ok::<_, AppError>(list)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "unmatched-studies", String::new()).await?;
    Ok(shown)
}

/// A person says whose images these are, naming two identifiers that they compared.
pub async fn link(
    app: &App,
    caller: &Caller,
    id: StudyId,
    stay: EncounterId,
    confirmed: Vec<String>,
) -> Result<StudyView, AppError> {
    let compared = compared(confirmed)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_on::<LinkStudy>(tx.conn(), &caller.actor, stay)?;
        let view = shown_after(&permit);
        let to = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let all = decide::<LinkStudy>(&caller.actor, Place::Facility)?;
        match studies::whereabouts(tx.conn(), id)? {
            None => return Err(AppError::not_found("ca chụp")),
            Some(at) if at.encounter.is_some() => return Err(already_linked()),
            Some(_) => {}
        }
        let study = studies::unmatched_one(tx.conn(), &all, id)?.ok_or_else(already_linked)?;
        linking::link_by_person(tx, &permit, &to, &study)?;
        life::supplement(tx, &app2, &to, Some(caller.user.id), Part::Study(id))?;
        let (subject, detail) = (("study", id.to_string()), json!({ "compared": compared }));
        trail::on_chart(tx, Some(caller.user.id), Act::Match, subject, (to.patient.id, stay), detail)?;
        chart_changed(tx, &app2, to.ward, stay);
        waiting_changed(tx, &app2);
        shown_one(tx.conn(), &view, id)
    });
    write.await
}

fn already_linked() -> AppError {
    AppError::conflict("already-handled", "Ca chụp này đã được ghép: tải lại danh sách.")
}

/// At least two different identifiers, in a stable order.
fn compared(confirmed: Vec<String>) -> Result<Vec<String>, AppError> {
    let known = |c: &String| matches!(c.as_str(), "name" | "code" | "birthDate" | "bed" | "barcode");
    let mut compared: Vec<String> = confirmed.into_iter().filter(known).collect();
    compared.sort();
    compared.dedup();
    if compared.len() < 2 {
        return Err(AppError::invalid("confirmed", "Đối chiếu ít nhất hai thông tin trước khi ghép"));
    }
    Ok(compared)
}

/// Takes a study off a chart, with the reason: it waits for a person again.
pub async fn unlink(app: &App, caller: &Caller, id: StudyId, reason: String) -> Result<StudyView, AppError> {
    let reason = needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let at = studies::whereabouts(tx.conn(), id)?.ok_or_else(|| AppError::not_found("ca chụp"))?;
        let waits =
            || AppError::conflict("already-handled", "Ca chụp này không nằm trong hồ sơ nào: tải lại danh sách.");
        let stay = at.encounter.ok_or_else(waits)?;
        let permit = permit_on::<UnlinkStudy>(tx.conn(), &caller.actor, stay)?;
        let from = encounters::read(tx.conn(), &shown_after(&permit), stay)?
            .ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        if !studies::unlink(tx, &permit, id)? {
            return Err(AppError::stale());
        }
        let (subject, detail) = (("study", id.to_string()), json!({ "step": "unlink", "reason": reason }));
        trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (from.patient.id, stay), detail)?;
        chart_changed(tx, &app2, from.ward, stay);
        waiting_changed(tx, &app2);
        let all = decide::<LinkStudy>(&caller.actor, Place::Facility)?;
        let study = studies::unmatched_one(tx.conn(), &all, id)?.ok_or_else(AppError::stale)?;
        show(tx.conn(), vec![study])?.pop().ok_or_else(AppError::stale)
    });
    write.await
}

fn shown_one(conn: &mut Conn, permit: &Permit<ViewChart>, id: StudyId) -> Result<StudyView, AppError> {
    let study = studies::linked(conn, permit, id)?.ok_or_else(|| AppError::not_found("ca chụp"))?;
    show(conn, vec![study])?.pop().ok_or_else(|| AppError::not_found("ca chụp"))
}

fn show(conn: &mut Conn, found: Vec<Study>) -> Result<Vec<StudyView>, AppError> {
    let series = studies::series_of(conn, &found)?;
    let shown = found.into_iter().map(|study| {
        let own: Vec<&Series> = series.iter().filter(|s| s.study == study.id).collect();
        view(study, &own)
    });
    Ok(shown.collect())
}

fn view(study: Study, series: &[&Series]) -> StudyView {
    let uid = &study.study_uid;
    let views = series.iter().map(|s| SeriesView {
        thumbnail_url: format!("/dicom-web/studies/{uid}/series/{}/thumbnail", s.series_uid),
        series_uid: s.series_uid.clone(),
        modality: s.modality.clone(),
        number: s.number,
        description: s.description.clone(),
        instances: s.instances,
    });
    StudyView {
        id: study.id.to_string(),
        series: views.collect(),
        encounter_id: study.encounter.map(|e| e.to_string()),
        order_id: study.order.map(|o| o.to_string()),
        description: study.description.clone(),
        modalities: modalities(series),
        study_at: taken_at(&study),
        received_at: Instant(study.received_at).rfc3339(),
        instances: series.iter().map(|s| s.instances).sum(),
        sender_patient: StudySender {
            id: study.sent.patient_id,
            name: study.sent.patient_name,
            birth_date: study.sent.birth_date,
            sex: study.sent.sex,
        },
        linked_by: study.linked_by.map(|l| l.as_str().to_owned()),
        accession: study.accession,
        study_uid: study.study_uid,
    }
}

/// Each once, in the order of the series.
fn modalities(series: &[&Series]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for s in series {
        if !s.modality.is_empty() && !found.contains(&s.modality) {
            found.push(s.modality.clone());
        }
    }
    found
}

/// DICOM DA and TM are civil time at the modality, which stands in Vietnam.
fn taken_at(study: &Study) -> Option<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (date, mut time) = (digits(&study.study_date), digits(&study.study_time));
    time.truncate(6);
    while time.len() < 6 {
        time.push('0');
    }
    let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", format!("{date}{time}")).ok()?;
    let at = civil.to_zoned(benhan_domain::time::vietnam()).ok()?;
    Some(Instant::from(at.timestamp()).rfc3339())
}

/// Studies that came lately on a chart.
pub fn timeline(conn: &mut Conn, permit: &Permit<ViewChart>, since: i64) -> Result<Vec<TimelineItem>, AppError> {
    let found = studies::of_stay(conn, permit, since)?;
    let listed = show(conn, found)?.into_iter().map(|s| {
        let what = [s.modalities.join("/"), s.description.clone(), format!("{} ảnh", s.instances)];
        TimelineItem {
            at: s.received_at.clone(),
            kind: "study".into(),
            title: "Hình ảnh".into(),
            text: what.iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(" · "),
            by: None,
            signed: false,
            r#ref: s.id,
        }
    });
    Ok(listed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_different_identifiers_are_compared_or_nothing_is_linked() {
        let said = |words: &[&str]| compared(words.iter().map(|w| (*w).to_owned()).collect());
        assert!(said(&["name", "name"]).is_err());
        assert!(said(&["name", "looks"]).is_err());
        assert_eq!(said(&["name", "code"]).expect("two"), ["code", "name"]);
    }
}
