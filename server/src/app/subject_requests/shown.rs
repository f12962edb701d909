//! Requests of data subjects with the clock that runs, for who takes them in, answers them, and looks at them afterwards.

use super::{GivenBy, found, keeping};
use crate::app::accounts::Caller;
use crate::app::lookups::People;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_personal::{SubjectCount, SubjectRequest, SubjectStep};
use benhan_domain::access::{AnswerSubject, Place, SearchPatients, ServeSubject, ViewSubjectRequests, decide};
use benhan_domain::id::{PatientId, SubjectRequestId, UserId};
use benhan_domain::personal_data::{Clocks, WishKind, WishState, WishStep};
use benhan_domain::time::Instant;
use benhan_store::subject_requests::{self, Step, Wish};
use benhan_store::{Conn, encounters, patients};
use std::collections::HashMap;

const MOST: i64 = 500;
pub const OPEN: [WishState; 2] = [WishState::Received, WishState::Accepted];
pub const ENDED: [WishState; 3] = [WishState::Refused, WishState::Done, WishState::TakenBack];

/// Those under way, or those at their end; the one that was received last first.
pub async fn list(app: &App, caller: &Caller, open: bool) -> Result<Vec<SubjectRequest>, AppError> {
    let (reader, app2, now) = (caller.clone(), app.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewSubjectRequests>(&reader.actor, Place::Facility)?;
        let states: &[WishState] = if open { &OPEN } else { &ENDED };
        let found = subject_requests::list(conn, &permit, states, MOST)?;
        shapes(conn, &app2, &reader, found, now)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "subject-request", if open { "open" } else { "ended" }.to_owned()).await?;
    Ok(shown)
}

/// For the badge: no patient in it.
pub async fn count(app: &App, caller: &Caller) -> Result<SubjectCount, AppError> {
    let (reader, clocks, now) = (caller.clone(), app.personal_data.clone(), app.db.now());
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let permit = decide::<ViewSubjectRequests>(&reader.actor, Place::Facility)?;
        let open = subject_requests::list(conn, &permit, &OPEN, MOST)?;
        let urgent = open.iter().filter_map(due).filter(|due| clocks.is_soon(*due, now)).count();
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Ok(SubjectCount { open: number(open.len()), urgent: number(urgent) })
    });
    read.await
}

/// The clock that runs: to answer, then to act.
fn due(wish: &Wish) -> Option<Instant> {
    match wish.state {
        WishState::Received => Some(wish.answer_by),
        WishState::Accepted => Some(wish.act_until()),
        WishState::Refused | WishState::Done | WishState::TakenBack => None,
    }
}

/// At its end it is late for ever, where it was.
fn is_overdue(wish: &Wish, now: Instant) -> bool {
    let answered = wish.decided.as_ref().map_or(now, |(at, _, _)| *at);
    let act_by = wish.act_until();
    match wish.state {
        WishState::Received => now > wish.answer_by,
        WishState::Refused => answered > wish.answer_by,
        WishState::Accepted => answered > wish.answer_by || now > act_by,
        WishState::Done => answered > wish.answer_by || wish.ended.as_ref().is_some_and(|(at, _, _)| *at > act_by),
        WishState::TakenBack => false,
    }
}

pub fn view(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    of: SubjectRequestId,
    now: Instant,
) -> Result<SubjectRequest, AppError> {
    let wish = found(conn, caller, of)?;
    let shown = shapes(conn, app, caller, vec![wish], now)?.pop();
    shown.ok_or_else(|| AppError::not_found("yêu cầu của chủ thể dữ liệu"))
}

fn people_of(wish: &Wish) -> Vec<UserId> {
    let steps = [wish.decided.as_ref(), wish.ended.as_ref(), wish.extended.as_ref().map(|(_, step)| step)];
    steps.into_iter().flatten().map(|(_, by, _)| *by).chain([wish.received_by]).collect()
}

