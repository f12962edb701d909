//! Requests for records (khai thác, cung cấp hồ sơ bệnh án): the record room takes one in with its papers, the head of the
//! hospital decides, and each time something is read or leaves the house it is noted on the request.

use super::charting::needed;
use super::lookups::permit_on;
use super::{AppError, consents, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_record::RecordRequest;
use benhan_domain::access::{DecideRequest, Place, ServeRequest, ViewRequests, decide as decided};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, RecordRequestId};
use benhan_domain::record::{Grant, RequestState, RequestStep};
use benhan_domain::text;
use benhan_domain::time::{HOUR, Instant};
use benhan_store::requests::{self, Asked, Request};
use benhan_store::{Conn, StoreError, Tx, counters, encounters, records};
use serde_json::{Value, json};

mod handing_over;
pub(super) mod shown;
pub use handing_over::{Packed, SUMMARY, copy, note_use};
pub use shown::{list, read};

/// A grant that stands longer is not one for a purpose any more.
const LONGEST_DAYS: i64 = 90;

/// Năm + số thứ tự: `26-YC000012`.
fn next_number(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "request-number")?;
    Ok(format!("{year:02}-YC{n:06}"))
}

pub(super) fn words(text: &str, field: &'static str, most: usize, why: &str) -> Result<String, AppError> {
    let clean = text::clean(text);
    if clean.is_empty() || clean.chars().count() > most {
        return Err(AppError::invalid(field, format!("{why} (tối đa {most} ký tự)")));
    }
    Ok(clean)
}

/// As it is written down: who they are by which paper, their written request, the ground of law, and what for.
fn written(asked: Asked) -> Result<Asked, AppError> {
    let organisation = if asked.requester.has_organisation() {
        words(&asked.organisation, "organisation", 200, "Ghi cơ quan, tổ chức của người yêu cầu")?
    } else {
        String::new()
    };
    Ok(Asked {
        name: words(&asked.name, "name", 120, "Ghi họ tên người yêu cầu")?,
        identity: words(&asked.identity, "identity", 200, "Ghi giấy tờ đã đối chiếu: căn cước, thẻ, giấy giới thiệu")?,
        paper: words(&asked.paper, "paper", 200, "Ghi số, ngày của đơn hoặc văn bản yêu cầu")?,
        ground: words(&asked.ground, "ground", 200, "Ghi căn cứ pháp lý")?,
        purpose: words(&asked.purpose, "purpose", 300, "Ghi mục đích sử dụng")?,
        organisation,
        ..asked
    })
}

pub async fn receive(app: &App, caller: &Caller, stay: EncounterId, asked: Asked) -> Result<RecordRequest, AppError> {
    let (asked, caller) = (written(asked)?, caller.clone());
    let write = app.db.write(move |tx| {
        // Not while a destruction that has found no request goes on: it has the record alone.
        records::written_into(tx.conn(), stay)?;
        let permit = permit_on::<ServeRequest>(tx.conn(), &caller.actor, stay)?;
        let state = records::standing(tx.conn(), &permit)?.state;
        let why = |no: benhan_domain::record::NotForThem| AppError::conflict("not-for-them", format!("{no}."));
        asked.requester.may_ask(asked.extent, state).map_err(why)?;
        let detail = json!({
            "step": "receive", "requester": asked.requester.as_str(), "extent": asked.extent.as_str(), "copy": asked.copy,
        });
        let number = next_number(tx)?;
        let id = requests::receive(tx, &permit, number, asked, caller.user.id)?;
        noted(tx, &caller, Act::Create, (id, stay), detail)?;
        let now = tx.now();
        shown::view(tx.conn(), &caller, id, now)
    });
    write.await
}

pub struct Answer {
    /// Nothing: no.
    pub grant: Option<Grant>,
    pub words: String,
    /// The patient's own written request, where they who ask need the patient's will and no consent stands.
    pub patient_paper: String,
}

