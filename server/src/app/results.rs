//! Laboratory results: filed under their specimen, released by a technician, seen by the ward.

use super::lookups::{People, permit_on};
use super::{AppError, life, trail};
use crate::app::accounts::Caller;
use crate::hub::Event;
use crate::state::App;
use crate::view::{Critical, TimelineItem};
use crate::view_orders::LabResult;
use benhan_domain::access::{Permit, Place, ReleaseResult, SeeResults, ViewChart, ViewWard, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, ResultId, WardId};
use benhan_domain::order::OrderStep;
use benhan_domain::time::Instant;
use benhan_store::encounters::{self, Encounter};
use benhan_store::records::Part;
use benhan_store::results::{self, ResultVersion, Source};
use benhan_store::{Conn, Tx, devices, orders};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

mod filing;
mod reading;
pub use filing::{attach, detach, match_lab};

/// Whose a laboratory message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Matched(EncounterId),
    /// Charted but for some of it; the slug says what was left out, for the list of what was set aside.
    InPart(EncounterId, &'static str),
    /// A person decides; the slug says why.
    Waiting(&'static str),
    /// Kept, never shown on a chart.
    SetAside(&'static str),
}

/// How many released results of each stay nobody of the team has seen, and the newest critical one among them.
pub fn unseen(
    conn: &mut Conn,
    permit: &Permit<ViewWard>,
    stays: &[EncounterId],
) -> Result<HashMap<EncounterId, (i64, Option<Critical>)>, AppError> {
    let found = results::unseen(conn, permit, stays)?.into_iter().map(|(stay, results)| {
        let critical = results.iter().find(|r| r.value.critical);
        let critical = critical.map(|r| Critical { name: r.head.name.clone(), text: text_of(r) });
        (stay, (i64::try_from(results.len()).unwrap_or(i64::MAX), critical))
    });
    Ok(found.collect())
}

/// `6,8 mmol/L`
fn text_of(r: &ResultVersion) -> String {
    let value = if r.value.number.is_some() { r.value.value.replace('.', ",") } else { r.value.value.clone() };
    format!("{value} {}", r.value.unit).trim().to_owned()
}

/// A stay's results, newest first. What no technician has released yet is marked so.
pub async fn of_stay(app: &App, caller: &Caller, stay: EncounterId) -> Result<Vec<LabResult>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = permit_on::<ViewChart>(conn, &reader.actor, stay)?;
        let of = encounters::read(conn, &permit, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let found = results::of_stay(conn, &permit, i64::MIN, 2_000)?;
        show(conn, &[of], found)
    });
    let shown = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// All versions of one result, oldest first.
pub async fn versions(app: &App, caller: &Caller, id: ResultId) -> Result<Vec<LabResult>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let on_chart = results::stay_of(conn, id)?.ok_or_else(|| AppError::not_found("kết quả"))?;
        let permit = permit_on::<ViewChart>(conn, &reader.actor, on_chart)?;
        let of = encounters::read(conn, &permit, on_chart)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let found = results::history(conn, &permit, id)?;
        Ok::<_, AppError>((on_chart, show(conn, &[of], found)?))
    });
    let (stay, shown) = read.await?;
    trail::looked(app, caller, stay).await?;
    Ok(shown)
}

/// The treating team has looked at what is released. Others who may read the chart change nothing by looking.
/// Only the versions that stood on the screen: what came while they read is still new to them.
pub async fn mark_seen(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    seen: Vec<(ResultId, i64)>,
) -> Result<(), AppError> {
    if seen.len() > 2_000 {
        return Err(AppError::invalid("ids", "Tối đa 2.000 kết quả mỗi lần"));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let view = permit_on::<ViewChart>(tx.conn(), &caller.actor, stay)?;
        let of = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        let Ok(team) = permit_on::<SeeResults>(tx.conn(), &caller.actor, stay) else { return Ok(()) };
        let new = results::mark_seen(tx, &team, &seen)?;
        if new > 0 {
            let (subject, detail) = (("results", stay.to_string()), json!({ "seen": new }));
            trail::on_chart(tx, Some(caller.user.id), Act::View, subject, (of.patient.id, stay), detail)?;
            changed(tx, &app2, of.ward, stay);
        }
        Ok(())
    });
    write.await
}

