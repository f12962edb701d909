//! In, from bed to bed, and out.

use super::lookups::{hidden_from, permit_in, permit_on, ward_ref};
use super::{AppError, board, life, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::{BedRef, EncounterPatient, EncounterView};
use benhan_domain::access::{Admit, Permit, Place, SearchPatients, ViewChart, ViewWard, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::encounter::{EncounterState, Outcome};
use benhan_domain::id::{BedId, EncounterId, PatientId, WardId};
use benhan_domain::person::{age_text, age_years};
use benhan_domain::record::RetentionClass;
use benhan_domain::text;
use benhan_domain::time::{Instant, day_of_stay};
use benhan_store::encounters::{self, Admission};
use benhan_store::{Conn, StoreError, Tx, counters, patients, places};
use serde_json::json;
use std::sync::Arc;

pub struct NewStay {
    pub ward: WardId,
    pub bed: Option<BedId>,
    pub diagnosis: String,
    pub icd10: Option<String>,
    pub pregnant: bool,
}

fn bed_taken(error: StoreError) -> AppError {
    if error.is_taken("bed_assignment") {
        return AppError::conflict("bed-taken", "Giường này vừa có người: chọn giường khác, hoặc chọn nằm ghép.");
    }
    if error.is_taken("encounter") {
        return AppError::conflict("already-admitted", "Người bệnh đang nằm viện: mở đợt điều trị hiện tại.");
    }
    error.into()
}

fn gone() -> AppError {
    AppError::conflict("discharged", "Người bệnh đã ra viện.")
}

/// Năm + số thứ tự: `26-004183`.
pub fn next_number(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "encounter-number")?;
    Ok(format!("{year:02}-{n:06}"))
}

pub async fn admit(app: &App, caller: &Caller, patient: PatientId, new: NewStay) -> Result<EncounterView, AppError> {
    let diagnosis = text::clean(&new.diagnosis);
    if diagnosis.is_empty() || diagnosis.chars().count() > 300 {
        return Err(AppError::invalid("diagnosis", "Ghi chẩn đoán vào khoa (tối đa 300 ký tự)"));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_in::<Admit>(&caller.actor, new.ward)?;
        let search = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
        let patient = patients::read(tx.conn(), &search, patient)?.ok_or_else(|| AppError::not_found("người bệnh"))?;
        let admission = Admission {
            patient: patient.id,
            number: next_number(tx)?,
            ward: new.ward,
            admitted_at: tx.now(),
            diagnosis,
            icd10: new.icd10.map(|c| text::clean(&c)).filter(|c| !c.is_empty()),
            pregnant: new.pregnant,
        };
        let stay = encounters::admit(tx, &permit, &admission).map_err(bed_taken)?;
        if let Some(ground) = admission.icd10.as_deref().and_then(RetentionClass::of_icd10) {
            let record = permit_on::<Admit>(tx.conn(), &caller.actor, stay)?;
            life::lengthen(tx, &app2.terms, &record, ground, None, None)?;
        }
        if let Some(bed) = new.bed {
            in_ward(tx.conn(), bed, new.ward)?;
            let at = tx.now();
            if !encounters::move_to(tx, &permit, stay, bed, 1, at).map_err(bed_taken)? {
                return Err(gone());
            }
        }
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Create,
            ("encounter", stay.to_string()),
            (patient.id, stay),
            json!({}),
        )?;
        moved(tx, &app2, &[new.ward], stay);
        let chart = permit_on(tx.conn(), &caller.actor, stay)?;
        view(tx.conn(), &app2, &caller, &chart, stay)
    });
    write.await
}

fn in_ward(conn: &mut Conn, bed: BedId, ward: WardId) -> Result<(), AppError> {
    let bed = places::bed(conn, bed)?.ok_or_else(|| AppError::not_found("giường"))?;
    if bed.ward == ward { Ok(()) } else { Err(AppError::invalid("bedId", "Giường không thuộc khoa này")) }
}

fn moved(tx: &mut Tx<'_>, app: &App, wards: &[WardId], stay: EncounterId) {
    let (hub, wards) = (Arc::clone(&app.hub), wards.to_vec());
    tx.after_commit(move || {
        hub.forget(stay);
        for ward in wards {
            hub.publish(Event::Board { ward });
        }
    });
}

