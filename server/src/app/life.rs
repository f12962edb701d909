//! The life of a record: a doctor closes it when nothing is open, the record room opens it again or archives it.
//!
//! Who writes into a record is kept out of a closed one by `domain::access::decide`; nothing is checked here for them.

use super::charting::needed;
use super::lookups::permit_on;
use super::{AppError, forms, notes, trail};
use crate::app::accounts::Caller;
use crate::app::error::{Kind, Refusal};
use crate::config::RegulationProfile;
use crate::hub::Event;
use crate::state::App;
use crate::view_record::RecordLife;
use benhan_domain::access::{Action, CloseRecord, KeepRecords, Permit, ViewChart, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::record::{
    Block, LifeEvent, Missing, Open, RecordState, RecordStep, RetentionClass, Terms, blocks, kept_until,
};
use benhan_domain::time::Instant;
use benhan_store::confirmations;
use benhan_store::encounters::{self, Encounter};
use benhan_store::records::{self, NewEvent, Standing};
use benhan_store::{Conn, Tx};
use serde_json::json;
use std::sync::Arc;

mod archive;
mod check;
mod holds;
mod manifest;
mod shown;
pub use archive::{archive, supplement, supplement_by_rule};
pub use check::{Checked, check_manifests};
pub use holds::{hold, lift};
pub(super) use manifest::sealed;
pub use shown::{Shelf, list, read};

/// Says that the record is complete; `grounds` that lengthen its term are those that the doctor knows of.
pub async fn close(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    grounds: Vec<RetentionClass>,
) -> Result<RecordLife, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, permit) = alone::<CloseRecord>(tx, &caller, stay)?;
        let from = records::standing(tx.conn(), &permit)?;
        let state = from.state.after(RecordStep::Close)?;
        complete(tx.conn(), &app2, &shown_after(&permit))?;
        let by = Some(caller.user.id);
        for ground in grounds {
            lengthen(tx, &app2.terms, &permit, ground, by, None)?;
        }
        let class = records::standing(tx.conn(), &permit)?.class;
        let at = tx.now();
        let to = Standing {
            state,
            class,
            closed_at: Some(at.0),
            kept_until: Some(kept_until(at, &app2.terms, class)),
            ..from.clone()
        };
        moved(tx, &permit, from.state, &to)?;
        records::note(tx, &permit, event(LifeEvent::Closed, by, None))?;
        told(tx, &app2, &caller, &of, (Act::Edit, "close"))?;
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}

/// Opens a closed record again, before it is archived.
pub async fn reopen(app: &App, caller: &Caller, stay: EncounterId, reason: String) -> Result<RecordLife, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, permit) = alone::<KeepRecords>(tx, &caller, stay)?;
        let from = records::standing(tx.conn(), &permit)?;
        let state = from.state.after(RecordStep::Reopen)?;
        let to = Standing { state, closed_at: None, kept_until: None, ..from.clone() };
        moved(tx, &permit, from.state, &to)?;
        records::note(tx, &permit, event(LifeEvent::Reopened, Some(caller.user.id), Some(reason)))?;
        told(tx, &app2, &caller, &of, (Act::Restore, "reopen"))?;
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}

/// The record room found a ground for a longer term. A ground is never taken away.
pub async fn classify(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    ground: RetentionClass,
    reason: String,
) -> Result<RecordLife, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, permit) = alone::<KeepRecords>(tx, &caller, stay)?;
        if !lengthen(tx, &app2.terms, &permit, ground, Some(caller.user.id), Some(reason))? {
            return Err(AppError::conflict("already-classified", "Hồ sơ đã thuộc nhóm này: không cần thêm lần nữa."));
        }
        told(tx, &app2, &caller, &of, (Act::Edit, "classify"))?;
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}