/// Everything that waits for a technician, oldest first.
pub async fn unreleased(app: &App, caller: &Caller) -> Result<Vec<LabResult>, AppError> {
    let caller = caller.clone();
    let read = app.db.read(move |conn| {
        let permit = decide::<ReleaseResult>(&caller.actor, Place::Facility)?;
        let found = results::unreleased(conn, &permit, 1_000)?;
        let ids: Vec<EncounterId> = found.iter().map(|r| r.head.encounter).collect();
        let stays = encounters::of_ids(conn, &permit, &ids)?;
        show(conn, &stays, found)
    });
    read.await
}

/// A result to release; with the version that the technician looked at, a value that came meanwhile is not released.
#[derive(Clone, Copy, Debug)]
pub struct ToRelease {
    pub id: ResultId,
    pub seen: Option<i64>,
}

/// Releases results in the technician's name, all or none. Orders without open values are then resulted.
pub async fn release(app: &App, caller: &Caller, wanted: Vec<ToRelease>) -> Result<Vec<LabResult>, AppError> {
    if wanted.is_empty() || wanted.len() > 500 {
        return Err(AppError::invalid("ids", "Chọn từ 1 đến 500 kết quả"));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let mut released = Vec::with_capacity(wanted.len());
        let mut stays: HashMap<EncounterId, Encounter> = HashMap::new();
        for one in wanted {
            let version = release_one(tx, &caller, one, &mut stays)?;
            released.push(version);
        }
        for stay in stays.values() {
            close_orders(tx, &caller, stay, &released)?;
            let own: Vec<ResultId> = released.iter().filter(|r| r.head.encounter == stay.id).map(|r| r.id).collect();
            life::supplement(tx, &app2, stay, Some(caller.user.id), Part::Results(&own))?;
            changed(tx, &app2, stay.ward, stay.id);
        }
        let stays: Vec<Encounter> = stays.into_values().collect();
        show(tx.conn(), &stays, released)
    });
    write.await
}

fn release_one(
    tx: &mut Tx<'_>,
    caller: &Caller,
    wanted: ToRelease,
    stays: &mut HashMap<EncounterId, Encounter>,
) -> Result<ResultVersion, AppError> {
    let missing = || AppError::not_found("kết quả");
    let stay = results::stay_of(tx.conn(), wanted.id)?.ok_or_else(missing)?;
    let permit = permit_on::<ReleaseResult>(tx.conn(), &caller.actor, stay)?;
    let of = results::to_release(tx.conn(), &permit, wanted.id)?.ok_or_else(missing)?;
    if wanted.seen.is_some_and(|seen| seen != of.version) {
        return Err(AppError::stale());
    }
    let status = of.status.released(of.source.author.is_some());
    let status = status.map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
    let source = Source { author: Some(caller.user.id), reason: None, ..of.source.clone() };
    if !results::amend(tx, &permit, &of, status, &of.value, &source)? {
        return Err(AppError::stale());
    }
    if let std::collections::hash_map::Entry::Vacant(slot) = stays.entry(stay) {
        let read = encounters::read(tx.conn(), &shown_after(&permit), stay)?;
        slot.insert(read.ok_or_else(|| AppError::not_found("đợt điều trị"))?);
    }
    let patient = stays.get(&stay).map(|s| s.patient.id).ok_or_else(missing)?;
    let released = results::current(tx.conn(), &permit, wanted.id)?.ok_or_else(missing)?;
    let detail = json!({ "step": "release", "version": released.version });
    trail::on_chart(tx, Some(caller.user.id), Act::Edit, ("result", of.id.to_string()), (patient, stay), detail)?;
    Ok(released)
}

/// Orders whose values are all released are resulted.
fn close_orders(
    tx: &mut Tx<'_>,
    caller: &Caller,
    stay: &Encounter,
    released: &[ResultVersion],
) -> Result<(), AppError> {
    let permit = permit_on::<ReleaseResult>(tx.conn(), &caller.actor, stay.id)?;
    let of_stay = released.iter().filter(|r| r.head.encounter == stay.id);
    let mut touched: Vec<_> = of_stay.filter_map(|r| r.head.order).collect();
    touched.sort();
    touched.dedup();
    for id in touched {
        let Some(order) = orders::read(tx.conn(), &permit, id)? else { continue };
        let Ok(to) = order.state.after(OrderStep::Result) else { continue };
        if to != order.state
            && results::unreleased_of_order(tx.conn(), &permit, id)? == 0
            && !orders::move_on(tx, &permit, &order, to, None)?
        {
            return Err(AppError::stale());
        }
    }
    Ok(())
}

