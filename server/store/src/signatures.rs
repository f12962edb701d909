//! Signatures: what was signed, by whom, with which certificate, and the evidence of that moment.

use crate::error::{id, maybe_id};
use crate::payload::{self, SEALED};
use crate::schema::signature;
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, Signs, ViewChart};
use benhan_domain::id::{CertificateId, EncounterId, HouseDecisionId, SignatureId, UserId};
use diesel::prelude::*;

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    ObservationSet,
    Document,
    /// A witness's signature, over the evidence of a patient's.
    PatientSignature,
    /// A department's seal on a document.
    DepartmentSeal,
}

impl SubjectKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ObservationSet => "observation-set",
            Self::Document => "document",
            Self::PatientSignature => "patient-signature",
            Self::DepartmentSeal => "department-seal",
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
    /// The signing rules of the house that it was given under, and names.
    pub rules: Option<HouseDecisionId>,
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
    pub rules: Option<HouseDecisionId>,
}

/// [`StoreError::Taken`] of `signature`: this person has signed this version already.
pub fn add<A: Signs>(tx: &mut Tx<'_>, permit: &Permit<A>, new: &NewSignature) -> Result<SignatureId, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) if *stay == new.encounter => {}
        _ => return Err(StoreError::corrupt("permit", "scope", &new.encounter.to_string())),
    }
    let given: SignatureId = tx.fresh();
    let key = given.to_string();
    let sealed = payload::seal_bytes(tx, new.encounter, (TABLE, &key, 0), &together(&new.sha256, &new.value)?)?;
    let row = (
        signature::id.eq(&key),
        signature::subject_kind.eq(new.kind.as_str()),
        signature::subject_id.eq(&new.subject_id),
        signature::subject_version.eq(new.subject_version),
        signature::encounter_id.eq(new.encounter.to_string()),
        signature::signer_id.eq(new.signer.to_string()),
        signature::certificate_id.eq(new.certificate.to_string()),
        signature::signed_at.eq(tx.now().0),
        signature::format.eq(new.format),
        signature::sha256.eq(""),
        signature::value.eq(sealed),
        signature::evidence.eq(&new.evidence),
        signature::key_id.eq(SEALED),
        signature::rules_id.eq(new.rules.map(|of| of.to_string())),
    );
    diesel::insert_into(signature::table).values(row).execute(tx.db()).map_err(StoreError::db("keep a signature"))?;
    Ok(given)
}

const TABLE: &str = "signature";

/// A signature names the hash of what it covers, so both are sealed: of a set of vital signs a hash could be found by trying.
fn together(sha256: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    let length = u8::try_from(sha256.len()).map_err(|_| StoreError::corrupt(TABLE, "sha256", sha256))?;
    Ok([&[length], sha256.as_bytes(), value].concat())
}

/// Hash and value of a row.
pub(crate) fn apart(
    conn: &Conn,
    of: EncounterId,
    (row, key): (&str, i64),
    (sha256, value): (String, Vec<u8>),
) -> Result<(String, Vec<u8>), StoreError> {
    if key != SEALED {
        return Ok((sha256, value));
    }
    let opened = payload::open_bytes(conn, of, (TABLE, row, 0), &value)?;
    let broken = || StoreError::corrupt(TABLE, "value", row);
    let (length, rest) = opened.split_first().ok_or_else(broken)?;
    let (sha256, value) = rest.split_at_checked(usize::from(*length)).ok_or_else(broken)?;
    Ok((String::from_utf8(sha256.to_vec()).map_err(|_| broken())?, value.to_vec()))
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
        .load(conn.db())
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
    sha256: String,
    value: Vec<u8>,
    encounter_id: String,
    key_id: i64,
    rules_id: Option<String>,
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
    pub rules_id: Option<String>,
}

/// Every signature of a stay by id, after the one that a page before ended with. Index signature_of_encounter.
pub fn of_stay(conn: &mut Conn, permit: &Permit<ViewChart>, after: &str, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let rows: Vec<(Kept, i64)> = signature::table
        .filter(signature::encounter_id.eq(stay.to_string()).and(signature::id.gt(after.to_owned())))
        .order(signature::id)
        .limit(limit)
        .select((Kept::as_select(), signature::key_id))
        .load(conn.db())
        .map_err(StoreError::db("read a stay's signatures"))?;
    rows.into_iter()
        .map(|(kept, key)| {
            let (sha256, value) = apart(conn, *stay, (&kept.id, key), (kept.sha256, kept.value))?;
            Ok(Kept { sha256, value, ..kept })
        })
        .collect()
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
        .load(conn.db())
        .map_err(StoreError::db("read signatures"))?;
    rows.into_iter()
        .map(|row| {
            let of = id(&row.encounter_id, TABLE, "encounter_id")?;
            let (_, value) = apart(conn, of, (&row.id, row.key_id), (row.sha256, row.value))?;
            Ok(Signature {
                id: id(&row.id, TABLE, "id")?,
                kind: row.subject_kind,
                subject_id: row.subject_id,
                subject_version: row.subject_version,
                signer: id(&row.signer_id, "signature", "signer_id")?,
                certificate: id(&row.certificate_id, "signature", "certificate_id")?,
                signed_at: row.signed_at,
                format: row.format,
                value,
                rules: maybe_id(row.rules_id.as_deref(), TABLE, "rules_id")?,
            })
        })
        .collect()
}
