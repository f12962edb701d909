//! The patient confirms by a code that was sent to their phone, or to that of who stands for them, before a witness. As with
//! a drawing, what counts is the evidence under the witness's signature.

use super::form::ToSign;
use super::patient::{Offered, OnTheScreen, signs, witnessed};
use crate::app::accounts::Caller;
use crate::app::error::Kind;
use crate::app::{AppError, trail};
use crate::patient_codes::{Asked, For, NotTheCode};
use crate::state::App;
use crate::text_messages::TextMessages;
use crate::view_forms::{CodeSent, FilledForm};
use benhan_domain::audit::Act;
use benhan_domain::patient_signature::phone_code::STANDS_MINUTES;
use benhan_domain::patient_signature::{Method, Phone, PhoneCode, Representative};
use benhan_domain::text;
use benhan_domain::time::MINUTE;
use rand::RngCore;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Nothing is sent to a phone by a house that has no service for it.
fn service(app: &App) -> Result<&Arc<TextMessages>, AppError> {
    app.messages.as_ref().ok_or_else(|| {
        let detail =
            "Bệnh viện chưa khai dịch vụ gửi tin nhắn ([messages] url): cho người bệnh ký tay hoặc ký trên giấy.";
        AppError::conflict("no-messages", detail)
    })
}

/// Sends a code for one place on one version.
pub async fn send_code(
    app: &App,
    caller: &Caller,
    place: ToSign,
    representative: Option<Representative>,
    phone: &str,
) -> Result<CodeSent, AppError> {
    let messages = service(app)?;
    let phone = Phone::parse(phone)
        .ok_or_else(|| AppError::invalid("phone", "Ghi số điện thoại di động, ví dụ 0912 345 678"))?;
    let offered = Offered::of(place.clone(), representative.clone(), Method::PhoneCode, Value::Null);
    let facts = witnessed(app, caller, &offered).await?;
    let asked = Asked { witness: caller.actor.user, place, representative, phone: phone.clone() };
    let now = app.db.now();
    let Some((id, code)) = app.patient_codes.ask(asked, rand::rng().next_u32(), now) else {
        let detail = "Đã gửi nhiều mã trong 10 phút: chờ rồi gửi lại, hoặc cho người bệnh ký tay.";
        return Err(AppError::refused(Kind::TooMany, "too-many-codes", detail));
    };
    let detail = json!({ "document": facts.of.document, "documentVersion": facts.of.version, "phone": phone.masked() });
    let subject = ("patient-code", id.to_string());
    let of = (facts.stay.patient.id, facts.stay.id);
    let row = trail::about_chart(Some(caller.actor.user), Act::Create, subject, of, detail);
    // The row first: no message goes that the trail does not know.
    app.db.note(row).await?;
    let words = words(&app.facility.name, code);
    let number = messages.send(&phone, &words).await.map_err(|error| {
        tracing::warn!(%error, "the service of text messages did not take a code");
        metrics::counter!("benhan_text_messages_total", "outcome" => "failed").increment(1);
        let detail = "Dịch vụ tin nhắn không nhận mã: thử lại, hoặc cho người bệnh ký tay.";
        AppError::refused(Kind::Busy, "message-not-sent", detail)
    })?;
    metrics::counter!("benhan_text_messages_total", "outcome" => "sent").increment(1);
    app.patient_codes.sent(id, number);
    let until = now.plus(STANDS_MINUTES.saturating_mul(MINUTE));
    Ok(CodeSent { id: id.to_string(), phone: phone.masked(), sent_at: now.rfc3339(), until: until.rfc3339() })
}

/// Without accents: with them a message holds 70 letters, and old phones show boxes. What is confirmed is read on the screen
/// and stands in no message.
fn words(facility: &str, code: PhoneCode) -> String {
    let house: String = text::without_marks(facility).chars().take(60).collect();
    format!(
        "{house}: ma {} de xac nhan phieu dang xem. Het han sau {STANDS_MINUTES} phut. Chi doc ma cho nhan vien y te dang o \
         canh ban.",
        code.digits()
    )
}

/// What the screen hands in: the code that the patient read from their phone.
#[derive(Clone, Debug)]
pub struct ByCode {
    pub sent: Uuid,
    pub code: String,
}

pub async fn patient_confirms(
    app: &App,
    caller: &Caller,
    given: OnTheScreen,
    by: ByCode,
    pin: String,
) -> Result<FilledForm, AppError> {
    let mut proof = given.proof()?;
    let code = PhoneCode::parse(&by.code).ok_or_else(|| AppError::invalid("code", "Mã gồm 6 chữ số"))?;
    let of = For { witness: caller.actor.user, place: &given.place, representative: given.representative.as_ref() };
    let now = app.db.now();
    let answered = app.patient_codes.answer(by.sent, &of, code, now).map_err(|no| match no {
        NotTheCode::Gone => AppError::conflict("code-gone", "Mã đã hết hạn, đã dùng hoặc sai quá 3 lần: gửi mã mới."),
        NotTheCode::Wrong { left } => AppError::invalid("code", format!("Mã không đúng, còn {left} lần thử")),
    })?;
    let code = json!({
        "phone": answered.phone.as_str(), "sentAt": answered.sent_at.rfc3339(), "confirmedAt": now.rfc3339(),
        "message": answered.number, "code": by.sent,
    });
    proof.insert("phoneCode".into(), code);
    let offered = Offered::of(given.place, given.representative, Method::PhoneCode, Value::Object(proof));
    let signed = signs(app, caller, offered, pin).await?;
    app.patient_codes.used(by.sent);
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_short_plain_and_says_nothing_of_health() {
        let said =
            words("Bệnh viện Đa khoa huyện Đông Hưng, tỉnh Hưng Yên, cơ sở điều trị số hai ở xa", PhoneCode::of(4_217));
        assert!(said.is_ascii() && said.len() <= 160 + 60, "{said}");
        assert!(said.starts_with("Benh vien Da khoa huyen Dong Hung") && said.contains(" 004217 "), "{said}");
    }
}
