//! Records whose term is over (tiêu hủy hồ sơ hết thời hạn): the record room lists them, another person approves, and what
//! is begun is carried out to its end, whatever happens to the machine.

use super::charting::needed;
use super::lookups::permit_on;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::app::error::{Kind, Refusal};
use crate::state::App;
use crate::view_record::DestructionList;
use benhan_domain::access::{ApproveDestruction, KeepRecords, Permit, Place, PrepareDestruction, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{DestructionListId, EncounterId};
use benhan_domain::record::{Disposal, ListStep, RecordStep, disposal};
use benhan_domain::time::Instant;
use benhan_store::destruction::{self, Against, List, NewList, Taken};
use benhan_store::records::Standing;
use benhan_store::{Conn, StoreError, Tx, counters, holds, records};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

mod carrying_out;
mod images;
mod minutes;
mod printed;
mod shown;
mod targets;
pub use carrying_out::{carry_on, catch_up};
pub use printed::{Printed, printed};
pub use shown::{list, read};
pub use targets::forget_target;

/// One list is one decision: more are several.
const MOST: usize = 500;

/// Năm + số thứ tự: `37-TH000004`.
fn next_number(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let (year, n) = counters::next_of_year(tx, "destruction-number")?;
    Ok(format!("{year:02}-TH{n:06}"))
}

/// Lists records for destruction; refused with a sentence for each that must be kept. `decision`: of the head of the
/// hospital, its number and date.
pub async fn propose(
    app: &App,
    caller: &Caller,
    mut stays: Vec<EncounterId>,
    decision: String,
    reason: String,
) -> Result<DestructionList, AppError> {
    let (reason, caller) = (needed(&reason)?, caller.clone());
    let decision = benhan_domain::text::clean(&decision);
    printable("decision", &decision)?;
    printable("reason", &reason)?;
    if decision.is_empty() || decision.chars().count() > 200 {
        return Err(AppError::invalid("decision", "Ghi số và ngày quyết định của người đứng đầu (tối đa 200 ký tự)"));
    }
    stays.sort();
    stays.dedup();
    if stays.is_empty() || stays.len() > MOST {
        return Err(AppError::invalid("records", format!("Chọn từ 1 đến {MOST} hồ sơ đã hết thời hạn")));
    }
    let write = app.db.write(move |tx| {
        let permit = decide::<PrepareDestruction>(&caller.actor, Place::Facility)?;
        let mut kept = BTreeMap::new();
        for stay in &stays {
            let of = permit_on::<KeepRecords>(tx.conn(), &caller.actor, *stay)?;
            let (now, against) = (tx.now(), against(tx.conn(), &of, *stay)?);
            let why = match &against.listed {
                Some(number) => Some(listed(number)),
                None => must_stay(tx.conn(), &of, &against, now)?,
            };
            kept.extend(why.map(|why| (stay.to_string(), why)));
        }
        if !kept.is_empty() {
            return Err(AppError::Refused(Refusal {
                kind: Kind::Conflict,
                code: "must-be-kept",
                detail: format!("{} hồ sơ chưa được tiêu hủy: bỏ khỏi danh mục rồi lập lại.", kept.len()),
                fields: kept,
                asked: None,
            }));
        }
        let new = NewList { number: next_number(tx)?, decision, reason, by: caller.user.id };
        let id = destruction::propose(tx, &permit, &new, &stays)?;
        noted(tx, &caller, Act::Create, id, ("propose", &new.number))?;
        shown::view(tx.conn(), &caller, id)
    });
    write.await
}

fn against(conn: &mut Conn, of: &Permit<KeepRecords>, stay: EncounterId) -> Result<Against, AppError> {
    Ok(destruction::against(conn, of, &[stay])?.remove(&stay).unwrap_or_default())
}

/// Why a record may not be destroyed, if so: read again when its turn comes.
fn must_stay(
    conn: &mut Conn,
    of: &Permit<KeepRecords>,
    against: &Against,
    now: Instant,
) -> Result<Option<String>, AppError> {
    let standing = records::standing(conn, of)?;
    let held = holds::of_stay(conn, of)?.iter().any(|hold| hold.lifted.is_none());
    Ok(why_kept(&standing, held, against, now))
}

/// The rule behind it, for the record room's list of what is due as well.
pub fn why_kept(standing: &Standing, held: bool, against: &Against, now: Instant) -> Option<String> {
    if let Err(why) = standing.state.after(RecordStep::Destroy) {
        return Some(format!("{why}"));
    }
    let Some(until) = standing.kept_until else { return Some("Hồ sơ chưa có thời hạn lưu trữ".to_owned()) };
    match disposal(until, held, now) {
        Disposal::Over => {}
        other => return Some(other.vietnamese()),
    }
    against.asked.as_ref().map(|number| format!("Đang có yêu cầu cung cấp hồ sơ {number} chưa xong"))
}

/// Why a record is on no second list.
pub fn listed(number: &str) -> String {
    format!("Đã có trong danh mục {number}")
}

/// The second person. Who made the list may not approve it.
pub async fn approve(app: &App, caller: &Caller, of: DestructionListId) -> Result<DestructionList, AppError> {
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        let permit = decide::<ApproveDestruction>(&caller.actor, Place::Facility)?;
        let list = found(destruction::read(tx.conn(), &permit, of)?)?;
        list.state.after(ListStep::Approve)?;
        if list.proposed_by == caller.user.id {
            let detail = "Người lập danh mục không tự phê duyệt: người khác có thẩm quyền phê duyệt.";
            return Err(AppError::conflict("second-person", detail));
        }
        moved(tx, &list, Taken::Approved(caller.user.id))?;
        noted(tx, &caller, Act::Edit, of, ("approve", &list.number))?;
        shown::view(tx.conn(), &caller, of)
    });
    write.await
}

