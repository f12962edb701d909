//! The bytes of a filled form: what is stored, signed and read back.

use crate::app::AppError;
use crate::app::accounts::Caller;
use benhan_domain::form::FormDefinition;
use benhan_domain::form::values::Values;
use benhan_domain::id::DocumentId;
use benhan_domain::time::Instant;
use benhan_store::audit;
use benhan_store::documents::NewVersion;
use benhan_store::encounters::Encounter;
use serde::Deserialize;
use serde_json::json;

/// A version that counts, signed or not.
pub const STANDS: &str = "final";
/// Never true; kept to be read.
pub const WITHDRAWN: &str = "entered-in-error";

pub struct Draft<'a> {
    pub document: DocumentId,
    pub version: i64,
    pub status: &'static str,
    pub effective_at: i64,
    pub reason: Option<String>,
    pub values: &'a Values,
}

/// Canonical JSON (RFC 8785). Name and title of the author are as they are today: an account may change later.
pub fn compose(
    form: &FormDefinition,
    stay: &Encounter,
    caller: &Caller,
    draft: Draft<'_>,
    now: Instant,
) -> Result<NewVersion, AppError> {
    let (user, role) = (&caller.user, caller.user.role);
    let body = audit::canonical(&json!({
        "format": "benhan/form/1", "document": draft.document, "version": draft.version, "status": draft.status,
        "form": { "code": form.code, "number": form.number, "title": form.title, "version": form.version, "legalAct": form.legal_act },
        "encounter": stay.number, "patient": stay.patient.code, "effectiveAt": Instant(draft.effective_at).rfc3339(),
        "recordedAt": now.rfc3339(), "reason": draft.reason, "values": draft.values,
        "author": { "id": user.id, "name": user.name, "role": role, "title": role.title() },
    }))?;
    Ok(NewVersion {
        status: draft.status.to_owned(),
        effective_at: draft.effective_at,
        author: user.id,
        reason_code: None,
        reason: draft.reason,
        body,
        pdf_sha256: None,
    })
}

#[derive(Deserialize)]
struct Body {
    values: Values,
}

/// The values of a stored version, from the very bytes that are signed.
pub fn values_of(body: &str) -> Result<Values, AppError> {
    let body: Body =
        serde_json::from_str(body).map_err(|_| AppError::Internal("a stored form cannot be read".into()))?;
    Ok(body.values)
}
