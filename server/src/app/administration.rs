//! What administrators and auditors look at: accounts, devices, the trail. Never a chart.

use super::lookups::People;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view::{AuditPatient, AuditRow, CertificateRef, DeviceRow, JobRow, Jobs, UserRow, WardRef};
use benhan_domain::access::{ManageUsers, Place, Role, SearchPatients, ViewAudit, ViewDevices, decide};
use benhan_domain::id::{PatientId, UserId};
use benhan_domain::time::{Instant, SECOND};
use benhan_store::audit::Wanted;
use benhan_store::users::User;
use benhan_store::{
    Conn, audit, certificates, devices, inbox, jobs, patients, places, revocations, second_factors, sessions, users,
};
use std::collections::HashMap;

pub async fn users(app: &App, caller: &Caller) -> Result<Vec<UserRow>, AppError> {
    let (caller, now) = (caller.clone(), app.db.now().0);
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        users::all(conn, 2_000)?.into_iter().map(|u| row(conn, u, now)).collect()
    });
    read.await
}

pub async fn user(app: &App, caller: &Caller, user: UserId) -> Result<UserRow, AppError> {
    let (caller, now) = (caller.clone(), app.db.now().0);
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        let user = users::by_id(conn, user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        row(conn, user, now)
    });
    read.await
}

fn row(conn: &mut Conn, u: User, now: i64) -> Result<UserRow, AppError> {
    let mine = users::wards_of(conn, u.id)?;
    let wards = places::wards(conn)?.into_iter().filter(|w| mine.contains(&w.id));
    let certificate = match certificates::current(conn, u.id)? {
        None => None,
        Some(c) => Some(CertificateRef {
            revoked_at: revocations::of(conn, c.id)?.map(|revocation| Instant(revocation.at).rfc3339()),
            subject: c.subject,
            issuer: c.issuer,
            key_holder: c.key.holder().into(),
            key_reference: c.key.reference(),
            not_after: Instant(c.not_after).rfc3339(),
        }),
    };
    let factor = second_factors::of(conn, u.id)?;
    let waits = |until: Option<i64>| until.is_some_and(|until| until > now);
    let codes_wait = waits(factor.as_ref().and_then(|factor| factor.shut_until).map(|until| until.0));
    Ok(UserRow {
        certificate,
        confirming: super::confirmations::beside(conn, u.id, Instant(now))?,
        active_sessions: sessions::open_of(conn, u.id, now)?,
        id: u.id.to_string(),
        username: u.username,
        name: u.name,
        role: u.role,
        wards: wards.map(|w| WardRef { id: w.id.to_string(), code: w.code, name: w.name }).collect(),
        disabled: u.disabled,
        locked: u.pin_locked || waits(u.locked_until) || codes_wait,
        has_second_factor: factor.is_some(),
        last_login_at: u.last_login_at.map(|t| Instant(t).rfc3339()),
    })
}

/// Names of wards, for giving people theirs. Whoever may not look inside a ward sees no more of it than that.
pub async fn wards(app: &App, caller: &Caller) -> Result<Vec<WardRef>, AppError> {
    if caller.actor.role != Role::Administrator {
        return super::board::wards(app, caller).await;
    }
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        let wards = places::wards(conn)?.into_iter();
        Ok(wards.map(|w| WardRef { id: w.id.to_string(), code: w.code, name: w.name }).collect())
    });
    read.await
}

pub async fn devices(app: &App, caller: &Caller) -> Result<Vec<DeviceRow>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ViewDevices>(&caller.actor, Place::Facility)?;
        let waiting = inbox::waiting_by_device(conn)?;
        let listed = devices::all(conn)?.into_iter().map(|d| DeviceRow {
            waiting: waiting.get(&d.id.to_string()).copied().unwrap_or(0),
            id: d.id.to_string(),
            name: d.name,
            kind: d.kind,
            channel: d.channel,
            sender: d.sender_key,
            bed: None,
            last_seen_at: d.last_seen_at.map(|t| Instant(t).rfc3339()),
            skew_seconds: d.skew.map(|s| s / SECOND),
        });
        Ok(listed.collect())
    });
    read.await
}

/// Work that waits, and what of it fails: where an administrator sees that something is stuck.
pub async fn jobs(app: &App, caller: &Caller) -> Result<Jobs, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ManageUsers>(&caller.actor, Place::Facility)?;
        let troubled = jobs::troubled(conn, 200)?.into_iter().map(|t| JobRow {
            id: t.job.id.to_string(),
            kind: t.job.kind,
            subject: t.job.payload,
            attempts: t.job.attempts,
            dead: t.dead,
            last_error: t.last_error,
            next_at: (!t.dead).then(|| Instant(t.run_at).rfc3339()),
            created_at: Instant(t.created_at).rfc3339(),
        });
        Ok(Jobs { troubled: troubled.collect(), ready: jobs::ready(conn)? })
    });
    read.await
}

/// The trail, newest first. Whose charts it is about only those are told who see patients anyway, and that is a look.
pub async fn audit(app: &App, caller: &Caller, wanted: Wanted, limit: i64) -> Result<Vec<AuditRow>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        decide::<ViewAudit>(&reader.actor, Place::Facility)?;
        let rows = audit::latest(conn, &wanted, limit.clamp(1, 500))?;
        let people = People::read(conn, rows.iter().filter_map(|r| r.actor_id.as_deref()?.parse().ok()))?;
        let patients = about(conn, &reader, &rows)?;
        let listed = rows.into_iter().map(|r| {
            let actor = r.actor_id.as_deref().and_then(|a| a.parse().ok()).and_then(|a| people.of(a));
            AuditRow {
                source: r.source(),
                patient: r.patient_id.as_ref().and_then(|p| patients.get(p)).cloned(),
                seq: r.seq,
                chain: r.chain_id,
                at: Instant(r.at).rfc3339(),
                actor,
                action: r.act,
                subject_kind: r.subject_kind,
                subject_id: r.subject_id,
                detail: r.body,
            }
        });
        Ok::<Vec<_>, AppError>(listed.collect())
    });
    let listed = read.await?;
    if listed.iter().any(|row| row.patient.is_some()) {
        trail::looked_at(app, caller, "audit-list", String::new()).await?;
    }
    Ok(listed)
}

fn about(conn: &mut Conn, caller: &Caller, rows: &[audit::Row]) -> Result<HashMap<String, AuditPatient>, AppError> {
    let Ok(permit) = decide::<SearchPatients>(&caller.actor, Place::Facility) else { return Ok(HashMap::new()) };
    let ids: Vec<PatientId> = rows.iter().filter_map(|r| r.patient_id.as_deref()?.parse().ok()).collect();
    let found = patients::of_ids(conn, &permit, &ids)?.into_iter();
    let told = found.map(|p| (p.id.to_string(), AuditPatient { id: p.id.to_string(), code: p.code, name: p.who.name }));
    Ok(told.collect())
}
