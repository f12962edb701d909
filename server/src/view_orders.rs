//! What the screens see of orders, results and images, named as in the OpenAPI document.

use crate::shapes::shapes;
use crate::view::{PersonRef, Proposal};
use benhan_domain::lab::{Flag, ResultStatus};
use benhan_domain::order::{OrderKind, OrderState};

shapes! {
    CatalogItem {
        #[schema(value_type = String)] kind: OrderKind, code: String, name: String, modality: Option<String>,
        specimen_type: Option<String>,
    }
    Order {
        id: String, encounter_id: String, #[schema(value_type = String)] kind: OrderKind, code: String, name: String,
        #[schema(value_type = String)] state: OrderState, accession: Option<String>, barcode: Option<String>,
        modality: Option<String>, ordered_at: String, ordered_by: PersonRef, patient_name: String, patient_code: String,
        bed: Option<String>, collected_at: Option<String>, cancel_reason: Option<String>,
    }
    /// One value of a laboratory report.
    #[schema(as = Result)]
    LabResult {
        id: String, encounter_id: String, order_id: Option<String>, version: i64, code: String, name: String,
        /// As written: `36.80`, `<0.01`, `Dương tính`.
        value: String,
        /// Only where the value is exactly this number.
        number: Option<f64>,
        unit: String, reference_range: String, #[schema(value_type = Option<String>)] flag: Option<Flag>,
        #[schema(value_type = String)] status: ResultStatus, effective_at: String, recorded_at: String,
        barcode: Option<String>, device: Option<String>, critical: bool, seen: bool, released_by: Option<PersonRef>,
        patient_name: String, patient_code: String, bed: Option<String>,
    }
    SeriesView {
        series_uid: String, modality: String, number: Option<i64>, description: String, instances: i64, thumbnail_url: String,
    }
    /// The patient in the modality's words; dates as DICOM writes them.
    StudySender { id: String, name: String, birth_date: String, sex: String }
    Study {
        id: String, study_uid: String, encounter_id: Option<String>, order_id: Option<String>, accession: String,
        description: String, modalities: Vec<String>, study_at: Option<String>, received_at: String, instances: i64,
        series: Vec<SeriesView>, sender_patient: StudySender, linked_by: Option<String>,
    }
    UnmatchedStudy { study: Study, proposals: Vec<Proposal> }
}
