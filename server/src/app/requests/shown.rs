//! Requests as the people see them who take them in, decide on them, and look at them afterwards.

use super::found;
use crate::app::accounts::Caller;
use crate::app::lookups::People;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_record::{RecordRequest, RecordUse, RequestDecision, RequestEnd, RequestReader};
use benhan_domain::access::{DecideRequest, Place, ServeRequest, ViewRequests, decide};
use benhan_domain::id::{RecordRequestId, UserId};
use benhan_domain::record::{RequestState, RequestStep, Use};
use benhan_domain::time::Instant;
use benhan_store::request_readers::{self, Reader};
use benhan_store::requests::{self, Given, PatientsWill, Request};
use benhan_store::{Conn, encounters, users};
use std::collections::HashMap;

const MOST: i64 = 500;

/// Those under way, or those at their end; the one that was received last first.
pub async fn list(app: &App, caller: &Caller, open: bool) -> Result<Vec<RecordRequest>, AppError> {
    let (reader, now) = (caller.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let permit = decide::<ViewRequests>(&reader.actor, Place::Facility)?;
        let states: &[RequestState] = if open {
            &[RequestState::Received, RequestState::Granted]
        } else {
            &[RequestState::Refused, RequestState::Withdrawn, RequestState::Done]
        };
        let found = requests::list(conn, &permit, states, MOST)?;
        shapes(conn, &reader, found.into_iter().map(|request| (request, Vec::new())).collect(), now)
    });
    let shown = read.await?;
    trail::looked_at(app, caller, "record-request", if open { "open" } else { "ended" }.to_owned()).await?;
    Ok(shown)
}

/// One with everything that was given out on it.
pub async fn read(app: &App, caller: &Caller, of: RecordRequestId) -> Result<RecordRequest, AppError> {
    let reader = caller.clone();
    let now = app.db.now();
    let shown = app.db.read(move |conn| view(conn, &reader, of, now)).await?;
    trail::looked_at(app, caller, "record-request", of.to_string()).await?;
    Ok(shown)
}

pub fn view(conn: &mut Conn, caller: &Caller, of: RecordRequestId, now: Instant) -> Result<RecordRequest, AppError> {
    let permit = decide::<ViewRequests>(&caller.actor, Place::Facility)?;
    let request = found(conn, caller, of)?;
    let uses = requests::uses(conn, &permit, of)?;
    let reader = request_readers::of_request(conn, &permit, of)?;
    let over = request.decision.as_ref().and_then(|of| of.grant).is_none_or(|grant| grant.until < now);
    let mut shown = shapes(conn, caller, vec![(request, uses)], now)?;
    let mut shown = shown.pop().ok_or_else(|| AppError::not_found("yêu cầu cung cấp hồ sơ"))?;
    let granted = shown.state == RequestState::Granted.as_str() && shown.may_serve && !over;
    shown.may_give_reader = granted && reader.as_ref().is_none_or(|reader| reader.ended.is_some());
    shown.reader = reader.map(|reader| reading(conn, reader)).transpose()?;
    Ok(shown)
}

