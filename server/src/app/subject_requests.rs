//! What people ask for as those whose data it is (yêu cầu của chủ thể dữ liệu): the record room takes it in, the head of the
//! hospital answers in time, and what was done stands on it. A withdrawn consent ends with the taking in.

use super::charting::needed;
use super::consents::{self as answers, About, Who};
use super::requests::words;
use super::{AppError, trail};
use crate::app::accounts::Caller;
use crate::state::App;
use crate::view_personal::SubjectRequest;
use benhan_domain::access::{AnswerSubject, Permit, Place, ServeSubject, ViewSubjectRequests, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, PatientId, SubjectRequestId};
use benhan_domain::patient_signature::Representative;
use benhan_domain::person::age_years;
use benhan_domain::personal_data::{Answer, Channel, WishKind, WishState, WishStep, withdrawer};
use benhan_domain::text;
use benhan_store::consents;
use benhan_store::subject_requests::{self, Asked, End, NewWish, Wish};
use benhan_store::{Conn, Tx, audit, counters, encounters};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod keeping;
mod register;
mod shown;
pub use register::{activities, register};
pub use shown::{count, list};

/// As it comes in.
pub struct Said {
    pub kind: WishKind,
    pub details: String,
    pub purpose: Option<String>,
    pub stay: Option<EncounterId>,
    /// By the person themselves; else who stands for them.
    pub representative: Option<Representative>,
    /// The paper by which who asks was known.
    pub identity: String,
    /// Their written request.
    pub paper: String,
}

/// Who asks, as it is kept.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct GivenBy {
    representative: Option<Representative>,
    identity: String,
}

fn next_number(tx: &mut Tx<'_>) -> Result<String, AppError> {
    let (year, n) = counters::next_of_year(tx, "subject-request-number")?;
    Ok(format!("{year:02}-CT{n:06}"))
}

pub async fn receive(app: &App, caller: &Caller, of: PatientId, said: Said) -> Result<SubjectRequest, AppError> {
    let details = words(&said.details, "details", 1_000, "Ghi người yêu cầu muốn gì")?;
    let identity = words(&said.identity, "identity", 200, "Ghi giấy tờ đã đối chiếu của người yêu cầu")?;
    let paper = words(&said.paper, "paper", 200, "Ghi số, ngày của đơn, hoặc cách gửi")?;
    if said.kind == WishKind::WithdrawConsent && said.purpose.is_none() {
        return Err(AppError::invalid("purpose", "Chọn mục đích bị rút đồng ý"));
    }
    let purpose = said.purpose.filter(|_| said.kind == WishKind::WithdrawConsent);
    let who = Who {
        patient: said.representative.is_none(),
        representative: said.representative,
        channel: Channel::Paper,
        paper_place: paper.clone(),
        note: String::new(),
    };
    let (app2, caller, stay, kind) = (app.clone(), caller.clone(), said.stay, said.kind);
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeSubject>(&caller.actor, Place::Facility)?;
        let (patient, now) = (answers::person(tx.conn(), &caller, of)?, tx.now());
        let age = patient.who.birth_date.map(|birth| age_years(birth, now.day()));
        let by = withdrawer(who.patient, who.representative.clone(), age)
            .map_err(|no| AppError::invalid(no.place(), no.to_string()))?;
        if let Some(stay) = stay
            && encounters::owner(tx.conn(), stay)? != Some(patient.id)
        {
            return Err(AppError::invalid("stayId", "Chọn đợt điều trị của chính người bệnh này"));
        }
        let given_by = GivenBy { representative: by.representative().cloned(), identity };
        let new = NewWish {
            number: next_number(tx)?,
            asked: Asked {
                patient: patient.id,
                kind,
                details,
                purpose: purpose.clone(),
                encounter: stay,
                given_by: serde_json::to_string(&given_by).map_err(|e| AppError::Internal(e.to_string()))?,
                paper,
            },
            by: caller.user.id,
            answer_by: app2.personal_data.answer_by(now),
            act_by: app2.personal_data.act_by(kind, now),
        };
        let id = subject_requests::receive(tx, &permit, new)?;
        if let Some(code) = &purpose {
            let of = Withdrawing { app: &app2, caller: &caller, patient: &patient, who: &who, request: id };
            of.withdraw(tx, &permit, code)?;
        }
        let detail = json!({ "step": "receive", "kind": kind.as_str(), "purpose": purpose });
        noted(tx, &caller, Act::Create, (id, patient.id), detail)?;
        shown::view(tx.conn(), &app2, &caller, id, now)
    });
    write.await
}

struct Withdrawing<'a> {
    app: &'a App,
    caller: &'a Caller,
    patient: &'a benhan_store::patients::Patient,
    who: &'a Who,
    request: SubjectRequestId,
}

impl Withdrawing<'_> {
    /// In the same transaction: from now on nothing goes out on this consent. No seal: signing has no place in a write.
    fn withdraw(&self, tx: &mut Tx<'_>, permit: &Permit<ServeSubject>, code: &str) -> Result<(), AppError> {
        let now = tx.now();
        let standing = consents::of_patient(tx.conn(), permit, self.patient.id)?;
        let last = standing.iter().find(|given| given.purpose == code);
        if last.is_none_or(|given| given.answer != Answer::Agreed) {
            return Err(answers::nothing_to_withdraw());
        }
        let purpose = answers::purpose_of(self.app, code, now.day())?;
        let age = self.patient.who.birth_date.map(|birth| age_years(birth, now.day()));
        let by = withdrawer(self.who.patient, self.who.representative.clone(), age)
            .map_err(|no| AppError::invalid(no.place(), no.to_string()))?;
        let about = About {
            app: self.app,
            caller: self.caller,
            patient: self.patient,
            purpose: &purpose,
            answer: Answer::Withdrawn,
            by: Some(by),
            who: self.who,
            at: now,
            request: Some(self.request),
        };
        let row = about.row()?;
        answers::noted(tx, self.caller, &row)?;
        Ok(consents::keep(tx, permit, row)?)
    }
}

