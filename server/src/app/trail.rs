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
    (kind, id): (&'static str, String),
    (patient, stay): (PatientId, EncounterId),
    detail: Value,
) -> Result<(), AppError> {
    let entry = audit::Entry {
        actor,
        act,
        subject_kind: kind,
        subject_id: id,
        patient: Some(patient),
        encounter: Some(stay),
        detail,
    };
    Ok(audit::append(tx, entry)?)
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
    let entry = audit::Entry {
        actor: Some(actor),
        act,
        subject_kind: kind,
        subject_id: id,
        patient: None,
        encounter: None,
        detail,
    };
    Ok(audit::append(tx, entry)?)
}
