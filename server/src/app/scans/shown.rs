//! Scans as the screens see them: a sheet's patient only to who sees that chart.

use super::{against, seen, target};
use crate::app::accounts::Caller;
use crate::app::lookups::{People, permit_on, ward_ref};
use crate::app::{AppError, forms, trail};
use crate::state::App;
use crate::view_scans::{PaperScan, PaperScanCount, PaperScanEvent, PaperScans, PrintedSheet};
use benhan_domain::access::{Actor, Place, SortScans, ViewChart, ViewScans, WitnessPatient, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, PaperScanId};
use benhan_domain::paper_scan::{Found, ScanState, Why};
use benhan_domain::patient_signature::ScanKind;
use benhan_domain::time::Instant;
use benhan_store::dialect::snapshot;
use benhan_store::paper_prints::Print;
use benhan_store::paper_scans::{self, Scan};
use benhan_store::{Conn, encounters};
use serde_json::json;

/// What waits and what was set aside, the newest first.
pub async fn list(app: &App, caller: &Caller) -> Result<PaperScans, AppError> {
    let (actor, app2) = (caller.actor.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewScans>(&actor, Place::Facility)?;
        snapshot(conn, |conn| {
            let waiting = paper_scans::list(conn, &permit, ScanState::Waiting)?;
            let aside = paper_scans::list(conn, &permit, ScanState::Aside)?;
            Ok::<_, AppError>(PaperScans {
                waiting: views(conn, &app2, &actor, waiting)?,
                aside: views(conn, &app2, &actor, aside)?,
            })
        })
    });
    let found = read.await?;
    let detail = json!({ "waiting": found.waiting.len(), "aside": found.aside.len() });
    app.db.note(trail::about(caller.user.id, Act::View, "paper-scan", "list".into(), detail)).await?;
    Ok(found)
}

/// Those that wait for a witness at a sheet of this stay.
pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<PaperScan>, AppError> {
    let (actor, app2) = (caller.actor.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &actor, stay)?;
        let mut found = paper_scans::of_stay(conn, &permit)?;
        found.retain(|scan| against(scan).is_none());
        views(conn, &app2, &actor, found)
    });
    read.await
}

pub async fn count(app: &App, caller: &Caller) -> Result<PaperScanCount, AppError> {
    let actor = caller.actor.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewScans>(&actor, Place::Facility)?;
        let waiting = paper_scans::list(conn, &permit, ScanState::Waiting)?;
        let ready = waiting.iter().filter(|scan| against(scan).is_none()).count();
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Ok(PaperScanCount { ready: number(ready), unmatched: number(waiting.len().saturating_sub(ready)) })
    });
    read.await
}

async fn opened(app: &App, caller: &Caller, scan: PaperScanId) -> Result<(Vec<u8>, ScanKind), AppError> {
    let actor = caller.actor.clone();
    let read = app.db.read(move |conn| {
        let scan = seen(conn, &actor, scan)?;
        let bytes = paper_scans::bytes(conn, &scan)?.ok_or_else(|| AppError::not_found("bản quét còn chờ"))?;
        let stay = match scan.prints.as_slice() {
            [print] => encounters::owner(conn, print.encounter)?.map(|patient| (patient, print.encounter)),
            _ => None,
        };
        Ok::<_, AppError>((bytes, stay))
    });
    let (bytes, stay) = read.await?;
    let by = caller.user.id;
    let row = match stay {
        Some(stay) => {
            trail::about_chart(Some(by), Act::View, ("paper-scan", scan.to_string()), stay, json!({ "scan": true }))
        }
        None => trail::about(by, Act::View, "paper-scan", scan.to_string(), json!({ "scan": true })),
    };
    app.db.note(row).await?;
    let kind = ScanKind::of(&bytes).ok_or_else(|| AppError::Internal("a scan that was handed in is none".into()))?;
    Ok((bytes, kind))
}

/// As it came. Each opening is audited.
pub async fn file(app: &App, caller: &Caller, scan: PaperScanId) -> Result<(Vec<u8>, ScanKind), AppError> {
    opened(app, caller, scan).await
}