pub fn shapes(
    conn: &mut Conn,
    app: &App,
    caller: &Caller,
    found: Vec<Wish>,
    now: Instant,
) -> Result<Vec<SubjectRequest>, AppError> {
    let people = People::read(conn, found.iter().flat_map(people_of))?;
    let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
    let ids: Vec<PatientId> = found.iter().map(|wish| wish.asked.patient).collect();
    let persons: HashMap<_, _> =
        patients::of_ids(conn, &permit, &ids)?.into_iter().map(|patient| (patient.id, patient)).collect();
    let stays: Vec<_> = found.iter().filter_map(|wish| wish.asked.encounter).collect();
    let stays: HashMap<_, _> =
        encounters::of_ids(conn, &permit, &stays)?.into_iter().map(|stay| (stay.id, stay.number)).collect();
    let rights = Rights {
        answers: decide::<AnswerSubject>(&caller.actor, Place::Facility).is_ok(),
        serves: decide::<ServeSubject>(&caller.actor, Place::Facility).is_ok(),
    };
    let mut shown = Vec::new();
    for wish in found {
        let Some(person) = persons.get(&wish.asked.patient) else { continue };
        let deleting = wish.asked.kind == WishKind::Delete && wish.state == WishState::Received;
        let must_keep = if deleting { keeping::must_keep(conn, wish.asked.encounter, now)? } else { None };
        let stay_number = wish.asked.encounter.and_then(|stay| stays.get(&stay).cloned());
        let mut view = shape(wish, &people, &rights, &app.personal_data, now)?;
        (view.patient_name, view.patient_code) = (person.who.name.clone(), person.code.clone());
        (view.stay_number, view.must_keep) = (stay_number, must_keep);
        shown.push(view);
    }
    Ok(shown)
}

struct Rights {
    answers: bool,
    serves: bool,
}

/// Without what is read beside it.
fn shape(
    wish: Wish,
    people: &People,
    rights: &Rights,
    clocks: &Clocks,
    now: Instant,
) -> Result<SubjectRequest, AppError> {
    let step = |of: Option<&Step>| {
        let shown = of.map(|(at, by, words)| {
            Ok::<_, AppError>(SubjectStep { by: people.must(*by)?, at: at.rfc3339(), words: words.clone() })
        });
        shown.transpose()
    };
    let open = |step| wish.state.after(step).is_ok();
    let due = due(&wish);
    let by: GivenBy = serde_json::from_str(&wish.asked.given_by)
        .map_err(|e| AppError::Internal(format!("request {}: {e}", wish.id)))?;
    Ok(SubjectRequest {
        id: wish.id.to_string(),
        patient_id: wish.asked.patient.to_string(),
        patient_name: String::new(),
        patient_code: String::new(),
        kind: wish.asked.kind.as_str().to_owned(),
        kind_text: wish.asked.kind.vietnamese().to_owned(),
        state: wish.state.as_str().to_owned(),
        state_text: wish.state.vietnamese().to_owned(),
        details: wish.asked.details.clone(),
        purpose: wish.asked.purpose.clone(),
        stay_number: None,
        asked_by: by.representative.map_or_else(
            || "Chính người bệnh".to_owned(),
            |one| format!("{} ({})", one.name, one.relation.vietnamese()),
        ),
        identity: by.identity,
        paper: wish.asked.paper.clone(),
        received_by: people.must(wish.received_by)?,
        received_at: wish.received_at.rfc3339(),
        answer_by: wish.answer_by.rfc3339(),
        act_by: wish.act_until().rfc3339(),
        due_at: due.map(Instant::rfc3339),
        overdue: is_overdue(&wish, now),
        soon: due.is_some_and(|due| clocks.is_soon(due, now)),
        extended: step(wish.extended.as_ref().map(|(_, step)| step))?,
        decided: step(wish.decided.as_ref())?,
        ended: step(wish.ended.as_ref())?,
        record_request: wish.record_request.clone(),
        must_keep: None,
        may_answer: rights.answers && open(WishStep::Accept),
        may_extend: rights.answers && wish.state.is_open() && wish.extended.is_none() && now <= wish.act_by,
        may_finish: rights.serves && open(WishStep::Finish),
        may_take_back: rights.serves && open(WishStep::TakeBack),
        number: wish.number,
    })
}
