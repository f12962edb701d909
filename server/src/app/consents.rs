//! What people agree to (sự đồng ý xử lý dữ liệu cá nhân): asked for each purpose by itself in the words of that day, kept as
//! it was answered with the words and their hash, under the facility's seal. Nothing is agreed to by silence.

use super::AppError;
use super::lookups::People;
use crate::app::accounts::Caller;
use crate::app::sealing::Sealer;
use crate::state::App;
use crate::view_personal::ConsentSheet;
use benhan_domain::access::{AskConsent, Place, SearchPatients, ViewConsents, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::{ConsentAnswerId, PatientId, SubjectRequestId};
use benhan_domain::patient_signature::Representative;
use benhan_domain::person::age_years;
use benhan_domain::personal_data::{Answer, Basis, By, Channel, Purpose, answerer, withdrawer};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_store::consents::{self, Given};
use benhan_store::patients::{self, Patient};
use benhan_store::{Conn, StoreError, Tx, audit};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

mod printed;
mod shown;
mod standing;
pub use printed::{Printed, printed};
pub use shown::read;
pub use standing::{granted_by, is_opened_by};

pub const FORMAT: &str = "benhan/consent-answer/1";

/// One purpose, as it stood on the screen.
#[derive(Clone, Debug)]
pub struct Asked {
    pub purpose: String,
    /// Of the words that were shown.
    pub text_sha256: String,
    /// None where nothing was chosen.
    pub answer: Option<Answer>,
}

/// Who answers and how.
#[derive(Clone, Debug)]
pub struct Who {
    pub patient: bool,
    pub representative: Option<Representative>,
    pub channel: Channel,
    pub paper_place: String,
    pub note: String,
}

pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn clean(text: &str, field: &'static str, most: usize) -> Result<String, AppError> {
    let clean = text::clean(text);
    if clean.chars().count() > most {
        return Err(AppError::invalid(field, format!("Ghi tối đa {most} ký tự")));
    }
    Ok(clean)
}

impl Who {
    fn checked(self) -> Result<Self, AppError> {
        let paper_place = clean(&self.paper_place, "paperPlace", 200)?;
        if self.channel == Channel::Paper && paper_place.is_empty() {
            return Err(AppError::invalid("paperPlace", "Ghi nơi cất bản giấy đã ký"));
        }
        Ok(Self { paper_place, note: clean(&self.note, "note", 500)?, ..self })
    }
}

/// Every purpose on the list gets a yes or a no of its own.
pub async fn ask(
    app: &App,
    caller: &Caller,
    of: PatientId,
    asked: Vec<Asked>,
    who: Who,
) -> Result<ConsentSheet, AppError> {
    let who = who.checked()?;
    if asked.is_empty() || asked.len() > 50 {
        return Err(AppError::invalid("answers", "Chọn ít nhất một mục đích để hỏi"));
    }
    let day = app.db.now().day();
    let known = app.renderer.purposes(day);
    let mut answers = Vec::new();
    for one in asked {
        let purpose = known.iter().find(|purpose| purpose.code == one.purpose);
        let purpose = *purpose.ok_or_else(|| AppError::invalid("answers", "Không có mục đích này: tải lại trang"))?;
        if purpose.basis == Basis::Law {
            let why = format!("«{}» dựa trên luật, không cần hỏi", purpose.title);
            return Err(AppError::invalid("answers", why));
        }
        if one.text_sha256 != hash(&purpose.text) {
            let detail = "Lời hỏi vừa được thay bằng bản mới: tải lại trang, đọc lại cho người trả lời.";
            return Err(AppError::conflict("text-changed", detail));
        }
        match one.answer {
            Some(answer @ (Answer::Agreed | Answer::Refused)) => answers.push((purpose.clone(), answer)),
            _ => {
                let why = format!("Chưa trả lời «{}»: chọn đồng ý hoặc không đồng ý", purpose.title);
                return Err(AppError::invalid("answers", why));
            }
        }
        if answers.iter().filter(|(known, _)| known.code == one.purpose).count() > 1 {
            return Err(AppError::invalid("answers", "Mỗi mục đích hỏi một lần"));
        }
    }
    kept(app, caller, of, answers, who).await
}

/// Takes an agreement back: a row of its own, at once. Without a purpose that is agreed to there is nothing to take back.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    of: PatientId,
    purpose: String,
    who: Who,
) -> Result<ConsentSheet, AppError> {
    let (who, day) = (who.checked()?, app.db.now().day());
    let purpose = purpose_of(app, &purpose, day)?;
    kept(app, caller, of, vec![(purpose, Answer::Withdrawn)], who).await
}

