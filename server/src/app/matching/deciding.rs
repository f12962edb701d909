//! What a person decides of a message that waits: whose it is, that it is nobody's, or that it was neither.

use super::list::sight;
use super::proposing::{of_this_patient, propose, withdraw};
use super::{delivery_of, named_ward};
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::app::ingest::chartable;
use crate::app::lookups::place_to_write;
use crate::app::{AppError, results, trail};
use crate::hub::Event;
use crate::state::App;
use benhan_domain::access::{Denied, MatchLab, MatchVitals, Place, decide, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, InboxId, OrderId};
use benhan_store::Tx;
use benhan_store::encounters::{self, Encounter};
use benhan_store::inbox::{self, Fate, Message, State};
use serde_json::json;
use std::sync::Arc;

const NOTHING_TO_CHART: &str = "Bản tin này không còn số nào ghi được cho người bệnh này: số đã có trên phiếu, đo khi \
     người khác nằm giường, hoặc sai đơn vị. Xem phiếu, rồi nhập tay số còn thiếu hoặc bỏ mục này.";

/// A message that this person may match, as it stands.
fn one(tx: &mut Tx<'_>, caller: &Caller, id: InboxId) -> Result<Message, AppError> {
    inbox::read(tx.conn(), &sight(caller)?, id)?.ok_or_else(|| AppError::not_found("bản tin"))
}

/// The same while it waits. Matched by somebody else meanwhile it may concern another ward now; that is said as it is.
fn one_open(tx: &mut Tx<'_>, caller: &Caller, id: InboxId) -> Result<Message, AppError> {
    let found = one(tx, caller, id);
    match inbox::state_of(tx.conn(), id)? {
        Some(State::Matched | State::Dismissed) => Err(handled()),
        _ => found,
    }
}

fn handled() -> AppError {
    AppError::conflict("already-handled", "Bản tin này đã có người xử lý: tải lại danh sách.")
}

/// Moves the message before anything else is written: of two people who decide at once, one is told here.
fn settle(tx: &mut Tx<'_>, app: &App, of: &Message, from: State, fate: &Fate<'_>) -> Result<(), AppError> {
    if of.state != from || !inbox::settle(tx, of.id, from, fate)? {
        return Err(handled());
    }
    let hub = Arc::clone(&app.hub);
    tx.after_commit(move || hub.publish(Event::Waiting));
    Ok(())
}

fn stay_to(tx: &mut Tx<'_>, caller: &Caller, stay: EncounterId) -> Result<(Encounter, Place), AppError> {
    let place = place_to_write(tx.conn(), &caller.actor, stay, None)?;
    // Who decides whose a message is compares the patient's heading, and no more of the record.
    let view = match decide::<MatchVitals>(&caller.actor, place) {
        Ok(may) => shown_after(&may),
        Err(Denied::NotPermitted(_)) => shown_after(&decide::<MatchLab>(&caller.actor, place)?),
        Err(other) => return Err(other.into()),
    };
    let stay = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
    Ok((stay, place))
}

/// A person says whose it is, naming two identifiers that they compared.
pub async fn match_by_hand(
    app: &App,
    caller: &Caller,
    id: InboxId,
    stay: EncounterId,
    order: Option<OrderId>,
    confirmed: Vec<String>,
) -> Result<(), AppError> {
    let mut compared: Vec<String> = confirmed
        .into_iter()
        .filter(|c| matches!(c.as_str(), "name" | "code" | "birthDate" | "bed" | "barcode"))
        .collect();
    compared.sort();
    compared.dedup();
    if compared.len() < 2 {
        return Err(AppError::invalid("confirmed", "Đối chiếu ít nhất hai thông tin trước khi ghép"));
    }
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let message = one_open(tx, &caller, id)?;
        let (to, place) = stay_to(tx, &caller, stay)?;
        if message.kind == "vitals" {
            decide::<MatchVitals>(&caller.actor, place)?;
        } else {
            decide::<MatchLab>(&caller.actor, Place::Facility)?;
        }
        let by = Some(caller.user.id);
        let fate = Fate { state: State::Matched, reason: "by-hand", encounter: Some(stay), ward: Some(to.ward), by };
        settle(tx, &app2, &message, State::Waiting, &fate)?;
        let delivery = delivery_of(&message)?;
        let charted = if message.kind == "vitals" {
            let own = of_this_patient(tx.conn(), stay, &delivery, chartable(&delivery).sets)?;
            propose(tx, &app2, &to, &message, &own)?
        } else {
            results::attach(tx, &app2, &caller, &message, &delivery, &to, order)?
        };
        if charted == 0 {
            return Err(AppError::conflict("nothing-to-chart", NOTHING_TO_CHART));
        }
        let (subject, detail) = (("inbox", id.to_string()), json!({ "compared": compared }));
        trail::on_chart(tx, by, Act::Match, subject, (to.patient.id, stay), detail)
    });
    write.await
}

/// It belongs to nobody here; kept, with the reason.
pub async fn dismiss(app: &App, caller: &Caller, id: InboxId, reason: String) -> Result<(), AppError> {
    let reason = needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let message = one_open(tx, &caller, id)?;
        let by = Some(caller.user.id);
        let fate = Fate { state: State::Dismissed, reason: &reason, encounter: None, ward: message.ward, by };
        settle(tx, &app2, &message, State::Waiting, &fate)?;
        trail::on(tx, caller.user.id, Act::Dismiss, "inbox", id.to_string(), json!({}))
    });
    write.await
}

/// Takes back a dismissal, or a hand match of which nothing is accepted or released yet: the message waits again.
pub async fn undo(app: &App, caller: &Caller, id: InboxId) -> Result<(), AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let message = one(tx, &caller, id)?;
        let matched = message.encounter.filter(|_| message.state == State::Matched && message.reason == "by-hand");
        if message.state != State::Dismissed && matched.is_none() {
            let detail = "Chỉ bỏ được bản tin đã loại hoặc đã ghép tay mà chưa nhận, chưa duyệt.";
            return Err(AppError::conflict("not-undoable", detail));
        }
        let (by, ward) = (Some(caller.user.id), named_ward(tx.conn(), &delivery_of(&message)?)?);
        let fate = Fate { state: State::Waiting, reason: "undone", encounter: None, ward, by };
        settle(tx, &app2, &message, message.state, &fate)?;
        let Some(stay) = matched else {
            return trail::on(tx, caller.user.id, Act::Restore, "inbox", id.to_string(), json!({}));
        };
        let (from, place) = stay_to(tx, &caller, stay)?;
        if message.kind == "vitals" {
            withdraw(tx, &app2, &caller, &decide::<MatchVitals>(&caller.actor, place)?, &message, &from)?;
        } else {
            results::detach(tx, &app2, &caller, &message, stay)?;
        }
        trail::on_chart(tx, by, Act::Restore, ("inbox", id.to_string()), (from.patient.id, stay), json!({}))
    });
    write.await
}
