//! Entries that come into the record later than may be (ghi muộn): marked as they are written, and reported by ward.
//!
//! What a device sent was in the record when its message came, however late a nurse accepts it; a correction replaces an
//! entry that has its mark or needs none. Neither is marked here.

use super::lookups::People;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_late::{LateCause, LateEntry, LateMark};
use benhan_domain::access::{Action, Permit, Place, ViewLateEntries, decide};
use benhan_domain::id::{ItIncidentId, UserId};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_domain::update_limit::{EntryKind, PLAIN_HOURS, is_prompt, judge, judged};
use benhan_store::dialect::hold;
use benhan_store::encounters::{self, Encounter};
use benhan_store::late_entries::{self, Asked, NewLateEntry};
use benhan_store::{Conn, Tx, incidents, places};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Lines of the report at one time; the last one's id continues it.
pub const PAGE: i64 = 100;

/// Marks what `by` writes now under an earlier time, in the transaction of the entry.
pub fn mark<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    by: UserId,
    stay: &Encounter,
    (kind, entry): (EntryKind, String),
    happened: Instant,
) -> Result<Option<LateMark>, AppError> {
    let now = tx.now();
    if is_prompt(happened, now) {
        return Ok(None);
    }
    // An incident that is being declared at this moment sees this entry, or this entry sees it.
    hold(tx.conn(), incidents::ONE_AT_A_TIME)?;
    let ward = encounters::ward_at(tx.conn(), permit, happened)?.unwrap_or(stay.ward);
    let twelve_hours = happened.plus(PLAIN_HOURS.saturating_mul(HOUR));
    let found = judge(happened, now, ward, &incidents::standing(tx.conn(), happened, twelve_hours)?);
    let (encounter, limit_hours, incident) = (stay.id, found.limit_hours, found.incident);
    let new = NewLateEntry { kind, entry, encounter, ward, happened, by, limit_hours, incident };
    late_entries::keep(tx, permit, &new)?;
    Ok(Some(shown(happened, now, incident)))
}

fn shown(happened: Instant, recorded: Instant, incident: Option<ItIncidentId>) -> LateMark {
    let found = judged(happened, recorded, incident);
    LateMark { minutes: recorded.since(happened) / MINUTE, limit_hours: found.limit_hours, late: found.late }
}

/// For the audit row of the entry.
pub fn noted(mark: Option<&LateMark>) -> Value {
    mark.map_or_else(|| json!({}), |mark| json!({ "late": mark }))
}

/// The marks of a page of entries, each with when it happened and when it was recorded: nothing is read for those that
/// cannot have one.
pub fn marks<A: Action, I: ToString>(
    conn: &mut Conn,
    permit: &Permit<A>,
    kind: EntryKind,
    written: impl Iterator<Item = (I, i64, i64)>,
) -> Result<HashMap<String, LateMark>, AppError> {
    let slow = written.filter(|(_, happened, recorded)| !is_prompt(Instant(*happened), Instant(*recorded)));
    let entries: Vec<String> = slow.map(|(entry, ..)| entry.to_string()).collect();
    if entries.is_empty() {
        return Ok(HashMap::new());
    }
    let found = late_entries::marks(conn, permit, kind, &entries)?.into_iter();
    Ok(found.map(|(entry, mark)| (entry, shown(mark.happened, mark.recorded, mark.incident))).collect())
}

/// What came late in a ward, or in every ward that the caller answers for; what was recorded last first.
pub async fn report(app: &App, caller: &Caller, asked: Asked) -> Result<Vec<LateEntry>, AppError> {
    let reader = caller.clone();
    let read = app.db.read(move |conn| {
        let place = asked.ward.map_or(Place::Facility, Place::Ward);
        let permit = decide::<ViewLateEntries>(&reader.actor, place)?;
        let lines = late_entries::report(conn, &permit, asked, PAGE)?;
        let people = People::read(conn, lines.iter().map(|line| line.by))?;
        let wards: HashMap<_, _> = places::wards(conn)?.into_iter().map(|ward| (ward.id, ward.name)).collect();
        let view = |line: late_entries::LateEntry| {
            let found = judged(line.happened, line.recorded, line.incident.as_ref().map(|cause| cause.id));
            let delay = line.recorded.since(line.happened);
            Ok(LateEntry {
                id: line.id.to_string(),
                kind: line.kind.as_str().to_owned(),
                encounter_id: line.encounter.to_string(),
                patient_name: line.patient_name,
                patient_code: line.patient_code,
                ward: wards.get(&line.ward).cloned().unwrap_or_default(),
                by: people.must(line.by)?,
                happened_at: line.happened.rfc3339(),
                recorded_at: line.recorded.rfc3339(),
                minutes: delay / MINUTE,
                limit_hours: found.limit_hours,
                late: found.late,
                late_then: delay > line.limit_hours.saturating_mul(HOUR),
                incident: line.incident.map(|cause| LateCause {
                    id: cause.id.to_string(),
                    system: cause.system,
                    started_at: cause.started.rfc3339(),
                    ended_at: cause.ended.map(Instant::rfc3339),
                }),
            })
        };
        lines.into_iter().map(view).collect::<Result<Vec<_>, AppError>>()
    });
    let lines = read.await?;
    trail::looked_at(app, caller, "late-entries", asked.ward.map(|w| w.to_string()).unwrap_or_default()).await?;
    Ok(lines)
}
