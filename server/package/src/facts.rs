//! `ho-so.json`: what the server knows of a stay beside what people signed, and an index of every body in the package.
//!
//! The exchange files are derived from this and from the bodies alone, so that a verifier derives them again.

use serde::{Deserialize, Serialize};

/// The `format` of the evidence that a patient or representative signed.
pub const PATIENT_SIGNATURE_FORMAT: &str = "benhan/patient-signature/1";

/// The `format` of today.
pub const FACTS_FORMAT: &str = "benhan/record-facts/1";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facts {
    /// [`FACTS_FORMAT`]
    pub format: String,
    /// RFC 3339, UTC, as every instant here.
    pub exported_at: String,
    pub facility: Facility,
    pub patient: Patient,
    pub stay: Stay,
    pub people: Vec<Person>,
    pub entries: Vec<Entry>,
    pub orders: Vec<Order>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Facility {
    /// Mã cơ sở khám bệnh, chữa bệnh.
    pub code: String,
    pub name: String,
    pub authority: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Patient {
    pub id: String,
    pub code: String,
    pub name: String,
    /// `yyyy-mm-dd`
    pub birth_date: Option<String>,
    pub sex: String,
    pub national_id: Option<String>,
    pub insurance_card: Option<String>,
    pub phone: String,
    pub address: String,
    pub allergies: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stay {
    pub id: String,
    /// Số vào viện.
    pub number: String,
    pub state: String,
    pub ward: Ward,
    pub bed: Option<Bed>,
    pub admitted_at: String,
    pub discharged_at: Option<String>,
    pub outcome: Option<String>,
    pub diagnosis: String,
    pub icd10: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ward {
    pub code: String,
    pub name: String,
    pub department: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bed {
    pub room: String,
    pub label: String,
}

/// Somebody whom a body names by id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub role: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    VitalSigns,
    Document,
    /// What a patient or representative gave on a version of a document.
    PatientSignature,
    Result,
}

/// One version of something in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    pub kind: EntryKind,
    pub id: String,
    pub version: i64,
    pub status: String,
    /// The version that the record shows.
    pub current: bool,
    /// It counts: a person stands for it, and it was not taken back.
    pub stands: bool,
    pub title: String,
    /// Of the body, as the record kept it.
    pub sha256: String,
    /// The body.
    pub file: String,
    /// The sheets that were printed of this version, one for each signature, the newest last.
    pub sheets: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Order {
    pub id: String,
    pub kind: String,
    pub code: String,
    pub name: String,
    pub state: String,
    pub ordered_by: String,
    pub ordered_at: String,
    pub collected_at: Option<String>,
    pub accession: Option<String>,
    pub barcode: Option<String>,
}

/// The signing rules of the house that a signature names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulesFacts {
    pub id: String,
    /// Number and date of the decision.
    pub decision: String,
}

/// `chu-ky/….json`: what one signature is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignatureFacts {
    pub id: String,
    /// `observation-set`, `document`, `patient-signature` for a witness's, or `department-seal` for one on a document.
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_version: i64,
    /// Id of the person.
    pub signer: String,
    pub signed_at: String,
    /// Serial number of the certificate.
    pub certificate: String,
    /// `cms` (a file beside) or `pades` (inside the PDF).
    pub format: String,
    /// Of the signed bytes.
    pub sha256: String,
    /// The file that was signed: a body or a PDF.
    pub file: String,
    /// The CMS, where it is a file of its own.
    pub value: Option<String>,
    /// The PDF that was printed with this signature on it, where there is one beside the signed file.
    pub sheet: Option<String>,
    pub evidence: String,
    /// None where none were in force, and in packages of before they were named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesFacts>,
    /// Name of the department whose seal it is; the signer put it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}
