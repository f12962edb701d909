//! Into the archive, under the hospital's seal; and what comes afterwards, as sealed supplements.

use super::manifest::{About, compose, sealed};
use super::{alone, changed, complete, event, grounds, moved, shown, told};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_record::RecordLife;
use benhan_domain::access::{KeepRecords, Permit, ViewChart, shown_after, system};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::record::{LifeEvent, RecordState, RecordStep};
use benhan_store::encounters::Encounter;
use benhan_store::records::{self, NewEvent, Part, Standing};
use benhan_store::{StoreError, Tx, counters};

/// Năm + số thứ tự: `26-LT000183`.
fn next_number(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "archive-number")?;
    Ok(format!("{year:02}-LT{n:06}"))
}

/// Seals every hash of the record and keeps it for its term. What came after it was closed must be released first.
pub async fn archive(app: &App, caller: &Caller, stay: EncounterId) -> Result<RecordLife, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, permit) = alone::<KeepRecords>(tx, &caller, stay)?;
        let from = records::standing(tx.conn(), &permit)?;
        let state = from.state.after(RecordStep::Archive)?;
        complete(tx.conn(), &app2, &shown_after(&permit))?;
        let at = tx.now();
        let number = next_number(tx)?;
        let to = Standing { state, archived_at: Some(at.0), archive_number: Some(number), ..from.clone() };
        let view = system::<ViewChart>(stay);
        let contents = records::contents(tx.conn(), &view, Part::All)?;
        let grounds = grounds(tx.conn(), &permit)?;
        let before = last_manifest(tx, &view)?;
        let about = About { kind: LifeEvent::Archived, standing: &to, grounds: &grounds, before };
        let manifest = compose(&app2, &of, &about, &contents, at)?;
        let sealed = Some(sealed(&app2, manifest, at)?);
        moved(tx, &permit, from.state, &to)?;
        records::note(tx, &permit, NewEvent { sealed, ..event(LifeEvent::Archived, Some(caller.user.id), None) })?;
        told(tx, &app2, &caller, &of, (Act::Edit, "archive"))?;
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}

/// What a person adds to a record that is closed or archived: part of it only with its seal. Nothing for an active one.
pub fn supplement(
    tx: &mut Tx<'_>,
    app: &App,
    of: &Encounter,
    by: Option<UserId>,
    part: Part<'_>,
) -> Result<(), AppError> {
    if of.record == RecordState::Active {
        return Ok(());
    }
    let view = system::<ViewChart>(of.id);
    let standing = records::standing(tx.conn(), &view)?;
    let contents = records::contents(tx.conn(), &view, part)?;
    let (grounds, at) = (grounds(tx.conn(), &view)?, tx.now());
    let before = last_manifest(tx, &view)?;
    let about = About { kind: LifeEvent::Supplemented, standing: &standing, grounds: &grounds, before };
    let sealed = Some(sealed(app, compose(app, of, &about, &contents, at)?, at)?);
    records::note(tx, &view, NewEvent { sealed, ..event(LifeEvent::Supplemented, by, None) })?;
    changed(tx, app, of);
    Ok(())
}

fn last_manifest(tx: &mut Tx<'_>, view: &Permit<ViewChart>) -> Result<Option<String>, StoreError> {
    Ok(records::events(tx.conn(), view)?.into_iter().rev().find_map(|event| event.manifest_sha256))
}

/// The same where no person waits for an answer: what came is kept even when the seal cannot be set. The log says so,
/// and so does `benhan verify`.
pub fn supplement_by_rule(tx: &mut Tx<'_>, app: &App, of: &Encounter, part: Part<'_>) -> Result<(), AppError> {
    match supplement(tx, app, of, None, part) {
        Err(AppError::Refused(no)) => {
            tracing::error!(code = no.code, encounter = %of.id, "what came after closing was kept without a seal");
            records::note(tx, &system::<ViewChart>(of.id), event(LifeEvent::Supplemented, None, Some(no.detail)))?;
            Ok(())
        }
        other => other,
    }
}
