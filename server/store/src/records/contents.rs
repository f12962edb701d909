//! What a record is made of, each part with the hash of its bytes as they are stored now: what a manifest lists, and
//! what is compared with it years later. Only what never changes once the record is closed.

use super::stay_of;
use crate::audit::canonical;
use crate::encounters::Diagnosis;
use crate::payload::{self, Text};
use crate::results::Said;
use crate::schema::{
    document, document_version, encounter, instance, observation_set, observation_set_version, patient,
    patient_version, result, result_version, series, service_order, signature, signed_sheet, study,
};
use crate::{Conn, StoreError, blobs, results, signatures};
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::{DocumentId, EncounterId, ResultId, StudyId};
use benhan_domain::lab::ResultStatus;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

mod papers;
mod patients;
pub use papers::EntryScan;
pub use patients::PatientSignature;

/// How much of a record.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    All,
    Results(&'a [ResultId]),
    Study(StudyId),
    /// A sheet, with its signatures.
    Document(DocumentId),
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contents {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay: Option<Stay>,
    pub documents: Vec<Document>,
    pub signed_sheets: Vec<SignedSheet>,
    pub patient_signatures: Vec<PatientSignature>,
    /// Absent where there is none, as in manifests from before they were kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entry_scans: Vec<EntryScan>,
    pub observation_sets: Vec<ObservationSet>,
    pub orders: Vec<Order>,
    pub results: Vec<ResultVersion>,
    pub studies: Vec<Study>,
    pub signatures: Vec<Signature>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stay {
    pub number: String,
    pub admitted_at: i64,
    pub discharged_at: Option<i64>,
    pub outcome: Option<String>,
    pub diagnosis: String,
    pub icd10: Option<String>,
    pub patient: String,
    /// The version of the patient's own data, and its hash.
    pub patient_version: i64,
    pub patient_sha256: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub id: String,
    pub form: String,
    pub form_version: i64,
    pub version: i64,
    pub status: String,
    pub sha256: String,
    pub pdf_sha256: Option<String>,
}

/// The PDF that shows a signature on a filled form.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedSheet {
    /// Of the signature.
    pub id: String,
    pub document: String,
    pub version: i64,
    pub slot: String,
    pub pdf_sha256: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservationSet {
    pub id: String,
    pub version: i64,
    pub status: String,
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    pub id: String,
    pub kind: String,
    pub code: String,
    pub name: String,
    pub state: String,
    pub ordered_by: String,
    pub ordered_at: i64,
    pub cancel_reason: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResultVersion {
    pub id: String,
    pub version: i64,
    pub status: String,
    /// A person released it; what an analyzer sent is none of the record yet.
    pub released: bool,
    /// Of the canonical JSON of its columns.
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Study {
    pub uid: String,
    pub instances: Vec<Instance>,
}

/// As the bridge told of it: the dataset is there.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    pub series: String,
    pub uid: String,
    pub sha256: String,
    pub size: i64,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    pub id: String,
    pub of: String,
    pub of_version: i64,
    pub signer: String,
    pub certificate: String,
    pub signed_at: i64,
    pub format: String,
    /// Of the bytes that were signed.
    pub content_sha256: String,
    /// Of the signature.
    pub sha256: String,
}

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The permit's record. [`StoreError::Corrupt`] names what is no longer what its row says.
pub fn contents(conn: &mut Conn, permit: &Permit<ViewChart>, part: Part<'_>) -> Result<Contents, StoreError> {
    let of = stay_of(permit)?;
    let stay = of.to_string();
    Ok(match part {
        Part::All => Contents {
            stay: Some(read_stay(conn, of)?),
            documents: documents(conn, of)?,
            signed_sheets: signed_sheets(conn, &stay)?,
            patient_signatures: patients::signed(conn, permit)?,
            entry_scans: papers::attached(conn, permit)?,
            observation_sets: sets(conn, of)?,
            orders: orders(conn, &stay)?,
            results: results_of(conn, of, None)?,
            studies: studies(conn, &stay, None)?,
            signatures: signatures_of(conn, of)?,
        },
        Part::Results(wanted) => Contents { results: results_of(conn, of, Some(wanted))?, ..Contents::default() },
        Part::Document(wanted) => one_sheet(conn, of, &wanted.to_string())?,
        Part::Study(wanted) => Contents { studies: studies(conn, &stay, Some(wanted))?, ..Contents::default() },
    })
}

fn one_sheet(conn: &mut Conn, stay: EncounterId, wanted: &str) -> Result<Contents, StoreError> {
    let mut signatures = signatures_of(conn, stay)?;
    signatures.retain(|signature| signature.of == wanted);
    let mut signed_sheets = signed_sheets(conn, &stay.to_string())?;
    signed_sheets.retain(|sheet| signatures.iter().any(|signature| signature.id == sheet.id));
    let mut documents = documents(conn, stay)?;
    documents.retain(|document| document.id == wanted);
    Ok(Contents { documents, signed_sheets, signatures, ..Contents::default() })
}

type StayRow =
    (String, i64, Option<i64>, Option<String>, (String, Option<String>, Option<Vec<u8>>), String, i64, String);

fn read_stay(conn: &mut Conn, stay: EncounterId) -> Result<Stay, StoreError> {
    let row: StayRow = encounter::table
        .inner_join(patient::table.on(patient::id.eq(encounter::patient_id)))
        .inner_join(
            patient_version::table
                .on(patient_version::patient_id.eq(patient::id).and(patient_version::version.eq(patient::version))),
        )
        .filter(encounter::id.eq(stay.to_string()))
        .select((
            encounter::number,
            encounter::admitted_at,
            encounter::discharged_at,
            encounter::outcome,
            (encounter::diagnosis, encounter::icd10, encounter::sealed),
            patient::code,
            patient::version,
            patient_version::body,
        ))
        .first(conn.db())
        .map_err(StoreError::db("read a record's stay"))?;
    let (number, admitted_at, discharged_at, outcome, (text, icd10, sealed), patient, patient_version, body) = row;
    let said = Diagnosis::of(conn, stay, sealed.as_deref(), Diagnosis { text, icd10 })?;
    let (diagnosis, icd10) = (said.text, said.icd10);
    let patient_sha256 = sha256(body);
    Ok(Stay { number, admitted_at, discharged_at, outcome, diagnosis, icd10, patient, patient_version, patient_sha256 })
}

/// The hash of a version of the stay's patient, for the comparison with an older manifest.
pub fn patient_sha256(conn: &mut Conn, permit: &Permit<ViewChart>, version: i64) -> Result<Option<String>, StoreError> {
    let body: Option<String> = encounter::table
        .inner_join(patient_version::table.on(patient_version::patient_id.eq(encounter::patient_id)))
        .filter(encounter::id.eq(stay_of(permit)?.to_string()).and(patient_version::version.eq(version)))
        .select(patient_version::body)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a patient's version"))?;
    Ok(body.map(sha256))
}

type DocumentRow = (String, String, i64, i64, String, Body, Option<String>);

/// Body, its hash as it was kept, sealed.
type Body = (String, String, Option<Vec<u8>>);

/// The hash of a body as it is now. What is sealed has no hash beside it: its cipher says whether it was changed.
fn hash_of(
    conn: &Conn,
    of: EncounterId,
    at: (&'static str, &str, i64),
    (body, named, sealed): Body,
) -> Result<String, StoreError> {
    let whole = sealed.is_some();
    let text = payload::open(conn, of, at, sealed.as_deref(), Text { body, reason: None })?;
    if whole { Ok(sha256(text.body)) } else { as_named(at.0, at.1, sha256(text.body), &named) }
}

/// Index document_of_encounter.
fn documents(conn: &mut Conn, stay: EncounterId) -> Result<Vec<Document>, StoreError> {
    let rows: Vec<DocumentRow> = document::table
        .inner_join(document_version::table.on(document_version::document_id.eq(document::id)))
        .filter(document::encounter_id.eq(stay.to_string()))
        .order((document::id, document_version::version))
        .select((
            document::id,
            document::form_code,
            document::form_version,
            document_version::version,
            document_version::status,
            (document_version::body, document_version::sha256, document_version::sealed),
            document_version::pdf_sha256,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's document versions"))?;
    let mut listed = Vec::with_capacity(rows.len());
    for (id, form, form_version, version, status, body, pdf) in rows {
        let sha256 = hash_of(conn, stay, ("document_version", &id, version), body)?;
        if let Some(pdf) = &pdf {
            sheet(conn, pdf)?;
        }
        listed.push(Document { id, form, form_version, version, status, sha256, pdf_sha256: pdf });
    }
    Ok(listed)
}

/// Index document_of_encounter.
fn signed_sheets(conn: &mut Conn, stay: &str) -> Result<Vec<SignedSheet>, StoreError> {
    let rows: Vec<(String, String, i64, String, String)> = signed_sheet::table
        .inner_join(document::table.on(document::id.eq(signed_sheet::document_id)))
        .filter(document::encounter_id.eq(stay))
        .order(signed_sheet::signature_id)
        .select((
            signed_sheet::signature_id,
            signed_sheet::document_id,
            signed_sheet::version,
            signed_sheet::slot,
            signed_sheet::pdf_sha256,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's signed sheets"))?;
    rows.into_iter()
        .map(|(id, document, version, slot, pdf_sha256)| {
            sheet(conn, &pdf_sha256)?;
            Ok(SignedSheet { id, document, version, slot, pdf_sha256 })
        })
        .collect()
}

/// One PDF at a time: they are large.
fn sheet(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    let bytes = blobs::read(conn, name)?;
    let bytes = bytes.ok_or_else(|| StoreError::corrupt("blob", "sha256", name))?;
    as_named("blob", name, sha256(bytes), name).map(drop)
}

fn as_named(table: &'static str, id: &str, is: String, named: &str) -> Result<String, StoreError> {
    if is == named { Ok(is) } else { Err(StoreError::corrupt(table, "sha256", id)) }
}

/// Index observation_set_chart.
fn sets(conn: &mut Conn, stay: EncounterId) -> Result<Vec<ObservationSet>, StoreError> {
    let rows: Vec<(String, i64, String, Body)> = observation_set::table
        .inner_join(observation_set_version::table.on(observation_set_version::set_id.eq(observation_set::id)))
        .filter(observation_set::encounter_id.eq(stay.to_string()))
        .order((observation_set::id, observation_set_version::version))
        .select((
            observation_set::id,
            observation_set_version::version,
            observation_set_version::status,
            (observation_set_version::body, observation_set_version::sha256, observation_set_version::sealed),
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's vital-sign versions"))?;
    rows.into_iter()
        .map(|(id, version, status, body)| {
            let sha256 = hash_of(conn, stay, ("observation_set_version", &id, version), body)?;
            Ok(ObservationSet { id, version, status, sha256 })
        })
        .collect()
}

type OrderRow = (String, String, String, String, String, String, i64, Option<String>);

/// Index service_order_of_encounter.
fn orders(conn: &mut Conn, stay: &str) -> Result<Vec<Order>, StoreError> {
    let rows: Vec<OrderRow> = service_order::table
        .filter(service_order::encounter_id.eq(stay))
        .order(service_order::id)
        .select((
            service_order::id,
            service_order::kind,
            service_order::code,
            service_order::name,
            service_order::state,
            service_order::ordered_by,
            service_order::ordered_at,
            service_order::cancel_reason,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's orders"))?;
    let listed = rows.into_iter().map(|(id, kind, code, name, state, ordered_by, ordered_at, cancel_reason)| Order {
        id,
        kind,
        code,
        name,
        state,
        ordered_by,
        ordered_at,
        cancel_reason,
    });
    Ok(listed.collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = result_version)]
struct ResultRow {
    result_id: String,
    version: i64,
    status: String,
    value: String,
    unit: String,
    reference_range: String,
    flag: Option<String>,
    critical: bool,
    effective_at: i64,
    recorded_at: i64,
    author_id: Option<String>,
    device_id: Option<String>,
    inbox_id: Option<String>,
    reason: Option<String>,
    sealed: Option<Vec<u8>>,
}

/// With code, name, order and specimen.
type JoinedResult = (ResultRow, String, String, Option<String>, Option<String>);

/// Index result_of_encounter.
fn results_of(
    conn: &mut Conn,
    stay: EncounterId,
    wanted: Option<&[ResultId]>,
) -> Result<Vec<ResultVersion>, StoreError> {
    let mut query = result::table
        .inner_join(result_version::table.on(result_version::result_id.eq(result::id)))
        .filter(result::encounter_id.eq(stay.to_string()))
        .order((result::id, result_version::version))
        .select((ResultRow::as_select(), result::code, result::name, result::order_id, result::specimen_id))
        .into_boxed();
    if let Some(wanted) = wanted {
        query = query.filter(result::id.eq_any(wanted.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
    let rows: Vec<JoinedResult> = query.load(conn.db()).map_err(StoreError::db("list a record's result versions"))?;
    rows.into_iter()
        .map(|(r, code, name, order, specimen)| {
            let plain = Said {
                value: r.value,
                number: None,
                unit: r.unit,
                reference_range: r.reference_range,
                flag: r.flag,
                critical: r.critical,
                reason: r.reason,
            };
            let at = (results::TABLE, r.result_id.as_str(), r.version);
            let said = payload::open(conn, stay, at, r.sealed.as_deref(), plain)?;
            let body = canonical(&json!({
                "result": r.result_id, "version": r.version, "code": code, "name": name, "order": order,
                "specimen": specimen, "status": r.status, "value": said.value, "unit": said.unit,
                "referenceRange": said.reference_range, "flag": said.flag, "critical": said.critical,
                "effectiveAt": r.effective_at, "recordedAt": r.recorded_at, "author": r.author_id,
                "device": r.device_id, "inbox": r.inbox_id, "reason": said.reason,
            }))?;
            let stands = ResultStatus::parse(&r.status).is_some_and(ResultStatus::stands);
            let released = stands && r.author_id.is_some();
            Ok(ResultVersion { id: r.result_id, version: r.version, status: r.status, released, sha256: sha256(body) })
        })
        .collect()
}

/// Indexes study_of_encounter, series_of_study, instance_of_series.
fn studies(conn: &mut Conn, stay: &str, wanted: Option<StudyId>) -> Result<Vec<Study>, StoreError> {
    let mut query = study::table
        .filter(study::encounter_id.eq(stay))
        .order(study::study_uid)
        .select((study::id, study::study_uid))
        .into_boxed();
    if let Some(wanted) = wanted {
        query = query.filter(study::id.eq(wanted.to_string()));
    }
    let found: Vec<(String, String)> = query.load(conn.db()).map_err(StoreError::db("list a record's studies"))?;
    let mut listed = Vec::with_capacity(found.len());
    for (id, uid) in found {
        let rows: Vec<(String, String, String, i64)> = series::table
            .inner_join(instance::table.on(instance::series_uid.eq(series::series_uid)))
            .filter(series::study_id.eq(id))
            .order((series::series_uid, instance::sop_uid))
            .select((series::series_uid, instance::sop_uid, instance::sha256, instance::size))
            .load(conn.db())
            .map_err(StoreError::db("list a record's images"))?;
        let instances = rows.into_iter().map(|(series, uid, sha256, size)| Instance { series, uid, sha256, size });
        listed.push(Study { uid, instances: instances.collect() });
    }
    Ok(listed)
}

type SignatureRow = (String, String, i64, String, String, i64, String, (String, Vec<u8>), i64);

/// Index signature_of_encounter.
fn signatures_of(conn: &mut Conn, stay: EncounterId) -> Result<Vec<Signature>, StoreError> {
    let rows: Vec<SignatureRow> = signature::table
        .filter(signature::encounter_id.eq(stay.to_string()))
        .order(signature::id)
        .select((
            signature::id,
            signature::subject_id,
            signature::subject_version,
            signature::signer_id,
            signature::certificate_id,
            signature::signed_at,
            signature::format,
            (signature::sha256, signature::value),
            signature::key_id,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list a record's signatures"))?;
    rows.into_iter()
        .map(|(id, of, of_version, signer, certificate, signed_at, format, kept, key)| {
            let (content_sha256, value) = signatures::apart(conn, stay, (&id, key), kept)?;
            let sha256 = sha256(value);
            Ok(Signature { id, of, of_version, signer, certificate, signed_at, format, content_sha256, sha256 })
        })
        .collect()
}
