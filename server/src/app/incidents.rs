//! IT incidents (sự cố công nghệ thông tin): declared by the administrator for the house, by a head nurse for her ward;
//! ended; annulled when it was a mistake. Each moves the limit of the entries that it reaches, whenever they were written.

use super::lookups::{People, permit_in};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::state::App;
use crate::view::WardRef;
use crate::view_late::{Annulled, Incident as IncidentView, IncidentDeclared};
use benhan_domain::access::{DeclareIncident, Permit, Place, Scope, ViewIncidents, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{ItIncidentId, WardId};
use benhan_domain::it_incident::{Affected, NotDeclarable, Outage, declarable};
use benhan_domain::time::{HOUR, Instant};
use benhan_domain::update_limit::{PLAIN_HOURS, reach};
use benhan_domain::{access, text};
use benhan_store::dialect::hold;
use benhan_store::incidents::{self, Incident, NewIncident};
use benhan_store::{Conn, Tx, late_entries, places};
use serde_json::json;
use std::collections::HashMap;

pub struct Declaration {
    /// None: the whole hospital.
    pub ward: Option<WardId>,
    pub started: Instant,
    /// None: it goes on.
    pub ended: Option<Instant>,
    pub system: String,
    pub reason: String,
    /// The person was asked about a long one.
    pub confirmed: bool,
}

pub async fn declare(app: &App, caller: &Caller, new: Declaration) -> Result<IncidentDeclared, AppError> {
    let system = text::clean(&new.system);
    if system.is_empty() || system.chars().count() > 120 {
        return Err(AppError::invalid("system", "Ghi hệ thống nào không dùng được (tối đa 120 ký tự)"));
    }
    let (reason, caller) = (needed(&new.reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        let affected = Affected::of(new.ward);
        let permit = may(&caller.actor, affected)?;
        if let Some(ward) = new.ward {
            places::ward(tx.conn(), ward)?.ok_or_else(|| AppError::not_found("khoa"))?;
        }
        declarable(new.started, new.ended, tx.now(), new.confirmed).map_err(refusal)?;
        hold(tx.conn(), incidents::ONE_AT_A_TIME)?;
        let outage = Outage { id: tx.fresh(), affected, started: new.started, ended: new.ended };
        let until = new.ended.unwrap_or(Instant(i64::MAX));
        if incidents::standing(tx.conn(), new.started, until)?.iter().any(|other| other.repeats(&outage)) {
            let detail = "Nơi này đã có sự cố khai báo trong khoảng đó: kết thúc hoặc huỷ khai báo cũ trước.";
            return Err(AppError::conflict("incident-overlaps", detail));
        }
        incidents::declare(tx, &permit, NewIncident { outage, system, reason, by: caller.user.id })?;
        let covered = late_entries::cover(tx, &permit, &outage)?;
        let detail = json!({
            "ward": new.ward, "startedAt": outage.started.rfc3339(), "endedAt": outage.ended.map(Instant::rfc3339),
            "covered": covered,
        });
        trail::on(tx, caller.user.id, Act::Create, "it-incident", outage.id.to_string(), detail)?;
        let covered = i64::try_from(covered).unwrap_or(i64::MAX);
        Ok(IncidentDeclared { incident: one(tx.conn(), outage.id)?, covered })
    });
    write.await
}

/// A head nurse's right reaches her wards; what stood still in the whole house the administrator says.
fn may(actor: &access::Actor, affected: Affected) -> Result<Permit<DeclareIncident>, AppError> {
    let Affected::Ward(ward) = affected else {
        let permit = decide::<DeclareIncident>(actor, Place::Facility)?;
        return if *permit.scope() == Scope::Facility { Ok(permit) } else { Err(AppError::forbidden()) };
    };
    permit_in(actor, ward)
}

fn refusal(why: NotDeclarable) -> AppError {
    match why {
        NotDeclarable::StartsInFuture => AppError::invalid("startedAt", why.to_string()),
        NotDeclarable::EndsInFuture | NotDeclarable::EndsBeforeStart => AppError::invalid("endedAt", why.to_string()),
        NotDeclarable::Long => AppError::conflict("incident-long", format!("{why}.")),
    }
}

/// Says when an incident ended. Entries of acts after that lose what it gave them.
pub async fn end(app: &App, caller: &Caller, of: ItIncidentId, at: Instant) -> Result<IncidentView, AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let (outage, permit) = held(tx, &caller, of)?;
        declarable(outage.started, Some(at), tx.now(), true).map_err(refusal)?;
        if !incidents::end(tx, &permit, &outage, at, caller.user.id)? {
            return Err(settled());
        }
        let uncovered = late_entries::uncover(tx, &permit, of, Some(at))?;
        cover_again(tx, &permit, &outage)?;
        let detail = json!({ "step": "end", "endedAt": at.rfc3339(), "uncovered": uncovered });
        trail::on(tx, caller.user.id, Act::Edit, "it-incident", of.to_string(), detail)?;
        one(tx.conn(), of)
    });
    write.await
}

