//! The evidence that a patient or a representative signed: canonical JSON, bound to the hash of what they read, and the
//! bytes that the witness signs.

use crate::app::AppError;
use crate::app::accounts::Caller;
use benhan_domain::id::PatientSignatureId;
use benhan_domain::patient_signature::{Drawing, Method, Phone, Representative};
use benhan_domain::time::Instant;
use benhan_package::{PATIENT_SIGNATURE_FORMAT, names};
use benhan_render::PatientMark;
use benhan_store::audit;
use benhan_store::documents::DocumentVersion;
use benhan_store::encounters::Encounter;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the drawing on a sheet may take, in millimetres.
const INK: (f64, f64) = (46.0, 15.0);

/// Of which sheet, in which slot, by whom and before whom.
pub struct About<'a> {
    pub id: PatientSignatureId,
    pub of: &'a DocumentVersion,
    pub stay: &'a Encounter,
    pub slot: &'a str,
    pub method: Method,
    /// In the place of the patient.
    pub representative: Option<&'a Representative>,
    pub witness: &'a Caller,
    pub at: Instant,
}

/// `proof` is what the method leaves: a drawing with its device and times, or a scan with where its paper lies.
pub fn compose(about: &About<'_>, proof: Value) -> Result<String, AppError> {
    let About { id, of, stay, slot, method, representative, witness, at } = about;
    let name = representative.map_or(&stay.patient.who.name, |r| &r.name);
    let user = &witness.user;
    Ok(audit::canonical(&json!({
        "format": PATIENT_SIGNATURE_FORMAT, "patientSignature": id, "version": 1, "status": "final",
        "document": of.document, "documentVersion": of.version, "documentSha256": hex::encode(Sha256::digest(&of.body)),
        "slot": slot, "encounter": stay.number, "patient": stay.patient.code, "method": method, "at": at.rfc3339(),
        "signer": { "name": name, "representative": representative },
        "witness": { "id": user.id, "name": user.name, "role": user.role, "title": user.role.title() },
        "proof": proof,
    }))?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatientEvidence {
    pub method: Method,
    pub signer: Signer,
    witness: Witness,
    proof: Proof,
}

#[derive(Deserialize)]
pub struct Signer {
    pub name: String,
    pub representative: Option<Representative>,
}

#[derive(Deserialize)]
struct Witness {
    name: String,
    title: String,
}

#[derive(Deserialize)]
struct PhoneCodeGiven {
    phone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    drawing: Option<Drawing>,
    paper: Option<String>,
    phone_code: Option<PhoneCodeGiven>,
}

impl PatientEvidence {
    pub fn read(evidence: &str) -> Result<Self, AppError> {
        serde_json::from_str(evidence).map_err(|_| AppError::Internal("a patient's evidence cannot be read".into()))
    }

    pub fn is_by(&self, other: Option<&Representative>) -> bool {
        match (&self.signer.representative, other) {
            (None, None) => true,
            (Some(mine), Some(theirs)) => mine.id_paper == theirs.id_paper && mine.id_number == theirs.id_number,
            _ => false,
        }
    }

    /// As what the signer stands there: empty for the patient in person.
    pub fn stands_as(&self) -> String {
        self.signer.representative.as_ref().map(stands_as).unwrap_or_default()
    }

    /// With the end of the number, where a code was sent to a phone.
    pub fn method_shown(&self) -> String {
        let phone = self.proof.phone_code.as_ref().and_then(|code| Phone::parse(&code.phone));
        let to = phone.map(|phone| format!(" {}", phone.masked())).unwrap_or_default();
        format!("{}{to}", self.method.vietnamese())
    }

    /// Where the paper lies.
    pub fn kept_at(&self) -> Option<&str> {
        self.proof.paper.as_deref()
    }

    /// As the sheet shows it, in the file of this name and under the certificate of this serial.
    pub fn mark(self, file: String, certificate: String) -> PatientMark {
        let (lines, sides) = self.proof.drawing.as_ref().map(|d| d.fitted(INK.0, INK.1)).unwrap_or_default();
        let method = self.method_shown();
        PatientMark {
            stands_as: self.stands_as(),
            name: self.signer.name,
            method,
            signed_at: 0,
            witness: format!("{} {}", self.witness.title, self.witness.name),
            certificate,
            signature: names::beside(&file),
            evidence: file,
            lines,
            sides,
            paper: self.proof.paper.unwrap_or_default(),
        }
    }
}

fn stands_as(of: &Representative) -> String {
    format!("đại diện cho người bệnh: {}", of.relation.vietnamese().to_lowercase())
}
