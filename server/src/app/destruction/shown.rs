//! A list of records to be destroyed, as the people see it who decide on it.

use super::minutes::people_of;
use crate::app::accounts::Caller;
use crate::app::lookups::People;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_record::{DestructionItem, DestructionList, DestructionStep};
use benhan_domain::access::{ApproveDestruction, Place, PrepareDestruction, ViewDestruction, decide};
use benhan_domain::id::DestructionListId;
use benhan_domain::record::{KeptUntil, ListState, ListStep};
use benhan_domain::time::Instant;
use benhan_store::destruction::{self, List, Step};
use benhan_store::{Conn, encounters, records};
use std::collections::HashMap;

const NEWEST: i64 = 200;

/// The lists of the hospital, the newest first, without their records.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<DestructionList>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewDestruction>(&reader.actor, Place::Facility)?;
        let lists = destruction::newest(conn, &permit, NEWEST)?;
        let people = People::read(conn, lists.iter().flat_map(people_of))?;
        let ids: Vec<_> = lists.iter().map(|list| list.id).collect();
        let sizes = destruction::sizes(conn, &permit, &ids)?;
        let size = |list: &List| sizes.get(&list.id).copied().unwrap_or(0);
        lists.into_iter().map(|list| shape(size(&list), list, &people, &reader, Vec::new())).collect()
    });
    read.await
}

/// One with its records: names of patients, so it is on the trail.
pub async fn read(app: &App, caller: &Caller, of: DestructionListId) -> Result<DestructionList, AppError> {
    let reader = caller.clone();
    let shown = app.db.read(move |conn| view(conn, &reader, of)).await?;
    trail::looked_at(app, caller, "destruction-list", of.to_string()).await?;
    Ok(shown)
}

pub fn view(conn: &mut Conn, caller: &Caller, of: DestructionListId) -> Result<DestructionList, AppError> {
    let permit = decide::<ViewDestruction>(&caller.actor, Place::Facility)?;
    let missing = || AppError::not_found("danh mục tiêu hủy");
    let list = destruction::read(conn, &permit, of)?.ok_or_else(missing)?;
    let items = destruction::items(conn, of)?;
    let ids: Vec<_> = items.iter().map(|item| item.encounter).collect();
    let stays: HashMap<_, _> =
        encounters::of_ids(conn, &permit, &ids)?.into_iter().map(|stay| (stay.id, stay)).collect();
    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        let Some(stay) = stays.get(&item.encounter) else { continue };
        let standing = records::standing(conn, &benhan_domain::access::system::<ViewDestruction>(item.encounter))?;
        lines.push(DestructionItem {
            encounter_id: item.encounter.to_string(),
            number: stay.number.clone(),
            archive_number: standing.archive_number,
            patient_name: stay.patient.who.name.clone(),
            patient_code: stay.patient.code.clone(),
            class_name: standing.class.vietnamese().to_owned(),
            kept_until: standing.kept_until.and_then(KeptUntil::last_day),
            state: item.state.as_str().to_owned(),
            note: item.note,
            settled_at: item.settled_at.map(|at| Instant(at).rfc3339()),
        });
    }
    let people = People::read(conn, people_of(&list))?;
    let size = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    shape(size, list, &people, caller, lines)
}

fn shape(
    size: i64,
    list: List,
    people: &People,
    caller: &Caller,
    records: Vec<DestructionItem>,
) -> Result<DestructionList, AppError> {
    let step = |of: Step| {
        of.map(|(by, at)| Ok::<_, AppError>(DestructionStep { by: people.must(by)?, at: Instant(at).rfc3339() }))
            .transpose()
    };
    let prepares = decide::<PrepareDestruction>(&caller.actor, Place::Facility).is_ok();
    let approves = decide::<ApproveDestruction>(&caller.actor, Place::Facility).is_ok();
    let open = |of| list.state.after(of).is_ok();
    let minutes = list.minutes.as_deref().map(serde_json::from_str).transpose();
    Ok(DestructionList {
        id: list.id.to_string(),
        state: list.state.as_str().to_owned(),
        state_text: text(list.state).to_owned(),
        proposed: DestructionStep { by: people.must(list.proposed_by)?, at: Instant(list.proposed_at).rfc3339() },
        approved: step(list.approved)?,
        cancelled: step(list.cancelled)?,
        begun: step(list.begun)?,
        done_at: list.done_at.map(|at| Instant(at).rfc3339()),
        may_approve: approves && open(ListStep::Approve) && list.proposed_by != caller.user.id,
        may_cancel: (prepares || approves) && open(ListStep::Cancel),
        may_begin: prepares && open(ListStep::Begin),
        number: list.number,
        decision: list.decision,
        reason: list.reason,
        cancel_reason: list.cancel_reason,
        minutes: minutes.map_err(|e| AppError::Internal(e.to_string()))?,
        minutes_sha256: list.minutes_sha256,
        size,
        records,
    })
}

fn text(state: ListState) -> &'static str {
    match state {
        ListState::Proposed => "Chờ người thứ hai phê duyệt",
        ListState::Approved => "Đã phê duyệt, chờ tiêu hủy",
        ListState::Begun => "Đang tiêu hủy",
        ListState::Done => "Đã tiêu hủy xong",
        ListState::Cancelled => "Đã bỏ",
    }
}
