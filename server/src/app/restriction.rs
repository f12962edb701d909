//! Records that only assigned staff read (hồ sơ chỉ người được giao mới xem): a doctor who reads a record restricts it and
//! says who else does; the director assigns others when those are away, without reading it.
//!
//! Who may read is decided in `domain::access`, from what is kept here. Whoever looks after the patient goes on writing
//! what they measure; in an emergency a chart is opened like one of another ward ([`super::emergency`]).

use super::charting::needed;
use super::lookups::{People, permit_on};
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view_access::{RecordReader, Restriction, RestrictionState};
use benhan_domain::access::{Action, Permit, ReassignReaders, RestrictRecord, Scope, ViewChart, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::restriction::Sensitivity;
use benhan_domain::time::Instant;
use benhan_store::encounters::{self, Encounter};
use benhan_store::restrictions::{self, Restriction as Standing};
use benhan_store::{Conn, StoreError, Tx, records, users};
use serde_json::{Value, json};
use std::sync::Arc;

mod readers;
use readers::assign_all;
pub use readers::{assign, candidates, dismiss};

/// Who reads the record, for its readers and for who may assign others.
pub async fn read(app: &App, caller: &Caller, stay: EncounterId) -> Result<RestrictionState, AppError> {
    let (caller, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = match permit_on::<ViewChart>(conn, &caller.actor, stay) {
            Err(refused) => shown_after(&permit_on::<ReassignReaders>(conn, &caller.actor, stay).map_err(|_| refused)?),
            Ok(permit) => permit,
        };
        view(conn, &caller, now, stay, &permit)
    });
    read.await
}

/// From now on only the caller and `readers` read it.
pub async fn restrict(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    (kind, reason): (Sensitivity, String),
    readers: Vec<UserId>,
) -> Result<RestrictionState, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        let permit = permit_on::<RestrictRecord>(tx.conn(), &caller.actor, stay)?;
        let already = |error: StoreError| match error {
            error if error.is_taken("record_restriction") => {
                AppError::conflict("restricted-already", "Hồ sơ này đã hạn chế xem: tải lại trang.")
            }
            error => error.into(),
        };
        let of = restrictions::restrict(tx, &permit, kind, &reason).map_err(already)?;
        restrictions::assign(tx, &permit, of, caller.user.id)?;
        let others: Vec<UserId> = readers.into_iter().filter(|reader| *reader != caller.user.id).collect();
        assign_all(tx, &permit, of, &others)?;
        told(tx, &app2, &caller, &permit, (Act::Create, json!({ "readers": others.len().saturating_add(1) })))?;
        let now = tx.now();
        view(tx.conn(), &caller, now, stay, &shown_after(&permit))
    });
    write.await
}

/// Everybody who may read charts reads it again.
pub async fn lift(app: &App, caller: &Caller, stay: EncounterId, reason: String) -> Result<RestrictionState, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        let permit = permit_on::<RestrictRecord>(tx.conn(), &caller.actor, stay)?;
        let standing = must_stand(tx.conn(), &permit)?;
        if !restrictions::lift(tx, &permit, &standing, &reason)? {
            return Err(AppError::stale());
        }
        told(tx, &app2, &caller, &permit, (Act::Cancel, json!({})))?;
        let now = tx.now();
        view(tx.conn(), &caller, now, stay, &shown_after(&permit))
    });
    write.await
}

fn must_stand<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Standing, AppError> {
    let not = || AppError::conflict("not-restricted", "Hồ sơ này không còn hạn chế xem: tải lại trang.");
    restrictions::standing(conn, permit)?.ok_or_else(not)
}

fn told<A: Action>(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    permit: &Permit<A>,
    (act, detail): (Act, Value),
) -> Result<(), AppError> {
    let of = heading(tx.conn(), permit)?;
    let subject = ("record-restriction", of.id.to_string());
    trail::on_chart(tx, Some(caller.user.id), act, subject, (of.patient.id, of.id), detail)?;
    let (hub, ward, encounter) = (Arc::clone(&app.hub), of.ward, of.id);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "record" });
    });
    Ok(())
}

fn heading<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Encounter, AppError> {
    let missing = || AppError::not_found("đợt điều trị");
    let Scope::Encounter(stay) = permit.scope() else { return Err(missing()) };
    encounters::of_ids(conn, permit, &[*stay])?.pop().ok_or_else(missing)
}

fn view(
    conn: &mut Conn,
    caller: &Caller,
    now: Instant,
    stay: EncounterId,
    permit: &Permit<ViewChart>,
) -> Result<RestrictionState, AppError> {
    // What was just changed may have been who they are to this record.
    let actor = users::actor(conn, &caller.user, now.0, caller.actor.doctors)?;
    let reads = permit_on::<ViewChart>(conn, &actor, stay).is_ok();
    let changes = permit_on::<RestrictRecord>(conn, &actor, stay).is_ok();
    let directs = permit_on::<ReassignReaders>(conn, &actor, stay).is_ok();
    let Some(standing) = restrictions::standing(conn, permit)? else {
        return Ok(RestrictionState { restriction: None, may_restrict: changes, may_lift: false, may_assign: false });
    };
    let readers = restrictions::readers(conn, permit, standing.id)?;
    let everybody = readers.iter().flat_map(|reader| [reader.user, reader.by]).chain([standing.by]);
    let people = People::read(conn, everybody)?;
    let shown = |reader: &restrictions::Reader| {
        Ok::<_, AppError>(RecordReader {
            user: people.must(reader.user)?,
            assigned_by: people.must(reader.by)?,
            assigned_at: Instant(reader.at).rfc3339(),
        })
    };
    Ok(RestrictionState {
        restriction: Some(Restriction {
            id: standing.id.to_string(),
            kind: Some(standing.kind).filter(|_| reads),
            reason: Some(standing.reason).filter(|_| reads),
            restricted_by: people.must(standing.by)?,
            restricted_at: Instant(standing.at).rfc3339(),
            readers: readers.iter().map(shown).collect::<Result<_, _>>()?,
        }),
        may_restrict: false,
        may_lift: changes,
        may_assign: changes || directs,
    })
}
