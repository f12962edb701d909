//! The journal's transaction for one instance: new, a repeat, or a contradiction that a person must decide.

use super::describe::Description;
use super::part::Part;
use super::schema::{instance, quarantine, series, study};
use crate::transfer_syntax::layout_name;
use benhan_contract::Micros;
use benhan_dimse::Uid;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

/// A shelved instance on its way into the journal.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    description: Description,
    sha256: String,
    size: i64,
    received_from: String,
    received_at: Micros,
}

/// What became of it; durable once the transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Stored,
    /// The same instance with the same bytes was here already; counted.
    Repeated,
    /// Another dataset under a known UID: the first stays, this one waits for a person.
    ContentDiffers,
    /// Its study belongs to another patient number: not merged, waits for a person.
    PatientDiffers,
    /// Its series belongs to another study: waits for a person.
    SeriesDiffers,
    /// It names no study or series: waits for a person.
    NoStudy,
}

impl Keep {
    pub(crate) fn new(part: Part, received_from: &str, received_at: Micros) -> Self {
        Self {
            description: part.description,
            sha256: part.sha256,
            size: i64::try_from(part.size).unwrap_or(i64::MAX),
            received_from: received_from.to_owned(),
            received_at,
        }
    }

    /// Runs inside the caller's transaction.
    pub(crate) fn run(&self, connection: &mut SqliteConnection) -> QueryResult<Kept> {
        let known: Option<(i64, String)> = instance::table
            .filter(instance::sop_uid.eq(self.description.sop_instance.as_str()))
            .select((instance::id, instance::sha256))
            .first(connection)
            .optional()?;
        match known {
            Some((id, sha256)) if sha256 == self.sha256 => {
                diesel::update(instance::table.find(id))
                    .set(instance::repeats.eq(instance::repeats + 1))
                    .execute(connection)?;
                Ok(Kept::Repeated)
            }
            Some(_) => self.quarantine(connection, "content-differs").map(|()| Kept::ContentDiffers),
            None => self.file(connection),
        }
    }

    /// A new instance goes to its study, or aside where that is not clear.
    fn file(&self, connection: &mut SqliteConnection) -> QueryResult<Kept> {
        let Some((study_uid, series_uid)) = &self.description.place else {
            return self.quarantine(connection, "no-study").map(|()| Kept::NoStudy);
        };
        if self.series_is_elsewhere(connection, study_uid, series_uid)? {
            return self.quarantine(connection, "series-differs").map(|()| Kept::SeriesDiffers);
        }
        match self.study(connection, study_uid)? {
            Some(study_id) => {
                let series_id = self.series(connection, study_id, series_uid)?;
                self.instance(connection, series_id)?;
                diesel::update(study::table.find(study_id))
                    .set(study::changed.eq(study::changed + 1))
                    .execute(connection)?;
                Ok(Kept::Stored)
            }
            None => self.quarantine(connection, "patient-differs").map(|()| Kept::PatientDiffers),
        }
    }

    /// The server, too, knows a series by its UID alone.
    fn series_is_elsewhere(
        &self,
        connection: &mut SqliteConnection,
        study_uid: &Uid,
        series_uid: &Uid,
    ) -> QueryResult<bool> {
        let elsewhere = series::table
            .inner_join(study::table)
            .filter(series::series_uid.eq(series_uid.as_str()).and(study::study_uid.ne(study_uid.as_str())));
        diesel::select(diesel::dsl::exists(elsewhere)).get_result(connection)
    }

