//! The signed sheets of a record as they are drawn: of each document the newest version that was signed.

use crate::app::charting::Signatures;
use crate::app::{AppError, forms};
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::id::DocumentId;
use benhan_store::signatures::SubjectKind;
use benhan_store::{Conn, documents, signed_sheets};
use std::collections::HashMap;

pub struct Drawn {
    pub document: DocumentId,
    pub form_code: String,
    pub title: String,
    pub version: i64,
    pub effective_at: i64,
    pub pdf_sha256: String,
    pub signed_by: Vec<String>,
}

/// In the order of the record; what was withdrawn is left out, and what nobody has signed yet.
pub fn drawn(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Drawn>, AppError> {
    let mut found = documents::of_stay(conn, permit, None)?;
    found.retain(|document| document.status != forms::WITHDRAWN);
    let ids: Vec<DocumentId> = found.iter().map(|document| document.document).collect();
    // The last of a document shows most signatures of its newest signed version.
    let signed: HashMap<DocumentId, (i64, String)> = signed_sheets::of_documents(conn, permit, &ids)?
        .into_iter()
        .map(|sheet| (sheet.document, (sheet.version, sheet.pdf_sha256)))
        .collect();
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let signatures = Signatures::read(conn, permit, SubjectKind::Document, &names)?;
    let sheets = found.into_iter().filter_map(|document| {
        let own = document.pdf_sha256.map(|pdf| (document.version, pdf));
        let (version, pdf_sha256) = own.or_else(|| signed.get(&document.document).cloned())?;
        let signed_by: Vec<String> =
            signatures.on(&document.document.to_string(), version).map(|one| one.signer.name).collect();
        (!signed_by.is_empty()).then_some(Drawn {
            document: document.document,
            form_code: document.form_code,
            title: document.title,
            version,
            effective_at: document.effective_at,
            pdf_sha256,
            signed_by,
        })
    });
    Ok(sheets.collect())
}