/// Says that an incident never was. It stays on the list, with the reason.
pub async fn annul(app: &App, caller: &Caller, of: ItIncidentId, reason: String) -> Result<IncidentView, AppError> {
    let (reason, caller) = (needed(&reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        let (outage, permit) = held(tx, &caller, of)?;
        if !incidents::annul(tx, &permit, &outage, caller.user.id, &reason)? {
            return Err(settled());
        }
        let uncovered = late_entries::uncover(tx, &permit, of, None)?;
        cover_again(tx, &permit, &outage)?;
        trail::on(tx, caller.user.id, Act::Cancel, "it-incident", of.to_string(), json!({ "uncovered": uncovered }))?;
        one(tx.conn(), of)
    });
    write.await
}

/// The incident with the right to act on it; nobody else acts on one, or records something late, until the commit.
fn held(tx: &mut Tx<'_>, caller: &Caller, of: ItIncidentId) -> Result<(Outage, Permit<DeclareIncident>), AppError> {
    hold(tx.conn(), incidents::ONE_AT_A_TIME)?;
    let outage = incidents::read(tx.conn(), of)?.ok_or_else(|| AppError::not_found("sự cố"))?.outage;
    let permit = may(&caller.actor, outage.affected)?;
    Ok((outage, permit))
}

fn settled() -> AppError {
    AppError::conflict("already-handled", "Sự cố này đã kết thúc hoặc đã huỷ khai báo: tải lại danh sách.")
}

/// What an incident no longer extends, another one may.
fn cover_again(tx: &mut Tx<'_>, permit: &Permit<DeclareIncident>, after: &Outage) -> Result<(), AppError> {
    let last_act = after.ended.unwrap_or(tx.now());
    let until = last_act.plus(PLAIN_HOURS.saturating_mul(HOUR));
    for other in incidents::standing(tx.conn(), reach(after).0, until)? {
        late_entries::cover(tx, permit, &other)?;
    }
    Ok(())
}

pub async fn list(app: &App, caller: &Caller) -> Result<Vec<IncidentView>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewIncidents>(&caller.actor, Place::Facility)?;
        let found = incidents::list(conn, &permit)?;
        show(conn, found)
    });
    read.await
}

fn one(conn: &mut Conn, of: ItIncidentId) -> Result<IncidentView, AppError> {
    let missing = || AppError::not_found("sự cố");
    let found = incidents::read(conn, of)?.ok_or_else(missing)?;
    show(conn, vec![found])?.pop().ok_or_else(missing)
}

fn show(conn: &mut Conn, found: Vec<Incident>) -> Result<Vec<IncidentView>, AppError> {
    let involved = found.iter().flat_map(|i| {
        let annuller = i.annulled.as_ref().map(|(_, by, _)| *by);
        [Some(i.declared_by), i.ended_by, annuller].into_iter().flatten()
    });
    let people = People::read(conn, involved)?;
    let wards: HashMap<_, _> = places::wards(conn)?.into_iter().map(|ward| (ward.id, ward)).collect();
    let shown = found.into_iter().map(|i| {
        let ward = i.outage.affected.ward().and_then(|id| wards.get(&id));
        let annulled = i.annulled.map(|(at, by, reason)| {
            Ok::<_, AppError>(Annulled { at: Instant(at).rfc3339(), by: people.must(by)?, reason })
        });
        Ok(IncidentView {
            id: i.outage.id.to_string(),
            ward: ward.map(|w| WardRef { id: w.id.to_string(), code: w.code.clone(), name: w.name.clone() }),
            started_at: i.outage.started.rfc3339(),
            ended_at: i.outage.ended.map(Instant::rfc3339),
            system: i.system,
            reason: i.reason,
            declared_by: people.must(i.declared_by)?,
            declared_at: Instant(i.declared_at).rfc3339(),
            ended_by: i.ended_by.and_then(|by| people.of(by)),
            annulled: annulled.transpose()?,
        })
    });
    shown.collect()
}
