//! Certificates of the staff. `binding` gives one whose key is elsewhere; here they are taken back: from that moment on nothing is signed with them. What was signed before stays
//! good, by the time stamp over it and the evidence inside it.

mod binding;
mod plugged;

pub(super) use binding::examine_for;
pub use binding::{Proof, ToBind, bind, bind_from_machine, look};
pub use plugged::{tokens, tokens_of};

use super::AppError;
use super::accounts::{Caller, about_user};
use super::error::Kind;
use crate::state::App;
use benhan_domain::access::{ManageUsers, Place, decide};
use benhan_domain::audit::Act;
use benhan_domain::certificate::RevocationReason;
use benhan_domain::id::{CertificateId, UserId};
use benhan_domain::text;
use benhan_domain::time::Instant;
use benhan_sign::authority::{Revoked, RevokedFor};
use benhan_store::certificates::{self, Certificate};
use benhan_store::revocations::{self, Revocation};
use benhan_store::{Conn, Db, StoreError, Tx, audit, users};
use serde_json::json;
use std::sync::Arc;

/// What the trail keeps beside the reason.
const LONGEST_NOTE: usize = 300;

/// By an administrator. The hospital's own CA lists it at once.
pub async fn revoke(
    app: &App,
    caller: &Caller,
    user: UserId,
    reason: RevocationReason,
    note: &str,
) -> Result<(), AppError> {
    let (actor, note) = (caller.actor.clone(), cleaned_note(note)?);
    let write = app.db.write::<_, AppError, _>(move |tx| {
        decide::<ManageUsers>(&actor, Place::Facility)?;
        take_back(tx, Some(actor.user), user, reason, &note)
    });
    write.await?;
    // The row is what refuses. A list that could not be made is made by the next round.
    if let Err(error) = publish(app).await {
        tracing::error!(%error, "the revocation lists could not be renewed");
    }
    Ok(())
}

/// From the machine that holds the record.
pub async fn revoke_from_machine(db: &Db, user: &str, reason: RevocationReason, note: &str) -> Result<(), AppError> {
    let (user, note) = (user.to_owned(), cleaned_note(note)?);
    let write = db.write(move |tx| {
        let user = users::by_username(tx.conn(), &user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
        take_back(tx, None, user.id, reason, &note)
    });
    write.await
}

pub(super) fn cleaned_note(note: &str) -> Result<String, AppError> {
    let note = text::clean(note);
    if note.chars().count() > LONGEST_NOTE {
        return Err(AppError::invalid("note", "Ghi chú dài nhất 300 ký tự"));
    }
    Ok(note)
}

fn take_back(
    tx: &mut Tx<'_>,
    by: Option<UserId>,
    user: UserId,
    reason: RevocationReason,
    note: &str,
) -> Result<(), AppError> {
    users::by_id(tx.conn(), user)?.ok_or_else(|| AppError::not_found("người dùng"))?;
    let none = || AppError::conflict("no-certificate", "Người này không có chứng thư số đang dùng.");
    let Certificate { id, serial, .. } = certificates::current(tx.conn(), user)?.ok_or_else(none)?;
    revocations::add(tx, (id, &serial), by, reason, note).map_err(|error| match error {
        e if e.is_taken("certificate_revocation") => {
            AppError::conflict("already-revoked", "Chứng thư số của người này đã bị thu hồi.")
        }
        e => e.into(),
    })?;
    let detail = json!({ "certificate": serial, "revoked": reason.as_str(), "note": note });
    Ok(audit::append(tx, about_user(by, Act::Cancel, user, detail))?)
}

/// Asked in every transaction that keeps a signature: it may have been taken back since the pen was opened.
pub(super) fn still_good(conn: &mut Conn, certificate: CertificateId) -> Result<(), AppError> {
    let Some(Revocation { at, reason, .. }) = revocations::of(conn, certificate)? else { return Ok(()) };
    let (at, why) = (Instant(at).in_vietnam().strftime("%H:%M ngày %d/%m/%Y").to_string(), reason.vietnamese());
    let of = certificates::by_ids(conn, &[certificate.to_string()])?.pop();
    let detail = if of.is_some_and(|of| of.department.is_some()) {
        format!(
            "Chứng thư số của khoa, phòng đã bị thu hồi lúc {at} ({why}): không đóng dấu được nữa, liên hệ quản trị."
        )
    } else {
        format!(
            "Chứng thư số của bạn đã bị thu hồi lúc {at} ({why}): không ký được nữa. Đặt mã PIN mới để được cấp chứng \
             thư mới, hoặc liên hệ quản trị."
        )
    };
    Err(AppError::refused(Kind::Forbidden, "certificate-revoked", detail))
}

/// What the own CA has to list.
pub fn to_list(conn: &mut Conn) -> Result<Vec<Revoked>, StoreError> {
    let listed = revocations::all(conn)?.into_iter().map(|revocation| Revoked {
        serial: revocation.serial,
        at: revocation.at,
        reason: Some(match revocation.reason {
            RevocationReason::Lost | RevocationReason::Suspected => RevokedFor::KeyCompromise,
            RevocationReason::Left => RevokedFor::CessationOfOperation,
            RevocationReason::Changed => RevokedFor::AffiliationChanged,
        }),
    });
    Ok(listed.collect())
}

/// Makes the lists anew and hands them to whoever signs next; how many certificates they name, and the lists.
pub async fn publish(app: &App) -> Result<Published, AppError> {
    let (lists, now) = (Arc::clone(&app.lists), app.db.now().0);
    let revoked = app.db.read::<_, AppError, _>(|conn| Ok(to_list(conn)?)).await?;
    let count = revoked.len();
    let made = tokio::task::spawn_blocking(move || lists(now, &revoked)).await;
    let fresh = made.map_err(|_| AppError::Internal("making lists was cut off".into()))?.map_err(AppError::Internal)?;
    let next_update = fresh.iter().filter_map(benhan_sign::Crl::next_update).min();
    let published = Published { lists: fresh.len(), revoked: count, next_update };
    app.trust.renew(fresh);
    Ok(published)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    pub lists: usize,
    /// Certificates of this house on them.
    pub revoked: usize,
    /// µs UTC, of the one that ends first.
    pub next_update: Option<i64>,
}
