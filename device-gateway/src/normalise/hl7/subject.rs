//! Whose a value is: the patient and the place that PID and PV1 named before it.
//!
//! | named since the last value \ segment | PID | PV1 |
//! |---|---|---|
//! | nothing, or both | a new patient, at no place yet | the same patient, at this place |
//! | PID | a new patient, at no place yet | the place of that patient |
//! | PV1 | the patient at that place: this PV1 came before its PID | the same patient, at this place |
//!
//! A PV1 that names no place takes the earlier one away: better a value that waits than one in a wrong bed.

use super::super::Part;
use benhan_contract::{SenderLocation, SenderPatient};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Named {
    #[default]
    Nothing,
    Patient,
    Place,
    Both,
}

/// The patient and place that the next value belongs to.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    patient: Option<SenderPatient>,
    place: Option<SenderLocation>,
    since_last_value: Named,
}

impl Subject {
    /// PID.
    pub fn is(&mut self, patient: Option<SenderPatient>) {
        self.patient = patient;
        if self.since_last_value == Named::Place {
            self.since_last_value = Named::Both;
        } else {
            self.place = None;
            self.since_last_value = Named::Patient;
        }
    }

    /// PV1.
    pub fn lies_in(&mut self, place: Option<SenderLocation>) {
        self.place = place;
        self.since_last_value = if self.since_last_value == Named::Patient { Named::Both } else { Named::Place };
    }

    /// A value comes. True when it must not join `part`: a PID stands between, or another place was named.
    pub fn leaves(&mut self, part: &Part) -> bool {
        match std::mem::take(&mut self.since_last_value) {
            Named::Nothing => false,
            Named::Place => self.patient != part.patient || self.place != part.location,
            Named::Patient | Named::Both => true,
        }
    }

    /// A part of the message that is about this subject.
    pub fn part(&mut self, head: &Part) -> Part {
        self.since_last_value = Named::Nothing;
        Part { patient: self.patient.clone(), location: self.place.clone(), ..head.clone() }
    }
}
