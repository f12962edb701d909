//! What was begun is carried out: each record is marked, its key shredded here and beside every backup, what it held taken
//! out of the database, and the minutes sealed. Each step may be cut off and is taken again.

use super::{against, images, minutes, moved, must_stay};
use crate::app::{AppError, trail};
use crate::state::App;
use benhan_domain::access::{KeepRecords, ViewChart, system};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::record::{ItemState, LifeEvent, ListStep, RecordState, RecordStep};
use benhan_store::destruction::{self, Item, List, Taken};
use benhan_store::keys::{Copied, KeyError};
use benhan_store::records::{self, NewEvent, Standing};
use benhan_store::{Db, Keyring, StoreError, Tx, encounters, image_removals};
use serde_json::json;

/// Goes on with every list that is begun. A list that cannot go on now does not keep the others.
pub async fn carry_on(app: &App) -> Result<(), AppError> {
    images::carry_on(app).await?;
    let begun: Vec<List> = app.db.read::<_, AppError, _>(|conn| Ok(destruction::begun(conn)?)).await?;
    for list in begun {
        let number = list.number.clone();
        if let Err(error) = one(app, list).await {
            tracing::error!(list = number, %error, "a destruction could not go on; it is tried again");
        }
    }
    Ok(())
}

async fn one(app: &App, list: List) -> Result<(), AppError> {
    for item in items(app, &list).await? {
        if item.state == ItemState::Listed {
            mark(app, &list, item.encounter).await?;
        }
    }
    let marked: Vec<Item> =
        items(app, &list).await?.into_iter().filter(|item| item.state == ItemState::Destroying).collect();
    for item in &marked {
        let stay = item.encounter;
        let at = app.db.now().0;
        // Scans lay under keys of their own before they were linked, and do so in older backups.
        let scans =
            app.db.read::<_, AppError, _>(move |conn| Ok(destruction::scans_of(conn, &system::<KeepRecords>(stay))?));
        let scans: Vec<EncounterId> = scans.await?.into_iter().map(|scan| EncounterId(scan.0)).collect();
        let shred = move |keys: &Keyring| scans.into_iter().chain([stay]).try_for_each(|of| keys.shred(of, at));
        with_keys(&app.db, shred).await?;
        if item.erased.is_none() {
            erase(app, &list, stay).await?;
        }
    }
    if !marked.is_empty() {
        let at = app.db.now().0;
        let away: Vec<String> = with_keys(&app.db, move |keys| keys.copy_everywhere(at))
            .await?
            .into_iter()
            .filter(|(_, copied)| *copied == Copied::Away)
            .map(|(target, _)| target)
            .collect();
        if !away.is_empty() {
            tracing::warn!(
                list = list.number,
                targets = away.len(),
                "a destruction waits for a backup target that is away"
            );
            let note = format!("Chờ nối lại nơi sao lưu để hủy khóa: {}", away.join(", "));
            return wait_for(app, &list, &marked, note).await;
        }
        images::carry_on(app).await?;
        let mut waiting = false;
        for item in &marked {
            match images::awaited(app, item.encounter).await? {
                Some(note) => {
                    waiting = true;
                    wait_for(app, &list, std::slice::from_ref(item), note).await?;
                }
                None => gone(app, &list, item.encounter).await?,
            }
        }
        if waiting {
            return Ok(());
        }
    }
    finish(app, list).await
}

async fn items(app: &App, list: &List) -> Result<Vec<Item>, AppError> {
    let of = list.id;
    app.db.read(move |conn| Ok(destruction::items(conn, of)?)).await
}

pub(super) async fn with_keys<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&Keyring) -> Result<T, KeyError> + Send + 'static,
) -> Result<T, AppError> {
    let keys = db.keys().clone();
    let done = tokio::task::spawn_blocking(move || work(&keys)).await;
    let done = done.map_err(|_| AppError::Internal("work on the keys was cut off".into()))?;
    done.map_err(|error| StoreError::from(error).into())
}

fn begun_by(list: &List) -> Option<UserId> {
    list.begun.map(|(by, _)| by)
}

fn told(tx: &mut Tx<'_>, list: &List, stay: EncounterId, step: &'static str) -> Result<(), AppError> {
    let patient = encounters::owner(tx.conn(), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let (subject, detail) = (("record", stay.to_string()), json!({ "step": step, "number": list.number }));
    trail::on_chart(tx, begun_by(list), Act::Destroy, subject, (patient, stay), detail)
}

fn event(list: &List, kind: LifeEvent) -> NewEvent {
    let reason = Some(format!("Danh mục {}; {}", list.number, list.decision));
    NewEvent { kind, by: begun_by(list), reason, class: None, sealed: None }
}

fn step(tx: &mut Tx<'_>, stay: EncounterId, step: RecordStep) -> Result<(), AppError> {
    let permit = system::<KeepRecords>(stay);
    let from = records::standing(tx.conn(), &permit)?;
    let to = Standing { state: from.state.after(step)?, ..from.clone() };
    if records::move_on(tx, &permit, from.state, &to)? { Ok(()) } else { Err(AppError::stale()) }
}

/// There is no way back after this commit. What came in the way since the list was made keeps the record.
async fn mark(app: &App, list: &List, stay: EncounterId) -> Result<(), AppError> {
    let list = list.clone();
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        let (permit, now) = (system::<KeepRecords>(stay), tx.now());
        let against = against(tx.conn(), &permit, stay)?;
        if let Some(why) = must_stay(tx.conn(), &permit, &against, now)? {
            destruction::settle(tx, (list.id, stay), ItemState::Listed, ItemState::Kept, &why)?;
            return told(tx, &list, stay, "kept");
        }
        if !destruction::settle(tx, (list.id, stay), ItemState::Listed, ItemState::Destroying, "")? {
            return Ok(());
        }
        step(tx, stay, RecordStep::Destroy)?;
        records::note(tx, &permit, event(&list, LifeEvent::Destroying))?;
        told(tx, &list, stay, "destroying")
    });
    write.await
}

