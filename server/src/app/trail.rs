//! Audit rows about a chart, in the words that every use case shares.

use super::AppError;
use crate::app::accounts::Caller;
use crate::state::App;
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, PatientId, UserId};
use benhan_domain::time::HOUR;
use benhan_store::{Conn, Tx, audit, encounters};
use serde_json::{Value, json};

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

/// A look that goes on for this long is one row, however many lists of the chart are read meanwhile.
const ONE_LOOK: i64 = HOUR;

/// Notes that the caller reads this chart, unless opening it is noted already. Called once they have the permit, before
/// the answer leaves.
pub async fn looked(app: &App, caller: &Caller, stay: EncounterId) -> Result<(), AppError> {
    let (user, since) = (caller.user.id, app.db.now().0.saturating_sub(ONE_LOOK));
    let noted = move |conn: &mut Conn| {
        let Some(patient) = encounters::owner(conn, stay)? else { return Ok((None, true)) };
        let subject = stay.to_string();
        let noted = audit::noted_since(conn, user, (Act::View, "encounter", &subject), Some(patient), since)?;
        Ok::<_, AppError>((Some(patient), noted))
    };
    let (Some(patient), false) = app.db.read(noted).await? else { return Ok(()) };
    let row = about_chart(Some(user), Act::View, ("encounter", stay.to_string()), (patient, stay), json!({}));
    let mine = row.clone();
    let written = app.db.write::<_, AppError, _>(move |tx| match noted(tx.conn())? {
        // The lists of a chart are asked for side by side: the first to come here is the look.
        (Some(_), false) => Ok(audit::append(tx, mine)?),
        _ => Ok(()),
    });
    match written.await {
        // A disk that takes nothing must not close the charts: the reserve takes the row.
        Err(_) => Ok(app.db.note(row).await?),
        Ok(()) => Ok(()),
    }
}

/// The same for a list that shows many patients: a ward's round, its orders, what waits for a person.
pub async fn looked_at(app: &App, caller: &Caller, kind: &'static str, subject: String) -> Result<(), AppError> {
    let (user, since) = (caller.user.id, app.db.now().0.saturating_sub(ONE_LOOK));
    let asked = subject.clone();
    let noted = app
        .db
        .read(move |conn| Ok::<_, AppError>(audit::noted_since(conn, user, (Act::View, kind, &asked), None, since)?));
    if noted.await? {
        return Ok(());
    }
    Ok(app.db.note(about(user, Act::View, kind, subject, json!({}))).await?)
}
