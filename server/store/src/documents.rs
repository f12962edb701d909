//! Notes and sheets by version, as [`crate::observations`] keeps vital signs.

use crate::error::id;
use crate::payload::{self, SEALED, Text};
use crate::schema::{document, document_version, encounter, medical_record, signature};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{Action, Permit, Scope, ViewChart, ViewWard};
use benhan_domain::id::{DocumentId, EncounterId, UserId};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

#[derive(Clone, Debug)]
pub struct DocumentVersion {
    pub document: DocumentId,
    pub encounter: EncounterId,
    pub form_code: String,
    pub form_version: i64,
    pub title: String,
    pub version: i64,
    pub current_version: i64,
    pub created_at: i64,
    pub status: String,
    pub effective_at: i64,
    pub recorded_at: i64,
    pub author: UserId,
    pub reason_code: Option<String>,
    pub reason: Option<String>,
    /// Canonical JSON.
    pub body: String,
    pub sha256: String,
    pub pdf_sha256: Option<String>,
}

#[derive(Clone, Debug)]
pub struct NewDocument {
    pub document: DocumentId,
    pub encounter: EncounterId,
    pub form_code: String,
    pub form_version: i64,
    pub title: String,
}

#[derive(Clone, Debug)]
pub struct NewVersion {
    pub status: String,
    pub effective_at: i64,
    pub author: UserId,
    pub reason_code: Option<String>,
    pub reason: Option<String>,
    pub body: String,
    pub pdf_sha256: Option<String>,
}

pub fn open<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    new: &NewDocument,
    first: &NewVersion,
) -> Result<(), StoreError> {
    check_scope(permit, new.encounter)?;
    let row = (
        document::id.eq(new.document.to_string()),
        document::encounter_id.eq(new.encounter.to_string()),
        document::form_code.eq(&new.form_code),
        document::form_version.eq(new.form_version),
        document::title.eq(&new.title),
        document::current_version.eq(1),
        document::created_at.eq(tx.now().0),
    );
    diesel::insert_into(document::table).values(row).execute(tx.db()).map_err(StoreError::db("open a document"))?;
    add_version(tx, (new.document, new.encounter), 1, first)
}

/// Adds a version after `of`; false when somebody was first.
pub fn amend<A: Action>(
    tx: &mut Tx<'_>,
    permit: &Permit<A>,
    of: &DocumentVersion,
    next: &NewVersion,
) -> Result<bool, StoreError> {
    check_scope(permit, of.encounter)?;
    let version = of.current_version.saturating_add(1);
    let mine = document::id.eq(of.document.to_string()).and(document::current_version.eq(of.version));
    let moved = diesel::update(document::table.filter(mine))
        .set(document::current_version.eq(version))
        .execute(tx.db())
        .map_err(StoreError::db("amend a document"))?;
    if moved == 0 {
        return Ok(false);
    }
    add_version(tx, (of.document, of.encounter), version, next)?;
    Ok(true)
}

fn add_version(
    tx: &mut Tx<'_>,
    (of, stay): (DocumentId, EncounterId),
    version: i64,
    new: &NewVersion,
) -> Result<(), StoreError> {
    let key = of.to_string();
    let text = Text { body: new.body.clone(), reason: new.reason.clone() };
    let sealed = payload::seal(tx, stay, (TABLE, &key, version), &text)?;
    let row = (
        document_version::document_id.eq(&key),
        document_version::version.eq(version),
        document_version::status.eq(&new.status),
        document_version::effective_at.eq(new.effective_at),
        document_version::recorded_at.eq(tx.now().0),
        document_version::author_id.eq(new.author.to_string()),
        document_version::reason_code.eq(new.reason_code.clone()),
        document_version::reason.eq(None::<String>),
        document_version::body.eq(""),
        document_version::sha256.eq(""),
        document_version::pdf_sha256.eq(new.pdf_sha256.clone()),
        document_version::key_id.eq(SEALED),
        document_version::sealed.eq(Some(sealed)),
    );
    diesel::insert_into(document_version::table)
        .values(row)
        .execute(tx.db())
        .map(drop)
        .map_err(StoreError::db("keep a document version"))
}

