//! Who treats a patient beside the ward's own staff: doctors named in a stay, or asked to consult.
//!
//! Where the hospital lets doctors see their own patients alone, to be named opens the chart; who may is decided in
//! `domain::access`. A record that only assigned staff read stays shut to whoever is named ([`super::restriction`]).

use super::lookups::{People, colleagues, permit_on};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::{PersonRef, WardRef};
use crate::view_access::{AskedStay, Treating, TreatingDoctor};
use benhan_domain::access::{NameDoctors, Permit, Place, Role, Scope, SearchPatients, ViewChart, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId, WardId};
use benhan_domain::time::Instant;
use benhan_domain::treatment::Part;
use benhan_store::encounters::Encounter;
use benhan_store::{Conn, StoreError, Tx, encounters, places, treating_doctors, users};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub async fn read(app: &App, caller: &Caller, stay: EncounterId) -> Result<Treating, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &caller.actor, stay)?;
        view(conn, &caller, stay, &permit)
    });
    read.await
}

/// Doctors who may be named and are not.
pub async fn candidates(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<PersonRef>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = shown_after(&permit_on::<NameDoctors>(conn, &caller.actor, stay)?);
        let named = treating_doctors::of_stay(conn, &permit)?;
        colleagues(conn, |user| may_be_named(user) && !named.iter().any(|one| one.user == user.id))
    });
    read.await
}

fn may_be_named(user: &users::User) -> bool {
    !user.disabled && user.role == Role::Doctor
}

pub async fn name(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    (doctor, part): (UserId, Part),
) -> Result<Treating, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_on::<NameDoctors>(tx.conn(), &caller.actor, stay)?;
        if users::by_id(tx.conn(), doctor)?.is_none_or(|user| !may_be_named(&user)) {
            return Err(AppError::invalid("user", "Người này không phải bác sĩ đang làm việc: chọn lại"));
        }
        let already = |error: StoreError| match error {
            error if error.is_taken("treating_doctor") => {
                AppError::conflict("treats-already", "Bác sĩ này đã có tên: tải lại danh sách.")
            }
            error => error.into(),
        };
        treating_doctors::name(tx, &permit, doctor, part).map_err(already)?;
        told(tx, &app2, &caller, &permit, (Act::Create, json!({ "doctor": doctor, "part": part })))?;
        view(tx.conn(), &caller, stay, &shown_after(&permit))
    });
    write.await
}

pub async fn end(app: &App, caller: &Caller, stay: EncounterId, doctor: UserId) -> Result<Treating, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = permit_on::<NameDoctors>(tx.conn(), &caller.actor, stay)?;
        if !treating_doctors::end(tx, &permit, doctor)? {
            return Err(AppError::stale());
        }
        told(tx, &app2, &caller, &permit, (Act::Cancel, json!({ "doctor": doctor })))?;
        view(tx.conn(), &caller, stay, &shown_after(&permit))
    });
    write.await
}

/// Stays outside the caller's wards in which they are named, the latest first: what a search would show of them.
pub async fn mine(app: &App, caller: &Caller) -> Result<Vec<AskedStay>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let Ok(permit) = decide::<SearchPatients>(&caller.actor, Place::Facility) else { return Ok(Vec::new()) };
        let named = treating_doctors::of_user(conn, caller.user.id)?;
        let ids: Vec<EncounterId> = named.iter().map(|(stay, ..)| *stay).collect();
        let stays = encounters::of_ids(conn, &permit, &ids)?;
        let stays: HashMap<EncounterId, Encounter> = stays.into_iter().map(|stay| (stay.id, stay)).collect();
        let wards: HashMap<WardId, places::Ward> = places::wards(conn)?.into_iter().map(|w| (w.id, w)).collect();
        let shown = named.into_iter().filter_map(|(stay, part, at)| {
            let of = stays.get(&stay).filter(|of| !caller.actor.wards.contains(&of.ward))?;
            let ward = wards.get(&of.ward)?;
            Some(AskedStay {
                encounter_id: stay.to_string(),
                patient_name: of.patient.who.name.clone(),
                patient_code: of.patient.code.clone(),
                ward: WardRef { id: ward.id.to_string(), code: ward.code.clone(), name: ward.name.clone() },
                bed: of.bed.as_ref().map(|bed| bed.label.clone()),
                part,
                since: Instant(at).rfc3339(),
            })
        });
        Ok(shown.collect())
    });
    read.await
}

fn told(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    permit: &Permit<NameDoctors>,
    (act, detail): (Act, Value),
) -> Result<(), AppError> {
    let missing = || AppError::not_found("đợt điều trị");
    let Scope::Encounter(stay) = permit.scope() else { return Err(missing()) };
    let of = encounters::of_ids(tx.conn(), permit, &[*stay])?.pop().ok_or_else(missing)?;
    let subject = ("treating-doctor", of.id.to_string());
    trail::on_chart(tx, Some(caller.user.id), act, subject, (of.patient.id, of.id), detail)?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), of.ward, of.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "record" }));
    Ok(())
}

fn view(conn: &mut Conn, caller: &Caller, stay: EncounterId, permit: &Permit<ViewChart>) -> Result<Treating, AppError> {
    let named = treating_doctors::of_stay(conn, permit)?;
    let people = People::read(conn, named.iter().flat_map(|one| [one.user, one.by]))?;
    let doctors = named.iter().map(|one| {
        Ok(TreatingDoctor {
            user: people.must(one.user)?,
            part: one.part,
            since: Instant(one.at).rfc3339(),
            assigned_by: people.must(one.by)?,
        })
    });
    let doctors = doctors.collect::<Result<_, AppError>>()?;
    Ok(Treating { doctors, may_assign: permit_on::<NameDoctors>(conn, &caller.actor, stay).is_ok() })
}