/// Nobody could be asked in an emergency: the reason stays, and the purposes that nobody answered wait to be asked.
pub async fn defer(app: &App, caller: &Caller, of: PatientId, reason: String) -> Result<ConsentSheet, AppError> {
    let reason = super::charting::needed(&reason)?;
    let known = app.renderer.purposes(app.db.now().day());
    let asking = known.into_iter().filter(|purpose| purpose.basis == Basis::Consent);
    let answers = asking.map(|purpose| (purpose.clone(), Answer::Deferred)).collect();
    let (channel, paper_place) = (Channel::Desk, String::new());
    kept(app, caller, of, answers, Who { patient: false, representative: None, channel, paper_place, note: reason })
        .await
}

pub(super) fn purpose_of(app: &App, code: &str, day: jiff::civil::Date) -> Result<Purpose, AppError> {
    let found = app.renderer.purposes(day).into_iter().find(|purpose| purpose.code == code).cloned();
    found.ok_or_else(|| AppError::invalid("purpose", "Chọn mục đích mà người bệnh đã đồng ý"))
}

/// Whoever answers, for the one patient that the id stands for today.
pub(super) fn person(conn: &mut Conn, caller: &Caller, of: PatientId) -> Result<Patient, AppError> {
    let permit = decide::<SearchPatients>(&caller.actor, Place::Facility)?;
    patients::read(conn, &permit, of)?.ok_or_else(|| AppError::not_found("người bệnh"))
}

fn by_age(answer: Answer, who: &Who, patient: &Patient, at: Instant) -> Result<Option<By>, AppError> {
    let age = patient.who.birth_date.map(|birth| age_years(birth, at.day()));
    let by = match answer {
        Answer::Deferred => return Ok(None),
        Answer::Withdrawn => withdrawer(who.patient, who.representative.clone(), age),
        Answer::Agreed | Answer::Refused => answerer(who.patient, who.representative.clone(), age),
    };
    by.map(Some).map_err(|no| AppError::invalid(no.place(), no.to_string()))
}

async fn kept(
    app: &App,
    caller: &Caller,
    of: PatientId,
    answers: Vec<(Purpose, Answer)>,
    who: Who,
) -> Result<ConsentSheet, AppError> {
    let asker = caller.clone();
    let first = move |conn: &mut Conn| {
        decide::<AskConsent>(&asker.actor, Place::Facility)?;
        person(conn, &asker, of)
    };
    let patient = app.db.read::<_, AppError, _>(first).await?;
    let at = app.db.now();
    let mut rows = Vec::new();
    for (purpose, answer) in &answers {
        let by = by_age(*answer, &who, &patient, at)?;
        let about =
            About { app, caller, patient: &patient, purpose, answer: *answer, by, who: &who, at, request: None };
        rows.push(about.row()?);
    }
    let rows = sealed(app, rows, at).await?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let permit = decide::<AskConsent>(&caller.actor, Place::Facility)?;
        let now = person(tx.conn(), &caller, of)?;
        if (now.id, now.version) != (patient.id, patient.version) {
            return Err(AppError::stale());
        }
        let standing = consents::of_patient(tx.conn(), &permit, patient.id)?;
        for row in rows {
            let last = standing.iter().find(|given| given.purpose == row.purpose).map(|given| given.answer);
            match row.answer {
                Answer::Deferred if last.is_some() => continue,
                Answer::Withdrawn if last != Some(Answer::Agreed) => return Err(nothing_to_withdraw()),
                _ => {}
            }
            noted(tx, &caller, &row)?;
            consents::keep(tx, &permit, row)?;
        }
        let day = tx.now().day();
        shown::view(tx.conn(), &app2, &caller, of, day)
    });
    write.await
}

pub fn nothing_to_withdraw() -> AppError {
    AppError::conflict("not-agreed", "Người bệnh không có sự đồng ý đang giữ cho mục đích này: tải lại trang.")
}

