//! What a study is made of: its series and their instances.

use super::{CHUNK, Instance, Series, Study};
use crate::error::id;
use crate::schema::{instance, series};
use crate::{Conn, StoreError};
use diesel::prelude::*;
use std::collections::HashMap;

/// The series of studies that the caller was permitted to read, by number, with how many instances each has.
/// Index series_of_study, instance_of_series.
pub fn series_of(conn: &mut Conn, studies: &[Study]) -> Result<Vec<Series>, StoreError> {
    type Listed = (String, String, String, Option<i64>, String, String);
    let wanted: Vec<String> = studies.iter().map(|s| s.id.to_string()).collect();
    let rows: Vec<Listed> = series::table
        .filter(series::study_id.eq_any(wanted))
        .order((series::study_id, series::number, series::series_uid))
        .limit(20_000)
        .select((
            series::series_uid,
            series::study_id,
            series::modality,
            series::number,
            series::description,
            series::body_part,
        ))
        .load(conn.db())
        .map_err(StoreError::db("list series"))?;
    let mut counts: HashMap<String, i64> = HashMap::new();
    let uids: Vec<String> = rows.iter().map(|r| r.0.clone()).collect();
    for chunk in uids.chunks(CHUNK) {
        let counted: Vec<(String, i64)> = instance::table
            .filter(instance::series_uid.eq_any(chunk.to_vec()))
            .group_by(instance::series_uid)
            .select((instance::series_uid, diesel::dsl::count_star()))
            .load(conn.db())
            .map_err(StoreError::db("count instances"))?;
        counts.extend(counted);
    }
    rows.into_iter()
        .map(|(series_uid, study, modality, number, description, body_part)| {
            let instances = counts.get(&series_uid).copied().unwrap_or(0);
            let study = id(&study, "series", "study_id")?;
            Ok(Series { study, series_uid, modality, number, description, body_part, instances })
        })
        .collect()
}

/// Instances of series that the caller was permitted to read, by number. Index instance_of_series.
pub fn instances_of(conn: &mut Conn, of: &[Series], limit: i64, offset: i64) -> Result<Vec<Instance>, StoreError> {
    let uids: Vec<String> = of.iter().map(|s| s.series_uid.clone()).collect();
    instance::table
        .filter(instance::series_uid.eq_any(uids))
        .order((instance::series_uid, instance::number, instance::sop_uid))
        .limit(limit)
        .offset(offset)
        .select(Instance::as_select())
        .load(conn.db())
        .map_err(StoreError::db("list instances"))
}

/// One instance, if it belongs to one of these series. By the primary key.
pub fn instance_of(conn: &mut Conn, of: &[Series], sop_uid: &str) -> Result<Option<Instance>, StoreError> {
    let found: Option<Instance> = instance::table
        .filter(instance::sop_uid.eq(sop_uid))
        .select(Instance::as_select())
        .first(conn.db())
        .optional()
        .map_err(StoreError::db("read an instance"))?;
    Ok(found.filter(|i| of.iter().any(|s| s.series_uid == i.series_uid)))
}
