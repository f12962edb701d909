//! A study whose record was destroyed: the key of its files, the files, then what the journal says of it. In this order: what
//! is cut off in between is asked for again and finds the rows, where the other way round files would be left that nobody
//! names.

use super::Library;
use super::schema::{instance, quarantine, series, study};
use benhan_uplink::outbox;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;

/// The study's image files. What was kept apart under its UID is nobody's yet, and may be another patient's: it stays.
pub(crate) fn files_of(connection: &mut SqliteConnection, study_uid: &str) -> QueryResult<Vec<String>> {
    instance::table
        .inner_join(series::table.inner_join(study::table))
        .filter(study::study_uid.eq(study_uid))
        .select(instance::sha256)
        .load(connection)
}

/// Files that came under the study's UID and wait for a person.
pub(crate) fn kept_apart(connection: &mut SqliteConnection, study_uid: &str) -> QueryResult<Vec<String>> {
    quarantine::table.filter(quarantine::study_uid.eq(study_uid)).select(quarantine::sha256).load(connection)
}

/// What was kept apart keeps a key; blocking. Twice is as good as once.
pub(crate) fn set_apart(library: &Library, hashes: &[String], at: i64) -> io::Result<()> {
    for sha256 in hashes {
        match OpenOptions::new().read(true).write(true).open(library.places.blob(sha256)) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            opened => library.keys.set_apart(&opened?, at)?,
        }
    }
    Ok(())
}

/// Blocking. Twice is as good as once.
pub(crate) fn remove_files(library: &Library, study: &str, hashes: &[String], at: i64) -> io::Result<()> {
    let places = &library.places;
    let there = hashes.iter().filter_map(|sha256| File::open(places.blob(sha256)).ok());
    library.keys.shred(study, there, at)?;
    let mut shelves = BTreeSet::new();
    for sha256 in hashes {
        gone(fs::remove_file(places.blob(sha256)))?;
        shelves.insert(places.shelf(sha256));
    }
    for shelf in shelves {
        File::open(shelf)?.sync_all()?;
    }
    // Rendered frames are named by a hash of many things, so all of them go; they are made again when they are asked for.
    for entry in fs::read_dir(&places.derived)? {
        gone(fs::remove_file(entry?.path()))?;
    }
    Ok(())
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
        _ => Ok(()),
    }
}

/// Runs inside the caller's transaction, once the files are gone.
pub(crate) fn forget(connection: &mut SqliteConnection, study_uid: &str) -> QueryResult<()> {
    outbox::drop_all_of(connection, study_uid)?;
    let known: Option<i64> =
        study::table.filter(study::study_uid.eq(study_uid)).select(study::id).first(connection).optional()?;
    let Some(id) = known else { return Ok(()) };
    let all = series::table.filter(series::study_id.eq(id));
    diesel::delete(instance::table.filter(instance::series_id.eq_any(all.select(series::id)))).execute(connection)?;
    diesel::delete(all).execute(connection)?;
    diesel::delete(study::table.find(id)).execute(connection).map(drop)
}