/// Adds a ground for the record's term, in the transaction of what brought it about. False when it was known. Its term
/// only grows, also when the hospital's years have become fewer meanwhile.
pub fn lengthen<A: Action>(
    tx: &mut Tx<'_>,
    terms: &Terms,
    permit: &Permit<A>,
    ground: RetentionClass,
    by: Option<UserId>,
    reason: Option<String>,
) -> Result<bool, AppError> {
    let mut grounds = grounds(tx.conn(), permit)?;
    if ground == RetentionClass::Ordinary || grounds.contains(&ground) {
        return Ok(false);
    }
    grounds.push(ground);
    let from = records::standing(tx.conn(), permit)?;
    let class = terms.longest(&grounds);
    let term = from.closed_at.map(|at| kept_until(Instant(at), terms, class)).max(from.kept_until);
    moved(tx, permit, from.state, &Standing { class, kept_until: term, ..from.clone() })?;
    records::note(tx, permit, NewEvent { class: Some(ground), ..event(LifeEvent::Classified, by, reason) })?;
    Ok(true)
}

/// Every ground that was found for the record, the first found first.
fn grounds<A: Action>(conn: &mut Conn, permit: &Permit<A>) -> Result<Vec<RetentionClass>, AppError> {
    let mut found = Vec::new();
    for class in records::events(conn, permit)?.into_iter().filter_map(|event| event.class) {
        if !found.contains(&class) {
            found.push(class);
        }
    }
    Ok(found)
}

fn event(kind: LifeEvent, by: Option<UserId>, reason: Option<String>) -> NewEvent {
    NewEvent { kind, by, reason, class: None, sealed: None }
}

/// The record and the right to act on it; nobody writes into it until the transaction ends.
fn alone<A: Action>(tx: &mut Tx<'_>, caller: &Caller, stay: EncounterId) -> Result<(Encounter, Permit<A>), AppError> {
    records::held_alone(tx.conn(), stay)?;
    let permit = permit_on::<A>(tx.conn(), &caller.actor, stay)?;
    let of = encounters::read(tx.conn(), &shown_after(&permit), stay)?;
    Ok((of.ok_or_else(|| AppError::not_found("đợt điều trị"))?, permit))
}

fn moved<A: Action>(tx: &mut Tx<'_>, permit: &Permit<A>, from: RecordState, to: &Standing) -> Result<(), AppError> {
    if records::move_on(tx, permit, from, to)? { Ok(()) } else { Err(AppError::stale()) }
}

fn told(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    of: &Encounter,
    (act, step): (Act, &'static str),
) -> Result<(), AppError> {
    let subject = ("record", of.id.to_string());
    trail::on_chart(tx, Some(caller.user.id), act, subject, (of.patient.id, of.id), json!({ "step": step }))?;
    changed(tx, app, of);
    Ok(())
}

fn changed(tx: &mut Tx<'_>, app: &App, of: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), of.ward, of.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "record" }));
}

/// What keeps the record open, as it stands now; of a closed one, what keeps it out of the archive.
fn open_in(conn: &mut Conn, app: &App, view: &Permit<ViewChart>) -> Result<Vec<Block>, AppError> {
    let mut facts = records::facts(conn, view, notes::FORM)?;
    facts.open.extend(forms::open_at_close(conn, app, view)?);
    if app.settings.regulation_profile == RegulationProfile::Both
        && records::standing(conn, view)?.state == RecordState::Closed
    {
        let one = |_| Missing { what: Open::UnconfirmedSignature, by: None, name: None };
        facts.open.extend(confirmations::waiting_in(conn, view)?.into_iter().map(one));
    }
    Ok(blocks(&facts))
}

/// Refused with the whole list while anything is open.
fn complete(conn: &mut Conn, app: &App, view: &Permit<ViewChart>) -> Result<(), AppError> {
    let open = open_in(conn, app, view)?;
    if open.is_empty() {
        return Ok(());
    }
    Err(AppError::Refused(Refusal {
        kind: Kind::Conflict,
        code: "record-incomplete",
        detail: format!("Hồ sơ còn {} mục chưa xong: xử lý từng mục trong phần «Hồ sơ» rồi làm lại.", open.len()),
        fields: open.iter().map(|block| (block.what.as_str().to_owned(), block.vietnamese())).collect(),
        asked: None,
    }))
}
