//! A file is handed in: kept before anything else counts, read for its code, and never twice.

use super::shown::views;
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::lookups::permit_in;
use crate::app::signing::LARGEST_SCAN;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_scans::HandedInScan;
use benhan_domain::access::{HandInScans, Place, ViewScans, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{PaperScanId, WardId};
use benhan_domain::paper_scan::Found;
use benhan_domain::patient_signature::ScanKind;
use benhan_store::paper_scans::{self, NewScan};
use benhan_store::{Conn, StoreError};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Waiting ones that a house may have: at 8 MB each they take what a small disk has to give.
const MOST_WAITING: i64 = 2_000;
/// A picture takes some hundred megabytes while it is looked at.
static READER: Semaphore = Semaphore::const_new(1);

/// Kept as it came, on the list of `ward` where one is said.
pub async fn hand_in(
    app: &App,
    caller: &Caller,
    bytes: Vec<u8>,
    ward: Option<WardId>,
) -> Result<HandedInScan, AppError> {
    if bytes.len() > LARGEST_SCAN {
        return Err(AppError::invalid("scan", "Bản quét lớn hơn 8 MB: quét lại ở độ phân giải thấp hơn (200 dpi)"));
    }
    let kind =
        ScanKind::of(&bytes).ok_or_else(|| AppError::invalid("scan", "Bản quét phải là tệp JPEG, PNG hoặc PDF"))?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let bytes = Arc::new(bytes);
    let (actor, name) = (caller.actor.clone(), sha256.clone());
    let read = app.db.read(move |conn| {
        decide::<HandInScans>(&actor, Place::Facility)?;
        ward.map(|ward| permit_in::<ViewScans>(&actor, ward)).transpose()?;
        Ok::<_, AppError>(paper_scans::known(conn, &name)?)
    });
    if let Some(scan) = read.await? {
        return told(app, caller, scan, "known").await;
    }
    let (found, pictures) = looked_at(Arc::clone(&bytes), kind).await?;
    let actor = caller.actor.clone();
    let write = app.db.write(move |tx| {
        let permit = decide::<HandInScans>(&actor, Place::Facility)?;
        // Somebody may have handed in the same file meanwhile.
        if let Some(scan) = paper_scans::known(tx.conn(), &sha256)? {
            return Ok((scan, "known"));
        }
        if paper_scans::waiting(tx.conn())? >= MOST_WAITING {
            let detail = "Đã có 2000 bản quét chờ ghép: ghép hoặc để riêng bớt rồi tải tiếp.";
            return Err(AppError::refused(Kind::TooMany, "too-many-scans", detail));
        }
        let (bytes, found) = (bytes.as_slice(), &found);
        let new = NewScan { sha256: &sha256, kind, bytes, pictures, found, ward, by: actor.user };
        // On PostgreSQL two may hand it in at one time: the second is told to do so again, and finds it.
        let taken = |error: StoreError| if error.is_taken("paper_scan") { AppError::stale() } else { error.into() };
        let scan = paper_scans::hand_in(tx, &permit, &new).map_err(taken)?;
        let detail = json!({ "sha256": sha256, "found": found.as_str(), "ward": ward });
        trail::on(tx, actor.user, Act::Create, "paper-scan", scan.to_string(), detail)?;
        Ok::<_, AppError>((scan, "kept"))
    });
    let (scan, outcome) = write.await?;
    told(app, caller, scan, outcome).await
}

/// The codes on a file, and its pictures: off the threads that answer, one file at a time.
pub(in crate::app) async fn looked_at(bytes: Arc<Vec<u8>>, kind: ScanKind) -> Result<(Found, i64), AppError> {
    let cut_off = || AppError::Internal("reading a scan was cut off".into());
    let _one_at_a_time = READER.acquire().await.map_err(|_| cut_off())?;
    let work = tokio::task::spawn_blocking(move || {
        let marks = benhan_scan::read(&bytes, kind);
        (Found::of(&marks), i64::try_from(benhan_scan::pictures(&bytes, kind)).unwrap_or_default())
    });
    work.await.map_err(|_| cut_off())
}

async fn told(app: &App, caller: &Caller, scan: PaperScanId, outcome: &'static str) -> Result<HandedInScan, AppError> {
    let (actor, app2) = (caller.actor.clone(), app.clone());
    let read = app.db.read(move |conn: &mut Conn| {
        // Another ward's: that it is there is all that is said.
        let Ok(found) = super::seen(conn, &actor, scan) else { return Ok::<_, AppError>(None) };
        Ok(views(conn, &app2, &actor, vec![found])?.pop())
    });
    Ok(HandedInScan { outcome: outcome.to_owned(), scan: read.await? })
}
