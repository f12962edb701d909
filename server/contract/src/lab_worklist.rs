//! Laboratory orders that wait for a result, for the analyzers that ask by barcode. Dates are `YYYYMMDD`.

use crate::Micros;
use serde::{Deserialize, Serialize};

/// More specimens than this are never on the list: the oldest are left out.
pub const MOST_SPECIMENS: usize = 5_000;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabWorklist {
    /// What the specimens' orders mean, each once.
    pub items: Vec<LabItem>,
    /// Newest order first.
    pub specimens: Vec<LabSpecimen>,
}

/// Something that can be ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabItem {
    /// In the hospital's list of services.
    pub code: String,
    pub name: String,
    pub tests: Vec<LabTest>,
}

/// Something that is measured for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabTest {
    pub code: String,
    pub name: String,
    /// Empty where the hospital gave none.
    pub loinc: String,
}

/// One tube and what of it is still to be measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabSpecimen {
    pub barcode: String,
    /// As the hospital's list of services calls the tube.
    pub specimen_type: String,
    /// Of the first of its orders.
    pub ordered_at: Micros,
    pub collected_at: Option<Micros>,
    /// Codes of [`LabItem`]s.
    pub items: Vec<String>,
    pub patient: LabPatient,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabPatient {
    /// The hospital's number.
    pub id: String,
    /// Family name first.
    pub name: String,
    /// Empty where it is not known to the day.
    pub birth_date: String,
    /// `M`, `F` or `U`.
    pub sex: String,
    pub ward: String,
    pub room: String,
    pub bed: String,
}