fn check_scope<A: Action>(permit: &Permit<A>, stay: EncounterId) -> Result<(), StoreError> {
    match permit.scope() {
        Scope::Encounter(id) if *id == stay => Ok(()),
        _ => Err(StoreError::corrupt("permit", "scope", &stay.to_string())),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = document_version)]
struct VersionRow {
    document_id: String,
    version: i64,
    status: String,
    effective_at: i64,
    recorded_at: i64,
    author_id: String,
    reason_code: Option<String>,
    reason: Option<String>,
    body: String,
    sha256: String,
    pdf_sha256: Option<String>,
    sealed: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = document)]
struct HeadRow {
    encounter_id: String,
    form_code: String,
    form_version: i64,
    title: String,
    current_version: i64,
    created_at: i64,
}

macro_rules! joined {
    () => {
        document_version::table
            .inner_join(document::table.on(document::id.eq(document_version::document_id)))
            .select((VersionRow::as_select(), HeadRow::as_select()))
    };
}

/// The signatures on a joined row's version.
macro_rules! on_it {
    () => {
        signature::table
            .filter(signature::subject_kind.eq("document").and(signature::subject_id.eq(document_version::document_id)))
            .filter(signature::subject_version.eq(document_version::version))
    };
}

const TABLE: &str = "document_version";

fn of_row(conn: &Conn, (row, head): (VersionRow, HeadRow)) -> Result<DocumentVersion, StoreError> {
    let stay = id(&head.encounter_id, "document", "encounter_id")?;
    let plain = Text { body: row.body, reason: row.reason };
    let text = payload::open(conn, stay, (TABLE, &row.document_id, row.version), row.sealed.as_deref(), plain)?;
    let sha256 = if row.sealed.is_some() { hex::encode(Sha256::digest(&text.body)) } else { row.sha256 };
    Ok(DocumentVersion {
        document: id(&row.document_id, "document", "id")?,
        encounter: stay,
        form_code: head.form_code,
        form_version: head.form_version,
        title: head.title,
        version: row.version,
        current_version: head.current_version,
        created_at: head.created_at,
        status: row.status,
        effective_at: row.effective_at,
        recorded_at: row.recorded_at,
        author: id(&row.author_id, "document_version", "author_id")?,
        reason_code: row.reason_code,
        reason: text.reason,
        body: text.body,
        sha256,
        pdf_sha256: row.pdf_sha256,
    })
}

pub fn stay_of(conn: &mut Conn, of: DocumentId) -> Result<Option<EncounterId>, StoreError> {
    let stay: Option<String> = document::table
        .filter(document::id.eq(of.to_string()))
        .select(document::encounter_id)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a document's stay"))?;
    stay.map(|s| id(&s, "document", "encounter_id")).transpose()
}

/// Stay and author of a document's current version, for the policy: what is one's own stays one's own.
pub fn written_by(conn: &mut Conn, of: DocumentId) -> Result<Option<(EncounterId, UserId)>, StoreError> {
    let row: Option<(String, String)> = document::table
        .inner_join(document_version::table.on(
            document_version::document_id.eq(document::id).and(document_version::version.eq(document::current_version)),
        ))
        .filter(document::id.eq(of.to_string()))
        .select((document::encounter_id, document_version::author_id))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("find a document's author"))?;
    row.map(|(stay, author)| {
        Ok((id(&stay, "document", "encounter_id")?, id(&author, "document_version", "author_id")?))
    })
    .transpose()
}

