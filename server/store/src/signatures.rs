//! Signatures: what was signed, by whom, with which certificate, and the evidence of that moment.

use crate::error::id;
use crate::schema::signature;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, SignRecord, ViewChart};
use benhan_domain::id::{CertificateId, EncounterId, SignatureId, UserId};
use diesel::prelude::*;

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    ObservationSet,
    Document,
}

impl SubjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ObservationSet => "observation-set",
            Self::Document => "document",
        }
    }
}

#[derive(Clone, Debug)]
pub struct NewSignature {
    pub kind: SubjectKind,
    pub subject_id: String,
    pub subject_version: i64,
    pub encounter: EncounterId,
    pub signer: UserId,
    pub certificate: CertificateId,
    /// `cms` or `pades`.
    pub format: &'static str,
    pub sha256: String,
    pub value: Vec<u8>,
    pub evidence: String,
}

#[derive(Clone, Debug)]
pub struct Signature {
    pub id: SignatureId,
    pub kind: String,
    pub subject_id: String,
    pub subject_version: i64,
    pub signer: UserId,
    pub certificate: CertificateId,
    pub signed_at: i64,
    pub format: String,
    pub value: Vec<u8>,
}

/// [`StoreError::Taken`] of `signature`: this person has signed this version already.
pub fn add(tx: &mut Tx<'_>, permit: &Permit<SignRecord>, new: &NewSignature) -> Result<SignatureId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) if *stay == new.encounter => {}
        _ => return Err(StoreError::corrupt("permit", "scope", &new.encounter.to_string())),
    }
    let given: SignatureId = tx.fresh();
    let row = (
        signature::id.eq(given.to_string()),
        signature::subject_kind.eq(new.kind.as_str()),
        signature::subject_id.eq(&new.subject_id),
        signature::subject_version.eq(new.subject_version),
        signature::encounter_id.eq(new.encounter.to_string()),
        signature::signer_id.eq(new.signer.to_string()),
        signature::certificate_id.eq(new.certificate.to_string()),
        signature::signed_at.eq(tx.now().0),
        signature::format.eq(new.format),
        signature::sha256.eq(&new.sha256),
        signature::value.eq(&new.value),
        signature::evidence.eq(&new.evidence),
    );
    diesel::insert_into(signature::table).values(row).execute(tx.conn()).map_err(StoreError::db("keep a signature"))?;
    Ok(given)
}

/// Who signed what in a record, without the signature itself.
#[derive(Clone, Debug)]
pub struct Signed {
    pub kind: String,
    pub subject_id: String,
    pub signer: UserId,
    pub signed_at: i64,
}

/// Every signature of the permit's record, oldest first. Index signature_of_encounter.
pub fn signers_of(conn: &mut Conn, permit: &Permit<ViewChart>) -> Result<Vec<Signed>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<(String, String, String, i64)> = signature::table
        .filter(signature::encounter_id.eq(stay.to_string()))
        .order((signature::signed_at, signature::id))
        .select((signature::subject_kind, signature::subject_id, signature::signer_id, signature::signed_at))
        .load(conn)
        .map_err(StoreError::db("list a record's signers"))?;
    rows.into_iter()
        .map(|(kind, subject_id, signer, signed_at)| {
            Ok(Signed { kind, subject_id, signer: id(&signer, "signature", "signer_id")?, signed_at })
        })
        .collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = signature)]
struct Row {
    id: String,
    subject_kind: String,
    subject_id: String,
    subject_version: i64,
    signer_id: String,
    certificate_id: String,
    signed_at: i64,
    format: String,
    value: Vec<u8>,
}

/// A signature with all that was kept of it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = signature)]
pub struct Kept {
    pub id: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_version: i64,
    pub signer_id: String,
    pub certificate_id: String,
    pub signed_at: i64,
    pub format: String,
    pub sha256: String,
    pub value: Vec<u8>,
    pub evidence: String,
}

/// Every signature of a stay by id, after the one that a page before ended with. Index signature_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>, after: &str, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    signature::table
        .filter(signature::encounter_id.eq(stay.to_string()).and(signature::id.gt(after.to_owned())))
        .order(signature::id)
        .limit(limit)
        .select(Kept::as_select())
        .load(conn)
        .map_err(StoreError::db("read a stay's signatures"))
}

/// Signatures on these subjects, oldest first, within the permit's stays. The unique index leads with kind and id.
pub fn on<A: Action>(
    conn: &mut Conn,
    _permit: &Permit<A>,
    kind: SubjectKind,
    subjects: &[String],
) -> Result<Vec<Signature>, StoreError> {
    let rows: Vec<Row> = signature::table
        .filter(signature::subject_kind.eq(kind.as_str()).and(signature::subject_id.eq_any(subjects)))
        .order((signature::signed_at, signature::id))
        .select(Row::as_select())
        .load(conn)
        .map_err(StoreError::db("read signatures"))?;
    rows.into_iter()
        .map(|row| {
            Ok(Signature {
                id: id(&row.id, "signature", "id")?,
                kind: row.subject_kind,
                subject_id: row.subject_id,
                subject_version: row.subject_version,
                signer: id(&row.signer_id, "signature", "signer_id")?,
                certificate: id(&row.certificate_id, "signature", "certificate_id")?,
                signed_at: row.signed_at,
                format: row.format,
                value: row.value,
            })
        })
        .collect()
}