fn changed(tx: &mut Tx<'_>, app: &App, ward: WardId, encounter: EncounterId) {
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || {
        hub.publish(Event::Occupant { ward, encounter });
        hub.publish(Event::Chart { ward, encounter, what: "results" });
        hub.publish(Event::Chart { ward, encounter, what: "orders" });
    });
}

fn show(conn: &mut Conn, stays: &[Encounter], found: Vec<ResultVersion>) -> Result<Vec<LabResult>, AppError> {
    let people = People::read(conn, found.iter().filter_map(|r| r.source.author))?;
    let mut ids: Vec<String> = found.iter().filter_map(|r| r.source.device).map(|d| d.to_string()).collect();
    ids.sort();
    ids.dedup();
    let names = devices::names(conn, &ids)?;
    let by_id: HashMap<EncounterId, &Encounter> = stays.iter().map(|s| (s.id, s)).collect();
    let of_stays = found.into_iter().filter_map(|r| by_id.get(&r.head.encounter).map(|stay| (r, *stay)));
    let shown = of_stays.map(|(r, stay)| LabResult {
        id: r.id.to_string(),
        encounter_id: r.head.encounter.to_string(),
        order_id: r.head.order.map(|o| o.to_string()),
        version: r.version,
        code: r.head.code,
        name: r.head.name,
        value: r.value.value,
        number: r.value.number,
        unit: r.value.unit,
        reference_range: r.value.reference_range,
        flag: r.value.flag,
        status: r.status,
        effective_at: Instant(r.value.effective_at).rfc3339(),
        recorded_at: Instant(r.recorded_at).rfc3339(),
        barcode: r.barcode,
        device: r.source.device.and_then(|d| names.get(&d.to_string()).cloned()),
        critical: r.value.critical,
        seen: r.seen,
        released_by: r.source.author.and_then(|a| people.of(a)),
        patient_name: stay.patient.who.name.clone(),
        patient_code: stay.patient.code.clone(),
        bed: stay.bed.as_ref().map(|b| b.label.clone()),
    });
    Ok(shown.collect())
}

/// Released results of a chart, one line a specimen and instant.
pub fn timeline(conn: &mut Conn, permit: &Permit<ViewChart>, since: i64) -> Result<Vec<TimelineItem>, AppError> {
    let mut found = results::of_stay(conn, permit, since, 1_000)?;
    found.retain(|r| r.status.stands());
    let people = People::read(conn, found.iter().filter_map(|r| r.source.author))?;
    let mut reports: Vec<Vec<ResultVersion>> = Vec::new();
    for r in found {
        let key = (r.value.effective_at, r.barcode.clone());
        let same = |report: &&mut Vec<ResultVersion>| {
            report.first().is_some_and(|first| (first.value.effective_at, first.barcode.clone()) == key)
        };
        match reports.iter_mut().find(same) {
            Some(report) => report.push(r),
            None => reports.push(vec![r]),
        }
    }
    Ok(reports.into_iter().filter_map(|report| line(&people, report)).collect())
}

/// What is out of range first: `K 6,8 mmol/L HH · Na 138 mmol/L`.
fn line(people: &People, mut report: Vec<ResultVersion>) -> Option<TimelineItem> {
    report.sort_by_key(|r| (!r.value.critical, r.value.flag.is_none()));
    let first = report.first()?;
    let values = report.iter().map(|r| {
        let flag = r.value.flag.map_or(String::new(), |f| format!(" {}", f.as_str()));
        format!("{} {}{flag}", r.head.name, text_of(r))
    });
    let text = values.collect::<Vec<_>>().join(" · ");
    Some(TimelineItem {
        at: Instant(first.value.effective_at).rfc3339(),
        kind: "result".into(),
        title: "Xét nghiệm".into(),
        text: text.chars().take(160).collect(),
        by: first.source.author.and_then(|a| people.of(a)).map(|p| format!("{} {}", p.role.title(), p.name)),
        signed: false,
        r#ref: first.id.to_string(),
    })
}