    /// The study's row, made when it is new; nothing when it is another patient's.
    fn study(&self, connection: &mut SqliteConnection, study_uid: &Uid) -> QueryResult<Option<i64>> {
        let described = &self.description;
        let known: Option<(i64, String, String)> = study::table
            .filter(study::study_uid.eq(study_uid.as_str()))
            .select((study::id, study::patient_id, study::issuer))
            .first(connection)
            .optional()?;
        if let Some((id, patient_id, issuer)) = known {
            let same = patient_id == described.patient_id && issuer == described.issuer;
            return Ok(same.then_some(id));
        }
        diesel::insert_into(study::table)
            .values((
                study::study_uid.eq(study_uid.as_str()),
                study::accession.eq(&described.accession),
                study::patient_id.eq(&described.patient_id),
                study::issuer.eq(&described.issuer),
                study::patient_name.eq(&described.patient_name),
                study::birth_date.eq(&described.birth_date),
                study::sex.eq(&described.sex),
                study::study_date.eq(&described.study_date),
                study::study_time.eq(&described.study_time),
                study::description.eq(&described.study_description),
                study::station_ae.eq(&self.received_from),
                study::received_at.eq(self.received_at),
                study::changed.eq(0),
                study::delivered.eq(0),
            ))
            .returning(study::id)
            .get_result(connection)
            .map(Some)
    }

    fn series(&self, connection: &mut SqliteConnection, study_id: i64, series_uid: &Uid) -> QueryResult<i64> {
        let described = &self.description;
        let known: Option<i64> = series::table
            .filter(series::study_id.eq(study_id).and(series::series_uid.eq(series_uid.as_str())))
            .select(series::id)
            .first(connection)
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        diesel::insert_into(series::table)
            .values((
                series::study_id.eq(study_id),
                series::series_uid.eq(series_uid.as_str()),
                series::modality.eq(&described.modality),
                series::number.eq(described.series_number),
                series::description.eq(&described.series_description),
                series::body_part.eq(&described.body_part),
            ))
            .returning(series::id)
            .get_result(connection)
    }

    fn instance(&self, connection: &mut SqliteConnection, series_id: i64) -> QueryResult<()> {
        let described = &self.description;
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        diesel::insert_into(instance::table)
            .values((
                instance::series_id.eq(series_id),
                instance::sop_uid.eq(described.sop_instance.as_str()),
                instance::sop_class.eq(described.sop_class.as_str()),
                instance::transfer_syntax.eq(&described.transfer_syntax),
                instance::layout.eq(layout_name(described.layout)),
                instance::number.eq(described.number),
                instance::image_rows.eq(described.rows),
                instance::image_columns.eq(described.columns),
                instance::frames.eq(described.frames),
                instance::sha256.eq(&self.sha256),
                instance::size.eq(self.size),
                instance::header_size.eq(signed(described.header_size)),
                instance::pixel_offset.eq(described.pixel_offset.map(signed)),
                instance::pixel_length.eq(described.pixel_length.map(signed)),
                instance::received_from.eq(&self.received_from),
                instance::received_at.eq(self.received_at),
                instance::repeats.eq(0),
            ))
            .execute(connection)
            .map(drop)
    }

    fn quarantine(&self, connection: &mut SqliteConnection, why: &str) -> QueryResult<()> {
        let repeated = diesel::update(quarantine::table)
            .filter(quarantine::sop_uid.eq(self.description.sop_instance.as_str()))
            .filter(quarantine::sha256.eq(&self.sha256))
            .set(quarantine::repeats.eq(quarantine::repeats + 1))
            .execute(connection)?;
        if repeated > 0 {
            return Ok(());
        }
        diesel::insert_into(quarantine::table)
            .values((
                quarantine::why.eq(why),
                quarantine::sop_uid.eq(self.description.sop_instance.as_str()),
                quarantine::study_uid.eq(self.description.place.as_ref().map_or("", |(study, _)| study.as_str())),
                quarantine::transfer_syntax.eq(&self.description.transfer_syntax),
                quarantine::sha256.eq(&self.sha256),
                quarantine::size.eq(self.size),
                quarantine::received_from.eq(&self.received_from),
                quarantine::received_at.eq(self.received_at),
                quarantine::repeats.eq(0),
            ))
            .execute(connection)
            .map(drop)
    }
}