fn reading(conn: &mut Conn, of: Reader) -> Result<RequestReader, AppError> {
    let people = People::read(conn, [of.user, of.given_by])?;
    let account = users::by_id(conn, of.user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
    Ok(RequestReader {
        user: people.must(of.user)?,
        username: account.username,
        given_by: people.must(of.given_by)?,
        given_at: Instant(of.given_at).rfc3339(),
        ended_at: of.ended.map(|(_, at)| Instant(at).rfc3339()),
        last_read_at: of.last_read_at.map(|at| Instant(at).rfc3339()),
    })
}

fn people_of((request, uses): &(Request, Vec<Given>)) -> Vec<UserId> {
    let decider = request.decision.as_ref().map(|decision| decision.by);
    let ender = request.ended.as_ref().map(|(by, _, _)| *by);
    let mut people: Vec<UserId> = [Some(request.received_by), decider, ender].into_iter().flatten().collect();
    people.extend(uses.iter().map(|given| given.by));
    people
}

fn shapes(
    conn: &mut Conn,
    caller: &Caller,
    found: Vec<(Request, Vec<Given>)>,
    now: Instant,
) -> Result<Vec<RecordRequest>, AppError> {
    let permit = decide::<ViewRequests>(&caller.actor, Place::Facility)?;
    let people = People::read(conn, found.iter().flat_map(people_of))?;
    let ids: Vec<_> = found.iter().map(|(request, _)| request.encounter).collect();
    let stays: HashMap<_, _> =
        encounters::of_ids(conn, &permit, &ids)?.into_iter().map(|stay| (stay.id, stay)).collect();
    let decides = decide::<DecideRequest>(&caller.actor, Place::Facility).is_ok();
    let serves = decide::<ServeRequest>(&caller.actor, Place::Facility).is_ok();
    let shown = found.into_iter().filter_map(|(request, uses)| {
        let stay = stays.get(&request.encounter)?;
        Some((request, uses, stay))
    });
    shown
        .map(|(request, uses, stay)| {
            let open = |step| request.state.after(step).is_ok();
            let overdue = match request.state {
                RequestState::Received => now.0 > request.answer_by,
                RequestState::Granted => request.provide_by.is_some_and(|by| now.0 > by),
                RequestState::Refused | RequestState::Withdrawn | RequestState::Done => false,
            };
            let (may_decide, may_serve) = (decides && open(RequestStep::Grant), serves && open(RequestStep::Withdraw));
            let asked = request.asked;
            Ok(RecordRequest {
                id: request.id.to_string(),
                number: request.number,
                encounter_id: request.encounter.to_string(),
                stay_number: stay.number.clone(),
                patient_name: stay.patient.who.name.clone(),
                patient_code: stay.patient.code.clone(),
                state: request.state.as_str().to_owned(),
                state_text: text(request.state).to_owned(),
                requester: asked.requester.as_str().to_owned(),
                requester_text: asked.requester.vietnamese().to_owned(),
                name: asked.name,
                organisation: asked.organisation,
                identity: asked.identity,
                paper: asked.paper,
                ground: asked.ground,
                purpose: asked.purpose,
                extent: asked.extent.as_str().to_owned(),
                copy: asked.copy,
                received_by: people.must(request.received_by)?,
                received_at: Instant(request.received_at).rfc3339(),
                answer_by: Instant(request.answer_by).rfc3339(),
                provide_by: request.provide_by.map(|at| Instant(at).rfc3339()),
                overdue,
                decision: request
                    .decision
                    .map(|of| {
                        Ok::<_, AppError>(RequestDecision {
                            granted: of.grant.is_some(),
                            by: people.must(of.by)?,
                            at: Instant(of.at).rfc3339(),
                            words: of.words,
                            extent: of.grant.map(|grant| grant.extent.as_str().to_owned()),
                            copy: of.grant.is_some_and(|grant| grant.copy),
                            until: of.grant.map(|grant| grant.until.rfc3339()),
                            on_consent: matches!(of.will, Some(PatientsWill::Consent(_))),
                            patient_paper: match of.will {
                                Some(PatientsWill::Paper(paper)) => Some(paper),
                                Some(PatientsWill::Consent(_)) | None => None,
                            },
                        })
                    })
                    .transpose()?,
                ended: request
                    .ended
                    .map(|(by, at, reason)| {
                        Ok::<_, AppError>(RequestEnd { by: people.must(by)?, at: Instant(at).rfc3339(), reason })
                    })
                    .transpose()?,
                uses: uses.into_iter().map(|given| one_use(given, &people)).collect::<Result<_, _>>()?,
                reader: None,
                may_give_reader: false,
                may_decide,
                may_serve,
            })
        })
        .collect()
}

fn one_use(given: Given, people: &People) -> Result<RecordUse, AppError> {
    let kind_text = match given.kind {
        Use::Read => "Đọc, ghi chép tại chỗ",
        Use::Summary => "Đã giao bản tóm tắt",
        Use::Copy => "Đã cấp bản sao",
    };
    Ok(RecordUse {
        kind: given.kind.as_str().to_owned(),
        kind_text: kind_text.to_owned(),
        by: people.must(given.by)?,
        at: Instant(given.at).rfc3339(),
        note: given.note,
        sha256: given.sha256,
    })
}

fn text(state: RequestState) -> &'static str {
    match state {
        RequestState::Received => "Chờ quyết định",
        RequestState::Granted => "Đã đồng ý",
        RequestState::Refused => "Không đồng ý",
        RequestState::Withdrawn => "Đã rút",
        RequestState::Done => "Đã thực hiện xong",
    }
}