/// By either of the two, until it begins.
pub async fn cancel(
    app: &App,
    caller: &Caller,
    of: DestructionListId,
    reason: String,
) -> Result<DestructionList, AppError> {
    let (reason, caller) = (needed(&reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        let list = match decide::<PrepareDestruction>(&caller.actor, Place::Facility) {
            Ok(permit) => destruction::read(tx.conn(), &permit, of)?,
            Err(_) => {
                let permit = decide::<ApproveDestruction>(&caller.actor, Place::Facility)?;
                destruction::read(tx.conn(), &permit, of)?
            }
        };
        let list = found(list)?;
        list.state.after(ListStep::Cancel)?;
        moved(tx, &list, Taken::Cancelled(caller.user.id, reason))?;
        noted(tx, &caller, Act::Cancel, of, ("cancel", &list.number))?;
        shown::view(tx.conn(), &caller, of)
    });
    write.await
}

/// From here there is no way back: the work after the commit carries it out, and goes on after a restart.
pub async fn begin(app: &App, caller: &Caller, of: DestructionListId) -> Result<DestructionList, AppError> {
    let (jobs, caller) = (Arc::clone(&app.jobs), caller.clone());
    let sealed = app.seal.is_some();
    let write = app.db.write(move |tx| {
        let permit = decide::<PrepareDestruction>(&caller.actor, Place::Facility)?;
        let list = found(destruction::read(tx.conn(), &permit, of)?)?;
        list.state.after(ListStep::Begin)?;
        if !sealed {
            let detail = "Bệnh viện chưa có con dấu số nên chưa lập được biên bản: báo quản trị cài chứng thư con dấu.";
            return Err(AppError::conflict("no-seal", detail));
        }
        moved(tx, &list, Taken::Begun(caller.user.id))?;
        noted(tx, &caller, Act::Destroy, of, ("begin", &list.number))?;
        tx.after_commit(move || jobs.notify_one());
        shown::view(tx.conn(), &caller, of)
    });
    write.await
}

/// The minutes are printed from these words and can never be written again: what the fonts lack is said now.
fn printable(field: &'static str, words: &str) -> Result<(), AppError> {
    let lacking: String = benhan_render::uncovered(words).into_iter().take(8).map(|c| format!("«{c}» ")).collect();
    let told = || format!("Có ký tự không in được lên biên bản: {lacking}. Viết lại bằng chữ thường.");
    if lacking.is_empty() { Ok(()) } else { Err(AppError::invalid(field, told())) }
}

fn found(list: Option<List>) -> Result<List, AppError> {
    list.ok_or_else(|| AppError::not_found("danh mục tiêu hủy"))
}

fn moved(tx: &mut Tx<'_>, list: &List, taken: Taken) -> Result<(), AppError> {
    if destruction::move_on(tx, list.id, list.state, taken)? { Ok(()) } else { Err(AppError::stale()) }
}

fn noted(
    tx: &mut Tx<'_>,
    caller: &Caller,
    act: Act,
    of: DestructionListId,
    (step, number): (&'static str, &str),
) -> Result<(), AppError> {
    let detail = json!({ "step": step, "number": number });
    trail::on(tx, caller.user.id, act, "destruction-list", of.to_string(), detail)
}
