//! How a sheet shows that the patient, or who stands for them, signed: the lines that were drawn, and the words that say
//! what they are. The lines are a picture; the proof is the attached evidence under the witness's signature.

use serde::Serialize;

use crate::error::RenderError;
use crate::local_time::{clock_and_date, local};

/// One signature of a patient or representative as a sheet states it.
#[derive(Debug, Clone)]
pub struct PatientMark {
    pub name: String,
    /// `Cha hoặc mẹ của người bệnh`; empty for the patient in person.
    pub stands_as: String,
    /// How it was signed: `ký tay trên màn hình`.
    pub method: String,
    /// µs UTC.
    pub signed_at: i64,
    /// Title and name of the witness.
    pub witness: String,
    /// Serial number of the witness's certificate.
    pub certificate: String,
    /// Names of the attached evidence and of the witness's signature over it.
    pub evidence: String,
    pub signature: String,
    /// The lines, in millimetres; none for a signature on paper.
    pub lines: Vec<Vec<[f64; 2]>>,
    /// The sides that they take, in millimetres.
    pub sides: [f64; 2],
    /// Where the signed paper lies.
    pub paper: String,
}

/// The same, in the words of a template.
#[derive(Serialize)]
pub(crate) struct PatientMarkView<'a> {
    name: &'a str,
    stands_as: &'a str,
    method: &'a str,
    time: String,
    witness: &'a str,
    certificate: &'a str,
    evidence: &'a str,
    lines: &'a [Vec<[f64; 2]>],
    width: f64,
    height: f64,
    paper: &'a str,
}

impl<'a> PatientMarkView<'a> {
    pub(crate) fn new(mark: &'a PatientMark) -> Result<Self, RenderError> {
        let [width, height] = mark.sides;
        Ok(Self {
            name: &mark.name,
            stands_as: &mark.stands_as,
            method: &mark.method,
            time: clock_and_date(local(mark.signed_at)?),
            witness: &mark.witness,
            certificate: &mark.certificate,
            evidence: &mark.evidence,
            lines: &mark.lines,
            width,
            height,
            paper: &mark.paper,
        })
    }
}