/// By the head of the hospital, or whom they authorised. Never more than was asked for.
pub async fn decide(
    app: &App,
    caller: &Caller,
    of: RecordRequestId,
    answer: Answer,
) -> Result<RecordRequest, AppError> {
    let (why, caller, app2) = (needed(&answer.words)?, caller.clone(), app.clone());
    let paper = Some(text::clean(&answer.patient_paper)).filter(|paper| !paper.is_empty());
    if paper.as_ref().is_some_and(|paper| paper.chars().count() > 200) {
        return Err(AppError::invalid("patientPaper", "Ghi tối đa 200 ký tự"));
    }
    let write = app.db.write(move |tx| {
        let permit = decided::<DecideRequest>(&caller.actor, Place::Facility)?;
        let request = found(tx.conn(), &caller, of)?;
        let step = if answer.grant.is_some() { RequestStep::Grant } else { RequestStep::Refuse };
        request.state.after(step)?;
        let mut will = None;
        if let Some(grant) = &answer.grant {
            let now = tx.now();
            within(grant, &request, now)?;
            let asker = (request.asked.requester, request.encounter);
            will = consents::granted_by(tx.conn(), &app2, &permit, asker, paper, now)?;
        }
        if !requests::decide(tx, &permit, of, caller.user.id, &why, (answer.grant, will.as_ref()))? {
            return Err(AppError::stale());
        }
        let detail = json!({
            "step": if answer.grant.is_some() { "grant" } else { "refuse" },
            "extent": answer.grant.map(|g| g.extent.as_str()), "copy": answer.grant.map(|g| g.copy),
            "until": answer.grant.map(|g| g.until.rfc3339()), "patientsWill": will.is_some(),
        });
        noted(tx, &caller, Act::Edit, (of, request.encounter), detail)?;
        let now = tx.now();
        shown::view(tx.conn(), &caller, of, now)
    });
    write.await
}

fn within(grant: &Grant, request: &Request, now: Instant) -> Result<(), AppError> {
    if grant.extent > request.asked.extent {
        return Err(AppError::invalid("extent", "Không cho nhiều hơn phần được yêu cầu"));
    }
    if grant.copy && !request.asked.copy {
        return Err(AppError::invalid("copy", "Người yêu cầu không xin bản sao"));
    }
    let last = now.plus(LONGEST_DAYS.saturating_mul(24).saturating_mul(HOUR));
    if grant.until <= now || grant.until > last {
        return Err(AppError::invalid("until", format!("Cho phép từ bây giờ đến nhiều nhất {LONGEST_DAYS} ngày nữa")));
    }
    Ok(())
}

/// Withdrawn by who asked, or done: they have what they were granted, and nothing more is given on this request.
pub async fn end(
    app: &App,
    caller: &Caller,
    of: RecordRequestId,
    step: RequestStep,
    reason: String,
) -> Result<RecordRequest, AppError> {
    let (reason, caller) = (needed(&reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decided::<ServeRequest>(&caller.actor, Place::Facility)?;
        let request = found(tx.conn(), &caller, of)?;
        let to = request.state.after(step)?;
        if !requests::end(tx, &permit, (of, request.state, to), caller.user.id, &reason)? {
            return Err(AppError::stale());
        }
        let act = if to == RequestState::Withdrawn { Act::Cancel } else { Act::Edit };
        noted(tx, &caller, act, (of, request.encounter), json!({ "step": to.as_str() }))?;
        let now = tx.now();
        shown::view(tx.conn(), &caller, of, now)
    });
    write.await
}

pub(super) fn found(conn: &mut Conn, caller: &Caller, of: RecordRequestId) -> Result<Request, AppError> {
    let view = decided::<ViewRequests>(&caller.actor, Place::Facility)?;
    requests::read(conn, &view, of)?.ok_or_else(|| AppError::not_found("yêu cầu cung cấp hồ sơ"))
}

/// On the trail of the patient and the stay.
pub(super) fn noted(
    tx: &mut Tx<'_>,
    caller: &Caller,
    act: Act,
    (of, stay): (RecordRequestId, EncounterId),
    detail: Value,
) -> Result<(), AppError> {
    let owner = encounters::owner(tx.conn(), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    trail::on_chart(tx, Some(caller.user.id), act, ("record-request", of.to_string()), (owner, stay), detail)
}
