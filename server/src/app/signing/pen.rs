//! A person's pen: certificate checked, key opened with the PIN of whoever holds it.

use super::still_good;
use crate::app::AppError;
use crate::app::accounts::{Caller, about_user, check_pin, with_foreign_pin};
use crate::app::error::Kind;
use crate::holders::NoKey;
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::CertificateId;
use benhan_holders::SecretString;
use benhan_sign::path::Purpose;
use benhan_sign::{Certificate, Evidence, ServerKey, Signer, SigningKey, WrappedKey};
use benhan_store::certificates;
use serde_json::json;
use std::sync::Arc;

/// What a token or a signing service takes as a PIN, at most.
const LONGEST_PIN: usize = 64;

/// A person's opened key, for the length of one act.
pub(super) struct Pen {
    pub key: SigningKey,
    pub certificate: Certificate,
    pub row: CertificateId,
    pub serial: String,
    pub evidence: Evidence,
}

impl Pen {
    pub fn signer(&self) -> Result<Signer<'_>, AppError> {
        Signer::new(&self.key, &self.certificate, &self.evidence).map_err(|p| AppError::Internal(p.english()))
    }
}

/// PIN, certificate, revocation: everything that must hold before a pen is handed out, for at most so many signatures. What
/// may not sign is on the trail with the reason.
pub(super) async fn open_pen(app: &App, caller: &Caller, pin: String, signatures: usize) -> Result<Pen, AppError> {
    let user = caller.user.id;
    let opened = checked_pen(app, caller, pin, signatures).await;
    if let Err(AppError::Refused(no)) = &opened
        && (no.code.starts_with("certificate-") || no.code.starts_with("key-"))
    {
        app.db.note(about_user(Some(user), Act::Denied, user, json!({ "why": no.code, "said": no.detail }))).await?;
    }
    opened
}

async fn checked_pen(app: &App, caller: &Caller, pin: String, signatures: usize) -> Result<Pen, AppError> {
    let user = caller.user.id;
    let read = app.db.read::<_, AppError, _>(move |conn| Ok(certificates::current(conn, user)?));
    let found = read.await?;
    // One's own PIN opens what the server holds; a token and a service have theirs.
    let elsewhere = found.as_ref().is_some_and(|row| row.key != KeyPlace::Software);
    if !elsewhere {
        check_pin(app, &caller.user, pin.clone()).await?;
    }
    let row = found.ok_or_else(no_certificate)?;
    let id = row.id;
    app.db.read::<_, AppError, _>(move |conn| still_good(conn, id)).await?;
    let certificate = Certificate::from_der(&row.der).map_err(|_| broken(id, "unreadable"))?;
    // Responders are asked before, and outside of, every transaction.
    app.trust.ask(Purpose::Documents, &certificate, app.db.now().0).await;
    if let Some(clock) = app.trust.clock() {
        app.trust.ask(Purpose::TimeStamps, &clock.certificate, app.db.now().0).await;
    }
    let (trust, now) = (Arc::clone(&app.trust), app.db.now().0);
    let checked = tokio::task::spawn_blocking(move || {
        let refused = |why: String| AppError::refused(Kind::Forbidden, "certificate-refused", why);
        let evidence = trust.check(&certificate, now).map_err(|problem| refused(problem.vietnamese()))?;
        Ok::<_, AppError>((certificate, evidence))
    });
    let (certificate, evidence) = checked.await.map_err(|_| AppError::Internal("a check was cut off".into()))??;
    let key = if elsewhere {
        let opening = opened_elsewhere(app, row.key.clone(), certificate.clone(), pin, signatures);
        with_foreign_pin(app, &caller.user, opening).await?
    } else {
        unwrapped(app, id, row.wrapped_key.ok_or_else(no_certificate)?, pin).await?
    };
    Ok(Pen { key, certificate, row: id, serial: row.serial, evidence })
}

fn no_certificate() -> AppError {
    AppError::refused(Kind::Forbidden, "no-certificate", "Bạn chưa có chứng thư số: liên hệ quản trị để được cấp.")
}

fn broken(id: CertificateId, what: &str) -> AppError {
    AppError::Internal(format!("certificate {id}: {what}"))
}

async fn unwrapped(app: &App, id: CertificateId, wrapped: String, pin: String) -> Result<SigningKey, AppError> {
    let secrets = Arc::clone(&app.secrets);
    let opened = tokio::task::spawn_blocking(move || {
        let wrapped: WrappedKey = serde_json::from_str(&wrapped).map_err(|_| broken(id, "its key is unreadable"))?;
        let opened = wrapped.unwrap(&pin, &ServerKey::from_bytes(secrets.server_key));
        opened.map_err(|e| AppError::refused(Kind::Forbidden, "bad-pin", e.vietnamese()))
    });
    opened.await.map_err(|_| AppError::Internal("opening a key was cut off".into()))?
}

/// A key with a token or a service, opened for at most so many signatures.
async fn opened_elsewhere(
    app: &App,
    place: KeyPlace,
    certificate: Certificate,
    pin: String,
    signatures: usize,
) -> Result<SigningKey, AppError> {
    if pin.is_empty() || pin.len() > LONGEST_PIN {
        return Err(AppError::invalid("pin", format!("Mã PIN dài từ 1 đến {LONGEST_PIN} ký tự")));
    }
    let holders = Arc::clone(&app.holders);
    let opened = tokio::task::spawn_blocking(move || {
        holders.open(&place, &certificate, SecretString::from(pin), signatures).map_err(|no| not_opened(no, &place))
    });
    opened.await.map_err(|_| AppError::Internal("opening a key was cut off".into()))?
}

/// Why a key elsewhere could not be used, for its owner or for who binds it.
pub(in crate::app) fn not_opened(no: NoKey, place: &KeyPlace) -> AppError {
    match no {
        NoKey::Held(error) => error.into(),
        NoKey::HashesFirst => {
            let detail = "Chứng thư này buộc xác nhận từng văn bản (SCAL2) nên không ký theo lượt được: đề nghị nhà cung \
                          cấp chứng thư loại SCAL1.";
            AppError::conflict("credential-unfit", detail)
        }
        NoKey::NotConfigured => {
            let detail = format!(
                "Máy chủ chưa được đặt để dùng khoá này ({}): báo quản trị xem lại cấu hình ký số.",
                place.vietnamese()
            );
            AppError::conflict("key-not-configured", detail)
        }
    }
}
