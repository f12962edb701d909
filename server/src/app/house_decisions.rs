//! What the hospital has decided about its electronic record: that it replaces paper, and by which rules it is signed and
//! kept. The program only writes down that it was decided; the law asks for it before the first record is without paper.

use super::AppError;
use super::charting::needed;
use super::lookups::People;
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_record::{HouseDecision, HouseDecisionEnd, HouseDecisionKind, HouseDecisions};
use benhan_domain::access::{EnterDecision, Place, ViewDecisions, decide};
use benhan_domain::audit::Act;
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::id::{HouseDecisionId, UserId};
use benhan_domain::text;
use benhan_domain::time::{HOUR, Instant};
use benhan_store::audit::{self, Entry};
use benhan_store::house_decisions::{self, Decision};
use benhan_store::{Conn, Tx};
use serde_json::{Value, json};

/// Longer ahead is a slip of the pen.
const AHEAD: i64 = 366 * 24 * HOUR;

pub async fn list(app: &App, caller: &Caller) -> Result<HouseDecisions, AppError> {
    let (reader, now) = (caller.clone(), app.db.now());
    app.db.read(move |conn| shown(conn, &reader, now)).await
}

fn shown(conn: &mut Conn, reader: &Caller, now: Instant) -> Result<HouseDecisions, AppError> {
    decide::<ViewDecisions>(&reader.actor, Place::Facility)?;
    let found = house_decisions::all(conn)?;
    let named = found.iter().flat_map(|d| [Some(d.entered_by), d.withdrawn.as_ref().map(|(by, _)| *by)]);
    let people = People::read(conn, named.flatten())?;
    let kinds = DecisionKind::ALL.map(|kind| HouseDecisionKind {
        kind: kind.as_str().to_owned(),
        text: kind.vietnamese().to_owned(),
        stands: found.iter().any(|d| d.kind == kind && d.standing.holds(now)),
    });
    Ok(HouseDecisions {
        kinds: kinds.into(),
        decisions: found.into_iter().map(|decision| view(decision, now, &people)).collect::<Result<_, _>>()?,
        may_enter: decide::<EnterDecision>(&reader.actor, Place::Facility).is_ok(),
    })
}

fn view(of: Decision, now: Instant, people: &People) -> Result<HouseDecision, AppError> {
    let ended = of.withdrawn.zip(of.standing.withdrawn).map(|((by, reason), at)| {
        Ok::<_, AppError>(HouseDecisionEnd { by: people.must(by)?, at: at.rfc3339(), reason })
    });
    Ok(HouseDecision {
        id: of.id.to_string(),
        kind: of.kind.as_str().to_owned(),
        kind_text: of.kind.vietnamese().to_owned(),
        decision: of.decision,
        from: of.standing.from.rfc3339(),
        stands: of.standing.holds(now),
        entered_by: people.must(of.entered_by)?,
        entered_at: Instant(of.entered_at).rfc3339(),
        withdrawn: ended.transpose()?,
    })
}

pub struct Entered {
    pub kind: DecisionKind,
    pub decision: String,
    pub from: Instant,
}

pub async fn enter(app: &App, caller: &Caller, new: Entered) -> Result<HouseDecisions, AppError> {
    let decision = text::clean(&new.decision);
    if !(5..=200).contains(&decision.chars().count()) {
        return Err(AppError::invalid("decision", "Ghi số và ngày của quyết định, từ 5 đến 200 ký tự"));
    }
    if new.from > app.db.now().plus(AHEAD) {
        return Err(AppError::invalid("from", "Ngày hiệu lực muộn nhất là một năm nữa"));
    }
    let caller = caller.clone();
    let write = app.db.write(move |tx| {
        decide::<EnterDecision>(&caller.actor, Place::Facility)?;
        let given = house_decisions::enter(tx, caller.user.id, (new.kind, &decision, new.from))?;
        let detail = json!({ "kind": new.kind.as_str(), "decision": decision, "from": new.from.rfc3339() });
        noted(tx, caller.user.id, Act::Create, given, detail)?;
        let now = tx.now();
        shown(tx.conn(), &caller, now)
    });
    write.await
}

/// From now on: what was begun under it stays as it began.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    of: HouseDecisionId,
    reason: String,
) -> Result<HouseDecisions, AppError> {
    let (reason, caller) = (needed(&reason)?, caller.clone());
    let write = app.db.write(move |tx| {
        decide::<EnterDecision>(&caller.actor, Place::Facility)?;
        if !house_decisions::withdraw(tx, of, caller.user.id, &reason)? {
            return Err(AppError::conflict("already-withdrawn", "Không có quyết định này, hoặc đã rút trước đó."));
        }
        noted(tx, caller.user.id, Act::Cancel, of, json!({ "reason": reason }))?;
        let now = tx.now();
        shown(tx.conn(), &caller, now)
    });
    write.await
}

fn noted(tx: &mut Tx<'_>, by: UserId, act: Act, of: HouseDecisionId, detail: Value) -> Result<(), AppError> {
    let entry = Entry {
        actor: Some(by),
        act,
        subject_kind: "house-decision",
        subject_id: of.to_string(),
        patient: None,
        encounter: None,
        detail,
    };
    Ok(audit::append(tx, entry)?)
}
