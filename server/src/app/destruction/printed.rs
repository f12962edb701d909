//! The minutes on paper, for the committee's signatures: what was sealed, as it was sealed, with the seal inside the PDF.

use super::{found, minutes};
use crate::app::accounts::Caller;
use crate::app::{AppError, letterhead, trail};
use crate::state::App;
use benhan_domain::access::{Place, ViewDestruction, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::DestructionListId;
use benhan_domain::record::{ItemState, ListState, RetentionClass};
use benhan_domain::time::Instant;
use benhan_render::{Attachment, RenderError};
use benhan_store::destruction::{self, List};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const FORM: &str = "bien-ban-tieu-huy";
const DATA: &str = "bien-ban.json";

/// A sheet on its way out.
#[derive(Debug)]
pub struct Printed {
    /// Of the list, and so of the minutes.
    pub number: String,
    pub pdf: Vec<u8>,
}

/// What the sheet takes of the minutes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Minutes {
    format: String,
    facility_name: String,
    decision: String,
    reason: String,
    proposed: Person,
    approved: Person,
    begun: Person,
    method: String,
    records: Vec<Line>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
    at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    number: String,
    archive_number: Option<String>,
    patient: String,
    patient_name: String,
    class: RetentionClass,
    kept_until: Option<String>,
    state: String,
    note: String,
    settled_at: Option<String>,
}

/// Each print is on the trail: it names patients.
pub async fn printed(app: &App, caller: &Caller, of: DestructionListId) -> Result<Printed, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewDestruction>(&reader.actor, Place::Facility)?;
        let list = found(destruction::read(conn, &permit, of)?)?;
        Ok::<_, AppError>((list, destruction::seal(conn, &permit, of)?))
    });
    let (list, seal) = read.await?;
    let (app2, at, number) = (app.clone(), app.db.now().0, list.number.clone());
    let work = tokio::task::spawn_blocking(move || typeset(&app2, &list, seal, at));
    let pdf = work.await.map_err(|_| AppError::Internal("printing was cut off".into()))??;
    let detail = json!({ "number": number, "pdf": true });
    app.db.note(trail::about(caller.user.id, Act::Print, "destruction-list", of.to_string(), detail)).await?;
    Ok(Printed { number, pdf })
}

fn typeset(app: &App, list: &List, seal: Option<Vec<u8>>, at: i64) -> Result<Vec<u8>, AppError> {
    let (ListState::Done, Some(kept), Some(sha256), Some(seal)) =
        (list.state, &list.minutes, &list.minutes_sha256, seal)
    else {
        let detail = "Chưa có biên bản: danh mục này chưa tiêu hủy xong. Mở lại khi danh mục «Đã tiêu hủy xong».";
        return Err(AppError::conflict("list-state", detail));
    };
    if hex::encode(Sha256::digest(kept)) != *sha256 {
        return Err(AppError::Internal(format!("the minutes of list {} are not as they were sealed", list.id)));
    }
    let unread = |why: String| AppError::Internal(format!("the minutes of list {}: {why}", list.id));
    let said: Minutes = serde_json::from_str(kept).map_err(|e| unread(e.to_string()))?;
    if said.format != minutes::FORMAT {
        return Err(unread("of another format".into()));
    }
    let attached =
        [Attachment::json(DATA, kept.clone().into_bytes()), Attachment::signature(format!("{DATA}.p7s"), seal)];
    let printed = app.renderer.render_sealed(FORM, values(app, list, &said, sha256), &attached, at);
    printed.map(|pdf| pdf.bytes).map_err(|error| match error {
        RenderError::TooLarge { .. } => AppError::conflict("too-long", "Biên bản quá dài để in một tệp: báo quản trị."),
        other => AppError::Internal(other.to_string()),
    })
}

fn values(app: &App, list: &List, said: &Minutes, sha256: &str) -> Value {
    let step = |what: &str, of: &Person| json!({ "what": what, "by": of.name, "at": when(&of.at) });
    let of_state = |state: ItemState| -> Vec<Value> {
        let lines = said.records.iter().filter(|line| line.state == state.as_str());
        lines.map(line).collect()
    };
    let done = list.done_at.map(|at| clock_and_day(Instant(at))).unwrap_or_default();
    let mut head = letterhead::of_ward(app, "");
    head.facility.clone_from(&said.facility_name);
    json!({
        "letterhead": head, "document": { "id": list.number, "version": 1 },
        "decision": said.decision, "reason": said.reason, "method": said.method, "done": done, "sha256": sha256,
        "steps": [
            step("Lập danh mục", &said.proposed), step("Phê duyệt", &said.approved), step("Cho tiến hành", &said.begun),
        ],
        "destroyed": of_state(ItemState::Destroyed), "kept": of_state(ItemState::Kept),
    })
}

fn line(of: &Line) -> Value {
    let year = of.kept_until.as_deref().and_then(|day| day.split('-').next()).unwrap_or_default();
    json!({
        "archiveNumber": of.archive_number.as_deref().unwrap_or_default(), "number": of.number,
        "patient": of.patient, "patientName": of.patient_name, "class": of.class.vietnamese(), "year": year,
        "at": of.settled_at.as_deref().map(when).unwrap_or_default(), "note": of.note,
    })
}

fn when(at: &str) -> String {
    Instant::parse(at).map_or_else(|| at.to_owned(), clock_and_day)
}

fn clock_and_day(at: Instant) -> String {
    at.in_vietnam().strftime("%H:%M %d/%m/%Y").to_string()
}
