//! Does every payload open? For `benhan verify` and a restore: what is kept is of use only if it can be read.

use crate::error::id;
use crate::keys::KeyError;
use crate::payload::{self, At, SEALED};
use crate::schema::{
    blob, document, document_version, encounter, observation_set, observation_set_version, paper_scan,
    patient_signature, record_event, record_restriction, result, result_version, signature,
};
use crate::{Conn, StoreError};
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

const PAGE: i64 = 200;
/// PDFs are large.
const BLOBS: i64 = 16;
/// More than anybody would read.
const MOST_BROKEN: usize = 1_000;

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payloads {
    /// Sealed, and opened now.
    pub opened: u64,
    /// From before records had keys.
    pub plain: u64,
    /// Of records whose keys are shredded: nothing of them opens.
    pub destroyed: u64,
    /// The records of those.
    pub destroyed_records: HashSet<String>,
    /// Table and row of what does not open, with why.
    pub broken: Vec<String>,
}

impl Payloads {
    fn look(
        &mut self,
        conn: &Conn,
        of: &str,
        at: At<'_>,
        sealed: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(sealed) = sealed else {
            self.plain = self.plain.saturating_add(1);
            return Ok(None);
        };
        let why = match payload::open_bytes(conn, id(of, at.0, "encounter_id")?, at, sealed) {
            Ok(opened) => {
                self.opened = self.opened.saturating_add(1);
                return Ok(Some(opened));
            }
            Err(StoreError::Keys(KeyError::Shredded(_))) => {
                self.destroyed = self.destroyed.saturating_add(1);
                self.destroyed_records.insert(of.to_owned());
                return Ok(None);
            }
            Err(StoreError::Corrupt { .. }) => "đã bị sửa, hoặc bị chuyển từ chỗ khác sang",
            Err(StoreError::Keys(KeyError::Missing(_))) => "kho khóa không có khóa của hồ sơ này",
            Err(other) => return Err(other),
        };
        self.note(at, why);
        Ok(None)
    }

    fn note(&mut self, at: At<'_>, why: &str) {
        if self.broken.len() < MOST_BROKEN {
            self.broken.push(format!("{} {}: {why}", at.0, at.1));
        }
    }
}

/// Pages through the versions of one table, each with the stay of its head.
macro_rules! versions {
    ($conn:expr, $found:expr, $version:ident, $of:ident, $head:ident) => {{
        let mut past = (String::new(), 0_i64);
        loop {
            let later =
                $version::$of.gt(past.0.clone()).or($version::$of.eq(past.0.clone()).and($version::version.gt(past.1)));
            let rows: Vec<(String, String, i64, Option<Vec<u8>>)> = $version::table
                .inner_join($head::table.on($head::id.eq($version::$of)))
                .filter(later)
                .order(($version::$of, $version::version))
                .limit(PAGE)
                .select(($head::encounter_id, $version::$of, $version::version, $version::sealed))
                .load($conn.db())
                .map_err(StoreError::db("read sealed versions"))?;
            let Some((_, row, version, _)) = rows.last() else { break };
            past = (row.clone(), *version);
            for (of, row, version, sealed) in rows {
                $found.look($conn, &of, (stringify!($version), &row, version), sealed.as_deref())?;
            }
        }
    }};
}

/// Every payload of the record, as `conn` sees it and with its keys.
pub fn check(conn: &mut Conn) -> Result<Payloads, StoreError> {
    let mut found = Payloads::default();
    versions!(conn, found, observation_set_version, set_id, observation_set);
    versions!(conn, found, document_version, document_id, document);
    versions!(conn, found, result_version, result_id, result);
    single(conn, &mut found)?;
    blobs(conn, &mut found)?;
    Ok(found)
}

/// Rows without versions.
fn single(conn: &mut Conn, found: &mut Payloads) -> Result<(), StoreError> {
    type Sealed = (String, String, i64, Option<Vec<u8>>);
    for table in ["encounter", "record_event", "patient_signature", "signature", "record_restriction", "paper_scan"] {
        let mut past = String::new();
        loop {
            let rows: Vec<Sealed> = match table {
                "encounter" => encounter::table
                    .filter(encounter::id.gt(past.clone()))
                    .order(encounter::id)
                    .limit(PAGE)
                    .select((encounter::id, encounter::id, encounter::key_id, encounter::sealed))
                    .load(conn.db()),
                "record_event" => record_event::table
                    .filter(record_event::id.gt(past.clone()).and(record_event::manifest_sha256.is_not_null()))
                    .order(record_event::id)
                    .limit(PAGE)
                    .select((record_event::encounter_id, record_event::id, record_event::key_id, record_event::sealed))
                    .load(conn.db()),
                "patient_signature" => patient_signature::table
                    .filter(patient_signature::id.gt(past.clone()))
                    .order(patient_signature::id)
                    .limit(PAGE)
                    .select((
                        patient_signature::encounter_id,
                        patient_signature::id,
                        patient_signature::key_id,
                        patient_signature::sealed.nullable(),
                    ))
                    .load(conn.db()),
                "record_restriction" => record_restriction::table
                    .filter(record_restriction::id.gt(past.clone()))
                    .order(record_restriction::id)
                    .limit(PAGE)
                    .select((
                        record_restriction::encounter_id,
                        record_restriction::id,
                        record_restriction::key_id,
                        record_restriction::sealed.nullable(),
                    ))
                    .load(conn.db()),
                // Under a key of its own.
                "paper_scan" => paper_scan::table
                    .filter(paper_scan::id.gt(past.clone()))
                    .order(paper_scan::id)
                    .limit(BLOBS)
                    .select((paper_scan::id, paper_scan::id, paper_scan::key_id, paper_scan::bytes))
                    .load(conn.db()),
                _ => signature::table
                    .filter(signature::id.gt(past.clone()))
                    .order(signature::id)
                    .limit(PAGE)
                    .select((signature::encounter_id, signature::id, signature::key_id, signature::value.nullable()))
                    .load(conn.db()),
            }
            .map_err(StoreError::db("read sealed rows"))?;
            let Some((_, last, ..)) = rows.last() else { break };
            past.clone_from(last);
            for (of, row, key, sealed) in rows {
                if key == SEALED && sealed.is_none() {
                    continue; // taken out when its record was destroyed
                }
                found.look(conn, &of, (table, &row, 0), sealed.as_deref().filter(|_| key == SEALED))?;
            }
        }
    }
    Ok(())
}

fn blobs(conn: &mut Conn, found: &mut Payloads) -> Result<(), StoreError> {
    type Kept = (Option<String>, String, i64, Vec<u8>);
    let mut past = String::new();
    loop {
        let rows: Vec<Kept> = blob::table
            .filter(blob::sha256.gt(past.clone()))
            .order(blob::sha256)
            .limit(BLOBS)
            .select((blob::encounter_id, blob::sha256, blob::key_id, blob::bytes))
            .load(conn.db())
            .map_err(StoreError::db("read sealed sheets"))?;
        let Some((_, last, ..)) = rows.last() else { return Ok(()) };
        past.clone_from(last);
        for (of, name, key, bytes) in rows {
            let at = ("blob", name.as_str(), 0);
            let sealed = Some(bytes.as_slice()).filter(|_| key == SEALED);
            let opened = found.look(conn, of.as_deref().unwrap_or_default(), at, sealed)?;
            let plain = if key == SEALED { opened } else { Some(bytes) };
            if plain.is_some_and(|bytes| hex::encode(Sha256::digest(bytes)) != name) {
                found.note(at, "không còn đúng mã băm");
            }
        }
    }
}