/// One of its pictures as a JPEG, counted from 0.
pub async fn picture(app: &App, caller: &Caller, scan: PaperScanId, at: usize) -> Result<Vec<u8>, AppError> {
    let (bytes, kind) = opened(app, caller, scan).await?;
    let work = tokio::task::spawn_blocking(move || benhan_scan::shown(&bytes, kind, at));
    let drawn = work.await.map_err(|_| AppError::Internal("drawing a scan was cut off".into()))?;
    drawn.ok_or_else(|| AppError::not_found("hình của trang này: mở tệp gốc để xem"))
}

/// Each as this caller may see it.
pub(super) fn views(conn: &mut Conn, app: &App, actor: &Actor, scans: Vec<Scan>) -> Result<Vec<PaperScan>, AppError> {
    let ids: Vec<PaperScanId> = scans.iter().map(|scan| scan.id).collect();
    let mut events = paper_scans::events(conn, &ids)?;
    let named = events.values().flatten().map(|event| event.by);
    let people = People::read(conn, scans.iter().map(|scan| scan.by).chain(named).collect::<Vec<_>>())?;
    let may_sort = decide::<SortScans>(actor, Place::Facility).is_ok();
    let mut shown = Vec::with_capacity(scans.len());
    for scan in scans {
        let why = against(&scan);
        let sheet = match scan.prints.as_slice() {
            [print] => sheet(conn, app, actor, print)?,
            _ => None,
        };
        let told = events.remove(&scan.id).unwrap_or_default().into_iter();
        let told = told.map(|event| {
            let (kind, at, reason) = (event.kind, Instant(event.at).rfc3339(), event.reason);
            Ok::<_, AppError>(PaperScanEvent { kind, at, by: people.must(event.by)?, reason })
        });
        shown.push(PaperScan {
            id: scan.id.to_string(),
            state: scan.state.as_str().to_owned(),
            handed_in_by: people.must(scan.by)?,
            handed_in_at: Instant(scan.at).rfc3339(),
            ward: scan.ward.map(|ward| ward_ref(conn, ward)).transpose()?,
            size: scan.size,
            pictures: scan.pictures,
            why: why.map(|why| why.as_str().to_owned()),
            why_text: why.map(|why| why.vietnamese().to_owned()),
            may_be_linked: why.is_some_and(Why::may_be_linked),
            elsewhere: sheet.is_none() && scan.prints.len() == 1,
            missing_pages: missing(&scan),
            sheet,
            events: told.collect::<Result<_, _>>()?,
            may_sort,
        });
    }
    Ok(shown)
}

fn missing(scan: &Scan) -> Vec<i64> {
    match (&scan.found, scan.prints.as_slice()) {
        (Found::One { pages, .. }, [print]) => {
            (1..=print.pages).filter(|page| !pages.iter().any(|seen| i64::from(*seen) == *page)).collect()
        }
        _ => Vec::new(),
    }
}

/// Nothing where the caller does not see that chart.
pub(super) fn sheet(
    conn: &mut Conn,
    app: &App,
    actor: &Actor,
    print: &Print,
) -> Result<Option<PrintedSheet>, AppError> {
    let Ok(permit) = permit_on::<ViewChart>(conn, actor, print.encounter) else { return Ok(None) };
    let Some(stay) = encounters::read(conn, &permit, print.encounter)? else { return Ok(None) };
    let form = forms::definition(app, &print.form_code, print.form_version)?;
    let slot = form.patient_slots().find(|slot| slot.name == print.slot);
    let of_role = slot.is_some_and(|slot| slot.roles.is_empty() || slot.roles.contains(&actor.role));
    let blocked = target(print).closed_by().map(|why| why.vietnamese().to_owned());
    Ok(Some(PrintedSheet {
        encounter_id: stay.id.to_string(),
        document_id: print.document.to_string(),
        version: print.version,
        slot: print.slot.clone(),
        slot_label: slot.map(|slot| slot.label.clone()).unwrap_or_default(),
        title: print.title.clone(),
        patient_name: stay.patient.who.name,
        patient_code: stay.patient.code,
        birth_date: stay.patient.who.birth_date.map(|day| day.to_string()),
        stay_number: stay.number,
        ward: ward_ref(conn, stay.ward)?,
        pages: print.pages,
        printed_by: People::read(conn, [print.printed_by])?.must(print.printed_by)?,
        printed_at: Instant(print.printed_at).rfc3339(),
        may_witness: of_role && blocked.is_none() && permit_on::<WitnessPatient>(conn, actor, stay.id).is_ok(),
        blocked,
        why: Vec::new(),
    }))
}