/// Standing versions of these forms by this person that nobody has signed yet, over all stays, oldest first. One's own
/// work, so the author is the permit. Index document_version_of_author.
pub fn unsigned_by(
    conn: &mut Conn,
    author: UserId,
    forms: &[String],
    limit: i64,
) -> Result<Vec<DocumentVersion>, StoreError> {
    let rows: Vec<(VersionRow, HeadRow)> = joined!()
        .filter(document_version::author_id.eq(author.to_string()))
        .filter(document_version::version.eq(document::current_version))
        .filter(document_version::status.eq("final").and(document::form_code.eq_any(forms)))
        .filter(diesel::dsl::not(diesel::dsl::exists(on_it!())))
        .order((document_version::recorded_at, document::id))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list sheets that a person has not signed"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Standing versions of these forms in the permits' wards that somebody has signed and this person has not, newest
/// first: those that need no other signature are among them, and must not keep new ones out. Index document_of_encounter,
/// by the stays of the wards whose record is open.
pub fn signed_by_others(
    conn: &mut Conn,
    permits: &[Permit<ViewWard>],
    me: UserId,
    forms: &[String],
    limit: i64,
) -> Result<Vec<DocumentVersion>, StoreError> {
    let ward = |permit: &Permit<ViewWard>| match permit.scope() {
        Scope::Ward(ward) => Some(ward.to_string()),
        _ => None,
    };
    let wards: Vec<String> = permits.iter().filter_map(ward).collect();
    let mine = on_it!().filter(signature::signer_id.eq(me.to_string()));
    let shut = medical_record::table
        .filter(medical_record::encounter_id.eq(document::encounter_id).and(medical_record::state.ne("active")));
    let rows: Vec<(VersionRow, HeadRow)> = joined!()
        .inner_join(encounter::table.on(encounter::id.eq(document::encounter_id)))
        .filter(encounter::ward_id.eq_any(wards))
        .filter(document_version::version.eq(document::current_version))
        .filter(document_version::status.eq("final").and(document::form_code.eq_any(forms)))
        .filter(diesel::dsl::exists(on_it!()))
        .filter(diesel::dsl::not(diesel::dsl::exists(mine)))
        .filter(diesel::dsl::not(diesel::dsl::exists(shut)))
        .order((document_version::recorded_at.desc(), document::id.desc()))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("list sheets that wait for a second signature"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

fn in_scope(permit: &Permit<ViewChart>, stay: EncounterId) -> bool {
    matches!(permit.scope(), Scope::Encounter(id) if *id == stay)
}

/// All versions, oldest first.
pub fn history(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    of: DocumentId,
) -> Result<Vec<DocumentVersion>, StoreError> {
    let rows: Vec<(VersionRow, HeadRow)> = joined!()
        .filter(document::id.eq(of.to_string()))
        .order(document_version::version)
        .limit(500)
        .load(conn.db())
        .map_err(StoreError::db("read a document's versions"))?;
    let versions = rows.into_iter().map(|row| of_row(conn, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(versions.into_iter().filter(|v| in_scope(permit, v.encounter)).collect())
}

/// Current versions of a stay's documents, of one form or of all, oldest first. Index document_of_encounter.
pub fn of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    form: Option<&str>,
) -> Result<Vec<DocumentVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let mut query = joined!()
        .filter(document::encounter_id.eq(stay.to_string()))
        .filter(document_version::version.eq(document::current_version))
        .into_boxed();
    if let Some(form) = form {
        query = query.filter(document::form_code.eq(form.to_owned()));
    }
    let rows: Vec<(VersionRow, HeadRow)> = query
        .order((document_version::effective_at, document::id))
        .limit(2_000)
        .load(conn.db())
        .map_err(StoreError::db("list a stay's documents"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}

/// Every version of every document of a stay, by document and version, after the one that a page before ended with.
/// Index document_of_encounter.
pub fn versions_of_stay(
    conn: &mut Conn,
    permit: &Permit<ViewChart>,
    after: (&str, i64),
    limit: i64,
) -> Result<Vec<DocumentVersion>, StoreError> {
    let Scope::Encounter(stay) = permit.scope() else { return Ok(Vec::new()) };
    let (of, version) = (after.0.to_owned(), after.1);
    let later = document::id.gt(of.clone()).or(document::id.eq(of).and(document_version::version.gt(version)));
    let rows: Vec<(VersionRow, HeadRow)> = joined!()
        .filter(document::encounter_id.eq(stay.to_string()))
        .filter(later)
        .order((document::id, document_version::version))
        .limit(limit)
        .load(conn.db())
        .map_err(StoreError::db("read every version of a stay's documents"))?;
    rows.into_iter().map(|row| of_row(conn, row)).collect()
}
