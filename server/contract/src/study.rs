//! A settled study, told to the server in summary; the datasets stay in the bridge's library.

use crate::{DeliveryId, Micros};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyDelivery {
    pub id: DeliveryId,
    pub study_uid: String,
    pub accession: String,
    pub patient_id: String,
    pub issuer: String,
    /// (0010,0010) decoded, as sent.
    pub patient_name: String,
    pub birth_date: String,
    pub sex: String,
    /// DICOM DA and TM, as sent.
    pub study_date: String,
    pub study_time: String,
    pub description: String,
    pub station_ae: String,
    pub received_at: Micros,
    pub series: Vec<SeriesSummary>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesSummary {
    pub series_uid: String,
    pub modality: String,
    pub number: Option<i64>,
    pub description: String,
    pub body_part: String,
    pub instances: Vec<InstanceSummary>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSummary {
    pub sop_uid: String,
    pub sop_class: String,
    pub transfer_syntax: String,
    pub number: Option<i64>,
    pub rows: Option<i64>,
    pub columns: Option<i64>,
    pub frames: i64,
    /// Hex SHA-256 of the dataset as received.
    pub sha256: String,
    pub size: i64,
}