/// To another bed, of this ward or another. `share` lies beside whoever is there (nằm ghép).
pub async fn move_bed(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    bed: BedId,
    share: bool,
) -> Result<EncounterView, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_on::<Admit>(tx.conn(), &caller.actor, stay)?;
        let chart = shown_after(&permit);
        let now_at = encounters::read(tx.conn(), &chart, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        if !now_at.state.takes_entries() {
            return Err(gone());
        }
        let to = places::bed(tx.conn(), bed)?.ok_or_else(|| AppError::not_found("giường"))?;
        let at = tx.now();
        if !encounters::move_to(tx, &permit, stay, bed, if share { 2 } else { 1 }, at).map_err(bed_taken)? {
            return Err(gone());
        }
        let detail = json!({ "bed": to.label, "shared": share });
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Edit,
            ("encounter", stay.to_string()),
            (now_at.patient.id, stay),
            detail,
        )?;
        moved(tx, &app2, &[now_at.ward, to.ward], stay);
        view(tx.conn(), &app2, &caller, &chart, stay)
    });
    write.await
}

pub async fn discharge(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    outcome: Outcome,
) -> Result<EncounterView, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_on::<Admit>(tx.conn(), &caller.actor, stay)?;
        let chart = shown_after(&permit);
        let now_at = encounters::read(tx.conn(), &chart, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        if now_at.state != EncounterState::Active {
            return Err(gone());
        }
        let at = tx.now();
        if !encounters::discharge(tx, &permit, stay, outcome, at)? {
            return Err(gone());
        }
        if outcome == Outcome::Died {
            life::lengthen(tx, &app2.terms, &permit, RetentionClass::Death, None, None)?;
        }
        let detail = json!({ "outcome": outcome });
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Edit,
            ("encounter", stay.to_string()),
            (now_at.patient.id, stay),
            detail,
        )?;
        moved(tx, &app2, &[now_at.ward], stay);
        view(tx.conn(), &app2, &caller, &chart, stay)
    });
    write.await
}

/// Opens a chart: one audit row.
pub async fn open_chart(app: &App, caller: &Caller, stay: EncounterId) -> Result<EncounterView, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let (reader, for_read) = (caller.clone(), app.clone());
    let found = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let patient = encounters::read(conn, &permit, stay)?.map(|e| e.patient.id);
        let view = view(conn, &for_read, &reader, &permit, stay)?;
        Ok::<_, AppError>((patient.ok_or_else(|| AppError::not_found("đợt điều trị"))?, view))
    });
    let (patient, view) = found.await?;
    let subject = ("encounter", stay.to_string());
    let look = trail::about_chart(Some(caller.user.id), Act::View, subject, (patient, stay), json!({}));
    app2.db.note(look).await?;
    Ok(view)
}

fn view(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    permit: &Permit<ViewChart>,
    stay: EncounterId,
) -> Result<EncounterView, AppError> {
    let e = encounters::read(conn, permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let (who, now) = (&e.patient.who, app.db.now());
    let today = now.day();
    let keys = [text::fold(&who.name)];
    let same_name = encounters::same_names(conn, &keys)?.values().any(|n| *n > 1);
    let on_ward = permit_on::<ViewWard>(conn, &caller.actor, stay)?;
    let hidden = hidden_from(&caller.actor, &e);
    let unseen = super::results::unseen(conn, &on_ward, &[e.id])?;
    Ok(EncounterView {
        id: e.id.to_string(),
        number: e.number.clone(),
        state: e.state,
        record: e.record,
        admitted_at: Instant(e.admitted_at).rfc3339(),
        discharged_at: e.discharged_at.map(|t| Instant(t).rfc3339()),
        day_of_stay: day_of_stay(Instant(e.admitted_at), e.discharged_at.map_or(now, Instant)),
        patient: EncounterPatient {
            id: e.patient.id.to_string(),
            code: e.patient.code.clone(),
            name: who.name.clone(),
            sex: who.sex,
            birth_date: who.birth_date.map(|d| d.to_string()),
            age_text: who.birth_date.map_or_else(|| "?".into(), |b| age_text(b, today)),
            age_years: who.birth_date.map_or(0, |b| age_years(b, today)),
            insurance_card: who.insurance_card.clone(),
            allergies: who.allergies.clone(),
        },
        ward: ward_ref(conn, e.ward)?,
        news2: board::last_score(conn, app, &on_ward, &e)?,
        bed: e.bed.as_ref().map(|b| BedRef { id: b.id.to_string(), label: b.label.clone(), room: b.room.clone() }),
        diagnosis: if hidden { String::new() } else { e.diagnosis.clone() },
        icd10: e.icd10.clone().filter(|_| !hidden),
        restricted: e.restricted,
        pregnant: e.pregnant,
        same_name,
        new_results: unseen.get(&e.id).filter(|_| !hidden).map_or(0, |(n, _)| *n),
    })
}
