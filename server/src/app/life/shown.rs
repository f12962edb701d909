//! A record's life as the chart and the record room see it.

use super::{grounds, open_in};
use crate::app::accounts::Caller;
use crate::app::destruction::{listed, why_kept};
use crate::app::lookups::{People, permit_on};
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view::WardRef;
use crate::view_record::{
    HoldEnd, KeptRecord, LegalHold, RecordBlock, RecordClass, RecordLife, RecordLifeEvent, RecordSignatures,
};
use benhan_domain::access::{CloseRecord, KeepRecords, Permit, Place, ViewArchive, ViewChart, decide, shown_after};
use benhan_domain::house_decision::{DecisionKind, Medium};
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::record::{Block, KeptUntil, LifeEvent, RecordState, RetentionClass, disposal};
use benhan_domain::time::Instant;
use benhan_store::destruction::against;
use benhan_store::holds::{self, Hold};
use benhan_store::house_decisions;
use benhan_store::records::{self, Event, Which};
use benhan_store::signatures::{self, Signed};
use benhan_store::{Conn, documents, encounters, places};
use serde_json::Value;
use std::collections::HashMap;

pub async fn read(app: &App, caller: &Caller, stay: EncounterId) -> Result<RecordLife, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let shown = app.db.read(move |conn| {
        let permit = match permit_on::<ViewChart>(conn, &reader.actor, stay) {
            // The record room keeps also what it does not read.
            Err(refused) => shown_after(&permit_on::<KeepRecords>(conn, &reader.actor, stay).map_err(|_| refused)?),
            Ok(permit) => permit,
        };
        view(conn, &app2, &reader, &permit, stay)
    });
    let shown = shown.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

pub fn view(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    permit: &Permit<ViewChart>,
    stay: EncounterId,
) -> Result<RecordLife, AppError> {
    let of = encounters::read(conn, permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    let standing = records::standing(conn, permit)?;
    let open = if standing.state == RecordState::Archived { Vec::new() } else { open_in(conn, app, permit)? };
    let (events, held) = (records::events(conn, permit)?, holds::of_stay(conn, permit)?);
    let signed = signatures::signers_of(conn, permit)?;
    let people = People::read(conn, everybody(&open, &events, &held, &signed))?;
    let (kept_until, kept_forever) = term(standing.kept_until);
    let paperless = house_decisions::standings(conn, DecisionKind::Paperless)?;
    let may_close = permit_on::<CloseRecord>(conn, &caller.actor, stay).is_ok();
    let may_keep = permit_on::<KeepRecords>(conn, &caller.actor, stay).is_ok();
    Ok(RecordLife {
        encounter_id: stay.to_string(),
        number: of.number,
        state: standing.state.as_str().to_owned(),
        medium: Medium::of(Instant(of.admitted_at), &paperless).as_str().to_owned(),
        class: class_view(standing.class),
        grounds: grounds(conn, permit)?.into_iter().map(class_view).collect(),
        closed_at: standing.closed_at.map(|t| Instant(t).rfc3339()),
        archived_at: standing.archived_at.map(|t| Instant(t).rfc3339()),
        archive_number: standing.archive_number,
        kept_until,
        kept_forever,
        blocks: open.into_iter().map(|block| block_view(block, &people)).collect(),
        signatures: signers(conn, permit, signed, &people)?,
        events: events.into_iter().map(|event| event_view(event, &people)).collect(),
        holds: held.into_iter().map(|hold| hold_view(hold, &people)).collect::<Result<_, _>>()?,
        may_close,
        may_keep,
    })
}

fn everybody<'a>(
    open: &'a [Block],
    events: &'a [Event],
    held: &'a [Hold],
    signed: &'a [Signed],
) -> impl Iterator<Item = UserId> + 'a {
    let of_holds = held.iter().flat_map(|h| [Some(h.placed_by), h.lifted.as_ref().map(|(_, by, _)| *by)]).flatten();
    let of_blocks = open.iter().flat_map(|block| block.by.iter().copied());
    of_blocks.chain(events.iter().filter_map(|e| e.by)).chain(of_holds).chain(signed.iter().map(|s| s.signer))
}

fn term(kept: Option<KeptUntil>) -> (Option<String>, bool) {
    match kept {
        Some(until) => (until.last_day(), until == KeptUntil::Forever),
        None => (None, false),
    }
}

