//! One question of a form, and what an answer to it looks like.

use super::calculation::Calculation;
use super::definition::Needed;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    pub label: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_en: String,
    pub kind: FieldKind,
    /// UCUM unit of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The unit as printed, where it differs from UCUM: `lần/ph`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_label: Option<String>,
    #[serde(default)]
    pub needed: Needed,
    /// Of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Of a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Field>,
    /// Digits after the comma of a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// What a quantity or score can be at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// What the program offers when the form is opened; whoever fills it may change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<Prefill>,
    /// The program works it out; nobody writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calculation: Option<Calculation>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// How much of a line it takes, on screen and on paper.
    #[serde(default)]
    pub width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// One line of words: a string.
    Line,
    /// Words of many lines: a string.
    Text,
    /// A number with a unit.
    Quantity,
    /// A whole number without a unit: a score, a count.
    Score,
    /// `{"systolic": 120, "diastolic": 80}`.
    BloodPressure,
    /// The code of one option.
    Choice,
    /// The codes of some options.
    Choices,
    /// Yes or not said: `true`.
    Check,
    /// `2026-11-28`.
    Date,
    /// RFC 3339.
    Instant,
    /// Words with an ICD-10 code beside: `{"text": …, "code": …}`.
    Diagnosis,
    /// A list of rows by column name.
    Table,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub code: String,
    pub label: String,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    #[default]
    Full,
    Half,
    Third,
}

/// Where the first answer of a field is found in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefill {
    PatientName,
    PatientBirthDate,
    PatientSex,
    PatientAddress,
    PatientPhone,
    NationalId,
    InsuranceCard,
    /// The allergies on the patient's card, one a line.
    Allergies,
    AdmittedAt,
    DischargedAt,
    /// Words and code of the stay's diagnosis.
    Diagnosis,
    Ward,
    /// When the form is opened.
    Now,
    /// Calendar days from admission to discharge, or to now.
    DaysOfStay,
    /// The newest accepted value of a vital sign.
    Pulse,
    Temperature,
    BloodPressure,
    Respiration,
    Spo2,
    Weight,
    Height,
    /// Released results that are out of range, one a line.
    AbnormalResults,
}
