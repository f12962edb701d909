//! What an outsider reads on the screen (đọc hồ sơ trên màn hình): the sheets of a record that the head of the hospital
//! granted, one look at a time, each with their name laid over it and on the trail. To read is not to copy.
//!
//! The right is asked anew with every look: a grant may end, or be withdrawn, while somebody reads.

use super::lookups::permit_on;
use super::signing::{Drawn, drawn};
use super::{AppError, consents, trail};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::state::App;
use crate::view_record::{ReadingGrant, ReadingSheet};
use benhan_domain::access::{Permit, ReadGranted, ViewChart, shown_on_grant};
use benhan_domain::audit::Act;
use benhan_domain::id::{DocumentId, EncounterId, RecordRequestId};
use benhan_domain::record::{Extent, Grant, Use};
use benhan_domain::time::Instant;
use benhan_render::ReadingCopy;
use benhan_store::encounters::{self, Encounter};
use benhan_store::requests::{self, Request};
use benhan_store::{Conn, blobs, request_readers};
use serde_json::json;

mod giving;
pub use giving::{Who, accounts, end, give, shut_finished};

fn missing() -> AppError {
    AppError::not_found("hồ sơ được cho đọc")
}

fn over() -> AppError {
    let detail = "Thời hạn đọc hồ sơ này đã hết hoặc đã được thu lại: hỏi phòng hồ sơ nếu cần đọc tiếp.";
    AppError::refused(Kind::Forbidden, "grant-ended", detail)
}

/// A grant as it stands now, with the record that it opens.
struct Open {
    request: Request,
    grant: Grant,
    stay: Encounter,
    chart: Permit<ViewChart>,
}

fn opened(conn: &mut Conn, app: &App, caller: &Caller, of: RecordRequestId, now: Instant) -> Result<Open, AppError> {
    if !request_readers::ever(conn, caller.user.id, of)? {
        return Err(missing());
    }
    let stay = requests::record_of(conn, of)?.ok_or_else(missing)?;
    let standing = request_readers::requests_of(conn, caller.user.id, now.0)?;
    let permit = permit_on::<ReadGranted>(conn, &caller.actor, stay);
    let (Ok(permit), true) = (permit, standing.contains(&of)) else { return Err(over()) };
    let request = requests::read_granted(conn, &permit, of)?.ok_or_else(missing)?;
    let decision = request.decision.as_ref().ok_or_else(over)?;
    let grant = decision.grant.ok_or_else(over)?;
    let asker = (request.asked.requester, request.encounter);
    consents::is_opened_by(conn, app, &permit, asker, decision.will.as_ref(), now)?;
    let chart = shown_on_grant(&permit);
    let stay = encounters::read(conn, &chart, stay)?.ok_or_else(missing)?;
    Ok(Open { request, grant, stay, chart })
}

/// What the caller may read now.
pub async fn grants(app: &App, caller: &Caller) -> Result<Vec<ReadingGrant>, AppError> {
    let (app2, reader, now) = (app.clone(), caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let mut listed = Vec::new();
        for of in request_readers::requests_of(conn, reader.user.id, now.0)? {
            // One whose consent was taken back meanwhile opens nothing.
            let Ok(open) = opened(conn, &app2, &reader, of, now) else { continue };
            listed.push(ReadingGrant {
                request_id: of.to_string(),
                number: open.request.number,
                patient_name: open.stay.patient.who.name,
                stay_number: open.stay.number,
                extent: open.grant.extent.as_str().to_owned(),
                purpose: open.request.asked.purpose,
                until: open.grant.until.rfc3339(),
            });
        }
        Ok(listed)
    });
    read.await
}

/// The signed sheets that the grant opens, in the order of the record.
fn within(conn: &mut Conn, open: &Open) -> Result<Vec<Drawn>, AppError> {
    let mut sheets = drawn(conn, &open.chart)?;
    if open.grant.extent == Extent::Summary {
        sheets.retain(|sheet| sheet.form_code == super::requests::SUMMARY);
    }
    Ok(sheets)
}

pub async fn sheets(app: &App, caller: &Caller, of: RecordRequestId) -> Result<Vec<ReadingSheet>, AppError> {
    let (app2, reader, now) = (app.clone(), caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let open = opened(conn, &app2, &reader, of, now)?;
        let listed = within(conn, &open)?.into_iter().map(|sheet| ReadingSheet {
            document_id: sheet.document.to_string(),
            title: sheet.title,
            written_at: Instant(sheet.effective_at).rfc3339(),
            signed_by: sheet.signed_by,
        });
        Ok::<(EncounterId, Vec<ReadingSheet>), AppError>((open.stay.id, listed.collect()))
    });
    let (stay, listed) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(listed)
}

/// One sheet with the reader's name on each page. The look is on the trail before it leaves.
pub async fn sheet(app: &App, caller: &Caller, of: RecordRequestId, document: DocumentId) -> Result<Vec<u8>, AppError> {
    let (app2, reader) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let now = tx.now();
        let open = opened(tx.conn(), &app2, &reader, of, now)?;
        let what = if open.grant.extent == Extent::Summary { Use::Summary } else { Use::Read };
        open.grant.allows(what, now)?;
        let gone = || AppError::not_found("phiếu");
        let sheet = within(tx.conn(), &open)?.into_iter().find(|sheet| sheet.document == document).ok_or_else(gone)?;
        let bytes = blobs::read(tx.conn(), &sheet.pdf_sha256)?.ok_or_else(gone)?;
        request_readers::has_read(tx, reader.user.id, of)?;
        let subject = ("record-request", of.to_string());
        let detail = json!({ "step": "read", "document": document, "version": sheet.version });
        let about = (open.stay.patient.id, open.stay.id);
        trail::on_chart(tx, Some(reader.user.id), Act::View, subject, about, detail)?;
        Ok::<_, AppError>((bytes, sheet.title, open.request.number, now))
    });
    let (bytes, title, number, now) = write.await?;
    let (renderer, name) = (std::sync::Arc::clone(&app.renderer), caller.user.name.clone());
    let drawn = tokio::task::spawn_blocking(move || {
        let of = ReadingCopy { sheet: bytes, title: &title, reader: &name, request: &number, at: now.0 };
        renderer.reading_copy(of)
    });
    let drawn = drawn.await.map_err(|_| AppError::Internal("a look was cut off".into()))?;
    Ok(drawn.map_err(|error| AppError::Internal(error.to_string()))?.bytes)
}
