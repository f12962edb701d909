//! The images of a record that is being destroyed: every bridge erases them and says so, then they are taken out of the
//! pools beside the backups, and last goes what the record knew of them. Each step may be cut off and is taken again.

use super::carrying_out::{ended, with_keys};
use crate::app::{AppError, trail};
use crate::buckets::Buckets;
use crate::image_pools;
use crate::state::App;
use benhan_domain::access::{KeepRecords, system};
use benhan_domain::audit::Act;
use benhan_domain::id::EncounterId;
use benhan_store::image_removals::{self, Keeps};
use benhan_store::keys::{Copied, Target, is_elsewhere};
use benhan_store::{Conn, Keyring, destruction, encounters, records};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Goes on with every record whose images are still somewhere. One that cannot go on now does not keep the others, and the
/// keys beside the backups are replaced once for all of them.
pub async fn carry_on(app: &App) -> Result<(), AppError> {
    let open = app.db.read::<_, AppError, _>(|conn| Ok(image_removals::open(conn)?)).await?;
    let mut nowhere = Vec::new();
    for stay in open {
        match out_of_reach(app, stay).await {
            Ok(count) => nowhere.extend(count.map(|count| (stay, count))),
            Err(error) => not_now(&error),
        }
    }
    if nowhere.is_empty() {
        return Ok(());
    }
    // The bridges shredded the images' keys after the record's own went: what lies beside the backups still has them.
    let at = app.db.now().0;
    match with_keys(&app.db, move |keys| keys.copy_everywhere(at)).await {
        Ok(copied) if copied.iter().all(|(_, copied)| *copied == Copied::Done) => {}
        Ok(_) => return Ok(()),
        Err(error) => {
            not_now(&error);
            return Ok(());
        }
    }
    for (stay, count) in nowhere {
        if let Err(error) = settle(app, stay, count).await {
            not_now(&error);
        }
    }
    Ok(())
}

fn not_now(error: &AppError) {
    tracing::error!(%error, "the images of a destroyed record could not be removed; it is tried again");
}

/// How many images are in no bridge and no pool any more; nothing while some are.
async fn out_of_reach(app: &App, stay: EncounterId) -> Result<Option<usize>, AppError> {
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let permit = system::<KeepRecords>(stay);
        Ok((image_removals::unasked(conn, &permit)?.is_empty(), image_removals::keeps(conn, &permit)?))
    });
    let (all_asked, keeps) = read.await?;
    if !all_asked {
        // Whoever has just been asked has done nothing yet.
        let ask = app.db.write::<_, AppError, _>(move |tx| Ok(image_removals::ask(tx, &system::<KeepRecords>(stay))?));
        return ask.await.map(|()| None);
    }
    if keeps != Keeps::Nobody {
        return Ok(None);
    }
    let targets = with_keys(&app.db, Keyring::targets).await?;
    if targets.iter().any(|target| !target.there) {
        return Ok(None);
    }
    let listed = move |conn: &mut Conn| Ok(image_removals::hashes(conn, &system::<KeepRecords>(stay))?);
    let hashes = app.db.read::<_, AppError, _>(listed).await?;
    let count = hashes.len();
    out_of_pools(Arc::clone(&app.buckets), targets, hashes).await?;
    Ok(Some(count))
}

async fn settle(app: &App, stay: EncounterId, count: usize) -> Result<(), AppError> {
    let write = app.db.write(move |tx| {
        records::held_alone(tx.conn(), stay)?;
        let permit = system::<KeepRecords>(stay);
        image_removals::settle(tx, &permit)?;
        let patient = encounters::owner(tx.conn(), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let (subject, detail) = (("record", stay.to_string()), json!({ "step": "images", "count": count }));
        trail::on_chart(tx, None, Act::Destroy, subject, (patient, stay), detail)?;
        // A record of no open list came back from an old backup: this was the last of it.
        let listed = destruction::against(tx.conn(), &permit, &[stay])?.remove(&stay).and_then(|found| found.listed);
        if listed.is_none() { ended(tx, stay) } else { Ok(()) }
    });
    write.await
}

/// Folders first: who is carrying one of their backups to a store sees their marks when the store has none yet.
async fn out_of_pools(buckets: Arc<Buckets>, targets: Vec<Target>, hashes: Vec<String>) -> Result<(), AppError> {
    let (away, folders): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| is_elsewhere(&target.folder));
    let removing = tokio::task::spawn_blocking(move || -> Result<(), String> {
        for target in &folders {
            image_pools::erase(Path::new(&target.folder), &hashes).map_err(|error| error.to_string())?;
        }
        for target in &away {
            buckets.remove_images(&target.folder, &hashes).map_err(|error| error.to_string())?;
        }
        Ok(())
    });
    let removed = removing.await.map_err(|_| AppError::Internal("a pool of images was left half done".into()))?;
    removed.map_err(|error| AppError::Internal(format!("a pool of images: {error}")))
}

/// What a record waits for whose images are still somewhere; nothing when they are nowhere.
pub async fn awaited(app: &App, stay: EncounterId) -> Result<Option<String>, AppError> {
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let permit = system::<KeepRecords>(stay);
        if !image_removals::is_open(conn, &permit)? {
            return Ok(None);
        }
        Ok(Some(match image_removals::keeps(conn, &permit)? {
            Keeps::Unknown => "Chờ máy lưu ảnh báo về để xóa ảnh".to_owned(),
            Keeps::Bridges(names) => format!("Chờ máy lưu ảnh xóa ảnh: {}", names.join(", ")),
            Keeps::Nobody => "Chờ xóa ảnh ở nơi sao lưu".to_owned(),
        }))
    });
    read.await
}
