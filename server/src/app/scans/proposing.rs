//! To which sheet may a scan without a code belong? Prints that have not come back, the likely ones first. A person decides, with
//! the code typed from the paper: no answer here says one.

use super::shown::sheet;
use super::{seen, target};
use crate::app::AppError;
use crate::app::accounts::Caller;
use crate::app::trail;
use crate::state::App;
use crate::view_scans::PrintedSheet;
use benhan_domain::access::{Place, ViewScans, decide};
use benhan_domain::audit::Act;
use benhan_domain::id::PaperScanId;
use benhan_domain::patient_signature::PaperCode;
use benhan_domain::time::{HOUR, Instant};
use benhan_store::paper_prints::{self, Print};
use serde_json::json;

/// Paper that did not come back in this time has its code typed.
const LOOKED_BACK: i64 = 14 * 24 * HOUR;
const MOST: usize = 30;

/// By the code that somebody typed, or of the last days.
pub async fn proposals(
    app: &App,
    caller: &Caller,
    scan: PaperScanId,
    code: Option<&str>,
) -> Result<Vec<PrintedSheet>, AppError> {
    let not_one = || AppError::invalid("code", "Gõ mã đối chiếu in ở cuối bản giấy, dạng ABCD-EFGH");
    let code = code.map(|code| PaperCode::parse(code).ok_or_else(not_one)).transpose()?;
    let (actor, app2, now) = (caller.actor.clone(), app.clone(), app.db.now());
    let read = app.db.read(move |conn| {
        let scan = seen(conn, &actor, scan)?;
        let permit = decide::<ViewScans>(&actor, Place::Facility)?;
        let mut prints = match code {
            Some(code) => paper_prints::by_code(conn, &permit, code)?,
            None => {
                let mut found = paper_prints::outstanding(conn, &permit, now.0.saturating_sub(LOOKED_BACK))?;
                found.retain(|print| target(print).closed_by().is_none());
                found
            }
        };
        let same_ward = |print: &Print| scan.ward == Some(print.ward);
        prints.sort_by_key(|print| (!same_ward(print), std::cmp::Reverse(print.printed_at)));
        let mut found = Vec::new();
        for print in prints.iter().take(MOST) {
            let Some(mut proposal) = sheet(conn, &app2, &actor, print)? else { continue };
            if code.is_some() {
                proposal.why.push("đúng mã".into());
            }
            if same_ward(print) {
                proposal.why.push("cùng khoa".into());
            }
            if Instant(print.printed_at).day() == now.day() {
                proposal.why.push("in hôm nay".into());
            }
            found.push(proposal);
        }
        Ok::<_, AppError>(found)
    });
    let found = read.await?;
    let detail = json!({ "proposals": found.len() });
    app.db.note(trail::about(caller.user.id, Act::View, "paper-scan", scan.to_string(), detail)).await?;
    Ok(found)
}
