//! What waits for a person's signature on forms: their own sheets, and those of their wards, or of the house for its head, on
//! which it is their turn.

use super::filled::{Beside, May};
use crate::app::accounts::Caller;
use crate::app::lookups::{permit_in, permit_on_entry, ward_ref};
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_forms::FormToSign;
use benhan_domain::access::{Role, ViewChart, ViewWard};
use benhan_domain::form::FormDefinition;
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::{Conn, encounters, places};

/// Sheets that are looked at, the oldest: a batch signs no more.
const MOST: i64 = 400;

pub async fn to_sign(app: &App, caller: &Caller) -> Result<Vec<FormToSign>, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let (me, actor) = (reader.user.id, &reader.actor);
        let forms: Vec<&FormDefinition> = app2.renderer.forms().iter().filter(|form| form.is_filled()).collect();
        let code = |form: &&FormDefinition| form.code.clone();
        let signs = |form: &&&FormDefinition| form.staff_slots().skip(1).any(|slot| slot.roles.contains(&actor.role));
        let mine: Vec<String> = forms.iter().filter(|form| form.may_fill(actor.role)).map(code).collect();
        let after: Vec<String> = forms.iter().filter(signs).map(code).collect();
        // The head of the house has no ward of their own: what waits for them waits in all.
        let wards = match actor.role {
            Role::Director => places::wards(conn)?.into_iter().map(|ward| ward.id).collect(),
            _ => actor.wards.clone(),
        };
        let wards: Vec<_> = wards.iter().filter_map(|ward| permit_in::<ViewWard>(actor, *ward).ok()).collect();
        let mut found = documents::unsigned_by(conn, me, &mine, MOST)?;
        found.extend(documents::signed_by_others(conn, &wards, me, &after, MOST)?);
        let mut listed = Vec::new();
        for of in found {
            listed.extend(waiting(conn, &app2, &reader, of)?);
        }
        Ok::<_, AppError>(listed)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "forms-to-sign", String::new()).await?;
    Ok(shown)
}

/// The sheet, when the caller may sign on it now.
fn waiting(conn: &mut Conn, app: &App, caller: &Caller, of: DocumentVersion) -> Result<Option<FormToSign>, AppError> {
    let Ok(form) = super::definition(app, &of.form_code, of.form_version) else { return Ok(None) };
    let Ok(permit) = permit_on_entry::<ViewChart>(conn, &caller.actor, of.encounter, Some(of.author)) else {
        return Ok(None);
    };
    let may = May::of(conn, caller, of.encounter, Some(of.author))?;
    let entry = Beside::read(conn, &permit, std::slice::from_ref(&of))?.entry(caller, &may, &form, &of)?;
    let Some(slot) = entry.slots.iter().find(|slot| slot.may_sign && slot.seals.is_empty()) else {
        return Ok(None);
    };
    let stay = encounters::read(conn, &permit, of.encounter)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    Ok(Some(FormToSign {
        slot: slot.name.clone(),
        slot_label: slot.label.clone(),
        patient_name: stay.patient.who.name.clone(),
        patient_code: stay.patient.code.clone(),
        ward: ward_ref(conn, stay.ward)?.name,
        bed: stay.bed.map(|bed| bed.label),
        entry,
    }))
}
