//! Images of records that are being destroyed: which bridge was asked for which study, and has none of it any more.
//! UIDs, hashes and names of programs, and nothing of a patient.

use crate::error::id;
use crate::schema::{attention_report, image_erasure, image_removal, instance, series, study, study_delivery};
use crate::{Conn, StoreError, Tx};
use benhan_domain::access::{KeepRecords, Permit, Scope};
use benhan_domain::id::{AttentionActId, EncounterId};
use diesel::dsl::exists;
use diesel::prelude::*;
use std::collections::HashSet;

/// What a bridge is asked to do away with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub act: AttentionActId,
    pub study_uid: String,
}

fn stay_of(permit: &Permit<KeepRecords>) -> Result<String, StoreError> {
    match permit.scope() {
        Scope::Encounter(stay) => Ok(stay.to_string()),
        _ => Err(StoreError::corrupt("permit", "scope", "image_removal")),
    }
}

/// Notes that the images of the permit's record have to go; how many there are. Once, however often it is said. A study
/// that came without images is removed as any other.
pub fn begin(tx: &mut Tx<'_>, permit: &Permit<KeepRecords>) -> Result<usize, StoreError> {
    let (stay, now) = (stay_of(permit)?, tx.now().0);
    let studies = study::table.filter(study::encounter_id.eq(stay.clone()));
    let there: bool =
        diesel::select(exists(studies)).get_result(tx.db()).map_err(StoreError::db("look for studies"))?;
    if !there {
        return Ok(0);
    }
    // The orders go with the record, before its images do.
    diesel::update(study::table.filter(study::encounter_id.eq(stay.clone())))
        .set(study::order_id.eq(None::<String>))
        .execute(tx.db())
        .map_err(StoreError::db("take studies off their orders"))?;
    if !is_open(tx.conn(), permit)? {
        diesel::insert_into(image_removal::table)
            .values((image_removal::encounter_id.eq(&stay), image_removal::asked_at.eq(now)))
            .execute(tx.db())
            .map_err(StoreError::db("note a removal of images"))?;
    }
    Ok(hashes(tx.conn(), permit)?.len())
}

/// Records whose images are still somewhere. Partial index image_removal_open.
pub fn open(conn: &mut Conn) -> Result<Vec<EncounterId>, StoreError> {
    let rows: Vec<String> = image_removal::table
        .filter(image_removal::settled_at.is_null())
        .order(image_removal::asked_at)
        .select(image_removal::encounter_id)
        .load(conn.db())
        .map_err(StoreError::db("list removals of images"))?;
    rows.iter().map(|stay| id(stay, "image_removal", "encounter_id")).collect()
}

/// Is the permit's record one of them?
pub fn is_open(conn: &mut Conn, permit: &Permit<KeepRecords>) -> Result<bool, StoreError> {
    let mine = image_removal::encounter_id.eq(stay_of(permit)?).and(image_removal::settled_at.is_null());
    diesel::select(exists(image_removal::table.filter(mine)))
        .get_result(conn.db())
        .map_err(StoreError::db("look for a removal of images"))
}

/// Studies of the permit's record and bridges that report, where the one was not asked for the other.
pub fn unasked(conn: &mut Conn, permit: &Permit<KeepRecords>) -> Result<Vec<(String, String)>, StoreError> {
    let stay = stay_of(permit)?;
    let asked: HashSet<(String, String)> = image_erasure::table
        .filter(image_erasure::encounter_id.eq(&stay))
        .select((image_erasure::study_uid, image_erasure::edge))
        .load(conn.db())
        .map_err(StoreError::db("list what bridges were asked"))?
        .into_iter()
        .collect();
    let (uids, edges) = (study_uids(conn, &stay)?, bridges(conn)?);
    let all = uids.iter().flat_map(|uid| edges.iter().map(move |(edge, _)| (uid.clone(), edge.clone())));
    Ok(all.filter(|one| !asked.contains(one)).collect())
}

/// Asks every bridge that reports for every study that it has not been asked for.
pub fn ask(tx: &mut Tx<'_>, permit: &Permit<KeepRecords>) -> Result<(), StoreError> {
    let (stay, now) = (stay_of(permit)?, tx.now().0);
    for (uid, edge) in unasked(tx.conn(), permit)? {
        let act: AttentionActId = tx.fresh();
        let row = (
            image_erasure::id.eq(act.to_string()),
            image_erasure::encounter_id.eq(&stay),
            image_erasure::study_uid.eq(uid),
            image_erasure::edge.eq(edge),
            image_erasure::asked_at.eq(now),
        );
        diesel::insert_into(image_erasure::table)
            .values(row)
            .execute(tx.db())
            .map_err(StoreError::db("ask a bridge to erase a study"))?;
    }
    Ok(())
}

/// Every bridge that reports, and by which name people know it.
fn bridges(conn: &mut Conn) -> Result<Vec<(String, String)>, StoreError> {
    attention_report::table
        .filter(attention_report::kind.eq("pacs"))
        .order(attention_report::edge)
        .select((attention_report::edge, attention_report::name))
        .load(conn.db())
        .map_err(StoreError::db("list bridges"))
}