/// Yes or no, with the ground; by the head of the hospital. A record within its term is not deleted.
pub async fn answer(
    app: &App,
    caller: &Caller,
    of: SubjectRequestId,
    (accept, ground): (bool, String),
) -> Result<SubjectRequest, AppError> {
    let ground = words(&ground, "ground", 1_000, "Ghi nội dung trả lời, căn cứ pháp lý")?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<AnswerSubject>(&caller.actor, Place::Facility)?;
        let (wish, now) = (found(tx.conn(), &caller, of)?, tx.now());
        let to = wish.state.after(if accept { WishStep::Accept } else { WishStep::Refuse })?;
        if accept
            && wish.asked.kind == WishKind::Delete
            && let Some(why) = keeping::must_keep(tx.conn(), wish.asked.encounter, now)?
        {
            return Err(AppError::conflict("within-term", why));
        }
        if !subject_requests::answer(tx, &permit, of, (to, caller.user.id, &ground))? {
            return Err(AppError::stale());
        }
        let detail = json!({ "step": to.as_str(), "kind": wish.asked.kind.as_str() });
        noted(tx, &caller, Act::Edit, (of, wish.asked.patient), detail)?;
        shown::view(tx.conn(), &app2, &caller, of, now)
    });
    write.await
}

/// Once, with the reason that is told to who asked; before the days are over.
pub async fn extend(
    app: &App,
    caller: &Caller,
    of: SubjectRequestId,
    reason: String,
) -> Result<SubjectRequest, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<AnswerSubject>(&caller.actor, Place::Facility)?;
        let (wish, now) = (found(tx.conn(), &caller, of)?, tx.now());
        if now > wish.act_by {
            let detail = "Đã quá hạn thực hiện: không gia hạn được nữa, thực hiện ngay và ghi kết quả.";
            return Err(AppError::conflict("too-late", detail));
        }
        let to = app2.personal_data.lengthened(wish.asked.kind, wish.act_by);
        if !subject_requests::extend(tx, &permit, of, (to, caller.user.id, &reason))? {
            let detail = "Yêu cầu này đã gia hạn một lần hoặc đã kết thúc: tải lại danh sách.";
            return Err(AppError::conflict("already-extended", detail));
        }
        let detail = json!({ "step": "extend", "until": to.rfc3339() });
        noted(tx, &caller, Act::Edit, (of, wish.asked.patient), detail)?;
        shown::view(tx.conn(), &app2, &caller, of, now)
    });
    write.await
}

/// Carried out, or taken back by who asked.
pub async fn end(
    app: &App,
    caller: &Caller,
    of: SubjectRequestId,
    step: WishStep,
    (reason, record_request): (String, Option<String>),
) -> Result<SubjectRequest, AppError> {
    let reason = needed(&reason)?;
    let record_request = record_request.map(|number| text::clean(&number)).filter(|number| !number.is_empty());
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<ServeSubject>(&caller.actor, Place::Facility)?;
        let wish = found(tx.conn(), &caller, of)?;
        let to = wish.state.after(step)?;
        if let Some(number) = &record_request {
            let stay = subject_requests::stay_of_record_request(tx.conn(), &permit, number)?;
            let owner = stay.map(|stay| encounters::owner(tx.conn(), stay)).transpose()?.flatten();
            if owner != Some(wish.asked.patient) {
                let why = "Không có yêu cầu cung cấp hồ sơ số này của người bệnh";
                return Err(AppError::invalid("recordRequest", why));
            }
        }
        let end =
            End { from: wish.state, to, by: caller.user.id, words: &reason, record_request: record_request.as_deref() };
        if !subject_requests::end(tx, &permit, of, &end)? {
            return Err(AppError::stale());
        }
        let act = if to == WishState::TakenBack { Act::Cancel } else { Act::Edit };
        noted(tx, &caller, act, (of, wish.asked.patient), json!({ "step": to.as_str() }))?;
        let now = tx.now();
        shown::view(tx.conn(), &app2, &caller, of, now)
    });
    write.await
}

fn found(conn: &mut Conn, caller: &Caller, of: SubjectRequestId) -> Result<Wish, AppError> {
    let view = decide::<ViewSubjectRequests>(&caller.actor, Place::Facility)?;
    subject_requests::read(conn, &view, of)?.ok_or_else(|| AppError::not_found("yêu cầu của chủ thể dữ liệu"))
}

fn noted(
    tx: &mut Tx<'_>,
    caller: &Caller,
    act: Act,
    (of, patient): (SubjectRequestId, PatientId),
    detail: Value,
) -> Result<(), AppError> {
    let row = trail::about(caller.user.id, act, "subject-request", of.to_string(), detail);
    Ok(audit::append(tx, audit::Entry { patient: Some(patient), ..row })?)
}
