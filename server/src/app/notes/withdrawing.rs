//! A note that should not be there is withdrawn, and one that was withdrawn by mistake stands again. Each is a version with
//! a reason and the same words; the earlier ones stay readable.

use super::{Draft, WITHDRAWN, changed, compose, one, stay_for, words};
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view::CareNote;
use benhan_domain::access::{Action, RestoreNote, WithdrawNote, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::DocumentId;
use benhan_store::documents;
use serde_json::json;

pub async fn withdraw(
    app: &App,
    caller: &Caller,
    note: DocumentId,
    seen: i64,
    reason: String,
) -> Result<CareNote, AppError> {
    turn::<WithdrawNote>(app, caller, (note, seen), reason, (WITHDRAWN, Act::Cancel)).await
}

pub async fn restore(
    app: &App,
    caller: &Caller,
    note: DocumentId,
    seen: i64,
    reason: String,
) -> Result<CareNote, AppError> {
    turn::<RestoreNote>(app, caller, (note, seen), reason, ("amended", Act::Restore)).await
}

async fn turn<A: Action + 'static>(
    app: &App,
    caller: &Caller,
    (note, seen): (DocumentId, i64),
    reason: String,
    (status, act): (&'static str, Act),
) -> Result<CareNote, AppError> {
    let reason = needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let missing = || AppError::not_found("phiếu chăm sóc");
        let (stay, author) = documents::written_by(tx.conn(), note)?.ok_or_else(missing)?;
        let (stay, permit) = stay_for::<A>(tx, &caller, stay, Some(author))?;
        let of =
            documents::history(tx.conn(), &shown_after(&permit), note)?.pop().filter(|v| v.form_code == super::FORM);
        let of = of.ok_or_else(missing)?;
        // Withdrawn once, restored once: what is asked for must not hold already.
        if of.version != seen || (of.status == WITHDRAWN) == (status == WITHDRAWN) {
            return Err(AppError::stale());
        }
        let words = words(&of.body)?;
        let draft = Draft {
            note,
            version: of.version.saturating_add(1),
            status,
            effective_at: of.effective_at,
            reason: Some((None, reason)),
            words: &words,
        };
        let next = compose(&stay, &caller, draft, tx.now())?;
        if !documents::amend(tx, &permit, &of, &next)? {
            return Err(AppError::stale());
        }
        trail::on_chart(
            tx,
            Some(caller.user.id),
            act,
            ("note", note.to_string()),
            (stay.patient.id, stay.id),
            json!({ "version": of.version.saturating_add(1) }),
        )?;
        changed(tx, &app2, &stay);
        one(tx.conn(), &caller, note)
    });
    write.await
}
