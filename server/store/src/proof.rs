//! What the proof of a whole record reads: each stored body with the hash beside it, each signature with the bytes that it
//! is over, page by page. For a drill on a restored copy; nothing of it is shown to anybody, so there is no permit.

use crate::schema::{audit, blob, document_version, instance, observation_set_version, signature};
use crate::signatures::{Kept, SubjectKind};
use crate::{Conn, StoreError};
use diesel::prelude::*;

/// Bodies that carry their hash beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bodies {
    VitalSigns,
    Documents,
}

/// Id, version, body, hash.
pub type Body = (String, i64, String, String);

/// In the order of ids and versions, after the one that a page before ended with. By the primary key.
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
                .filter(past)
                .order((v::set_id, v::version))
                .limit(limit)
                .select((v::set_id, v::version, v::body, v::sha256))
                .load(conn)
                .map_err(StoreError::db("read vital signs to prove them"))
        }
        Bodies::Documents => {
            use document_version as v;
            let past =
                v::document_id.gt(id.to_owned()).or(v::document_id.eq(id.to_owned()).and(v::version.gt(version)));
            v::table
                .filter(past)
                .order((v::document_id, v::version))
                .limit(limit)
                .select((v::document_id, v::version, v::body, v::sha256))
                .load(conn)
                .map_err(StoreError::db("read documents to prove them"))
        }
    }
}

/// Name, kind, size, bytes.
pub type Blob = (String, String, i64, Vec<u8>);

/// The next blob by its name: one at a time, they are large.
pub fn blob_after(conn: &mut Conn, name: &str) -> Result<Option<Blob>, StoreError> {
    blob::table
        .filter(blob::sha256.gt(name))
        .order(blob::sha256)
        .limit(1)
        .select((blob::sha256, blob::media_type, blob::size, blob::bytes))
        .first(conn)
        .optional()
        .map_err(StoreError::db("read a sheet to prove it"))
}

/// Every signature of every record by its id, after the one that a page before ended with.
pub fn signatures_after(conn: &mut Conn, id: &str, limit: i64) -> Result<Vec<Kept>, StoreError> {
    signature::table
        .filter(signature::id.gt(id))
        .order(signature::id)
        .limit(limit)
        .select(Kept::as_select())
        .load(conn)
        .map_err(StoreError::db("read signatures to prove them"))
}

/// The bytes that a signature is over; nothing when they are gone.
pub fn signed_bytes(conn: &mut Conn, of: &Kept) -> Result<Option<Vec<u8>>, StoreError> {
    let failed = StoreError::db("read what was signed");
    if of.format == "pades" {
        let bytes = blob::table.filter(blob::sha256.eq(&of.sha256)).select(blob::bytes);
        return bytes.first(conn).optional().map_err(failed);
    }
    let body: Option<String> = if of.subject_kind == SubjectKind::ObservationSet.as_str() {
        use observation_set_version as v;
        let one = v::set_id.eq(&of.subject_id).and(v::version.eq(of.subject_version));
        v::table.filter(one).select(v::body).first(conn).optional().map_err(failed)?
    } else {
        use document_version as v;
        let one = v::document_id.eq(&of.subject_id).and(v::version.eq(of.subject_version));
        v::table.filter(one).select(v::body).first(conn).optional().map_err(failed)?
    };
    Ok(body.map(String::into_bytes))
}

/// Images that the record names: UID, hash of the dataset, size. By the primary key.
pub fn images_after(conn: &mut Conn, uid: &str, limit: i64) -> Result<Vec<(String, String, i64)>, StoreError> {
    instance::table
        .filter(instance::sop_uid.gt(uid))
        .order(instance::sop_uid)
        .limit(limit)
        .select((instance::sop_uid, instance::sha256, instance::size))
        .load(conn)
        .map_err(StoreError::db("read which images there are"))
}

/// When the last act of the trail was. Index audit_by_time.
pub fn newest(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    audit::table
        .order(audit::at.desc())
        .select(audit::at)
        .first(conn)
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
    let found: Vec<Dangling> = match conn {
        Conn::Sqlite(c) => {
            let sql = "SELECT DISTINCT \"table\" AS child, parent FROM pragma_foreign_key_check";
            diesel::sql_query(sql).load(c).map_err(StoreError::db("look for rows that point nowhere"))?
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Vec::new(),
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
    match conn {
        Conn::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => c.batch_execute(sql).map_err(StoreError::db("empty the database of the drill")),
    }
}
