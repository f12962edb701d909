//! A person's pen: certificate checked, key opened with the PIN of whoever holds it.

use super::seal::SealOf;
use super::{rules, still_good};
use crate::app::AppError;
use crate::app::accounts::{Caller, about_user, check_pin, with_foreign_pin};
use crate::app::error::Kind;
use crate::desks;
use crate::holders::NoKey;
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::certificate::{KeyPlace, TokenKey};
use benhan_domain::id::{CertificateId, HouseDecisionId};
use benhan_holders::SecretString;
use benhan_sign::cms::{self, Claims};
use benhan_sign::path::Purpose;
use benhan_sign::{Certificate, Evidence, HolderKind, KeyError, ServerKey, Signer, SigningKey, WrappedKey};
use benhan_store::certificates;
use benhan_store::house_decisions::InForce;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What a token or a signing service takes as a PIN, at most.
const LONGEST_PIN: usize = 64;

/// A person's opened key, for the length of one act.
pub(super) struct Pen {
    pub key: SigningKey,
    pub certificate: Certificate,
    pub row: CertificateId,
    pub serial: String,
    pub evidence: Evidence,
    /// The signing rules that it writes under, as they were when it was opened.
    pub rules: Option<InForce>,
    /// Where it puts a department's seal.
    pub seal: Option<SealOf>,
}

impl Pen {
    pub fn signer(&self) -> Result<Signer<'_>, AppError> {
        Signer::new(&self.key, &self.certificate, &self.evidence).map_err(|p| AppError::Internal(p.english()))
    }

    /// CMS over these bytes, which names the signing rules, and who put a seal.
    pub fn writes(&self, signer: &Signer<'_>, bytes: &[u8], at: i64) -> Result<Vec<u8>, AppError> {
        let put_by = self.seal.as_ref().map(|seal| seal.by.clone());
        let claims = Claims { rules: self.rules.as_ref().map(rules::stated), put_by };
        Ok(cms::sign_detached_claiming(bytes, signer, at, &claims)?)
    }

    pub fn rules_id(&self) -> Option<HouseDecisionId> {
        self.rules.as_ref().map(|of| of.id)
    }

    /// Why a PDF was signed: what it is, who put a seal, and by which rules.
    pub fn reason(&self, what: &str) -> String {
        let by = self.seal.as_ref().map(|seal| format!("người đóng dấu: {}", seal.by.name));
        let rules = self.rules.as_ref().map(|of| format!("theo quy định ký số: {}", of.decision));
        [Some(what.to_owned()), by, rules].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// What a pen is opened for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    /// Signatures, at most.
    pub signatures: usize,
    /// For the signer's own terminal. Says nothing of a patient.
    pub purpose: &'static str,
}

impl Batch {
    pub fn of(signatures: usize, purpose: &'static str) -> Self {
        Self { signatures, purpose }
    }
}

/// PIN, certificate, revocation: everything that must hold before a pen is handed out, for one batch. What may not sign is
/// on the trail with the reason.
pub(super) async fn open_pen(app: &App, caller: &Caller, pin: String, batch: Batch) -> Result<Pen, AppError> {
    let opened = own_pen(app, caller, pin, batch).await;
    refusal_noted(app, caller, opened).await
}

/// The same for a department's seal, with what opens its key where the server holds it.
pub(super) async fn open_seal(
    app: &App,
    caller: &Caller,
    (held, opened_by, seal): (certificates::Certificate, String, SealOf),
    (pin, batch): (String, Batch),
    rules: Option<InForce>,
) -> Result<Pen, AppError> {
    let secret = if held.key == KeyPlace::Software {
        check_pin(app, &caller.user, pin).await?;
        opened_by
    } else {
        pin
    };
    let opened = checked_pen(app, caller, held, (secret, batch)).await;
    let pen = refusal_noted(app, caller, opened).await?;
    Ok(Pen { rules, seal: Some(seal), ..pen })
}

async fn refusal_noted(app: &App, caller: &Caller, opened: Result<Pen, AppError>) -> Result<Pen, AppError> {
    let user = caller.user.id;
    if let Err(AppError::Refused(no)) = &opened
        && (no.code.starts_with("certificate-") || no.code.starts_with("key-"))
    {
        app.db.note(about_user(Some(user), Act::Denied, user, json!({ "why": no.code, "said": no.detail }))).await?;
    }
    opened
}

async fn own_pen(app: &App, caller: &Caller, pin: String, batch: Batch) -> Result<Pen, AppError> {
    let (user, app2, now) = (caller.user.id, app.clone(), app.db.now());
    let read = app.db.read::<_, AppError, _>(move |conn| {
        Ok((certificates::current(conn, user)?, rules::in_force(conn, &app2, now)?))
    });
    let (found, rules) = read.await?;
    // One's own PIN opens what the server holds; a token and a service have theirs.
    let elsewhere = found.as_ref().is_some_and(|row| row.key != KeyPlace::Software);
    if !elsewhere {
        check_pin(app, &caller.user, pin.clone()).await?;
    }
    let row = found.ok_or_else(no_certificate)?;
    Ok(Pen { rules, ..checked_pen(app, caller, row, (pin, batch)).await? })
}

/// Certificate and revocation looked at, and the key opened by whoever holds it.
async fn checked_pen(
    app: &App,
    caller: &Caller,
    row: certificates::Certificate,
    (pin, batch): (String, Batch),
) -> Result<Pen, AppError> {
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
    let key = match &row.key {
        KeyPlace::Software => unwrapped(app, id, row.wrapped_key.ok_or_else(no_certificate)?, pin).await?,
        KeyPlace::Terminal(token) => {
            let opening = at_terminal(app, caller, (token.clone(), certificate.clone()), &pin, batch);
            with_foreign_pin(app, &caller.user, opening).await?
        }
        place => {
            let opening = opened_elsewhere(app, place.clone(), certificate.clone(), pin, batch.signatures);
            with_foreign_pin(app, &caller.user, opening).await?
        }
    };
    Ok(Pen { key, certificate, row: id, serial: row.serial, evidence, rules: None, seal: None })
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

/// A key on a token in the caller's own terminal. Its PIN goes from the browser to the agent there and never comes here.
async fn at_terminal(
    app: &App,
    caller: &Caller,
    (token, certificate): (TokenKey, Certificate),
    pin: &str,
    batch: Batch,
) -> Result<SigningKey, AppError> {
    if !pin.is_empty() {
        let detail =
            "Mã PIN của thẻ chỉ đưa cho chương trình ký ở máy này, không gửi lên máy chủ: tải lại trang rồi ký lại.";
        return Err(AppError::invalid("pin", detail));
    }
    let signer = desks::Signer {
        user: caller.user.id,
        session: caller.session,
        name: caller.user.name.clone(),
        purpose: batch.purpose,
        signatures: batch.signatures,
    };
    let (desks, patience) = (Arc::clone(&app.desks), Duration::from_secs(app.settings.sign_agent_seconds));
    let opened = tokio::task::spawn_blocking(move || {
        let held = |trouble| KeyError::Held { at: HolderKind::Terminal, trouble };
        let holder = desks.lend(signer, (&token, &certificate), patience).map_err(held)?;
        let key = SigningKey::held(&certificate, holder)?;
        // That the token is there, opened and the right one is believed of a signature alone.
        key.prove()?;
        Ok::<_, AppError>(key)
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
