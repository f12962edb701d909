//! One answer on paper: what was kept, as it was kept, with the seal inside the PDF.

use super::hash;
use super::shown::{Body, body};
use crate::app::accounts::Caller;
use crate::app::{AppError, letterhead, trail};
use crate::state::App;
use benhan_domain::access::{Place, ViewConsents, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::ConsentAnswerId;
use benhan_domain::patient_signature::Representative;
use benhan_render::Attachment;
use benhan_store::audit;
use benhan_store::consents::{self, Given};
use serde_json::{Value, json};

const FORM: &str = "tra-loi-dong-y";
const DATA: &str = "tra-loi.json";

/// A sheet on its way out.
#[derive(Debug)]
pub struct Printed {
    pub id: String,
    pub pdf: Vec<u8>,
}

/// Each print is on the trail: it names a patient.
pub async fn printed(app: &App, caller: &Caller, of: ConsentAnswerId) -> Result<Printed, AppError> {
    let reader = caller.clone();
    let read = app.db.read::<_, AppError, _>(move |conn| {
        let permit = decide::<ViewConsents>(&reader.actor, Place::Facility)?;
        consents::read(conn, &permit, of)?.ok_or_else(|| AppError::not_found("trả lời này"))
    });
    let given = read.await?;
    let (app2, at, patient) = (app.clone(), app.db.now().0, given.patient);
    let work = tokio::task::spawn_blocking(move || typeset(&app2, given, at));
    let pdf = work.await.map_err(|_| AppError::Internal("printing was cut off".into()))??;
    let row = trail::about(caller.user.id, Act::Print, "consent", of.to_string(), json!({ "pdf": true }));
    app.db.note(audit::Entry { patient: Some(patient), ..row }).await?;
    Ok(Printed { id: of.to_string(), pdf })
}

fn typeset(app: &App, given: Given, at: i64) -> Result<Vec<u8>, AppError> {
    if hash(&given.body) != given.sha256 {
        return Err(AppError::Internal(format!("answer {} is not as it was kept", given.id)));
    }
    let said = body(&given)?;
    let values = values(app, &given, &said);
    let mut attached = vec![Attachment::json(DATA, given.body.into_bytes())];
    attached.extend(given.seal.map(|seal| Attachment::signature(format!("{DATA}.p7s"), seal)));
    let printed = app.renderer.render_sealed(FORM, values, &attached, at);
    printed.map(|pdf| pdf.bytes).map_err(|error| AppError::Internal(error.to_string()))
}

fn values(app: &App, given: &Given, said: &Body) -> Value {
    let mut head = letterhead::of_ward(app, "");
    head.facility.clone_from(&said.facility_name);
    let birth = said.patient.birth_date.map_or_else(|| "không rõ".into(), |day| day.strftime("%d/%m/%Y").to_string());
    let channel = if said.paper_place.is_empty() {
        given.channel.vietnamese().to_owned()
    } else {
        format!("{}; bản giấy cất tại: {}", given.channel.vietnamese(), said.paper_place)
    };
    json!({
        "letterhead": head, "document": { "id": given.id, "version": 1 },
        "patient": { "name": said.patient.name, "code": said.patient.code, "birth": birth },
        "purpose": said.purpose.title, "version": given.version, "text": said.purpose.text,
        "textSha256": given.text_sha256, "sensitive": said.purpose.sensitive, "reference": said.purpose.reference,
        "data": said.purpose.data, "recipients": said.purpose.recipients, "answer": given.answer.vietnamese(),
        "by": by(given, said), "channel": channel,
        "at": given.answered_at.in_vietnam().strftime("%H:%M %d/%m/%Y").to_string(),
        "takenBy": format!("{} {}", said.taken_by.role.title(), said.taken_by.name), "note": said.note,
        "sha256": given.sha256, "sealed": given.seal.is_some(),
    })
}

fn by(given: &Given, said: &Body) -> String {
    let stands = |one: &Representative| {
        format!(
            "{}, {}; {}: {}. Lý do: {}",
            one.name,
            one.relation.vietnamese(),
            one.id_paper.vietnamese(),
            one.id_number,
            one.ground.vietnamese()
        )
    };
    match (given.given_by.as_str(), &said.representative) {
        ("both", Some(one)) => format!("Người bệnh: {}\nNgười đại diện: {}", said.patient.name, stands(one)),
        ("representative", Some(one)) => format!("Người đại diện: {}", stands(one)),
        ("patient", _) => format!("Người bệnh: {}", said.patient.name),
        _ => "Chưa hỏi được ai".to_owned(),
    }
}
