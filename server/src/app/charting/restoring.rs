//! A withdrawn set stands again: the withdrawal was the mistake. A version of its own, with a reason; all three stay.

use super::{Next, changed, needed, parse_values, shown, stay_of, step};
use crate::app::accounts::Caller;
use crate::app::{AppError, trail};
use crate::state::App;
use crate::view::VitalSet;
use benhan_domain::access::{RestoreVitals, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::ObservationSetId;
use benhan_domain::observation::Step;
use benhan_store::observations;
use serde_json::json;

pub async fn restore(
    app: &App,
    caller: &Caller,
    set: ObservationSetId,
    version: i64,
    reason: String,
) -> Result<VitalSet, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let reason = needed(&reason)?;
    let write = app.db.write(move |tx| {
        let (stay, permit) = stay_of::<RestoreVitals>(tx, &caller, set)?;
        let of = observations::current(tx.conn(), &shown_after(&permit), set)?
            .ok_or_else(|| AppError::not_found("lượt đo"))?;
        let status =
            of.status.after(Step::Restore).map_err(|e| AppError::conflict("version-conflict", e.to_string()))?;
        let next: Next = (status, None, Some(reason), parse_values(&of.body)?);
        let written = step(tx, &stay, &of, version, &permit, &caller, next)?;
        trail::on_chart(
            tx,
            Some(caller.user.id),
            Act::Restore,
            ("observation-set", set.to_string()),
            (stay.patient.id, stay.id),
            json!({ "step": "restore", "version": written.version }),
        )?;
        changed(tx, &app2, &stay);
        shown::written(tx.conn(), &permit, &caller, &stay, &written)
    });
    write.await
}
