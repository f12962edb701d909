//! Filled forms as they were signed: the place of each signature on the sheet, and the PDF that shows it.

use crate::error::id;
use crate::schema::{document, signed_sheet};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Permit, Scope, SignRecord, ViewChart};
use benhan_domain::id::{DocumentId, EncounterId, SignatureId};
use diesel::prelude::*;

#[derive(Clone, Debug)]
pub struct SignedSheet {
    pub signature: SignatureId,
    pub document: DocumentId,
    pub version: i64,
    /// Name of the slot in the form's signing policy.
    pub slot: String,
    pub pdf_sha256: String,
}

/// [`StoreError::Taken`] of `signed_sheet`: somebody signed in this place first.
pub fn keep(
    tx: &mut Tx<'_>,
    permit: &Permit<SignRecord>,
    stay: EncounterId,
    sheet: &SignedSheet,
) -> Result<(), StoreError> {
    if !matches!(permit.scope(), Scope::Encounter(id) if *id == stay) {
        return Err(StoreError::corrupt("permit", "scope", &stay.to_string()));
    }
    let row = (
        signed_sheet::signature_id.eq(sheet.signature.to_string()),
        signed_sheet::document_id.eq(sheet.document.to_string()),
        signed_sheet::version.eq(sheet.version),
        signed_sheet::slot.eq(&sheet.slot),
        signed_sheet::pdf_sha256.eq(&sheet.pdf_sha256),
        signed_sheet::signed_at.eq(tx.now().0),
    );
    diesel::insert_into(signed_sheet::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a signed sheet"))
}

type Row = (String, String, i64, String, String);

/// Of these documents, all versions, the newest signature of a version last. The unique index leads with the document.
pub fn of_documents(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    documents: &[DocumentId],
) -> Result<Vec<SignedSheet>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let ids: Vec<String> = documents.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = signed_sheet::table
        .inner_join(document::table.on(document::id.eq(signed_sheet::document_id)))
        .filter(signed_sheet::document_id.eq_any(ids).and(document::encounter_id.eq(stay.to_string())))
        .order((signed_sheet::document_id, signed_sheet::version, signed_sheet::signed_at, signed_sheet::signature_id))
        .select((
            signed_sheet::signature_id,
            signed_sheet::document_id,
            signed_sheet::version,
            signed_sheet::slot,
            signed_sheet::pdf_sha256,
        ))
        .load(conn.db())
        .map_err(StoreError::db("read signed sheets"))?;
    let sheet = |(signature, document, version, slot, pdf_sha256): Row| {
        Ok(SignedSheet {
            signature: id(&signature, "signed_sheet", "signature_id")?,
            document: id(&document, "signed_sheet", "document_id")?,
            version,
            slot,
            pdf_sha256,
        })
    };
    rows.into_iter().map(sheet).collect()
}
