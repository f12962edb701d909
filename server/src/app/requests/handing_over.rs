//! What is given out on a request, each time within what was granted: read on the spot, the signed summary, a copy.

use super::{found, noted, shown};
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::app::lookups::permit_on;
use crate::app::signing::drawn;
use crate::app::{AppError, consents, export};
use crate::state::App;
use crate::view_record::RecordRequest;
use benhan_domain::access::{ExportRecord, Place, ServeRequest, ViewRequests, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, RecordRequestId};
use benhan_domain::record::{NotThisRequest, RequestState, Use};
use benhan_domain::time::Instant;
use benhan_store::Conn;
use benhan_store::requests::{self, Request};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// Mẫu 03 of Circular 25/2025.
pub const SUMMARY: &str = "tom-tat-ho-so-benh-an";

pub use crate::app::export::Packed;

/// The request, if it allows this now.
fn allowed(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    of: RecordRequestId,
    what: Use,
    now: Instant,
) -> Result<Request, AppError> {
    let request = found(conn, caller, of)?;
    let grant = request.decision.as_ref().and_then(|decision| decision.grant);
    match (request.state, grant) {
        (RequestState::Granted, Some(grant)) => grant.allows(what, now)?,
        (RequestState::Received, _) => return Err(NotThisRequest::NotDecided.into()),
        (RequestState::Refused, _) => return Err(NotThisRequest::Refused.into()),
        (RequestState::Withdrawn, _) => return Err(NotThisRequest::Withdrawn.into()),
        (RequestState::Done | RequestState::Granted, _) => return Err(NotThisRequest::Done.into()),
    }
    let view = decide::<ViewRequests>(&caller.actor, Place::Facility)?;
    let will = request.decision.as_ref().and_then(|decision| decision.will.as_ref());
    let asker = (request.asked.requester, request.encounter);
    consents::is_opened_by(conn, app, &view, asker, will, now)?;
    Ok(request)
}

/// Notes that the record was read on the spot, or that its signed summary was handed over.
pub async fn note_use(
    app: &App,
    caller: &Caller,
    of: RecordRequestId,
    kind: Use,
    note: String,
) -> Result<RecordRequest, AppError> {
    let (note, caller, app2) = (needed(&note)?, caller.clone(), app.clone());
    if kind == Use::Copy {
        return Err(AppError::invalid("kind", "Bản sao được lập bằng lệnh cấp bản sao của yêu cầu"));
    }
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeRequest>(&caller.actor, Place::Facility)?;
        let now = tx.now();
        let request = allowed(tx.conn(), &app2, &caller, of, kind, now)?;
        let sha256 = match kind {
            Use::Summary => Some(signed_summary(tx.conn(), &caller, request.encounter)?),
            Use::Read | Use::Copy => None,
        };
        requests::give(tx, &permit, of, caller.user.id, (kind, &note, sha256.as_deref()))?;
        let detail = json!({ "step": kind.as_str(), "sha256": sha256 });
        let act = if kind == Use::Summary { Act::Export } else { Act::View };
        noted(tx, &caller, act, (of, request.encounter), detail)?;
        shown::view(tx.conn(), &caller, of, now)
    });
    write.await
}

/// The newest summary of the stay that a doctor has signed.
fn signed_summary(conn: &mut Conn, caller: &Caller, stay: EncounterId) -> Result<String, AppError> {
    let permit = shown_after(&permit_on::<ExportRecord>(conn, &caller.actor, stay)?);
    let newest = drawn(conn, &permit)?.into_iter().rfind(|sheet| sheet.form_code == SUMMARY);
    newest.map(|sheet| sheet.pdf_sha256).ok_or_else(|| {
        let detail = "Hồ sơ chưa có bản tóm tắt đã ký: bác sĩ lập và ký Tóm tắt hồ sơ bệnh án trước.";
        AppError::conflict("no-summary", detail)
    })
}

/// A copy of the whole record, as a package that proves itself; noted with its hash before it leaves.
pub async fn copy(app: &App, caller: &Caller, of: RecordRequestId, into: File) -> Result<(Packed, File), AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let now = app.db.now();
    let first = move |conn: &mut Conn| {
        decide::<ServeRequest>(&reader.actor, Place::Facility)?;
        allowed(conn, &app2, &reader, of, Use::Copy, now)
    };
    let request = app.db.read::<_, AppError, _>(first).await?;
    let (packed, file) = export::for_person(app, caller, request.encounter, &ground(&request), into).await?;
    let hashed = tokio::task::spawn_blocking(move || hashed(file)).await;
    let (sha256, file) = hashed.map_err(|_| AppError::Internal("cut off".into()))?.map_err(unread)?;
    let (caller, app2) = (caller.clone(), app.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeRequest>(&caller.actor, Place::Facility)?;
        // Packing takes its time: a grant may have been withdrawn meanwhile.
        let now = tx.now();
        let request = allowed(tx.conn(), &app2, &caller, of, Use::Copy, now)?;
        requests::give(tx, &permit, of, caller.user.id, (Use::Copy, "", Some(&sha256)))?;
        noted(tx, &caller, Act::Export, (of, request.encounter), json!({ "step": "copy", "sha256": sha256 }))
    });
    write.await?;
    Ok((packed, file))
}

/// The purpose goes with the copy, in its README and on the trail (Law 15/2023 Art. 69.5).
fn ground(request: &Request) -> String {
    let asked = &request.asked;
    let whole = format!(
        "{} ({}; {}). Mục đích: {}. {}",
        request.number,
        asked.requester.vietnamese(),
        asked.paper,
        asked.purpose,
        asked.ground
    );
    whole.chars().take(500).collect()
}

fn hashed(mut file: File) -> std::io::Result<(String, File)> {
    let mut hash = Sha256::new();
    file.seek(SeekFrom::Start(0))?;
    std::io::copy(&mut file, &mut hash)?;
    Ok((hex::encode(hash.finalize()), file))
}

fn unread(error: std::io::Error) -> AppError {
    AppError::Internal(format!("a package could not be read again: {error}"))
}
