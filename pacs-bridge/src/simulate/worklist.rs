//! What the modality asks the worklist, and what it keeps of the answers.

use super::association::{Dataset, SimulateError, Speaker};
use dicom_core::value::{DataSetSequence, Value};
use dicom_core::{DataElement, Length, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

/// An order as the worklist gave it; texts as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheduled {
    pub accession: String,
    pub study_uid: String,
    pub patient_name: String,
    pub patient_id: String,
    pub birth_date: String,
    pub sex: String,
    pub procedure_id: String,
    pub description: String,
    pub referring_physician: String,
    pub date: String,
    pub time: String,
}

const ASKED: &[(Tag, VR)] = &[
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_SEX, VR::CS),
    (tags::STUDY_INSTANCE_UID, VR::UI),
    (tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO),
    (tags::REQUESTED_PROCEDURE_ID, VR::SH),
];

pub(super) async fn query(speaker: &mut Speaker, modality: &str) -> Result<Vec<Scheduled>, SimulateError> {
    let mut step = InMemDicomObject::new_empty();
    step.put(DataElement::new(tags::MODALITY, VR::CS, modality));
    for (tag, vr) in [
        (tags::SCHEDULED_STATION_AE_TITLE, VR::AE),
        (tags::SCHEDULED_PROCEDURE_STEP_START_DATE, VR::DA),
        (tags::SCHEDULED_PROCEDURE_STEP_START_TIME, VR::TM),
    ] {
        step.put(DataElement::new(tag, vr, PrimitiveValue::Empty));
    }
    let mut identifier = InMemDicomObject::new_empty();
    for (tag, vr) in ASKED {
        identifier.put(DataElement::new(*tag, *vr, PrimitiveValue::Empty));
    }
    let steps = DataSetSequence::new(vec![step], Length::UNDEFINED);
    identifier.put(DataElement::new(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, VR::SQ, Value::Sequence(steps)));
    let found = speaker.find(&identifier).await?;
    Ok(found.iter().map(scheduled).collect())
}

fn scheduled(answer: &Dataset) -> Scheduled {
    let top = |tag| text(answer, tag);
    let step = answer
        .get(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE)
        .and_then(|element| element.items())
        .and_then(|items| items.first());
    let of_step = |tag| step.map(|step| text(step, tag)).unwrap_or_default();
    Scheduled {
        accession: top(tags::ACCESSION_NUMBER),
        study_uid: top(tags::STUDY_INSTANCE_UID),
        patient_name: top(tags::PATIENT_NAME),
        patient_id: top(tags::PATIENT_ID),
        birth_date: top(tags::PATIENT_BIRTH_DATE),
        sex: top(tags::PATIENT_SEX),
        procedure_id: top(tags::REQUESTED_PROCEDURE_ID),
        description: top(tags::REQUESTED_PROCEDURE_DESCRIPTION),
        referring_physician: top(tags::REFERRING_PHYSICIAN_NAME),
        date: of_step(tags::SCHEDULED_PROCEDURE_STEP_START_DATE),
        time: of_step(tags::SCHEDULED_PROCEDURE_STEP_START_TIME),
    }
}

fn text(dataset: &Dataset, tag: Tag) -> String {
    let value = dataset.get(tag).and_then(|element| element.to_str().ok());
    value.map(|text| text.trim_matches([' ', '\0']).to_owned()).unwrap_or_default()
}
