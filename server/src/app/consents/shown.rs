//! Every purpose with where it stands for one person, and all that was ever answered.

use super::{found, hash, unread};
use crate::app::accounts::Caller;
use crate::app::lookups::People;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_personal::{ConsentAnswer, ConsentPurpose, ConsentSheet};
use benhan_domain::access::{AskConsent, Place, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::PatientId;
use benhan_domain::patient_signature::Representative;
use benhan_domain::person::age_years;
use benhan_domain::personal_data::{Answer, AskAgain, Basis, Last, Purpose, standing, who_is_asked};
use benhan_store::consents::Given;
use benhan_store::{Conn, audit};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

/// What the screen and the print take of a body.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    pub patient: Person,
    pub purpose: Words,
    pub representative: Option<Representative>,
    pub paper_place: String,
    pub note: String,
    pub taken_by: Taker,
    pub facility_name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub code: String,
    pub name: String,
    pub birth_date: Option<Date>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    pub title: String,
    pub text: String,
    pub sensitive: bool,
    pub reference: String,
    pub data: String,
    pub recipients: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Taker {
    pub name: String,
    pub role: benhan_domain::access::Role,
}

pub fn body(given: &Given) -> Result<Body, AppError> {
    Ok(serde_json::from_str(&given.body).map_err(|_| unread(given.id))?)
}

pub async fn read(app: &App, caller: &Caller, of: PatientId) -> Result<ConsentSheet, AppError> {
    let (reader, app2) = (caller.clone(), app.clone());
    let read = app.db.read(move |conn| {
        let day = app2.db.now().day();
        let sheet = view(conn, &app2, &reader, of, day)?;
        let (patient, _, _) = found(conn, &reader, of)?;
        Ok::<_, AppError>((sheet, patient.id))
    });
    let (sheet, patient) = read.await?;
    let row = audit::Entry {
        patient: Some(patient),
        ..trail::about(caller.user.id, Act::View, "consent-list", patient.to_string(), json!({}))
    };
    app.db.note(row).await?;
    Ok(sheet)
}

pub fn view(conn: &mut Conn, app: &App, caller: &Caller, of: PatientId, day: Date) -> Result<ConsentSheet, AppError> {
    let (patient, given, people) = found(conn, caller, of)?;
    let birth = patient.who.birth_date;
    let mut purposes = Vec::new();
    for purpose in app.renderer.purposes(day) {
        let last = given.iter().find(|one| one.purpose == purpose.code);
        purposes.push(of_purpose(purpose, last, birth, day, &people)?);
    }
    // What is asked for first, what rests on law after it.
    purposes.sort_by_key(|purpose| !purpose.needs_consent);
    Ok(ConsentSheet {
        patient_id: patient.id.to_string(),
        patient_name: patient.who.name,
        patient_code: patient.code,
        birth_date: birth.map(|day| day.to_string()),
        answers: who_is_asked(birth.map(|birth| age_years(birth, day))).to_owned(),
        purposes,
        history: given.iter().map(|one| of_answer(one, &people)).collect::<Result<_, _>>()?,
        may_ask: decide::<AskConsent>(&caller.actor, Place::Facility).is_ok(),
    })
}

fn of_purpose(
    purpose: &Purpose,
    last: Option<&Given>,
    birth: Option<Date>,
    day: Date,
    people: &People,
) -> Result<ConsentPurpose, AppError> {
    let now = standing(last.map(newest), purpose.version, birth, day);
    let by_law = purpose.basis == Basis::Law;
    let answer_text = match now.answer {
        _ if by_law => purpose.basis.vietnamese(),
        Some(answer) => answer.vietnamese(),
        None => "Chưa hỏi",
    };
    Ok(ConsentPurpose {
        code: purpose.code.clone(),
        title: purpose.title.clone(),
        text: purpose.text.clone(),
        version: purpose.version,
        text_sha256: hash(&purpose.text),
        needs_consent: !by_law,
        sensitive: purpose.sensitive,
        reference: purpose.reference.clone(),
        data: purpose.data.clone(),
        recipients: purpose.recipients.clone(),
        answer: now.answer.map(|answer| answer.as_str().to_owned()),
        answer_text: answer_text.to_owned(),
        ask_again: now.ask_again.map(|why| why.as_str().to_owned()),
        ask_again_text: now.ask_again.map(|why: AskAgain| why.vietnamese().to_owned()),
        stands: by_law || now.stands(),
        last: last.map(|one| of_answer(one, people)).transpose()?,
    })
}

pub fn newest(given: &Given) -> Last {
    Last { answer: given.answer, version: given.version, day: given.answered_at.day() }
}

fn of_answer(given: &Given, people: &People) -> Result<ConsentAnswer, AppError> {
    let body = body(given)?;
    Ok(ConsentAnswer {
        id: given.id.to_string(),
        purpose: given.purpose.clone(),
        title: body.purpose.title,
        version: given.version,
        answer: given.answer.as_str().to_owned(),
        answer_text: Answer::vietnamese(given.answer).to_owned(),
        given_by: given.given_by.clone(),
        representative: body.representative,
        channel: given.channel.as_str().to_owned(),
        paper_place: body.paper_place,
        note: body.note,
        answered_at: given.answered_at.rfc3339(),
        taken_by: people.must(given.taken_by)?,
        sha256: given.sha256.clone(),
        sealed: given.seal.is_some(),
    })
}
