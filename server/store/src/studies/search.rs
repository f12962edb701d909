//! Studies by attributes, as a DICOM viewer asks (QIDO-RS): only what the caller may see, with the patient of the link.

use super::{Row, Study, of_row};
use crate::schema::{encounter, patient, record_restriction, series, study};
use crate::{Conn, StoreError};
use benhan_domain::access::{LinkStudy, Permit, Scope, ViewChart};
use benhan_domain::id::EncounterId;
use diesel::prelude::*;

/// What the caller may see: charts by the permit's scope, and, with the second permit, studies on nobody's chart.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'p> {
    pub charts: &'p Permit<ViewChart>,
    pub unlinked: Option<&'p Permit<LinkStudy>>,
    /// Of the records that only assigned staff read, those that the caller does.
    pub readable: &'p [EncounterId],
}

/// Every given part must hold.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub study_uids: Vec<String>,
    /// The patient's code, or for an unlinked study what the modality sent.
    pub patient_id: Option<String>,
    pub accession: Option<String>,
    /// DICOM DA, both ends included.
    pub from_date: Option<String>,
    pub to_date: Option<String>,
    pub modalities: Vec<String>,
}

/// A study with the patient that the record knows for it.
#[derive(Clone, Debug)]
pub struct Found {
    pub study: Study,
    pub patient: Option<KnownPatient>,
}

#[derive(Clone, Debug)]
pub struct KnownPatient {
    pub code: String,
    pub name: String,
    /// `1970-03-12`
    pub birth_date: Option<String>,
    /// `male`, `female`, `unknown`
    pub sex: String,
}

type Known = (Option<String>, Option<String>, Option<String>, Option<String>);

/// Newest first. Index study_by_arrival; a given UID goes by the unique study_uid.
pub fn search(
    conn: &mut Conn,
    sight: Sight<'_>,
    wanted: &Query,
    limit: i64,
    offset: i64,
) -> Result<Vec<Found>, StoreError> {
    let mut query = study::table
        .left_join(encounter::table.on(encounter::id.nullable().eq(study::encounter_id)))
        .left_join(patient::table.on(patient::id.eq(encounter::patient_id)))
        .select((
            Row::as_select(),
            (
                patient::code.nullable(),
                patient::name.nullable(),
                patient::birth_date.nullable(),
                patient::sex.nullable(),
            ),
        ))
        .into_boxed();
    let in_wards: Option<Vec<String>> = match sight.charts.scope() {
        Scope::Facility => None,
        Scope::Ward(ward) => Some(vec![ward.to_string()]),
        Scope::Wards(wards) => Some(wards.iter().map(|w| w.to_string()).collect()),
        Scope::Encounter(stay) => {
            query = query.filter(study::encounter_id.eq(stay.to_string()));
            None
        }
    };
    query = match (in_wards, sight.unlinked) {
        (None, Some(_)) => query,
        (None, None) => query.filter(study::encounter_id.is_not_null()),
        (Some(wards), None) => query.filter(encounter::ward_id.eq_any(wards)),
        (Some(wards), Some(_)) => query.filter(encounter::ward_id.eq_any(wards).or(encounter::id.is_null())),
    };
    let restricted = record_restriction::table
        .filter(record_restriction::lifted_at.is_null())
        .filter(record_restriction::encounter_id.ne_all(sight.readable.iter().map(ToString::to_string)))
        .select(record_restriction::encounter_id);
    query = query.filter(study::encounter_id.is_null().or(study::encounter_id.assume_not_null().ne_all(restricted)));
    if !wanted.study_uids.is_empty() {
        query = query.filter(study::study_uid.eq_any(wanted.study_uids.clone()));
    }
    if let Some(code) = &wanted.patient_id {
        let unlinked = study::encounter_id.is_null().and(study::sent_patient_id.eq(code.clone()));
        query = query.filter(patient::code.eq(code.clone()).or(unlinked));
    }
    if let Some(accession) = &wanted.accession {
        query = query.filter(study::accession.eq(accession.clone()));
    }
    if let Some(from) = &wanted.from_date {
        query = query.filter(study::study_date.ge(from.clone()));
    }
    if let Some(to) = &wanted.to_date {
        query = query.filter(study::study_date.le(to.clone()).and(study::study_date.ne("")));
    }
    if !wanted.modalities.is_empty() {
        let holding = series::table.filter(series::modality.eq_any(wanted.modalities.clone())).select(series::study_id);
        query = query.filter(study::id.eq_any(holding));
    }
    let rows: Vec<(Row, Known)> = query
        .order((study::received_at.desc(), study::id.desc()))
        .limit(limit)
        .offset(offset)
        .load(conn.db())
        .map_err(StoreError::db("search studies"))?;
    rows.into_iter()
        .map(|(row, (code, name, birth_date, sex))| {
            let patient = match (code, name, sex) {
                (Some(code), Some(name), Some(sex)) => Some(KnownPatient { code, name, birth_date, sex }),
                _ => None,
            };
            Ok(Found { study: of_row(row)?, patient })
        })
        .collect()
}
