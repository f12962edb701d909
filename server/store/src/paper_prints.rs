//! Prints of sheets that are to be signed with ink: a code that comes back on a scan leads to sheet, version and slot.

use crate::error::id;
use crate::schema::{document, document_version, encounter, medical_record, paper_print, patient_signature};
use crate::{Conn, StoreError, Tx, encounters};
use benhan_domain::access::{Permit, Scope, ViewChart, ViewScans, WitnessPatient};
use benhan_domain::id::{DocumentId, EncounterId, PaperPrintId, UserId, WardId};
use benhan_domain::patient_signature::PaperCode;
use benhan_domain::record::RecordState;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

const TABLE: &str = "paper_print";
/// Of all scans that may wait, several each.
const MOST: i64 = 10_000;

pub struct NewPrint<'a> {
    pub code: PaperCode,
    pub document: DocumentId,
    pub version: i64,
    pub slot: &'a str,
    pub encounter: EncounterId,
    pub pages: i64,
}

pub fn note(
    tx: &mut Tx<'_>,
    permit: &Permit<WitnessPatient>,
    by: UserId,
    new: &NewPrint<'_>,
) -> Result<(), StoreError> {
    if !matches!(permit.scope(), Scope::Encounter(stay) if *stay == new.encounter) {
        return Err(StoreError::corrupt("permit", "scope", &new.encounter.to_string()));
    }
    let given: PaperPrintId = tx.fresh();
    let row = (
        paper_print::id.eq(given.to_string()),
        paper_print::code.eq(new.code.to_string()),
        paper_print::document_id.eq(new.document.to_string()),
        paper_print::version.eq(new.version),
        paper_print::slot.eq(new.slot),
        paper_print::encounter_id.eq(new.encounter.to_string()),
        paper_print::pages.eq(new.pages),
        paper_print::printed_by.eq(by.to_string()),
        paper_print::printed_at.eq(tx.now().0),
    );
    diesel::insert_into(paper_print::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("note a print"))
}

/// The last print for one place, and how its sheet stands now.
#[derive(Clone, Debug)]
pub struct Print {
    pub code: String,
    pub document: DocumentId,
    pub version: i64,
    pub slot: String,
    pub encounter: EncounterId,
    pub pages: i64,
    pub printed_by: UserId,
    pub printed_at: i64,
    pub title: String,
    pub form_code: String,
    pub form_version: i64,
    pub current_version: i64,
    /// Of the current version.
    pub status: String,
    /// Where the patient lies now.
    pub ward: WardId,
    pub record: RecordState,
    /// Somebody signed in its slot of its version.
    pub signed: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = paper_print)]
struct Row {
    id: String,
    code: String,
    document_id: String,
    version: i64,
    slot: String,
    encounter_id: String,
    pages: i64,
    printed_by: String,
    printed_at: i64,
}

type Sheet = (String, String, i64, i64, String, String, Option<String>);

/// Prints with their sheets; `$filter` says which, the newest first.
macro_rules! prints {
    ($conn:expr, $filter:expr) => {
        paper_print::table
            .inner_join(document::table.on(document::id.eq(paper_print::document_id)))
            .inner_join(
                document_version::table.on(document_version::document_id
                    .eq(document::id)
                    .and(document_version::version.eq(document::current_version))),
            )
            .inner_join(encounter::table.on(encounter::id.eq(paper_print::encounter_id)))
            .left_join(medical_record::table.on(medical_record::encounter_id.eq(paper_print::encounter_id)))
            .filter($filter)
            .order((paper_print::printed_at.desc(), paper_print::id.desc()))
            .limit(MOST)
            .select((
                Row::as_select(),
                (
                    document::title,
                    document::form_code,
                    document::form_version,
                    document::current_version,
                    document_version::status,
                    encounter::ward_id,
                    medical_record::state.nullable(),
                ),
            ))
            .load::<(Row, Sheet)>($conn.db())
            .map_err(StoreError::db("read prints"))
    };
}

/// Each place once.
fn places(conn: &mut Conn, rows: Vec<(Row, Sheet)>) -> Result<Vec<Print>, StoreError> {
    let documents: Vec<String> = rows.iter().map(|(row, _)| row.document_id.clone()).collect();
    let signed: Vec<(String, i64, String)> = patient_signature::table
        .filter(patient_signature::document_id.eq_any(documents))
        .select((patient_signature::document_id, patient_signature::version, patient_signature::slot))
        .load(conn.db())
        .map_err(StoreError::db("read which prints were signed"))?;
    let signed: HashSet<_> = signed.into_iter().collect();
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    for (row, (title, form_code, form_version, current_version, status, ward, record)) in rows {
        let place = (row.document_id.clone(), row.version, row.slot.clone());
        let is_signed = signed.contains(&place);
        if !seen.insert(place) {
            continue;
        }
        found.push(Print {
            document: id(&row.document_id, TABLE, "document_id")?,
            encounter: id(&row.encounter_id, TABLE, "encounter_id")?,
            printed_by: id(&row.printed_by, TABLE, "printed_by")?,
            ward: id(&ward, "encounter", "ward_id")?,
            record: encounters::record_state(record.as_deref(), &row.id)?,
            signed: is_signed,
            code: row.code,
            version: row.version,
            slot: row.slot,
            pages: row.pages,
            printed_at: row.printed_at,
            title,
            form_code,
            form_version,
            current_version,
            status,
        });
    }
    Ok(found)
}

/// By their codes, for a scan that somebody may see. Index paper_print_by_code.
pub(crate) fn by_codes(conn: &mut Conn, codes: &[String]) -> Result<HashMap<String, Vec<Print>>, StoreError> {
    let mut found: HashMap<String, Vec<Print>> = HashMap::new();
    if codes.is_empty() {
        return Ok(found);
    }
    let rows = prints!(conn, paper_print::code.eq_any(codes.to_vec()))?;
    for print in places(conn, rows)? {
        found.entry(print.code.clone()).or_default().push(print);
    }
    Ok(found)
}

/// Of the permit's stay. Index paper_print_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Print>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows = prints!(conn, paper_print::encounter_id.eq(stay.to_string()))?;
    places(conn, rows)
}

/// Printed since then and not signed yet, where the permit reaches; the newest first. Index paper_print_by_time.
pub fn outstanding(conn: &mut Conn, permit: &Permit<ViewScans>, since: i64) -> Result<Vec<Print>, StoreError> {
    let rows = prints!(conn, paper_print::printed_at.ge(since))?;
    let mut found = places(conn, rows)?;
    found.retain(|print| !print.signed && permit.covers(print.encounter, print.ward));
    Ok(found)
}

/// What this code was printed for, where the permit reaches. Index paper_print_by_code.
pub fn by_code(conn: &mut Conn, permit: &Permit<ViewScans>, code: PaperCode) -> Result<Vec<Print>, StoreError> {
    let found = by_codes(conn, &[code.to_string()])?.into_values().flatten();
    Ok(found.filter(|print| permit.covers(print.encounter, print.ward)).collect())
}