fn class_view(class: RetentionClass) -> RecordClass {
    RecordClass { code: class.as_str().to_owned(), name: class.vietnamese().to_owned() }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn block_view(block: Block, people: &People) -> RecordBlock {
    RecordBlock {
        what: block.what.as_str().to_owned(),
        count: count(block.count),
        text: block.vietnamese(),
        part: match serde_json::to_value(block.what.part()) {
            Ok(Value::String(part)) => part,
            _ => String::new(),
        },
        people: block.by.iter().filter_map(|by| people.of(*by)).collect(),
    }
}

/// One line for what a person signed of one kind: a stay has hundreds of sets.
fn signers(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    signed: Vec<Signed>,
    people: &People,
) -> Result<Vec<RecordSignatures>, AppError> {
    let documents = documents::of_stay(conn, permit, None)?;
    let titles: HashMap<String, &str> = documents.iter().map(|d| (d.document.to_string(), d.title.as_str())).collect();
    let mut lines: Vec<RecordSignatures> = Vec::new();
    for one in signed {
        let title = match one.kind.as_str() {
            "observation-set" => "Lượt đo chức năng sống",
            _ => titles.get(&one.subject_id).copied().unwrap_or("Phiếu"),
        };
        let (signer, at) = (people.must(one.signer)?, Instant(one.signed_at).rfc3339());
        match lines.iter_mut().find(|line| line.title == title && line.signer.id == signer.id) {
            Some(line) => {
                line.count = line.count.saturating_add(1);
                line.last_at = at;
            }
            None => {
                let (title, first_at) = (title.to_owned(), at.clone());
                lines.push(RecordSignatures { title, signer, count: 1, first_at, last_at: at });
            }
        }
    }
    Ok(lines)
}

fn event_view(event: Event, people: &People) -> RecordLifeEvent {
    let text = match (event.kind, event.class) {
        (LifeEvent::Classified, Some(class)) => format!("Thêm nhóm lưu trữ: {}", class.vietnamese()),
        (LifeEvent::Classified, None) => "Thêm nhóm lưu trữ".to_owned(),
        (LifeEvent::Closed, _) => "Kết thúc hồ sơ".to_owned(),
        (LifeEvent::Reopened, _) => "Mở lại hồ sơ".to_owned(),
        (LifeEvent::Archived, _) => "Lưu trữ, niêm phong".to_owned(),
        (LifeEvent::Supplemented, _) => "Bổ sung về muộn".to_owned(),
        (LifeEvent::Destroying, _) => "Bắt đầu tiêu hủy".to_owned(),
        (LifeEvent::Destroyed, _) => "Đã tiêu hủy".to_owned(),
    };
    RecordLifeEvent {
        id: event.id.to_string(),
        kind: event.kind.as_str().to_owned(),
        text,
        at: Instant(event.at).rfc3339(),
        by: event.by.and_then(|by| people.of(by)),
        reason: event.reason,
        sha256: event.manifest_sha256,
    }
}

fn hold_view(hold: Hold, people: &People) -> Result<LegalHold, AppError> {
    let lifted = hold
        .lifted
        .map(|(at, by, reason)| Ok::<_, AppError>(HoldEnd { at: Instant(at).rfc3339(), by: people.must(by)?, reason }));
    Ok(LegalHold {
        id: hold.id.to_string(),
        ground: hold.ground.as_str().to_owned(),
        ground_text: hold.ground.vietnamese().to_owned(),
        reason: hold.reason,
        placed_by: people.must(hold.placed_by)?,
        placed_at: Instant(hold.placed_at).rfc3339(),
        lifted: lifted.transpose()?,
    })
}

/// Which of the record room's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Waiting,
    Archived,
    Due,
    Destroyed,
}

/// Lines of a page; the last one's encounter continues it.
const PAGE: i64 = 100;

/// A page of one of the record room's lists.
pub async fn list(
    app: &App,
    caller: &Caller,
    shelf: Shelf,
    past: Option<EncounterId>,
) -> Result<Vec<KeptRecord>, AppError> {
    let (reader, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewArchive>(&reader.actor, Place::Facility)?;
        let which = match shelf {
            Shelf::Waiting => Which::Waiting,
            Shelf::Archived => Which::Archived,
            Shelf::Destroyed => Which::Destroyed,
            Shelf::Due => Which::Due { year: now.day().year() },
        };
        let found = records::list(conn, &permit, which, past, PAGE)?;
        let ids: Vec<EncounterId> = found.iter().map(|kept| kept.encounter).collect();
        let held = holds::standing(conn, &permit, &ids)?;
        let against = if shelf == Shelf::Due { against(conn, &permit, &ids)? } else { HashMap::new() };
        let stays: HashMap<_, _> =
            encounters::of_ids(conn, &permit, &ids)?.into_iter().map(|stay| (stay.id, stay)).collect();
        let wards: HashMap<_, _> = places::wards(conn)?.into_iter().map(|ward| (ward.id, ward)).collect();
        let lines = found.into_iter().filter_map(|kept| {
            let stay = stays.get(&kept.encounter)?;
            let ward = wards.get(&stay.ward)?;
            let holds = held.get(&kept.encounter).copied().unwrap_or(0);
            let standing = kept.standing;
            let must_stay = || {
                let beside = against.get(&kept.encounter).cloned().unwrap_or_default();
                let twice = beside.listed.as_deref().map(listed);
                twice.or_else(|| why_kept(&standing, holds > 0, &beside, now))
            };
            let must_stay = if shelf == Shelf::Due { must_stay() } else { None };
            let archived = standing.state == RecordState::Archived;
            let fate = standing.kept_until.filter(|_| archived).map(|until| disposal(until, holds > 0, now));
            let (kept_until, kept_forever) = term(standing.kept_until);
            Some(KeptRecord {
                encounter_id: kept.encounter.to_string(),
                number: stay.number.clone(),
                patient_name: stay.patient.who.name.clone(),
                patient_code: stay.patient.code.clone(),
                ward: WardRef { id: ward.id.to_string(), code: ward.code.clone(), name: ward.name.clone() },
                discharged_at: stay.discharged_at.map(|t| Instant(t).rfc3339()),
                closed_at: standing.closed_at.map(|t| Instant(t).rfc3339()),
                archived_at: standing.archived_at.map(|t| Instant(t).rfc3339()),
                archive_number: standing.archive_number,
                class: class_view(standing.class),
                kept_until,
                kept_forever,
                holds,
                disposal: fate.map(|f| f.as_str().to_owned()),
                disposal_text: fate.map(|f| f.vietnamese()),
                must_stay,
            })
        });
        Ok::<_, AppError>(lines.collect())
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "record-list", String::new()).await?;
    Ok(shown)
}
