//! Audit rows about a chart, in the words that every use case shares.

use super::AppError;
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, PatientId, UserId};
use benhan_store::{Tx, audit};
use serde_json::Value;

/// "`actor` did `act` to this `kind` of this stay."
pub fn on_chart(
    tx: &mut Tx<'_>,
    actor: Option<UserId>,
    act: Act,
    subject: (&'static str, String),
    of: (PatientId, EncounterId),
    detail: Value,
) -> Result<(), AppError> {
    Ok(audit::append(tx, about_chart(actor, act, subject, of, detail))?)
}

/// The row alone, for `Db::note`.
pub fn about_chart(
    actor: Option<UserId>,
    act: Act,
    (kind, id): (&'static str, String),
    (patient, stay): (PatientId, EncounterId),
    detail: Value,
) -> audit::Entry {
    audit::Entry {
        actor,
        act,
        subject_kind: kind,
        subject_id: id,
        patient: Some(patient),
        encounter: Some(stay),
        detail,
    }
}

/// An act on something that is no chart: a ward board, a list, an account.
pub fn on(
    tx: &mut Tx<'_>,
    actor: UserId,
    act: Act,
    kind: &'static str,
    id: String,
    detail: Value,
) -> Result<(), AppError> {
    Ok(audit::append(tx, about(actor, act, kind, id, detail))?)
}

/// The row alone, for `Db::note`.
pub fn about(actor: UserId, act: Act, kind: &'static str, id: String, detail: Value) -> audit::Entry {
    audit::Entry { actor: Some(actor), act, subject_kind: kind, subject_id: id, patient: None, encounter: None, detail }
}
