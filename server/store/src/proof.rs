//! What the proof of a whole record reads, page by page: each body from before records had keys with the hash beside it,
//! each sheet, each signature with the bytes that it is over. For a drill on a restored copy; nothing of it is shown to
//! anybody, so there is no permit. What does not open is for [`crate::payloads::check`] to say, and is passed over here.

use crate::error::id;
use crate::keys::KeyError;
use crate::payload::{self, Text};
use crate::schema::{
    audit, blob, document, document_version, instance, observation_set, observation_set_version, signature,
};
use crate::signatures::{Kept, SubjectKind, apart};
use crate::{Conn, Engine, StoreError, blobs};
use benhan_domain::id::EncounterId;
use diesel::prelude::*;

/// Bodies that carry their hash beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    VitalSigns,
    Documents,
}

/// Id, version, body, hash.
pub type Body = (String, i64, String, String);

/// Plain ones, in the order of ids and versions, after the one that a page before ended with. By the primary key.
pub fn bodies_after(
    conn: &mut Conn,
    of: Bodies,
    (id, version): (&str, i64),
    limit: i64,
) -> Result<Vec<Body>, StoreError> {
    match of {
        Bodies::VitalSigns => {
            use observation_set_version as v;
            let past = v::set_id.gt(id.to_owned()).or(v::set_id.eq(id.to_owned()).and(v::version.gt(version)));
            v::table
                .filter(past.and(v::sealed.is_null()))
                .order((v::set_id, v::version))
                .limit(limit)
                .select((v::set_id, v::version, v::body, v::sha256))
                .load(conn.db())
                .map_err(StoreError::db("read vital signs to prove them"))
        }
        Bodies::Documents => {
            use document_version as v;
            let past =
                v::document_id.gt(id.to_owned()).or(v::document_id.eq(id.to_owned()).and(v::version.gt(version)));
            v::table
                .filter(past.and(v::sealed.is_null()))
                .order((v::document_id, v::version))
                .limit(limit)
                .select((v::document_id, v::version, v::body, v::sha256))
                .load(conn.db())
                .map_err(StoreError::db("read documents to prove them"))
        }
    }
}

/// Name, kind, size, and the bytes if they open.
pub type Blob = (String, String, i64, Option<Vec<u8>>);

/// The next blob by its name: one at a time, they are large.
pub fn blob_after(conn: &mut Conn, name: &str) -> Result<Option<Blob>, StoreError> {
    let next: Option<(String, String, i64)> = blob::table
        .filter(blob::sha256.gt(name))
        .order(blob::sha256)
        .limit(1)
        .select((blob::sha256, blob::media_type, blob::size))
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read a sheet to prove it"))?;
    let Some((name, media, size)) = next else { return Ok(None) };
    let bytes = readable(blobs::read(conn, &name))?.flatten();
    Ok(Some((name, media, size, bytes)))
}

/// A signature as it is stored.
pub struct Stored {
    kept: Kept,
    of: EncounterId,
    key: i64,
}

impl Stored {
    pub fn id(&self) -> &str {
        &self.kept.id
    }

    /// With its hash and value, if they open.
    pub fn open(self, conn: &Conn) -> Result<Option<Kept>, StoreError> {
        let kept = self.kept;
        let opened = readable(apart(conn, self.of, (&kept.id, self.key), (kept.sha256, kept.value)))?;
        Ok(opened.map(|(sha256, value)| Kept { sha256, value, ..kept }))
    }
}

/// Every signature of every record by its id, after the one that a page before ended with.
pub fn signatures_after(conn: &mut Conn, past: &str, limit: i64) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<(Kept, String, i64)> = signature::table
        .filter(signature::id.gt(past))
        .order(signature::id)
        .limit(limit)
        .select((Kept::as_select(), signature::encounter_id, signature::key_id))
        .load(conn.db())
        .map_err(StoreError::db("read signatures to prove them"))?;
    rows.into_iter()
        .map(|(kept, of, key)| Ok(Stored { kept, of: id(&of, "signature", "encounter_id")?, key }))
        .collect()
}

/// What a signature is over.
pub enum Covered {
    Bytes(Vec<u8>),
    /// It is not there any more.
    Gone,
    Unreadable,
}

