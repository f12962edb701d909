//! Takes out of the database what a record held. The triggers let it go only while the record is being destroyed.

use crate::error::id;
use crate::schema::{
    blob, document, document_version, encounter, entry_scan, inbox, observation_set, observation_set_version,
    paper_print, paper_scan, paper_scan_event, patient_signature, record_event, record_reader, record_restriction,
    result, result_version, service_order, signature, signature_confirmation, signed_sheet, specimen, treating_doctor,
};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{KeepRecords, Permit, Scope};
use benhan_domain::id::PaperScanId;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows that were there, for the minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    pub documents: usize,
    pub sheets: usize,
    pub vital_signs: usize,
    pub results: usize,
    pub orders: usize,
    pub specimens: usize,
    pub signatures: usize,
    pub device_messages: usize,
    /// Image files. They go once every bridge has erased them.
    #[serde(default)]
    pub images: usize,
    /// Absent in minutes from before scans were kept.
    #[serde(default)]
    pub scans: usize,
}

/// Deletes `$table` where `$filter`, and says how many rows there were.
macro_rules! gone {
    ($tx:expr, $table:ident, $filter:expr) => {
        diesel::delete($table::table.filter($filter)).execute($tx.db()).map_err(StoreError::db("erase a record"))?
    };
}

/// Everything that the permit's record says. What stays: that it was, whose, when, of which class, the hash and the seal of
/// each manifest, and the trail. What a version hangs on goes after it.
pub fn erase(tx: &mut Tx<'_>, permit: &Permit<KeepRecords>) -> Result<Erased, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else {
        return Err(StoreError::corrupt("permit", "scope", "destruction_item"));
    };
    let stay = stay.to_string();
    adopt_plain_sheets(tx, &stay)?;
    let documents = || document::table.filter(document::encounter_id.eq(stay.clone())).select(document::id);
    let sets =
        || observation_set::table.filter(observation_set::encounter_id.eq(stay.clone())).select(observation_set::id);
    let results = || result::table.filter(result::encounter_id.eq(stay.clone())).select(result::id);
    let mut erased = Erased::default();
    gone!(tx, signed_sheet, signed_sheet::document_id.eq_any(documents()));
    gone!(tx, signature_confirmation, signature_confirmation::encounter_id.eq(stay.clone()));
    let scans = scans_of(tx.conn(), permit)?;
    let scans = || scans.iter().map(ToString::to_string).collect::<Vec<_>>();
    gone!(tx, paper_scan_event, paper_scan_event::scan_id.eq_any(scans()));
    erased.scans = gone!(tx, paper_scan, paper_scan::id.eq_any(scans()));
    gone!(tx, paper_print, paper_print::encounter_id.eq(stay.clone()));
    gone!(tx, entry_scan, entry_scan::encounter_id.eq(stay.clone()));
    gone!(tx, treating_doctor, treating_doctor::encounter_id.eq(stay.clone()));
    gone!(tx, record_reader, record_reader::encounter_id.eq(stay.clone()));
    gone!(tx, record_restriction, record_restriction::encounter_id.eq(stay.clone()));
    gone!(tx, patient_signature, patient_signature::encounter_id.eq(stay.clone()));
    erased.signatures = gone!(tx, signature, signature::encounter_id.eq(stay.clone()));
    erased.documents = gone!(tx, document_version, document_version::document_id.eq_any(documents()));
    gone!(tx, document, document::encounter_id.eq(stay.clone()));
    erased.sheets = gone!(tx, blob, blob::encounter_id.eq(stay.clone()));
    erased.vital_signs = gone!(tx, observation_set_version, observation_set_version::set_id.eq_any(sets()));
    gone!(tx, observation_set, observation_set::encounter_id.eq(stay.clone()));
    erased.images = crate::image_removals::begin(tx, permit)?;
    erased.results = gone!(tx, result_version, result_version::result_id.eq_any(results()));
    gone!(tx, result, result::encounter_id.eq(stay.clone()));
    erased.orders = gone!(tx, service_order, service_order::encounter_id.eq(stay.clone()));
    erased.specimens = gone!(tx, specimen, specimen::encounter_id.eq(stay.clone()));
    // A message may stand in two lists; its row stays, with nothing in it.
    erased.device_messages = diesel::update(inbox::table.filter(inbox::encounter_id.eq(stay.clone())))
        .set((
            inbox::body.eq("{}"),
            inbox::raw.eq(Vec::<u8>::new()),
            inbox::raw_sha256.eq(""),
            inbox::specimen.eq(None::<String>),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("empty a record's messages"))?;
    diesel::update(record_event::table.filter(record_event::encounter_id.eq(stay.clone())))
        .set((record_event::manifest.eq(None::<String>), record_event::sealed.eq(None::<Vec<u8>>)))
        .execute(tx.db())
        .map_err(StoreError::db("empty a record's manifests"))?;
    diesel::update(encounter::table.filter(encounter::id.eq(stay)))
        .set((
            encounter::diagnosis.eq(""),
            encounter::icd10.eq(None::<String>),
            encounter::outcome.eq(None::<String>),
            encounter::pregnant.eq(false),
            encounter::sealed.eq(None::<Vec<u8>>),
        ))
        .execute(tx.db())
        .map_err(StoreError::db("empty a stay"))?;
    Ok(erased)
}

/// Scans that belong to the permit's record: linked to it, or with a code that was printed for it. Each has a key of its own.
pub fn scans_of(conn: &mut Conn, permit: &Permit<KeepRecords>) -> Result<Vec<PaperScanId>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let stay = stay.to_string();
    let codes =
        paper_print::table.filter(paper_print::encounter_id.eq(stay.clone())).select(paper_print::code.nullable());
    let theirs = paper_scan::encounter_id.is_null().and(paper_scan::code.eq_any(codes));
    let ids: Vec<String> = paper_scan::table
        .filter(paper_scan::encounter_id.eq(stay).or(theirs))
        .select(paper_scan::id)
        .load(conn.db())
        .map_err(StoreError::db("list a record's scans"))?;
    ids.iter().map(|scan| id(scan, "paper_scan", "id")).collect()
}

/// Sheets from before records had keys name no record: they are this one's by the documents that name them.
fn adopt_plain_sheets(tx: &mut Tx<'_>, stay: &str) -> Result<(), StoreError> {
    let documents = || document::table.filter(document::encounter_id.eq(stay.to_owned())).select(document::id);
    let mut names: Vec<String> = document_version::table
        .filter(document_version::document_id.eq_any(documents()))
        .select(document_version::pdf_sha256.assume_not_null())
        .filter(document_version::pdf_sha256.is_not_null())
        .load(tx.db())
        .map_err(StoreError::db("list a record's sheets"))?;
    let signed: Vec<String> = signed_sheet::table
        .filter(signed_sheet::document_id.eq_any(documents()))
        .select(signed_sheet::pdf_sha256)
        .load(tx.db())
        .map_err(StoreError::db("list a record's signed sheets"))?;
    names.extend(signed);
    diesel::update(blob::table.filter(blob::sha256.eq_any(names).and(blob::encounter_id.is_null())))
        .set(blob::encounter_id.eq(Some(stay.to_owned())))
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("tell whose a sheet is"))
}