fn study_uids(conn: &mut Conn, stay: &str) -> Result<Vec<String>, StoreError> {
    study::table
        .filter(study::encounter_id.eq(stay))
        .order(study::study_uid)
        .select(study::study_uid)
        .load(conn.db())
        .map_err(StoreError::db("list a record's studies"))
}

/// What still keeps images of the permit's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Every bridge says that it has none.
    Nobody,
    /// No bridge has reported: nobody knows.
    Unknown,
    /// These, by the names that people know.
    Bridges(Vec<String>),
}

/// A bridge that was taken off the list is no more, and not waited for.
pub fn keeps(conn: &mut Conn, permit: &Permit<KeepRecords>) -> Result<Keeps, StoreError> {
    let stay = stay_of(permit)?;
    let done: HashSet<(String, String)> = image_erasure::table
        .filter(image_erasure::encounter_id.eq(&stay).and(image_erasure::done_at.is_not_null()))
        .select((image_erasure::study_uid, image_erasure::edge))
        .load(conn.db())
        .map_err(StoreError::db("list what bridges erased"))?
        .into_iter()
        .collect();
    let (uids, edges) = (study_uids(conn, &stay)?, bridges(conn)?);
    if edges.is_empty() && !uids.is_empty() {
        return Ok(Keeps::Unknown);
    }
    let has = |edge: &String| uids.iter().any(|uid| !done.contains(&(uid.clone(), edge.clone())));
    let names: Vec<String> = edges.into_iter().filter(|(edge, _)| has(edge)).map(|(_, name)| name).collect();
    Ok(if names.is_empty() { Keeps::Nobody } else { Keeps::Bridges(names) })
}

/// What a bridge has been asked and has not done, oldest first. Partial index image_erasure_open.
pub fn asked_of(conn: &mut Conn, edge: &str, most: usize) -> Result<Vec<Erasure>, StoreError> {
    let rows: Vec<(String, String)> = image_erasure::table
        .filter(image_erasure::edge.eq(edge).and(image_erasure::done_at.is_null()))
        .order((image_erasure::asked_at, image_erasure::id))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select((image_erasure::id, image_erasure::study_uid))
        .load(conn.db())
        .map_err(StoreError::db("list what a bridge has to erase"))?;
    let erasure = |(act, study_uid): (String, String)| Ok(Erasure { act: id(&act, "image_erasure", "id")?, study_uid });
    rows.into_iter().map(erasure).collect()
}

/// The bridge says so. How many of them were ours; unknown ids are no error.
pub fn done(tx: &mut Tx<'_>, edge: &str, acts: &[AttentionActId]) -> Result<usize, StoreError> {
    let (ids, now) = (acts.iter().map(ToString::to_string).collect::<Vec<_>>(), tx.now().0);
    let open = image_erasure::edge.eq(edge).and(image_erasure::done_at.is_null());
    diesel::update(image_erasure::table.filter(image_erasure::id.eq_any(ids).and(open)))
        .set(image_erasure::done_at.eq(Some(now)))
        .execute(tx.db())
        .map_err(StoreError::db("note what a bridge erased"))
}

/// Hashes of the image files of the permit's record.
pub fn hashes(conn: &mut Conn, permit: &Permit<KeepRecords>) -> Result<Vec<String>, StoreError> {
    instance::table
        .inner_join(series::table.on(series::series_uid.eq(instance::series_uid)))
        .inner_join(study::table.on(study::id.eq(series::study_id)))
        .filter(study::encounter_id.eq(stay_of(permit)?))
        .select(instance::sha256)
        .distinct()
        .load(conn.db())
        .map_err(StoreError::db("list a record's images"))
}

/// Nobody has them: what was known of them goes too. The triggers let it only while the record is being destroyed.
pub fn settle(tx: &mut Tx<'_>, permit: &Permit<KeepRecords>) -> Result<(), StoreError> {
    let (stay, now) = (stay_of(permit)?, tx.now().0);
    let studies = || study::table.filter(study::encounter_id.eq(stay.clone())).select(study::id);
    let all = || series::table.filter(series::study_id.eq_any(studies())).select(series::series_uid);
    let failed = || StoreError::db("erase what is known of images");
    diesel::delete(instance::table.filter(instance::series_uid.eq_any(all()))).execute(tx.db()).map_err(failed())?;
    diesel::delete(series::table.filter(series::study_id.eq_any(studies()))).execute(tx.db()).map_err(failed())?;
    let deliveries = study_delivery::table.filter(study_delivery::study_id.eq_any(studies()));
    diesel::delete(deliveries).execute(tx.db()).map_err(failed())?;
    diesel::delete(study::table.filter(study::encounter_id.eq(stay.clone()))).execute(tx.db()).map_err(failed())?;
    diesel::update(image_removal::table.filter(image_removal::encounter_id.eq(stay)))
        .set(image_removal::settled_at.eq(Some(now)))
        .execute(tx.db())
        .map(drop)
        .map_err(failed())
}

/// Was this study erased with its record, or is it about to be?
pub fn is_asked(conn: &mut Conn, study_uid: &str) -> Result<bool, StoreError> {
    let asked = image_erasure::table.filter(image_erasure::study_uid.eq(study_uid));
    diesel::select(exists(asked)).get_result(conn.db()).map_err(StoreError::db("look for an erased study"))
}
