//! Holds: what a court, an inspector or a dispute needs is kept whatever its term.

use super::{changed, shown};
use crate::app::accounts::Caller;
use crate::app::charting::needed;
use crate::app::lookups::permit_on;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view_record::RecordLife;
use benhan_domain::access::{KeepRecords, Permit, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, LegalHoldId};
use benhan_domain::record::HoldGround;
use benhan_store::encounters::{self, Encounter};
use benhan_store::{Tx, holds, records};
use serde_json::json;

fn read(tx: &mut Tx<'_>, permit: &Permit<KeepRecords>, stay: EncounterId) -> Result<Encounter, AppError> {
    encounters::read(tx.conn(), &shown_after(permit), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))
}

pub async fn hold(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    ground: HoldGround,
    reason: String,
) -> Result<RecordLife, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        // Its destruction waits for this, or this for it.
        records::written_into(tx.conn(), stay)?;
        let permit = permit_on::<KeepRecords>(tx.conn(), &caller.actor, stay)?;
        let of = read(tx, &permit, stay)?;
        let given = holds::place(tx, &permit, ground, caller.user.id, &reason)?;
        let (subject, detail) = (("legal-hold", given.to_string()), json!({ "ground": ground }));
        trail::on_chart(tx, Some(caller.user.id), Act::Create, subject, (of.patient.id, stay), detail)?;
        changed(tx, &app2, &of);
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}

pub async fn lift(app: &App, caller: &Caller, id: LegalHoldId, reason: String) -> Result<RecordLife, AppError> {
    let (reason, app2, caller) = (needed(&reason)?, app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let stay = holds::record_of(tx.conn(), id)?.ok_or_else(|| AppError::not_found("lệnh giữ hồ sơ"))?;
        let permit = permit_on::<KeepRecords>(tx.conn(), &caller.actor, stay)?;
        let of = read(tx, &permit, stay)?;
        if !holds::lift(tx, &permit, id, caller.user.id, &reason)? {
            return Err(AppError::conflict("already-handled", "Lệnh giữ này đã được gỡ: tải lại trang."));
        }
        let subject = ("legal-hold", id.to_string());
        trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (of.patient.id, stay), json!({}))?;
        changed(tx, &app2, &of);
        shown::view(tx.conn(), &app2, &caller, &shown_after(&permit), stay)
    });
    write.await
}
