//! The round sheet: what a nurse fills in from bed to bed.

use super::{Cards, proposals};
use crate::app::accounts::Caller;
use crate::app::charting::parse_values;
use crate::app::lookups::{permit_in, ward_ref};
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view::{Round, RoundRow};
use benhan_domain::access::ViewWard;
use benhan_domain::id::WardId;
use benhan_domain::time::MINUTE;
use benhan_store::encounters::Encounter;
use benhan_store::observations::SetVersion;
use benhan_store::places;

/// Patients in walking order with what was measured last and what a monitor proposes.
pub async fn round(app: &App, caller: &Caller, ward: WardId) -> Result<Round, AppError> {
    let (app2, reader) = (app.clone(), caller.clone());
    let read = app.db.read(move |conn| {
        let permit = permit_in::<ViewWard>(&reader.actor, ward)?;
        let cards = Cards::of_ward(conn, &permit, (&app2, Some(&reader.actor)), ward)?;
        let mut rows = Vec::new();
        for bed in places::beds(conn, ward)? {
            for stay in cards.stays.iter().filter(|s| s.bed.as_ref().is_some_and(|b| b.id == bed.id)) {
                rows.push(row(&cards, &reader, stay, &bed)?);
            }
        }
        Ok::<_, AppError>(Round { ward: ward_ref(conn, ward)?, now: cards.now.rfc3339(), rows })
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "ward-round", ward.to_string()).await?;
    Ok(shown)
}

fn row(cards: &Cards<'_>, caller: &Caller, stay: &Encounter, bed: &places::Bed) -> Result<RoundRow, AppError> {
    let sets = cards.sets(stay.id);
    let view = |set: &SetVersion| cards.shown.view(caller, stay, set);
    let last = sets.iter().rfind(|s| s.status.stands());
    let mine = sets.iter().filter(|s| s.status.stands() && s.author == Some(caller.user.id) && !cards.shown.signed(s));
    let card = cards.card(stay)?;
    Ok(RoundRow {
        bed_id: bed.id.to_string(),
        bed: bed.label.clone(),
        encounter_id: card.encounter_id,
        name: card.name,
        age_text: card.age_text,
        age_years: card.age_years,
        sex: card.sex,
        same_name: card.same_name,
        pregnant: card.pregnant,
        previous: last.map(view).transpose()?,
        proposed: offered(proposals(cards.app, cards.now, sets))?.map(view).transpose()?,
        unsigned: mine.map(view).collect::<Result<_, _>>()?,
        due_at: card.vitals_due_at,
    })
}

/// A monitor sends its few continuous values again and again between two inflations of the cuff.
const BETWEEN_PRESSURES: i64 = 10 * MINUTE;

/// The proposal that says most of those about as new as the newest; of equals the newest.
fn offered<'s>(proposals: impl Iterator<Item = &'s SetVersion>) -> Result<Option<&'s SetVersion>, AppError> {
    let all: Vec<&SetVersion> = proposals.collect();
    let Some(newest) = all.iter().map(|s| s.effective_at).max() else { return Ok(None) };
    let mut best: Option<(usize, &SetVersion)> = None;
    for set in all.into_iter().filter(|s| newest.saturating_sub(s.effective_at) <= BETWEEN_PRESSURES) {
        let says = parse_values(&set.body)?.iter().filter(|v| v.value.is_some() || v.text.is_some()).count();
        if best.is_none_or(|(most, _)| says >= most) {
            best = Some((says, set));
        }
    }
    Ok(best.map(|(_, set)| set))
}