async fn erase(app: &App, list: &List, stay: EncounterId) -> Result<(), AppError> {
    let of = list.id;
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        let erased = destruction::erase(tx, &system::<KeepRecords>(stay))?;
        let erased = serde_json::to_string(&erased).map_err(|e| AppError::Internal(e.to_string()))?;
        Ok(destruction::note_erased(tx, (of, stay), &erased)?)
    });
    write.await
}

/// Copies of the keys that are away must come back, and images go, before the record counts as destroyed.
async fn wait_for(app: &App, list: &List, marked: &[Item], note: String) -> Result<(), AppError> {
    let waiting: Vec<EncounterId> = marked.iter().filter(|item| item.note != note).map(|item| item.encounter).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let of = list.id;
    let write = app.db.write(move |tx| {
        for stay in waiting {
            destruction::settle(tx, (of, stay), ItemState::Destroying, ItemState::Destroying, &note)?;
        }
        Ok(())
    });
    write.await
}

async fn gone(app: &App, list: &List, stay: EncounterId) -> Result<(), AppError> {
    let list = list.clone();
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        if !destruction::settle(tx, (list.id, stay), ItemState::Destroying, ItemState::Destroyed, "")? {
            return Ok(());
        }
        step(tx, stay, RecordStep::Gone)?;
        records::note(tx, &system::<KeepRecords>(stay), event(&list, LifeEvent::Destroyed))?;
        told(tx, &list, stay, "destroyed")
    });
    write.await
}

async fn finish(app: &App, list: List) -> Result<(), AppError> {
    let app2 = app.clone();
    let write = app.db.write(move |tx| {
        list.state.after(ListStep::Finish)?;
        let (minutes, at) = (minutes::compose(tx.conn(), &app2, &list)?, tx.now());
        let sealed = crate::app::life::sealed(&app2, minutes, at)?;
        moved(tx, &list, Taken::Done { minutes: sealed.manifest, sha256: sealed.sha256, seal: sealed.seal })
    });
    write.await
}

/// A backup from before a destruction was restored: its rows are back, their keys are not. What they held is taken out
/// again, by rule; its images by [`images::carry_on`].
pub async fn catch_up(app: &App) -> Result<usize, AppError> {
    let mut done = 0_usize;
    for (record, _) in with_keys(&app.db, Keyring::shredded).await? {
        let stay: EncounterId = record.parse().map_err(|_| AppError::Internal("a key of no record".into()))?;
        let write = app.db.write::<_, AppError, _>(move |tx| {
            records::held_alone(tx.conn(), stay)?;
            let permit = system::<KeepRecords>(stay);
            let there = encounters::owner(tx.conn(), stay)?.is_some();
            if !there || records::standing(tx.conn(), &permit)?.state != RecordState::Archived {
                return Ok(false);
            }
            step(tx, stay, RecordStep::Destroy)?;
            records::note(tx, &permit, by_rule(LifeEvent::Destroying))?;
            destruction::erase(tx, &permit)?;
            if !image_removals::is_open(tx.conn(), &permit)? {
                ended(tx, stay)?;
            }
            let patient = encounters::read(tx.conn(), &system::<ViewChart>(stay), stay)?;
            let patient = patient.ok_or_else(|| AppError::not_found("đợt điều trị"))?.patient.id;
            let (subject, detail) = (("record", stay.to_string()), json!({ "step": "destroyed-before-restore" }));
            trail::on_chart(tx, None, Act::Destroy, subject, (patient, stay), detail)?;
            Ok(true)
        });
        done = done.saturating_add(usize::from(write.await?));
    }
    Ok(done)
}

fn by_rule(kind: LifeEvent) -> NewEvent {
    let reason = Some("Khóa của hồ sơ đã bị hủy trước khi bản sao lưu này được phục hồi".to_owned());
    NewEvent { kind, by: None, reason, class: None, sealed: None }
}

/// The last step of a record that came back from an old backup.
pub(super) fn ended(tx: &mut Tx<'_>, stay: EncounterId) -> Result<(), AppError> {
    step(tx, stay, RecordStep::Gone)?;
    records::note(tx, &system::<KeepRecords>(stay), by_rule(LifeEvent::Destroyed))?;
    Ok(())
}
