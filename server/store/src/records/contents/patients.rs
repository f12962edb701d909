//! What patients and their representatives signed, as a manifest lists it.

use super::{sha256, sheet};
use crate::{Conn, StoreError, patient_signatures};
use benhan_domain::access::{Permit, ViewChart};
use serde::Serialize;

/// The evidence that a patient or a representative signed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PatientSignature {
    pub id: String,
    pub document: String,
    pub document_version: i64,
    pub slot: String,
    pub method: String,
    pub sha256: String,
    pub scan_sha256: Option<String>,
}

pub(super) fn signed(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<PatientSignature>, StoreError> {
    let mut listed = Vec::new();
    for one in patient_signatures::of_stay(conn, permit)? {
        if let Some(scan) = &one.scan_sha256 {
            sheet(conn, scan)?;
        }
        listed.push(PatientSignature {
            id: one.id.to_string(),
            document: one.document.to_string(),
            document_version: one.version,
            slot: one.slot,
            method: one.method.as_str().to_owned(),
            sha256: sha256(one.evidence),
            scan_sha256: one.scan_sha256,
        });
    }
    Ok(listed)
}
