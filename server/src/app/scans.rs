//! Scans of sheets that were signed with ink (bản quét): a scanner drops a heap, codes are read, and each file waits for a
//! witness at its sheet or on the list of those that are not matched. Nothing goes into a record here: `app::signing` links
//! one, with a PIN.

mod handing_in;
mod proposing;
mod shown;
mod sorting;

pub use handing_in::hand_in;
pub(super) use handing_in::looked_at;
pub use proposing::proposals;
pub use shown::{count, file, list, of_stay, picture};
pub use sorting::{bring_back, set_aside};

use super::AppError;
use super::forms::STANDS;
use super::lookups::permit_on;
use benhan_domain::access::{Actor, Place, ViewChart, ViewScans, decide};
use benhan_domain::id::PaperScanId;
use benhan_domain::paper_scan::{self, MovedOn, Target, Why};
use benhan_store::Conn;
use benhan_store::paper_prints::Print;
use benhan_store::paper_scans::{self, Scan};

fn target(print: &Print) -> Target {
    Target {
        printed_version: print.version,
        current_version: print.current_version,
        stands: print.status == STANDS,
        signed: print.signed,
        record: print.record,
    }
}

/// What keeps it from its sheet now; nothing: it waits for its witness.
pub(super) fn against(scan: &Scan) -> Option<Why> {
    let targets: Vec<Target> = scan.prints.iter().map(target).collect();
    paper_scan::against(&scan.found, &targets)
}

pub(super) fn moved_on(moved: MovedOn) -> AppError {
    AppError::conflict("scan-moved-on", format!("{moved}."))
}

/// On the caller's list, or of a chart that they see.
pub(super) fn seen(conn: &mut Conn, actor: &Actor, scan: PaperScanId) -> Result<Scan, AppError> {
    let missing = || AppError::not_found("bản quét");
    let permit = decide::<ViewScans>(actor, Place::Facility)?;
    if let Some(found) = paper_scans::one(conn, &permit, scan)? {
        return Ok(found);
    }
    let stay = paper_scans::stay_of(conn, scan)?.ok_or_else(missing)?;
    let permit = permit_on::<ViewChart>(conn, actor, stay).map_err(|_| missing())?;
    paper_scans::on_chart(conn, &permit, scan)?.ok_or_else(missing)
}