pub fn signed_bytes(conn: &mut Conn, of: &Kept) -> Result<Covered, StoreError> {
    if of.format == "pades" {
        return Ok(match readable(blobs::read(conn, &of.sha256))? {
            Some(Some(bytes)) => Covered::Bytes(bytes),
            Some(None) => Covered::Gone,
            None => Covered::Unreadable,
        });
    }
    /// Whose record it is of, and its words: sealed, or plain from before.
    type Words = (String, Option<Vec<u8>>, String);
    let failed = StoreError::db("read what was signed");
    let (subject, version) = (&of.subject_id, of.subject_version);
    let (table, row): (_, Option<Words>) = if of.subject_kind == SubjectKind::ObservationSet.as_str() {
        use observation_set_version as v;
        let one = v::table.inner_join(observation_set::table.on(observation_set::id.eq(v::set_id)));
        let one = one.filter(v::set_id.eq(subject).and(v::version.eq(version)));
        let row = one.select((observation_set::encounter_id, v::sealed, v::body)).first(conn.db()).optional();
        ("observation_set_version", row.map_err(failed)?)
    } else {
        use document_version as v;
        let one = v::table.inner_join(document::table.on(document::id.eq(v::document_id)));
        let one = one.filter(v::document_id.eq(subject).and(v::version.eq(version)));
        let row = one.select((document::encounter_id, v::sealed, v::body)).first(conn.db()).optional();
        ("document_version", row.map_err(failed)?)
    };
    let Some((stay, sealed, body)) = row else { return Ok(Covered::Gone) };
    let plain = Text { body, reason: None };
    let opened =
        payload::open(conn, id(&stay, table, "encounter_id")?, (table, subject, version), sealed.as_deref(), plain);
    Ok(readable(opened)?.map_or(Covered::Unreadable, |text| Covered::Bytes(text.body.into_bytes())))
}

/// Nothing of what does not open, be it changed, without its key or destroyed.
fn readable<T>(opened: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match opened {
        Err(StoreError::Keys(KeyError::Shredded(_) | KeyError::Missing(_)) | StoreError::Corrupt { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// Images that the record names: UID, hash of the dataset, size. By the primary key.
pub fn images_after(conn: &mut Conn, uid: &str, limit: i64) -> Result<Vec<(String, String)>, StoreError> {
    instance::table
        .filter(instance::sop_uid.gt(uid))
        .order(instance::sop_uid)
        .limit(limit)
        .select((instance::sop_uid, instance::sha256))
        .load(conn.db())
        .map_err(StoreError::db("read which images there are"))
}

/// When the last act of the trail was. Index audit_by_time.
pub fn newest(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    audit::table
        .order(audit::at.desc())
        .select(audit::at)
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read when the last act was"))
}

#[derive(QueryableByName)]
struct Dangling {
    #[diesel(sql_type = diesel::sql_types::Text)]
    child: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    parent: String,
}

/// Tables with a row that points at one that is not there, and at which. PostgreSQL looked when it took the rows in.
pub fn dangling(conn: &mut Conn) -> Result<Vec<(String, String)>, StoreError> {
    let found: Vec<Dangling> = match conn.db() {
        Engine::Sqlite(c) => {
            let sql = "SELECT DISTINCT \"table\" AS child, parent FROM pragma_foreign_key_check";
            diesel::sql_query(sql).load(c).map_err(StoreError::db("look for rows that point nowhere"))?
        }
        #[cfg(feature = "postgres")]
        Engine::Pg(_) => Vec::new(),
    };
    Ok(found.into_iter().map(|row| (row.child, row.parent)).collect())
}

/// Empties a database that held nothing before a drill filled it. Never call it on anything else.
pub fn clear(conn: &mut Conn) -> Result<(), StoreError> {
    use diesel::connection::SimpleConnection;
    let sql = "DO $$ DECLARE it record; BEGIN \
               FOR it IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace \
               LOOP EXECUTE format('DROP TABLE %I CASCADE', it.relname); END LOOP; \
               FOR it IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace \
               AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e') \
               LOOP EXECUTE format('DROP FUNCTION %s CASCADE', it.name); END LOOP; END $$";
    match conn.db() {
        Engine::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        Engine::Pg(c) => c.batch_execute(sql).map_err(StoreError::db("empty the database of the drill")),
    }
}
