//! A scan that belongs to no sheet is set aside, with a reason, and can be brought back.

use super::{moved_on, seen};
use crate::app::accounts::Caller;
use crate::app::{AppError, trail};
use crate::state::App;
use benhan_domain::access::{Place, SortScans, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::PaperScanId;
use benhan_domain::paper_scan::{MovedOn, ScanStep};
use benhan_domain::text;
use benhan_store::paper_scans;
use serde_json::json;

pub async fn set_aside(app: &App, caller: &Caller, scan: PaperScanId, reason: &str) -> Result<(), AppError> {
    sort(app, caller, scan, (ScanStep::SetAside, Act::Cancel), reason).await
}

pub async fn bring_back(app: &App, caller: &Caller, scan: PaperScanId, reason: &str) -> Result<(), AppError> {
    sort(app, caller, scan, (ScanStep::BringBack, Act::Restore), reason).await
}

async fn sort(
    app: &App,
    caller: &Caller,
    scan: PaperScanId,
    (step, act): (ScanStep, Act),
    reason: &str,
) -> Result<(), AppError> {
    let reason = text::clean(reason);
    if !(3..=500).contains(&reason.chars().count()) {
        return Err(AppError::invalid("reason", "Ghi lý do, từ 3 đến 500 ký tự"));
    }
    let actor = caller.actor.clone();
    let write = app.db.write(move |tx| {
        let permit = decide::<SortScans>(&actor, Place::Facility)?;
        let from = seen(tx.conn(), &actor, scan)?.state;
        let to = from.after(step).map_err(moved_on)?;
        if !paper_scans::sort(tx, &permit, scan, (step, from, to), (actor.user, &reason))? {
            return Err(moved_on(MovedOn));
        }
        trail::on(tx, actor.user, act, "paper-scan", scan.to_string(), json!({ "step": step.as_str() }))
    });
    write.await
}