/// On the trail of the patient; what it says stands in the row.
pub(super) fn noted(tx: &mut Tx<'_>, caller: &Caller, row: &Given) -> Result<(), AppError> {
    let act = if row.answer == Answer::Withdrawn { Act::Cancel } else { Act::Create };
    let entry = audit::Entry {
        actor: Some(caller.user.id),
        act,
        subject_kind: "consent",
        subject_id: row.id.to_string(),
        patient: Some(row.patient),
        encounter: None,
        detail: json!({ "purpose": row.purpose, "version": row.version, "answer": row.answer, "sha256": row.sha256 }),
    };
    Ok(audit::append(tx, entry)?)
}

/// An answer in the making.
pub(super) struct About<'a> {
    pub app: &'a App,
    pub caller: &'a Caller,
    pub patient: &'a Patient,
    pub purpose: &'a Purpose,
    pub answer: Answer,
    /// None: nobody could be asked.
    pub by: Option<By>,
    pub who: &'a Who,
    pub at: Instant,
    pub request: Option<SubjectRequestId>,
}

impl About<'_> {
    /// With everything that a stranger needs to understand it years later.
    pub fn row(&self) -> Result<Given, AppError> {
        let (purpose, patient, id) = (self.purpose, self.patient, ConsentAnswerId::from(Uuid::now_v7()));
        let text_sha256 = hash(&purpose.text);
        let given_by = self.by.as_ref().map_or("nobody", By::as_str);
        let user = &self.caller.user;
        let body = audit::canonical(&json!({
            "format": FORMAT, "id": id, "facility": self.app.facility.code, "facilityName": self.app.facility.name,
            "patient": { "id": patient.id, "code": patient.code, "name": patient.who.name, "birthDate": patient.who.birth_date },
            "purpose": {
                "code": purpose.code, "version": purpose.version, "title": purpose.title, "text": purpose.text,
                "textSha256": text_sha256, "sensitive": purpose.sensitive, "reference": purpose.reference,
                "data": purpose.data, "recipients": purpose.recipients,
            },
            "answer": self.answer, "givenBy": given_by, "representative": self.by.as_ref().and_then(By::representative),
            "channel": self.who.channel, "paperPlace": self.who.paper_place, "note": self.who.note,
            "at": self.at.rfc3339(), "takenBy": { "id": user.id, "name": user.name, "role": user.role },
            "request": self.request,
        }))?;
        Ok(Given {
            id,
            patient: patient.id,
            purpose: purpose.code.clone(),
            version: purpose.version,
            text_sha256,
            answer: self.answer,
            given_by: given_by.to_owned(),
            channel: self.who.channel,
            answered_at: self.at,
            taken_by: user.id,
            request: self.request,
            sha256: hash(&body),
            body,
            seal: None,
        })
    }
}

/// Under the facility's seal, where the server holds it; before the write.
pub(super) async fn sealed(app: &App, mut rows: Vec<Given>, at: Instant) -> Result<Vec<Given>, AppError> {
    let Some(sealer) = app.sealer() else { return Ok(rows) };
    sealer.ready(at).await;
    let work = tokio::task::spawn_blocking(move || {
        seal(&sealer, &mut rows, at)?;
        Ok::<_, AppError>(rows)
    });
    work.await.map_err(|_| AppError::Internal("sealing was cut off".into()))?
}

fn seal(sealer: &Sealer, rows: &mut [Given], at: Instant) -> Result<(), AppError> {
    for row in rows {
        row.seal = Some(sealer.seal(row.body.as_bytes(), at)?);
    }
    Ok(())
}

/// The answers of one person with the names beside them, for whoever may see them.
pub(super) fn found(
    conn: &mut Conn,
    caller: &Caller,
    of: PatientId,
) -> Result<(Patient, Vec<Given>, People), AppError> {
    let permit = decide::<ViewConsents>(&caller.actor, Place::Facility)?;
    let patient = person(conn, caller, of)?;
    let given = consents::of_patient(conn, &permit, patient.id)?;
    let people = People::read(conn, given.iter().map(|one| one.taken_by))?;
    Ok((patient, given, people))
}

/// What somebody in the database cannot be, for its reader.
pub(super) fn unread(of: ConsentAnswerId) -> StoreError {
    StoreError::Corrupt { table: "consent_answer", column: "body", id: of.to_string() }
}
