//! Questions to the journal.

use super::schema::{instance, quarantine, series, study};
use benhan_contract::{DeliveryId, InstanceSummary, Micros, SeriesSummary, StudyDelivery};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

/// No series or study in practice comes near. What is beyond is stored, and the operator is told that nobody else is.
const MOST_INSTANCES: i64 = 20_000;

/// Cuts an answer that was asked for with one row too many.
fn bounded<T>(mut rows: Vec<T>, series_uid: &str) -> Vec<T> {
    let most = usize::try_from(MOST_INSTANCES).unwrap_or(usize::MAX);
    if rows.len() > most {
        tracing::error!(series = series_uid, most, "a series has more instances than are told of or listed");
        rows.truncate(most);
    }
    rows
}

/// What is needed to serve one instance.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = instance)]
pub(crate) struct StoredInstance {
    pub(crate) sop_uid: String,
    pub(crate) transfer_syntax: String,
    pub(crate) layout: String,
    pub(crate) frames: i64,
    pub(crate) sha256: String,
    pub(crate) header_size: i64,
    pub(crate) pixel_offset: Option<i64>,
    pub(crate) pixel_length: Option<i64>,
}

impl StoredInstance {
    /// By SOP instance UID (unique index).
    pub(crate) fn find(connection: &mut SqliteConnection, sop_uid: &str) -> QueryResult<Option<Self>> {
        instance::table.filter(instance::sop_uid.eq(sop_uid)).select(Self::as_select()).first(connection).optional()
    }

    /// A series in the order of its instance numbers (index instance_by_series).
    pub(crate) fn of_series(connection: &mut SqliteConnection, series_uid: &str) -> QueryResult<Vec<Self>> {
        instance::table
            .inner_join(series::table)
            .filter(series::series_uid.eq(series_uid))
            .order((instance::number, instance::id))
            .limit(MOST_INSTANCES + 1)
            .select(Self::as_select())
            .load(connection)
            .map(|rows| bounded(rows, series_uid))
    }
}

/// A study of which the server has not heard the latest.
#[derive(Clone, Debug)]
pub(crate) struct Undelivered {
    pub(crate) delivery: StudyDelivery,
    /// The count of changes that the delivery covers.
    pub(crate) changed: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = study)]
struct StudyRow {
    id: i64,
    study_uid: String,
    accession: String,
    patient_id: String,
    issuer: String,
    patient_name: String,
    birth_date: String,
    sex: String,
    study_date: String,
    study_time: String,
    description: String,
    station_ae: String,
    received_at: Micros,
    changed: i64,
    delivered: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = series)]
struct SeriesRow {
    id: i64,
    series_uid: String,
    modality: String,
    number: Option<i64>,
    description: String,
    body_part: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = instance)]
struct InstanceRow {
    sop_uid: String,
    sop_class: String,
    transfer_syntax: String,
    number: Option<i64>,
    image_rows: Option<i64>,
    image_columns: Option<i64>,
    frames: i64,
    sha256: String,
    size: i64,
}

impl Undelivered {
    /// Studies that changed since the server last heard of them (partial index study_undelivered).
    pub(crate) fn study_uids(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
        study::table
            .filter(study::changed.gt(study::delivered))
            .order(study::id)
            .select(study::study_uid)
            .load(connection)
    }

    /// The whole study as it stands now; nothing when the server has it already.
    pub(crate) fn load(
        connection: &mut SqliteConnection,
        study_uid: &str,
        id: DeliveryId,
    ) -> QueryResult<Option<Self>> {
        // One snapshot, so that the count of changes speaks for the rows.
        connection.transaction(|connection| {
            let row = study::table
                .filter(study::study_uid.eq(study_uid))
                .select(StudyRow::as_select())
                .first(connection)
                .optional()?;
            let Some(row) = row.filter(|row| row.changed > row.delivered) else {
                return Ok(None);
            };
            let changed = row.changed;
            let rows = series::table
                .filter(series::study_id.eq(row.id))
                .order((series::number, series::id))
                .select(SeriesRow::as_select())
                .load(connection)?;
            let all = rows.into_iter().map(|row| summary(connection, row)).collect::<QueryResult<_>>()?;
            Ok(Some(Self { delivery: delivery(id, row, all), changed }))
        })
    }

    /// Notes, in the transaction that puts the parcel, what the server is being told.
    pub(crate) fn told(connection: &mut SqliteConnection, study_uid: &str, changed: i64) -> QueryResult<()> {
        diesel::update(study::table.filter(study::study_uid.eq(study_uid)))
            .set(study::delivered.eq(changed))
            .execute(connection)
            .map(drop)
    }
}

fn delivery(id: DeliveryId, row: StudyRow, series: Vec<SeriesSummary>) -> StudyDelivery {
    StudyDelivery {
        id,
        study_uid: row.study_uid,
        accession: row.accession,
        patient_id: row.patient_id,
        issuer: row.issuer,
        patient_name: row.patient_name,
        birth_date: row.birth_date,
        sex: row.sex,
        study_date: row.study_date,
        study_time: row.study_time,
        description: row.description,
        station_ae: row.station_ae,
        received_at: row.received_at,
        series,
    }
}

fn summary(connection: &mut SqliteConnection, row: SeriesRow) -> QueryResult<SeriesSummary> {
    let instances = instance::table
        .filter(instance::series_id.eq(row.id))
        .order((instance::number, instance::id))
        .limit(MOST_INSTANCES + 1)
        .select(InstanceRow::as_select())
        .load(connection)?;
    let instances = bounded(instances, &row.series_uid);
    Ok(SeriesSummary {
        series_uid: row.series_uid,
        modality: row.modality,
        number: row.number,
        description: row.description,
        body_part: row.body_part,
        instances: instances
            .into_iter()
            .map(|row| InstanceSummary {
                sop_uid: row.sop_uid,
                sop_class: row.sop_class,
                transfer_syntax: row.transfer_syntax,
                number: row.number,
                rows: row.image_rows,
                columns: row.image_columns,
                frames: row.frames,
                sha256: row.sha256,
                size: row.size,
            })
            .collect(),
    })
}

/// An instance that waits for a person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = quarantine)]
pub(crate) struct Quarantined {
    pub(crate) why: String,
    pub(crate) sop_uid: String,
    pub(crate) study_uid: String,
    pub(crate) sha256: String,
    pub(crate) size: i64,
    pub(crate) received_from: String,
    pub(crate) received_at: Micros,
    pub(crate) repeats: i64,
}

impl Quarantined {
    /// The latest first.
    pub(crate) fn latest(connection: &mut SqliteConnection, limit: i64) -> QueryResult<Vec<Self>> {
        quarantine::table.order(quarantine::id.desc()).limit(limit).select(Self::as_select()).load(connection)
    }
}
