//! What patients and their representatives gave on a sheet, each sealed with the key of its record: who, how, and the
//! evidence that a witness signed.

use crate::error::id;
use crate::payload::{self, SEALED};
use crate::schema::patient_signature;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Permit, Scope, ViewChart, WitnessPatient};
use benhan_domain::id::{DocumentId, EncounterId, PatientSignatureId, SignatureId};
use benhan_domain::patient_signature::Method;
use diesel::prelude::*;

const TABLE: &str = "patient_signature";
/// More sheets than a stay has: the chart lists 2,000 documents.
const MOST: i64 = 10_000;

#[derive(Clone, Debug)]
pub struct PatientSignature {
    pub id: PatientSignatureId,
    /// Of the witness, over the evidence.
    pub signature: SignatureId,
    pub document: DocumentId,
    pub version: i64,
    /// Name of the slot in the form's signing policy.
    pub slot: String,
    pub method: Method,
    pub scan_sha256: Option<String>,
    pub signed_at: i64,
    /// Canonical JSON.
    pub evidence: String,
}

/// [`StoreError::Taken`] of `patient_signature`: somebody signed in this place first.
pub fn keep(
    tx: &mut Tx<'_>,
    permit: &Permit<WitnessPatient>,
    stay: EncounterId,
    new: &PatientSignature,
) -> Result<(), StoreError> {
    if !matches!(permit.scope(), Scope::Encounter(id) if *id == stay) {
        return Err(StoreError::corrupt("permit", "scope", &stay.to_string()));
    }
    let key = new.id.to_string();
    let sealed = payload::seal_bytes(tx, stay, (TABLE, &key, 0), new.evidence.as_bytes())?;
    let row = (
        patient_signature::id.eq(&key),
        patient_signature::signature_id.eq(new.signature.to_string()),
        patient_signature::document_id.eq(new.document.to_string()),
        patient_signature::version.eq(new.version),
        patient_signature::slot.eq(&new.slot),
        patient_signature::encounter_id.eq(stay.to_string()),
        patient_signature::method.eq(new.method.as_str()),
        patient_signature::scan_sha256.eq(&new.scan_sha256),
        patient_signature::signed_at.eq(tx.now().0),
        patient_signature::key_id.eq(SEALED),
        patient_signature::sealed.eq(sealed),
    );
    diesel::insert_into(patient_signature::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a patient's signature"))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = patient_signature)]
struct Row {
    id: String,
    signature_id: String,
    document_id: String,
    version: i64,
    slot: String,
    encounter_id: String,
    method: String,
    scan_sha256: Option<String>,
    signed_at: i64,
    sealed: Vec<u8>,
}

fn opened(conn: &Conn, row: Row) -> Result<PatientSignature, StoreError> {
    let stay = id(&row.encounter_id, TABLE, "encounter_id")?;
    let evidence = payload::open_bytes(conn, stay, (TABLE, &row.id, 0), &row.sealed)?;
    Ok(PatientSignature {
        id: id(&row.id, TABLE, "id")?,
        signature: id(&row.signature_id, TABLE, "signature_id")?,
        document: id(&row.document_id, TABLE, "document_id")?,
        version: row.version,
        slot: row.slot,
        method: Method::parse(&row.method).ok_or_else(|| StoreError::corrupt(TABLE, "method", &row.id))?,
        scan_sha256: row.scan_sha256,
        signed_at: row.signed_at,
        evidence: String::from_utf8(evidence).map_err(|_| StoreError::corrupt(TABLE, "sealed", &row.id))?,
    })
}

/// On which document, for the policy.
pub fn document_of(conn: &mut Conn, of: PatientSignatureId) -> Result<Option<DocumentId>, StoreError> {
    let document: Option<String> = patient_signature::table
        .filter(patient_signature::id.eq(of.to_string()))
        .select(patient_signature::document_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a patient signature's document"))?;
    document.map(|document| id(&document, TABLE, "document_id")).transpose()
}

/// On these documents of the permit's stay, all versions, oldest first. The unique index leads with the document.
pub fn of_documents(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    documents: &[DocumentId],
) -> Result<Vec<PatientSignature>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let ids: Vec<String> = documents.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = patient_signature::table
        .filter(patient_signature::document_id.eq_any(ids))
        .filter(patient_signature::encounter_id.eq(stay.to_string()))
        .order((patient_signature::signed_at, patient_signature::id))
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read patients' signatures"))?;
    rows.into_iter().map(|row| opened(conn, row)).collect()
}

/// Every one of the permit's stay, by id. Index patient_signature_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<PatientSignature>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<Row> = patient_signature::table
        .filter(patient_signature::encounter_id.eq(stay.to_string()))
        .order(patient_signature::id)
        .limit(MOST)
        .select(Row::as_select())
        .load(conn.db())
        .map_err(StoreError::db("read a stay's patient signatures"))?;
    rows.into_iter().map(|row| opened(conn, row)).collect()
}
