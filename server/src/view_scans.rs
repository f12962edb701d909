//! What the screens see of scanned sheets, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::{PersonRef, WardRef};

shapes! {
    /// The place that a print was for: version, slot and patient; not its code, which is typed from the paper alone.
    /// `blocked`: why a scan cannot go there any more.
    PrintedSheet {
        encounter_id: String, document_id: String, version: i64, slot: String, slot_label: String, title: String,
        patient_name: String, patient_code: String, birth_date: Option<String>, stay_number: String, ward: WardRef,
        pages: i64, printed_by: PersonRef, printed_at: String, blocked: Option<String>,
        /// The caller may see somebody sign there.
        may_witness: bool,
        /// As a proposal: what speaks for it.
        why: Vec<String>,
    }
    /// `kind`: `set-aside` or `brought-back`.
    PaperScanEvent { kind: String, at: String, by: PersonRef, reason: String }
    /// A scanned file. `state`: `waiting`, `aside` or `linked`. `why`: what keeps it from its sheet; none: it waits for a
    /// witness.
    PaperScan {
        id: String, state: String, handed_in_by: PersonRef, handed_in_at: String, ward: Option<WardRef>, size: i64,
        /// To be shown one by one.
        pictures: i64,
        why: Option<String>, why_text: Option<String>,
        /// Whether somebody may link it by hand, with the code typed from its paper.
        may_be_linked: bool,
        /// By its code, where the caller sees that chart.
        sheet: Option<PrintedSheet>,
        /// Its code is of a sheet that the caller does not see: somebody else's to look at.
        elsewhere: bool,
        /// Of the print: those on which no code was read.
        missing_pages: Vec<i64>,
        events: Vec<PaperScanEvent>, may_sort: bool,
    }
    PaperScans { waiting: Vec<PaperScan>, aside: Vec<PaperScan> }
    /// `outcome`: `kept`, or `known`, where the same file was there. `scan`: where the caller may see it.
    HandedInScan { outcome: String, scan: Option<PaperScan> }
    /// Of what the caller sees: read and waiting for its witness, and not matched.
    PaperScanCount { ready: i64, unmatched: i64 }
}
