//! Imaging orders on their way to a modality (DICOM PS3.4 annex K, Modality Worklist).

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worklist {
    pub items: Vec<WorklistItem>,
}

/// One scheduled procedure step. Dates are DICOM DA (`20261122`), times DICOM TM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorklistItem {
    pub accession: String,
    pub study_uid: String,
    pub patient_id: String,
    /// Family-middle-given as written in Vietnamese; the bridge forms the PN and, per AE, the unaccented form.
    pub patient_name: String,
    pub birth_date: String,
    pub sex: String,
    pub requested_procedure_id: String,
    pub procedure_description: String,
    pub modality: String,
    pub station_ae: String,
    pub scheduled_date: String,
    pub scheduled_time: String,
    pub referring_physician: String,
    pub ward: String,
    pub allergies: String,
    pub pregnant: bool,
}
